-- Keys of partners on this device. Each lies sealed under what its owner's PIN gives, and that under the outbox key. Wrong PINs
-- are counted for each key; the tenth in a row deletes it.
CREATE TABLE partner (
    staff       BLOB    PRIMARY KEY CHECK (length(staff) = 16),
    key_id      BLOB    NOT NULL CHECK (length(key_id) = 16),
    kid         TEXT    NOT NULL,
    salt        BLOB    NOT NULL CHECK (length(salt) = 16),
    memory_kib  INTEGER NOT NULL,
    passes      INTEGER NOT NULL,
    lanes       INTEGER NOT NULL,
    sealed      BLOB    NOT NULL,
    added_at    INTEGER NOT NULL,
    wrong_tries INTEGER NOT NULL DEFAULT 0,
    tried_at    INTEGER NOT NULL DEFAULT 0
) STRICT;
-- What partners signed on devices of their own: aliases, an id, a time, a signature.
CREATE TABLE joined (
    event       BLOB PRIMARY KEY CHECK (length(event) = 16),
    visit_alias BLOB NOT NULL CHECK (length(visit_alias) = 16),
    said        TEXT NOT NULL,
    sig         TEXT NOT NULL
) STRICT;
-- A program of before left them out: the next pull brings everything anew.
UPDATE sync_state SET cursor = NULL;
