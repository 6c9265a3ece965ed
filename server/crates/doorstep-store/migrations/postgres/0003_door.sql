-- Which device was ever given which door: it may report on that visit whatever the roster says later, and until it was
-- heard from the visit may have been made. Rows are only added.
CREATE TABLE door_given (
    tenant_id UUID NOT NULL,
    visit_id UUID NOT NULL,
    device_id UUID NOT NULL,
    given_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, visit_id, device_id)
);

-- When the device last said that nothing waits in its outbox.
ALTER TABLE device ADD COLUMN settled_at BIGINT NOT NULL DEFAULT 0;
-- When the last event of its chain happened, by the server's time: what follows happened later.
ALTER TABLE device ADD COLUMN head_at BIGINT NOT NULL DEFAULT 0;
