-- Keys of partners on colleagues' devices, and what partners signed who joined a visit. Ids, times and keys alone.
CREATE TABLE partner_key (
    tenant_id UUID NOT NULL,
    key_id UUID NOT NULL,
    device_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    kid TEXT NOT NULL,
    alg TEXT NOT NULL,
    public_key BYTEA NOT NULL,
    added_at BIGINT NOT NULL,
    ended_at BIGINT,
    mac BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, key_id),
    UNIQUE (tenant_id, kid)
);
CREATE INDEX partner_key_by_staff ON partner_key (tenant_id, staff_id);
CREATE TABLE joined (
    tenant_id UUID NOT NULL,
    event_id UUID NOT NULL,
    visit_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    at BIGINT NOT NULL,
    said TEXT NOT NULL,
    sig TEXT NOT NULL,
    PRIMARY KEY (tenant_id, event_id)
);
CREATE INDEX joined_by_visit ON joined (tenant_id, visit_id);
