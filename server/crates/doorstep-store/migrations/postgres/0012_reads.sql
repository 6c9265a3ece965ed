-- Who read whose data, out of the leaves of both logs: an index that is filled in the transaction that queues the leaf, and
-- that can be made again from the leaves alone. The id is the beginning of the leaf's hash.
CREATE TABLE read_entry (
    tenant_id UUID NOT NULL,
    read_id UUID NOT NULL,
    at BIGINT NOT NULL,
    log TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- Alias of the staff member, or the device.
    reader_id UUID,
    device_id UUID,
    role TEXT NOT NULL,
    purpose TEXT NOT NULL,
    -- Why, where the reader opened somebody outside the caseload; empty otherwise.
    outside TEXT NOT NULL,
    -- Whom it concerned then.
    about TEXT NOT NULL,
    classes TEXT NOT NULL,
    channel TEXT NOT NULL,
    -- When it happened as a device says; when it was written otherwise.
    happened_at BIGINT NOT NULL,
    persons BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, read_id)
);
CREATE INDEX read_outside ON read_entry (tenant_id, at) WHERE outside <> '';

-- By alias: of a person, a case, a visit, a colleague, or a plan whose persons were opened in bulk.
CREATE TABLE read_subject (
    tenant_id UUID NOT NULL,
    alias UUID NOT NULL,
    at BIGINT NOT NULL,
    read_id UUID NOT NULL,
    PRIMARY KEY (tenant_id, alias, at, read_id)
);

-- What somebody else found about a read outside the reader's caseload; it is decided once.
CREATE TABLE read_review (
    tenant_id UUID NOT NULL,
    read_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    finding TEXT NOT NULL,
    reason TEXT NOT NULL,
    decided_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, read_id)
);
