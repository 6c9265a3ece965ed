-- Complaints: matters of their own with clock and owner. What was said is sealed under the person's key, among the payloads.
CREATE TABLE complaint (
    tenant_id BLOB NOT NULL,
    complaint_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    visit_id BLOB,
    staff_id BLOB,
    channel TEXT NOT NULL,
    state TEXT NOT NULL,
    outcome TEXT,
    received_at INTEGER NOT NULL,
    acknowledge_by INTEGER NOT NULL,
    answer_by INTEGER NOT NULL,
    opened_by BLOB,
    event_id BLOB,
    words_id BLOB,
    owner_id BLOB,
    taken_at INTEGER,
    closed_by BLOB,
    closed_at INTEGER,
    answer_id BLOB,
    PRIMARY KEY (tenant_id, complaint_id)
) STRICT;
CREATE INDEX complaint_by_state ON complaint (tenant_id, state, answer_by);
CREATE INDEX complaint_by_person ON complaint (tenant_id, person_id, state);
CREATE INDEX complaint_by_visit ON complaint (tenant_id, visit_id);

-- Quality checks: one row for each week that was drawn, with what the lot came from, and one for each visit of each member
-- of staff. Findings are codes; remarks and words of an appeal are sealed under the key of the person who was visited.
CREATE TABLE quality_draw (
    tenant_id BLOB NOT NULL,
    week INTEGER NOT NULL,
    leaf_index INTEGER NOT NULL,
    leaf_hash BLOB NOT NULL,
    per_staff INTEGER NOT NULL,
    drawn_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, week)
) STRICT;
CREATE TABLE quality_check (
    tenant_id BLOB NOT NULL,
    check_id BLOB NOT NULL,
    visit_id BLOB NOT NULL,
    staff_id BLOB NOT NULL,
    week INTEGER NOT NULL,
    because TEXT NOT NULL,
    state TEXT NOT NULL,
    drawn_at INTEGER NOT NULL,
    found TEXT NOT NULL,
    scored_by BLOB,
    scored_at INTEGER,
    remarks_id BLOB,
    appealed_at INTEGER,
    appeal_id BLOB,
    decision TEXT,
    decided_by BLOB,
    decided_at INTEGER,
    decision_id BLOB,
    PRIMARY KEY (tenant_id, check_id)
) STRICT;
CREATE UNIQUE INDEX quality_check_once ON quality_check (tenant_id, visit_id, staff_id);
CREATE INDEX quality_check_by_state ON quality_check (tenant_id, state, drawn_at);
CREATE INDEX quality_check_by_staff ON quality_check (tenant_id, staff_id);
