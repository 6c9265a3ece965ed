-- What was said on the pages of notices; the words are payloads, sealed under the person's key.
CREATE TABLE wish (
    tenant_id UUID NOT NULL,
    wish_id UUID NOT NULL,
    notice_id UUID NOT NULL,
    visit_id UUID NOT NULL,
    case_id UUID NOT NULL,
    person_id UUID NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    payload_id UUID,
    made_at BIGINT NOT NULL,
    answered_at BIGINT,
    answered_by UUID,
    PRIMARY KEY (tenant_id, wish_id)
);
CREATE INDEX wish_by_case ON wish (tenant_id, case_id);
CREATE INDEX wish_by_state ON wish (tenant_id, state, made_at);
-- How often the digits that show who holds a code were wrong; with the fifth the page is locked.
CREATE TABLE notice_page (
    tenant_id UUID NOT NULL,
    notice_id UUID NOT NULL,
    tries BIGINT NOT NULL,
    locked_at BIGINT,
    PRIMARY KEY (tenant_id, notice_id)
);
