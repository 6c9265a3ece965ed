-- What a portfolio decides for itself: one document for each version; the newest holds.
CREATE TABLE strategy (
    tenant_id UUID NOT NULL,
    portfolio_id UUID NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    body TEXT NOT NULL,
    digest TEXT NOT NULL,
    set_by UUID NOT NULL,
    set_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, portfolio_id, version),
    FOREIGN KEY (tenant_id, portfolio_id) REFERENCES portfolio (tenant_id, portfolio_id)
);
