-- Over all of an approval: who asked, who answered and what for.
ALTER TABLE approval ADD COLUMN mac BLOB NOT NULL DEFAULT X'';
