-- What was said on the pages of notices; the words are payloads, sealed under the person's key.
CREATE TABLE wish (
    tenant_id BLOB NOT NULL,
    wish_id BLOB NOT NULL,
    notice_id BLOB NOT NULL,
    visit_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    payload_id BLOB,
    made_at INTEGER NOT NULL,
    answered_at INTEGER,
    answered_by BLOB,
    PRIMARY KEY (tenant_id, wish_id)
) STRICT;
CREATE INDEX wish_by_case ON wish (tenant_id, case_id);
CREATE INDEX wish_by_state ON wish (tenant_id, state, made_at);
-- How often the digits that show who holds a code were wrong; with the fifth the page is locked.
CREATE TABLE notice_page (
    tenant_id BLOB NOT NULL,
    notice_id BLOB NOT NULL,
    tries INTEGER NOT NULL,
    locked_at INTEGER,
    PRIMARY KEY (tenant_id, notice_id)
) STRICT;
