//! What must have happened by the last day, by those who remember what they did, and by what the office says when it is asked.

use serde_json::Value;

use super::DAYS;
use super::days::Tally;
use super::desk::{Desk, items, text};
use super::people::{Nature, Person, Town};
use super::recount::{Log, Told, What};

/// Everything happened that the people of the town bring about.
pub(crate) fn everything_happened(tally: &Tally) {
    for (name, least) in [
        ("message", 60),
        ("call", 60),
        ("letter", 20),
        ("paid", 60),
        ("bounced", 2),
        ("held and found", 1),
        ("promise", 10),
        ("promise at the door", 1),
        ("plan", 8),
        ("planned anew", 2),
        ("plan replaced", 2),
        ("published", 8),
        ("visited", 20),
        ("door NOBODY_HOME ", 2),
        ("door MOVED ", 1),
        ("door ASKED_TO_LEAVE ", 1),
        ("door MET_BORROWER DISPUTE", 1),
        ("door MET_BORROWER HARDSHIP", 1),
        ("calm kept", 1),
        ("disputed", 2),
        ("hardship", 2),
        ("cease_contact", 1),
        ("deceased", 1),
        ("complained", 1),
        ("number corrected", 1),
        ("bundle", 1),
        ("bureau", 1),
    ] {
        assert!(
            tally.of(name) >= least,
            "{name} happened less than {least} times: {:#?}",
            tally.counts
        );
    }
}

/// Each agreement became what the payments of the person make of it; all kinds of ends are among them.
pub(crate) async fn agreements_became_what_was_paid(desk: &Desk, tally: &Tally) {
    let list = desk.does("supervisor", &["agreement", "list"]).await;
    for one in items(&list) {
        let expected = tally.agreed.get(text(one, "id"));
        let state = text(one, "state");
        // Of the last days' nobody knows yet.
        assert!(Some(&state) == expected || state == "promised", "{expected:?}: {one}");
    }
    for (kind, state) in [
        ("promise", "kept"),
        ("promise", "partial"),
        ("promise", "broken"),
        ("plan", "kept"),
        ("plan", "broken"),
        ("plan", "ended"),
    ] {
        let found = items(&list)
            .iter()
            .any(|one| one["kind"] == kind && one["state"] == state);
        assert!(found, "a {kind} was {state}: {list}");
    }
}

/// What became of everybody.
pub(crate) fn everybody_lived_as_they_are(town: &Town, tally: &Tally, log: &Log) {
    for person in &town.people {
        let told = log.cases.iter().find(|told| told.number == person.number).unwrap();
        let seen = tally.seen.get(&person.number).cloned().unwrap_or_default();
        lived(person, told, &seen);
    }
    let saw = |way: &[&str]| tally.seen.values().any(|seen| holds(seen, way));
    for way in [
        &["M0", "M1", "M2", "M3", "M3+"][..],
        &["M1", "settled", "M0", "M1", "settled"],
        &["M2", "settled"],
    ] {
        assert!(saw(way), "a case went the way {way:?}: {:?}", tally.seen);
    }
}

/// Whether stages came in this order, with others between.
fn holds(seen: &[String], way: &[&str]) -> bool {
    let mut left = way.iter();
    let mut next = left.next();
    for one in seen {
        if next.is_some_and(|wanted| wanted == one) {
            next = left.next();
        }
    }
    next.is_none()
}

/// What holds of somebody by their nature.
fn lived(person: &Person, told: &Told, seen: &[String]) {
    let tell = || format!("{person:?} {seen:?} {:#?}", told.all);
    let calls = told.count(|what| matches!(what, What::Contact { channel, .. } if channel == "call"));
    let visits = told.visits().len() as u64;
    assert_eq!(
        (calls, visits),
        (person.calls.len() as u64, person.visits.len() as u64),
        "{}",
        tell()
    );
    let mut states = told.all.iter().filter_map(|(_, what)| match what {
        What::On(kind) if kind == "plan_performing" => Some(true),
        What::Off(kind) if kind == "plan_performing" => Some(false),
        _ => None,
    });
    let plans_end = |what: &What| matches!(what, What::Judged { kind, .. } if kind == "plan");
    let over = person.owes_ever() == 0 || told.count(plans_end) > 0 && person.means_to.iter().all(|due| due.day < DAYS);
    assert!(
        !over || states.next_back() != Some(true),
        "nobody stays away for a plan that is over: {}",
        tell()
    );
    match person.nature {
        Nature::PaysInTime => {
            // Who was late before the first day is not among them.
            let late = person.instalments.iter().any(|due| due.day < 0);
            assert!(late || calls + visits == 0, "{}", tell());
        }
        Nature::Forgot | Nature::KeepsPromises | Nature::PaysHalf | Nature::KeepsPlan => {
            assert!(seen.iter().any(|one| one == "settled"), "{}", tell());
            assert!(
                person.owes(DAYS - 1) < person.instalments.iter().map(|due| due.cents).sum(),
                "{}",
                tell()
            );
        }
        Nature::Died | Nature::WantsQuiet => assert!(calls + visits <= 6, "{}", tell()),
        Nature::Disputes | Nature::Hardship => assert!(visits <= 1, "{}", tell()),
        _ => {}
    }
}

/// The office knows of no contact that a rule forbade, of no contradiction, and of as many visits as were made.
pub(crate) async fn the_office_says_the_same(desk: &Desk, tally: &Tally, log: &Log) {
    for list in [&["contact", "forbidden"][..], &["conflicts"]] {
        let found = desk.does("supervisor", list).await;
        assert_eq!(items(&found), [] as [Value; 0], "{found}");
    }
    let visits = desk.does("supervisor", &["visit", "list", "--state", "finished"]).await;
    assert_eq!(items(&visits).len() as u64, tally.of("visited"), "{:#?}", tally.counts);
    // Whoever paid before a visit that was announced had nobody at the door.
    let withdrawn = log.of("visit.withdrawn");
    assert_eq!(
        tally.of("planned"),
        tally.of("visited") + withdrawn,
        "{:#?}",
        tally.counts
    );
    assert!(withdrawn > 0);
}
