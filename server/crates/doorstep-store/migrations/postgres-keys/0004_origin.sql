-- The present origin of each log. The main database names it too, and another name there would be one without a mark.
CREATE TABLE origin (
    tenant_id UUID NOT NULL,
    name TEXT NOT NULL,
    generation BIGINT NOT NULL,
    origin TEXT NOT NULL,
    PRIMARY KEY (tenant_id, name)
);
