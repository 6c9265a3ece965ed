//! A closer look at a plan: what it changes against the published one, what it leaves out, and where its stops are.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::harness::{Deployment, csv_cells, csv_text, sample};

stories!(
    a_plan_is_compared_with_what_it_takes_the_place_of,
    what_is_left_out_is_listed_case_by_case,
    a_plan_has_places_for_a_map,
);

fn path(plan: &Value, tail: &str) -> String {
    format!("/v1/plans/{}{tail}", plan["id"].as_str().unwrap())
}

fn visits(plan: &Value) -> impl Iterator<Item = &Value> {
    let routes = plan["routes"].as_array().unwrap().iter();
    routes.flat_map(|route| route["visits"].as_array().unwrap())
}

async fn a_plan_is_compared_with_what_it_takes_the_place_of(site: &mut Deployment) {
    site.has_porto_staff().await;
    site.supervisor.import(sample("porto-messy.csv")).await;
    let first = site.published_plan().await;
    let of_first = site.supervisor.get(&path(&first, "/diff")).await.done();
    assert_eq!(of_first["against"], json!([]));
    assert_eq!(of_first["counts"]["added"], first["planned"]);
    // Somebody dies, and the next plan has to do without the visit.
    let mut cells = csv_cells(&sample("porto-messy.csv"));
    // Where a number stands in two lines, the second changes nothing.
    let alone = |no: &Value| cells.iter().filter(|row| *no == row[0].as_str()).count() == 1;
    let gone = visits(&first).map(|visit| &visit["case_no"]).find(|no| alone(no));
    let gone = gone.unwrap().clone();
    let flags = cells[0].iter().position(|name| name == "flags").unwrap();
    cells.retain(|row| row[0] == "case_no" || gone == row[0].as_str());
    "deceased".clone_into(&mut cells.last_mut().unwrap()[flags]);
    site.supervisor.import(csv_text(&cells)).await;
    site.clock.forward(60);
    let second = site.proposed_plan().await;
    let diff = site.supervisor.get(&path(&second, "/diff")).await.done();
    assert_eq!(diff["against"], json!([first["id"]]));
    let dropped = of_case(&diff, &gone);
    assert_eq!(dropped["change"], "dropped");
    assert!(dropped["reason"].as_str().unwrap().contains("DECEASED"), "{dropped}");
    assert!(dropped["after"].is_null() && dropped["before"]["crew_name"].is_string());
    sides_are_whole(&diff, &first, &second);
    // The same after it was published, and named by hand in the other direction.
    site.publish(&second).await.done();
    let later = site.supervisor.get(&path(&second, "/diff")).await.done();
    assert_eq!(later["against"], diff["against"]);
    assert!(later["changes"] == diff["changes"], "publishing changes no visit");
    let back = format!("/diff?against={}", second["id"].as_str().unwrap());
    let back = site.supervisor.get(&path(&first, &back)).await.done();
    assert_eq!(of_case(&back, &gone)["change"], "added");
    assert_eq!(back["before"], diff["after"]);
    let itself = format!("/diff?against={}", first["id"].as_str().unwrap());
    let itself = site.supervisor.get(&path(&first, &itself)).await.done();
    assert_eq!(itself["counts"]["same"], first["planned"]);
    site.supervisor
        .get(&path(&first, "/diff?against=00000000-0000-7000-8000-000000000000"))
        .await
        .problem("not-found");
}

fn of_case<'a>(diff: &'a Value, number: &Value) -> &'a Value {
    let changes = diff["changes"].as_array().unwrap();
    changes.iter().find(|change| change["case_no"] == *number).unwrap()
}

/// Each visit of both plans is in the comparison once, where its plan has it, and the counts are those of the changes.
fn sides_are_whole(diff: &Value, before: &Value, after: &Value) {
    let changes = diff["changes"].as_array().unwrap();
    for (side, plan) in [("before", before), ("after", after)] {
        let told: BTreeMap<&str, i64> = changes
            .iter()
            .filter(|change| change[side].is_object())
            .map(|change| {
                let place = &change[side];
                (place["visit"].as_str().unwrap(), place["starts"].as_i64().unwrap())
            })
            .collect();
        let planned: BTreeMap<&str, i64> = visits(plan)
            .map(|visit| (visit["visit"].as_str().unwrap(), visit["starts"].as_i64().unwrap()))
            .collect();
        assert_eq!(told, planned, "{side}");
        assert_eq!(diff[side]["objective"], plan["objective"]);
        let metres: i64 = plan["routes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|route| route["metres"].as_i64().unwrap())
            .sum();
        assert_eq!(diff[side]["metres"], metres);
    }
    for (count, change) in [
        ("added", "added"),
        ("dropped", "dropped"),
        ("moved_day", "moved-day"),
        ("moved_crew", "moved-crew"),
        ("moved_time", "moved-time"),
        ("same", "same"),
    ] {
        let found = changes.iter().filter(|one| one["change"] == change);
        assert_eq!(diff["counts"][count], found.count(), "{count}");
    }
    for change in changes.iter().filter(|change| change["by_s"].is_i64()) {
        let starts = |side: &str| change[side]["starts"].as_i64().unwrap();
        assert_eq!(change["by_s"], (starts("after") - starts("before")) / 1_000_000);
    }
}

async fn what_is_left_out_is_listed_case_by_case(site: &mut Deployment) {
    site.has_porto_staff().await;
    site.supervisor.import(sample("porto-cases.csv")).await;
    let plan = site.proposed_plan().await;
    let entries = site.entries().await;
    let all = site.supervisor.items(&path(&plan, "/left-out?limit=7")).await;
    let pages = all.len().div_ceil(7) as i64;
    assert_eq!(site.entries().await - entries, pages, "one read entry a page");
    assert_eq!(all.len() as u64, plan["left_out"].as_u64().unwrap());
    let cases: BTreeSet<&str> = all.iter().map(|item| item["case"].as_str().unwrap()).collect();
    assert_eq!(cases.len(), all.len());
    for item in all.iter().take(5) {
        let tail = format!("/why/{}", item["case"].as_str().unwrap());
        let why = site.supervisor.get(&path(&plan, &tail)).await.done();
        assert_eq!((&item["reason"], &item["sentence"]), (&why["reason"], &why["sentence"]));
        assert!(item["case_no"].as_str().is_some_and(|number| !number.is_empty()));
    }
    for reason in plan["reasons"].as_array().unwrap() {
        let tail = format!("/left-out?limit=3&reason={}", reason["reason"].as_str().unwrap());
        let found = site.supervisor.items(&path(&plan, &tail)).await;
        assert_eq!(reason["cases"], found.len(), "{reason}");
        assert!(found.iter().all(|item| item["reason"] == reason["reason"]));
    }
    let none = site
        .supervisor
        .items(&path(&plan, "/left-out?reason=no-such-reason"))
        .await;
    assert_eq!(none, Vec::<Value>::new());
    let broken = site.supervisor.get(&path(&plan, "/left-out?cursor=x")).await;
    assert_eq!(broken.problem("bad-request")["place"], "cursor");
}

async fn a_plan_has_places_for_a_map(site: &mut Deployment) {
    let staff = site.has_porto_staff().await;
    site.supervisor.import(sample("porto-messy.csv")).await;
    let plan = site.proposed_plan().await;
    // Making the plan read the homes of the crews too; after a while that is another read.
    site.clock.forward(301);
    let entries = site.entries().await;
    let points = site.supervisor.get(&path(&plan, "/points")).await.done();
    assert_eq!(
        site.entries().await - entries,
        2,
        "one entry for the visits, one for the crews"
    );
    let planned: BTreeSet<&str> = visits(&plan).map(|visit| visit["visit"].as_str().unwrap()).collect();
    let placed: BTreeSet<&str> = points["visits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| point["visit"].as_str().unwrap())
        .collect();
    assert_eq!(placed, planned);
    let first = visits(&plan).next().unwrap();
    let case = site
        .supervisor
        .get(&format!("/v1/cases/{}", first["case"].as_str().unwrap()))
        .await
        .done();
    let shown = points["visits"]
        .as_array()
        .unwrap()
        .iter()
        .find(|point| point["visit"] == first["visit"])
        .unwrap();
    assert_eq!(json!([shown["lat_e7"], shown["lon_e7"]]), case["point"]);
    let crews: BTreeSet<&str> = plan["routes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|route| route["crew"].as_str().unwrap())
        .collect();
    assert_eq!(points["crews"].as_array().unwrap().len(), crews.len());
    // An auditor checks visits; where colleagues live is not theirs to see.
    let audited = site.auditor.get(&path(&plan, "/points")).await.done();
    assert_eq!((&audited["visits"], &audited["crews"]), (&points["visits"], &json!([])));
    for route in plan["routes"].as_array().unwrap() {
        let logins = route["staff"].as_array().unwrap();
        assert!(!logins.is_empty());
        for login in logins {
            let one = staff.iter().find(|one| one["login"] == *login).unwrap();
            assert_eq!((&one["crew"], &one["crew_name"]), (&route["crew"], &route["crew_name"]));
        }
    }
}
