-- Keys of partners on colleagues' devices, and what partners signed who joined a visit. Ids, times and keys alone.
CREATE TABLE partner_key (
    tenant_id BLOB NOT NULL,
    key_id BLOB NOT NULL,
    device_id BLOB NOT NULL,
    staff_id BLOB NOT NULL,
    kid TEXT NOT NULL,
    alg TEXT NOT NULL,
    public_key BLOB NOT NULL,
    added_at INTEGER NOT NULL,
    ended_at INTEGER,
    mac BLOB NOT NULL,
    PRIMARY KEY (tenant_id, key_id),
    UNIQUE (tenant_id, kid)
) STRICT;
CREATE INDEX partner_key_by_staff ON partner_key (tenant_id, staff_id);
CREATE TABLE joined (
    tenant_id BLOB NOT NULL,
    event_id BLOB NOT NULL,
    visit_id BLOB NOT NULL,
    staff_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    said TEXT NOT NULL,
    sig TEXT NOT NULL,
    PRIMARY KEY (tenant_id, event_id)
) STRICT;
CREATE INDEX joined_by_visit ON joined (tenant_id, visit_id);
