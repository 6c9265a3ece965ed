//! Tests of the export verifier: a sound export is green, every change is named.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::io::Cursor;

use super::meta::tests::meta_files;
use super::*;
use crate::canonical::Value;
use crate::chain::{public_key, sign_header};
use crate::export::{ExportKeys, Opening, Published, Writer};
use crate::hash::{Hash, ZERO, base64url_encode, sha256};
use crate::leaf::{Algorithm, CheckpointSeen, DeviceEvent, Header, Leaf, ServerEntry, commitment};
use crate::note::SigningKey;
use crate::tree::{Frontier, root};
use proptest::prelude::*;

#[path = "attack_tests.rs"]
mod attacks;
#[path = "change_tests.rs"]
mod changes;
#[path = "operator_tests.rs"]
mod operator;
pub(super) use changes::sign_again;

const LOG_SEED: [u8; 32] = [1; 32];
const DEVICE_SEED: [u8; 32] = [2; 32];
const SALT: [u8; 32] = [3; 32];

type Folder = BTreeMap<String, Vec<u8>>;

/// Everything an export is made of, to be bent by each test.
struct Material {
    events: Vec<Leaf>,
    access: Vec<Leaf>,
    payloads: BTreeMap<String, Vec<u8>>,
    openings: Vec<Opening>,
}

fn eid(number: u64) -> String {
    format!("0190a1b2-c3d4-7e5f-8a6b-{number:012x}")
}

fn server(t: &str, subj: &[&str], detail: &[(&str, &str)]) -> Leaf {
    Leaf::Server(ServerEntry {
        ten: "t".to_owned(),
        t: t.to_owned(),
        recv_ms: 1000,
        actor: "u1".to_owned(),
        subj: subj.iter().map(|alias| (*alias).to_owned()).collect(),
        detail: detail
            .iter()
            .map(|(name, text)| ((*name).to_owned(), Value::from(*text)))
            .collect(),
        ..ServerEntry::default()
    })
}

fn header(dseq: u64, prev: Hash) -> Header {
    Header {
        dev: "d1".to_owned(),
        dseq,
        prev,
        eid: eid(dseq),
        kind: "door.checkin".to_owned(),
        visit: Some(format!("v{dseq}")),
        subj: vec![format!("s{dseq}")],
        wall_ms: 1000,
        mono_ms: 10,
        boot: "b".to_owned(),
        tz_min: 480,
        loc_q: None,
        rules: None,
        app: "test".to_owned(),
        cp: None,
        pc: Some(commitment(&SALT, &dseq.to_be_bytes())),
        att: Vec::new(),
        extra: BTreeMap::new(),
    }
}

fn signed(header: &Header) -> Leaf {
    let hdr = header.encode().unwrap();
    Leaf::Device(DeviceEvent {
        ten: "t".to_owned(),
        seq_hint: 0,
        recv_ms: 1000,
        kid: "k1".to_owned(),
        alg: Algorithm::Ed25519,
        sig: sign_header(&DEVICE_SEED, &hdr).to_vec(),
        hdr,
    })
}

/// An enrolment, `count` device events with payloads, and two reads.
fn material(count: u64) -> Material {
    let key = base64url_encode(&public_key(&DEVICE_SEED));
    let mut events = vec![server(
        "device.enrolled",
        &[],
        &[("dev", "d1"), ("kid", "k1"), ("key", &key)],
    )];
    let mut payloads = BTreeMap::new();
    let mut prev = ZERO;
    for dseq in 1..=count {
        let next = header(dseq, prev);
        prev = sha256(&next.encode().unwrap());
        events.push(signed(&next));
        payloads.insert(eid(dseq), format!("sealed {dseq}").into_bytes());
    }
    let access = vec![server("access", &["s1"], &[]), server("access", &["s2"], &[])];
    let openings = vec![Opening {
        eid: eid(1),
        salt: SALT,
        payload: 1_u64.to_be_bytes().to_vec(),
    }];
    Material {
        events,
        access,
        payloads,
        openings,
    }
}

fn write(material: &Material, seed: &[u8; 32]) -> Folder {
    let keys = ExportKeys::from_seed("d/t", seed).unwrap();
    let mut folder = Folder::new();
    let mut writer = Writer::new(&keys, 5, Cursor::new(Vec::new()), |path: &str, bytes: &[u8]| {
        folder.entry(path.to_owned()).or_default().extend(bytes);
        Ok::<(), ()>(())
    });
    for (log, leaves) in [(LogName::Events, &material.events), (LogName::Access, &material.access)] {
        for leaf in leaves {
            writer.leaf(log, leaf.encode().unwrap()).unwrap();
        }
    }
    for (eid, sealed) in &material.payloads {
        writer.payload(eid, sealed).unwrap();
    }
    for opening in &material.openings {
        writer.opening(opening).unwrap();
    }
    let named = |log: LogName, origin, leaves: &[Leaf]| {
        let hash = |leaf: &Leaf| crate::hash::leaf_hash(&leaf.encode().unwrap());
        let hashes: Vec<Hash> = leaves.iter().map(hash).collect();
        (log, origin, hashes.len() as u64, root(&hashes))
    };
    let heads = [
        named(LogName::Events, "d/t/events", &material.events),
        named(LogName::Access, "d/t/access", &material.access),
    ];
    for (path, bytes) in meta_files(&heads, &|_| String::new()) {
        writer.file(&path, &bytes).unwrap();
    }
    let summary = writer.finish(Published::default()).unwrap();
    assert_eq!(summary.files, folder.len());
    folder
}

fn trusted() -> [VerifierKey; 1] {
    [SigningKey::from_seed("d/t", &LOG_SEED).unwrap().verifier()]
}

fn verify(folder: &Folder) -> Report {
    verify_export(folder, Some(&trusted()), None)
}

fn verify_material(material: &Material) -> Report {
    verify(&write(material, &LOG_SEED))
}

/// Codes of all errors, in order.
fn errors(report: &Report) -> Vec<FindingCode> {
    let errors = report
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error);
    assert_eq!(report.ok, report.errors == 0);
    errors.map(|finding| finding.code).collect()
}

fn checkpoint(events: &[Leaf], seed: &[u8; 32]) -> Vec<u8> {
    let mut frontier = Frontier::new();
    for leaf in events {
        frontier.append(crate::hash::leaf_hash(&leaf.encode().unwrap()));
    }
    let keys = ExportKeys::from_seed("d/t", seed).unwrap();
    let key = keys.log(LogName::Events);
    let checkpoint = Checkpoint {
        origin: key.name().to_owned(),
        size: frontier.size(),
        root: frontier.root(),
    };
    checkpoint.sign(&[key]).unwrap()
}

#[test]
fn a_sound_export_is_green_and_counted() {
    let report = verify_material(&material(300));
    assert_eq!(report.findings, []);
    assert!(report.ok);
    assert_eq!((report.origin.as_deref(), report.created_ms), (Some("d/t"), Some(5)));
    let leaves: Vec<u64> = report.logs.iter().map(|log| log.leaves).collect();
    assert_eq!(leaves, [301, 2]);
    let counts = report.counts;
    assert_eq!(
        (
            counts.devices,
            counts.events,
            counts.payloads_present,
            counts.payloads_opened
        ),
        (1, 300, 300, 1)
    );
    assert!(serde_json::to_string(&report).unwrap().contains("\"ok\":true"));
    let empty = Material {
        events: Vec::new(),
        access: Vec::new(),
        payloads: BTreeMap::new(),
        openings: Vec::new(),
    };
    // Every tenant's log of changes begins with an entry; that of reads may be empty.
    assert_eq!(errors(&verify_material(&empty)), [FindingCode::LogEmpty]);
    let unread = Material {
        access: Vec::new(),
        ..material(1)
    };
    assert!(verify_material(&unread).ok);
}

#[test]
fn the_first_wrong_leaf_is_named_by_index() {
    let mut folder = write(&material(300), &LOG_SEED);
    let path = "events/tile/entries/001.p/45";
    let bundle = folder.get_mut(path).unwrap();
    let mut entries: Vec<Vec<u8>> = crate::tile::decode_bundle(bundle)
        .unwrap()
        .into_iter()
        .map(<[u8]>::to_vec)
        .collect();
    for place in [14, 20] {
        let text = String::from_utf8(entries[place].clone()).unwrap();
        entries[place] = text.replace("\"recv_ms\":1000", "\"recv_ms\":1001").into_bytes();
    }
    *bundle = crate::tile::encode_bundle(&entries).unwrap();
    let report = verify(&folder);
    assert_eq!(
        errors(&report),
        [
            FindingCode::FileChanged,
            FindingCode::LeafChanged,
            FindingCode::RootMismatch
        ]
        .into_iter()
        .collect::<Vec<_>>()
    );
    let leaf = report
        .findings
        .iter()
        .find(|finding| finding.code == FindingCode::LeafChanged)
        .unwrap();
    assert_eq!(
        (leaf.index, leaf.log, leaf.file.as_deref()),
        (Some(270), Some(LogName::Events), Some(path))
    );
}

#[test]
fn an_export_signed_by_another_key_fails_only_against_a_trusted_one() {
    let folder = write(&material(2), &[77; 32]);
    let codes = errors(&verify(&folder));
    assert!(
        codes.starts_with(&[FindingCode::ManifestSignature, FindingCode::CheckpointBad]),
        "{codes:?}"
    );
    let report = verify_export(&folder, None, None);
    assert!(report.ok);
    let codes: Vec<_> = report
        .findings
        .iter()
        .map(|finding| (finding.code, finding.severity))
        .collect();
    assert_eq!(codes, [(FindingCode::KeyFromExport, Severity::Warning)]);
    let other_tenant = [SigningKey::from_seed("d/other", &LOG_SEED).unwrap().verifier()];
    assert!(!verify_export(&write(&material(2), &LOG_SEED), Some(&other_tenant), None).ok);
    let events_key = [SigningKey::from_seed("d/t/events", &LOG_SEED).unwrap().verifier()];
    assert!(verify_export(&write(&material(2), &LOG_SEED), Some(&events_key), None).ok);
}

#[test]
fn a_missing_payload_is_red_unless_the_person_was_erased() {
    let mut material = material(3);
    material.payloads.remove(&eid(2));
    let report = verify_material(&material);
    assert_eq!(errors(&report), [FindingCode::PayloadMissing]);
    assert_eq!((report.findings[0].index, report.counts.payloads_missing), (Some(2), 1));
    material.events.push(server("subject.erased", &["s3"], &[]));
    assert_eq!(errors(&verify_material(&material)), [FindingCode::PayloadMissing]);
    material.events.push(server("subject.erased", &["s2"], &[]));
    let report = verify_material(&material);
    assert!(report.ok);
    assert_eq!((report.counts.payloads_erased, report.counts.payloads_present), (1, 2));
}

#[test]
fn openings_must_fit_and_stand_for_a_missing_payload() {
    let mut changed = material(2);
    changed.payloads.remove(&eid(1));
    assert!(verify_material(&changed).ok);
    changed.openings[0].payload.push(0);
    assert_eq!(
        errors(&verify_material(&changed)),
        [FindingCode::OpeningMismatch, FindingCode::PayloadMissing]
    );
    changed.openings[0].eid = eid(99);
    assert_eq!(
        errors(&verify_material(&changed)),
        [FindingCode::OpeningBad, FindingCode::PayloadMissing]
    );
    let mut stray = material(2);
    stray.payloads.insert(eid(50), Vec::new());
    let report = verify_material(&stray);
    assert!(report.ok);
    assert_eq!(report.findings[0].code, FindingCode::PayloadStray);
}

#[test]
fn chain_faults_are_named_by_leaf() {
    let mut gap = material(4);
    gap.events.remove(3);
    let report = verify_material(&gap);
    assert_eq!(errors(&report), [FindingCode::DeviceChain]);
    assert_eq!((report.findings[0].index, report.counts.events), (Some(3), 2));

    let mut fork = material(2);
    fork.events.push(signed(&Header {
        eid: eid(9),
        ..header(2, ZERO)
    }));
    fork.payloads.insert(eid(9), Vec::new());
    assert_eq!(errors(&verify_material(&fork)), [FindingCode::DeviceChain]);

    let mut forged = material(2);
    if let Some(Leaf::Device(event)) = forged.events.last_mut() {
        event.sig[0] ^= 1;
    }
    assert_eq!(errors(&verify_material(&forged)), [FindingCode::DeviceChain]);

    let mut stranger = material(1);
    stranger.events.remove(0);
    assert_eq!(errors(&verify_material(&stranger)), [FindingCode::DeviceChain]);

    let mut ended = material(2);
    ended.events.insert(2, server("device.revoked", &[], &[("kid", "k1")]));
    let report = verify_material(&ended);
    assert!(report.ok);
    assert_eq!(
        (report.findings[0].code, report.findings[0].index),
        (FindingCode::DeviceEnded, Some(3))
    );
}

#[test]
fn a_forged_signature_among_hundreds_is_named_alone() {
    let mut forged = material(600);
    for index in [5, 599] {
        if let Leaf::Device(event) = &mut forged.events[index] {
            event.sig[63] ^= 1;
        }
    }
    let report = verify_material(&forged);
    let indexes: Vec<_> = report.findings.iter().map(|finding| finding.index).collect();
    // The chain breaks at a forged event: the one after it follows none that holds.
    assert_eq!(indexes, [Some(5), Some(6), Some(599), Some(600)]);
    assert_eq!(errors(&report), [FindingCode::DeviceChain; 4]);
}

#[test]
fn misplaced_mixed_and_repeated_leaves_are_named() {
    let mut odd = material(2);
    odd.access.push(odd.events[1].clone());
    odd.access.push(Leaf::Server(ServerEntry {
        ten: "other".to_owned(),
        t: "access".to_owned(),
        ..ServerEntry::default()
    }));
    let again = ServerEntry {
        ten: "t".to_owned(),
        t: "access".to_owned(),
        pc: Some(ZERO),
        ..ServerEntry::default()
    };
    odd.access.push(Leaf::Server(ServerEntry {
        eid: Some(eid(1)),
        ..again.clone()
    }));
    odd.access.push(Leaf::Server(again));
    odd.events.push(server("device.enrolled", &[], &[]));
    let mut expected = vec![
        FindingCode::DeviceEnrolment,
        FindingCode::LeafMisplaced,
        FindingCode::TenantMixed,
        FindingCode::PayloadRepeated,
        FindingCode::PayloadUnnamed,
    ];
    assert_eq!(errors(&verify_material(&odd)), expected);
    odd.access.push(server("device.enrolled", &[], &[]));
    expected.push(FindingCode::LeafMisplaced);
    assert_eq!(errors(&verify_material(&odd)), expected);
}

#[test]
fn a_verification_tells_how_far_it_is_and_can_be_stopped() {
    let folder = write(&material(300), &LOG_SEED);
    let keys = trusted();
    let trust = Trust {
        keys: Some(&keys),
        ..Trust::default()
    };
    let mut seen = Vec::new();
    let report = verify_export_watched(&folder, &trust, &mut |at| {
        seen.push(*at);
        true
    });
    assert!(report.ok);
    assert!(seen.is_sorted_by_key(|at| (at.step, at.done)) && seen.iter().all(|at| at.done < at.total));
    for step in [VerifyStep::Events, VerifyStep::Access, VerifyStep::Payloads] {
        assert!(seen.iter().any(|at| at.step == step), "{step:?}");
    }
    for moment in [0, 1, seen.len() / 2, seen.len() - 1] {
        let mut asked = 0;
        let report = verify_export_watched(&folder, &trust, &mut |_| {
            asked += 1;
            asked <= moment
        });
        assert_eq!(
            (errors(&report), report.ok),
            (vec![FindingCode::Stopped], false),
            "{moment}"
        );
        assert_eq!(asked, moment + 1, "asked no more after a no");
    }
}

#[test]
fn an_older_checkpoint_must_be_extended() {
    let all = material(20);
    let folder = write(&all, &LOG_SEED);
    let since = |note: &[u8]| verify_export(&folder, Some(&trusted()), Some(note));
    for size in [0, 1, 7, 16, 21] {
        assert_eq!(
            since(&checkpoint(&all.events[..size], &LOG_SEED)).findings,
            [],
            "size {size}"
        );
    }
    let rewritten = checkpoint(&[server("x", &[], &[])], &LOG_SEED);
    assert_eq!(errors(&since(&rewritten)), [FindingCode::SinceInconsistent]);
    let longer = checkpoint(&material(25).events, &LOG_SEED);
    assert_eq!(errors(&since(&longer)), [FindingCode::SinceInconsistent]);
    let foreign = checkpoint(&all.events[..7], &[9; 32]);
    assert_eq!(errors(&since(&foreign)), [FindingCode::SinceUnusable]);
}

#[test]
fn a_checkpoint_that_a_device_saw_must_be_of_this_log() {
    let with_seen = |size: u64, root: Hash| {
        let mut material = material(2);
        let prev = match &material.events[2] {
            Leaf::Device(event) => sha256(&event.hdr),
            Leaf::Server(_) => ZERO,
        };
        material.events.push(signed(&Header {
            cp: Some(CheckpointSeen { size, root }),
            ..header(3, prev)
        }));
        material.payloads.insert(eid(3), Vec::new());
        verify_material(&material)
    };
    let hashes: Vec<Hash> = material(2)
        .events
        .iter()
        .map(|leaf| crate::hash::leaf_hash(&leaf.encode().unwrap()))
        .collect();
    let report = with_seen(2, root(&hashes[..2]));
    assert!(report.ok);
    assert_eq!(report.counts.checkpoints_seen, 1);
    let report = with_seen(2, ZERO);
    assert_eq!(errors(&report), [FindingCode::DeviceSawOtherTree]);
    assert_eq!(report.findings[0].index, Some(3));
    assert_eq!(
        errors(&with_seen(u64::from(u32::MAX), ZERO)),
        [FindingCode::DeviceSawOtherTree]
    );
}

#[test]
fn a_claimed_size_without_leaves_costs_nothing() {
    let keys = ExportKeys::from_seed("d/t", &LOG_SEED).unwrap();
    let key = keys.log(LogName::Events);
    let huge = Checkpoint {
        origin: key.name().to_owned(),
        size: u64::MAX,
        root: ZERO,
    }
    .sign(&[key])
    .unwrap();
    let mut folder = write(&material(2), &LOG_SEED);
    folder.insert("events/checkpoint".to_owned(), huge);
    let codes = errors(&verify(&folder));
    assert!(
        codes.contains(&FindingCode::SizeMismatch) && codes.contains(&FindingCode::TileBad),
        "{codes:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_folder_makes_the_verifier_panic(which in any::<prop::sample::Index>(), bytes in prop::collection::vec(any::<u8>(), 0..200), keep in any::<bool>()) {
        let mut folder = write(&material(3), &LOG_SEED);
        let path = which.get(&folder.keys().cloned().collect::<Vec<_>>()).clone();
        let file = folder.get_mut(&path).unwrap();
        if keep {
            file.extend(&bytes);
        } else {
            file.clone_from(&bytes);
        }
        prop_assert_eq!(verify_export(&folder, None, None).ok, keep && bytes.is_empty());
    }
}

/// An entry about the device of [`material`], whose chain is known up to `dseq`.
fn about_device(t: &str, material: &Material, dseq: u64) -> Leaf {
    let Leaf::Device(event) = &material.events[dseq as usize] else {
        unreachable!("events follow the enrolment")
    };
    let head = sha256(&event.hdr).to_hex();
    let mut leaf = server(t, &[], &[("dev", "d1"), ("kid", "k1"), ("head", &head)]);
    if let Leaf::Server(entry) = &mut leaf {
        entry.detail.insert("dseq".to_owned(), Value::Integer(dseq as i64));
    }
    leaf
}

/// What a verification says of a log in which these entries come after the device's second event of three.
fn with_entries(entries: impl Fn(&Material) -> Vec<Leaf>) -> Report {
    let mut changed = material(3);
    let entries = entries(&changed);
    changed.events.splice(3..3, entries);
    verify_material(&changed)
}

fn found(report: &Report) -> Vec<(FindingCode, Severity)> {
    let findings = report.findings.iter();
    let own = findings.filter(|finding| finding.code != FindingCode::KeyFromExport);
    own.map(|finding| (finding.code, finding.severity)).collect()
}

#[test]
fn what_is_said_of_a_devices_end_is_compared_with_its_chain() {
    let late = (FindingCode::DeviceEnded, Severity::Warning);
    for t in ["device.lost", "device.revoked"] {
        assert_eq!(
            found(&with_entries(|material| vec![about_device(t, material, 2)])),
            [late]
        );
        // The operator names an older head, or a newer one: events were put in, or dropped.
        for dseq in [1, 3] {
            let report = with_entries(|material| vec![about_device(t, material, dseq)]);
            let head = (FindingCode::DeviceHead, Severity::Error);
            assert_eq!(found(&report), [head, late], "{t} {dseq}");
        }
    }
}

fn device_fork(hdr: &[u8], sig: &[u8], first: &str) -> Leaf {
    let (hdr, sig) = (base64url_encode(hdr), base64url_encode(sig));
    server(
        "device.fork",
        &[],
        &[
            ("dev", "d1"),
            ("kid", "k1"),
            ("first", first),
            ("hdr", &hdr),
            ("sig", &sig),
        ],
    )
}

/// The hash of the second event's header.
fn second_of(material: &Material) -> Hash {
    let Leaf::Device(event) = &material.events[2] else {
        return ZERO;
    };
    sha256(&event.hdr)
}

#[test]
fn a_recorded_fork_counts_only_with_the_devices_signature() {
    let fork = |bend: bool| {
        let hdr = Header {
            eid: eid(9),
            ..header(2, ZERO)
        };
        let hdr = hdr.encode().unwrap();
        let mut sig = sign_header(&DEVICE_SEED, &hdr);
        sig[0] ^= u8::from(bend);
        device_fork(&hdr, &sig, &second_of(&material(2)).to_hex())
    };
    let forked = |severity| (FindingCode::DeviceForked, severity);
    let late = (FindingCode::DeviceEnded, Severity::Warning);
    let report = with_entries(|_| vec![fork(false)]);
    assert!(report.ok);
    assert_eq!(found(&report), [forked(Severity::Warning), late]);
    assert_eq!(
        found(&with_entries(|_| vec![fork(true)])),
        [forked(Severity::Error), late]
    );
    let resumed = with_entries(|material| vec![fork(false), about_device("device.resumed", material, 2)]);
    assert_eq!(
        found(&resumed),
        [forked(Severity::Warning)],
        "an administrator let it go on"
    );
}
