-- When a case ended: the clock of its retention starts there. Empty while it has not.
ALTER TABLE cases ADD COLUMN ended_at BIGINT;
UPDATE cases SET ended_at = updated_at WHERE status IN ('settled', 'recalled', 'closed');

-- A legal hold: while it stands, nothing of the case's person is purged.
CREATE TABLE legal_hold (
    tenant_id UUID NOT NULL,
    hold_id UUID NOT NULL,
    case_id UUID NOT NULL,
    reason TEXT NOT NULL,
    placed_by UUID NOT NULL,
    placed_at BIGINT NOT NULL,
    -- When it ends by itself; without it somebody must lift it.
    ends_at BIGINT,
    released_by UUID,
    released_at BIGINT,
    released_why TEXT,
    PRIMARY KEY (tenant_id, hold_id)
);
CREATE INDEX legal_hold_by_case ON legal_hold (tenant_id, case_id);

-- The persons of a purge that a second person is asked about. The approval's subject is a digest of exactly these.
CREATE TABLE purge_person (
    tenant_id UUID NOT NULL,
    approval_id UUID NOT NULL,
    person_id UUID NOT NULL,
    PRIMARY KEY (tenant_id, approval_id, person_id)
);
