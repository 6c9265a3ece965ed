//! What an export of a case holds, as a paper lists it: leaves with their places, checkpoints, and every file with its hash.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use doorstep_log::export::KEYS_PATH;
use doorstep_log::hash::{Hash, leaf_hash, sha256};
use doorstep_log::leaf::Leaf;
use doorstep_log::proof::Proof;

/// An event of the case.
pub(super) struct Item {
    /// Its file.
    pub(super) path: String,
    /// Its place in the log.
    pub(super) index: u64,
    /// When the server placed or received it, in milliseconds since 1970.
    pub(super) at_ms: i64,
    /// What happened, as a code of the log.
    pub(super) kind: String,
    /// Hash of its leaf.
    pub(super) leaf: Hash,
    /// Hashes of what was captured with it, and of what it says.
    pub(super) attached: Vec<String>,
}

/// What the export holds.
pub(super) struct Evidence {
    /// The events, in the order of the log.
    pub(super) items: Vec<Item>,
    /// The signed checkpoints under which they stand, by the folder of their log.
    pub(super) checkpoints: BTreeMap<String, String>,
    /// Every file with its SHA-256.
    pub(super) files: Vec<(String, String)>,
    /// The verifying keys, as the export has them.
    pub(super) keys: String,
}

/// Reads an export from its folder.
pub(super) fn read(folder: &Path) -> io::Result<Evidence> {
    let mut paths = Vec::new();
    walk(folder, "", &mut paths)?;
    paths.sort_unstable();
    let mut evidence = Evidence {
        items: Vec::new(),
        checkpoints: BTreeMap::new(),
        files: Vec::new(),
        keys: String::new(),
    };
    for path in paths {
        let bytes = fs::read(folder.join(&path))?;
        evidence.files.push((path.clone(), sha256(&bytes).to_string()));
        if path == KEYS_PATH {
            evidence.keys = String::from_utf8_lossy(&bytes).into_owned();
        }
        evidence.take(path, &bytes);
    }
    evidence
        .items
        .sort_by_key(|item| (log_of(&item.path).to_owned(), item.index));
    Ok(evidence)
}

/// The folder of the log that a proof is of: `proofs/events`, `proofs/events-2`.
fn log_of(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(folder, _)| folder)
}

impl Evidence {
    /// Takes a proof of the log of events; reads of the file are proven as well, and stand in the folder alone.
    fn take(&mut self, path: String, bytes: &[u8]) {
        let Ok(proof) = Proof::parse(bytes) else { return };
        let Some(leaf) = &proof.extra else { return };
        let checkpoint = String::from_utf8_lossy(&proof.checkpoint).into_owned();
        self.checkpoints.insert(log_of(&path).to_owned(), checkpoint);
        if !log_of(&path).contains("events") {
            return;
        }
        let Ok(decoded) = Leaf::decode(leaf) else { return };
        let (kind, attached) = match &decoded {
            Leaf::Server(entry) => (entry.t.clone(), entry.pc.iter().map(Hash::to_string).collect()),
            Leaf::Device(event) => match event.header() {
                Ok(header) => {
                    let hashes = header.pc.iter().chain(&header.att);
                    (header.kind.clone(), hashes.map(Hash::to_string).collect())
                }
                Err(_) => (decoded.kind().to_owned(), Vec::new()),
            },
        };
        self.items.push(Item {
            path,
            index: proof.index,
            at_ms: decoded.recv_ms(),
            kind,
            leaf: leaf_hash(leaf),
            attached,
        });
    }
}

fn walk(folder: &Path, within: &str, paths: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder.join(within))? {
        let entry = entry?;
        let name = entry.file_name();
        let path = match within {
            "" => name.to_string_lossy().into_owned(),
            _ => format!("{within}/{}", name.to_string_lossy()),
        };
        if entry.file_type()?.is_dir() {
            walk(folder, &path, paths)?;
        } else {
            paths.push(path);
        }
    }
    Ok(())
}
