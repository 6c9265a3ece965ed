-- When it was last recorded of a kind of suspect note that another came and found no place.
CREATE TABLE suspect_more (
    code    TEXT    PRIMARY KEY,
    told_at INTEGER NOT NULL
) STRICT;
