-- A log that goes on as a new one keeps its rows where they are: each generation has its own number in them. `log` has the
-- present generation, `log_ended` those before it, with their last note, cosigned where a quorum had cosigned it.
CREATE TABLE log_ended (
    tenant_id BLOB NOT NULL,
    name TEXT NOT NULL,
    generation INTEGER NOT NULL,
    origin TEXT NOT NULL,
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (tenant_id, name, generation)
) STRICT;
INSERT INTO log_ended (tenant_id, name, generation, origin, size, root, note)
SELECT tenant_id, substr(name, 1, instr(name, '.') - 1), CAST(substr(name, instr(name, '.') + 1) AS INTEGER), origin, size, root,
       CASE WHEN note_size > 0 AND cosigned_size = note_size THEN cosigned_note ELSE note END
FROM log WHERE name LIKE '%.%';
DELETE FROM log WHERE name LIKE '%.%';
ALTER TABLE log RENAME COLUMN epoch TO generation;

ALTER TABLE log_leaf RENAME TO leaf_before;
CREATE TABLE log_leaf (
    tenant_id BLOB NOT NULL,
    name TEXT NOT NULL,
    generation INTEGER NOT NULL,
    position INTEGER NOT NULL,
    leaf BLOB NOT NULL,
    PRIMARY KEY (tenant_id, name, generation, position)
) STRICT;
INSERT INTO log_leaf (tenant_id, name, generation, position, leaf)
SELECT b.tenant_id, CASE WHEN b.name LIKE '%.%' THEN substr(b.name, 1, instr(b.name, '.') - 1) ELSE b.name END,
       COALESCE(g.generation, CAST(substr(b.name, instr(b.name, '.') + 1) AS INTEGER)), b.position, b.leaf
FROM leaf_before b LEFT JOIN log g ON g.tenant_id = b.tenant_id AND g.name = b.name;
DROP TABLE leaf_before;

ALTER TABLE log_tile RENAME TO tile_before;
CREATE TABLE log_tile (
    tenant_id BLOB NOT NULL,
    name TEXT NOT NULL,
    generation INTEGER NOT NULL,
    level INTEGER NOT NULL,
    position INTEGER NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (tenant_id, name, generation, level, position)
) STRICT;
INSERT INTO log_tile (tenant_id, name, generation, level, position, hashes)
SELECT b.tenant_id, CASE WHEN b.name LIKE '%.%' THEN substr(b.name, 1, instr(b.name, '.') - 1) ELSE b.name END,
       COALESCE(g.generation, CAST(substr(b.name, instr(b.name, '.') + 1) AS INTEGER)), b.level, b.position, b.hashes
FROM tile_before b LEFT JOIN log g ON g.tenant_id = b.tenant_id AND g.name = b.name;
DROP TABLE tile_before;

ALTER TABLE log_stamp RENAME TO stamp_before;
CREATE TABLE log_stamp (
    tenant_id BLOB NOT NULL,
    name TEXT NOT NULL,
    generation INTEGER NOT NULL,
    size INTEGER NOT NULL,
    note TEXT NOT NULL,
    response BLOB NOT NULL,
    stamped_at INTEGER NOT NULL,
    taken_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, name, generation, size)
) STRICT;
INSERT INTO log_stamp (tenant_id, name, generation, size, note, response, stamped_at, taken_at)
SELECT b.tenant_id, CASE WHEN b.name LIKE '%.%' THEN substr(b.name, 1, instr(b.name, '.') - 1) ELSE b.name END,
       COALESCE(g.generation, CAST(substr(b.name, instr(b.name, '.') + 1) AS INTEGER)), b.size, b.note, b.response,
       b.stamped_at, b.taken_at
FROM stamp_before b LEFT JOIN log g ON g.tenant_id = b.tenant_id AND g.name = b.name;
DROP TABLE stamp_before;

DELETE FROM log_witness WHERE name LIKE '%.%';
