-- A loan is the book of a case: what fell due and what was paid. It carries the number of its case from the first day, also
-- while it waits: until an instalment comes near or is overdue there is no row of cases with that id. Days are since 1970-01-01,
-- money is in minor units. number_digest is a keyed hash of the number within the portfolio; NULL once the person is erased.
CREATE TABLE loan (
    tenant_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    portfolio_id BLOB NOT NULL,
    agency_id BLOB,
    team_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    address_id BLOB NOT NULL,
    source TEXT NOT NULL,
    currency TEXT NOT NULL,
    as_of INTEGER NOT NULL,
    number_digest BLOB,
    content_hash BLOB NOT NULL,
    payload_id BLOB NOT NULL,
    flags INTEGER NOT NULL,
    last_visit_day INTEGER,
    visits_before INTEGER NOT NULL,
    import_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, case_id)
) STRICT;
CREATE INDEX loan_by_number ON loan (tenant_id, number_digest);
CREATE INDEX loan_by_person ON loan (tenant_id, person_id);

-- What falls due on one day of a loan, by part, with what was paid and waived of it. booked_day is the day on which it was
-- booked as due; NULL until then.
CREATE TABLE instalment (
    tenant_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    due_day INTEGER NOT NULL,
    number INTEGER,
    due_principal INTEGER NOT NULL,
    due_interest INTEGER NOT NULL,
    due_penalty INTEGER NOT NULL,
    due_fees INTEGER NOT NULL,
    paid_principal INTEGER NOT NULL,
    paid_interest INTEGER NOT NULL,
    paid_penalty INTEGER NOT NULL,
    paid_fees INTEGER NOT NULL,
    waived_principal INTEGER NOT NULL,
    waived_interest INTEGER NOT NULL,
    waived_penalty INTEGER NOT NULL,
    waived_fees INTEGER NOT NULL,
    booked_day INTEGER,
    PRIMARY KEY (tenant_id, case_id, due_day)
) STRICT;

-- The ledger: only added to. Each row changes what one instalment of a case owes, by part; what is paid or waived is below
-- zero. source_id is the payment or waiver that it comes from.
CREATE TABLE posting (
    tenant_id BLOB NOT NULL,
    posting_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    due_day INTEGER NOT NULL,
    kind TEXT NOT NULL,
    source_id BLOB,
    booked_day INTEGER NOT NULL,
    principal INTEGER NOT NULL,
    interest INTEGER NOT NULL,
    penalty INTEGER NOT NULL,
    fees INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, posting_id)
) STRICT;
CREATE INDEX posting_by_case ON posting (tenant_id, case_id);
CREATE INDEX posting_by_source ON posting (tenant_id, source_id);

-- Money that came in, or went back. Of its reference only a keyed hash is kept; what the file said stands sealed among the
-- payloads. Held money waits for a person and counts nowhere.
CREATE TABLE payment (
    tenant_id BLOB NOT NULL,
    payment_id BLOB NOT NULL,
    case_id BLOB,
    portfolio_id BLOB,
    agency_id BLOB,
    paid_on INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    currency TEXT NOT NULL,
    reference_digest BLOB NOT NULL,
    content_digest BLOB NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    received_at INTEGER NOT NULL,
    booked_day INTEGER,
    file_id BLOB NOT NULL,
    line INTEGER NOT NULL,
    payload_id BLOB NOT NULL,
    decided_by BLOB,
    decided_at INTEGER,
    decision_id BLOB,
    version INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, payment_id)
) STRICT;
CREATE INDEX payment_by_case ON payment (tenant_id, case_id);
CREATE INDEX payment_by_reference ON payment (tenant_id, reference_digest);
CREATE INDEX payment_held ON payment (tenant_id, received_at) WHERE state = 'held';

-- The days that daily work was done for; the last one is how far it got.
CREATE TABLE daily_run (
    tenant_id BLOB NOT NULL,
    day INTEGER NOT NULL,
    ran_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, day)
) STRICT;

-- What kind of file an import was: only one of cases can be taken back.
ALTER TABLE import ADD COLUMN kind TEXT NOT NULL DEFAULT 'cases';
