-- Steps of strategies: what carries them out beside contacts, who asked for a visit by name, and times of calm.
-- Why the person says that the loan fell behind, and the step that the contact carried out.
ALTER TABLE contact ADD COLUMN default_reason TEXT;
ALTER TABLE contact ADD COLUMN step TEXT;
-- A step that contacts nobody: a legal bundle, a report to a credit bureau; or a letter that was made.
CREATE TABLE step_done (
    tenant_id BLOB NOT NULL,
    done_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    step TEXT NOT NULL,
    channel TEXT NOT NULL,
    done_at INTEGER NOT NULL,
    staff_id BLOB NOT NULL,
    PRIMARY KEY (tenant_id, done_id)
) STRICT;
CREATE INDEX step_done_by_case ON step_done (tenant_id, case_id);
-- A visit that a supervisor asked for by name, for some days.
CREATE TABLE visit_ask (
    tenant_id BLOB NOT NULL,
    ask_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    staff_id BLOB NOT NULL,
    reason TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, ask_id)
) STRICT;
CREATE INDEX visit_ask_by_case ON visit_ask (tenant_id, case_id);
-- Days on which visits of a portfolio, of a region or of both stop or thin out.
CREATE TABLE calm (
    tenant_id BLOB NOT NULL,
    calm_id BLOB NOT NULL,
    portfolio_id BLOB,
    region TEXT,
    from_day INTEGER NOT NULL,
    until_day INTEGER NOT NULL CHECK (until_day >= from_day),
    mode TEXT NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    asked_by BLOB NOT NULL,
    asked_at INTEGER NOT NULL,
    answered_by BLOB,
    answered_at INTEGER,
    ended_by BLOB,
    ended_at INTEGER,
    visits INTEGER NOT NULL CHECK (visits >= 0),
    PRIMARY KEY (tenant_id, calm_id)
) STRICT;
