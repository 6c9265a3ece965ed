-- Conflicts of this crew's visits that nobody has settled; sealed under the caseload key. They go with the doors.
CREATE TABLE conflict (
    id    BLOB PRIMARY KEY CHECK (length(id) = 16),
    visit BLOB NOT NULL CHECK (length(visit) = 16),
    body  BLOB NOT NULL,
    -- What was chosen on this device; the server has the last word.
    taken TEXT CHECK (taken IN ('left', 'right'))
) STRICT;
