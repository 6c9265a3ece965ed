-- Cases taken back from agencies, each with the record of how the agency destroyed what it had of them. What was written is
-- sealed among the payloads under the key of who wrote it.
CREATE TABLE agency_recall (
    tenant_id BLOB NOT NULL,
    recall_id BLOB NOT NULL,
    agency_id BLOB NOT NULL,
    team_id BLOB NOT NULL,
    every INTEGER NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    asked_by BLOB NOT NULL,
    asked_at INTEGER NOT NULL,
    words_id BLOB NOT NULL,
    cases INTEGER NOT NULL,
    visits INTEGER NOT NULL,
    recalled_at INTEGER,
    due_at INTEGER,
    method TEXT,
    copies TEXT,
    confirmed_by BLOB,
    confirmed_at INTEGER,
    confirmed_words BLOB,
    answered_by BLOB,
    answered_at INTEGER,
    answered_words BLOB,
    mac BLOB NOT NULL,
    PRIMARY KEY (tenant_id, recall_id)
) STRICT;

-- Whether a device may still have a door in full. Cleared when it has asked again and holds a door without anybody's name.
ALTER TABLE device_held ADD COLUMN is_full INTEGER NOT NULL DEFAULT 1;
