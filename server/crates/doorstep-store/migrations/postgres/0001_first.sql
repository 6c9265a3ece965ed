-- The first schema. Types: ids, 64-bit integers (time in microseconds UTC, money in minor units, degrees in 1e-7), text,
-- bytes. Every key starts with the tenant. What identifies a person stands only in sealed columns.

CREATE TABLE tenant (
    tenant_id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE agency (
    tenant_id UUID NOT NULL REFERENCES tenant (tenant_id),
    agency_id UUID NOT NULL,
    name TEXT NOT NULL,
    listed BIGINT NOT NULL CHECK (listed IN (0, 1)),
    PRIMARY KEY (tenant_id, agency_id),
    UNIQUE (tenant_id, name)
);

CREATE TABLE portfolio (
    tenant_id UUID NOT NULL REFERENCES tenant (tenant_id),
    portfolio_id UUID NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    amount_age_max BIGINT NOT NULL CHECK (amount_age_max > 0),
    PRIMARY KEY (tenant_id, portfolio_id),
    UNIQUE (tenant_id, name)
);

CREATE TABLE team (
    tenant_id UUID NOT NULL REFERENCES tenant (tenant_id),
    team_id UUID NOT NULL,
    agency_id UUID,
    name TEXT NOT NULL,
    PRIMARY KEY (tenant_id, team_id),
    UNIQUE (tenant_id, name)
);

CREATE TABLE territory (
    tenant_id UUID NOT NULL,
    territory_id UUID NOT NULL,
    team_id UUID NOT NULL,
    name TEXT NOT NULL,
    -- Coarse cells of the territory, comma-separated; empty means everywhere.
    cells TEXT NOT NULL,
    PRIMARY KEY (tenant_id, territory_id),
    FOREIGN KEY (tenant_id, team_id) REFERENCES team (tenant_id, team_id)
);

CREATE TABLE crew (
    tenant_id UUID NOT NULL,
    crew_id UUID NOT NULL,
    team_id UUID NOT NULL,
    name TEXT NOT NULL,
    travel TEXT NOT NULL,
    PRIMARY KEY (tenant_id, crew_id),
    UNIQUE (tenant_id, team_id, name),
    FOREIGN KEY (tenant_id, team_id) REFERENCES team (tenant_id, team_id)
);

CREATE TABLE staff (
    tenant_id UUID NOT NULL REFERENCES tenant (tenant_id),
    staff_id UUID NOT NULL,
    alias UUID NOT NULL,
    team_id UUID,
    agency_id UUID,
    login TEXT NOT NULL,
    -- NULL: cannot sign in until an administrator sets a password.
    password_hash TEXT,
    role TEXT NOT NULL,
    active BIGINT NOT NULL CHECK (active IN (0, 1)),
    languages TEXT NOT NULL,
    -- Days since 1970-01-01; NULL: no certificate known.
    certificate_until BIGINT,
    -- Name and home, sealed under the staff member's own key.
    sealed BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, staff_id),
    UNIQUE (tenant_id, login),
    UNIQUE (tenant_id, alias)
);

CREATE TABLE roster (
    tenant_id UUID NOT NULL,
    roster_id UUID NOT NULL,
    crew_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    -- Seconds since local midnight.
    shift_start BIGINT NOT NULL CHECK (shift_start >= 0),
    shift_end BIGINT NOT NULL CHECK (shift_end > shift_start AND shift_end <= 86400),
    PRIMARY KEY (tenant_id, roster_id),
    UNIQUE (tenant_id, staff_id),
    FOREIGN KEY (tenant_id, crew_id) REFERENCES crew (tenant_id, crew_id),
    FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, staff_id)
);

CREATE TABLE person (
    tenant_id UUID NOT NULL REFERENCES tenant (tenant_id),
    person_id UUID NOT NULL,
    alias UUID NOT NULL,
    created_at BIGINT NOT NULL,
    erased_at BIGINT,
    PRIMARY KEY (tenant_id, person_id),
    UNIQUE (tenant_id, alias)
);

CREATE TABLE address (
    tenant_id UUID NOT NULL,
    address_id UUID NOT NULL,
    person_id UUID NOT NULL,
    state TEXT NOT NULL,
    provenance TEXT NOT NULL,
    kind TEXT NOT NULL,
    cell BIGINT NOT NULL,
    zone TEXT NOT NULL,
    country TEXT,
    region TEXT,
    PRIMARY KEY (tenant_id, address_id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, person_id)
);

-- Sealed bytes of events and imported rows, under the person's own key.
CREATE TABLE payload (
    tenant_id UUID NOT NULL,
    event_id UUID NOT NULL,
    subject_id UUID NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, event_id)
);
CREATE INDEX payload_by_subject ON payload (tenant_id, subject_id);

CREATE TABLE import (
    tenant_id UUID NOT NULL REFERENCES tenant (tenant_id),
    import_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    agency_id UUID,
    state TEXT NOT NULL,
    file_hash BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    -- Counts per row result, `accept=580,warn=2`.
    counts TEXT NOT NULL,
    -- The rows given back, as a file, sealed under the import's own key.
    give_back BYTEA,
    PRIMARY KEY (tenant_id, import_id)
);

CREATE TABLE cases (
    tenant_id UUID NOT NULL,
    case_id UUID NOT NULL,
    alias UUID NOT NULL,
    portfolio_id UUID NOT NULL,
    agency_id UUID,
    team_id UUID NOT NULL,
    person_id UUID NOT NULL,
    address_id UUID NOT NULL,
    status TEXT NOT NULL,
    flags BIGINT NOT NULL,
    stage TEXT NOT NULL,
    days_past_due BIGINT NOT NULL,
    due_day BIGINT,
    amount BIGINT NOT NULL CHECK (amount >= 0),
    principal BIGINT,
    interest BIGINT,
    penalty BIGINT,
    fees BIGINT,
    currency TEXT NOT NULL,
    amount_as_of BIGINT NOT NULL,
    last_visit_day BIGINT,
    visits_before BIGINT NOT NULL CHECK (visits_before >= 0),
    -- Keyed hash of the imported content: the same row again changes nothing.
    content_hash BYTEA NOT NULL,
    payload_id UUID NOT NULL,
    import_id UUID NOT NULL,
    version BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, case_id),
    UNIQUE (tenant_id, alias),
    FOREIGN KEY (tenant_id, portfolio_id) REFERENCES portfolio (tenant_id, portfolio_id),
    FOREIGN KEY (tenant_id, team_id) REFERENCES team (tenant_id, team_id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, person_id),
    FOREIGN KEY (tenant_id, address_id) REFERENCES address (tenant_id, address_id)
);
CREATE INDEX cases_by_person ON cases (tenant_id, person_id);
-- Removing an address looks for cases that still stand on it.
CREATE INDEX cases_by_address ON cases (tenant_id, address_id);
CREATE INDEX cases_by_team ON cases (tenant_id, team_id, status);

CREATE TABLE import_row (
    tenant_id UUID NOT NULL,
    import_id UUID NOT NULL,
    line BIGINT NOT NULL,
    result TEXT NOT NULL,
    -- Codes of the reasons, comma-separated.
    reasons TEXT NOT NULL,
    case_id UUID,
    -- What the row did to its case: created, updated, recalled; empty where nothing.
    action TEXT NOT NULL,
    -- The version the case has after this row; a take-back refuses where it moved on.
    version BIGINT,
    -- The case's clear columns before the row, for a take-back; NULL where the row created it.
    before TEXT,
    PRIMARY KEY (tenant_id, import_id, line),
    FOREIGN KEY (tenant_id, import_id) REFERENCES import (tenant_id, import_id)
);

-- Keyed hashes of normalised values for exact look-up. Left out of backups, rebuilt after a restore, deleted by erasure.
CREATE TABLE blind (
    tenant_id UUID NOT NULL,
    kind TEXT NOT NULL,
    digest UUID NOT NULL,
    owner_id UUID NOT NULL,
    PRIMARY KEY (tenant_id, kind, digest, owner_id)
);
CREATE INDEX blind_by_owner ON blind (tenant_id, owner_id);

CREATE TABLE plan (
    tenant_id UUID NOT NULL,
    plan_id UUID NOT NULL,
    alias UUID NOT NULL,
    team_id UUID NOT NULL,
    first_day BIGINT NOT NULL,
    days BIGINT NOT NULL CHECK (days BETWEEN 1 AND 31),
    state TEXT NOT NULL,
    -- Engine and input: seed, iterations, rule packs, travel label.
    seed BIGINT NOT NULL,
    iterations BIGINT NOT NULL,
    packs TEXT NOT NULL,
    travel_label TEXT NOT NULL,
    -- IANA name of the time zone in which its days are counted.
    zone TEXT NOT NULL,
    objective BIGINT NOT NULL,
    -- Findings of the independent check, one a line; empty: none.
    findings TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    published_at BIGINT,
    PRIMARY KEY (tenant_id, plan_id),
    FOREIGN KEY (tenant_id, team_id) REFERENCES team (tenant_id, team_id)
);

CREATE TABLE route (
    tenant_id UUID NOT NULL,
    route_id UUID NOT NULL,
    plan_id UUID NOT NULL,
    crew_id UUID NOT NULL,
    day BIGINT NOT NULL,
    depart BIGINT NOT NULL,
    back BIGINT NOT NULL,
    metres BIGINT NOT NULL,
    driving BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, route_id),
    FOREIGN KEY (tenant_id, plan_id) REFERENCES plan (tenant_id, plan_id)
);

-- What the plan says of every case it looked at: its place in a route, or the reason why not.
CREATE TABLE plan_case (
    tenant_id UUID NOT NULL,
    plan_id UUID NOT NULL,
    case_id UUID NOT NULL,
    route_id UUID,
    visit_id UUID,
    position BIGINT,
    arrive BIGINT,
    starts BIGINT,
    ends BIGINT,
    value BIGINT,
    -- The planner's reason or the verdict, as JSON of codes and numbers; NULL where planned.
    reason TEXT,
    PRIMARY KEY (tenant_id, plan_id, case_id),
    FOREIGN KEY (tenant_id, plan_id) REFERENCES plan (tenant_id, plan_id)
);

CREATE TABLE visit (
    tenant_id UUID NOT NULL,
    visit_id UUID NOT NULL,
    alias UUID NOT NULL,
    case_id UUID NOT NULL,
    plan_id UUID,
    crew_id UUID NOT NULL,
    day BIGINT NOT NULL,
    state TEXT NOT NULL,
    planned_start BIGINT NOT NULL,
    planned_end BIGINT NOT NULL,
    started_at BIGINT,
    -- When the crew is expected to check out.
    due_out BIGINT,
    finished_at BIGINT,
    outcome TEXT,
    matter TEXT,
    version BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, visit_id),
    UNIQUE (tenant_id, alias),
    FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id)
);
CREATE INDEX visit_by_case ON visit (tenant_id, case_id);
CREATE INDEX visit_by_crew ON visit (tenant_id, crew_id, day);
CREATE INDEX visit_by_due_out ON visit (tenant_id, state, due_out);

CREATE TABLE contact (
    tenant_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    case_id UUID NOT NULL,
    person_id UUID NOT NULL,
    address_id UUID,
    channel TEXT NOT NULL,
    at BIGINT NOT NULL,
    outcome TEXT,
    event_id UUID,
    PRIMARY KEY (tenant_id, contact_id)
);
CREATE INDEX contact_by_person ON contact (tenant_id, person_id, at);

CREATE TABLE promise (
    tenant_id UUID NOT NULL,
    event_id UUID NOT NULL,
    case_id UUID NOT NULL,
    day BIGINT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL,
    PRIMARY KEY (tenant_id, event_id)
);

CREATE TABLE device (
    tenant_id UUID NOT NULL,
    device_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    kid TEXT NOT NULL,
    public_key BYTEA NOT NULL,
    state TEXT NOT NULL,
    next_dseq BIGINT NOT NULL,
    head_hash BYTEA NOT NULL,
    app TEXT NOT NULL,
    enrolled_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    -- Counts up with every pull that changed what the device holds.
    pull_cursor BIGINT NOT NULL,
    -- The device's clock in its last renewal of the session: an older or equal one is a replay.
    renewed_ms BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, device_id),
    UNIQUE (tenant_id, kid),
    FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, staff_id)
);

-- What a device was sent, so that a pull sends only what changed, and takes back what left its scope.
CREATE TABLE device_held (
    tenant_id UUID NOT NULL,
    device_id UUID NOT NULL,
    noun TEXT NOT NULL,
    noun_id UUID NOT NULL,
    digest BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, device_id, noun, noun_id)
);

CREATE TABLE device_code (
    tenant_id UUID NOT NULL,
    code_hash BYTEA NOT NULL,
    staff_id UUID NOT NULL,
    expires BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, code_hash)
);

-- Events as received; never changed.
CREATE TABLE event (
    tenant_id UUID NOT NULL,
    event_id UUID NOT NULL,
    device_id UUID NOT NULL,
    dseq BIGINT NOT NULL,
    hdr BYTEA NOT NULL,
    hdr_hash BYTEA NOT NULL,
    sig BYTEA NOT NULL,
    kind TEXT NOT NULL,
    visit_id UUID,
    status TEXT NOT NULL,
    -- Codes of what is remarkable, comma-separated.
    flags TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, event_id),
    UNIQUE (tenant_id, device_id, dseq)
);
CREATE INDEX event_by_visit ON event (tenant_id, visit_id);

CREATE TABLE evidence (
    tenant_id UUID NOT NULL,
    evidence_id UUID NOT NULL,
    visit_id UUID NOT NULL,
    hash BYTEA NOT NULL,
    size BIGINT NOT NULL,
    media TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (tenant_id, evidence_id)
);

CREATE TABLE conflict (
    tenant_id UUID NOT NULL,
    conflict_id UUID NOT NULL,
    visit_id UUID NOT NULL,
    field TEXT NOT NULL,
    left_event UUID NOT NULL,
    right_event UUID NOT NULL,
    state TEXT NOT NULL,
    found_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, conflict_id)
);

CREATE TABLE alarm (
    tenant_id UUID NOT NULL,
    alarm_id UUID NOT NULL,
    visit_id UUID NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    raised_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, alarm_id),
    UNIQUE (tenant_id, visit_id, kind)
);

CREATE TABLE approval (
    tenant_id UUID NOT NULL,
    approval_id UUID NOT NULL,
    kind TEXT NOT NULL,
    subject_id UUID NOT NULL,
    asked_by UUID NOT NULL,
    answered_by UUID,
    state TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (tenant_id, approval_id)
);

CREATE TABLE rule_pack (
    tenant_id UUID NOT NULL,
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    active_from BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, name, version)
);

CREATE TABLE session (
    tenant_id UUID NOT NULL,
    session_id UUID NOT NULL,
    token_hash BYTEA NOT NULL,
    staff_id UUID NOT NULL,
    device_id UUID,
    created_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, session_id),
    UNIQUE (token_hash)
);

-- Answers given to requests with an Idempotency-Key, for a day.
CREATE TABLE idempotency (
    tenant_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    key TEXT NOT NULL,
    request_hash BYTEA NOT NULL,
    answer TEXT NOT NULL,
    expires BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, staff_id, key)
);

-- Background work, shared by all processes; a lease that ran out is taken over.
CREATE TABLE job (
    tenant_id UUID NOT NULL,
    job_id UUID NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    run_at BIGINT NOT NULL,
    lease_until BIGINT,
    holder TEXT,
    attempts BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (tenant_id, job_id)
);
CREATE INDEX job_by_time ON job (state, run_at);

-- Counters of attempts (sign-in, enrolment) per key hash and window, shared by all processes.
CREATE TABLE throttle (
    key_hash BYTEA NOT NULL PRIMARY KEY,
    window_start BIGINT NOT NULL,
    attempts BIGINT NOT NULL
);

-- Who leads (sequencer, overdue scan); the epoch rises with every change of holder.
CREATE TABLE lease (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    until BIGINT NOT NULL,
    epoch BIGINT NOT NULL
);

-- The head of each log. `note` is the newest signed checkpoint; it may lag behind the head for a moment.
CREATE TABLE log (
    tenant_id UUID NOT NULL,
    name TEXT NOT NULL,
    origin TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    size BIGINT NOT NULL,
    root BYTEA NOT NULL,
    note_size BIGINT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (tenant_id, name)
);

-- Leaves in the order of their transactions, waiting for an index.
CREATE TABLE log_queue (
    queue_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id UUID NOT NULL,
    name TEXT NOT NULL,
    leaf BYTEA NOT NULL
);

CREATE TABLE log_leaf (
    tenant_id UUID NOT NULL,
    name TEXT NOT NULL,
    position BIGINT NOT NULL,
    leaf BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, name, position)
);

-- Up to 256 hashes a tile, in C2SP tlog-tiles numbering.
CREATE TABLE log_tile (
    tenant_id UUID NOT NULL,
    name TEXT NOT NULL,
    level BIGINT NOT NULL,
    position BIGINT NOT NULL,
    hashes BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, name, level, position)
);

-- Reads of one person's file by one reader within five minutes are one entry.
CREATE TABLE read_fold (
    tenant_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    person_id UUID NOT NULL,
    purpose TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, staff_id, person_id, purpose)
);
