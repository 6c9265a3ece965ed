-- What staff hold: certificates, trainings, examinations, checks, undertakings, letters and badges. Days are since 1970-01-01;
-- a day on which something ends is the last on which it holds. Numbers are sealed under the key of the staff member. A row is
-- replaced by ending it; staff.certificate_until of earlier versions moves here at the first start.
CREATE TABLE credential (
    tenant_id BLOB NOT NULL,
    credential_id BLOB NOT NULL,
    staff_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    portfolio_id BLOB,
    issued_day INTEGER,
    until_day INTEGER,
    noted_by BLOB,
    noted_at INTEGER NOT NULL,
    ended_by BLOB,
    ended_at INTEGER,
    sealed BLOB NOT NULL,
    mac BLOB NOT NULL,
    PRIMARY KEY (tenant_id, credential_id)
) STRICT;
CREATE INDEX credential_by_staff ON credential (tenant_id, staff_id);
