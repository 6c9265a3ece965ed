-- A password that somebody else set is changed at its first use.
ALTER TABLE staff ADD COLUMN password_first INTEGER NOT NULL DEFAULT 0 CHECK (password_first IN (0, 1));

-- Who set whose password, where it was not its owner: for a while the two count as one person where an approval asks for
-- two. Rows are only added.
CREATE TABLE password_set (
    tenant_id BLOB NOT NULL,
    staff_id BLOB NOT NULL,
    set_by BLOB NOT NULL,
    set_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, staff_id, set_by, set_at)
) STRICT;
