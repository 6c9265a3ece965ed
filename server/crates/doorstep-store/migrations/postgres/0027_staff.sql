-- What staff hold: certificates, trainings, examinations, checks, undertakings, letters and badges. Days are since 1970-01-01;
-- a day on which something ends is the last on which it holds. Numbers are sealed under the key of the staff member. A row is
-- replaced by ending it; staff.certificate_until of earlier versions moves here at the first start.
CREATE TABLE credential (
    tenant_id UUID NOT NULL,
    credential_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    kind TEXT NOT NULL,
    portfolio_id UUID,
    issued_day BIGINT,
    until_day BIGINT,
    noted_by UUID,
    noted_at BIGINT NOT NULL,
    ended_by UUID,
    ended_at BIGINT,
    sealed BYTEA NOT NULL,
    mac BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, credential_id)
);
CREATE INDEX credential_by_staff ON credential (tenant_id, staff_id);
