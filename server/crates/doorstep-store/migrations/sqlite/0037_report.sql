-- A report asks for what happened in a span of days, of whichever case.
CREATE INDEX visit_by_start ON visit (tenant_id, started_at) WHERE started_at IS NOT NULL;
CREATE INDEX contact_by_time ON contact (tenant_id, at);
CREATE INDEX complaint_by_time ON complaint (tenant_id, received_at);
