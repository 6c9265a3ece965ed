-- What narrows contacts with a person: who said it, when, and what took it off again. Rows are never removed. The flags of
-- `cases` follow from them and from the lender's file; what was said is a payload, sealed under the person's key.
CREATE TABLE restriction (
    tenant_id UUID NOT NULL,
    restriction_id UUID NOT NULL,
    case_id UUID NOT NULL,
    person_id UUID NOT NULL,
    kind TEXT NOT NULL,
    -- Of a ban: codes separated by commas, and hours as stated times; empty means every one.
    channels TEXT NOT NULL,
    places TEXT NOT NULL,
    hours TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT,
    source TEXT NOT NULL,
    -- Who noted it; NULL where nobody of the staff did.
    staff_id UUID,
    visit_id UUID,
    -- The device's event, or the payload with what was said.
    event_id UUID,
    made_at BIGINT NOT NULL,
    lifted_at BIGINT,
    lifted_by UUID,
    lift_reason TEXT,
    lift_note_id UUID,
    approval_id UUID,
    PRIMARY KEY (tenant_id, restriction_id)
);
CREATE INDEX restriction_by_person ON restriction (tenant_id, person_id);
-- What a person agreed to, a court ordered or two of the office approved. It lifts rules of its scope, or the one it names.
CREATE TABLE consent (
    tenant_id UUID NOT NULL,
    consent_id UUID NOT NULL,
    case_id UUID NOT NULL,
    person_id UUID NOT NULL,
    -- The address it is about; NULL for all of the person's.
    address_id UUID,
    scope TEXT NOT NULL,
    rule TEXT,
    given TEXT NOT NULL,
    state TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT,
    source TEXT NOT NULL,
    staff_id UUID,
    event_id UUID,
    made_at BIGINT NOT NULL,
    withdrawn_at BIGINT,
    withdrawn_source TEXT,
    withdrawn_by UUID,
    PRIMARY KEY (tenant_id, consent_id)
);
CREATE INDEX consent_by_person ON consent (tenant_id, person_id);
-- The rule for which a planned visit was withdrawn.
ALTER TABLE visit ADD COLUMN withdrawn TEXT;
