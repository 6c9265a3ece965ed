-- The device's own database. Instants are microseconds UTC, ids are 16 bytes, hashes 32 bytes.

-- Who this device is. One row, written once, after the server has enrolled it.
CREATE TABLE identity (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    server_url TEXT    NOT NULL,
    tenant     BLOB    NOT NULL CHECK (length(tenant) = 16),
    device     BLOB    NOT NULL CHECK (length(device) = 16),
    kid        TEXT    NOT NULL,
    seed       BLOB    NOT NULL CHECK (length(seed) = 32),
    token      TEXT    NOT NULL,
    app        TEXT    NOT NULL,
    permit_key TEXT    NOT NULL,
    log_key    TEXT    NOT NULL,
    me         TEXT    NOT NULL
) STRICT;

-- Where the talk with the server stands. One row.
CREATE TABLE sync_state (
    one             INTEGER PRIMARY KEY CHECK (one = 1),
    revoked         INTEGER NOT NULL DEFAULT 0 CHECK (revoked IN (0, 1)),
    cursor          TEXT,
    lease_until     INTEGER NOT NULL DEFAULT 0,
    max_events      INTEGER NOT NULL,
    max_bytes       INTEGER NOT NULL,
    next_poll_s     INTEGER NOT NULL,
    checkpoint      TEXT,
    acknowledgement TEXT,
    upto_dseq       INTEGER NOT NULL DEFAULT 0,
    acknowledged_ms INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What the lease lets this device hold; emptied when it ends.
CREATE TABLE door (
    visit    BLOB    PRIMARY KEY CHECK (length(visit) = 16),
    position INTEGER NOT NULL,
    starts   INTEGER NOT NULL,
    body     TEXT    NOT NULL
) STRICT;

CREATE TABLE permit (
    permit   BLOB    PRIMARY KEY CHECK (length(permit) = 16),
    as_of_ms INTEGER NOT NULL,
    note     TEXT    NOT NULL
) STRICT;

-- Visits begun or left out on this device. Holds what closing one needs, so that it can be closed when the office has
-- taken the door away in the meantime. No names.
CREATE TABLE visit (
    visit          BLOB    PRIMARY KEY CHECK (length(visit) = 16),
    state          TEXT    NOT NULL CHECK (state IN ('started', 'finished', 'skipped')),
    visit_alias    BLOB    NOT NULL CHECK (length(visit_alias) = 16),
    subject_alias  BLOB    NOT NULL CHECK (length(subject_alias) = 16),
    zone           TEXT    NOT NULL,
    rules          TEXT,
    required       TEXT    NOT NULL,
    identity_shown INTEGER NOT NULL CHECK (identity_shown IN (0, 1)),
    changed_at     INTEGER NOT NULL
) STRICT;

-- The device's chain of signed events, and what became of each.
CREATE TABLE event (
    dseq     INTEGER PRIMARY KEY CHECK (dseq > 0),
    eid      BLOB    NOT NULL UNIQUE CHECK (length(eid) = 16),
    kind     TEXT    NOT NULL,
    visit    BLOB    CHECK (visit IS NULL OR length(visit) = 16),
    hdr      BLOB    NOT NULL,
    hdr_hash BLOB    NOT NULL CHECK (length(hdr_hash) = 32),
    sig      BLOB    NOT NULL CHECK (length(sig) = 64),
    salt     BLOB    CHECK (salt IS NULL OR length(salt) = 32),
    payload  TEXT,
    state    TEXT    NOT NULL CHECK (state IN ('waiting', 'sent', 'held', 'quarantined', 'acknowledged')),
    code     TEXT,
    flags    TEXT    NOT NULL DEFAULT '',
    made_at  INTEGER NOT NULL,
    CHECK ((salt IS NULL) = (payload IS NULL))
) STRICT;

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

-- Captures whose bytes lie beside the database, under their hash.
CREATE TABLE evidence (
    hash  BLOB    NOT NULL CHECK (length(hash) = 32),
    eid   BLOB    NOT NULL CHECK (length(eid) = 16),
    visit BLOB    NOT NULL CHECK (length(visit) = 16),
    bytes INTEGER NOT NULL,
    PRIMARY KEY (eid, hash)
) STRICT;

-- Signed notes of the server that do not hold, each beside the one that it contradicts.
CREATE TABLE suspect_note (
    hash     BLOB    PRIMARY KEY CHECK (length(hash) = 32),
    noun     TEXT    NOT NULL CHECK (noun IN ('checkpoint', 'permit', 'acknowledgement')),
    reason   TEXT    NOT NULL,
    note     TEXT    NOT NULL,
    known    TEXT,
    seen_at  INTEGER NOT NULL
) STRICT;
