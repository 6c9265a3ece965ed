-- Notices of visits. What they say and their codes are the payload, sealed under the person's key; the database alone knows
-- a page code only by its hash, and a stop code only by a hash that is bound to the visit.
CREATE TABLE notice (
    tenant_id UUID NOT NULL,
    notice_id UUID NOT NULL,
    visit_id UUID NOT NULL,
    case_id UUID NOT NULL,
    person_id UUID NOT NULL,
    -- The day that it announces, at the address, in days since 1970-01-01.
    day BIGINT NOT NULL,
    channel TEXT NOT NULL,
    language TEXT NOT NULL,
    state TEXT NOT NULL,
    queued_at BIGINT NOT NULL,
    handed_over_at BIGINT,
    delivered_at BIGINT,
    returned_at BIGINT,
    withdrawn_at BIGINT,
    code_hash BYTEA NOT NULL,
    code_expires BIGINT NOT NULL,
    stop_hash BYTEA NOT NULL,
    payload_id UUID NOT NULL,
    PRIMARY KEY (tenant_id, notice_id),
    UNIQUE (code_hash)
);
CREATE INDEX notice_by_case ON notice (tenant_id, case_id, day);
CREATE INDEX notice_by_visit ON notice (tenant_id, visit_id);
CREATE INDEX notice_by_state ON notice (state, tenant_id, notice_id);

-- Visits that a supervisor lets be made without notice.
CREATE TABLE notice_waiver (
    tenant_id UUID NOT NULL,
    visit_id UUID NOT NULL,
    case_id UUID NOT NULL,
    day BIGINT NOT NULL,
    staff_id UUID NOT NULL,
    reason TEXT NOT NULL,
    waived_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, visit_id)
);
CREATE INDEX notice_waiver_by_case ON notice_waiver (tenant_id, case_id, day);
