-- Time stamps of an outside authority: the checkpoint as signed, the authority's answer as sent, its time, and when the answer
-- came by the clock here.
CREATE TABLE log_stamp (
    tenant_id BLOB NOT NULL,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    note TEXT NOT NULL,
    response BLOB NOT NULL,
    stamped_at INTEGER NOT NULL,
    taken_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, name, size)
) STRICT;
