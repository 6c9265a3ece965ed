-- Every value that somebody gave for a contact field of a case, in the order of the log: the last of a field is current.
-- The value itself is the payload, sealed under the person's key. Rows are only added.
CREATE TABLE contact_edit (
    tenant_id BLOB NOT NULL,
    edit_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    field TEXT NOT NULL,
    -- Counts the changes of the case's contact fields; what came before the first is what the file said.
    version INTEGER NOT NULL,
    -- The version that whoever gave the value had seen.
    base INTEGER NOT NULL,
    payload_id BLOB NOT NULL,
    staff_id BLOB NOT NULL,
    device_id BLOB,
    visit_id BLOB,
    -- Where the address changed: what it is now, and what it was.
    address_id BLOB,
    address_before BLOB,
    -- Keyed hash of person, field and value, to tell whether two say the same; NULL once the person is erased.
    value_digest BLOB,
    made_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, edit_id),
    UNIQUE (tenant_id, case_id, version)
) STRICT;
CREATE INDEX contact_edit_by_person ON contact_edit (tenant_id, person_id);

-- A conflict of contact fields may concern no visit, and every conflict is settled by somebody.
CREATE TABLE conflict_with_case (
    tenant_id BLOB NOT NULL,
    conflict_id BLOB NOT NULL,
    visit_id BLOB,
    field TEXT NOT NULL,
    left_event BLOB NOT NULL,
    right_event BLOB NOT NULL,
    state TEXT NOT NULL,
    found_at INTEGER NOT NULL,
    -- NULL in rows from before; then the visit's.
    case_id BLOB,
    settled_at INTEGER,
    settled_by BLOB,
    taken TEXT,
    -- What was said when it was settled: the device's event, or the note of the office.
    settled_event BLOB,
    PRIMARY KEY (tenant_id, conflict_id)
) STRICT;
INSERT INTO conflict_with_case (tenant_id, conflict_id, visit_id, field, left_event, right_event, state, found_at)
    SELECT tenant_id, conflict_id, visit_id, field, left_event, right_event, state, found_at FROM conflict;
DROP TABLE conflict;
ALTER TABLE conflict_with_case RENAME TO conflict;
CREATE INDEX conflict_by_case ON conflict (tenant_id, case_id);
