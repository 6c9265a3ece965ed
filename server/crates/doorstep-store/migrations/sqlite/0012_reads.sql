-- Who read whose data, out of the leaves of both logs: an index that is filled in the transaction that queues the leaf, and
-- that can be made again from the leaves alone. The id is the beginning of the leaf's hash.
CREATE TABLE read_entry (
    tenant_id BLOB NOT NULL,
    read_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    log TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- Alias of the staff member, or the device.
    reader_id BLOB,
    device_id BLOB,
    role TEXT NOT NULL,
    purpose TEXT NOT NULL,
    -- Why, where the reader opened somebody outside the caseload; empty otherwise.
    outside TEXT NOT NULL,
    -- Whom it concerned then.
    about TEXT NOT NULL,
    classes TEXT NOT NULL,
    channel TEXT NOT NULL,
    -- When it happened as a device says; when it was written otherwise.
    happened_at INTEGER NOT NULL,
    persons INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, read_id)
) STRICT;
CREATE INDEX read_outside ON read_entry (tenant_id, at) WHERE outside <> '';

-- By alias: of a person, a case, a visit, a colleague, or a plan whose persons were opened in bulk.
CREATE TABLE read_subject (
    tenant_id BLOB NOT NULL,
    alias BLOB NOT NULL,
    at INTEGER NOT NULL,
    read_id BLOB NOT NULL,
    PRIMARY KEY (tenant_id, alias, at, read_id)
) STRICT, WITHOUT ROWID;

-- What somebody else found about a read outside the reader's caseload; it is decided once.
CREATE TABLE read_review (
    tenant_id BLOB NOT NULL,
    read_id BLOB NOT NULL,
    staff_id BLOB NOT NULL,
    finding TEXT NOT NULL,
    reason TEXT NOT NULL,
    decided_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, read_id)
) STRICT;
