-- Body recorders, and who carries which on which days.
CREATE TABLE recorder (
    tenant_id UUID NOT NULL,
    recorder_id UUID NOT NULL,
    number TEXT NOT NULL,
    agency_id UUID,
    added_by UUID NOT NULL,
    added_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (tenant_id, recorder_id)
);
CREATE UNIQUE INDEX recorder_by_number ON recorder (tenant_id, number);
CREATE TABLE recorder_use (
    tenant_id UUID NOT NULL,
    use_id UUID NOT NULL,
    recorder_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    first_day BIGINT NOT NULL,
    last_day BIGINT,
    given_by UUID NOT NULL,
    given_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, use_id)
);
CREATE INDEX recorder_use_by_recorder ON recorder_use (tenant_id, recorder_id, first_day);

-- Recordings of visits. The bytes lie beside the database, piece by piece, each sealed under the recording's own key and the
-- person's; here stand when, by which recorder, how long and the hash of the whole.
CREATE TABLE recording (
    tenant_id UUID NOT NULL,
    recording_id UUID NOT NULL,
    recorder_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    person_id UUID NOT NULL,
    began_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    offset_s BIGINT NOT NULL,
    source TEXT NOT NULL,
    media TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    state TEXT NOT NULL,
    parts BIGINT NOT NULL,
    hashing BYTEA,
    added_by UUID NOT NULL,
    added_at BIGINT NOT NULL,
    gone_at BIGINT,
    PRIMARY KEY (tenant_id, recording_id)
);
CREATE UNIQUE INDEX recording_by_hash ON recording (tenant_id, hash);
CREATE INDEX recording_by_person ON recording (tenant_id, person_id);
CREATE INDEX recording_by_state ON recording (tenant_id, state, added_at);
CREATE TABLE recording_part (
    tenant_id UUID NOT NULL,
    recording_id UUID NOT NULL,
    part BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, recording_id, part)
);
CREATE TABLE recording_visit (
    tenant_id UUID NOT NULL,
    recording_id UUID NOT NULL,
    visit_id UUID NOT NULL,
    case_id UUID NOT NULL,
    PRIMARY KEY (tenant_id, recording_id, visit_id)
);
CREATE INDEX recording_visit_by_visit ON recording_visit (tenant_id, visit_id);
-- What visits owe at which a recording was required. The words of an excuse are a payload under the person's key.
CREATE TABLE recording_due (
    tenant_id UUID NOT NULL,
    visit_id UUID NOT NULL,
    case_id UUID NOT NULL,
    person_id UUID NOT NULL,
    due_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    missing_at BIGINT,
    settled_at BIGINT,
    settled_by UUID,
    words_id UUID,
    PRIMARY KEY (tenant_id, visit_id)
);
CREATE INDEX recording_due_by_state ON recording_due (state, due_at);
-- The recordings of a purge that is asked for.
CREATE TABLE purge_recording (
    tenant_id UUID NOT NULL,
    approval_id UUID NOT NULL,
    recording_id UUID NOT NULL,
    PRIMARY KEY (tenant_id, approval_id, recording_id)
);
