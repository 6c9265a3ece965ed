-- MACs under keys of the key store: only the program itself can have written such a row.
ALTER TABLE log_queue ADD COLUMN mac BYTEA NOT NULL DEFAULT '';
-- Over the head: origin, size and root.
ALTER TABLE log ADD COLUMN mac BYTEA NOT NULL DEFAULT '';

-- Over who somebody is, may do and signs in with; over whose a device is, its key, state and chain.
ALTER TABLE staff ADD COLUMN mac BYTEA NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN mac BYTEA NOT NULL DEFAULT '';

-- Rows of the queue that somebody else wrote, set aside as evidence when their log was continued.
CREATE TABLE log_refused (
    tenant_id UUID NOT NULL,
    name TEXT NOT NULL,
    leaf BYTEA NOT NULL,
    refused_at BIGINT NOT NULL
);

-- Repeats of a read are folded in the process.
DROP TABLE read_fold;

-- Tokens and codes are kept as MACs, with a MAC over the row. Who was signed in signs in again, devices by themselves.
DELETE FROM session;
ALTER TABLE session ADD COLUMN mac BYTEA NOT NULL DEFAULT '';
DELETE FROM device_code;
ALTER TABLE device_code ADD COLUMN mac BYTEA NOT NULL DEFAULT '';

-- Answers that are kept for repeats name case numbers, so they are sealed.
DELETE FROM idempotency;
ALTER TABLE idempotency DROP COLUMN answer;
ALTER TABLE idempotency ADD COLUMN sealed BYTEA NOT NULL DEFAULT '';
