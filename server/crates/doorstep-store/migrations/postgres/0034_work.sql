-- Steps of strategies: what carries them out beside contacts, who asked for a visit by name, and times of calm.
-- Why the person says that the loan fell behind, and the step that the contact carried out.
ALTER TABLE contact ADD COLUMN default_reason TEXT;
ALTER TABLE contact ADD COLUMN step TEXT;
-- A step that contacts nobody: a legal bundle, a report to a credit bureau; or a letter that was made.
CREATE TABLE step_done (
    tenant_id UUID NOT NULL,
    done_id UUID NOT NULL,
    case_id UUID NOT NULL,
    step TEXT NOT NULL,
    channel TEXT NOT NULL,
    done_at BIGINT NOT NULL,
    staff_id UUID NOT NULL,
    PRIMARY KEY (tenant_id, done_id)
);
CREATE INDEX step_done_by_case ON step_done (tenant_id, case_id);
-- A visit that a supervisor asked for by name, for some days.
CREATE TABLE visit_ask (
    tenant_id UUID NOT NULL,
    ask_id UUID NOT NULL,
    case_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    reason TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, ask_id)
);
CREATE INDEX visit_ask_by_case ON visit_ask (tenant_id, case_id);
-- Days on which visits of a portfolio, of a region or of both stop or thin out.
CREATE TABLE calm (
    tenant_id UUID NOT NULL,
    calm_id UUID NOT NULL,
    portfolio_id UUID,
    region TEXT,
    from_day BIGINT NOT NULL,
    until_day BIGINT NOT NULL CHECK (until_day >= from_day),
    mode TEXT NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    asked_by UUID NOT NULL,
    asked_at BIGINT NOT NULL,
    answered_by UUID,
    answered_at BIGINT,
    ended_by UUID,
    ended_at BIGINT,
    visits BIGINT NOT NULL CHECK (visits >= 0),
    PRIMARY KEY (tenant_id, calm_id)
);
