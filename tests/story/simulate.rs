//! Plans on real days: replayed with people out, visits overrunning and roads slow, compared, and chosen by it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Answered, Deployment, csv_cells, csv_text, sample};

stories!(
    days_that_go_as_planned_give_the_plan,
    a_plan_gives_less_the_slower_its_days_are,
    two_plans_are_compared_under_the_same_luck,
    what_was_put_on_a_case_since_stops_its_visit,
    the_best_of_several_plans_is_kept,
    what_cannot_be_simulated_is_refused,
);

async fn simulate(site: &Deployment, plan: &Value, request: &Value) -> Answered {
    let path = format!("/v1/plans/{}/simulate", plan["id"].as_str().unwrap());
    site.supervisor.post(&path, request).await
}

/// A plan of a day, proposed with these wishes beside.
async fn proposed(site: &Deployment, wishes: Value) -> Value {
    let mut request = json!({"first_day": "2026-11-23", "iterations": 300, "without_notice": true});
    request
        .as_object_mut()
        .unwrap()
        .extend(wishes.as_object().unwrap().clone());
    site.supervisor.post("/v1/plans", &request).await.done()
}

async fn porto(site: &Deployment) {
    site.has_porto_staff().await;
    site.supervisor.import(sample("porto-messy.csv")).await;
}

async fn days_that_go_as_planned_give_the_plan(site: &mut Deployment) {
    porto(site).await;
    let plan = site.proposed_plan().await;
    let exact = simulate(site, &plan, &json!({"exact": true, "runs": 20})).await.done();
    let same = |figure: &Value, value: i64| {
        for name in ["mean", "p5", "p50", "p95"] {
            assert_eq!(figure[name], value, "{name}: {figure}");
        }
        assert_eq!(figure["error"], 0, "{figure}");
    };
    let planned = plan["planned"].as_i64().unwrap();
    assert!(planned > 10, "{plan}");
    same(&exact["total"], plan["objective"].as_i64().unwrap());
    same(&exact["made"], planned * 1_000);
    same(&exact["met"], planned * 1_000);
    same(&exact["overtime"], 0);
    same(&exact["delay"], 0);
    assert_eq!(
        (&exact["planned"], &exact["stopped"]),
        (&json!(planned), &json!([])),
        "{exact}"
    );
    assert_eq!(
        exact["routes"].as_array().unwrap().len(),
        plan["routes"].as_array().unwrap().len()
    );
    // Tomorrow, and once it was published, the plan is what it was.
    site.publish(&plan).await.done();
    site.clock.forward(20 * 3_600);
    site.sign_everybody_in().await;
    let later = simulate(site, &plan, &json!({"exact": true, "runs": 20})).await.done();
    assert_eq!(later, exact);
}

async fn a_plan_gives_less_the_slower_its_days_are(site: &mut Deployment) {
    porto(site).await;
    let plan = site.proposed_plan().await;
    let days = simulate(site, &plan, &json!({"seed": 7})).await.done();
    assert_eq!((&days["runs"], &days["seed"]), (&json!(1_000), &json!(7)));
    assert_eq!(simulate(site, &plan, &json!({"seed": 7})).await.done(), days);
    let others = simulate(site, &plan, &json!({"seed": 8})).await.done();
    assert_ne!(others["total"], days["total"]);
    let slow = json!({"seed": 7, "slow_percent": 100, "overrun_percent": 100});
    let slow = simulate(site, &plan, &slow).await.done();
    let mean = |sums: &Value, name: &str| sums[name]["mean"].as_i64().unwrap();
    for name in ["total", "value", "made", "met"] {
        assert!(mean(&slow, name) < mean(&days, name), "{name}: {slow} {days}");
    }
    assert!(mean(&slow, "delay") > mean(&days, "delay"), "{slow} {days}");
    // Of those met, as many as assumed.
    let share = mean(&days, "met") * 100 / mean(&days, "made");
    let assumed = days["assumed"]["met_percent"].as_i64().unwrap();
    assert!((share - assumed).abs() <= 3, "{share} {days}");
    let everybody = simulate(site, &plan, &json!({"seed": 7, "met_percent": 100}))
        .await
        .done();
    assert_eq!(everybody["met"], everybody["made"]);
    assert!(mean(&everybody, "value") > mean(&days, "value"), "{everybody}");
    worst_first(&slow);
}

/// Routes by overtime, visits by how often they fall out; nobody's name among them.
fn worst_first(sums: &Value) {
    let numbers = |list: &str, of: &dyn Fn(&Value) -> i64| -> Vec<i64> {
        sums[list].as_array().unwrap().iter().map(of).collect()
    };
    let overtime = numbers("routes", &|route| route["overtime"]["mean"].as_i64().unwrap());
    let falls_out = numbers("visits", &|visit| visit["falls_out"]["ppm"].as_i64().unwrap());
    for list in [&overtime, &falls_out] {
        assert!(list.is_sorted_by(|one, other| one >= other), "{list:?}");
    }
    assert!(falls_out[0] > 0, "{sums}");
    // What falls out of all runs is what is missing among those made.
    let lost: i64 = falls_out.iter().sum::<i64>() / 1_000;
    let made = sums["made"]["mean"].as_i64().unwrap();
    let planned = sums["planned"].as_i64().unwrap() * 1_000;
    assert!((planned - made - lost).abs() <= 1, "{planned} {made} {lost}");
}

async fn two_plans_are_compared_under_the_same_luck(site: &mut Deployment) {
    porto(site).await;
    let tight = proposed(site, json!({})).await;
    let loose = proposed(site, json!({"padding_s": 600})).await;
    let against = |plan: &Value| json!({"runs": 200, "against": plan["id"]});
    let itself = simulate(site, &tight, &against(&tight)).await.done();
    let nothing = json!({"mean": 0, "error": 0, "p5": 0, "p50": 0, "p95": 0});
    assert_eq!(itself["against"]["more"], nothing, "{itself}");
    let there = simulate(site, &tight, &against(&loose)).await.done();
    let back = simulate(site, &loose, &against(&tight)).await.done();
    let more = |sums: &Value, name: &str| sums["against"]["more"][name].as_i64().unwrap();
    // Means are rounded down, each on its side.
    assert!(
        (more(&there, "mean") + more(&back, "mean")).abs() <= 1,
        "{there} {back}"
    );
    assert_eq!(there["against"]["total"], back["total"]);
    let total = |sums: &Value, name: &str| sums["total"][name].as_i64().unwrap();
    let apart = total(&there, "mean") - total(&back, "mean");
    assert!((more(&there, "mean") - apart).abs() <= 1, "{there}");
    // Luck that both share goes out of the difference.
    assert!(
        more(&there, "error") < total(&there, "error") + total(&back, "error"),
        "{there}"
    );
    // Who plans minutes between visits comes less late.
    let late = |sums: &Value| sums["delay"]["mean"].as_i64().unwrap();
    assert!(late(&back) < late(&there), "{there} {back}");
}

async fn what_was_put_on_a_case_since_stops_its_visit(site: &mut Deployment) {
    porto(site).await;
    let plan = site.proposed_plan().await;
    let visits = plan["routes"][0]["visits"].as_array().unwrap();
    let mut cells = csv_cells(&sample("porto-messy.csv"));
    let alone = |no: &Value| cells.iter().filter(|row| *no == row[0].as_str()).count() == 1;
    let visit = visits.iter().find(|visit| alone(&visit["case_no"])).unwrap().clone();
    let flags = cells[0].iter().position(|name| name == "flags").unwrap();
    cells.retain(|row| row[0] == "case_no" || visit["case_no"] == row[0].as_str());
    "disputed".clone_into(&mut cells.last_mut().unwrap()[flags]);
    site.supervisor.import(csv_text(&cells)).await;
    let exact = simulate(site, &plan, &json!({"exact": true, "runs": 20})).await.done();
    assert_eq!(exact["stopped"], json!([visit["visit"]]), "{exact}");
    let made = (plan["planned"].as_i64().unwrap() - 1) * 1_000;
    assert_eq!(exact["made"]["mean"], made, "{exact}");
    assert!(exact["total"]["mean"].as_i64() < plan["objective"].as_i64(), "{exact}");
}

async fn the_best_of_several_plans_is_kept(site: &mut Deployment) {
    porto(site).await;
    let request = json!({"first_day": "2026-11-23", "iterations": 300, "without_notice": true, "compare": 3});
    let mut job = site.supervisor.post("/v1/plan-jobs", &request).await.done();
    while job["state"] == "waiting" || job["state"] == "running" {
        tokio::time::sleep(Duration::from_millis(10)).await;
        let path = format!("/v1/plan-jobs/{}", job["id"].as_str().unwrap());
        job = site.supervisor.get(&path).await.done();
    }
    assert_eq!(job["state"], "done", "{job}");
    let compared = job["compared"].as_array().unwrap();
    let paddings: Vec<i64> = compared
        .iter()
        .map(|plan| plan["padding_s"].as_i64().unwrap())
        .collect();
    assert_eq!(paddings, [0, 300, 600]);
    let kept: Vec<&Value> = compared.iter().filter(|plan| plan["kept"] == true).collect();
    let [kept] = kept[..] else { panic!("one is kept: {job}") };
    for plan in compared {
        assert!(
            plan["total"]["mean"].as_i64() <= kept["total"]["mean"].as_i64(),
            "{job}"
        );
        let behind = plan["behind"]["mean"].as_i64();
        assert_eq!(behind.is_none(), plan["kept"] == true, "{job}");
        assert!(behind.is_none_or(|behind| behind >= 0), "{job}");
    }
    // Only that one is there, and what was said of it holds for it.
    let plans = site.supervisor.items("/v1/plans").await;
    assert_eq!(plans.len(), 1, "{plans:?}");
    let plan = &plans[0];
    assert_eq!((&plan["id"], &plan["objective"]), (&job["plan"], &kept["objective"]));
    assert_eq!((&plan["planned"], &plan["findings"]), (&kept["planned"], &json!([])));
    let again = simulate(site, plan, &json!({})).await.done();
    assert_eq!((&again["total"], &again["made"]), (&kept["total"], &kept["made"]));
    // Its visits are published with the time that they are planned to take.
    site.publish(plan).await.done();
}

async fn what_cannot_be_simulated_is_refused(site: &mut Deployment) {
    porto(site).await;
    let plan = site.proposed_plan().await;
    for (request, place) in [
        (json!({"runs": 19}), "runs"),
        (json!({"runs": 10_001}), "runs"),
        (json!({"slow_percent": 301}), "slow_percent"),
        (json!({"overrun_percent": 301}), "overrun_percent"),
        (json!({"met_percent": 0}), "met_percent"),
        (json!({"met_percent": 101}), "met_percent"),
    ] {
        let problem = simulate(site, &plan, &request).await.problem("bad-request");
        assert_eq!(problem["place"], place, "{problem}");
    }
    let nobody = json!("00000000-0000-7000-8000-000000000000");
    simulate(site, &json!({"id": nobody}), &json!({}))
        .await
        .problem("not-found");
    simulate(site, &plan, &json!({"against": nobody}))
        .await
        .problem("not-found");
    for (wishes, place) in [
        (json!({"padding_s": 3_601}), "padding_s"),
        (json!({"compare": 9}), "compare"),
    ] {
        let mut request = json!({"first_day": "2026-11-23"});
        request
            .as_object_mut()
            .unwrap()
            .extend(wishes.as_object().unwrap().clone());
        let problem = site.supervisor.post("/v1/plans", &request).await.problem("bad-request");
        assert_eq!(problem["place"], place, "{problem}");
    }
    // Nobody else may: it tells of crews' days.
    let path = format!("/v1/plans/{}/simulate", plan["id"].as_str().unwrap());
    site.auditor.post(&path, &json!({})).await.problem("not-allowed");
}
