//! Tests of the witness's protocol: a log that grows, one that is rewritten, and every other answer.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::hash::{leaf_hash, sha256};
use crate::note::SigningKey;
use crate::tree::{MemoryTiles, consistency_proof, root_at};

const ORIGIN: &str = "d/t/events";

/// A log whose leaf `odd` differs, if it has one.
struct Log {
    key: SigningKey,
    tiles: MemoryTiles,
}

impl Log {
    fn new(size: u8, odd: Option<u8>) -> Self {
        let mut tiles = MemoryTiles::new();
        for number in 0..size {
            let same = [number];
            let leaf: &[u8] = if odd == Some(number) { b"odd" } else { &same };
            tiles.append(leaf_hash(leaf));
        }
        let key = SigningKey::from_seed(ORIGIN, &[1; 32]).unwrap();
        Self { key, tiles }
    }

    fn ask(&self, old: u64, size: u64) -> AddCheckpoint {
        let root = root_at(&self.tiles, size).unwrap();
        let checkpoint = Checkpoint {
            origin: ORIGIN.to_owned(),
            size,
            root,
        };
        AddCheckpoint {
            old_size: old,
            proof: consistency_proof(&self.tiles, old, size).unwrap_or_default(),
            checkpoint: checkpoint.sign(&[&self.key]).unwrap(),
        }
    }
}

fn key() -> CosignerKey {
    CosignerKey::from_seed("witness", &[2; 32]).unwrap()
}

fn judge(request: &AddCheckpoint, latest: Option<&Witnessed>) -> Result<Accepted, WitnessRefusal> {
    let log = SigningKey::from_seed(ORIGIN, &[1; 32]).unwrap().verifier();
    decide(request, &log, latest, &key(), 100)
}

/// Made with the Python package aics-witness 0.1.0, not with this crate.
const BODY: &str = "old 3\nypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=\nPiPoFgA5WUoziU9lZOGxNIu9egCI1CxKy3PurtWcAJ0=\n\nd/t/events\n5\nx\n\n- sig\n";

#[test]
fn a_request_made_by_another_program_is_read_and_made_again() {
    let request = AddCheckpoint::parse(BODY.as_bytes()).unwrap();
    assert_eq!(request.old_size, 3);
    assert_eq!(request.proof, [sha256(b"a"), sha256(b"b")]);
    assert_eq!(request.checkpoint, b"d/t/events\n5\nx\n\n- sig\n");
    assert_eq!(request.encode(), BODY.as_bytes());
}

#[test]
fn malformed_requests_are_refused_by_line() {
    let wrong = |text: &str, line| {
        assert_eq!(
            AddCheckpoint::parse(text.as_bytes()),
            Err(RequestError { line }),
            "{text:?}"
        );
    };
    wrong("", 1);
    wrong("old 3", 1);
    wrong(&BODY.replace("old 3", "old 03"), 1);
    wrong(&BODY.replace("old 3", "old +3"), 1);
    wrong(&BODY.replace("old 3", "old  3"), 1);
    wrong(&BODY.replace("old 3", "old 3 "), 1);
    wrong(&BODY.replace("old 3", "size 3"), 1);
    wrong(&BODY.replace("old 3\n", "old 3\r\n"), 1);
    wrong(&BODY.replace("SLs=", "SLt="), 2);
    wrong(&BODY.replace("ypeB", " ypeB"), 2);
    wrong(&BODY.replace("\nPiPo", "\nPiP"), 3);
    wrong("old 3\n", 2);
    let hash = format!("{}\n", sha256(b"a").to_base64());
    wrong(&format!("old 1\n{}\n", hash.repeat(64)), 65);
    assert!(AddCheckpoint::parse(format!("old 1\n{}\n", hash.repeat(63)).as_bytes()).is_ok());
}

#[test]
fn a_log_that_grows_is_cosigned_at_every_step() {
    let log = Log::new(40, None);
    let mut latest: Option<Witnessed> = None;
    for size in [0, 1, 2, 7, 7, 8, 32, 40] {
        let request = log.ask(latest.as_ref().map_or(0, |latest| latest.checkpoint.size), size);
        let accepted = judge(&request, latest.as_ref()).unwrap();
        assert_eq!(accepted.witnessed.checkpoint.size, size);
        let answer = read_answer(200, accepted.line.as_bytes(), &request.checkpoint, &key().cosigner());
        assert!(
            matches!(answer, WitnessAnswer::Cosigned(cosignature) if cosignature.time_s == 100 && cosignature.line == accepted.line)
        );
        let again = Witnessed::open(&accepted.witnessed.note, &log.key.verifier(), &key().cosigner());
        assert_eq!(again.as_ref(), Ok(&accepted.witnessed));
        latest = Some(accepted.witnessed);
    }
}

#[test]
fn lines_of_strangers_are_not_kept() {
    let log = Log::new(3, None);
    let mut request = log.ask(0, 3);
    let stranger = CosignerKey::from_seed("stranger", &[3; 32]).unwrap();
    let text = note::text_unverified(&request.checkpoint).unwrap().to_owned();
    request
        .checkpoint
        .extend(stranger.cosign(&text, 1).unwrap().into_bytes());
    let accepted = judge(&request, None).unwrap();
    let note = String::from_utf8(accepted.witnessed.note).unwrap();
    assert_eq!(note.matches('\u{2014}').count(), 2, "{note}");
    assert!(!note.contains("stranger"), "{note}");
}

#[test]
fn a_rewritten_log_is_refused_at_every_size() {
    let (log, rewritten) = (Log::new(30, None), Log::new(30, Some(5)));
    let latest = judge(&log.ask(0, 20), None).unwrap().witnessed;
    let longer = judge(&rewritten.ask(20, 30), Some(&latest)).unwrap_err();
    assert_eq!(
        longer,
        WitnessRefusal::Inconsistent {
            latest: 20,
            two_heads: false
        }
    );
    assert_eq!(
        (longer.status(), longer.is_evidence(), longer.is_proof()),
        (422, true, false)
    );
    let same = judge(&rewritten.ask(20, 20), Some(&latest)).unwrap_err();
    assert_eq!((same.status(), same.is_evidence(), same.is_proof()), (409, true, true));
    assert_eq!(same.size_body(), None, "no size would lead on from here");
    assert_eq!(
        read_answer(409, same.to_string().as_bytes(), b"", &key().cosigner()),
        WitnessAnswer::OtherTree
    );
    // Whatever old size comes with them, two heads of one size are a proof.
    let hidden = judge(&rewritten.ask(10, 20), Some(&latest)).unwrap_err();
    assert_eq!(
        (hidden.status(), hidden.is_evidence(), hidden.is_proof()),
        (409, true, true)
    );
    assert_eq!(hidden.size_body().as_deref(), Some("20\n"));
    // A tree that is only shorter is no evidence: it may be an old one that was on its way for long.
    let shorter = judge(&log.ask(0, 10), Some(&latest)).unwrap_err();
    assert_eq!((shorter.status(), shorter.is_evidence()), (409, false));
    for body in [b"20\n".as_slice(), b"20"] {
        assert_eq!(
            read_answer(409, body, b"", &key().cosigner()),
            WitnessAnswer::Latest(20)
        );
    }
}

#[test]
fn every_other_request_gets_its_status() {
    let log = Log::new(9, None);
    let latest = judge(&log.ask(0, 5), None).unwrap().witnessed;
    let status = |request: &AddCheckpoint, latest: Option<&Witnessed>| judge(request, latest).unwrap_err().status();
    let mut request = log.ask(5, 9);
    request.proof.pop();
    assert_eq!(status(&request, Some(&latest)), 422);
    let mut request = log.ask(0, 9);
    request.proof.push(sha256(b""));
    assert_eq!(status(&request, None), 422);
    let mut request = log.ask(5, 5);
    request.proof.push(sha256(b""));
    assert_eq!(status(&request, Some(&latest)), 422);
    assert_eq!(status(&log.ask(9, 5), Some(&latest)), 400);
    let mut request = log.ask(5, 9);
    request.checkpoint.clear();
    assert_eq!(claimed_origin(&request).unwrap_err().status(), 400);
    let other = SigningKey::from_seed(ORIGIN, &[7; 32]).unwrap();
    request.checkpoint = Checkpoint::parse(note::text_unverified(&log.ask(5, 9).checkpoint).unwrap())
        .unwrap()
        .sign(&[&other])
        .unwrap();
    assert_eq!(status(&request, Some(&latest)), 403);
    assert_eq!(claimed_origin(&request).unwrap(), ORIGIN);
    let later = Witnessed { time_s: 101, ..latest };
    assert_eq!(status(&log.ask(5, 9), Some(&later)), 503);
    assert_eq!(WitnessRefusal::UnknownLog(String::new()).status(), 404);
}

#[test]
fn answers_that_do_not_hold_count_for_nothing() {
    let log = Log::new(9, None);
    let (first, second) = (log.ask(0, 8), log.ask(0, 9));
    let line = judge(&first, None).unwrap().line;
    let read = |status, body: &[u8]| read_answer(status, body, &second.checkpoint, &key().cosigner());
    assert_eq!(
        read(200, line.as_bytes()),
        WitnessAnswer::Failed(200),
        "of another tree"
    );
    assert_eq!(read(200, b""), WitnessAnswer::Failed(200));
    assert_eq!(read(200, b"welcome\n"), WitnessAnswer::Failed(200));
    for body in [b"09\n".as_slice(), b"-1\n", b"9\n\n", b"", b"\xff\n"] {
        assert_eq!(read(409, body), WitnessAnswer::OtherTree, "{body:?}");
    }
    assert_eq!(read(422, b""), WitnessAnswer::Inconsistent);
    assert_eq!(read(404, b""), WitnessAnswer::UnknownLog);
    assert_eq!(read(403, b""), WitnessAnswer::UnknownKey);
    assert_eq!(read(502, b""), WitnessAnswer::Failed(502));
}

#[test]
fn paths_are_those_of_the_specification() {
    assert_eq!(
        checkpoint_path("example.com/behind-the-sofa"),
        "/5fd2dc0beb4ce54da5050cf6d5c75248b023abad441c3cecde3976fbe9da4fe4/checkpoint"
    );
}
