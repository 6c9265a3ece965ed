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

use super::agreements::propose;
use super::copies::of_case;
use super::loans::daily;
use super::payments::paid;
use super::roles::with_agency;
use crate::harness::{
    Answered, Client, CrewDay, Deployment, ExportInMemory, checked_in, ending, id_of, sample, together,
};

stories!(
    every_figure_equals_a_recount_from_the_log,
    kept_broken_and_cured_equal_a_recount_from_the_log,
    a_report_ranks_nobody_and_each_sees_their_side,
    a_target_stands_beside_its_figure_and_none_is_on_visits_or_money,
);

/// What somebody counts who has the log and the openings of its payloads, and nothing else.
#[derive(Debug, Default)]
struct Recount {
    cases: BTreeSet<String>,
    touched: BTreeSet<String>,
    /// Where each entry about a settled case or a judged agreement stands in the log, with the case or agreement and what became
    /// of it: the last one holds.
    became: BTreeMap<u64, (String, String)>,
    /// When each visit began and ended by the device's clock, in milliseconds, and what came of it.
    visits: BTreeMap<String, (i64, i64, Option<String>)>,
    /// The portfolio of the case of each visit.
    portfolios: BTreeMap<String, String>,
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
    /// Counts in one case of a portfolio, whose payloads are opened.
    fn add(&mut self, export: &ExportInMemory, portfolio: &str) {
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
            let proof = Proof::parse(bytes).unwrap();
            match Leaf::decode(&proof.extra.unwrap()).unwrap() {
                Leaf::Server(entry) if entry.t == "case.imported" => text(&entry, "case").clone_into(&mut alias),
                Leaf::Server(entry) => self.add_entry(proof.index, &entry),
                Leaf::Device(event) => {
                    let header = event.header().unwrap();
                    let payload = openings
                        .get(&header.eid)
                        .map(|bytes| serde_json::from_slice(bytes).unwrap());
                    if let Some(visit) = &header.visit {
                        self.portfolios.insert(visit.clone(), portfolio.to_owned());
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
    fn add_entry(&mut self, index: u64, entry: &ServerEntry) {
        let mut became = |what: &str, state: &str| {
            let what = text(entry, what).to_owned();
            self.became.insert(index, (what, state.to_owned()));
        };
        match entry.t.as_str() {
            "case.restricted" if entry.reason.as_deref() == Some("settled") => became("case", "settled"),
            "case.settled" => became("case", "settled"),
            "case.opened" => became("case", "open"),
            // Rewards that are earned are judged too, and are no agreement that somebody pays.
            "agreement.judged" if ["promise", "plan", "settlement"].contains(&text(entry, "kind")) => {
                became("agreement", text(entry, "to"));
            }
            "agreement.ended" => became("agreement", "ended"),
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

    /// How many cases and agreements stand like this in the end.
    fn stand(&self, states: &[&str]) -> u64 {
        let last: BTreeMap<&String, &String> = self.became.values().map(|(what, state)| (what, state)).collect();
        last.values().filter(|state| states.contains(&state.as_str())).count() as u64
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

    /// Seconds and metres by portfolio: at each door, and the visit's part of a route of so many seconds and metres that all of
    /// them were on. The sum of the parts is the route.
    fn spent(&self, (driving, metres): (u64, u64)) -> BTreeMap<&str, (u64, u64, u64)> {
        let mut visits: Vec<_> = self.visits.iter().collect();
        visits.sort_by_key(|(_, (began, ..))| *began);
        let count = visits.len() as u64;
        let mut spent: BTreeMap<&str, (u64, u64, u64)> = BTreeMap::new();
        for ((alias, (began, ended, _)), place) in visits.into_iter().zip(1..) {
            let part = |whole: u64| whole * place / count - whole * (place - 1) / count;
            let of = spent.entry(&self.portfolios[alias]).or_default();
            of.0 += u64::try_from((ended - began) / 1_000).unwrap() + part(driving);
            of.1 += part(metres);
            of.2 += 1;
        }
        spent
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

/// Somebody whom another crew was to visit today wants no more contact: the case.
async fn stopped_ahead(site: &Deployment, day: &CrewDay) -> Value {
    let visits = site.supervisor.items("/v1/visits").await;
    let is_mine = |visit: &Value| day.all.iter().any(|mine| mine["visit"] == visit["id"]);
    let other = visits.iter().find(|one| one["state"] == "planned" && !is_mine(one));
    let case = other.unwrap()["case"].clone();
    let stop = json!({"kind": "cease_contact", "words": "no more, please"});
    let path = format!("/v1/cases/{}/restrictions", case.as_str().unwrap());
    site.supervisor.post(&path, &stop).await.done();
    case
}

/// A day with most of what can happen: five visits of which one is in the evening, a promise, a settled case, calls, a complaint, a
/// stop that takes a planned visit away.
async fn lived(site: &mut Deployment) -> CrewDay {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    live(site, &day).await;
    day
}

async fn live(site: &mut Deployment, day: &CrewDay) {
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    let stopped = stopped_ahead(site, day).await;
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
    let complaint = json!({"case": case(2), "visit": day.visits[2]["visit"], "channel": "phone", "words": "too loud"});
    site.supervisor.post("/v1/complaints", &complaint).await.done();
    for (case, outcome) in [
        (case(3), "MET_BORROWER"),
        (stopped.clone(), "NO_ANSWER"),
        (stopped, "CONNECTED"),
    ] {
        let call = json!({"case": case, "channel": "call", "outcome": outcome});
        site.supervisor.post("/v1/contacts", &call).await.done();
    }
}

/// Everything that the log has, with its payloads opened.
async fn recounted(site: &Deployment) -> Recount {
    let mut recount = Recount::default();
    for case in site.supervisor.items("/v1/cases").await {
        let query = format!("case={}&open=audit&purpose=inspection", case["id"].as_str().unwrap());
        let export = of_case(site, &site.auditor, &query).await;
        recount.add(&export, case["portfolio"].as_str().unwrap());
    }
    recount
}

async fn every_figure_equals_a_recount_from_the_log(site: &mut Deployment) {
    let mut day = site.crew_day(sample("porto-messy.csv")).await;
    of_both_portfolios(site, &mut day).await;
    has_prices(site, 1).await;
    live(site, &day).await;
    let recount = recounted(site).await;
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
        ("cured", recount.stand(&["settled"]), Some(cases)),
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
    is_the_same_by_everything(site).await;
    what_visits_cost_equals_a_recount(site, &recount, &day).await;
    // What was spent was spent: a new price is one of visits to come.
    has_prices(site, 2).await;
    what_visits_cost_equals_a_recount(site, &recount, &day).await;
    let weeks = view["weeks"].as_array().unwrap();
    let week = weeks.iter().find(|one| one["monday"] == "2026-11-23").unwrap();
    assert_eq!(parts(&week["figures"], "contact"), parts(total, "contact"));
    assert_eq!(
        parts(&report(&site.auditor, "?to=2026-11-22").await["total"], "contact"),
        (0, Some(0))
    );
}

/// Leaves visits out, later ones first, until the five that are lived are of more than one portfolio: which are planned, and in
/// which order, follows from ids.
async fn of_both_portfolios(site: &Deployment, day: &mut CrewDay) {
    let mut portfolios = BTreeMap::new();
    for case in site.supervisor.items("/v1/cases").await {
        portfolios.insert(case["id"].to_string(), case["portfolio"].to_string());
    }
    let of = |visit: &Value| &portfolios[&visit["case"].to_string()];
    while day.visits[..4].iter().all(|visit| of(visit) == of(&day.visits[4])) {
        day.visits.remove(4);
    }
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

/// The prices that the portfolios are given: an hour and a kilometre in hundredths of the planner's money, and how much of that
/// one euro is.
const PRICES: [(&str, u64, u64, u64); 2] = [("card", 30_00, 1_00, 2), ("consumer-loan", 12_00, 50, 1)];

/// The portfolios get a version of a strategy of their own with these prices, each version with dearer ones.
async fn has_prices(site: &Deployment, version: u64) {
    for (portfolio, hour, kilometre, unit) in PRICES {
        let money = |cents: u64| format!("{}.{:02}", cents * version / 100, cents * version % 100);
        let kilometre = money(kilometre);
        let section = format!(
            "[worth]\nunit = \"{unit}\"\nlabour_hour = \"{}\"\nkilometre_car = \"{kilometre}\"\n\
             kilometre_moped = \"{kilometre}\"\n",
            money(hour)
        );
        strategy_set(site, (portfolio, version - 1), &section).await.done();
    }
}

/// Working time, way and cost: from what devices said of doors, the route as it was planned, and the portfolios' own prices.
async fn what_visits_cost_equals_a_recount(site: &Deployment, recount: &Recount, day: &CrewDay) {
    let route = route_of(site, &day.visits[0]["visit"]).await;
    let number = |name: &str| route[name].as_u64().unwrap();
    let spent = recount.spent((number("driving"), number("metres")));
    assert_eq!(spent.len(), PRICES.len(), "visits for both portfolios: {spent:?}");
    let view = report(&site.supervisor, "?to=2026-11-23&by=portfolio").await;
    let mut all = (0, 0, 0, 0);
    for (portfolio, hour, kilometre, unit) in PRICES {
        let (seconds, metres, visits) = spent[portfolio];
        // Hundredths of the planner's money in parts of 3,600,000, then in hundredths of a euro, rounded up.
        let cost = (seconds * hour * 1_000 + metres * kilometre * 3_600).div_ceil(3_600_000 * unit);
        let groups = view["items"].as_array().unwrap();
        let group = groups.iter().find(|one| one["group"] == portfolio).unwrap();
        for (what, sum) in [
            ("time-per-visit", seconds),
            ("way-per-visit", metres),
            ("cost-per-visit", cost),
        ] {
            assert_eq!(parts(&group["figures"], what), (sum, Some(visits)), "{what}: {spent:?}");
            assert!(sum > 0, "{what} is tried with something to count");
        }
        all = (all.0 + seconds, all.1 + metres, all.2 + cost, all.3 + visits);
    }
    let total = &view["total"];
    assert_eq!(parts(total, "time-per-visit"), (all.0, Some(all.3)));
    assert_eq!(parts(total, "way-per-visit"), (all.1, Some(all.3)));
    assert_eq!(parts(total, "cost-per-visit"), (all.2, Some(all.3)));
    let figures = total.as_array().unwrap();
    let cost = figures.iter().find(|one| one["what"] == "cost-per-visit").unwrap();
    assert_eq!(
        (&cost["unit"], &cost["currency"]),
        (&json!("minor-per-visit"), &json!("EUR"))
    );
    assert_eq!(cost["mean"], (all.2 + all.3 / 2) / all.3);
}

/// The planned route on which a visit is.
async fn route_of(site: &Deployment, visit: &Value) -> Value {
    for plan in site.supervisor.items("/v1/plans").await {
        let path = format!("/v1/plans/{}", plan["id"].as_str().unwrap());
        let plan = site.supervisor.get(&path).await.done();
        let routes = plan["routes"].as_array().unwrap();
        let has = |route: &&Value| {
            route["visits"]
                .as_array()
                .unwrap()
                .iter()
                .any(|one| &one["visit"] == visit)
        };
        if let Some(route) = routes.iter().find(has) {
            return route.clone();
        }
    }
    panic!("no route has {visit}");
}

/// Sets a strategy of a portfolio of its own in place of a version; 0 where it has none.
async fn strategy_set(site: &Deployment, (portfolio, replaces): (&str, u64), sections: &str) -> Answered {
    let portfolios = site.administrator.items("/v1/portfolios").await;
    let found = portfolios.iter().find(|one| one["name"] == portfolio).unwrap();
    let path = format!("/v1/portfolios/{}/strategy", found["id"].as_str().unwrap());
    let body = json!({"file": "own.toml", "document": format!("format = 1\n{sections}")});
    let request = site
        .administrator
        .request(reqwest::Method::PUT, &path)
        .header("If-Match", format!("\"{replaces}\""));
    site.administrator.send(request.json(&body)).await
}

/// Cases whose persons are as invented as what they owe.
const AGREED: &str = "case_no,portfolio,name,phone,address,lat,lon,amount_due,principal,interest,penalty,fees,currency,due_date,\
    days_past_due,language\n\
    ME-1,card,Ana Prova,+351910000201,\"Rua Inventada, 1\",41.150000,-8.610000,500.00,500.00,0.00,0.00,0.00,EUR,2026-10-01,53,pt\n\
    ME-2,card,Rui Prova,+351910000202,\"Rua Inventada, 2\",41.160000,-8.620000,500.00,500.00,0.00,0.00,0.00,EUR,2026-10-01,53,pt\n\
    ME-3,card,Eva Prova,+351910000203,\"Rua Inventada, 3\",41.170000,-8.630000,500.00,500.00,0.00,0.00,0.00,EUR,2026-10-01,53,pt\n\
    ME-4,card,Gil Prova,+351910000204,\"Rua Inventada, 4\",41.180000,-8.640000,500.00,500.00,0.00,0.00,0.00,EUR,2026-10-01,53,pt\n\
    ME-5,card,Luz Prova,+351910000205,\"Rua Inventada, 5\",41.190000,-8.650000,500.00,500.00,0.00,0.00,0.00,EUR,2026-10-01,53,pt\n";

/// Of four promises one is kept, one kept by who pays everything, one kept in part, one broken; and somebody pays without having
/// promised.
async fn kept_broken_and_cured_equal_a_recount_from_the_log(site: &mut Deployment) {
    site.supervisor.import(AGREED.as_bytes().to_vec()).await;
    site.clock.forward(1);
    for number in ["ME-1", "ME-2", "ME-3", "ME-4"] {
        let case = site.supervisor.case(number).await["id"].clone();
        let promise = json!({
            "case": case, "kind": "promise", "agreed_by": "phone", "currency": "EUR", "first": "2026-11-25", "amount": 10_000,
        });
        propose(&site.supervisor, &promise).await.done();
    }
    let rows = [
        "R-1,ME-1,card,2026-11-23,100.00,EUR,payment,",
        "R-2,ME-2,card,2026-11-23,500.00,EUR,payment,",
        "R-3,ME-3,card,2026-11-23,40.00,EUR,payment,",
        "R-5,ME-5,card,2026-11-23,500.00,EUR,payment,",
    ];
    paid(site, &rows).await;
    site.clock.forward(20 * 86_400);
    site.sign_everybody_in().await;
    daily(site).await;
    let recount = recounted(site).await;
    let decided = recount.stand(&["kept", "partial", "broken"]);
    let view = report(&site.auditor, "?to=2026-12-31&from=2026-11-01").await;
    for (what, count, of) in [
        ("kept", recount.stand(&["kept"]), decided),
        ("broken", recount.stand(&["broken"]), decided),
        ("cured", recount.stand(&["settled"]), recount.cases.len() as u64),
    ] {
        assert_eq!(parts(&view["total"], what), (count, Some(of)), "{what}: {recount:?}");
    }
    assert_eq!(
        ["kept", "partial", "broken", "settled"].map(|state| recount.stand(&[state])),
        [2, 1, 1, 2],
        "{recount:?}"
    );
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
    // What a visit costs is money that is spent on it, and the only money that is told.
    let mut told = view.clone();
    leave_costs_out(&mut told);
    let text = told.to_string();
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

fn leave_costs_out(told: &mut Value) {
    match told {
        Value::Array(items) => {
            items.retain(|one| one["what"] != "cost-per-visit");
            items.iter_mut().for_each(leave_costs_out);
        }
        Value::Object(members) => members.values_mut().for_each(leave_costs_out),
        _ => {}
    }
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
    let cases = report(&site.supervisor, "").await;
    let busy = cases["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| parts(&one["figures"], "contact").1 > Some(0))
        .unwrap();
    let portfolio = busy["group"].as_str().unwrap();
    let set = async |section: &str| strategy_set(site, (portfolio, 0), &format!("[targets]\n{section}\n")).await;
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
    let query = format!("?portfolio={}", portfolio.replace(' ', "%20"));
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
