-- Notices of visits. What they say and their codes are the payload, sealed under the person's key; the database alone knows
-- a page code only by its hash, and a stop code only by a hash that is bound to the visit.
CREATE TABLE notice (
    tenant_id BLOB NOT NULL,
    notice_id BLOB NOT NULL,
    visit_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    -- The day that it announces, at the address, in days since 1970-01-01.
    day INTEGER NOT NULL,
    channel TEXT NOT NULL,
    language TEXT NOT NULL,
    state TEXT NOT NULL,
    queued_at INTEGER NOT NULL,
    handed_over_at INTEGER,
    delivered_at INTEGER,
    returned_at INTEGER,
    withdrawn_at INTEGER,
    code_hash BLOB NOT NULL,
    code_expires INTEGER NOT NULL,
    stop_hash BLOB NOT NULL,
    payload_id BLOB NOT NULL,
    PRIMARY KEY (tenant_id, notice_id),
    UNIQUE (code_hash)
) STRICT;
CREATE INDEX notice_by_case ON notice (tenant_id, case_id, day);
CREATE INDEX notice_by_visit ON notice (tenant_id, visit_id);
CREATE INDEX notice_by_state ON notice (state, tenant_id, notice_id);

-- Visits that a supervisor lets be made without notice.
CREATE TABLE notice_waiver (
    tenant_id BLOB NOT NULL,
    visit_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    day INTEGER NOT NULL,
    staff_id BLOB NOT NULL,
    reason TEXT NOT NULL,
    waived_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, visit_id)
) STRICT;
CREATE INDEX notice_waiver_by_case ON notice_waiver (tenant_id, case_id, day);
