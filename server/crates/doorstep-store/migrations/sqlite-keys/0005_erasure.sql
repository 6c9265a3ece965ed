-- Under which alias a subject stands in the log, so that the main database cannot name another; imports have none.
ALTER TABLE subject_key ADD COLUMN alias BLOB;

-- Who is to be erased, and what allows it: written before the main database says so. No other key is ever destroyed.
CREATE TABLE erasure (
    tenant_id BLOB NOT NULL,
    subject_id BLOB NOT NULL,
    cause TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, subject_id, cause)
) STRICT;

-- What was taken over from an earlier version of the program, each once.
CREATE TABLE adopted (
    what TEXT NOT NULL PRIMARY KEY
) STRICT;
