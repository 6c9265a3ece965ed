//! Planning: what is left out and why, what may be published, and what happens when something changed meanwhile.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::{Deployment, csv_cells, csv_text, lines_of, sample};

stories!(
    a_plan_says_why_for_every_case,
    what_is_published_is_allowed,
    a_stale_version_is_not_published,
    a_plan_that_a_restriction_has_overtaken_is_not_published,
    a_second_plan_supersedes_the_first,
    plans_of_other_days_count_each_other,
    a_crew_that_was_not_heard_of_may_have_been_there,
    what_was_to_be_over_by_now_is_not_forgotten,
    two_plans_published_at_once_do_not_overlook_each_other,
    what_is_known_of_a_person_holds_for_all_their_cases,
    a_plan_begins_today_or_soon,
    two_people_behind_one_door_are_visited_in_one_go,
    a_plan_of_three_days_visits_everybody_once,
);

/// Flags after which nobody may be visited.
const STOPS: [&str; 7] = [
    "disputed",
    "hardship",
    "vulnerable",
    "represented",
    "cease_contact",
    "plan_performing",
    "deceased",
];

fn planned_cases(plan: &Value) -> Vec<String> {
    let routes = plan["routes"].as_array().unwrap().iter();
    let visits = routes.flat_map(|route| route["visits"].as_array().unwrap());
    visits.map(|visit| visit["case"].as_str().unwrap().to_owned()).collect()
}

fn is_stopped(case: &Value) -> bool {
    case["flags"]
        .as_array()
        .unwrap()
        .iter()
        .any(|flag| STOPS.iter().any(|stop| flag == stop))
}

async fn a_plan_says_why_for_every_case(site: &mut Deployment) {
    site.has_porto_staff().await;
    site.supervisor.import(far_away(&sample("porto-cases.csv"))).await;
    let cases = site.supervisor.items("/v1/cases?limit=500").await;
    let plan = site.proposed_plan().await;
    assert_eq!((&plan["findings"], &plan["travel"]), (&json!([]), &json!("estimate")));
    let planned = planned_cases(&plan);
    assert!(!planned.is_empty(), "{plan}");
    assert_eq!(planned.len() as u64, plan["planned"].as_u64().unwrap());
    assert_eq!(
        plan["left_out"].as_u64().unwrap() as usize,
        cases.len() - planned.len(),
        "every case has its answer"
    );
    let counted: u64 = plan["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reason| reason["cases"].as_u64().unwrap())
        .sum();
    assert_eq!(counted, plan["left_out"].as_u64().unwrap());
    let mut reasons: Vec<String> = Vec::new();
    let (mut blocked, mut worthless) = (0, 0);
    for case in &cases {
        let id = case["id"].as_str().unwrap();
        let path = format!("/v1/plans/{}/why/{id}", plan["id"].as_str().unwrap());
        let why = site.supervisor.get(&path).await.done();
        assert!(why["sentence"].as_str().unwrap().len() > 10, "{why}");
        let is_planned = planned.iter().any(|one| one == id);
        assert_eq!(why["planned"].is_object(), is_planned, "{why}");
        if is_planned {
            house_rules_were_asked(&why);
        }
        assert_eq!(why["crew"].is_string(), is_planned, "{why}");
        assert_eq!(why["reason"].is_string(), !is_planned, "{why}");
        if is_stopped(case) {
            blocked += 1;
            assert!(!is_planned, "a case that may not be visited is planned: {case}");
            // Hardship goes to another desk, everything else is blocked.
            let effect = &why["verdict"]["effect"];
            assert!(
                effect == "block" || effect == "route" && case["flags"] == json!(["hardship"]),
                "{case} {why}"
            );
            let finding = &why["verdict"]["findings"][0];
            assert_eq!(
                (&finding["rule"], &finding["effect"]),
                (&why["reason"], effect),
                "{why}"
            );
            assert!(!finding["citation"].as_str().unwrap().is_empty(), "{why}");
        }
        if why["reason"] == "not-worth-it" {
            worthless += 1;
            let sentence = why["sentence"].as_str().unwrap();
            assert!(
                sentence.bytes().any(|byte| byte.is_ascii_digit()),
                "worth and cost: {why}"
            );
        }
        reasons.extend(why["reason"].as_str().map(str::to_owned));
    }
    assert!(blocked > 5, "{blocked}");
    assert!(worthless > 0, "{:?}", plan["reasons"]);
    for reason in plan["reasons"].as_array().unwrap() {
        let code = reason["reason"].as_str().unwrap();
        let found = reasons.iter().filter(|one| *one == code).count();
        assert_eq!(found as u64, reason["cases"].as_u64().unwrap(), "{code}");
    }
}

/// Portugal has no pack: the house's rules were asked, and that no law is known is said.
fn house_rules_were_asked(why: &Value) {
    let checked = why["verdict"]["checked"].as_array().unwrap();
    assert!(checked.iter().any(|rule| rule == "HOUSE-HOURS"), "{why}");
    assert!(why["verdict"].to_string().contains("No law is known"), "{why}");
}

/// The file with a few cases that owe next to nothing and live far out.
fn far_away(file: &[u8]) -> Vec<u8> {
    let mut cells = csv_cells(file);
    cells.truncate(61);
    let column = |name: &str| cells[0].iter().position(|found| found == name).unwrap();
    let (lat, amount, flags, available) = (
        column("lat"),
        column("amount_due"),
        column("flags"),
        column("available"),
    );
    for (row, far) in cells.iter_mut().skip(1).zip(["41.650000", "40.700000"]) {
        far.clone_into(&mut row[lat]);
        "1.00".clone_into(&mut row[amount]);
        row[flags] = String::new();
        row[available] = String::new();
    }
    // So that there is one of each.
    for (row, flag) in cells.iter_mut().skip(3).zip(STOPS) {
        flag.clone_into(&mut row[flags]);
    }
    csv_text(&cells)
}

async fn what_is_published_is_allowed(site: &mut Deployment) {
    site.has_porto_staff().await;
    site.supervisor.import(sample("porto-cases.csv")).await;
    let plan = site.published_plan().await;
    assert_eq!(plan["state"], "published");
    let visits = site.supervisor.items("/v1/visits?day=2026-11-23").await;
    assert_eq!(visits.len() as u64, plan["planned"].as_u64().unwrap());
    assert!(visits.len() >= 40, "{}", visits.len());
    // Sessions last twelve hours; these last through the evening.
    site.clock.forward(6 * 3_600);
    site.sign_everybody_in().await;
    for route in plan["routes"].as_array().unwrap() {
        let visits = route["visits"].as_array().unwrap();
        for visit in visits {
            let span = |name: &str| visit[name].as_i64().unwrap();
            assert!(
                span("arrive") <= span("starts") && span("starts") < span("ends"),
                "{visit}"
            );
            assert!(
                route["depart"].as_i64().unwrap() <= span("arrive") && span("ends") <= route["back"].as_i64().unwrap()
            );
        }
        for visit in visits {
            // Asked at the moment of the visit, the rules say the same as they said to the planner.
            site.when_it_starts(visit);
            let path = format!("/v1/cases/{}", visit["case"].as_str().unwrap());
            let case = site.supervisor.get(&path).await.done();
            let effect = case["verdict"]["effect"].as_str().unwrap();
            assert!(!matches!(effect, "block" | "route"), "{effect}: {}", case["verdict"]);
        }
    }
    let cases = site.supervisor.items("/v1/cases?limit=500").await;
    let planned = planned_cases(&plan);
    let stopped = cases.iter().filter(|case| is_stopped(case));
    let visited = stopped.filter(|case| planned.iter().any(|one| case["id"] == one.as_str()));
    assert_eq!(visited.count(), 0);
}

async fn a_stale_version_is_not_published(site: &mut Deployment) {
    site.has_porto_staff().await;
    site.supervisor.import(sample("porto-messy.csv")).await;
    let plan = site.proposed_plan().await;
    let mut stale = plan.clone();
    stale["version"] = json!(plan["version"].as_i64().unwrap() + 1);
    let refused = site.publish(&stale).await;
    assert_eq!(refused.status, 412);
    refused.problem("changed");
    let path = format!("/v1/plans/{}/publish", plan["id"].as_str().unwrap());
    site.supervisor
        .post(&path, &Value::Null)
        .await
        .problem("if-match-missing");
    assert_eq!(site.rows("visit").await, 0);
    let published = site.publish(&plan).await;
    let etag = published.etag.clone().unwrap();
    assert_eq!(etag, format!("\"{}\"", published.done()["version"]));
    site.publish(&plan).await.problem("changed");
    assert_eq!(site.rows("visit").await, plan["planned"].as_i64().unwrap());
}

async fn a_plan_that_a_restriction_has_overtaken_is_not_published(site: &mut Deployment) {
    site.has_porto_staff().await;
    site.supervisor.import(sample("porto-messy.csv")).await;
    let plan = site.proposed_plan().await;
    let planned = planned_cases(&plan);
    let first = site.supervisor.get(&format!("/v1/cases/{}", planned[0])).await.done();
    let mut cells = csv_cells(&sample("porto-messy.csv"));
    let flags = cells[0].iter().position(|name| name == "flags").unwrap();
    cells.retain(|row| row[0] == "case_no" || first["case_no"] == row[0].as_str());
    "deceased".clone_into(&mut cells.last_mut().unwrap()[flags]);
    let report = site.supervisor.import(csv_text(&cells)).await;
    assert_eq!(report["updated"], 1, "{report}");
    let problem = site.publish(&plan).await.problem("plan-outdated");
    assert!(
        problem["rules"]
            .as_array()
            .unwrap()
            .iter()
            .any(|rule| rule.as_str().unwrap().contains("DECEASED")),
        "{problem}"
    );
    assert_eq!(site.rows("visit").await, 0);
    let next = site.published_plan().await;
    assert!(!planned_cases(&next).contains(&planned[0]));
}

async fn a_second_plan_supersedes_the_first(site: &mut Deployment) {
    site.has_porto_staff().await;
    site.supervisor.import(sample("porto-messy.csv")).await;
    let first = site.published_plan().await;
    let second = site.published_plan().await;
    let plans = site.supervisor.items("/v1/plans").await;
    let state = |plan: &Value| plans.iter().find(|one| one["id"] == plan["id"]).unwrap()["state"].clone();
    assert_eq!(
        (state(&first), state(&second)),
        (json!("superseded"), json!("published"))
    );
    let visits = site.supervisor.items("/v1/visits?day=2026-11-23").await;
    let live: Vec<&Value> = visits.iter().filter(|visit| visit["state"] == "planned").collect();
    assert_eq!(live.len() as u64, second["planned"].as_u64().unwrap());
    let cancelled = visits.iter().filter(|visit| visit["state"] == "cancelled").count();
    assert_eq!(cancelled as u64, first["planned"].as_u64().unwrap());
    let mut cases: Vec<&Value> = live.iter().map(|visit| &visit["case"]).collect();
    cases.sort_by_key(ToString::to_string);
    cases.dedup();
    assert_eq!(cases.len(), live.len(), "nobody is visited twice");
    site.export().await.holds();
}

async fn why(site: &Deployment, plan: &Value, case: &str) -> Value {
    let path = format!("/v1/plans/{}/why/{case}", plan["id"].as_str().unwrap());
    site.supervisor.get(&path).await.done()
}

async fn plans_of_other_days_count_each_other(site: &mut Deployment) {
    site.has_porto_staff().await;
    site.supervisor.import(sample("porto-messy.csv")).await;
    let overtaken = site.proposed_plan_for("2026-11-24").await;
    let first = site.published_plan().await;
    let visited = planned_cases(&first);
    let problem = site.publish(&overtaken).await.problem("plan-outdated");
    assert!(
        problem["rules"]
            .as_array()
            .unwrap()
            .contains(&json!("HOUSE-FREQ-PERSON")),
        "{problem}"
    );
    let next = site.proposed_plan_for("2026-11-24").await;
    for case in &visited {
        let why = why(site, &next, case).await;
        assert_eq!(why["reason"], "visit-ahead", "{why}");
        assert!(why["sentence"].as_str().unwrap().contains("2026-11-23"), "{why}");
    }
    // In the other direction and a week away.
    let week_later = site.proposed_plan_for("2026-11-30").await;
    let again = planned_cases(&week_later);
    assert!(visited.iter().any(|case| again.contains(case)), "{week_later}");
    site.publish(&week_later).await.done();
    let between = planned_cases(&site.proposed_plan_for("2026-11-27").await);
    assert!(
        between
            .iter()
            .all(|case| !visited.contains(case) && !again.contains(case))
    );
    // A plan does not stand in its own way.
    let replanned = site.published_plan().await;
    assert!(visited.iter().any(|case| planned_cases(&replanned).contains(case)));
}

async fn a_crew_that_was_not_heard_of_may_have_been_there(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    let case = day.visits[0]["case"].as_str().unwrap();
    let reason = async |site: &Deployment| {
        let plan = site.proposed_plan_for("2026-11-24").await;
        why(site, &plan, case).await["reason"].clone()
    };
    // An hour late the permit still holds: the crew may still come.
    site.when_it_starts(&day.visits[0]);
    site.clock.forward(3_600);
    device.pull().await.unwrap();
    assert_eq!(reason(site).await, "visit-ahead");
    // The day is over: all crews are home, nothing was reported.
    site.clock.forward(14 * 3_600);
    site.sign_everybody_in().await;
    assert_eq!(reason(site).await, "visit-ahead");
    // A device that asks with events in its outbox has not told everything.
    device.day_close().await.unwrap();
    device.pull().await.unwrap();
    assert_eq!(reason(site).await, "visit-ahead");
    device.push().await.unwrap();
    device.pull().await.unwrap();
    assert_ne!(reason(site).await, "visit-ahead");
}

async fn what_was_to_be_over_by_now_is_not_forgotten(site: &mut Deployment) {
    let staff = site.has_porto_staff().await;
    site.supervisor.import(sample("porto-messy.csv")).await;
    let of_days = async |site: &Deployment, first: &str| {
        let request = json!({"first_day": first, "days": 2, "iterations": 300, "without_notice": true});
        site.supervisor.post("/v1/plans", &request).await.done()
    };
    let first = of_days(site, "2026-11-23").await;
    site.publish(&first).await.done();
    for one in staff.iter().filter(|one| one["crew"].is_string()) {
        site.device(one).await.pull().await.unwrap();
    }
    let on_monday: Vec<String> = first["routes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|route| route["day"] == "2026-11-23")
        .flat_map(|route| route["visits"].as_array().unwrap())
        .map(|visit| visit["case"].as_str().unwrap().to_owned())
        .collect();
    assert!(on_monday.len() > 20, "{first}");
    // Tuesday morning: the new plan takes the place of the old one, whose visits of Monday nobody reported.
    site.clock.forward(24 * 3_600);
    site.sign_everybody_in().await;
    let second = of_days(site, "2026-11-24").await;
    let planned = planned_cases(&second);
    assert!(!planned.is_empty());
    assert!(
        on_monday.iter().all(|case| !planned.contains(case)),
        "somebody may be visited twice"
    );
    site.publish(&second).await.done();
    let visits = site.supervisor.items("/v1/visits?day=2026-11-23").await;
    assert!(visits.iter().all(|visit| visit["state"] == "planned"), "{visits:?}");
    let third = planned_cases(&of_days(site, "2026-11-25").await);
    assert!(on_monday.iter().all(|case| !third.contains(case)));
    // A plan that lay about until its visits would be over is not published.
    let old = site.proposed_plan_for("2026-11-24").await;
    site.clock.forward(12 * 3_600);
    site.sign_everybody_in().await;
    site.publish(&old).await.problem("plan-outdated");
}

async fn two_plans_published_at_once_do_not_overlook_each_other(site: &mut Deployment) {
    site.has_porto_staff().await;
    site.supervisor.import(sample("porto-messy.csv")).await;
    let monday = site.proposed_plan_for("2026-12-07").await;
    let tuesday = site.proposed_plan_for("2026-12-08").await;
    let shared = planned_cases(&monday);
    assert!(planned_cases(&tuesday).iter().any(|case| shared.contains(case)));
    let (left, right) = tokio::join!(site.publish(&monday), site.publish(&tuesday));
    let [done, refused] = if left.status == 200 {
        [left, right]
    } else {
        [right, left]
    };
    done.done();
    refused.problem("plan-outdated");
}

async fn what_is_known_of_a_person_holds_for_all_their_cases(site: &mut Deployment) {
    site.has_porto_staff().await;
    let mut cells = csv_cells(&sample("porto-cases.csv"));
    cells.truncate(4);
    let column = |name: &str| cells[0].iter().position(|found| found == name).unwrap();
    let (number, phone, name) = (column("case_no"), column("phone"), column("name"));
    let (flags, available) = (column("flags"), column("available"));
    for row in cells.iter_mut().skip(1) {
        row[flags] = String::new();
        row[available] = String::new();
    }
    // The same person with a second debt.
    let mut second = cells[1].clone();
    "PO-2ND".clone_into(&mut second[number]);
    cells.push(second);
    assert_eq!((&cells[4][phone], &cells[4][name]), (&cells[1][phone], &cells[1][name]));
    let planned_with = async |site: &Deployment, flag: &str, cells: &[Vec<String>]| {
        let mut cells = cells.to_vec();
        flag.clone_into(&mut cells[4][flags]);
        site.supervisor.import(csv_text(&cells)).await;
        let plan = site.proposed_plan().await;
        let case = site.supervisor.case(&cells[1][number]).await["id"].clone();
        why(site, &plan, case.as_str().unwrap()).await
    };
    // A dispute is about one debt, a death about all.
    let disputed = planned_with(site, "disputed", &cells).await;
    assert!(disputed["planned"].is_object(), "{disputed}");
    let deceased = planned_with(site, "deceased", &cells).await;
    assert_eq!(deceased["reason"], "HOUSE-STOP-DECEASED", "{deceased}");
}

async fn a_plan_begins_today_or_soon(site: &mut Deployment) {
    site.has_porto_staff().await;
    site.supervisor.import(sample("porto-messy.csv")).await;
    for day in ["2026-11-22", "1970-01-01", "2027-12-01", "9999-12-31", "-009999-01-01"] {
        let request = json!({"first_day": day});
        let problem = site.supervisor.post("/v1/plans", &request).await.problem("bad-request");
        assert_eq!(problem["place"], "first_day", "{problem}");
    }
    assert_eq!(site.rows("plan").await, 0);
}

async fn two_people_behind_one_door_are_visited_in_one_go(site: &mut Deployment) {
    site.has_porto_staff().await;
    let mut cells = csv_cells(&sample("porto-cases.csv"));
    cells.truncate(3);
    let column = |name: &str| cells[0].iter().position(|found| found == name).unwrap();
    let (flags, available, last_visit) = (column("flags"), column("available"), column("last_visit"));
    let door = [column("address"), column("lat"), column("lon")];
    for name in [flags, available, last_visit] {
        cells.iter_mut().skip(1).for_each(|row| row[name].clear());
    }
    for same in door {
        let shared = cells[1][same].clone();
        cells[2][same] = shared;
    }
    site.supervisor.import(csv_text(&cells[..2])).await;
    let alone = site.proposed_plan().await;
    site.supervisor.import(csv_text(&cells)).await;
    let both = site.published_plan().await;
    let route_of = |plan: &Value| {
        let routes = plan["routes"].as_array().unwrap();
        let used: Vec<&Value> = routes.iter().filter(|route| route["visits"] != json!([])).collect();
        assert_eq!(used.len(), 1, "one crew does it: {plan}");
        used[0].clone()
    };
    let (alone, both) = (route_of(&alone), route_of(&both));
    let visits = both["visits"].as_array().unwrap();
    assert_eq!((planned_count(&alone), visits.len()), (1, 2), "{both}");
    let at = |index: usize, name: &str| visits[index][name].as_i64().unwrap();
    assert_eq!(
        at(1, "arrive"),
        at(0, "ends"),
        "nobody drives from a door to the same door: {both}"
    );
    assert!(at(1, "starts") - at(1, "arrive") <= 300_000_000, "{both}");
    for name in ["crew", "metres", "driving"] {
        assert_eq!(both[name], alone[name], "{name}: {both} {alone}");
    }
    let cases = site.supervisor.items("/v1/cases").await;
    assert_ne!(cases[0]["name"], cases[1]["name"]);
    assert_eq!(cases[0]["address"], cases[1]["address"]);
}

fn planned_count(route: &Value) -> usize {
    route["visits"].as_array().unwrap().len()
}

async fn a_plan_of_three_days_visits_everybody_once(site: &mut Deployment) {
    site.has_porto_staff().await;
    let file = lines_of(&sample("porto-cases.csv"), |line| line < 250);
    site.supervisor.import(file).await;
    let request = json!({"first_day": "2026-11-23", "days": 3, "iterations": 300, "without_notice": true});
    let plan = site.supervisor.post("/v1/plans", &request).await.done();
    assert_eq!((&plan["findings"], &plan["days"]), (&json!([]), &json!(3)));
    let days: BTreeSet<&str> = plan["routes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|route| planned_count(route) > 0)
        .map(|route| route["day"].as_str().unwrap())
        .collect();
    assert!(days.len() > 1, "{days:?}");
    let planned = planned_cases(&plan);
    let each: BTreeSet<&String> = planned.iter().collect();
    assert_eq!(each.len(), planned.len(), "somebody is visited twice");
    site.publish(&plan).await.done();
    let mut made = 0;
    for day in ["2026-11-23", "2026-11-24", "2026-11-25"] {
        let visits = site.supervisor.items(&format!("/v1/visits?day={day}&limit=500")).await;
        assert_eq!(!visits.is_empty(), days.contains(day), "{day}");
        made += visits.len();
    }
    assert_eq!(made, planned.len());
}
