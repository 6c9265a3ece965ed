-- A loan is the book of a case: what fell due and what was paid. It carries the number of its case from the first day, also
-- while it waits: until an instalment comes near or is overdue there is no row of cases with that id. Days are since 1970-01-01,
-- money is in minor units. number_digest is a keyed hash of the number within the portfolio; NULL once the person is erased.
CREATE TABLE loan (
    tenant_id UUID NOT NULL,
    case_id UUID NOT NULL,
    portfolio_id UUID NOT NULL,
    agency_id UUID,
    team_id UUID NOT NULL,
    person_id UUID NOT NULL,
    address_id UUID NOT NULL,
    source TEXT NOT NULL,
    currency TEXT NOT NULL,
    as_of BIGINT NOT NULL,
    number_digest UUID,
    content_hash BYTEA NOT NULL,
    payload_id UUID NOT NULL,
    flags BIGINT NOT NULL,
    last_visit_day BIGINT,
    visits_before BIGINT NOT NULL,
    import_id UUID NOT NULL,
    version BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, case_id)
);
CREATE INDEX loan_by_number ON loan (tenant_id, number_digest);
CREATE INDEX loan_by_person ON loan (tenant_id, person_id);

-- What falls due on one day of a loan, by part, with what was paid and waived of it. booked_day is the day on which it was
-- booked as due; NULL until then.
CREATE TABLE instalment (
    tenant_id UUID NOT NULL,
    case_id UUID NOT NULL,
    due_day BIGINT NOT NULL,
    number BIGINT,
    due_principal BIGINT NOT NULL,
    due_interest BIGINT NOT NULL,
    due_penalty BIGINT NOT NULL,
    due_fees BIGINT NOT NULL,
    paid_principal BIGINT NOT NULL,
    paid_interest BIGINT NOT NULL,
    paid_penalty BIGINT NOT NULL,
    paid_fees BIGINT NOT NULL,
    waived_principal BIGINT NOT NULL,
    waived_interest BIGINT NOT NULL,
    waived_penalty BIGINT NOT NULL,
    waived_fees BIGINT NOT NULL,
    booked_day BIGINT,
    PRIMARY KEY (tenant_id, case_id, due_day)
);

-- The ledger: only added to. Each row changes what one instalment of a case owes, by part; what is paid or waived is below
-- zero. source_id is the payment or waiver that it comes from.
CREATE TABLE posting (
    tenant_id UUID NOT NULL,
    posting_id UUID NOT NULL,
    case_id UUID NOT NULL,
    due_day BIGINT NOT NULL,
    kind TEXT NOT NULL,
    source_id UUID,
    booked_day BIGINT NOT NULL,
    principal BIGINT NOT NULL,
    interest BIGINT NOT NULL,
    penalty BIGINT NOT NULL,
    fees BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, posting_id)
);
CREATE INDEX posting_by_case ON posting (tenant_id, case_id);
CREATE INDEX posting_by_source ON posting (tenant_id, source_id);

-- Money that came in, or went back. Of its reference only a keyed hash is kept; what the file said stands sealed among the
-- payloads. Held money waits for a person and counts nowhere.
CREATE TABLE payment (
    tenant_id UUID NOT NULL,
    payment_id UUID NOT NULL,
    case_id UUID,
    portfolio_id UUID,
    agency_id UUID,
    paid_on BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    currency TEXT NOT NULL,
    reference_digest UUID NOT NULL,
    content_digest UUID NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    received_at BIGINT NOT NULL,
    booked_day BIGINT,
    file_id UUID NOT NULL,
    line BIGINT NOT NULL,
    payload_id UUID NOT NULL,
    decided_by UUID,
    decided_at BIGINT,
    decision_id UUID,
    version BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, payment_id)
);
CREATE INDEX payment_by_case ON payment (tenant_id, case_id);
CREATE INDEX payment_by_reference ON payment (tenant_id, reference_digest);
CREATE INDEX payment_held ON payment (tenant_id, received_at) WHERE state = 'held';

-- The days that daily work was done for; the last one is how far it got.
CREATE TABLE daily_run (
    tenant_id UUID NOT NULL,
    day BIGINT NOT NULL,
    ran_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, day)
);

-- What kind of file an import was: only one of cases can be taken back.
ALTER TABLE import ADD COLUMN kind TEXT NOT NULL DEFAULT 'cases';
