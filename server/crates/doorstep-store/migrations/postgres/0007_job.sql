-- Long work that somebody waits for: how far it is, as its kind writes it, and whether it is to stop (`stop`: keep what there
-- is; `discard`).
ALTER TABLE job ADD COLUMN progress TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN wish TEXT NOT NULL DEFAULT '';
