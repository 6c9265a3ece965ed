//! Evidence that a device kept against its server: signed notes that contradict each other, as files for strangers.
//!
//! Layout: `EVIDENCE` lists the findings, one a line; `<number>/found` is the note that came, `<number>/known` the one
//! that it contradicts, `<number>/proof` what should have led from one to the other (base64 hashes, one a line; where the log
//! goes on under another name the first leaf of each log since, as a proof file);
//! `keys/device.vkey` are the keys that the device was given when it was enrolled. After the findings the list has the
//! SHA-256 of every other file, and last that of its own lines, so that no change stays unseen. It is not signed: whoever
//! changes files on purpose can make it anew, so what counts are the signatures of the notes. The report tells what the
//! notes prove by themselves from what only the device says.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::canonical::{self, Value};
use crate::checkpoint::Checkpoint;
use crate::export::{Continuation, ExportReader};
use crate::hash::{Hash, sha256};
use crate::note::{self, VerifierKey};
use crate::proof;
use crate::tree::verify_consistency;
use crate::verify::{Detail, DetailName};

/// Path of the list; a folder that has it is evidence and no export.
pub const EVIDENCE_PATH: &str = "EVIDENCE";
/// Path of the keys that the device was given.
pub const EVIDENCE_KEYS_PATH: &str = "keys/device.vkey";

const HEADING: &str = "doorstep/evidence/v1";
/// No note or list is larger.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// The nouns of notes that contradict another.
const CHECKPOINT: &str = "checkpoint";
const ACKNOWLEDGEMENT: &str = "acknowledgement";
/// No device keeps more.
const ITEMS_MAX: usize = 1_000;

/// A note that a device refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceItem {
    /// `checkpoint`, `acknowledgement` or `permit`.
    pub noun: String,
    /// What the device found wrong, as a code.
    pub code: String,
    /// When, by the device's clock, in milliseconds.
    pub seen_ms: i64,
    /// The note.
    pub found: Vec<u8>,
    /// The note that it contradicts.
    pub known: Option<Vec<u8>>,
    /// What came as proof: base64 hashes, one a line, or proof files.
    pub proof: Option<Vec<u8>>,
}

/// What a finding is worth to somebody who trusts neither side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceVerdict {
    /// The two signed notes contradict each other: whoever holds the key signed both.
    Proven,
    /// Both notes are signed; that they cannot both stand is the device's word until the operator answers.
    Claimed,
    /// The log itself says, signed, that it was closed and goes on as another: leaves that had been signed may be lost.
    Continued,
    /// The notes agree: nothing is wrong.
    Consistent,
    /// The key did not sign what is there.
    NotSigned,
    /// A file is missing or cannot be read.
    Unreadable,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EvidenceFinding {
    /// Its number in the list.
    pub number: u64,
    /// `checkpoint`, `acknowledgement` or `permit`.
    pub noun: String,
    /// What the device found wrong.
    pub code: String,
    /// When, by the device's clock.
    pub seen_ms: i64,
    /// What it is worth.
    pub verdict: EvidenceVerdict,
    /// What it means and what to do, in English.
    pub message: String,
    /// The numbers and names in that, for any language.
    pub details: Vec<Detail>,
}

/// What two notes show.
struct Judged {
    verdict: EvidenceVerdict,
    message: String,
    details: Vec<Detail>,
}

impl Judged {
    fn new(verdict: EvidenceVerdict, message: impl Into<String>) -> Self {
        Self {
            verdict,
            message: message.into(),
            details: Vec::new(),
        }
    }

    fn with(mut self, name: DetailName, value: impl ToString) -> Self {
        self.details.push(Detail::new(name, value));
        self
    }
}

/// What the files show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EvidenceReport {
    /// Whether the files are those of the list, and nothing in them stands against the server.
    pub ok: bool,
    /// The device.
    pub device: Option<String>,
    /// Whether the keys came with the files and must be compared with those that the operator published.
    pub key_from_files: bool,
    /// Files that are not as the device wrote them: changed, missing, or added; the list itself where it is changed.
    pub altered: BTreeSet<String>,
    /// The findings in their order.
    pub findings: Vec<EvidenceFinding>,
}

/// The files of a device's evidence, by path.
pub fn evidence_files(device: &str, keys: &[VerifierKey], items: &[EvidenceItem]) -> BTreeMap<String, Vec<u8>> {
    let mut list = vec![HEADING.to_owned(), format!("device {device}")];
    let mut files = BTreeMap::new();
    for (place, item) in items.iter().enumerate() {
        let number = place + 1;
        let EvidenceItem { noun, code, .. } = item;
        let code = if code.is_empty() { "-" } else { code };
        list.push(format!("{number} {noun} {code} {}", item.seen_ms));
        files.insert(format!("{number}/found"), item.found.clone());
        for (name, bytes) in [("known", &item.known), ("proof", &item.proof)] {
            if let Some(bytes) = bytes {
                files.insert(format!("{number}/{name}"), bytes.clone());
            }
        }
    }
    let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
    files.insert(EVIDENCE_KEYS_PATH.to_owned(), (keys.join("\n") + "\n").into_bytes());
    list.extend(files.iter().map(|(path, bytes)| format!("{} {path}", sha256(bytes))));
    let list = list.join("\n") + "\n";
    let list = format!("{list}{}\n", sha256(list.as_bytes()));
    files.insert(EVIDENCE_PATH.to_owned(), list.into_bytes());
    files
}

/// Judges the evidence that `reader` hands out. `trusted` are keys held from elsewhere; without them those among the files
/// count, and the report says so. Never panics, whatever the bytes.
pub fn verify_evidence(reader: &dyn ExportReader, trusted: Option<&[VerifierKey]>) -> EvidenceReport {
    let mut report = EvidenceReport {
        key_from_files: trusted.is_none(),
        ..EvidenceReport::default()
    };
    let bytes = reader.read_up_to(EVIDENCE_PATH, FILE_BYTES_MAX).unwrap_or_default();
    let Some(list) = List::read(&bytes) else {
        report.altered.insert(EVIDENCE_PATH.to_owned());
        return report;
    };
    report.altered = list.altered(reader);
    report.device = Some(list.device);
    let keys = match trusted {
        Some(keys) => keys.to_vec(),
        None => keys_of_files(reader),
    };
    for line in list.lines {
        let judged = judge(reader, &keys, &line);
        report.findings.push(EvidenceFinding {
            number: line.number,
            noun: line.noun,
            code: line.code,
            seen_ms: line.seen_ms,
            verdict: judged.verdict,
            message: judged.message,
            details: judged.details,
        });
    }
    let agrees = |finding: &EvidenceFinding| finding.verdict == EvidenceVerdict::Consistent;
    // A list without findings shows nothing: neither for the server nor against it.
    let agrees = !report.findings.is_empty() && report.findings.iter().all(agrees);
    report.ok = report.altered.is_empty() && agrees;
    report
}

/// A line of the list.
struct Line {
    number: u64,
    noun: String,
    code: String,
    seen_ms: i64,
}

/// What the list says.
struct List {
    device: String,
    lines: Vec<Line>,
    files: BTreeMap<String, Hash>,
}

impl List {
    /// Reads a list that nobody changed.
    fn read(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?.strip_suffix('\n')?;
        let (_, own) = text.rsplit_once('\n')?;
        let listed = text.strip_suffix(own)?;
        if Hash::from_hex(own)? != sha256(listed.as_bytes()) {
            return None;
        }
        let mut parts = listed.strip_suffix('\n')?.split('\n').peekable();
        if parts.next() != Some(HEADING) {
            return None;
        }
        let device = parts.next()?.strip_prefix("device ")?.to_owned();
        let mut lines = Vec::new();
        while let Some(line) = parts.peek().and_then(|line| read_line(lines.len(), line)) {
            lines.push(line);
            parts.next();
        }
        let file = |line: &str| {
            let (hash, path) = line.split_once(' ')?;
            Some((path.to_owned(), Hash::from_hex(hash)?))
        };
        let files = parts.map(file).collect::<Option<_>>()?;
        (lines.len() <= ITEMS_MAX).then_some(Self { device, lines, files })
    }

    /// The files that are not as they are listed, and those that are not listed.
    fn altered(&self, reader: &dyn ExportReader) -> BTreeSet<String> {
        let is_same = |(path, hash): &(&String, &Hash)| {
            let read = reader.read_up_to(path, FILE_BYTES_MAX);
            read.is_ok_and(|bytes| sha256(&bytes) == **hash)
        };
        let changed = self.files.iter().filter(|file| !is_same(file));
        let mut altered: BTreeSet<String> = changed.map(|(path, _)| path.clone()).collect();
        // A folder that cannot be listed may hold anything.
        let found = reader.list().unwrap_or_else(|_| vec![String::from("/")]);
        let added = |path: &String| path != EVIDENCE_PATH && !self.files.contains_key(path);
        altered.extend(found.into_iter().filter(added));
        altered
    }
}

/// Numbers run from 1 without a gap, so that a finding that was taken out shows.
fn read_line(place: usize, line: &str) -> Option<Line> {
    let mut parts = line.split(' ');
    let mut next = || parts.next().filter(|part| !part.is_empty()).map(str::to_owned);
    let (number, noun, code, seen) = (next()?, next()?, next()?, next()?);
    let expected = place as u64 + 1;
    let whole = number == expected.to_string() && parts.next().is_none();
    Some(Line {
        number: expected,
        noun,
        code,
        seen_ms: seen.parse().ok()?,
    })
    .filter(|_| whole)
}

fn keys_of_files(reader: &dyn ExportReader) -> Vec<VerifierKey> {
    let bytes = reader
        .read_up_to(EVIDENCE_KEYS_PATH, FILE_BYTES_MAX)
        .unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    text.lines().filter_map(|line| VerifierKey::parse(line).ok()).collect()
}

fn judge(reader: &dyn ExportReader, keys: &[VerifierKey], line: &Line) -> Judged {
    let read = |name: &str| {
        let path = format!("{}/{name}", line.number);
        reader.read_up_to(&path, FILE_BYTES_MAX).ok()
    };
    let Some(found) = read("found") else {
        return Judged::new(EvidenceVerdict::Unreadable, "the note that came is missing");
    };
    let known = read("known");
    match (line.noun.as_str(), known) {
        (CHECKPOINT, Some(known)) => checkpoints(keys, &known, &found, read("proof").as_deref()),
        (ACKNOWLEDGEMENT, Some(known)) => acknowledgements(keys, &known, &found),
        _ => alone(keys, &found),
    }
}

/// A note that contradicts no other one can only be wrong by itself.
fn alone(keys: &[VerifierKey], found: &[u8]) -> Judged {
    if text_of(keys, found).is_some() {
        let message = "the key signed this note; what is wrong with it is the device's word";
        Judged::new(EvidenceVerdict::Claimed, message)
    } else {
        not_signed()
    }
}

fn not_signed() -> Judged {
    let message = "a note is not signed with the key: somebody on the way may have made it; it proves nothing against \
                   whoever holds the key";
    Judged::new(EvidenceVerdict::NotSigned, message)
}

/// The text of a note that one of the keys signed under the name that the device trusted, or under its own.
fn text_of(keys: &[VerifierKey], signed: &[u8]) -> Option<String> {
    note::open(signed, keys).ok().map(|opened| opened.text)
}

fn checkpoint_of(keys: &[VerifierKey], signed: &[u8]) -> Option<Checkpoint> {
    let claimed = note::text_unverified(signed).ok()?.split('\n').next()?.to_owned();
    // A tenant has one key under several names.
    let named: Vec<VerifierKey> = keys.iter().filter_map(|key| key.renamed(&claimed).ok()).collect();
    Checkpoint::open(signed, &named).ok()
}

fn checkpoints(keys: &[VerifierKey], known: &[u8], found: &[u8], proof: Option<&[u8]>) -> Judged {
    let (Some(known), Some(found)) = (checkpoint_of(keys, known), checkpoint_of(keys, found)) else {
        return not_signed();
    };
    let hashes = proof.and_then(hashes_of);
    let extends =
        |hashes: &Vec<Hash>| verify_consistency((known.size, known.root), (found.size, found.root), hashes).is_ok();
    let judged = if known.origin != found.origin {
        other_log(keys, &known, &found, proof)
    } else if known.size == found.size && known.root != found.root {
        let message = format!(
            "{} was signed with two roots at {} leaves: the operator keeps two histories",
            known.origin, known.size
        );
        Judged::new(EvidenceVerdict::Proven, message)
    } else if hashes.as_ref().is_some_and(extends) {
        let message = format!("the log of {} leaves extends that of {}", found.size, known.size);
        Judged::new(EvidenceVerdict::Consistent, message)
    } else {
        let message = format!(
            "both checkpoints are signed, and nothing here shows that the log of {} leaves extends that of {}; ask for \
             an export and verify it with --since known: if it does not hold, the log was rewritten",
            found.size.max(known.size),
            found.size.min(known.size)
        );
        Judged::new(EvidenceVerdict::Claimed, message)
    };
    let judged = judged
        .with(DetailName::Origin, known.origin)
        .with(DetailName::Size, known.size);
    judged
        .with(DetailName::Origin, found.origin)
        .with(DetailName::Size, found.size)
}

/// What two heads under two names show: an honest log goes on under another name after a restore, and says so, signed.
fn other_log(keys: &[VerifierKey], known: &Checkpoint, found: &Checkpoint, proof: Option<&[u8]>) -> Judged {
    if let Some(lost) = lost_between(keys, known, found, proof.unwrap_or_default()) {
        let message = format!(
            "{} was closed after a restore and goes on as {}, which says so itself; by the operator's word {lost} signed \
             leaves are lost; ask for an export and verify it with --since known",
            known.origin, found.origin
        );
        return Judged::new(EvidenceVerdict::Continued, message).with(DetailName::Lost, lost);
    }
    let message = format!(
        "{} and {} are two logs; an export shows whether the second continues the first: verify it with --since known",
        known.origin, found.origin
    );
    Judged::new(EvidenceVerdict::Claimed, message)
}

/// How many leaves were lost between two heads, by the first leaves of all logs between; `None` where these do not lead from one
/// to the other, or contradict what the device had seen.
fn lost_between(keys: &[VerifierKey], known: &Checkpoint, found: &Checkpoint, proofs: &[u8]) -> Option<u64> {
    let tenant = known.origin.rsplit('/').nth(1)?;
    let text = std::str::from_utf8(proofs).ok()?;
    let (mut origin, mut lost) = (known.origin.clone(), 0_u64);
    for rest in text.split(proof::HEADING).skip(1) {
        let proof = format!("{}{rest}", proof::HEADING);
        let proven = keys.iter().find_map(|key| Continuation::proven(proof.as_bytes(), key));
        let (next, told) = proven.filter(|(_, told)| told.ten == tenant)?;
        if told.origin != origin {
            continue;
        }
        let seen = (known.size, known.root);
        let is_other = |head: (u64, Hash)| head.0 == seen.0 && head != seen;
        let is_first = told.origin == known.origin;
        // Two histories are more than a loss.
        if told.is_fork() || is_first && (seen.0 > told.known.0 || is_other(told.known) || is_other(told.left)) {
            return None;
        }
        lost = lost.saturating_add(told.lost());
        origin = next;
    }
    (origin == found.origin).then_some(lost)
}

fn hashes_of(proof: &[u8]) -> Option<Vec<Hash>> {
    let text = std::str::from_utf8(proof).ok()?;
    text.lines().map(Hash::from_base64).collect()
}

/// What an acknowledgement states.
struct Stated {
    dev: String,
    upto: i64,
    at: i64,
}

fn stated(keys: &[VerifierKey], signed: &[u8]) -> Option<Stated> {
    let text = text_of(keys, signed)?;
    let value = canonical::decode(text.strip_suffix('\n')?.as_bytes()).ok()?;
    let members = value.as_object()?;
    let number = |name: &str| match members.get(name) {
        Some(Value::Integer(number)) => Some(*number),
        _ => None,
    };
    Some(Stated {
        dev: members.get("dev")?.as_text()?.to_owned(),
        upto: number("upto_dseq")?,
        at: number("recv_ms")?,
    })
}

fn acknowledgements(keys: &[VerifierKey], known: &[u8], found: &[u8]) -> Judged {
    let (Some(known), Some(found)) = (stated(keys, known), stated(keys, found)) else {
        return not_signed();
    };
    let judged = if known.dev != found.dev {
        Judged::new(EvidenceVerdict::Claimed, "the acknowledgements are about two devices")
    } else if found.upto >= known.upto {
        let message = format!("events up to {} and then {} were acknowledged", known.upto, found.upto);
        Judged::new(EvidenceVerdict::Consistent, message)
    } else {
        let message = format!(
            "events up to {} of the device were acknowledged, and then only up to {}: the server dropped what it had \
             signed for",
            known.upto, found.upto
        );
        if found.at > known.at {
            Judged::new(EvidenceVerdict::Proven, message)
        } else {
            // The times that the server signed leave open which came first.
            Judged::new(EvidenceVerdict::Claimed, format!("by the device's word, {message}"))
        }
    };
    let judged = judged
        .with(DetailName::Device, known.dev)
        .with(DetailName::Event, known.upto);
    judged
        .with(DetailName::Device, found.dev)
        .with(DetailName::Event, found.upto)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
#[path = "evidence_tests.rs"]
mod tests;
