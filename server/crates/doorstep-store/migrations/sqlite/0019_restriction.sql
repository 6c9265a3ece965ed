-- What narrows contacts with a person: who said it, when, and what took it off again. Rows are never removed. The flags of
-- `cases` follow from them and from the lender's file; what was said is a payload, sealed under the person's key.
CREATE TABLE restriction (
    tenant_id BLOB NOT NULL,
    restriction_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    -- Of a ban: codes separated by commas, and hours as stated times; empty means every one.
    channels TEXT NOT NULL,
    places TEXT NOT NULL,
    hours TEXT NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER,
    source TEXT NOT NULL,
    -- Who noted it; NULL where nobody of the staff did.
    staff_id BLOB,
    visit_id BLOB,
    -- The device's event, or the payload with what was said.
    event_id BLOB,
    made_at INTEGER NOT NULL,
    lifted_at INTEGER,
    lifted_by BLOB,
    lift_reason TEXT,
    lift_note_id BLOB,
    approval_id BLOB,
    PRIMARY KEY (tenant_id, restriction_id)
) STRICT;
CREATE INDEX restriction_by_person ON restriction (tenant_id, person_id);
-- What a person agreed to, a court ordered or two of the office approved. It lifts rules of its scope, or the one it names.
CREATE TABLE consent (
    tenant_id BLOB NOT NULL,
    consent_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    -- The address it is about; NULL for all of the person's.
    address_id BLOB,
    scope TEXT NOT NULL,
    rule TEXT,
    given TEXT NOT NULL,
    state TEXT NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER,
    source TEXT NOT NULL,
    staff_id BLOB,
    event_id BLOB,
    made_at INTEGER NOT NULL,
    withdrawn_at INTEGER,
    withdrawn_source TEXT,
    withdrawn_by BLOB,
    PRIMARY KEY (tenant_id, consent_id)
) STRICT;
CREATE INDEX consent_by_person ON consent (tenant_id, person_id);
-- The rule for which a planned visit was withdrawn.
ALTER TABLE visit ADD COLUMN withdrawn TEXT;
