-- Over all of a consent: it lifts rules, so nobody but this program may write one.
ALTER TABLE consent ADD COLUMN mac BLOB NOT NULL DEFAULT X'';
-- Over whose case it is and when it ended; empty while it has not. A purge trusts nothing else.
ALTER TABLE cases ADD COLUMN ended_mac BLOB NOT NULL DEFAULT X'';

-- Who was at a visit, as its events say: whose device reported, and whom it named.
CREATE TABLE visit_staff (
    tenant_id BLOB NOT NULL,
    visit_id BLOB NOT NULL,
    staff_id BLOB NOT NULL,
    PRIMARY KEY (tenant_id, visit_id, staff_id)
) STRICT;
