-- What waits in one log is found without reading what waits in the others: a log that has halted keeps its entries.
CREATE INDEX log_queue_by_log ON log_queue (tenant_id, name, queue_id);
