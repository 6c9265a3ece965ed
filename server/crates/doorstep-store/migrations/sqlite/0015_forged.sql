-- MACs under keys of the key store: only the program itself can have written such a row.
ALTER TABLE log_queue ADD COLUMN mac BLOB NOT NULL DEFAULT X'';
-- Over the head: origin, size and root.
ALTER TABLE log ADD COLUMN mac BLOB NOT NULL DEFAULT X'';

-- Over who somebody is, may do and signs in with; over whose a device is, its key, state and chain.
ALTER TABLE staff ADD COLUMN mac BLOB NOT NULL DEFAULT X'';
ALTER TABLE device ADD COLUMN mac BLOB NOT NULL DEFAULT X'';

-- Rows of the queue that somebody else wrote, set aside as evidence when their log was continued.
CREATE TABLE log_refused (
    tenant_id BLOB NOT NULL,
    name TEXT NOT NULL,
    leaf BLOB NOT NULL,
    refused_at INTEGER NOT NULL
) STRICT;

-- Repeats of a read are folded in the process.
DROP TABLE read_fold;

-- Tokens and codes are kept as MACs, with a MAC over the row. Who was signed in signs in again, devices by themselves.
DELETE FROM session;
ALTER TABLE session ADD COLUMN mac BLOB NOT NULL DEFAULT X'';
DELETE FROM device_code;
ALTER TABLE device_code ADD COLUMN mac BLOB NOT NULL DEFAULT X'';

-- Answers that are kept for repeats name case numbers, so they are sealed.
DELETE FROM idempotency;
ALTER TABLE idempotency DROP COLUMN answer;
ALTER TABLE idempotency ADD COLUMN sealed BLOB NOT NULL DEFAULT X'';
