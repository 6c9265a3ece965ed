-- What kind of key a device has: Ed25519, or ES256 for hardware that has nothing else.
ALTER TABLE device ADD COLUMN alg TEXT NOT NULL DEFAULT 'Ed25519';
