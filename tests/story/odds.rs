//! Chances of visits and what visits are worth: learned from visits that were made, judged on days that were held out, used by
//! plans, and never an hour beside a name.

use doorstep_domain::contact::{ContactOutcome, MatterOutcome};
use doorstep_domain::id::{CaseId, CrewId, VisitId};
use doorstep_domain::measure::{Clock as _, Micros};
use doorstep_domain::visit::VisitState;
use doorstep_store::entry::{By, Entries, EntryKind, ServerEntry};
use doorstep_store::visit::Visit;
use doorstep_store::{fresh_alias, fresh_id};
use serde_json::{Value, json};
use uuid::Uuid;

use super::roles::with_agency;
use crate::harness::{Deployment, checked_in, ending, id_of, sample};

stories!(
    chances_are_learned_from_visits_that_were_made,
    a_report_judges_chances_on_days_that_were_held_out_and_names_nobody,
    a_plan_leaves_out_what_is_worth_less_than_no_visit_and_says_why,
    what_was_learned_changes_what_visits_are_worth,
    whoever_is_protected_is_never_worth_a_visit_more,
);

/// A strategy by which a visit is always what comes next, so that worth alone decides.
const VISITS_ONLY: &str = "format = 1\n\
    [[step]]\nid = \"m0\"\nstage = \"M0\"\nchannel = \"visit\"\nwho = \"field\"\ntimes_max = 9\nevery_days = 1\n\
    [[step]]\nid = \"m1\"\nstage = \"M1\"\nchannel = \"visit\"\nwho = \"field\"\ntimes_max = 9\nevery_days = 1\n\
    [[step]]\nid = \"m2\"\nstage = \"M2\"\nchannel = \"visit\"\nwho = \"field\"\ntimes_max = 9\nevery_days = 1\n\
    [[step]]\nid = \"m3\"\nstage = \"M3\"\nchannel = \"visit\"\nwho = \"field\"\ntimes_max = 9\nevery_days = 1\n\
    [[step]]\nid = \"m3plus\"\nstage = \"M3+\"\nchannel = \"visit\"\nwho = \"field\"\ntimes_max = 9\nevery_days = 1\n";

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// Whether somebody was met and something agreed, by the number of a visit.
type Ends = fn(i64) -> (ContactOutcome, Option<MatterOutcome>);

/// Visits of the past sixty days at all cases but one, as if they had been made: what befell a case itself is not what is learned.
async fn history(site: &Deployment, spared: &str, ends: Ends) -> i64 {
    let (store, tenant, now) = (site.app().store(), site.made.tenant, site.clock.now());
    let mut cases = site.supervisor.items("/v1/cases?limit=500").await;
    cases.retain(|case| case["id"] != spared);
    let mut visits = Vec::new();
    for number in 0..600_i64 {
        let case = &cases[number as usize % cases.len()];
        let day = now.seconds() / 86_400 - 60 + number / 10;
        // From eight in the morning until eight in the evening, every hour or so.
        let begun = Micros(day * DAY + (8 + number % 10 * 5 / 4) * 3_600_000_000);
        let (outcome, matter) = ends(number);
        visits.push(Visit {
            id: VisitId(fresh_id(now)),
            alias: fresh_alias(),
            case: CaseId(id_of(&case["id"])),
            plan: None,
            crew: CrewId(Uuid::from_u128(1)),
            day,
            state: VisitState::Planned,
            planned_start: begun,
            planned_end: begun + Micros::from_seconds(1_200),
            started_at: Some(begun),
            due_out: None,
            finished_at: Some(begun + Micros::from_seconds(600)),
            outcome: Some(outcome),
            matter,
            version: 1,
            withdrawn: None,
        });
    }
    let mut tx = store.write(tenant, now).await.unwrap();
    tx.visit_insert(&visits).await.unwrap();
    for visit in &visits {
        let made = Visit {
            state: VisitState::Finished,
            ..visit.clone()
        };
        tx.visit_update(&made).await.unwrap();
    }
    let entry = ServerEntry::new(EntryKind::OrgChanged, By::PROGRAM);
    tx.commit(Entries::one(entry)).await.unwrap();
    visits.len() as i64
}

/// Sets the strategy of every portfolio, of which a version was seen.
async fn all_follow(site: &Deployment, document: &str, version: i64) {
    for portfolio in site.administrator.items("/v1/portfolios").await {
        let path = format!("/v1/portfolios/{}/strategy", portfolio["id"].as_str().unwrap());
        let body = json!({"file": "own.toml", "document": document});
        let request = site.administrator.request(reqwest::Method::PUT, &path).json(&body);
        let request = request.header("If-Match", format!("\"{version}\""));
        site.administrator.send(request).await.done();
    }
}

async fn train(site: &Deployment) -> Value {
    site.supervisor.post("/v1/odds", &json!({})).await.done()
}

async fn worth(site: &Deployment, case: &str, query: &str) -> Value {
    site.supervisor
        .get(&format!("/v1/cases/{case}/worth{query}"))
        .await
        .done()
}

fn item(worth: &Value, code: &str) -> i64 {
    let items = worth["items"].as_array().unwrap().iter();
    items
        .filter(|one| one["item"] == code)
        .map(|one| one["amount"].as_i64().unwrap())
        .sum()
}

/// Every worth is the sum of its items.
fn adds_up(worth: &Value) {
    let items = worth["items"].as_array().unwrap().iter();
    let sum: i64 = items.map(|one| one["amount"].as_i64().unwrap()).sum();
    assert_eq!(worth["total"], sum, "{worth}");
}

async fn chances_are_learned_from_visits_that_were_made(site: &mut Deployment) {
    let before = site.supervisor.get("/v1/odds/report").await.done();
    assert_eq!((&before["model"]["version"], &before["visits"]), (&json!(0), &json!(0)));
    let day = site.crew_day(sample("porto-messy.csv")).await;
    assert_eq!(
        site.rows("visit_scene").await,
        site.rows("visit").await,
        "noted when they were planned"
    );
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    for (visit, outcome) in day
        .visits
        .iter()
        .zip([ContactOutcome::NobodyHome, ContactOutcome::AskedToLeave])
    {
        site.when_it_starts(visit);
        let started = checked_in(&device, visit, &day.staff).await;
        site.clock.forward(600);
        device
            .visit_finish(id_of(&visit["visit"]), ending(&started, outcome))
            .await
            .unwrap();
        device.push().await.unwrap();
    }
    site.sign_everybody_in().await;
    let learned = train(site).await;
    let counts = ["version", "visits", "met", "at_the_door", "agreed"].map(|name| learned[name].as_i64().unwrap());
    assert_eq!(
        counts,
        [1, 2, 0, 1, 0],
        "who asks to leave was at the door and was not met: {learned}"
    );
    assert_eq!(
        (&learned["first_day"], &learned["last_day"]),
        (&json!("2026-11-23"), &json!("2026-11-23"))
    );
    // The same visits give the same chances.
    let again = train(site).await;
    assert_eq!((&again["version"], &again["digest"]), (&json!(2), &learned["digest"]));
    let listed = site.auditor.items("/v1/odds").await;
    assert_eq!([&listed[0]["version"], &listed[1]["version"]], [&json!(2), &json!(1)]);
    let export = site.export().await;
    assert_eq!((export.count("odds.trained"), export.count("odds.reported")), (2, 1));
    export.holds();
    // It is not due again before the strategies ask for it.
    let tenant = site.made.tenant;
    assert!(!site.app().train_odds_when_due(tenant).await.unwrap());
    site.clock.forward(7 * 86_400);
    assert!(site.app().train_odds_when_due(tenant).await.unwrap());
    assert!(!site.app().train_odds_when_due(tenant).await.unwrap());
}

async fn a_report_judges_chances_on_days_that_were_held_out_and_names_nobody(site: &mut Deployment) {
    site.has_porto_staff().await;
    site.supervisor.import(sample("porto-cases.csv")).await;
    // In the evening two of three are met, before that one of four.
    let made = history(site, "", |number| {
        let late = number % 10 >= 7;
        let met = if late { number % 3 != 0 } else { number % 4 == 1 };
        match (met, number % 2) {
            (true, 0) => (ContactOutcome::MetBorrower, Some(MatterOutcome::Promise)),
            (true, _) => (ContactOutcome::MetBorrower, Some(MatterOutcome::None)),
            _ => (ContactOutcome::NobodyHome, None),
        }
    })
    .await;
    train(site).await;
    let report = site.auditor.get("/v1/odds/report").await.done();
    assert_eq!(
        (&report["visits"], &report["model"]["version"]),
        (&json!(made), &json!(1))
    );
    let judged = report["judged"].as_array().unwrap();
    let meeting = judged.iter().find(|one| one["of"] == "meeting").unwrap();
    assert_eq!(meeting["trials"], made);
    assert!(
        meeting["brier_ppm"].as_i64().unwrap() < meeting["base_ppm"].as_i64().unwrap(),
        "{meeting}"
    );
    assert!(meeting["skill_ppm"].as_i64().unwrap() > 0, "{meeting}");
    let happened: i64 = meeting["curve"]
        .as_array()
        .unwrap()
        .iter()
        .map(|bin| bin["happened"].as_i64().unwrap())
        .sum();
    assert_eq!(meeting["happened"], happened);
    let hours = report["hours"].as_array().unwrap();
    assert!(!hours.is_empty());
    for cell in hours {
        assert!(
            cell["visits"].as_i64().unwrap() >= report["visits_least"].as_i64().unwrap(),
            "{cell}"
        );
        assert_eq!(cell["factors"][0]["of"], "prior", "{cell}");
    }
    let by: Vec<&str> = report["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["by"].as_str().unwrap())
        .collect();
    assert!(
        ["portfolio", "team", "place"].iter().all(|group| by.contains(group)),
        "{by:?}"
    );
    names_nobody(site, &report).await;
    // An agency learns nothing of the visits of others.
    let agency = with_agency(site).await;
    let own = agency.supervisor.get("/v1/odds/report").await.done();
    assert_eq!(
        (&own["visits"], &own["hours"], &own["judged"]),
        (&json!(0), &json!([]), &json!([]))
    );
    agency.supervisor.get("/v1/odds").await.problem("not-allowed");
    agency
        .supervisor
        .post("/v1/odds", &json!({}))
        .await
        .problem("not-allowed");
}

/// No case, no person, no address stands in a report.
async fn names_nobody(site: &Deployment, report: &Value) {
    let text = report.to_string();
    for case in site.supervisor.items("/v1/cases?limit=500").await {
        for name in ["id", "case_no", "name", "phone"] {
            let found = case[name]
                .as_str()
                .is_some_and(|value| value.len() > 3 && text.contains(value));
            assert!(!found, "{name} of {case}");
        }
    }
}

async fn a_plan_leaves_out_what_is_worth_less_than_no_visit_and_says_why(site: &mut Deployment) {
    site.has_porto_staff().await;
    site.supervisor.import(sample("porto-cases.csv")).await;
    let usual = site.proposed_plan().await;
    assert_eq!(usual["findings"], json!([]));
    let visits: Vec<&Value> = usual["routes"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|route| route["visits"].as_array().unwrap())
        .collect();
    assert!(!visits.is_empty(), "{usual}");
    for visit in &visits {
        adds_up(&visit["worth"]);
    }
    // What its visits bear of time and way is what the routes cost.
    for route in usual["routes"].as_array().unwrap() {
        let visits = route["visits"].as_array().unwrap();
        let borne: i64 = visits.iter().map(|visit| -item(&visit["worth"], "labour")).sum();
        let work = (route["back"].as_i64().unwrap() - route["depart"].as_i64().unwrap()) / 1_000_000;
        assert_eq!(borne, work * 5_000, "{route}");
    }
    let planned = visits[0]["case"].as_str().unwrap();
    let path = |plan: &Value, case: &str| format!("/v1/plans/{}/why/{case}", plan["id"].as_str().unwrap());
    let why = site.supervisor.get(&path(&usual, planned)).await.done();
    adds_up(&why["worth"]);
    adds_up(&why["no_visit"]);
    // Meeting somebody is worth next to nothing now, and harm weighs.
    let strict = format!("{VISITS_ONLY}[worth]\nmeeting = \"2.00\"\nharm = \"30.00\"\n");
    all_follow(site, &strict, 0).await;
    let strict = site.proposed_plan().await;
    assert_eq!(
        (&strict["planned"], &strict["findings"]),
        (&json!(0), &json!([])),
        "{strict}"
    );
    let why = site.supervisor.get(&path(&strict, planned)).await.done();
    assert_eq!(why["reason"], "better-not-visited", "{why}");
    assert!(
        why["sentence"].as_str().unwrap().contains("a visit is worth -"),
        "{why}"
    );
    adds_up(&why["worth"]);
    assert!(
        why["worth"]["total"].as_i64().unwrap() <= why["no_visit"]["total"].as_i64().unwrap().max(0),
        "{why}"
    );
    let left = format!(
        "/v1/plans/{}/left-out?reason=better-not-visited&limit=500",
        strict["id"].as_str().unwrap()
    );
    let left = site.supervisor.items(&left).await;
    assert!(left.iter().any(|one| one["case"] == planned), "{left:?}");
    for one in &left {
        adds_up(&one["worth"]);
    }
    let day = worth(site, planned, "?day=2026-11-23").await;
    assert_eq!(day["days"][0]["is_worth_it"], false, "{day}");
    // By day, and no hour.
    for hours in ["hours", "starts", "08-10", "18-20", "chance"] {
        assert!(!day.to_string().contains(hours), "{hours}: {day}");
    }
    site.supervisor
        .get(&format!("/v1/cases/{planned}/worth?days=15"))
        .await
        .problem("bad-request");
    all_follow(site, VISITS_ONLY, 1).await;
    let lenient = site.proposed_plan().await;
    assert_eq!(lenient["planned"], usual["planned"]);
}

async fn what_was_learned_changes_what_visits_are_worth(site: &mut Deployment) {
    site.has_porto_staff().await;
    site.supervisor.import(sample("porto-cases.csv")).await;
    let usual = site.proposed_plan().await;
    let planned = usual["routes"][0]["visits"][0]["case"].as_str().unwrap().to_owned();
    let before = worth(site, &planned, "?day=2026-11-23&days=3").await;
    assert_eq!(
        (&before["model"], before["days"].as_array().unwrap().len()),
        (&json!(0), 3)
    );
    // For two months hardly anybody was met.
    history(site, &planned, |_| (ContactOutcome::NobodyHome, None)).await;
    train(site).await;
    let after = worth(site, &planned, "?day=2026-11-23&days=3").await;
    assert_eq!(after["model"], 1);
    // Tomorrow: what was visited of late is left alone today.
    let good = |worth: &Value| item(&worth["days"][1]["worth"], "meeting");
    assert!(good(&after) * 3 < good(&before), "{before} {after}");
    let next = site.proposed_plan().await;
    assert!(next["planned"].as_i64() < usual["planned"].as_i64(), "{next}");
    assert_eq!(next["findings"], json!([]));
}

async fn whoever_is_protected_is_never_worth_a_visit_more(site: &mut Deployment) {
    site.has_porto_staff().await;
    site.supervisor.import(sample("porto-cases.csv")).await;
    let plan = site.proposed_plan().await;
    let planned = plan["routes"][0]["visits"][0]["case"].as_str().unwrap().to_owned();
    let all = |worth: &Value| {
        let days = worth["days"].as_array().unwrap().iter();
        days.map(|day| day["worth"]["total"].as_i64().unwrap_or(i64::MIN))
            .collect::<Vec<_>>()
    };
    let query = "?day=2026-11-23&days=3";
    let before = all(&worth(site, &planned, query).await);
    for flag in ["disputed", "hardship", "vulnerable"] {
        let body = json!({"kind": flag, "words": "said so in a letter"});
        site.supervisor
            .post(&format!("/v1/cases/{planned}/restrictions"), &body)
            .await
            .done();
        let after = all(&worth(site, &planned, query).await);
        assert!(
            after.iter().zip(&before).all(|(after, before)| after <= before),
            "{flag}: {before:?} {after:?}"
        );
    }
    let next = site.proposed_plan().await;
    let path = format!("/v1/plans/{}/why/{planned}", next["id"].as_str().unwrap());
    assert!(site.supervisor.get(&path).await.done()["planned"].is_null());
}
