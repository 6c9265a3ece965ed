-- Personal and secret columns become sealed bytes. What a database of before holds stays as it is until the first
-- opening with a PIN, which seals all of it in one transaction: as long as `vault` is empty nothing is sealed.

-- How the PIN opens this database. One row from the first PIN on.
CREATE TABLE vault (
    one         INTEGER PRIMARY KEY CHECK (one = 1),
    salt        BLOB    NOT NULL CHECK (length(salt) = 16),
    memory_kib  INTEGER NOT NULL,
    passes      INTEGER NOT NULL,
    lanes       INTEGER NOT NULL,
    -- The outbox key, wrapped under the key that the PIN gives. It stays as long as the device.
    outbox      BLOB    NOT NULL,
    -- Wrong PINs in a row, and when the last of them was tried.
    wrong_tries INTEGER NOT NULL DEFAULT 0,
    tried_at    INTEGER NOT NULL DEFAULT 0
) STRICT;

-- The caseload key, wrapped under the outbox key. Deleting the row is what wipes doors and permits for good.
CREATE TABLE caseload_key (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    wrapped BLOB    NOT NULL
) STRICT;

CREATE TABLE identity_sealed (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    server_url TEXT    NOT NULL,
    tenant     BLOB    NOT NULL CHECK (length(tenant) = 16),
    device     BLOB    NOT NULL CHECK (length(device) = 16),
    kid        TEXT    NOT NULL,
    seed       BLOB    NOT NULL,
    token      BLOB    NOT NULL,
    app        TEXT    NOT NULL,
    permit_key TEXT    NOT NULL,
    log_key    TEXT    NOT NULL,
    me         TEXT    NOT NULL
) STRICT;
INSERT INTO identity_sealed SELECT one, server_url, tenant, device, kid, seed, CAST(token AS BLOB), app, permit_key,
    log_key, me FROM identity;
DROP TABLE identity;
ALTER TABLE identity_sealed RENAME TO identity;

CREATE TABLE door_sealed (
    visit    BLOB    PRIMARY KEY CHECK (length(visit) = 16),
    position INTEGER NOT NULL,
    starts   INTEGER NOT NULL,
    body     BLOB    NOT NULL
) STRICT;
INSERT INTO door_sealed SELECT visit, position, starts, CAST(body AS BLOB) FROM door;
DROP TABLE door;
ALTER TABLE door_sealed RENAME TO door;

CREATE TABLE permit_sealed (
    permit   BLOB    PRIMARY KEY CHECK (length(permit) = 16),
    as_of_ms INTEGER NOT NULL,
    note     BLOB    NOT NULL
) STRICT;
INSERT INTO permit_sealed SELECT permit, as_of_ms, CAST(note AS BLOB) FROM permit;
DROP TABLE permit;
ALTER TABLE permit_sealed RENAME TO permit;

DROP TRIGGER event_signed_once;
DROP TRIGGER event_kept;
DROP INDEX event_unacknowledged;
CREATE TABLE event_sealed (
    dseq     INTEGER PRIMARY KEY CHECK (dseq > 0),
    eid      BLOB    NOT NULL UNIQUE CHECK (length(eid) = 16),
    kind     TEXT    NOT NULL,
    visit    BLOB    CHECK (visit IS NULL OR length(visit) = 16),
    hdr      BLOB    NOT NULL,
    hdr_hash BLOB    NOT NULL CHECK (length(hdr_hash) = 32),
    sig      BLOB    NOT NULL CHECK (length(sig) = 64),
    salt     BLOB,
    payload  BLOB,
    -- Sent alone and before all others: a call for help.
    urgent   INTEGER NOT NULL DEFAULT 0 CHECK (urgent IN (0, 1)),
    state    TEXT    NOT NULL CHECK (state IN ('waiting', 'sent', 'held', 'quarantined', 'acknowledged')),
    code     TEXT,
    flags    TEXT    NOT NULL DEFAULT '',
    made_at  INTEGER NOT NULL,
    CHECK ((salt IS NULL) = (payload IS NULL))
) STRICT;
INSERT INTO event_sealed SELECT dseq, eid, kind, visit, hdr, hdr_hash, sig, salt, CAST(payload AS BLOB), 0, state, code,
    flags, made_at FROM event;
DROP TABLE event;
ALTER TABLE event_sealed RENAME TO event;

CREATE INDEX event_unacknowledged ON event (dseq) WHERE state <> 'acknowledged';

-- What was signed never changes and never goes.
CREATE TRIGGER event_signed_once BEFORE UPDATE OF dseq, eid, kind, visit, hdr, hdr_hash, sig ON event
BEGIN
    SELECT RAISE(ABORT, 'a signed event does not change');
END;

CREATE TRIGGER event_kept BEFORE DELETE ON event
BEGIN
    SELECT RAISE(ABORT, 'a signed event is kept');
END;

CREATE TABLE suspect_sealed (
    hash     BLOB    PRIMARY KEY CHECK (length(hash) = 32),
    noun     TEXT    NOT NULL CHECK (noun IN ('checkpoint', 'permit', 'acknowledgement')),
    reason   TEXT    NOT NULL,
    note     BLOB    NOT NULL,
    known    BLOB,
    seen_at  INTEGER NOT NULL
) STRICT;
INSERT INTO suspect_sealed SELECT hash, noun, reason, CAST(note AS BLOB), CAST(known AS BLOB), seen_at FROM suspect_note;
DROP TABLE suspect_note;
ALTER TABLE suspect_sealed RENAME TO suspect_note;

-- What the screen of a visit shows although its door may be gone. No names.
ALTER TABLE visit ADD COLUMN not_said TEXT NOT NULL DEFAULT '[]';
ALTER TABLE visit ADD COLUMN started_at INTEGER;
ALTER TABLE visit ADD COLUMN expected_at INTEGER;
-- When the person was recognised as the one who is meant.
ALTER TABLE visit ADD COLUMN confirmed_at INTEGER;
-- When its file was last looked at on this device.
CREATE TABLE visit_read (
    visit   BLOB    PRIMARY KEY CHECK (length(visit) = 16),
    read_at INTEGER NOT NULL
) STRICT;

-- What was typed of a visit and not recorded yet; sealed under the outbox key.
CREATE TABLE draft (
    visit      BLOB    PRIMARY KEY CHECK (length(visit) = 16),
    body       BLOB    NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;

-- Alarms of partners; sealed under the caseload key and wiped with it.
CREATE TABLE alarm (
    alarm BLOB PRIMARY KEY CHECK (length(alarm) = 16),
    body  BLOB NOT NULL
) STRICT;
