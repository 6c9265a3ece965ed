//! Every change of one byte, for the tests that each of them is found.
//!
//! Knows bytes and paths; what counts as found is each test's own matter.

use std::collections::BTreeMap;

use crate::export::MANIFEST_PATH;
use crate::verify::{Finding, FindingCode, Report, Severity};

/// What is wedged in between bytes, in turn: what text formats might skip, and what they might take for their own.
const WEDGES: &[u8] = b"\n 0=A\0\r\t,";

/// Whether every error is about a file of the copy, or says that it follows from one: nobody else is accused of damage. Where the
/// signed list itself is changed it vouches for nothing, so this says nothing.
pub(crate) fn accuses_nobody(report: &Report, path: &str) -> bool {
    let of_the_copy = [
        FindingCode::FileChanged,
        FindingCode::FileMissing,
        FindingCode::FileUnlisted,
    ];
    let excused = |found: &Finding| of_the_copy.contains(&found.code) || found.follows_from.is_some();
    let errors = report.findings.iter().filter(|found| found.severity == Severity::Error);
    path == MANIFEST_PATH || errors.into_iter().all(excused)
}

/// Calls `found` with every file that one change makes of `bytes`: at each place a bit turned over, a letter in its other
/// case, the byte taken out, and another put in before it; a newline after all, the last byte cut off, nothing left.
pub(crate) fn each_is_found(bytes: &[u8], what: &str, mut found: impl FnMut(&[u8]) -> bool) {
    let mut bent = bytes.to_vec();
    for place in 0..bytes.len() {
        let byte = bytes[place];
        let flipped = byte ^ (1 << (place % 8));
        let other_case = byte ^ 0x20;
        bent[place] = flipped;
        assert!(found(&bent), "{what}: bit {} of byte {place}", place % 8);
        if byte.is_ascii_alphabetic() && other_case != flipped {
            bent[place] = other_case;
            assert!(found(&bent), "{what}: other case of byte {place}");
        }
        bent[place] = byte;
        // Of equal neighbours it is the same which one goes.
        if bytes.get(place + 1) != Some(&byte) {
            bent.remove(place);
            assert!(found(&bent), "{what}: without byte {place}");
            bent.insert(place, byte);
        }
        let wedge = WEDGES[place % WEDGES.len()];
        bent.insert(place, wedge);
        assert!(found(&bent), "{what}: byte {wedge:#x} before byte {place}");
        bent.remove(place);
    }
    bent.push(b'\n');
    assert!(found(&bent), "{what}: a newline after it");
    assert!(bytes.is_empty() || found(&[]), "{what}: nothing left");
}

/// The same for every file of a folder, and for files that are missing or added. `found` is told which file differs.
pub(crate) fn each_in_folder_is_found(
    folder: &BTreeMap<String, Vec<u8>>,
    found: impl Fn(&BTreeMap<String, Vec<u8>>, &str) -> bool,
) {
    let mut changed = folder.clone();
    for (path, bytes) in folder {
        each_is_found(bytes, path, |bent| {
            changed.insert(path.clone(), bent.to_vec());
            found(&changed, path)
        });
        changed.remove(path);
        assert!(found(&changed, path), "{path} missing");
        changed.insert(path.clone(), bytes.clone());
        let beside = path.rsplit_once('/').map_or("", |(above, _)| above);
        for added in [format!("{path}~"), format!("{beside}/.hidden"), format!("{path}/x")] {
            let added = added.trim_start_matches('/').to_owned();
            changed.insert(added.clone(), Vec::new());
            assert!(found(&changed, &added), "{added} added");
            changed.remove(&added);
        }
    }
}
