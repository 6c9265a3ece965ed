-- An alarm need not be about a visit: a call for help is about whoever calls. It says whose crew, member of staff and
-- device it is about, what people did about it, and until when an overdue check-out may stay quiet.
CREATE TABLE alarm_new (
    tenant_id BLOB NOT NULL,
    alarm_id BLOB NOT NULL,
    visit_id BLOB,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    raised_at INTEGER NOT NULL,
    crew_id BLOB,
    staff_id BLOB,
    device_id BLOB,
    quiet_until INTEGER,
    acknowledged_by BLOB,
    acknowledged_at INTEGER,
    ended_by BLOB,
    ended_at INTEGER,
    -- Why it ended: the crew's departure, made in time or late, or a person's word.
    ended_why TEXT,
    -- The newest note, sealed among the payloads under the key of whoever wrote it.
    note_id BLOB,
    PRIMARY KEY (tenant_id, alarm_id)
) STRICT;
INSERT INTO alarm_new (tenant_id, alarm_id, visit_id, kind, state, raised_at, crew_id)
    SELECT a.tenant_id, a.alarm_id, a.visit_id, a.kind, a.state, a.raised_at,
        (SELECT v.crew_id FROM visit v WHERE v.tenant_id = a.tenant_id AND v.visit_id = a.visit_id) FROM alarm a;
DROP TABLE alarm;
ALTER TABLE alarm_new RENAME TO alarm;
-- What is noticed about a visit is noticed once; whoever calls for help again is heard again.
CREATE UNIQUE INDEX alarm_once ON alarm (tenant_id, visit_id, kind) WHERE kind <> 'sos';
CREATE INDEX alarm_by_state ON alarm (tenant_id, state, raised_at);

-- Where a device was when it last told, sealed under the key of its owner: one place, no track. Not in backups.
CREATE TABLE device_place (
    tenant_id BLOB NOT NULL,
    device_id BLOB NOT NULL,
    staff_id BLOB NOT NULL,
    visit_id BLOB,
    at INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (tenant_id, device_id)
) STRICT;

-- What a supervisor decided about a visit with remarks. Rows are only added; the newest counts.
CREATE TABLE review (
    tenant_id BLOB NOT NULL,
    review_id BLOB NOT NULL,
    visit_id BLOB NOT NULL,
    staff_id BLOB NOT NULL,
    decision TEXT NOT NULL,
    note_id BLOB,
    decided_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, review_id)
) STRICT;
CREATE INDEX review_by_visit ON review (tenant_id, visit_id, decided_at);

-- The supervisor's day: what came in, and which visits there are.
CREATE INDEX event_by_time ON event (tenant_id, received_at);
CREATE INDEX visit_by_day ON visit (tenant_id, day);
-- What is held in memory of a scope is let go when somebody was erased: that is asked with every search.
CREATE INDEX person_erased ON person (tenant_id) WHERE erased_at IS NOT NULL;
