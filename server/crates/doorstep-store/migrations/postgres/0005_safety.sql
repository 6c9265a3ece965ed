-- An alarm need not be about a visit: a call for help is about whoever calls. It says whose crew, member of staff and
-- device it is about, what people did about it, and until when an overdue check-out may stay quiet.
ALTER TABLE alarm DROP CONSTRAINT alarm_tenant_id_visit_id_kind_key;
ALTER TABLE alarm ALTER COLUMN visit_id DROP NOT NULL;
ALTER TABLE alarm ADD COLUMN crew_id UUID;
ALTER TABLE alarm ADD COLUMN staff_id UUID;
ALTER TABLE alarm ADD COLUMN device_id UUID;
ALTER TABLE alarm ADD COLUMN quiet_until BIGINT;
ALTER TABLE alarm ADD COLUMN acknowledged_by UUID;
ALTER TABLE alarm ADD COLUMN acknowledged_at BIGINT;
ALTER TABLE alarm ADD COLUMN ended_by UUID;
ALTER TABLE alarm ADD COLUMN ended_at BIGINT;
-- Why it ended: the crew's departure, made in time or late, or a person's word.
ALTER TABLE alarm ADD COLUMN ended_why TEXT;
-- The newest note, sealed among the payloads under the key of whoever wrote it.
ALTER TABLE alarm ADD COLUMN note_id UUID;
UPDATE alarm SET crew_id = (SELECT v.crew_id FROM visit v
    WHERE v.tenant_id = alarm.tenant_id AND v.visit_id = alarm.visit_id);
-- What is noticed about a visit is noticed once; whoever calls for help again is heard again.
CREATE UNIQUE INDEX alarm_once ON alarm (tenant_id, visit_id, kind) WHERE kind <> 'sos';
CREATE INDEX alarm_by_state ON alarm (tenant_id, state, raised_at);

-- Where a device was when it last told, sealed under the key of its owner: one place, no track. Not in backups.
CREATE TABLE device_place (
    tenant_id UUID NOT NULL,
    device_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    visit_id UUID,
    at BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, device_id)
);

-- What a supervisor decided about a visit with remarks. Rows are only added; the newest counts.
CREATE TABLE review (
    tenant_id UUID NOT NULL,
    review_id UUID NOT NULL,
    visit_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    decision TEXT NOT NULL,
    note_id UUID,
    decided_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, review_id)
);
CREATE INDEX review_by_visit ON review (tenant_id, visit_id, decided_at);

-- The supervisor's day: what came in, and which visits there are.
CREATE INDEX event_by_time ON event (tenant_id, received_at);
CREATE INDEX visit_by_day ON visit (tenant_id, day);
-- What is held in memory of a scope is let go when somebody was erased: that is asked with every search.
CREATE INDEX person_erased ON person (tenant_id) WHERE erased_at IS NOT NULL;
