-- The first schema. Types: ids, 64-bit integers (time in microseconds UTC, money in minor units, degrees in 1e-7), text,
-- bytes. Every key starts with the tenant. What identifies a person stands only in sealed columns.

CREATE TABLE tenant (
    tenant_id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE agency (
    tenant_id BLOB NOT NULL REFERENCES tenant (tenant_id),
    agency_id BLOB NOT NULL,
    name TEXT NOT NULL,
    listed INTEGER NOT NULL CHECK (listed IN (0, 1)),
    PRIMARY KEY (tenant_id, agency_id),
    UNIQUE (tenant_id, name)
) STRICT;

CREATE TABLE portfolio (
    tenant_id BLOB NOT NULL REFERENCES tenant (tenant_id),
    portfolio_id BLOB NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    amount_age_max INTEGER NOT NULL CHECK (amount_age_max > 0),
    PRIMARY KEY (tenant_id, portfolio_id),
    UNIQUE (tenant_id, name)
) STRICT;

CREATE TABLE team (
    tenant_id BLOB NOT NULL REFERENCES tenant (tenant_id),
    team_id BLOB NOT NULL,
    agency_id BLOB,
    name TEXT NOT NULL,
    PRIMARY KEY (tenant_id, team_id),
    UNIQUE (tenant_id, name)
) STRICT;

CREATE TABLE territory (
    tenant_id BLOB NOT NULL,
    territory_id BLOB NOT NULL,
    team_id BLOB NOT NULL,
    name TEXT NOT NULL,
    -- Coarse cells of the territory, comma-separated; empty means everywhere.
    cells TEXT NOT NULL,
    PRIMARY KEY (tenant_id, territory_id),
    FOREIGN KEY (tenant_id, team_id) REFERENCES team (tenant_id, team_id)
) STRICT;

CREATE TABLE crew (
    tenant_id BLOB NOT NULL,
    crew_id BLOB NOT NULL,
    team_id BLOB NOT NULL,
    name TEXT NOT NULL,
    travel TEXT NOT NULL,
    PRIMARY KEY (tenant_id, crew_id),
    UNIQUE (tenant_id, team_id, name),
    FOREIGN KEY (tenant_id, team_id) REFERENCES team (tenant_id, team_id)
) STRICT;

CREATE TABLE staff (
    tenant_id BLOB NOT NULL REFERENCES tenant (tenant_id),
    staff_id BLOB NOT NULL,
    alias BLOB NOT NULL,
    team_id BLOB,
    agency_id BLOB,
    login TEXT NOT NULL,
    -- NULL: cannot sign in until an administrator sets a password.
    password_hash TEXT,
    role TEXT NOT NULL,
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    languages TEXT NOT NULL,
    -- Days since 1970-01-01; NULL: no certificate known.
    certificate_until INTEGER,
    -- Name and home, sealed under the staff member's own key.
    sealed BLOB NOT NULL,
    PRIMARY KEY (tenant_id, staff_id),
    UNIQUE (tenant_id, login),
    UNIQUE (tenant_id, alias)
) STRICT;

CREATE TABLE roster (
    tenant_id BLOB NOT NULL,
    roster_id BLOB NOT NULL,
    crew_id BLOB NOT NULL,
    staff_id BLOB NOT NULL,
    -- Seconds since local midnight.
    shift_start INTEGER NOT NULL CHECK (shift_start >= 0),
    shift_end INTEGER NOT NULL CHECK (shift_end > shift_start AND shift_end <= 86400),
    PRIMARY KEY (tenant_id, roster_id),
    UNIQUE (tenant_id, staff_id),
    FOREIGN KEY (tenant_id, crew_id) REFERENCES crew (tenant_id, crew_id),
    FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, staff_id)
) STRICT;

CREATE TABLE person (
    tenant_id BLOB NOT NULL REFERENCES tenant (tenant_id),
    person_id BLOB NOT NULL,
    alias BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    erased_at INTEGER,
    PRIMARY KEY (tenant_id, person_id),
    UNIQUE (tenant_id, alias)
) STRICT;

CREATE TABLE address (
    tenant_id BLOB NOT NULL,
    address_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    state TEXT NOT NULL,
    provenance TEXT NOT NULL,
    kind TEXT NOT NULL,
    cell INTEGER NOT NULL,
    zone TEXT NOT NULL,
    country TEXT,
    region TEXT,
    PRIMARY KEY (tenant_id, address_id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, person_id)
) STRICT;

-- Sealed bytes of events and imported rows, under the person's own key.
CREATE TABLE payload (
    tenant_id BLOB NOT NULL,
    event_id BLOB NOT NULL,
    subject_id BLOB NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (tenant_id, event_id)
) STRICT;
CREATE INDEX payload_by_subject ON payload (tenant_id, subject_id);

CREATE TABLE import (
    tenant_id BLOB NOT NULL REFERENCES tenant (tenant_id),
    import_id BLOB NOT NULL,
    staff_id BLOB NOT NULL,
    agency_id BLOB,
    state TEXT NOT NULL,
    file_hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    -- Counts per row result, `accept=580,warn=2`.
    counts TEXT NOT NULL,
    -- The rows given back, as a file, sealed under the import's own key.
    give_back BLOB,
    PRIMARY KEY (tenant_id, import_id)
) STRICT;

CREATE TABLE cases (
    tenant_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    alias BLOB NOT NULL,
    portfolio_id BLOB NOT NULL,
    agency_id BLOB,
    team_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    address_id BLOB NOT NULL,
    status TEXT NOT NULL,
    flags INTEGER NOT NULL,
    stage TEXT NOT NULL,
    days_past_due INTEGER NOT NULL,
    due_day INTEGER,
    amount INTEGER NOT NULL CHECK (amount >= 0),
    principal INTEGER,
    interest INTEGER,
    penalty INTEGER,
    fees INTEGER,
    currency TEXT NOT NULL,
    amount_as_of INTEGER NOT NULL,
    last_visit_day INTEGER,
    visits_before INTEGER NOT NULL CHECK (visits_before >= 0),
    -- Keyed hash of the imported content: the same row again changes nothing.
    content_hash BLOB NOT NULL,
    payload_id BLOB NOT NULL,
    import_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, case_id),
    UNIQUE (tenant_id, alias),
    FOREIGN KEY (tenant_id, portfolio_id) REFERENCES portfolio (tenant_id, portfolio_id),
    FOREIGN KEY (tenant_id, team_id) REFERENCES team (tenant_id, team_id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, person_id),
    FOREIGN KEY (tenant_id, address_id) REFERENCES address (tenant_id, address_id)
) STRICT;
CREATE INDEX cases_by_person ON cases (tenant_id, person_id);
-- Removing an address looks for cases that still stand on it.
CREATE INDEX cases_by_address ON cases (tenant_id, address_id);
CREATE INDEX cases_by_team ON cases (tenant_id, team_id, status);

CREATE TABLE import_row (
    tenant_id BLOB NOT NULL,
    import_id BLOB NOT NULL,
    line INTEGER NOT NULL,
    result TEXT NOT NULL,
    -- Codes of the reasons, comma-separated.
    reasons TEXT NOT NULL,
    case_id BLOB,
    -- What the row did to its case: created, updated, recalled; empty where nothing.
    action TEXT NOT NULL,
    -- The version the case has after this row; a take-back refuses where it moved on.
    version INTEGER,
    -- The case's clear columns before the row, for a take-back; NULL where the row created it.
    before TEXT,
    PRIMARY KEY (tenant_id, import_id, line),
    FOREIGN KEY (tenant_id, import_id) REFERENCES import (tenant_id, import_id)
) STRICT;

-- Keyed hashes of normalised values for exact look-up. Left out of backups, rebuilt after a restore, deleted by erasure.
CREATE TABLE blind (
    tenant_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    digest BLOB NOT NULL,
    owner_id BLOB NOT NULL,
    PRIMARY KEY (tenant_id, kind, digest, owner_id)
) STRICT;
CREATE INDEX blind_by_owner ON blind (tenant_id, owner_id);

CREATE TABLE plan (
    tenant_id BLOB NOT NULL,
    plan_id BLOB NOT NULL,
    alias BLOB NOT NULL,
    team_id BLOB NOT NULL,
    first_day INTEGER NOT NULL,
    days INTEGER NOT NULL CHECK (days BETWEEN 1 AND 31),
    state TEXT NOT NULL,
    -- Engine and input: seed, iterations, rule packs, travel label.
    seed INTEGER NOT NULL,
    iterations INTEGER NOT NULL,
    packs TEXT NOT NULL,
    travel_label TEXT NOT NULL,
    -- IANA name of the time zone in which its days are counted.
    zone TEXT NOT NULL,
    objective INTEGER NOT NULL,
    -- Findings of the independent check, one a line; empty: none.
    findings TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    published_at INTEGER,
    PRIMARY KEY (tenant_id, plan_id),
    FOREIGN KEY (tenant_id, team_id) REFERENCES team (tenant_id, team_id)
) STRICT;

CREATE TABLE route (
    tenant_id BLOB NOT NULL,
    route_id BLOB NOT NULL,
    plan_id BLOB NOT NULL,
    crew_id BLOB NOT NULL,
    day INTEGER NOT NULL,
    depart INTEGER NOT NULL,
    back INTEGER NOT NULL,
    metres INTEGER NOT NULL,
    driving INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, route_id),
    FOREIGN KEY (tenant_id, plan_id) REFERENCES plan (tenant_id, plan_id)
) STRICT;

-- What the plan says of every case it looked at: its place in a route, or the reason why not.
CREATE TABLE plan_case (
    tenant_id BLOB NOT NULL,
    plan_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    route_id BLOB,
    visit_id BLOB,
    position INTEGER,
    arrive INTEGER,
    starts INTEGER,
    ends INTEGER,
    value INTEGER,
    -- The planner's reason or the verdict, as JSON of codes and numbers; NULL where planned.
    reason TEXT,
    PRIMARY KEY (tenant_id, plan_id, case_id),
    FOREIGN KEY (tenant_id, plan_id) REFERENCES plan (tenant_id, plan_id)
) STRICT;

CREATE TABLE visit (
    tenant_id BLOB NOT NULL,
    visit_id BLOB NOT NULL,
    alias BLOB NOT NULL,
    case_id BLOB NOT NULL,
    plan_id BLOB,
    crew_id BLOB NOT NULL,
    day INTEGER NOT NULL,
    state TEXT NOT NULL,
    planned_start INTEGER NOT NULL,
    planned_end INTEGER NOT NULL,
    started_at INTEGER,
    -- When the crew is expected to check out.
    due_out INTEGER,
    finished_at INTEGER,
    outcome TEXT,
    matter TEXT,
    version INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, visit_id),
    UNIQUE (tenant_id, alias),
    FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id)
) STRICT;
CREATE INDEX visit_by_case ON visit (tenant_id, case_id);
CREATE INDEX visit_by_crew ON visit (tenant_id, crew_id, day);
CREATE INDEX visit_by_due_out ON visit (tenant_id, state, due_out);

CREATE TABLE contact (
    tenant_id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    address_id BLOB,
    channel TEXT NOT NULL,
    at INTEGER NOT NULL,
    outcome TEXT,
    event_id BLOB,
    PRIMARY KEY (tenant_id, contact_id)
) STRICT;
CREATE INDEX contact_by_person ON contact (tenant_id, person_id, at);

CREATE TABLE promise (
    tenant_id BLOB NOT NULL,
    event_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    day INTEGER NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL,
    PRIMARY KEY (tenant_id, event_id)
) STRICT;

CREATE TABLE device (
    tenant_id BLOB NOT NULL,
    device_id BLOB NOT NULL,
    staff_id BLOB NOT NULL,
    kid TEXT NOT NULL,
    public_key BLOB NOT NULL,
    state TEXT NOT NULL,
    next_dseq INTEGER NOT NULL,
    head_hash BLOB NOT NULL,
    app TEXT NOT NULL,
    enrolled_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    -- Counts up with every pull that changed what the device holds.
    pull_cursor INTEGER NOT NULL,
    -- The device's clock in its last renewal of the session: an older or equal one is a replay.
    renewed_ms INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, device_id),
    UNIQUE (tenant_id, kid),
    FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, staff_id)
) STRICT;

-- What a device was sent, so that a pull sends only what changed, and takes back what left its scope.
CREATE TABLE device_held (
    tenant_id BLOB NOT NULL,
    device_id BLOB NOT NULL,
    noun TEXT NOT NULL,
    noun_id BLOB NOT NULL,
    digest BLOB NOT NULL,
    PRIMARY KEY (tenant_id, device_id, noun, noun_id)
) STRICT;

CREATE TABLE device_code (
    tenant_id BLOB NOT NULL,
    code_hash BLOB NOT NULL,
    staff_id BLOB NOT NULL,
    expires INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, code_hash)
) STRICT;

-- Events as received; never changed.
CREATE TABLE event (
    tenant_id BLOB NOT NULL,
    event_id BLOB NOT NULL,
    device_id BLOB NOT NULL,
    dseq INTEGER NOT NULL,
    hdr BLOB NOT NULL,
    hdr_hash BLOB NOT NULL,
    sig BLOB NOT NULL,
    kind TEXT NOT NULL,
    visit_id BLOB,
    status TEXT NOT NULL,
    -- Codes of what is remarkable, comma-separated.
    flags TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, event_id),
    UNIQUE (tenant_id, device_id, dseq)
) STRICT;
CREATE INDEX event_by_visit ON event (tenant_id, visit_id);

CREATE TABLE evidence (
    tenant_id BLOB NOT NULL,
    evidence_id BLOB NOT NULL,
    visit_id BLOB NOT NULL,
    hash BLOB NOT NULL,
    size INTEGER NOT NULL,
    media TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (tenant_id, evidence_id)
) STRICT;

CREATE TABLE conflict (
    tenant_id BLOB NOT NULL,
    conflict_id BLOB NOT NULL,
    visit_id BLOB NOT NULL,
    field TEXT NOT NULL,
    left_event BLOB NOT NULL,
    right_event BLOB NOT NULL,
    state TEXT NOT NULL,
    found_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, conflict_id)
) STRICT;

CREATE TABLE alarm (
    tenant_id BLOB NOT NULL,
    alarm_id BLOB NOT NULL,
    visit_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    raised_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, alarm_id),
    UNIQUE (tenant_id, visit_id, kind)
) STRICT;

CREATE TABLE approval (
    tenant_id BLOB NOT NULL,
    approval_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    subject_id BLOB NOT NULL,
    asked_by BLOB NOT NULL,
    answered_by BLOB,
    state TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (tenant_id, approval_id)
) STRICT;

CREATE TABLE rule_pack (
    tenant_id BLOB NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    active_from INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, name, version)
) STRICT;

CREATE TABLE session (
    tenant_id BLOB NOT NULL,
    session_id BLOB NOT NULL,
    token_hash BLOB NOT NULL,
    staff_id BLOB NOT NULL,
    device_id BLOB,
    created_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, session_id),
    UNIQUE (token_hash)
) STRICT;

-- Answers given to requests with an Idempotency-Key, for a day.
CREATE TABLE idempotency (
    tenant_id BLOB NOT NULL,
    staff_id BLOB NOT NULL,
    key TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    answer TEXT NOT NULL,
    expires INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, staff_id, key)
) STRICT;

-- Background work, shared by all processes; a lease that ran out is taken over.
CREATE TABLE job (
    tenant_id BLOB NOT NULL,
    job_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    run_at INTEGER NOT NULL,
    lease_until INTEGER,
    holder TEXT,
    attempts INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (tenant_id, job_id)
) STRICT;
CREATE INDEX job_by_time ON job (state, run_at);

-- Counters of attempts (sign-in, enrolment) per key hash and window, shared by all processes.
CREATE TABLE throttle (
    key_hash BLOB NOT NULL PRIMARY KEY,
    window_start INTEGER NOT NULL,
    attempts INTEGER NOT NULL
) STRICT;

-- Who leads (sequencer, overdue scan); the epoch rises with every change of holder.
CREATE TABLE lease (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    until INTEGER NOT NULL,
    epoch INTEGER NOT NULL
) STRICT;

-- The head of each log. `note` is the newest signed checkpoint; it may lag behind the head for a moment.
CREATE TABLE log (
    tenant_id BLOB NOT NULL,
    name TEXT NOT NULL,
    origin TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    note_size INTEGER NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (tenant_id, name)
) STRICT;

-- Leaves in the order of their transactions, waiting for an index.
CREATE TABLE log_queue (
    queue_id INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id BLOB NOT NULL,
    name TEXT NOT NULL,
    leaf BLOB NOT NULL
) STRICT;

CREATE TABLE log_leaf (
    tenant_id BLOB NOT NULL,
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    leaf BLOB NOT NULL,
    PRIMARY KEY (tenant_id, name, position)
) STRICT;

-- Up to 256 hashes a tile, in C2SP tlog-tiles numbering.
CREATE TABLE log_tile (
    tenant_id BLOB NOT NULL,
    name TEXT NOT NULL,
    level INTEGER NOT NULL,
    position INTEGER NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (tenant_id, name, level, position)
) STRICT;

-- Reads of one person's file by one reader within five minutes are one entry.
CREATE TABLE read_fold (
    tenant_id BLOB NOT NULL,
    staff_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    purpose TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, staff_id, person_id, purpose)
) STRICT;
