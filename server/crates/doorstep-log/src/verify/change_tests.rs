//! Every change of an export is found: each byte of each file, files added, taken away, exchanged, shortened, extended.

use super::*;
use crate::every_change_tests::accuses_nobody;
use crate::export::{KEYS_PATH, MANIFEST_PATH};
use crate::note;

/// Small, but with every kind of file.
fn sample() -> Folder {
    let folder = write(&material(1), &LOG_SEED);
    for part in [
        "MANIFEST",
        "keys/",
        "/checkpoint",
        "/tile/0/",
        "/tile/entries/",
        "payloads/",
        "openings",
    ] {
        assert!(folder.keys().any(|path| path.contains(part)), "{part}");
    }
    folder
}

/// Whether a change of `path` is found and put down to it.
fn is_named(folder: &Folder, path: &str) -> bool {
    let report = verify(folder);
    let named = |finding: &Finding| finding.severity == Severity::Error && finding.file.as_deref() == Some(path);
    !report.ok && report.findings.iter().any(named) && accuses_nobody(&report, path)
}

/// Writes the manifest anew over the files as they are, with the log's key: what an operator can do.
pub(in crate::verify) fn sign_again(folder: &mut Folder) {
    let old = Manifest::parse(note::text_unverified(&folder[MANIFEST_PATH]).unwrap()).unwrap();
    let listed = |(path, bytes): (&String, &Vec<u8>)| {
        let file = crate::export::ManifestFile {
            hash: sha256(bytes),
            size: bytes.len() as u64,
        };
        (path.clone(), file)
    };
    let files = folder
        .iter()
        .filter(|(path, _)| *path != MANIFEST_PATH)
        .map(listed)
        .collect();
    let key = SigningKey::from_seed("d/t", &LOG_SEED).unwrap();
    let signed = note::sign(&Manifest { files, ..old }.body(), &[&key]).unwrap();
    folder.insert(MANIFEST_PATH.to_owned(), signed);
}

#[test]
fn every_bit_of_every_file_counts() {
    let folder = sample();
    let mut changed = folder.clone();
    for (path, bytes) in &folder {
        for place in 0..bytes.len() {
            // All eight bits where text has several forms: the case of hex and base64, padding, white space.
            let bits = if path == MANIFEST_PATH || path.ends_with("checkpoint") || path == KEYS_PATH {
                0..8
            } else {
                place as u32 % 8..place as u32 % 8 + 1
            };
            for bit in bits {
                changed.get_mut(path).unwrap()[place] ^= 1 << bit;
                assert!(is_named(&changed, path), "bit {bit} of byte {place} of {path}");
                changed.get_mut(path).unwrap()[place] ^= 1 << bit;
            }
        }
    }
}

#[test]
fn every_other_byte_in_signed_text_is_refused() {
    let folder = sample();
    for path in [MANIFEST_PATH, "events/checkpoint"] {
        let original = &folder[path];
        let name = if path == MANIFEST_PATH { "d/t" } else { "d/t/events" };
        let keys = [SigningKey::from_seed(name, &LOG_SEED).unwrap().verifier()];
        let signature = original.len() - 80;
        for place in 0..original.len() {
            // In the text any change costs a signature, so a few stand for all; in the last line all are tried.
            let step = if place < signature { 51 } else { 1 };
            for difference in (1..=255_u8).step_by(step) {
                let mut changed = original.clone();
                changed[place] ^= difference;
                assert!(
                    note::open(&changed, &keys).is_err(),
                    "byte {place} of {path} by {difference}"
                );
            }
        }
    }
}

#[test]
fn a_change_under_a_new_manifest_is_found_by_what_the_leaves_prove() {
    let folder = sample();
    for (path, bytes) in folder
        .iter()
        .filter(|(path, _)| path.starts_with("events/") || path.starts_with("access/"))
    {
        for place in 0..bytes.len() {
            let mut changed = folder.clone();
            changed.get_mut(path).unwrap()[place] ^= 1 << (place % 8);
            sign_again(&mut changed);
            let report = verify(&changed);
            let accused = report.findings.iter().all(|found| found.follows_from.is_none());
            assert!(!report.ok && accused, "byte {place} of {path}");
        }
    }
}

#[test]
fn files_that_are_shortened_extended_missing_doubled_or_exchanged_are_named() {
    let folder = sample();
    for (path, bytes) in &folder {
        let mut changed = folder.clone();
        for length in (0..bytes.len()).step_by(7).chain([bytes.len() - 1]) {
            changed.insert(path.clone(), bytes[..length].to_vec());
            assert!(is_named(&changed, path), "{path} cut to {length}");
        }
        for more in ["\n", "\0", " ", "=", "0"] {
            changed.insert(path.clone(), [bytes, more.as_bytes()].concat());
            assert!(is_named(&changed, path), "{path} with {more:?} after it");
        }
        changed.insert(path.clone(), [bytes.as_slice(), bytes].concat());
        assert!(is_named(&changed, path), "{path} twice in one");
        changed.remove(path);
        assert!(is_named(&changed, path), "{path} missing");
        let mut changed = folder.clone();
        for other in [
            format!("{path}~"),
            format!("copy/{path}"),
            path.to_uppercase() + ".",
            format!("{path}/x"),
        ] {
            changed.insert(other.clone(), bytes.clone());
            assert!(is_named(&changed, &other), "{path} also as {other}");
            changed.remove(&other);
        }
        for (other, others_bytes) in folder.iter().filter(|(other, _)| *other > path) {
            let mut changed = folder.clone();
            changed.insert(path.clone(), others_bytes.clone());
            changed.insert(other.clone(), bytes.clone());
            // Without a manifest nothing else can be judged.
            let both = path == MANIFEST_PATH || is_named(&changed, other);
            assert!(is_named(&changed, path) && both, "{path} and {other} exchanged");
        }
    }
    let mut changed = folder;
    changed.insert("payloads/extra".to_owned(), Vec::new());
    assert_eq!(errors(&verify(&changed)), [FindingCode::FileUnlisted]);
    assert_eq!(errors(&verify(&Folder::new())), [FindingCode::ManifestMissing]);
}

#[test]
fn other_spellings_of_the_same_values_are_refused_even_when_signed() {
    let folder = sample();
    let text = note::text_unverified(&folder[MANIFEST_PATH]).unwrap();
    let key = SigningKey::from_seed("d/t", &LOG_SEED).unwrap();
    let line = text.lines().nth(3).unwrap();
    let (hash, rest) = line.split_at(64);
    let spellings = [
        text.replace(hash, &hash.to_uppercase()),
        text.replace(rest, &rest.replacen(' ', " 0", 1)),
        text.replace(rest, &rest.replacen(' ', " +", 1)),
        text.replace(rest, &rest.replacen(' ', "  ", 1)),
        text.replace(line, &format!("{line}\n{line}")),
        text.replace("\n5\n", "\n05\n"),
        format!("{text}\n"),
    ];
    for spelling in spellings {
        assert_ne!(spelling, text);
        let mut changed = folder.clone();
        changed.insert(MANIFEST_PATH.to_owned(), note::sign(&spelling, &[&key]).unwrap());
        assert_eq!(
            errors(&verify(&changed)),
            [FindingCode::ManifestMalformed],
            "{spelling}"
        );
    }
}

#[test]
fn padding_bits_of_base64_are_no_hiding_place() {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let folder = sample();
    for path in [MANIFEST_PATH, "events/checkpoint", "access/checkpoint"] {
        let bytes = &folder[path];
        let padding = bytes.iter().rposition(|byte| *byte == b'=').unwrap();
        let last = bytes[..padding].iter().rposition(|byte| *byte != b'=').unwrap();
        for digit in DIGITS.bytes().filter(|digit| *digit != bytes[last]) {
            let mut changed = folder.clone();
            changed.get_mut(path).unwrap()[last] = digit;
            assert!(is_named(&changed, path), "{path} with {}", char::from(digit));
        }
    }
}
