-- Since when a case has a status and a stage, counted from 1 within the case: what a report of a past span goes by. Only added to.
CREATE TABLE case_stage (
    tenant_id UUID NOT NULL,
    case_id UUID NOT NULL,
    n BIGINT NOT NULL CHECK (n > 0),
    at BIGINT NOT NULL,
    status TEXT NOT NULL,
    stage TEXT NOT NULL,
    PRIMARY KEY (tenant_id, case_id, n)
);
