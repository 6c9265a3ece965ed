-- Which device was ever given which door: it may report on that visit whatever the roster says later, and until it was
-- heard from the visit may have been made. Rows are only added.
CREATE TABLE door_given (
    tenant_id BLOB NOT NULL,
    visit_id BLOB NOT NULL,
    device_id BLOB NOT NULL,
    given_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, visit_id, device_id)
) STRICT;

-- When the device last said that nothing waits in its outbox.
ALTER TABLE device ADD COLUMN settled_at INTEGER NOT NULL DEFAULT 0;
-- When the last event of its chain happened, by the server's time: what follows happened later.
ALTER TABLE device ADD COLUMN head_at INTEGER NOT NULL DEFAULT 0;
