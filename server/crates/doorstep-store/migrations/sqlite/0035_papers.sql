-- Letters to persons; what a letter says is a sealed payload.
CREATE TABLE letter (
    tenant_id BLOB NOT NULL,
    letter_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    language TEXT NOT NULL,
    state TEXT NOT NULL,
    payload_id BLOB NOT NULL,
    amount_as_of INTEGER,
    fresh_until INTEGER,
    made_by BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    handed_over_at INTEGER,
    contact_id BLOB,
    delivered_at INTEGER,
    returned_at INTEGER,
    withdrawn_at INTEGER,
    PRIMARY KEY (tenant_id, letter_id)
) STRICT;
CREATE INDEX letter_by_case ON letter (tenant_id, case_id);
CREATE INDEX letter_waiting ON letter (tenant_id, made_at) WHERE state = 'made';
-- Leaflets that were handed over.
CREATE TABLE leaflet_given (
    tenant_id BLOB NOT NULL,
    given_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    visit_id BLOB,
    leaflet TEXT NOT NULL,
    version TEXT NOT NULL,
    language TEXT NOT NULL,
    place TEXT NOT NULL,
    staff_id BLOB NOT NULL,
    given_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, given_id)
) STRICT;
CREATE INDEX leaflet_given_by_case ON leaflet_given (tenant_id, case_id);
-- Runs of staff through training scenarios; answers are the numbers of the choices, separated by commas.
CREATE TABLE training_run (
    tenant_id BLOB NOT NULL,
    run_id BLOB NOT NULL,
    staff_id BLOB NOT NULL,
    scenario TEXT NOT NULL,
    version TEXT NOT NULL,
    answers TEXT NOT NULL,
    state TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    PRIMARY KEY (tenant_id, run_id)
) STRICT;
CREATE INDEX training_run_by_staff ON training_run (tenant_id, staff_id);
-- The talk that is due with each of a crew after an incident.
CREATE TABLE debrief (
    tenant_id BLOB NOT NULL,
    debrief_id BLOB NOT NULL,
    staff_id BLOB NOT NULL,
    cause TEXT NOT NULL,
    source_id BLOB NOT NULL,
    opened_at INTEGER NOT NULL,
    due_day INTEGER NOT NULL,
    done_at INTEGER,
    done_by BLOB,
    PRIMARY KEY (tenant_id, debrief_id),
    UNIQUE (tenant_id, source_id, staff_id)
) STRICT;
