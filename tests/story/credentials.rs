//! What staff hold: what ran out keeps its holder from every door, from the plan to the check-in, and is warned of before.

use doorstep_device::{Blocked, DeviceError, StartInput};
use serde_json::{Value, json};

use crate::harness::{Client, Deployment, id_of, sample};

stories!(
    what_ran_out_keeps_its_holder_from_plan_and_door,
    a_plan_is_not_published_with_a_crew_that_may_not_go,
    what_ends_soon_is_warned_of,
    nobody_notes_what_they_hold_themselves,
    a_staff_file_notes_what_it_says_and_nothing_else,
);

/// The day of the sample files.
const DAY: &str = "2026-11-23";

fn of(staff: &Value) -> String {
    format!("/v1/staff/{}/credentials", staff["id"].as_str().unwrap())
}

async fn note(client: &Client, staff: &Value, kind: &str, until: &str) -> Value {
    let request = json!({"kind": kind, "issued": "2025-01-07", "until": until, "number": "B-2025/7"});
    client.post(&of(staff), &request).await.done()
}

fn warnings(plan: &Value) -> Vec<&str> {
    let warnings = plan["warnings"].as_array().unwrap().iter();
    warnings.map(|one| one.as_str().unwrap()).collect()
}

/// The routes of a crew in a plan.
fn route_of<'a>(plan: &'a Value, staff: &Value) -> Option<&'a Value> {
    let routes = plan["routes"].as_array().unwrap();
    routes.iter().find(|route| route["crew"] == staff["crew"])
}

/// Takes a letter away again, once.
async fn taken_away(site: &Deployment, letter: &Value) {
    let end = format!("/v1/credentials/{}/end", letter["id"].as_str().unwrap());
    let end = async |reason: &str| site.administrator.post(&end, &json!({ "reason": reason })).await;
    let ended = end("withdrawn").await.done();
    assert_eq!(
        (&ended["end_reason"], &ended["until"]),
        (&json!("withdrawn"), &json!("2026-11-22")),
        "{ended}"
    );
    end("mistake").await.problem("changed");
}

async fn what_ran_out_keeps_its_holder_from_plan_and_door(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let [first, second] = &day.staff;
    let device = site.device(first).await;
    device.pull().await.unwrap();
    // On its last day a badge still holds; what is taken away holds no more from that day on.
    note(&site.administrator, second, "badge", DAY).await;
    let proposed = site.proposed_plan().await;
    let login = second["login"].as_str().unwrap();
    let ran_out = |plan: &Value| {
        warnings(plan)
            .iter()
            .any(|one| one.starts_with(login) && one.contains("not after"))
    };
    assert!(!ran_out(&proposed), "{:?}", warnings(&proposed));
    let letter = note(&site.administrator, second, "authority", "2027-12-31").await;
    taken_away(site, &letter).await;
    // The device learns it with its next pull, and blocks by itself.
    device.pull().await.unwrap();
    let visit = &day.visits[0];
    site.when_it_starts(visit);
    let start = |staff: &[&Value]| StartInput {
        staff: staff.iter().map(|one| id_of(&one["id"])).collect(),
        identity_shown: true,
        ..StartInput::default()
    };
    let both = device
        .visit_start(id_of(&visit["visit"]), start(&[first, second]))
        .await;
    let Err(DeviceError::Blocked(reasons)) = both else {
        panic!("a visit with somebody whose letter was taken away: {both:?}");
    };
    assert_eq!(
        reasons.iter().map(Blocked::rule).collect::<Vec<_>>(),
        ["HOUSE-CREDENTIALS"]
    );
    // What happened anyway is recorded with its flag.
    let anyway = StartInput {
        anyway: true,
        ..start(&[first, second])
    };
    device.visit_start(id_of(&visit["visit"]), anyway).await.unwrap();
    device.push().await.unwrap();
    assert!(site.rows("event with flags").await > 0);
    // A plan leaves the holder behind and says why; a mistake that is corrected lets them go again.
    let proposed = site.proposed_plan().await;
    let why = format!("{login}: authorisation letter held until 2026-11-22, not after.");
    assert!(warnings(&proposed).contains(&why.as_str()), "{:?}", warnings(&proposed));
    note(&site.administrator, second, "authority", "2027-12-31").await;
    let proposed = site.proposed_plan().await;
    assert!(!ran_out(&proposed), "{:?}", warnings(&proposed));
    let export = site.export().await;
    export.holds();
    assert_eq!(
        (export.count("credential.noted"), export.count("credential.ended")),
        (3 + count_of_files(site).await, 1)
    );
}

/// What the staff file noted: certificates.
async fn count_of_files(site: &Deployment) -> usize {
    let staff = site.administrator.items("/v1/staff").await;
    let certified = staff.iter().filter(|one| one["certificate_until"].is_string());
    certified.count()
}

async fn a_plan_is_not_published_with_a_crew_that_may_not_go(site: &mut Deployment) {
    let staff = site.has_porto_staff().await;
    site.supervisor.import(sample("porto-messy.csv")).await;
    let plan = site.proposed_plan().await;
    let gone: Vec<&Value> = staff.iter().filter(|one| route_of(&plan, one).is_some()).collect();
    let crew = &gone[0]["crew"];
    for one in gone.iter().filter(|one| one["crew"] == *crew) {
        note(&site.administrator, one, "background_check", "2026-11-22").await;
    }
    let refused = site.publish(&plan).await.problem("plan-outdated");
    let rules: Vec<&str> = refused["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one.as_str().unwrap())
        .collect();
    assert!(rules.contains(&"HOUSE-CREDENTIALS"), "{refused}");
    let why = format!(
        "{}: background check held until 2026-11-22",
        gone[0]["login"].as_str().unwrap()
    );
    assert!(refused["detail"].as_str().unwrap().contains(&why), "{refused}");
    // The next plan does without them, and is published.
    let next = site.proposed_plan().await;
    assert!(route_of(&next, gone[0]).is_none(), "{next}");
    site.publish(&next).await.done();
}

async fn what_ends_soon_is_warned_of(site: &mut Deployment) {
    let staff = site.has_porto_staff().await;
    site.supervisor.import(sample("porto-messy.csv")).await;
    let one = staff.iter().find(|one| one["role"] == "field").unwrap();
    note(&site.administrator, one, "badge", "2026-12-23").await;
    note(&site.administrator, one, "authority", "2026-12-24").await;
    note(&site.administrator, one, "confidentiality", "2026-11-01").await;
    let ending = |query: &str| {
        let path = format!("/v1/credentials/ending{query}");
        let (client, login) = (&site.supervisor, one["login"].clone());
        async move {
            let mut items = client.items(&path).await;
            items.retain(|item| item["login"] == login && item["kind"] != "certificate");
            items
                .iter()
                .map(|item| (item["kind"].clone(), item["days_left"].clone()))
                .collect::<Vec<_>>()
        }
    };
    let (badge, letter, gone) = (
        (json!("badge"), json!(30)),
        (json!("authority"), json!(31)),
        (json!("confidentiality"), json!(-22)),
    );
    assert_eq!(ending("").await, [gone.clone(), badge.clone()]);
    assert_eq!(ending("?days=31").await, [gone.clone(), letter, badge.clone()]);
    assert_eq!(ending("?days=29").await, [gone]);
    site.supervisor
        .get("/v1/credentials/ending?days=367")
        .await
        .problem("bad-request");
    // The holder sees the same of themselves, with the number, and of nobody else.
    let wire = site.wire(one, 1).await;
    let own = wire.client.items("/v1/staff/me/credentials").await;
    let noted = own.iter().find(|item| item["kind"] == "badge").unwrap();
    assert_eq!(
        (&noted["number"], &noted["until"]),
        (&json!("B-2025/7"), &json!("2026-12-23")),
        "{noted}"
    );
    wire.client.get(&of(&staff[1])).await.problem("not-allowed");
    let listed = site.supervisor.items("/v1/staff").await;
    let listed = listed.iter().find(|item| item["id"] == one["id"]).unwrap();
    assert!(
        listed["held"]
            .as_array()
            .unwrap()
            .contains(&json!({"kind": "badge", "until": "2026-12-23"})),
        "{listed}"
    );
}

async fn nobody_notes_what_they_hold_themselves(site: &mut Deployment) {
    let me = site.administrator.get("/v1/me").await.done();
    let own = format!("/v1/staff/{}/credentials", me["staff"].as_str().unwrap());
    let request = json!({"kind": "certificate", "until": "2099-12-31"});
    site.administrator.post(&own, &request).await.problem("not-allowed");
    let staff = site.has_porto_staff().await;
    let bad = [
        json!({"kind": "diploma"}),
        json!({"kind": "exam", "issued": "2026-11-24"}),
        json!({"kind": "badge", "issued": "2026-11-02", "until": "2026-11-01"}),
        json!({"kind": "badge", "portfolio": "00000000-0000-7000-8000-000000000000"}),
        json!({"kind": "badge", "number": "x".repeat(61)}),
    ];
    for request in bad {
        site.administrator
            .post(&of(&staff[0]), &request)
            .await
            .problem("bad-request");
    }
    site.supervisor
        .post(&of(&staff[0]), &request)
        .await
        .problem("not-allowed");
    // A later one takes the place of what stood; both stay on record.
    note(&site.administrator, &staff[0], "exam", "2026-12-31").await;
    note(&site.administrator, &staff[0], "exam", "2027-12-31").await;
    let items = site.auditor.items(&of(&staff[0])).await;
    let exams: Vec<&Value> = items.iter().filter(|one| one["kind"] == "exam").collect();
    let mut ends: Vec<_> = exams
        .iter()
        .map(|one| (one["until"].as_str(), one["end_reason"].as_str()))
        .collect();
    ends.sort_unstable();
    let replaced = (Some("2026-12-31"), Some("replaced"));
    assert_eq!(ends, [replaced, (Some("2027-12-31"), None)], "{items:?}");
}

async fn a_staff_file_notes_what_it_says_and_nothing_else(site: &mut Deployment) {
    let head = "staff_no,name,role,certificate_until,training_on,badge_until\n";
    let admin = site.administrator.get("/v1/me").await.done();
    let logins = site.administrator.items("/v1/staff").await;
    let own = logins.iter().find(|one| one["id"] == admin["staff"]).unwrap();
    let row = |number: &str, rest: &str| format!("{number},Kim Probe,administrator,{rest}\n");
    let query = format!("/v1/staff/import?team={}", site.made.team);
    let upload = |text: String| site.administrator.upload(&query, text.into_bytes());
    let first = upload([head, &row("A7", "2027-03-31,2026-02-01,2027-01-31")].concat())
        .await
        .done();
    assert_eq!((&first["added"], &first["refused"]), (&json!(1), &json!([])), "{first}");
    let again = upload([head, &row("A7", "2027-03-31,2026-02-01,2027-01-31")].concat())
        .await
        .done();
    assert_eq!((&again["added"], &again["changed"]), (&json!(0), &json!(0)), "{again}");
    // An empty cell says nothing; what it says of whoever imports it is for a colleague to import.
    let third = upload([head, &row("A7", ",2026-11-02,")].concat()).await.done();
    assert_eq!(third["changed"], json!(1), "{third}");
    let staff = site.administrator.items("/v1/staff").await;
    let one = staff.iter().find(|one| one["login"] == "A7").unwrap();
    assert_eq!(one["certificate_until"], "2027-03-31", "{one}");
    let held = site.administrator.items(&of(one)).await;
    let of_kind = |kind: &str| held.iter().filter(|one| one["kind"] == kind).count();
    assert_eq!(
        (of_kind("certificate"), of_kind("training"), of_kind("badge")),
        (1, 2, 1),
        "{held:?}"
    );
    // What was taken away does not come back with the same file.
    let badge = held.iter().find(|one| one["kind"] == "badge").unwrap();
    let end = format!("/v1/credentials/{}/end", badge["id"].as_str().unwrap());
    site.administrator
        .post(&end, &json!({"reason": "withdrawn"}))
        .await
        .done();
    let fourth = upload([head, &row("A7", ",,2027-01-31")].concat()).await.done();
    assert_eq!(fourth["changed"], json!(0), "{fourth}");
    let own = row(own["login"].as_str().unwrap(), "2099-12-31,,");
    let refused = upload([head, &own].concat()).await.done();
    assert!(
        refused["refused"][0]["reason"].as_str().unwrap().contains("colleague"),
        "{refused}"
    );
}
