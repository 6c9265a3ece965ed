-- What kind of key `seed` holds: the seed of an Ed25519 key, or an ES256 key as PKCS #8; sealed either way.
ALTER TABLE identity ADD COLUMN alg TEXT NOT NULL DEFAULT 'Ed25519' CHECK (alg IN ('Ed25519', 'ES256'));

-- What came as proof that the log only grew, and does not prove it: base64 hashes, one a line; sealed.
ALTER TABLE suspect_note ADD COLUMN proof BLOB;
-- What is wrong with the note, as a stable code; empty in what was kept before.
ALTER TABLE suspect_note ADD COLUMN code TEXT NOT NULL DEFAULT '';
