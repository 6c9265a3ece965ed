-- What was heard at a visit that stops further ones to the same person, as a code; NULL where nothing does.
ALTER TABLE visit ADD COLUMN stops TEXT;
