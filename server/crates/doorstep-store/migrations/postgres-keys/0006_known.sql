-- The note of a head that came from outside, with all cosignatures that came with it: what shows a log's verifiers how far it had
-- been signed before it was closed.
ALTER TABLE mark ADD COLUMN note TEXT NOT NULL DEFAULT '';
