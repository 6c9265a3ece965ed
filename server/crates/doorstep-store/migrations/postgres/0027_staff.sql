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
    end_reason TEXT,
    sealed BYTEA NOT NULL,
    mac BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, credential_id)
);
CREATE INDEX credential_by_staff ON credential (tenant_id, staff_id);

-- The white list of agencies by portfolio, with all that ever stood on it; agency.listed of earlier versions moves here at the
-- first start. until_day is the last day of the contract.
CREATE TABLE agency_listing (
    tenant_id UUID NOT NULL,
    listing_id UUID NOT NULL,
    agency_id UUID NOT NULL,
    portfolio_id UUID,
    from_day BIGINT,
    until_day BIGINT,
    listed_by UUID,
    listed_at BIGINT NOT NULL,
    ended_by UUID,
    ended_at BIGINT,
    mac BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, listing_id)
);
CREATE INDEX agency_listing_by_agency ON agency_listing (tenant_id, agency_id);

-- Evaluations of agencies; what was written is sealed under the key of who noted it.
CREATE TABLE agency_evaluation (
    tenant_id UUID NOT NULL,
    evaluation_id UUID NOT NULL,
    agency_id UUID NOT NULL,
    day BIGINT NOT NULL,
    result TEXT NOT NULL,
    evaluated_by UUID NOT NULL,
    evaluated_at BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    mac BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, evaluation_id)
);
CREATE INDEX agency_evaluation_by_agency ON agency_evaluation (tenant_id, agency_id, day);
