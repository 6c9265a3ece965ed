-- Rule packs that the server has beside those in every program. They name no person, and the permit names their digest.
CREATE TABLE rule_pack (
    pack BLOB PRIMARY KEY CHECK (length(pack) = 16),
    body TEXT NOT NULL
) STRICT;
-- A program of before left them out: the next pull brings everything anew.
UPDATE sync_state SET cursor = NULL;
