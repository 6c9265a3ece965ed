-- Where visited persons can complain, of an agency or (agency_id all zeros) of the creditor itself. Receipts say it.
CREATE TABLE office (
    tenant_id BLOB NOT NULL,
    agency_id BLOB NOT NULL,
    complaints TEXT NOT NULL,
    PRIMARY KEY (tenant_id, agency_id)
) STRICT;

-- Receipts by the hash of their references: who holds the paper finds its event, and the database alone opens none.
CREATE TABLE receipt (
    tenant_id BLOB NOT NULL,
    event_id BLOB NOT NULL,
    ref_hash BLOB NOT NULL,
    PRIMARY KEY (tenant_id, event_id),
    UNIQUE (ref_hash)
) STRICT;
