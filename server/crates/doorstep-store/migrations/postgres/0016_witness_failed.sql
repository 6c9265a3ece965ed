-- Why a witness did not cosign when it was asked last, and since when; empty after an answer.
ALTER TABLE log_witness ADD COLUMN failed TEXT NOT NULL DEFAULT '';
ALTER TABLE log_witness ADD COLUMN failed_at BIGINT;
