-- The high-water mark of each log, by origin: the newest head that was ever signed, or was about to be. It is raised before
-- a checkpoint is published and never lowered, so a main database that was rolled back or doubled is found.
CREATE TABLE mark (
    origin TEXT NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL,
    root BYTEA NOT NULL
);

-- Keyed hashes of the case numbers of erased persons, so that no restored database and no later file brings one back.
CREATE TABLE tombstone (
    tenant_id UUID NOT NULL,
    subject_id UUID NOT NULL,
    digest UUID NOT NULL,
    owner_id UUID NOT NULL,
    PRIMARY KEY (tenant_id, subject_id, digest, owner_id)
);
