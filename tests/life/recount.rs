//! What is held of the whole life: everything that was to happen happened, nothing that must not, and the log says the same.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::DAYS;
use super::days::Tally;
use super::desk::{Desk, items, text};
use super::people::{Nature, Town};

/// Everything happened that the people of the town bring about.
pub(crate) async fn everything_happened(desk: &Desk, town: &Town, tally: &Tally) {
    let told = || format!("{:?}\n{:?}", tally.counts, tally.refused);
    for (name, least) in [
        ("opened", 40),
        ("paid", 60),
        ("cured", 20),
        ("called", 100),
        ("promised on the phone", 5),
        ("published", 10),
        ("visited", 40),
        ("met", 5),
        ("nobody home", 3),
        ("moved", 2),
        ("promised at the door", 2),
        ("agreed to instalments", 4),
        ("disputed", 2),
        ("in hardship", 2),
        ("left in peace", 2),
        ("complained", 2),
    ] {
        assert!(
            tally.of(name) >= least,
            "{name} happened less than {least} times: {}",
            told()
        );
    }
    let told_off = tally.refused.contains_key("HOUSE-STOP-CEASE");
    assert!(told_off, "whoever asked for quiet was to be called again: {}", told());
    // Whoever pays in the end owes nothing any more; nobody is chased who could not or would not.
    for person in &town.people {
        let pays = !matches!(
            person.nature,
            Nature::Moved | Nature::Disputes | Nature::Hardship | Nature::WantsQuiet | Nature::NeverThere
        );
        let visits = person.visits.len();
        if pays && !person.letters_only && person.nature != Nature::PaysInTime {
            assert_eq!(person.owes(DAYS - 1), 0, "{person:?}");
        }
        if person.nature == Nature::PaysInTime {
            assert!(visits == 0 && person.calls.len() <= 1, "{person:?}");
        }
        let most = if pays { 9 } else { 3 };
        assert!(visits <= most, "{person:?}");
    }
    let forbidden = desk.does("supervisor", &["contact", "forbidden"]).await;
    assert_eq!(items(&forbidden), [] as [Value; 0], "{forbidden}");
    let visits = desk.does("supervisor", &["visit", "list", "--state", "finished"]).await;
    assert_eq!(items(&visits).len() as u64, tally.of("visited"), "{}", told());
    let conflicts = desk.does("supervisor", &["conflicts"]).await;
    assert_eq!(items(&conflicts), [] as [Value; 0], "{conflicts}");
}

/// The log is exported, verifies, and has as many entries of each kind as those remember who did it.
pub(crate) async fn the_log_says_the_same(desk: &Desk, tally: &Tally) {
    desk.signs_in("auditor").await;
    let export = desk.path("exported");
    desk.does("auditor", &["log", "export", &export]).await;
    let report = desk.does("auditor", &["verify", &export]).await;
    assert_eq!(
        (&report["ok"], &report["errors"]),
        (&json!(true), &json!(0)),
        "{report}"
    );
    let kinds = counted(desk).await;
    let of = |kind: &str| kinds.get(kind).copied().unwrap_or_default();
    for (kind, name) in [
        ("contact.recorded", "called"),
        ("plan.published", "published"),
        ("visit.outcome", "visited"),
        ("complaint.opened", "complained"),
    ] {
        assert_eq!(of(kind), tally.of(name), "{kind}: {kinds:?}");
    }
}

/// How many entries of each kind the log of changes has.
async fn counted(desk: &Desk) -> BTreeMap<String, u64> {
    let mut kinds = BTreeMap::new();
    let mut before: Option<String> = None;
    loop {
        let mut args = vec!["log", "entries", "--limit", "200"];
        args.extend(before.iter().flat_map(|before| ["--before", before.as_str()]));
        let page = desk.does("auditor", &args).await;
        for entry in items(&page) {
            *kinds.entry(text(entry, "kind").to_owned()).or_default() += 1;
        }
        match page["next"].as_u64() {
            None => return kinds,
            Some(next) => before = Some(next.to_string()),
        }
    }
}
