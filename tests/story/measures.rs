//! Reports: every figure equals what a stranger counts in the log, and none of them ranks anybody.

use std::collections::{BTreeMap, BTreeSet};

use doorstep_device::{FinishInput, StartInput};
use doorstep_domain::contact::{ContactOutcome, MatterOutcome};
use doorstep_log::canonical;
use doorstep_log::export::Opening;
use doorstep_log::leaf::{Leaf, ServerEntry};
use doorstep_log::proof::Proof;
use doorstep_wire::sync::{Payload, PromiseMade};
use serde_json::{Value, json};

use super::copies::of_case;
use super::roles::with_agency;
use crate::harness::{Client, CrewDay, Deployment, ExportInMemory, checked_in, ending, id_of, sample, together};

stories!(
    every_figure_equals_a_recount_from_the_log,
    a_report_ranks_nobody_and_each_sees_their_side,
    a_target_stands_beside_its_figure_and_none_is_on_visits_or_money,
);

/// What somebody counts who has the log and the openings of its payloads, and nothing else.
#[derive(Debug, Default)]
struct Recount {
    cases: BTreeSet<String>,
    touched: BTreeSet<String>,
    settled: BTreeSet<String>,
    /// When each visit began and ended by the device's clock, in milliseconds, and what came of it.
    visits: BTreeMap<String, (i64, i64, Option<String>)>,
    promised: BTreeSet<String>,
    /// What came of each call, by its contact.
    calls: BTreeMap<String, String>,
    /// Contacts and visits that a rule forbade.
    forbidden: BTreeSet<String>,
    /// Visits that a rule took away.
    withdrawn: BTreeSet<String>,
    complaints: BTreeSet<String>,
    complained: BTreeSet<String>,
}

fn text<'a>(entry: &'a ServerEntry, name: &str) -> &'a str {
    match entry.detail.get(name) {
        Some(canonical::Value::Text(text)) => text,
        other => panic!("{}: {name} is {other:?}", entry.t),
    }
}

impl Recount {
    /// Counts in one case, whose payloads are opened.
    fn add(&mut self, export: &ExportInMemory) {
        export.holds();
        let openings = export
            .files
            .get("openings.jsonl")
            .map(Vec::as_slice)
            .unwrap_or_default();
        let openings = openings.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let openings: BTreeMap<String, Vec<u8>> = openings
            .map(|line| Opening::decode(line).unwrap())
            .map(|opening| (opening.eid, opening.payload))
            .collect();
        let (mut alias, mut was_visited) = (String::new(), false);
        let proofs = export
            .files
            .iter()
            .filter(|(path, _)| path.starts_with("proofs/events"));
        for (_, bytes) in proofs {
            match Leaf::decode(&Proof::parse(bytes).unwrap().extra.unwrap()).unwrap() {
                Leaf::Server(entry) if entry.t == "case.imported" => text(&entry, "case").clone_into(&mut alias),
                Leaf::Server(entry) => self.add_entry(&entry),
                Leaf::Device(event) => {
                    let header = event.header().unwrap();
                    let payload = openings
                        .get(&header.eid)
                        .map(|bytes| serde_json::from_slice(bytes).unwrap());
                    if let Some(visit) = &header.visit {
                        was_visited |= header.kind == "visit.arrived";
                        self.add_event(visit, (&header.kind, header.wall_ms), payload.unwrap_or_default());
                    }
                }
            }
        }
        if was_visited {
            self.touched.insert(alias.clone());
        }
        self.cases.insert(alias);
    }

    /// What is told of a person stands in the exports of all their cases, and is counted once.
    fn add_entry(&mut self, entry: &ServerEntry) {
        match entry.t.as_str() {
            "case.restricted" if entry.reason.as_deref() == Some("settled") => {
                self.settled.insert(text(entry, "case").to_owned());
            }
            "contact.recorded" => {
                let contact = text(entry, "contact").to_owned();
                self.touched.insert(text(entry, "case").to_owned());
                if entry.detail.contains_key("rules") {
                    self.forbidden.insert(contact.clone());
                }
                if text(entry, "channel") == "call" {
                    self.calls.insert(contact, text(entry, "outcome").to_owned());
                }
            }
            "visit.withdrawn" => self.withdrawn.extend(entry.visit.clone()),
            "complaint.opened" => {
                self.complaints.insert(text(entry, "complaint").to_owned());
                self.complained.extend(entry.visit.clone());
            }
            _ => {}
        }
    }

    fn add_event(&mut self, visit: &str, (kind, wall_ms): (&str, i64), payload: Payload) {
        match kind {
            "visit.arrived" => {
                self.visits.entry(visit.to_owned()).or_default().0 = wall_ms;
                if !payload.blocked_by.is_empty() {
                    self.forbidden.insert(visit.to_owned());
                }
            }
            "visit.departed" => self.visits.entry(visit.to_owned()).or_default().1 = wall_ms,
            "visit.outcome" => self.visits.entry(visit.to_owned()).or_default().2 = payload.outcome,
            "visit.promise" => {
                self.promised.insert(visit.to_owned());
            }
            _ => {}
        }
    }

    fn ended(&self, codes: &[&str]) -> u64 {
        let ends = self.visits.values().filter_map(|(_, _, outcome)| outcome.as_deref());
        ends.filter(|outcome| codes.contains(outcome)).count() as u64
    }

    /// In Portugal clocks show UTC in November.
    fn in_the_evening(&self) -> u64 {
        let hours = self.visits.values().map(|(began, ..)| began / 3_600_000 % 24);
        hours.filter(|hour| *hour >= 19 || *hour < 6).count() as u64
    }

    /// Seconds at doors.
    fn at_doors(&self) -> u64 {
        let spans = self.visits.values().map(|(began, ended, _)| (ended - began) / 1_000);
        u64::try_from(spans.sum::<i64>()).unwrap()
    }

    fn called(&self, codes: &[&str]) -> u64 {
        self.calls
            .values()
            .filter(|outcome| codes.contains(&outcome.as_str()))
            .count() as u64
    }
}

async fn report(client: &Client, query: &str) -> Value {
    client.get(&format!("/v1/reports{query}")).await.done()
}

/// Numerator and denominator of a figure.
fn parts(figures: &Value, what: &str) -> (u64, Option<u64>) {
    let all = figures.as_array().unwrap();
    let figure = all
        .iter()
        .find(|one| one["what"] == what)
        .unwrap_or_else(|| panic!("{what}: {figures}"));
    (figure["count"].as_u64().unwrap(), figure["of"].as_u64())
}

/// A day with most of what can happen: five visits of which one is in the evening, a promise, a settled case, calls, a complaint, a
/// stop that takes a planned visit away.
async fn lived(site: &mut Deployment) -> CrewDay {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    let outcomes = [
        (ContactOutcome::MetBorrower, None),
        (ContactOutcome::MetBorrower, Some(MatterOutcome::PaidInFull)),
        (ContactOutcome::MetUnrelated, None),
        (ContactOutcome::NobodyHome, None),
    ];
    for (at, (outcome, matter)) in outcomes.into_iter().enumerate() {
        let visit = &day.visits[at];
        site.when_it_starts(visit);
        let started = checked_in(&device, visit, &day.staff).await;
        site.clock.forward(300 + 60 * i64::try_from(at).unwrap());
        let promise = (at == 0).then(|| PromiseMade {
            day: "2026-11-30".to_owned(),
            amount: 1_000,
            currency: "EUR".to_owned(),
        });
        let input = FinishInput {
            matter,
            promise,
            ..ending(&started, outcome)
        };
        device.visit_finish(id_of(&visit["visit"]), input).await.unwrap();
        device.push().await.unwrap();
    }
    // A quarter past ten in the evening is no hour for a visit; it is recorded all the same, and counted.
    let late = &day.visits[4];
    let begins = site.app().now().get() / 86_400_000_000 * 86_400_000_000 + 80_100_000_000;
    site.clock.set(doorstep_domain::measure::Micros(begins));
    let input = StartInput {
        anyway: true,
        ..together(&day.staff)
    };
    let started = device.visit_start(id_of(&late["visit"]), input).await.unwrap();
    assert!(!started.blocked.is_empty());
    site.clock.forward(120);
    let input = ending(&started, ContactOutcome::AskedToLeave);
    device.visit_finish(id_of(&late["visit"]), input).await.unwrap();
    device.push().await.unwrap();
    site.sign_everybody_in().await;
    let case = |at: usize| day.visits[at]["case"].clone();
    let visits = site.supervisor.items("/v1/visits").await;
    let is_mine = |visit: &Value| day.all.iter().any(|mine| mine["visit"] == visit["id"]);
    let other = visits.iter().find(|one| one["state"] == "planned" && !is_mine(one));
    let stopped = other.unwrap()["case"].clone();
    let complaint = json!({"case": case(2), "visit": day.visits[2]["visit"], "channel": "phone", "words": "too loud"});
    site.supervisor.post("/v1/complaints", &complaint).await.done();
    let stop = json!({"kind": "cease_contact", "words": "no more, please"});
    let path = format!("/v1/cases/{}/restrictions", stopped.as_str().unwrap());
    site.supervisor.post(&path, &stop).await.done();
    for (case, outcome) in [
        (case(3), "MET_BORROWER"),
        (stopped.clone(), "NO_ANSWER"),
        (stopped, "CONNECTED"),
    ] {
        let call = json!({"case": case, "channel": "call", "outcome": outcome});
        site.supervisor.post("/v1/contacts", &call).await.done();
    }
    day
}

async fn every_figure_equals_a_recount_from_the_log(site: &mut Deployment) {
    lived(site).await;
    let mut recount = Recount::default();
    for case in site.supervisor.items("/v1/cases").await {
        let query = format!("case={}&open=audit&purpose=inspection", case["id"].as_str().unwrap());
        recount.add(&of_case(site, &site.auditor, &query).await);
    }
    let view = report(&site.auditor, "?to=2026-11-23").await;
    let total = &view["total"];
    let visits = recount.visits.len() as u64;
    let (calls, cases) = (recount.calls.len() as u64, recount.cases.len() as u64);
    assert!(
        visits == 5 && calls == 3 && cases > 10,
        "the day is not empty: {recount:?}"
    );
    let met = [
        "MET_BORROWER",
        "MET_RELATED",
        "MET_UNRELATED",
        "ASKED_TO_LEAVE",
        "RESCHEDULED",
    ];
    let meetings = recount.ended(&["MET_BORROWER"]);
    let withdrawn = recount.withdrawn.len() as u64;
    let blocks = withdrawn + recount.forbidden.len() as u64;
    for (what, count, of) in [
        ("coverage", recount.touched.len() as u64, Some(cases)),
        ("contact", recount.ended(&met), Some(visits)),
        ("right-party", meetings, Some(visits)),
        (
            "call-contact",
            recount.called(&["MET_BORROWER", "CONNECTED"]),
            Some(calls),
        ),
        ("call-right-party", recount.called(&["MET_BORROWER"]), Some(calls)),
        ("promised", recount.promised.len() as u64, Some(meetings)),
        ("cured", recount.settled.len() as u64, Some(cases)),
        ("complaints", recount.complaints.len() as u64, None),
        ("complained", recount.complained.len() as u64, Some(visits)),
        ("rule-blocks", blocks, None),
        ("blocks-respected", withdrawn, Some(blocks)),
        ("evening", recount.in_the_evening(), Some(visits)),
    ] {
        assert_eq!(parts(total, what), (count, of), "{what}: {recount:?}");
        let counted = count > 0;
        assert!(counted, "{what} is tried with something to count");
    }
    let (work, _) = parts(total, "time-per-visit");
    let (way, _) = parts(total, "way-per-visit");
    assert!(
        work > recount.at_doors(),
        "doors and the way: {work} of {}",
        recount.at_doors()
    );
    assert!(way > 0);
    is_the_same_by_everything(site).await;
    let weeks = view["weeks"].as_array().unwrap();
    let week = weeks.iter().find(|one| one["monday"] == "2026-11-23").unwrap();
    assert_eq!(parts(&week["figures"], "contact"), parts(total, "contact"));
    assert_eq!(
        parts(&report(&site.auditor, "?to=2026-11-22").await["total"], "contact"),
        (0, Some(0))
    );
}

/// However figures are told, they are the same together.
async fn is_the_same_by_everything(site: &Deployment) {
    for by in ["crew", "territory", "portfolio", "agency", "stage"] {
        let view = report(&site.supervisor, &format!("?to=2026-11-23&by={by}")).await;
        let groups = view["items"].as_array().unwrap();
        for what in ["contact", "evening", "time-per-visit", "way-per-visit"] {
            let all = groups.iter().map(|group| parts(&group["figures"], what));
            let sum = all.fold((0, 0), |sum, (count, of)| (sum.0 + count, sum.1 + of.unwrap()));
            let (count, of) = parts(&view["total"], what);
            assert_eq!(sum, (count, of.unwrap()), "{what} by {by}");
        }
    }
}

async fn a_report_ranks_nobody_and_each_sees_their_side(site: &mut Deployment) {
    let day = lived(site).await;
    let before = site.export().await.count("report.made");
    let view = report(&site.supervisor, "?by=staff").await;
    let groups: Vec<&str> = view["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["group"].as_str().unwrap())
        .collect();
    assert!(groups.is_sorted(), "by number and nothing else: {groups:?}");
    for staff in &day.staff {
        let mine = view["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["group"] == staff["login"])
            .unwrap();
        assert_eq!(
            parts(&mine["figures"], "contact"),
            (4, Some(5)),
            "both were there: {view}"
        );
        let kinds: Vec<&str> = mine["figures"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["what"].as_str().unwrap())
            .collect();
        assert!(
            !kinds.contains(&"cured") && !kinds.contains(&"coverage"),
            "no case is one person's: {kinds:?}"
        );
        // Everybody sees their own, and field staff no other.
        let client = site.field_client(staff).await;
        let own = client.get("/v1/staff/me/report?by=portfolio").await.done();
        assert_eq!(own["items"], json!([mine]), "{own}");
        assert_eq!(own["total"], mine["figures"]);
        client.get("/v1/reports").await.problem("not-allowed");
    }
    assert_eq!(
        site.export().await.count("report.made"),
        before + 1,
        "one's own leaves no entry"
    );
    let text = view.to_string();
    for word in ["amount", "recover", "score", "\"rank", "EUR"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    site.auditor.get("/v1/reports?by=staff").await.problem("not-allowed");
    site.administrator.get("/v1/reports").await.problem("not-allowed");
    let agency = with_agency(site).await;
    for by in ["staff", "crew", "territory", "portfolio", "agency", "stage"] {
        let view = report(&agency.supervisor, &format!("?by={by}")).await;
        assert_eq!(view["items"], json!([]), "an agency sees its own side alone: {view}");
        assert_eq!(parts(&view["total"], "contact"), (0, Some(0)));
    }
    is_refused_where_it_cannot_be_told(&site.supervisor).await;
}

async fn is_refused_where_it_cannot_be_told(client: &Client) {
    for wrong in [
        "?by=name",
        "?from=2026-11-23&to=2026-11-22",
        "?from=2020-01-01",
        "?from=soon",
    ] {
        let path = format!("/v1/reports{wrong}");
        client.get(&path).await.problem("bad-request");
    }
    client.get("/v1/reports?portfolio=none").await.problem("not-found");
}

async fn a_target_stands_beside_its_figure_and_none_is_on_visits_or_money(site: &mut Deployment) {
    lived(site).await;
    let portfolios = site.administrator.items("/v1/portfolios").await;
    let cases = report(&site.supervisor, "").await;
    let busy = cases["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| parts(&one["figures"], "contact").1 > Some(0))
        .unwrap();
    let portfolio = portfolios.iter().find(|one| one["name"] == busy["group"]).unwrap();
    let path = format!("/v1/portfolios/{}/strategy", portfolio["id"].as_str().unwrap());
    let set = async |section: &str| {
        let body = json!({"file": "own.toml", "document": format!("format = 1\n[targets]\n{section}\n")});
        let request = site
            .administrator
            .request(reqwest::Method::PUT, &path)
            .header("If-Match", "\"0\"");
        site.administrator.send(request.json(&body)).await
    };
    for (section, reason) in [
        ("visits_least = 9", "a visit is a means"),
        ("amount_recovered_least = 9", "money recovered"),
    ] {
        let problem = set(section).await.problem("bad-request");
        let text = problem.to_string();
        assert!(text.contains("own.toml:3") && text.contains(reason), "{text}");
    }
    set("complained_most_percent = 0\nagreed_least_percent = 99")
        .await
        .done();
    let query = format!("?portfolio={}", portfolio["name"].as_str().unwrap().replace(' ', "%20"));
    for view in [
        report(&site.supervisor, "?by=portfolio").await,
        report(&site.supervisor, &query).await,
    ] {
        let groups = view["items"].as_array().unwrap();
        let group = groups.iter().find(|one| one["group"] == busy["group"]).unwrap();
        let figures = group["figures"].as_array().unwrap();
        let complained = figures.iter().find(|one| one["what"] == "complained").unwrap();
        // One of five was complained about: too few to call it a miss.
        assert_eq!(
            complained["target"],
            json!({"most_percent": 0, "state": "open"}),
            "{view}"
        );
        assert!(
            figures
                .iter()
                .all(|one| one["what"] != "contact" || one["target"].is_null())
        );
    }
    let by_staff = report(&site.supervisor, &format!("{query}&by=staff")).await;
    let groups = by_staff["items"].as_array().unwrap();
    assert!(
        groups.iter().all(|one| !one["figures"].to_string().contains("target")),
        "nobody is held to one: {by_staff}"
    );
}
