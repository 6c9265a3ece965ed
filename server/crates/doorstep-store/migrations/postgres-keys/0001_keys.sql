-- The key store: apart from the main database, never in its backups. Destroying a row here erases a subject everywhere.

-- The tenant's key, wrapped by the key outside the database.
CREATE TABLE tenant_key (
    tenant_id UUID NOT NULL PRIMARY KEY,
    wrapped BYTEA NOT NULL
);

-- A subject's key (person, staff member, import), wrapped by the tenant's key.
CREATE TABLE subject_key (
    tenant_id UUID NOT NULL,
    subject_id UUID NOT NULL,
    wrapped BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, subject_id)
);

-- Subjects whose key was destroyed: a restore never brings one back.
CREATE TABLE destroyed (
    tenant_id UUID NOT NULL,
    subject_id UUID NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, subject_id)
);

-- Seeds of the signing keys (logs, permits), wrapped by the tenant's key.
CREATE TABLE signing_key (
    tenant_id UUID NOT NULL,
    name TEXT NOT NULL,
    wrapped BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, name)
);
