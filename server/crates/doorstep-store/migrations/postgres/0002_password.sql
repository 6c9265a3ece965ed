-- A password that somebody else set is changed at its first use.
ALTER TABLE staff ADD COLUMN password_first BIGINT NOT NULL DEFAULT 0 CHECK (password_first IN (0, 1));

-- Who set whose password, where it was not its owner: for a while the two count as one person where an approval asks for
-- two. Rows are only added.
CREATE TABLE password_set (
    tenant_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    set_by UUID NOT NULL,
    set_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, staff_id, set_by, set_at)
);
