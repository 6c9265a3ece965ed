-- What a member of staff answered to something that is remarked about them; the words are a payload under their own key.
CREATE TABLE flag_answer (
    tenant_id BLOB NOT NULL,
    source_id BLOB NOT NULL,
    code TEXT NOT NULL,
    staff_id BLOB NOT NULL,
    visit_id BLOB,
    words_id BLOB NOT NULL,
    answered_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, source_id, code, staff_id)
) STRICT;
CREATE INDEX flag_answer_by_visit ON flag_answer (tenant_id, visit_id);
-- Few events are remarkable, and whoever asks for them asks for no others.
CREATE INDEX event_flagged ON event (tenant_id, received_at) WHERE flags <> '';
