-- The present origin of each log. The main database names it too, and another name there would be one without a mark.
CREATE TABLE origin (
    tenant_id BLOB NOT NULL,
    name TEXT NOT NULL,
    generation INTEGER NOT NULL,
    origin TEXT NOT NULL,
    PRIMARY KEY (tenant_id, name)
) STRICT;
