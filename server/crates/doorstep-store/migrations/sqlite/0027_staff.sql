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
    end_reason TEXT,
    sealed BLOB NOT NULL,
    mac BLOB NOT NULL,
    PRIMARY KEY (tenant_id, credential_id)
) STRICT;
CREATE INDEX credential_by_staff ON credential (tenant_id, staff_id);

-- The white list of agencies by portfolio, with all that ever stood on it; agency.listed of earlier versions moves here at the
-- first start. until_day is the last day of the contract.
CREATE TABLE agency_listing (
    tenant_id BLOB NOT NULL,
    listing_id BLOB NOT NULL,
    agency_id BLOB NOT NULL,
    portfolio_id BLOB,
    from_day INTEGER,
    until_day INTEGER,
    listed_by BLOB,
    listed_at INTEGER NOT NULL,
    ended_by BLOB,
    ended_at INTEGER,
    mac BLOB NOT NULL,
    PRIMARY KEY (tenant_id, listing_id)
) STRICT;
CREATE INDEX agency_listing_by_agency ON agency_listing (tenant_id, agency_id);

-- Evaluations of agencies; what was written is sealed under the key of who noted it.
CREATE TABLE agency_evaluation (
    tenant_id BLOB NOT NULL,
    evaluation_id BLOB NOT NULL,
    agency_id BLOB NOT NULL,
    day INTEGER NOT NULL,
    result TEXT NOT NULL,
    evaluated_by BLOB NOT NULL,
    evaluated_at INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    mac BLOB NOT NULL,
    PRIMARY KEY (tenant_id, evaluation_id)
) STRICT;
CREATE INDEX agency_evaluation_by_agency ON agency_evaluation (tenant_id, agency_id, day);
