-- Who set a password last where it was not its owner, and when: for a while the two count as one person where an approval
-- asks for two. A password that somebody else set is changed at its first use.
ALTER TABLE staff ADD COLUMN password_set_by BLOB;
ALTER TABLE staff ADD COLUMN password_set_at INTEGER;
ALTER TABLE staff ADD COLUMN password_first INTEGER NOT NULL DEFAULT 0 CHECK (password_first IN (0, 1));
