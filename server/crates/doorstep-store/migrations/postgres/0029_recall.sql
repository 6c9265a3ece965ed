-- Cases taken back from agencies, each with the record of how the agency destroyed what it had of them. What was written is
-- sealed among the payloads under the key of who wrote it.
CREATE TABLE agency_recall (
    tenant_id UUID NOT NULL,
    recall_id UUID NOT NULL,
    agency_id UUID NOT NULL,
    team_id UUID NOT NULL,
    every BIGINT NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    asked_by UUID NOT NULL,
    asked_at BIGINT NOT NULL,
    words_id UUID NOT NULL,
    cases BIGINT NOT NULL,
    visits BIGINT NOT NULL,
    recalled_at BIGINT,
    due_at BIGINT,
    method TEXT,
    copies TEXT,
    confirmed_by UUID,
    confirmed_at BIGINT,
    confirmed_words UUID,
    answered_by UUID,
    answered_at BIGINT,
    answered_words UUID,
    mac BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, recall_id)
);

-- Whether a device may still have a door in full. Cleared when it has asked again and holds a door without anybody's name.
ALTER TABLE device_held ADD COLUMN is_full BIGINT NOT NULL DEFAULT 1;
