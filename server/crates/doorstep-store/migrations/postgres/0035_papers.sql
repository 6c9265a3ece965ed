-- Letters to persons; what a letter says is a sealed payload.
CREATE TABLE letter (
    tenant_id UUID NOT NULL,
    letter_id UUID NOT NULL,
    case_id UUID NOT NULL,
    person_id UUID NOT NULL,
    kind TEXT NOT NULL,
    language TEXT NOT NULL,
    state TEXT NOT NULL,
    payload_id UUID NOT NULL,
    amount_as_of BIGINT,
    fresh_until BIGINT,
    made_by UUID NOT NULL,
    made_at BIGINT NOT NULL,
    handed_over_at BIGINT,
    contact_id UUID,
    delivered_at BIGINT,
    returned_at BIGINT,
    withdrawn_at BIGINT,
    PRIMARY KEY (tenant_id, letter_id)
);
CREATE INDEX letter_by_case ON letter (tenant_id, case_id);
CREATE INDEX letter_waiting ON letter (tenant_id, made_at) WHERE state = 'made';
-- Leaflets that were handed over.
CREATE TABLE leaflet_given (
    tenant_id UUID NOT NULL,
    given_id UUID NOT NULL,
    case_id UUID NOT NULL,
    person_id UUID NOT NULL,
    visit_id UUID,
    leaflet TEXT NOT NULL,
    version TEXT NOT NULL,
    language TEXT NOT NULL,
    place TEXT NOT NULL,
    staff_id UUID NOT NULL,
    given_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, given_id)
);
CREATE INDEX leaflet_given_by_case ON leaflet_given (tenant_id, case_id);
-- Runs of staff through training scenarios; answers are the numbers of the choices, separated by commas.
CREATE TABLE training_run (
    tenant_id UUID NOT NULL,
    run_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    scenario TEXT NOT NULL,
    version TEXT NOT NULL,
    answers TEXT NOT NULL,
    state TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (tenant_id, run_id)
);
CREATE INDEX training_run_by_staff ON training_run (tenant_id, staff_id);
-- The talk that is due with each of a crew after an incident.
CREATE TABLE debrief (
    tenant_id UUID NOT NULL,
    debrief_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    cause TEXT NOT NULL,
    source_id UUID NOT NULL,
    opened_at BIGINT NOT NULL,
    due_day BIGINT NOT NULL,
    done_at BIGINT,
    done_by UUID,
    PRIMARY KEY (tenant_id, debrief_id),
    UNIQUE (tenant_id, source_id, staff_id)
);
