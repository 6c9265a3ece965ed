-- Why a log is not signed any more, as a code; NULL while it is. Its entries stay queued.
ALTER TABLE log ADD COLUMN halted TEXT;
-- The head that was entered last in the operator's meta log, and when.
ALTER TABLE log ADD COLUMN meta_size BIGINT NOT NULL DEFAULT 0;
ALTER TABLE log ADD COLUMN meta_at BIGINT NOT NULL DEFAULT 0;
