-- Over all of an approval: who asked, who answered and what for.
ALTER TABLE approval ADD COLUMN mac BYTEA NOT NULL DEFAULT '';
