-- Complaints: matters of their own with clock and owner. What was said is sealed under the person's key, among the payloads.
CREATE TABLE complaint (
    tenant_id UUID NOT NULL,
    complaint_id UUID NOT NULL,
    case_id UUID NOT NULL,
    person_id UUID NOT NULL,
    visit_id UUID,
    staff_id UUID,
    channel TEXT NOT NULL,
    state TEXT NOT NULL,
    outcome TEXT,
    received_at BIGINT NOT NULL,
    acknowledge_by BIGINT NOT NULL,
    answer_by BIGINT NOT NULL,
    opened_by UUID,
    event_id UUID,
    words_id UUID,
    owner_id UUID,
    taken_at BIGINT,
    closed_by UUID,
    closed_at BIGINT,
    answer_id UUID,
    PRIMARY KEY (tenant_id, complaint_id)
);
CREATE INDEX complaint_by_state ON complaint (tenant_id, state, answer_by);
CREATE INDEX complaint_by_person ON complaint (tenant_id, person_id, state);
CREATE INDEX complaint_by_visit ON complaint (tenant_id, visit_id);

-- Quality checks: one row for each week that was drawn, with what the lot came from, and one for each visit of each member
-- of staff. Findings are codes; remarks and words of an appeal are sealed under the key of the person who was visited.
CREATE TABLE quality_draw (
    tenant_id UUID NOT NULL,
    week BIGINT NOT NULL,
    leaf_index BIGINT NOT NULL,
    leaf_hash BYTEA NOT NULL,
    per_staff BIGINT NOT NULL,
    drawn_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, week)
);
CREATE TABLE quality_check (
    tenant_id UUID NOT NULL,
    check_id UUID NOT NULL,
    visit_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    week BIGINT NOT NULL,
    because TEXT NOT NULL,
    state TEXT NOT NULL,
    drawn_at BIGINT NOT NULL,
    found TEXT NOT NULL,
    scored_by UUID,
    scored_at BIGINT,
    remarks_id UUID,
    appealed_at BIGINT,
    appeal_id UUID,
    decision TEXT,
    decided_by UUID,
    decided_at BIGINT,
    decision_id UUID,
    PRIMARY KEY (tenant_id, check_id)
);
CREATE UNIQUE INDEX quality_check_once ON quality_check (tenant_id, visit_id, staff_id);
CREATE INDEX quality_check_by_state ON quality_check (tenant_id, state, drawn_at);
CREATE INDEX quality_check_by_staff ON quality_check (tenant_id, staff_id);
