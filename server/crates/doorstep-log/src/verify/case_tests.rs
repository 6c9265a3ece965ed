//! Tests of the verification of one case: a sound export holds, and whatever is bent is named.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::io::Cursor;

use crate::canonical::Value;
use crate::chain::{public_key, sign_header};
use crate::checkpoint::Checkpoint;
use crate::every_change_tests::{accuses_nobody, each_in_folder_is_found};
use crate::export::{Belongs, CASE_PATH, CaseAbout, ChainGap, ExportKeys, ExportKind, Generation, LogName, Writer};
use crate::hash::{ZERO, base64url_encode, leaf_hash, sha256};
use crate::leaf::{Algorithm, DeviceEvent, Header, Leaf, ServerEntry, commitment};
use crate::tree::{MemoryTiles, inclusion_proof, root_at};
use crate::verify::{Finding, FindingCode, Report, Severity, verify_export};

const SEED: [u8; 32] = [5; 32];
const DEVICE: [u8; 32] = [6; 32];

type Folder = BTreeMap<String, Vec<u8>>;

fn eid(dseq: u64) -> String {
    format!("0190a1b2-c3d4-7e5f-8a6b-{dseq:012x}")
}

fn entry(t: &str, subj: &[&str], detail: &[(&str, &str)]) -> Leaf {
    let texts = detail
        .iter()
        .map(|(name, text)| ((*name).to_owned(), Value::from(*text)));
    Leaf::Server(ServerEntry {
        ten: "t".to_owned(),
        t: t.to_owned(),
        recv_ms: 1,
        actor: "u".to_owned(),
        subj: subj.iter().map(|alias| (*alias).to_owned()).collect(),
        detail: texts.collect(),
        ..ServerEntry::default()
    })
}

/// A device that visited two persons behind one door, in turns, and a case file of both.
fn log() -> Vec<Leaf> {
    let key = base64url_encode(&public_key(&DEVICE));
    let mut leaves = vec![
        entry("case.imported", &["p"], &[("case", "c")]),
        entry("case.imported", &["q"], &[("case", "d")]),
        entry("device.enrolled", &[], &[("dev", "d1"), ("kid", "k1"), ("key", &key)]),
        entry("device.enrolled", &[], &[("dev", "d2"), ("kid", "k2"), ("key", &key)]),
    ];
    let mut prev = ZERO;
    for (dseq, visit) in (1..).zip(["v", "w", "v", "w", "w", "v"]) {
        let header = Header {
            dev: "d1".to_owned(),
            dseq,
            prev,
            eid: eid(dseq),
            kind: "visit.note".to_owned(),
            visit: Some(visit.to_owned()),
            subj: vec![if visit == "v" { "p" } else { "q" }.to_owned()],
            wall_ms: 1,
            mono_ms: 1,
            boot: "b".to_owned(),
            tz_min: 0,
            loc_q: None,
            rules: None,
            app: "test".to_owned(),
            cp: None,
            pc: Some(commitment(&[1; 32], &[7])),
            att: Vec::new(),
            extra: BTreeMap::new(),
        };
        let hdr = header.encode().unwrap();
        prev = sha256(&hdr);
        leaves.push(Leaf::Device(DeviceEvent {
            ten: "t".to_owned(),
            seq_hint: 0,
            recv_ms: 1,
            sig: sign_header(&DEVICE, &hdr).to_vec(),
            hdr,
            kid: "k1".to_owned(),
            alg: Algorithm::Ed25519,
        }));
    }
    leaves
}

fn about() -> CaseAbout {
    let gap = |from, to| ChainGap {
        dev: "d1".to_owned(),
        from,
        to,
    };
    CaseAbout {
        case: "c".to_owned(),
        subj: "p".to_owned(),
        visits: vec!["v".to_owned()],
        gaps: vec![gap(2, 2), gap(4, 5)],
        left_out: [0, 1],
    }
}

fn tree(leaves: &[Leaf]) -> MemoryTiles {
    let mut tiles = MemoryTiles::new();
    for leaf in leaves {
        tiles.append(leaf_hash(&leaf.encode().unwrap()));
    }
    tiles
}

fn note(keys: &ExportKeys, leaves: &[Leaf]) -> Vec<u8> {
    let (key, size) = (keys.log(LogName::Events), leaves.len() as u64);
    let (origin, root) = (key.name().to_owned(), root_at(&tree(leaves), size).unwrap());
    Checkpoint { origin, size, root }.sign(&[key]).unwrap()
}

/// The export of what `take` chooses, signed as it is: an operator can sign anything.
fn export(about: &CaseAbout, take: impl Fn(u64, &Leaf) -> bool) -> Folder {
    export_with(about, take, Vec::new())
}

/// The same with more leaves at the end.
fn export_with(about: &CaseAbout, take: impl Fn(u64, &Leaf) -> bool, more: Vec<Leaf>) -> Folder {
    let (leaves, keys) = ([log(), more].concat(), ExportKeys::from_seed("d/t", &SEED).unwrap());
    let (tiles, signed) = (tree(&leaves), note(&keys, &leaves));
    let mut folder = Folder::new();
    let mut writer = Writer::of_case(&keys, 5, Cursor::new(Vec::new()), |path: &str, bytes: &[u8]| {
        folder.entry(path.to_owned()).or_default().extend(bytes);
        Ok::<(), ()>(())
    });
    for (index, leaf) in (0..).zip(&leaves).filter(|(index, leaf)| take(*index, leaf)) {
        let proof = crate::proof::Proof {
            extra: None,
            index,
            hashes: inclusion_proof(&tiles, index, leaves.len() as u64).unwrap(),
            checkpoint: signed.clone(),
        };
        writer.proof(LogName::Events, &leaf.encode().unwrap(), proof).unwrap();
        if let Leaf::Device(event) = leaf {
            writer.payload(&event.header().unwrap().eid, b"sealed").unwrap();
        }
    }
    let published = [
        (LogName::Events.into(), Some(signed.as_slice())),
        (LogName::Access.into(), None),
    ];
    assert!(writer.finish_case(about, &published).unwrap() > 6);
    folder
}

/// What belongs to the case, with the one device that signed in it.
fn own(index: u64, leaf: &Leaf) -> bool {
    index != 3 && matches!(about().belongs(leaf), Belongs::Case | Belongs::Device)
}

fn verify(folder: &Folder) -> Report {
    let keys = ExportKeys::from_seed("d/t", &SEED).unwrap();
    verify_export(folder, Some(&[keys.tenant().verifier()]), None)
}

fn errors(report: &Report) -> Vec<FindingCode> {
    let errors = report.findings.iter().filter(|found| found.severity == Severity::Error);
    errors.map(|found| found.code).collect()
}

#[test]
fn a_sound_case_holds_and_says_what_it_does_not_show() {
    let folder = export(&about(), own);
    let report = verify(&folder);
    assert_eq!(errors(&report), []);
    assert_eq!((report.ok, report.kind), (true, ExportKind::Case));
    assert_eq!(report.findings[0].code, FindingCode::CaseOnly);
    let case = report.case.unwrap();
    assert_eq!((case.visits, case.events_elsewhere, case.leaves_left_out), (1, 3, 1));
    assert_eq!(
        (
            report.counts.devices,
            report.counts.events,
            report.counts.payloads_present
        ),
        (1, 3, 3)
    );
    assert_eq!((report.logs[0].size, report.logs[0].leaves), (10, 5));
    let whole: Vec<u8> = folder.values().flatten().copied().collect();
    let text = String::from_utf8_lossy(&whole);
    assert!(!text.contains("\"q\"") && !text.contains("\"w\""));
}

#[test]
fn every_change_is_named_with_its_file() {
    each_in_folder_is_found(&export(&about(), own), |changed, path| {
        let report = verify(changed);
        let named = |found: &Finding| found.severity == Severity::Error && found.file.as_deref() == Some(path);
        !report.ok && report.findings.iter().any(named) && accuses_nobody(&report, path)
    });
}

#[test]
fn what_is_left_out_must_be_accounted_for() {
    let dropped = export(&about(), |index, leaf| own(index, leaf) && index != 6);
    assert_eq!(errors(&verify(&dropped)), [FindingCode::CaseGap; 3]);
    let mut silent = about();
    silent.gaps.pop();
    assert_eq!(errors(&verify(&export(&silent, own))), [FindingCode::CaseGap]);
    let tail = |from, to| {
        let mut more = about();
        let dev = "d1".to_owned();
        more.gaps.push(ChainGap { dev, from, to });
        errors(&verify(&export(&more, own)))
    };
    assert_eq!(tail(7, 9), [], "what came after is accounted for as well");
    assert_eq!(tail(8, 9), [FindingCode::CaseGap]);
    assert_eq!(tail(7, 6), [FindingCode::CaseGap]);
    let mut folder = export(&about(), own);
    folder.remove("proofs/events/6.tlog-proof");
    assert_eq!(
        errors(&verify(&folder)),
        [
            FindingCode::FileMissing,
            FindingCode::CaseGap,
            FindingCode::CaseGap,
            FindingCode::CaseGap
        ]
    );
    let mut folder = export(&about(), own);
    folder.remove(CASE_PATH);
    assert!(errors(&verify(&folder)).contains(&FindingCode::CaseMalformed));
}

#[test]
fn a_devices_last_known_event_may_be_of_another_matter() {
    let ended = |kind: &str, named: &str, upto: i64, gaps: &[(u64, u64)]| {
        let mut lost = entry(kind, &[], &[("dev", "d1"), ("kid", "k1"), ("head", named)]);
        if let Leaf::Server(entry) = &mut lost {
            entry.detail.insert("dseq".to_owned(), Value::Integer(upto));
        }
        let mut about = about();
        about.gaps.extend(gaps.iter().map(|(from, to)| ChainGap {
            dev: "d1".to_owned(),
            from: *from,
            to: *to,
        }));
        errors(&verify(&export_with(&about, own, vec![lost])))
    };
    let zeros = ZERO.to_hex();
    for kind in ["device.lost", "device.revoked"] {
        assert_eq!(ended(kind, &zeros, 8, &[(7, 8)]), [], "{kind}");
        assert_eq!(
            ended(kind, &zeros, 8, &[(7, 9)]),
            [],
            "what came later is accounted for as well"
        );
        assert_eq!(
            ended(kind, &zeros, 8, &[]),
            [FindingCode::CaseGap],
            "nobody accounts for it"
        );
        assert_eq!(ended(kind, &zeros, 8, &[(7, 7)]), [FindingCode::CaseGap]);
        // Of the last event in the case itself the hash is known.
        assert_eq!(ended(kind, &zeros, 6, &[]), [FindingCode::DeviceHead]);
        assert_eq!(ended(kind, &zeros, 5, &[]), [FindingCode::DeviceHead]);
    }
}

#[test]
fn nobody_else_may_be_in_it() {
    let other = export(&about(), |index, leaf| own(index, leaf) || index == 1);
    assert_eq!(errors(&verify(&other)), [FindingCode::CaseForeign]);
    let stranger = export(&about(), |index, leaf| own(index, leaf) || index == 3);
    assert_eq!(errors(&verify(&stranger)), [FindingCode::CaseForeign]);
    let uncertified = export(&about(), |index, leaf| own(index, leaf) && index != 2);
    assert!(errors(&verify(&uncertified)).contains(&FindingCode::DeviceChain));
}

#[test]
fn another_leaf_place_or_checkpoint_is_named() {
    let folder = export(&about(), own);
    let proof = |index: u64| format!("proofs/events/{index}.tlog-proof");
    let mut exchanged = folder.clone();
    exchanged.insert(proof(6), folder[&proof(9)].clone());
    assert!(errors(&verify(&exchanged)).contains(&FindingCode::ProofBad));
    let keys = ExportKeys::from_seed("d/t", &SEED).unwrap();
    let mut shorter = folder.clone();
    shorter.insert("events/checkpoint".to_owned(), note(&keys, &log()[..9]));
    let found = errors(&verify(&shorter));
    assert_eq!(found.iter().filter(|code| **code == FindingCode::ProofBad).count(), 5);
    let mut gone = folder;
    gone.remove(&format!("payloads/01/{}.sealed", eid(3)));
    let found = errors(&verify(&gone));
    assert_eq!(found, [FindingCode::FileMissing, FindingCode::PayloadMissing]);
}

#[test]
fn an_older_checkpoint_needs_the_whole_log() {
    let (folder, keys) = (export(&about(), own), ExportKeys::from_seed("d/t", &SEED).unwrap());
    let since = |size: usize| {
        let note = note(&keys, &log()[..size]);
        errors(&verify_export(&folder, Some(&[keys.tenant().verifier()]), Some(&note)))
    };
    assert_eq!(since(10), []);
    assert_eq!(since(4), [FindingCode::SinceUnusable]);
}

#[test]
fn a_case_goes_on_where_its_log_was_continued() {
    let (leaves, keys) = (log(), ExportKeys::from_seed("d/t", &SEED).unwrap());
    let mut folder = Folder::new();
    let mut writer = Writer::of_case(&keys, 5, Cursor::new(Vec::new()), |path: &str, bytes: &[u8]| {
        folder.entry(path.to_owned()).or_default().extend(bytes);
        Ok::<(), ()>(())
    });
    let mut notes = Vec::new();
    for (number, part) in (1..).zip([&leaves[..6], &leaves[6..]]) {
        let log = Generation {
            log: LogName::Events,
            number,
        };
        let key = keys.log(LogName::Events).renamed(&log.origin("d/t")).unwrap();
        let (origin, size) = (key.name().to_owned(), part.len() as u64);
        let root = root_at(&tree(part), size).unwrap();
        let signed = Checkpoint { origin, size, root }.sign(&[&key]).unwrap();
        for (index, leaf) in (0..).zip(part) {
            if !own(if number == 1 { index } else { 9 }, leaf) {
                continue;
            }
            let proof = crate::proof::Proof {
                extra: None,
                index,
                hashes: inclusion_proof(&tree(part), index, size).unwrap(),
                checkpoint: signed.clone(),
            };
            writer.proof(log, &leaf.encode().unwrap(), proof).unwrap();
            if let Leaf::Device(event) = leaf {
                writer.payload(&event.header().unwrap().eid, b"sealed").unwrap();
            }
        }
        notes.push((log, signed));
    }
    let mut published: Vec<_> = notes.iter().map(|(log, note)| (*log, Some(note.as_slice()))).collect();
    published.push((LogName::Access.into(), None));
    writer.finish_case(&about(), &published).unwrap();
    let report = verify(&folder);
    assert!(report.ok, "{:?}", report.findings);
    assert_eq!(report.counts.events, 3, "the chain goes on from one to the other");
    let continued = |finding: &&Finding| finding.code == FindingCode::LogContinued;
    assert_eq!(report.findings.iter().filter(continued).count(), 1);
    assert_eq!(report.logs.len(), 3);
    assert!(folder.contains_key("proofs/events-2/3.tlog-proof"));
}
