-- Heads of a log that strangers hold under the log's own signature and that the tree here does not contain. Where there is one
-- the log was signed as two histories, and is not signed again.
CREATE TABLE rival (
    origin TEXT NOT NULL,
    size BIGINT NOT NULL,
    root BYTEA NOT NULL,
    PRIMARY KEY (origin, size, root)
);
