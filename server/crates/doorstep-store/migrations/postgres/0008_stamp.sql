-- Time stamps of an outside authority: the checkpoint as signed, the authority's answer as sent, its time, and when the answer
-- came by the clock here.
CREATE TABLE log_stamp (
    tenant_id UUID NOT NULL,
    name TEXT NOT NULL,
    size BIGINT NOT NULL,
    note TEXT NOT NULL,
    response BYTEA NOT NULL,
    stamped_at BIGINT NOT NULL,
    taken_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, name, size)
);
