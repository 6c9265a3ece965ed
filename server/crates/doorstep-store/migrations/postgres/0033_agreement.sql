-- What was agreed about paying: promises, repayment plans, waivers, settlements, rewards. Terms are fixed when it is made; what
-- was said beside them is sealed under the person's key, among the payloads, with the terms that the log commits to.
CREATE TABLE agreement (
    tenant_id UUID NOT NULL,
    agreement_id UUID NOT NULL,
    case_id UUID NOT NULL,
    person_id UUID NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    agreed_by TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    made_day BIGINT NOT NULL,
    last_day BIGINT NOT NULL CHECK (last_day >= made_day),
    every TEXT,
    rate_ppm BIGINT NOT NULL CHECK (rate_ppm >= 0),
    off_principal BIGINT NOT NULL CHECK (off_principal >= 0),
    off_interest BIGINT NOT NULL CHECK (off_interest >= 0),
    off_penalty BIGINT NOT NULL CHECK (off_penalty >= 0),
    off_fees BIGINT NOT NULL CHECK (off_fees >= 0),
    after_count BIGINT,
    plan_id UUID,
    grace_days BIGINT NOT NULL CHECK (grace_days >= 0),
    missed_max BIGINT NOT NULL CHECK (missed_max >= 0),
    staff_id UUID,
    visit_id UUID,
    event_id UUID,
    terms_id UUID NOT NULL,
    approval_id UUID,
    made_at BIGINT NOT NULL,
    state_day BIGINT NOT NULL,
    end_reason TEXT,
    ended_by UUID,
    ended_at BIGINT,
    version BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, agreement_id)
);
CREATE INDEX agreement_by_case ON agreement (tenant_id, case_id, made_at);
CREATE INDEX agreement_by_person ON agreement (tenant_id, person_id);
CREATE INDEX agreement_by_state ON agreement (tenant_id, state, last_day);

-- What is due by which day.
CREATE TABLE agreement_instalment (
    tenant_id UUID NOT NULL,
    agreement_id UUID NOT NULL,
    number BIGINT NOT NULL CHECK (number > 0),
    day BIGINT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    interest BIGINT NOT NULL CHECK (interest >= 0),
    PRIMARY KEY (tenant_id, agreement_id, number),
    FOREIGN KEY (tenant_id, agreement_id) REFERENCES agreement (tenant_id, agreement_id)
);

-- What was given up of a debt on a day, part by part; below zero where it was taken back, because a payment went back. The sum
-- of the rows of a case is what is owed no more.
CREATE TABLE waived (
    tenant_id UUID NOT NULL,
    waived_id UUID NOT NULL,
    case_id UUID NOT NULL,
    agreement_id UUID NOT NULL,
    day BIGINT NOT NULL,
    currency TEXT NOT NULL,
    principal BIGINT NOT NULL,
    interest BIGINT NOT NULL,
    penalty BIGINT NOT NULL,
    fees BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, waived_id),
    FOREIGN KEY (tenant_id, agreement_id) REFERENCES agreement (tenant_id, agreement_id)
);
CREATE INDEX waived_by_case ON waived (tenant_id, case_id, made_at);

-- That a person spoke about their month, and where the words are: sealed under their key. Nothing of it is in clear.
CREATE TABLE means (
    tenant_id UUID NOT NULL,
    means_id UUID NOT NULL,
    case_id UUID NOT NULL,
    person_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    payload_id UUID NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, means_id)
);
CREATE INDEX means_by_person ON means (tenant_id, person_id, made_at);
