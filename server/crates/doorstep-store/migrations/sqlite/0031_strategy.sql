-- What a portfolio decides for itself: one document for each version; the newest holds.
CREATE TABLE strategy (
    tenant_id BLOB NOT NULL,
    portfolio_id BLOB NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    body TEXT NOT NULL,
    digest TEXT NOT NULL,
    set_by BLOB NOT NULL,
    set_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, portfolio_id, version),
    FOREIGN KEY (tenant_id, portfolio_id) REFERENCES portfolio (tenant_id, portfolio_id)
) STRICT;
