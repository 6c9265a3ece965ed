//! Tests of what a continuation may explain: an operator with all keys who says that history was lost gets past nobody unseen.

use std::io::Cursor;

use super::*;
use crate::cosignature::CosignerKey;
use crate::leaf::{CheckpointSeen, DeviceEvent, Header};
use crate::policy::Policy;

const NOBODY: &[String] = &[];

fn trust<'a>(keys: &'a [VerifierKey], continued: &'a [String]) -> Trust<'a> {
    Trust {
        keys: Some(keys),
        continued,
        ..Trust::default()
    }
}

fn judge(folder: &Folder, continued: &[String], policy: Option<&Policy>) -> Report {
    let keys = [keys().tenant().verifier()];
    let trust = Trust {
        policy,
        ..trust(&keys, continued)
    };
    verify_export_watched(folder, &trust, &mut |_| true)
}

fn errors(report: &Report) -> Vec<FindingCode> {
    let errors = report.findings.iter().filter(|found| found.severity == Severity::Error);
    errors.map(|found| found.code).collect()
}

/// The history without its leaf at 4, behind a continuation that says so many leaves were known.
fn laundered(known: u64) -> Folder {
    let mut kept = first(9);
    kept.remove(4);
    let (old, moved) = kept.split_at(2);
    let mut new = vec![continued("d/t/events", (known, tree(&first(3))), (2, tree(old)))];
    new.extend_from_slice(moved);
    write(old, &new, &[])
}

#[test]
fn a_continued_log_holds_only_for_who_knows_and_takes_it() {
    let folder = laundered(9);
    let report = judge(&folder, NOBODY, None);
    assert_eq!(
        (report.ok, report.verdict, report.errors),
        (false, Verdict::Continued, 0)
    );
    assert_eq!(report.leaves_lost(), 7);
    let told = &report.continued[0];
    assert_eq!(
        (told.origin.as_str(), told.next.as_str()),
        ("d/t/events", "d/t/events-2")
    );
    assert_eq!((told.known_size, told.left_size, told.lost), (9, 2, 7));
    assert!(!told.shown && !told.accepted);
    let taken = judge(&folder, &["d/t/events".to_owned()], None);
    assert_eq!((taken.ok, taken.verdict), (true, Verdict::Continued));
    assert!(!judge(&folder, &["d/t/access".to_owned(), "d/t/events-2".to_owned()], None).ok);
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!((&json["ok"], &json["verdict"]), (&false.into(), &"continued".into()));
    assert_eq!(json["continued"][0]["lost"], 7);
    // Whatever is lost, a log of changes that is empty was cut.
    let emptied = write(&[], &[continued("d/t/events", (0, tree(&[])), (0, tree(&[])))], &[]);
    let emptied = judge(&emptied, &["d/t/events".to_owned()], None);
    assert_eq!(errors(&emptied), [FindingCode::LogEmpty]);
}

#[test]
fn a_continuation_that_says_nothing_was_lost_must_be_taken_as_well() {
    let old = first(6);
    let new = [
        continued("d/t/events", (6, tree(&old)), (6, tree(&old))),
        entry("restored", &[]),
    ];
    let report = judge(&write(&old, &new, &[]), NOBODY, None);
    assert_eq!(
        (report.ok, report.verdict, report.leaves_lost()),
        (false, Verdict::Continued, 0)
    );
}

#[test]
fn only_the_first_leaf_of_a_later_generation_continues_a_log() {
    let old = first(4);
    let leaf = continued("d/t/events", (4, tree(&old)), (4, tree(&old)));
    let bad = [FindingCode::GenerationBad];
    let begins = [vec![leaf.clone()], old.clone()].concat();
    assert_eq!(errors(&judge(&write(&begins, &[], &[]), NOBODY, None)), bad);
    let midway = [old.clone(), vec![leaf.clone()], first(2)].concat();
    assert_eq!(errors(&judge(&write(&midway, &[], &[]), NOBODY, None)), bad);
    let twice = write(&old, &[leaf.clone(), leaf], &[]);
    assert_eq!(errors(&judge(&twice, NOBODY, None)), bad);
}

fn witness() -> CosignerKey {
    CosignerKey::from_seed("w", &[44; 32]).unwrap()
}

fn cosigned(size: u64, root: Hash, name: &str) -> Vec<u8> {
    let origin = format!("d/t/{name}");
    let key = keys().log(LogName::Events).renamed(&origin).unwrap();
    let mut note = Checkpoint { origin, size, root }.sign(&[&key]).unwrap();
    let text = note::text_unverified(&note).unwrap().to_owned();
    note.extend(witness().cosign(&text, 5).unwrap().into_bytes());
    note
}

/// An export whose checkpoints the witness cosigned, with this note of the known head.
fn witnessed(old: &[Vec<u8>], new: &[Vec<u8>], known: Option<Vec<u8>>) -> Folder {
    let (keys, mut folder) = (keys(), Folder::new());
    let mut writer = Writer::new(&keys, 5000, Cursor::new(Vec::new()), |path: &str, bytes: &[u8]| {
        folder.entry(path.to_owned()).or_default().extend(bytes);
        Ok::<(), ()>(())
    });
    for leaf in old {
        writer.leaf(LogName::Events, leaf.clone()).unwrap();
    }
    let left = cosigned(old.len() as u64, tree(old), "events");
    writer.end(LogName::Events.into(), Some(&left)).unwrap();
    let second = Generation {
        log: LogName::Events,
        number: 2,
    };
    for leaf in new {
        writer.leaf(second, leaf.clone()).unwrap();
    }
    if let Some(known) = known {
        writer.file("events/known", &known).unwrap();
    }
    let events = cosigned(new.len() as u64, tree(new), "events-2");
    let access = cosigned(0, tree(&[]), "access");
    let published = Published {
        events: Some(&events),
        access: Some(&access),
    };
    writer.finish(published).unwrap();
    folder
}

#[test]
fn who_trusts_witnesses_is_shown_the_head_that_they_knew() {
    let (all, old) = (first(9), first(6));
    let new = [continued("d/t/events", (9, tree(&all)), (6, tree(&old)))];
    let policy = format!("witness W {}\nquorum W\n", witness().cosigner());
    let policy = Policy::parse(policy.as_bytes()).unwrap();
    let taken = ["d/t/events".to_owned()];
    let judged = |known| judge(&witnessed(&old, &new, known), &taken, Some(&policy));
    let shown = judged(Some(cosigned(9, tree(&all), "events")));
    assert!(shown.ok && shown.continued[0].shown, "{:#?}", shown.findings);
    let silent = judged(None);
    assert_eq!(errors(&silent), [FindingCode::QuorumUnmet]);
    assert!(!silent.ok && !silent.continued[0].shown);
    // The operator's own signature shows nothing to who asks for witnesses, and another head is not this one.
    let key = keys().log(LogName::Events).renamed("d/t/events").unwrap();
    let own = Checkpoint {
        origin: "d/t/events".to_owned(),
        size: 9,
        root: tree(&all),
    };
    assert_eq!(
        errors(&judged(Some(own.sign(&[&key]).unwrap()))),
        [FindingCode::QuorumUnmet]
    );
    let unmet = [FindingCode::GenerationBad, FindingCode::QuorumUnmet];
    for other in [
        cosigned(8, tree(&first(8)), "events"),
        cosigned(9, tree(&all), "access"),
        b"x".to_vec(),
    ] {
        assert_eq!(errors(&judged(Some(other))), unmet);
    }
    // Where nothing was lost, the head that is left is the known one, which they cosigned.
    let whole = [continued("d/t/events", (6, tree(&old)), (6, tree(&old)))];
    assert!(judge(&witnessed(&old, &whole, None), &taken, Some(&policy)).ok);
}

/// An enrolment, and an event of the device that names a checkpoint for each of these.
fn seeing(seen: &[CheckpointSeen]) -> Vec<Vec<u8>> {
    let seed = [2; 32];
    let key = crate::hash::base64url_encode(&crate::chain::public_key(&seed));
    let detail = [("dev", "d1".into()), ("kid", "k1".into()), ("key", key.as_str().into())];
    let mut leaves = vec![entry("device.enrolled", &detail)];
    let mut prev = crate::hash::ZERO;
    for (dseq, cp) in (1..).zip(seen) {
        let header = Header {
            dev: "d1".to_owned(),
            dseq,
            prev,
            eid: format!("e{dseq}"),
            kind: "day.open".to_owned(),
            visit: None,
            subj: Vec::new(),
            wall_ms: 1000,
            mono_ms: 1,
            boot: "b".to_owned(),
            tz_min: 0,
            loc_q: None,
            rules: None,
            app: "test".to_owned(),
            cp: Some(*cp),
            pc: None,
            att: Vec::new(),
            extra: BTreeMap::new(),
        };
        let hdr = header.encode().unwrap();
        prev = crate::hash::sha256(&hdr);
        let event = DeviceEvent {
            ten: "t".to_owned(),
            seq_hint: 0,
            recv_ms: 1000,
            sig: crate::chain::sign_header(&seed, &hdr).to_vec(),
            hdr,
            kid: "k1".to_owned(),
            alg: crate::leaf::Algorithm::Ed25519,
        };
        leaves.push(Leaf::Device(event).encode().unwrap());
    }
    leaves
}

#[test]
fn a_loss_explains_what_devices_saw_only_of_its_range_and_of_one_tree() {
    let (all, old) = (first(9), first(6));
    let at = |size: u64, leaves: &[Vec<u8>]| CheckpointSeen {
        size,
        root: tree(leaves),
    };
    let judged = |seen: &[CheckpointSeen]| {
        let mut new = vec![continued("d/t/events", (9, tree(&all)), (6, tree(&old)))];
        new.extend(seeing(seen));
        errors(&judge(&write(&old, &new, &[]), NOBODY, None))
    };
    assert_eq!(judged(&[at(6, &old), at(7, &first(7)), at(9, &all)]), []);
    let other = [FindingCode::DeviceSawOtherTree];
    assert_eq!(
        judged(&[at(10, &first(10))]),
        other,
        "beyond what is said to have been known"
    );
    assert_eq!(judged(&[at(9, &first(8))]), other, "another tree of the known size");
    assert_eq!(judged(&[at(5, &first(6))]), other, "of what is left");
    assert_eq!(
        judged(&[at(7, &first(7)), at(7, &first(8))]),
        other,
        "two trees of one size"
    );
}
