-- Every value that somebody gave for a contact field of a case, in the order of the log: the last of a field is current.
-- The value itself is the payload, sealed under the person's key. Rows are only added.
CREATE TABLE contact_edit (
    tenant_id UUID NOT NULL,
    edit_id UUID NOT NULL,
    case_id UUID NOT NULL,
    person_id UUID NOT NULL,
    field TEXT NOT NULL,
    -- Counts the changes of the case's contact fields; what came before the first is what the file said.
    version BIGINT NOT NULL,
    -- The version that whoever gave the value had seen.
    base BIGINT NOT NULL,
    payload_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    device_id UUID,
    visit_id UUID,
    -- Where the address changed: what it is now, and what it was.
    address_id UUID,
    address_before UUID,
    -- Keyed hash of person, field and value, to tell whether two say the same; NULL once the person is erased.
    value_digest UUID,
    made_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, edit_id),
    UNIQUE (tenant_id, case_id, version)
);
CREATE INDEX contact_edit_by_person ON contact_edit (tenant_id, person_id);

-- A conflict of contact fields may concern no visit, and every conflict is settled by somebody.
ALTER TABLE conflict ALTER COLUMN visit_id DROP NOT NULL;
-- NULL in rows from before; then the visit's.
ALTER TABLE conflict ADD COLUMN case_id UUID;
ALTER TABLE conflict ADD COLUMN settled_at BIGINT;
ALTER TABLE conflict ADD COLUMN settled_by UUID;
ALTER TABLE conflict ADD COLUMN taken TEXT;
-- What was said when it was settled: the device's event, or the note of the office.
ALTER TABLE conflict ADD COLUMN settled_event UUID;
CREATE INDEX conflict_by_case ON conflict (tenant_id, case_id);
