-- Calls, messages and letters stand beside visits. Of the number only a keyed hash is kept, bound to the person, to tell
-- whether two contacts went to one number; NULL where it is not known, and once the person is erased.
ALTER TABLE contact ADD COLUMN number_digest UUID;
-- Who made it, as far as that is known.
ALTER TABLE contact ADD COLUMN staff_id UUID;
-- The rules that forbade it when it was made, comma-separated.
ALTER TABLE contact ADD COLUMN rules TEXT NOT NULL DEFAULT '';
CREATE INDEX contact_forbidden ON contact (tenant_id, at) WHERE rules <> '';
