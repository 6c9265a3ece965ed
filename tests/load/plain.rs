//! Writes the bytes of the events as plain statements of 20 rows, one transaction each: what the engine could do without
//! anything that Doorstep adds.

use std::fmt::Write as _;
use std::path::Path;

use doorstep_log::hash::hex;

use crate::signer::Push;

/// Bytes that the seal adds to a payload: salt, nonce, tag and format.
const SEAL: usize = 32 + 24 + 16 + 2;

/// Writes the statements for SQLite or PostgreSQL, in turns between the devices.
pub(crate) fn write(file: &Path, postgres: bool, load: &[Vec<Push>]) {
    let (blob, before, after) = if postgres {
        ("BYTEA", "'\\x", "'")
    } else {
        ("BLOB", "x'", "'")
    };
    let mut sql = String::new();
    if !postgres {
        sql.push_str("PRAGMA journal_mode = WAL;\nPRAGMA synchronous = FULL;\n");
    }
    let _ = writeln!(
        sql,
        "CREATE TABLE plain (id BIGINT PRIMARY KEY, hdr {blob}, hash {blob}, sig {blob}, payload {blob}, leaf {blob});"
    );
    let rounds = load.iter().map(Vec::len).max().unwrap_or(0);
    let mut id = 0;
    for round in 0..rounds {
        for push in load.iter().filter_map(|pushes| pushes.get(round)) {
            sql.push_str("INSERT INTO plain VALUES ");
            for (number, (hdr, payload)) in push.bytes.iter().enumerate() {
                // The leaf holds header and signature as base64 among some 250 bytes of its own.
                let leaf = vec![b'l'; (hdr.len() + 64) * 4 / 3 + 250];
                let sealed = vec![b's'; payload.len() + SEAL];
                let comma = if number == 0 { "" } else { "," };
                let _ = write!(sql, "{comma}({id}");
                for bytes in [hdr.as_slice(), &[b'h'; 32], &[b'g'; 64], &sealed, &leaf] {
                    let _ = write!(sql, ",{before}{}{after}", hex(bytes));
                }
                sql.push(')');
                id += 1;
            }
            sql.push_str(";\n");
        }
    }
    std::fs::write(file, sql).unwrap();
}
