-- Addresses are several to a person, each with where it came from and when it was confirmed last. The text of one that stands
-- in no file is sealed among the payloads. Without a day of its own an address is as old as its id says.
ALTER TABLE address ADD COLUMN text_id UUID;
ALTER TABLE address ADD COLUMN verified_at BIGINT;
ALTER TABLE address ADD COLUMN verified_how TEXT;
ALTER TABLE address ADD COLUMN retired_at BIGINT;
