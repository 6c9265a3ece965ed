-- What a member of staff answered to something that is remarked about them; the words are a payload under their own key.
CREATE TABLE flag_answer (
    tenant_id UUID NOT NULL,
    source_id UUID NOT NULL,
    code TEXT NOT NULL,
    staff_id UUID NOT NULL,
    visit_id UUID,
    words_id UUID NOT NULL,
    answered_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, source_id, code, staff_id)
);
CREATE INDEX flag_answer_by_visit ON flag_answer (tenant_id, visit_id);
-- Few events are remarkable, and whoever asks for them asks for no others.
CREATE INDEX event_flagged ON event (tenant_id, received_at) WHERE flags <> '';
