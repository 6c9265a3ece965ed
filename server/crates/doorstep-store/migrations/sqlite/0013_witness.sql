-- The newest checkpoint of a log that the witnesses of the policy cosigned as a quorum, and what each witness said of the log.
ALTER TABLE log ADD COLUMN cosigned_size INTEGER NOT NULL DEFAULT 0;
ALTER TABLE log ADD COLUMN cosigned_note TEXT NOT NULL DEFAULT '';

-- `witness` is the witness's public key (vkey). `size` is what it cosigned last, with its signature line; a witness that says
-- that history was rewritten has `refused_at`, the size it was shown, and a code for what it found.
CREATE TABLE log_witness (
    tenant_id BLOB NOT NULL,
    name TEXT NOT NULL,
    witness TEXT NOT NULL,
    size INTEGER NOT NULL,
    line TEXT NOT NULL,
    refused_at INTEGER,
    refused_size INTEGER NOT NULL,
    found TEXT NOT NULL,
    PRIMARY KEY (tenant_id, name, witness)
) STRICT;
