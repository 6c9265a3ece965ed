//! Tests of the times that stamps leave possible. Stamps of a real authority are in the tests of the whole.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::hash::empty_root;

const HOUR_MS: i64 = 3_600_000;

fn stamped(size: u64, at_ms: i64, accuracy_ms: Option<u64>) -> Stamped {
    let stamp = Stamp {
        at_ms,
        accuracy_ms,
        policy: "1.2.3".to_owned(),
        serial: "01".to_owned(),
    };
    let checkpoint = Checkpoint {
        origin: "d/t/events".to_owned(),
        size,
        root: empty_root(),
    };
    Stamped::new(stamp_paths("events", size).0, checkpoint, stamp)
}

/// The codes that a leaf with this place and time brings about.
fn codes(stamps: &Stamps, index: u64, recv_ms: i64) -> Vec<FindingCode> {
    let mut report = Report::default();
    stamps.compare_time((LogName::Events, index), recv_ms, &mut report);
    assert!(report.findings.iter().all(|found| found.index == Some(index)));
    report.findings.iter().map(|found| found.code).collect()
}

#[test]
fn a_leaf_lies_between_the_stamps_around_it() {
    let day = 24 * HOUR_MS;
    let stamps = Stamps::ordered(vec![stamped(20, 2 * day, Some(1_000)), stamped(10, day, None)]);
    let ahead = [FindingCode::TimeAfterStamp];
    let back = [FindingCode::TimeBeforeStamp];
    // Within the first: any time before it, and not after it by more than clocks differ.
    assert_eq!(codes(&stamps, 9, 0), []);
    assert_eq!(codes(&stamps, 9, day + CLOCKS_MS), []);
    assert_eq!(codes(&stamps, 9, day + CLOCKS_MS + 1), ahead);
    // Beyond the first and within the second: between both.
    let earliest = day - CLOCKS_MS - WAIT_MS;
    assert_eq!(codes(&stamps, 10, earliest), []);
    assert_eq!(codes(&stamps, 10, earliest - 1), back);
    assert_eq!(codes(&stamps, 19, 2 * day + CLOCKS_MS + 1_000), []);
    assert_eq!(codes(&stamps, 19, 2 * day + CLOCKS_MS + 1_001), ahead);
    // Beyond both: nothing says how late it is.
    assert_eq!(codes(&stamps, 20, 90 * day), []);
    assert_eq!(codes(&stamps, 20, earliest), back);
}

#[test]
fn the_tightest_stamp_counts() {
    // An older tree that was stamped later, and a newer one stamped earlier: the earlier bounds both.
    let stamps = Stamps::ordered(vec![
        stamped(10, 50 * HOUR_MS, Some(0)),
        stamped(20, 40 * HOUR_MS, Some(0)),
    ]);
    assert_eq!(
        codes(&stamps, 0, 40 * HOUR_MS + CLOCKS_MS + 1),
        [FindingCode::TimeAfterStamp]
    );
    assert_eq!(
        codes(&stamps, 20, 50 * HOUR_MS - CLOCKS_MS - WAIT_MS - 1),
        [FindingCode::TimeBeforeStamp]
    );
}

#[test]
fn stamps_bound_the_generations_that_follow() {
    let day = 24 * HOUR_MS;
    let earliest = day - CLOCKS_MS - WAIT_MS;
    let back = [FindingCode::TimeBeforeStamp];
    let mut old = Stamps::ordered(vec![stamped(10, day, None), stamped(30, 9 * day, None)]);
    // Only 20 leaves are left: what waited when the lost ones were stamped may have got its place anew.
    old.end(20);
    let mut new = Stamps::default();
    new.follow(&old);
    assert_eq!(codes(&new, 0, earliest - 1), back);
    assert_eq!(codes(&new, 99, earliest), []);
    new.end(5);
    let mut third = Stamps::ordered(vec![stamped(4, 3 * day, None)]);
    third.follow(&new);
    assert_eq!(
        codes(&third, 3, earliest - 1),
        back,
        "handed on through a generation without stamps"
    );
    assert_eq!(codes(&third, 3, earliest), []);
    assert_eq!(codes(&third, 4, day), back, "its own stamp says more");
}

#[test]
fn any_times_are_judged_without_overflow() {
    let stamps = Stamps::ordered(vec![
        stamped(1, i64::MAX, Some(u64::MAX)),
        stamped(2, 0, Some(u64::MAX)),
    ]);
    for index in 0..3 {
        assert_eq!(codes(&stamps, index, 0), []);
        assert_eq!(codes(&stamps, index, i64::MAX), []);
        let back = codes(&stamps, index, i64::MIN);
        assert_eq!(back, vec![FindingCode::TimeBeforeStamp; usize::from(index > 0)]);
    }
    assert!(codes(&Stamps::default(), 0, 0).is_empty());
}
