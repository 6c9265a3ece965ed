-- Where visited persons can complain, of an agency or (agency_id all zeros) of the creditor itself. Receipts say it.
CREATE TABLE office (
    tenant_id UUID NOT NULL,
    agency_id UUID NOT NULL,
    complaints TEXT NOT NULL,
    PRIMARY KEY (tenant_id, agency_id)
);

-- Receipts by the hash of their references: who holds the paper finds its event, and the database alone opens none.
CREATE TABLE receipt (
    tenant_id UUID NOT NULL,
    event_id UUID NOT NULL,
    ref_hash BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, event_id),
    UNIQUE (ref_hash)
);
