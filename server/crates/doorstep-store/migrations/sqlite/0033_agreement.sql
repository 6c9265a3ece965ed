-- What was agreed about paying: promises, repayment plans, waivers, settlements, rewards. Terms are fixed when it is made; what
-- was said beside them is sealed under the person's key, among the payloads, with the terms that the log commits to.
CREATE TABLE agreement (
    tenant_id BLOB NOT NULL,
    agreement_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    agreed_by TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    made_day INTEGER NOT NULL,
    last_day INTEGER NOT NULL CHECK (last_day >= made_day),
    every TEXT,
    rate_ppm INTEGER NOT NULL CHECK (rate_ppm >= 0),
    off_principal INTEGER NOT NULL CHECK (off_principal >= 0),
    off_interest INTEGER NOT NULL CHECK (off_interest >= 0),
    off_penalty INTEGER NOT NULL CHECK (off_penalty >= 0),
    off_fees INTEGER NOT NULL CHECK (off_fees >= 0),
    after_count INTEGER,
    plan_id BLOB,
    grace_days INTEGER NOT NULL CHECK (grace_days >= 0),
    missed_max INTEGER NOT NULL CHECK (missed_max >= 0),
    staff_id BLOB,
    visit_id BLOB,
    event_id BLOB,
    terms_id BLOB NOT NULL,
    approval_id BLOB,
    made_at INTEGER NOT NULL,
    state_day INTEGER NOT NULL,
    end_reason TEXT,
    ended_by BLOB,
    ended_at INTEGER,
    version INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, agreement_id)
) STRICT;
CREATE INDEX agreement_by_case ON agreement (tenant_id, case_id, made_at);
CREATE INDEX agreement_by_person ON agreement (tenant_id, person_id);
CREATE INDEX agreement_by_state ON agreement (tenant_id, state, last_day);

-- What is due by which day.
CREATE TABLE agreement_instalment (
    tenant_id BLOB NOT NULL,
    agreement_id BLOB NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    day INTEGER NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    interest INTEGER NOT NULL CHECK (interest >= 0),
    PRIMARY KEY (tenant_id, agreement_id, number),
    FOREIGN KEY (tenant_id, agreement_id) REFERENCES agreement (tenant_id, agreement_id)
) STRICT;

-- What was given up of a debt on a day, part by part; below zero where it was taken back, because a payment went back. The sum
-- of the rows of a case is what is owed no more.
CREATE TABLE waived (
    tenant_id BLOB NOT NULL,
    waived_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    agreement_id BLOB NOT NULL,
    day INTEGER NOT NULL,
    currency TEXT NOT NULL,
    principal INTEGER NOT NULL,
    interest INTEGER NOT NULL,
    penalty INTEGER NOT NULL,
    fees INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, waived_id),
    FOREIGN KEY (tenant_id, agreement_id) REFERENCES agreement (tenant_id, agreement_id)
) STRICT;
CREATE INDEX waived_by_case ON waived (tenant_id, case_id, made_at);

-- That a person spoke about their month, and where the words are: sealed under their key. Nothing of it is in clear.
CREATE TABLE means (
    tenant_id BLOB NOT NULL,
    means_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    staff_id BLOB NOT NULL,
    payload_id BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, means_id)
) STRICT;
CREATE INDEX means_by_person ON means (tenant_id, person_id, made_at);
