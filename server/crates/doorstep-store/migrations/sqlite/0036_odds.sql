-- What chances of visits were learned: one row for each version, the newest holds. Parameters are counts of cells with many visits, as
-- JSON of whole numbers: nothing here is about a person. Days are since 1970-01-01, NULL where no visit was made yet.
CREATE TABLE odds_model (
    tenant_id BLOB NOT NULL REFERENCES tenant (tenant_id),
    version INTEGER NOT NULL CHECK (version > 0),
    trained_at INTEGER NOT NULL,
    first_day INTEGER,
    last_day INTEGER,
    visits INTEGER NOT NULL,
    met INTEGER NOT NULL,
    at_the_door INTEGER NOT NULL,
    agreed INTEGER NOT NULL,
    body TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (tenant_id, version)
) STRICT;

-- How the matter of a visit stood when the visit was planned, in the classes of chances. What happens later, a payment above all,
-- changes nothing about it, so no visit is judged by what came after.
CREATE TABLE visit_scene (
    tenant_id BLOB NOT NULL,
    visit_id BLOB NOT NULL,
    stage TEXT NOT NULL,
    amount TEXT NOT NULL,
    reached TEXT NOT NULL,
    PRIMARY KEY (tenant_id, visit_id),
    FOREIGN KEY (tenant_id, visit_id) REFERENCES visit (tenant_id, visit_id)
) STRICT;

-- What a planned visit is worth, itemised, as JSON of whole numbers; NULL where a case is left out or was planned before.
ALTER TABLE plan_case ADD COLUMN worth TEXT;
