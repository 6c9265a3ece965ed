//! Events that no device of ours makes, rightly signed: they name other persons, have texts in the header, or take ids that
//! are not theirs. The queue of the device goes on, the visited person loses nothing, and the log stays what it is.

use doorstep_log::canonical::Value as Canonical;
use doorstep_log::leaf::Leaf;
use doorstep_log::verify::{FindingCode, Report, Severity};
use doorstep_wire::sync::{Payload, PushEvent};
use serde_json::{Value, json};
use uuid::Uuid;

use super::copies::of_case;
use super::safety::alias_of_first;
use crate::harness::{CrewDay, Deployment, Wire, sample};

stories!(
    an_event_that_names_others_is_kept_apart,
    an_event_that_names_others_breaks_no_erasure,
    a_text_in_a_header_stays_out_of_the_log,
    an_id_of_the_servers_own_is_no_fault,
);

fn note(text: &str) -> Payload {
    Payload {
        note: Some(text.to_owned()),
        ..Payload::default()
    }
}

/// A crew's day, a device in the raw, the first visit's alias and the case that it is about.
async fn at_the_first_door(site: &mut Deployment) -> (CrewDay, Wire, Uuid, String) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let wire = site.wire(&day.staff[0], 1).await;
    let alias = alias_of_first(&wire, &day).await;
    site.when_it_starts(&day.visits[0]);
    let case = day.visits[0]["case"].as_str().unwrap().to_owned();
    (day, wire, alias, case)
}

async fn results(wire: &Wire, events: &[&PushEvent]) -> Vec<(String, Option<String>, String)> {
    let answer = wire.push(events).await.done();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let each = answer["results"].as_array().unwrap().iter();
    each.map(|one| {
        (
            text(&one["status"]).unwrap(),
            text(&one["code"]),
            one["flags"].to_string(),
        )
    })
    .collect()
}

fn errors(report: &Report) -> Vec<FindingCode> {
    let errors = report.findings.iter().filter(|found| found.severity == Severity::Error);
    errors.map(|found| found.code).collect()
}

/// How many device events of an export are about a visit.
fn about(leaves: &[Vec<u8>], visit: Uuid) -> usize {
    let visit = visit.to_string();
    let is_about = |leaf: &&Vec<u8>| match Leaf::decode(leaf).unwrap() {
        Leaf::Device(event) => event.header().unwrap().visit.as_ref() == Some(&visit),
        Leaf::Server(entry) => entry.t == "device.withheld" && entry.visit.as_ref() == Some(&visit),
    };
    leaves.iter().filter(is_about).count()
}

async fn an_event_that_names_others_is_kept_apart(site: &mut Deployment) {
    let (_, mut wire, alias, case) = at_the_first_door(site).await;
    let own = wire.subject(alias).to_string();
    let other = Uuid::from_u128(0xfeed).to_string();
    let right = wire.event_with("visit.note", &note("right"), alias, |_| ());
    let none = wire.event_with("visit.note", &note("none"), alias, |header| header.subj.clear());
    let both = wire.event_with("visit.note", &note("both"), alias, |header| {
        header.subj.push(other.clone());
    });
    let wrong = wire.event_with("dnc.requested", &note("wrong"), alias, |header| {
        header.subj = vec![other.clone()];
    });
    let nowhere = wire.event_with("visit.note", &note("nowhere"), alias, |header| header.visit = None);
    let found = results(&wire, &[&right, &none, &both, &wrong, &nowhere]).await;
    assert_eq!(found[0], ("accepted".to_owned(), None, "null".to_owned()));
    for apart in &found[1..] {
        assert_eq!(
            (apart.0.as_str(), apart.1.as_deref()),
            ("quarantined", Some("subject-mismatch"))
        );
        assert!(apart.2.contains("subject-mismatch"), "{apart:?}");
    }
    let export = site.export().await;
    assert_eq!(errors(&export.holds()), []);
    assert_eq!(
        export.count("case.restricted"),
        1,
        "most restrictive wins, whatever else it says"
    );
    assert!(export.log_text().contains(&own));
    let under_person = "SELECT count(*) FROM payload JOIN person ON person_id = subject_id JOIN event USING (event_id)";
    assert_eq!(site.app().store().number(under_person).await.unwrap(), 1);
    // Whatever it names, what happened at the door is in the case's file.
    let copy = of_case(site, &site.auditor, &format!("case={case}")).await;
    let report = copy.holds();
    assert_eq!(errors(&report), []);
    let text: Vec<Vec<u8>> = site.export().await.leaves();
    assert_eq!(
        (about(&text, alias), report.counts.events),
        (4, 5),
        "and one that names the person alone"
    );
}

async fn an_event_that_names_others_breaks_no_erasure(site: &mut Deployment) {
    let (_, mut wire, alias, case) = at_the_first_door(site).await;
    let none = wire.event_with("visit.note", &note("none"), alias, |header| header.subj.clear());
    let right = wire.event_with("visit.note", &note("right"), alias, |_| ());
    wire.push(&[&none, &right]).await.done();
    site.erase_person_of(&case).await;
    // And what a device sends only then.
    let late = wire.event_with("visit.note", &note("late"), alias, |header| header.subj.clear());
    let text = wire.event_with("visit.note", &note("text"), alias, |header| {
        header.boot.push_str(" Maria");
    });
    wire.push(&[&late, &text]).await.done();
    let report = site.export().await.holds();
    assert_eq!((errors(&report), report.counts.payloads_missing), (Vec::new(), 0));
    assert!(report.counts.payloads_erased > 0);
}

async fn a_text_in_a_header_stays_out_of_the_log(site: &mut Deployment) {
    let (_, mut wire, alias, case) = at_the_first_door(site).await;
    let events = [
        wire.event_with("Maria Silva +351911222333", &note("1"), alias, |_| ()),
        wire.event_with("visit.note", &note("2"), alias, |header| {
            header.loc_q = Some("Maria Silva".to_owned());
        }),
        wire.event_with("visit.note", &note("3"), alias, |header| {
            header.app.push_str(" Maria");
        }),
        wire.event_with("visit.note", &note("4"), alias, |header| {
            header.subj.push("Maria Silva".to_owned());
        }),
        wire.event_with("dnc.requested", &note("5"), alias, |header| {
            header
                .extra
                .insert("said".to_owned(), Canonical::from("Maria Silva asked"));
        }),
        wire.event_with("visit.note", &note("6"), alias, |header| {
            header.eid.push_str(" Maria");
        }),
    ];
    let right = wire.event_with("visit.note", &note("right"), alias, |_| ());
    let mut all: Vec<&PushEvent> = events.iter().collect();
    all.push(&right);
    let found = results(&wire, &all).await;
    for apart in &found[..6] {
        assert_eq!(
            (apart.0.as_str(), apart.1.as_deref()),
            ("quarantined", Some("header-text")),
            "{apart:?}"
        );
    }
    assert_eq!(found[6].0, "accepted", "the queue goes on");
    assert_eq!(wire.statuses(&all).await, ["duplicate"; 7]);
    let export = site.export().await;
    let report = export.holds();
    assert_eq!(errors(&report), []);
    let withheld = |found: &&doorstep_log::verify::Finding| found.code == FindingCode::DeviceWithheld;
    assert_eq!(report.findings.iter().filter(withheld).count(), 6);
    assert_eq!(export.count("case.restricted"), 1, "what was asked for is heard");
    assert!(!export.log_text().contains("Maria"));
    let held = "SELECT count(*) FROM event WHERE hdr <> '' OR kind LIKE '%Maria%'";
    let held = match site.engine {
        doorstep_store::Engine::Sqlite => "SELECT count(*) FROM event WHERE length(hdr) > 0 OR kind LIKE '%Maria%'",
        doorstep_store::Engine::Postgres => held,
    };
    assert_eq!(
        site.app().store().number(held).await.unwrap(),
        1,
        "nor is it in the clear in the database"
    );
    let copy = of_case(site, &site.supervisor, &format!("case={case}&open=audit")).await;
    let report = copy.holds();
    assert_eq!(errors(&report), []);
    assert_eq!(report.findings.iter().filter(withheld).count(), 6);
    let opened = String::from_utf8(copy.files["openings.jsonl"].clone()).unwrap();
    assert!(opened.lines().count() >= 7, "the person's file has all of it: {opened}");
    site.erase_person_of(&case).await;
    assert_eq!(errors(&site.export().await.holds()), []);
}

async fn an_id_of_the_servers_own_is_no_fault(site: &mut Deployment) {
    let (_, mut wire, alias, _) = at_the_first_door(site).await;
    let export = site.export().await;
    let leaves = export.leaves();
    let mut entries = leaves.iter().filter_map(|leaf| match Leaf::decode(leaf).unwrap() {
        Leaf::Server(entry) => entry.eid,
        Leaf::Device(_) => None,
    });
    let taken = entries.next_back().unwrap();
    let worn = wire.event_with("visit.note", &note("worn"), alias, |header| {
        header.eid.clone_from(&taken);
    });
    let next = wire.event_with("visit.note", &note("next"), alias, |_| ());
    let found = results(&wire, &[&worn, &next]).await;
    assert_eq!(
        (found[0].0.as_str(), found[0].1.as_deref()),
        ("quarantined", Some("id-taken"))
    );
    assert_eq!(found[1].0, "accepted");
    assert_eq!(wire.statuses(&[&worn, &next]).await, ["duplicate"; 2]);
    let report = site.export().await.holds();
    assert_eq!(errors(&report), []);
    assert_eq!(json!(report.counts.events), json!(1));
}
