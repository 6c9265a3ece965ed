-- Who looked at the owner, as the server told it last; sealed under the caseload key and wiped with it.
CREATE TABLE own_read (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    fetched_at INTEGER NOT NULL,
    body       BLOB    NOT NULL
) STRICT;

-- The last opening and closing of the day are asked for with every look at the route.
CREATE INDEX event_kind ON event (kind, dseq);
