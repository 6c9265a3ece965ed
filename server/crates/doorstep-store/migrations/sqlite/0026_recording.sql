-- Body recorders, and who carries which on which days.
CREATE TABLE recorder (
    tenant_id BLOB NOT NULL,
    recorder_id BLOB NOT NULL,
    number TEXT NOT NULL,
    agency_id BLOB,
    added_by BLOB NOT NULL,
    added_at INTEGER NOT NULL,
    ended_at INTEGER,
    PRIMARY KEY (tenant_id, recorder_id)
) STRICT;
CREATE UNIQUE INDEX recorder_by_number ON recorder (tenant_id, number);
CREATE TABLE recorder_use (
    tenant_id BLOB NOT NULL,
    use_id BLOB NOT NULL,
    recorder_id BLOB NOT NULL,
    staff_id BLOB NOT NULL,
    first_day INTEGER NOT NULL,
    last_day INTEGER,
    given_by BLOB NOT NULL,
    given_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, use_id)
) STRICT;
CREATE INDEX recorder_use_by_recorder ON recorder_use (tenant_id, recorder_id, first_day);

-- Recordings of visits. The bytes lie beside the database, piece by piece, each sealed under the recording's own key and the
-- person's; here stand when, by which recorder, how long and the hash of the whole.
CREATE TABLE recording (
    tenant_id BLOB NOT NULL,
    recording_id BLOB NOT NULL,
    recorder_id BLOB NOT NULL,
    staff_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    began_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    offset_s INTEGER NOT NULL,
    source TEXT NOT NULL,
    media TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    hash BLOB NOT NULL,
    state TEXT NOT NULL,
    parts INTEGER NOT NULL,
    hashing BLOB,
    added_by BLOB NOT NULL,
    added_at INTEGER NOT NULL,
    gone_at INTEGER,
    PRIMARY KEY (tenant_id, recording_id)
) STRICT;
CREATE UNIQUE INDEX recording_by_hash ON recording (tenant_id, hash);
CREATE INDEX recording_by_person ON recording (tenant_id, person_id);
CREATE INDEX recording_by_state ON recording (tenant_id, state, added_at);
CREATE TABLE recording_part (
    tenant_id BLOB NOT NULL,
    recording_id BLOB NOT NULL,
    part INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (tenant_id, recording_id, part)
) STRICT;
CREATE TABLE recording_visit (
    tenant_id BLOB NOT NULL,
    recording_id BLOB NOT NULL,
    visit_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    PRIMARY KEY (tenant_id, recording_id, visit_id)
) STRICT;
CREATE INDEX recording_visit_by_visit ON recording_visit (tenant_id, visit_id);
-- What visits owe at which a recording was required. The words of an excuse are a payload under the person's key.
CREATE TABLE recording_due (
    tenant_id BLOB NOT NULL,
    visit_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    due_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    missing_at INTEGER,
    settled_at INTEGER,
    settled_by BLOB,
    words_id BLOB,
    PRIMARY KEY (tenant_id, visit_id)
) STRICT;
CREATE INDEX recording_due_by_state ON recording_due (state, due_at);
-- The recordings of a purge that is asked for.
CREATE TABLE purge_recording (
    tenant_id BLOB NOT NULL,
    approval_id BLOB NOT NULL,
    recording_id BLOB NOT NULL,
    PRIMARY KEY (tenant_id, approval_id, recording_id)
) STRICT;
