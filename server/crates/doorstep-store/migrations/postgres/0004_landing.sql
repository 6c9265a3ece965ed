-- Keyed hash of whose address it is and of its text: a file that names an address again finds what is known of it, and no
-- file makes a place new by naming it twice. NULL once the person is erased, and for addresses from before.
ALTER TABLE address ADD COLUMN place_digest UUID;
CREATE INDEX address_by_place ON address (tenant_id, place_digest);
CREATE INDEX address_by_person ON address (tenant_id, person_id);

-- The team for which a file was imported, which is whose supervisors may see it and take it back. Of imports from before,
-- the team of who imported; NULL where that person belongs to none.
ALTER TABLE import ADD COLUMN team_id UUID;
UPDATE import SET team_id = (SELECT s.team_id FROM staff s
    WHERE s.tenant_id = import.tenant_id AND s.staff_id = import.staff_id);

-- What the reasons of a row are about, so that they can be said again: `field-missing:crew,field-missing:shift`, and the
-- other lines with the same number. Neither is personal.
ALTER TABLE import_row ADD COLUMN columns_at TEXT NOT NULL DEFAULT '';
ALTER TABLE import_row ADD COLUMN other_lines TEXT NOT NULL DEFAULT '';
