//! Tests of logs that were continued: the way out is followed, every lie about it is named.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::io::Cursor;

use super::meta::tests::meta_files;
use super::*;
use crate::canonical::Value;
use crate::export::{Continuation, ExportKeys, Generation, Published, Writer};
use crate::leaf::{Leaf, ServerEntry};
use crate::note::SigningKey;
use crate::tree::root;
use crate::{hash::Hash, hash::leaf_hash};

type Folder = BTreeMap<String, Vec<u8>>;

fn entry(t: &str, detail: &[(&str, Value)]) -> Vec<u8> {
    let leaf = Leaf::Server(ServerEntry {
        ten: "t".to_owned(),
        t: t.to_owned(),
        recv_ms: 1000,
        actor: "program".to_owned(),
        reason: Some("rolled-back".to_owned()),
        detail: detail
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect(),
        ..ServerEntry::default()
    });
    leaf.encode().unwrap()
}

fn first(count: u64) -> Vec<Vec<u8>> {
    (0..count)
        .map(|place| entry("org.changed", &[("n", Value::Integer(place as i64))]))
        .collect()
}

fn tree(leaves: &[Vec<u8>]) -> Hash {
    root(&leaves.iter().map(|leaf| leaf_hash(leaf)).collect::<Vec<_>>())
}

fn continued(origin: &str, known: (u64, Hash), left: (u64, Hash)) -> Vec<u8> {
    let detail = [
        ("origin", Value::from(origin)),
        ("size", Value::Integer(known.0 as i64)),
        ("root", Value::from(known.1.to_string().as_str())),
        ("left_size", Value::Integer(left.0 as i64)),
        ("left_root", Value::from(left.1.to_string().as_str())),
    ];
    entry("log.continued", &detail)
}

fn keys() -> ExportKeys {
    ExportKeys::from_seed("d/t", &[1; 32]).unwrap()
}

/// An export of `old` and then `new` as the second generation, with other files as they are given.
fn write(old: &[Vec<u8>], new: &[Vec<u8>], files: &[(&str, Vec<u8>)]) -> Folder {
    let generations: &[&[Vec<u8>]] = if new.is_empty() { &[old] } else { &[old, new] };
    write_all(generations, files)
}

/// An export of generations of the events log.
fn write_all(generations: &[&[Vec<u8>]], files: &[(&str, Vec<u8>)]) -> Folder {
    let (keys, mut folder) = (keys(), Folder::new());
    let mut writer = Writer::new(&keys, 5000, Cursor::new(Vec::new()), |path: &str, bytes: &[u8]| {
        folder.entry(path.to_owned()).or_default().extend(bytes);
        Ok::<(), ()>(())
    });
    let mut generation = Generation::from(LogName::Events);
    for (place, leaves) in generations.iter().enumerate() {
        for leaf in *leaves {
            writer.leaf(generation, leaf.clone()).unwrap();
        }
        if place + 1 < generations.len() {
            writer.end(generation, None).unwrap();
        }
        generation = generation.next();
    }
    for (path, bytes) in files {
        writer.file(path, bytes).unwrap();
    }
    let newest = generations.last().unwrap();
    let origin = match generations.len() {
        1 => "d/t/events".to_owned(),
        number => format!("d/t/events-{number}"),
    };
    let head = (LogName::Events, origin.as_str(), newest.len() as u64, tree(newest));
    for (path, bytes) in meta_files(&[head], &|_| String::new()) {
        writer.file(&path, &bytes).unwrap();
    }
    writer.finish(Published::default()).unwrap();
    folder
}

fn verify(folder: &Folder, since: Option<&[u8]>) -> Report {
    verify_export(folder, Some(&[keys().tenant().verifier()]), since)
}

fn codes(report: &Report) -> Vec<FindingCode> {
    report.findings.iter().map(|finding| finding.code).collect()
}

fn checkpoint(leaves: &[Vec<u8>]) -> Vec<u8> {
    let found = Checkpoint {
        origin: "d/t/events".to_owned(),
        size: leaves.len() as u64,
        root: tree(leaves),
    };
    found.sign(&[keys().log(LogName::Events)]).unwrap()
}

#[test]
fn a_continued_log_holds_and_says_what_was_lost() {
    let (all, old) = (first(9), first(6));
    let new = [
        continued("d/t/events", (9, tree(&all)), (6, tree(&old))),
        entry("restored", &[]),
    ];
    let folder = write(&old, &new, &[]);
    let report = verify(&folder, None);
    assert_eq!(codes(&report), [FindingCode::LogContinued]);
    assert_eq!((report.errors, report.verdict), (0, Verdict::Continued));
    assert!(
        report.findings[0]
            .message
            .contains("of 9 leaves that were signed, 3 are lost")
    );
    let origins: Vec<&str> = report.logs.iter().map(|log| log.origin.as_str()).collect();
    assert_eq!(origins, ["d/t/events", "d/t/events-2", "d/t/access"]);
    let since = verify(&folder, Some(&checkpoint(&first(4))));
    assert_eq!(since.errors, 0, "a head that is left is extended");
    let since = verify(&folder, Some(&checkpoint(&all)));
    assert!(
        codes(&since).contains(&FindingCode::SinceInconsistent),
        "what was signed is gone"
    );
}

#[test]
fn a_lie_about_what_is_continued_is_named() {
    let (all, old) = (first(9), first(6));
    let good = (6, tree(&old));
    let lies = [
        continued("d/t/access", (9, tree(&all)), good),
        continued("d/t/events", (9, tree(&all)), (5, tree(&first(5)))),
        continued("d/t/events", (9, tree(&all)), (6, tree(&all))),
        entry("org.changed", &[]),
    ];
    for lie in lies {
        let report = verify(&write(&old, &[lie], &[]), None);
        assert!(
            codes(&report).contains(&FindingCode::GenerationBad),
            "{:#?}",
            report.findings
        );
    }
    let stray = write(&old, &[], &[("events-3/checkpoint", checkpoint(&all))]);
    assert!(codes(&verify(&stray, None)).contains(&FindingCode::GenerationBad));
}

#[path = "continued_tests.rs"]
mod continued_tests;

#[test]
fn a_log_that_was_signed_as_two_histories_does_not_verify() {
    let old = first(6);
    let other = (4, tree(&first(5)));
    let new = [continued("d/t/events", other, (6, tree(&old)))];
    let report = verify(&write(&old, &new, &[]), None);
    assert!(!report.ok);
    assert_eq!(codes(&report), [FindingCode::LogForked]);
}

/// A backup that was restored twice: what went on first was signed elsewhere, and ended here before it was signed.
#[test]
fn a_log_that_ended_before_it_was_signed_is_told_of_by_the_next() {
    let (all, old, lost) = (first(9), first(6), first(3));
    let nothing = (0, tree(&[]));
    let of_second = continued("d/t/events-2", (3, tree(&lost)), nothing);
    let of_first = continued("d/t/events", (9, tree(&all)), (6, tree(&old)));
    let third = |leaves: &[Vec<u8>]| verify(&write_all(&[&old, &[], leaves], &[]), None);
    let report = third(&[of_second.clone(), of_first.clone(), entry("restored", &[])]);
    assert_eq!(report.errors, 0, "{:#?}", report.findings);
    let told: Vec<(FindingCode, Option<u64>)> = report.findings.iter().map(|one| (one.code, one.index)).collect();
    let continued = FindingCode::LogContinued;
    assert_eq!(told, [(continued, Some(0)), (continued, Some(1))]);
    assert!(
        report.findings[1]
            .message
            .contains("d/t/events was closed and goes on as events-2")
    );
    for lie in [
        vec![of_second.clone()],
        vec![of_first.clone()],
        vec![of_first.clone(), of_second.clone()],
        vec![of_second.clone(), entry("restored", &[]), of_first.clone()],
    ] {
        let found = codes(&third(&lie));
        assert!(found.contains(&FindingCode::GenerationBad), "{found:?}");
    }
    let said = Continuation::of_leaf(&Leaf::decode(&of_first).unwrap()).unwrap();
    let places = ["d/t/events", "d/t/events-2", "d/t/events-3", "d/t/events-x"].map(|origin| said.place_in(origin));
    assert_eq!(places, [None, Some(0), Some(1), None], "where each log may say so");
    let ends_with_nothing = write(&old, &[], &[("events-2/checkpoint", empty("d/t/events-2"))]);
    assert!(codes(&verify(&ends_with_nothing, None)).contains(&FindingCode::GenerationBad));
}

/// The signed checkpoint of a log without leaves.
fn empty(origin: &str) -> Vec<u8> {
    let found = Checkpoint {
        origin: origin.to_owned(),
        size: 0,
        root: tree(&[]),
    };
    let key = SigningKey::from_seed(origin, &[1; 32]).unwrap();
    found.sign(&[&key]).unwrap()
}
