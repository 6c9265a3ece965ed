//! Tests of logs that were continued: the way out is followed, every lie about it is named.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use super::meta::tests::meta_files;
use super::*;
use crate::canonical::Value;
use crate::export::{ExportKeys, Generation, Published, Writer};
use crate::leaf::{Leaf, ServerEntry};
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
    let (keys, mut folder) = (keys(), Folder::new());
    let mut writer = Writer::new(&keys, 5000, |path: &str, bytes: &[u8]| {
        folder.insert(path.to_owned(), bytes.to_vec());
        Ok::<(), ()>(())
    });
    for leaf in old {
        writer.leaf(LogName::Events, leaf.clone()).unwrap();
    }
    if !new.is_empty() {
        writer.end(LogName::Events.into(), None).unwrap();
    }
    let second = Generation {
        log: LogName::Events,
        number: 2,
    };
    for leaf in new {
        writer.leaf(second, leaf.clone()).unwrap();
    }
    for (path, bytes) in files {
        writer.file(path, bytes).unwrap();
    }
    let newest = if new.is_empty() { old } else { new };
    let origin = if new.is_empty() { "d/t/events" } else { "d/t/events-2" };
    let head = (LogName::Events, origin, newest.len() as u64, tree(newest));
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
