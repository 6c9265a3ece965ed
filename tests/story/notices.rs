//! Notices of visits: queued with the plan, handed over, and what the door makes of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use doorstep_device::{Device, StartInput};
use doorstep_domain::measure::{Clock as _, Micros};
use doorstep_log::stop::stop_hash;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Deployment, Gateway, Posted, checked_in, csv_cells, id_of, lines_of, sample};

stories!(
    nobody_comes_before_a_notice_was_out_for_a_day,
    a_notice_is_followed_to_its_end,
    a_folder_gets_each_letter_once_and_for_its_owner_only,
    a_gateway_gets_each_notice_until_it_takes_it,
    without_notice_only_a_supervisor_says_why,
    a_plan_that_gives_way_withdraws_its_notices,
);

/// The day after the story's.
const TOMORROW: &str = "2026-11-24";
/// Wednesday.
const LATER: &str = "2026-11-25";

/// How long before the first visit notices leave in the story, in microseconds: it is in sight of devices by then, and not a
/// day away any more.
const LEFT_BEFORE: i64 = 63_000_000_000;

/// Imports people and cases.
async fn office(site: &Deployment) -> Vec<Value> {
    let staff = site.has_porto_staff().await;
    let cases = lines_of(&sample("porto-cases.csv"), |line| line < 250);
    site.supervisor.import(cases).await;
    staff
}

/// A plan of a day, published as a query asks.
async fn published(site: &Deployment, day: &str, query: &str) -> Value {
    let request = json!({"first_day": day, "iterations": 300, "without_notice": !query.is_empty()});
    let plan = site.supervisor.post("/v1/plans", &request).await.done();
    site.publish_as(&plan, query).await.done()
}

async fn notices(site: &Deployment, query: &str) -> Vec<Value> {
    site.supervisor.items(&format!("/v1/notices{query}")).await
}

async fn becomes(site: &Deployment, notice: &Value, state: &str) -> Value {
    let path = format!("/v1/notices/{}/state", notice["id"].as_str().unwrap());
    site.supervisor.post(&path, &json!({"state": state})).await.done()
}

async fn all_become(site: &Deployment, state: &str) {
    for notice in notices(site, "?state=queued").await {
        becomes(site, &notice, state).await;
    }
}

/// The staff of the crew that begins first, and its visits.
fn earliest(plan: &Value, staff: &[Value]) -> (Vec<Value>, Vec<Value>) {
    let routes = plan["routes"].as_array().unwrap();
    let visits_of = |route: &Value| route["visits"].as_array().unwrap().clone();
    let crew_of = |route: &Value| -> Vec<Value> {
        let certified = |one: &&Value| one["certificate_until"].as_str().is_none_or(|until| until >= LATER);
        let mine = staff.iter().filter(|one| one["crew"] == route["crew"]);
        mine.filter(certified).cloned().collect()
    };
    let whole = |route: &&Value| crew_of(route).len() == 2 && visits_of(route).len() > 1;
    let starts = |route: &&Value| visits_of(route)[0]["starts"].as_i64();
    let route = routes.iter().filter(whole).min_by_key(starts).unwrap();
    (crew_of(route), visits_of(route))
}

/// What the permit allows at a visit; `None` where the device is not given the door.
async fn allowed_ms(device: &Device, visit: &Value) -> Option<Vec<[i64; 2]>> {
    device.pull().await.unwrap();
    let door = device
        .doors()
        .await
        .unwrap()
        .into_iter()
        .find(|door| door.visit == id_of(&visit["visit"]))?;
    let permit = device.permit().await.unwrap().unwrap();
    let found = permit.doors.iter().find(|one| one.visit == door.visit_alias).unwrap();
    Some(found.allowed_ms.clone())
}

/// The first of some visits that the permit allows for twenty minutes from an instant on.
async fn allowed_at<'a>(device: &Device, visits: &'a [Value], now_ms: i64) -> &'a Value {
    for visit in visits {
        let spans = allowed_ms(device, visit).await.unwrap_or_default();
        if spans
            .iter()
            .any(|[from, to]| *from <= now_ms && now_ms + 1_200_000 <= *to)
        {
            return visit;
        }
    }
    panic!("no visit of {visits:?} is allowed")
}

/// A visit that is planned before its notice has been out for a day, and allowed later on its day; with what is allowed.
async fn allowed_too_late<'a>(device: &Device, visits: &'a [Value], from_ms: i64) -> (&'a Value, Vec<[i64; 2]>) {
    for visit in visits {
        let allowed = allowed_ms(device, visit).await.unwrap_or_default();
        if visit["starts"].as_i64().unwrap() / 1_000 < from_ms && allowed.first().is_some_and(|span| span[0] == from_ms)
        {
            return (visit, allowed);
        }
    }
    panic!("no visit of {visits:?} is allowed from {from_ms} on")
}

/// Rings too early, and is refused by the rule.
async fn rings_too_early(device: &Device, visit: &Value, crew: &[Value]) {
    let input = StartInput {
        staff: crew.iter().map(|one| id_of(&one["id"])).collect(),
        identity_shown: true,
        ..StartInput::default()
    };
    let refused = device.visit_start(id_of(&visit["visit"]), input).await.unwrap_err();
    assert!(refused.to_string().contains("HOUSE-NOTICE"), "{refused}");
}

/// The page code leads to the notice, and the stop code to its visit only; the database has neither.
async fn codes_lead_to(site: &Deployment, notice: &Value, shown: &Value) {
    let text = shown["text"].as_str().unwrap();
    let code = shown["page"]
        .as_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let store = site.app().store();
    let hash = doorstep_app::notice::code_hash(&code).0;
    let (tenant, found) = store.notice_by_code(&hash).await.unwrap().unwrap();
    assert_eq!(
        (tenant, json!(found.notice.id)),
        (site.made.tenant, notice["id"].clone())
    );
    let stop = text.split("stop code: ").nth(1).unwrap().split('.').next().unwrap();
    let expected = stop_hash(found.visit_alias.0.as_bytes(), stop).unwrap().0.to_vec();
    assert_eq!(found.notice.stop_hash, expected);
    assert_ne!(stop_hash(&[0; 16], stop).unwrap().0.to_vec(), expected);
    let visit: Uuid = id_of(&notice["visit"]);
    let of_visit = store.notice_of_visits(tenant, &[visit]).await.unwrap();
    assert_eq!(of_visit, std::slice::from_ref(&found));
}

async fn nobody_comes_before_a_notice_was_out_for_a_day(site: &mut Deployment) {
    let staff = office(site).await;
    // Nothing of the first 24 hours is planned: a notice cannot be out in time for it.
    let now_us = site.clock.now().get();
    let soon = json!({"first_day": "2026-11-23", "iterations": 50});
    let soon = site.supervisor.post("/v1/plans", &soon).await.done();
    assert_eq!(soon["planned"], 0, "{soon}");
    let reasons = soon["reasons"].as_array().unwrap();
    assert!(reasons.iter().any(|one| one["reason"] == "HOUSE-NOTICE"), "{reasons:?}");
    let plan = published(site, TOMORROW, "").await;
    let (crew, visits) = earliest(&plan, &staff);
    let day_us = 86_400_000_000;
    assert!(
        visits
            .iter()
            .all(|visit| visit["starts"].as_i64().unwrap() >= now_us + day_us),
        "{visits:?}"
    );
    let queued = notices(site, "?state=queued").await;
    assert_eq!(Some(queued.len() as u64), plan["planned"].as_u64());
    assert_eq!(site.export().await.count("notice.queued"), queued.len());
    // Hours later they leave; the doors are only given to the crew then.
    let left_us = visits[0]["starts"].as_i64().unwrap() - LEFT_BEFORE;
    site.clock.set(Micros(left_us));
    site.sign_everybody_in().await;
    let device = site.device(&crew[0]).await;
    assert_eq!(allowed_ms(&device, &visits[0]).await, None, "nobody was told");
    all_become(site, "handed_over").await;
    let left_ms = left_us / 1_000;
    let (first, allowed) = allowed_too_late(&device, &visits, left_ms + 86_400_000).await;
    assert_eq!(allowed[0][0], left_ms + 86_400_000, "{allowed:?}");
    // The planned hour comes first: the crew stands there too early for a notice that left so late.
    site.when_it_starts(first);
    assert!(first["starts"].as_i64().unwrap() / 1_000 < allowed[0][0], "{first}");
    rings_too_early(&device, first, &crew).await;
    // What came back told nobody: the door goes from the device.
    site.sign_everybody_in().await;
    let of_case = format!("?case={}", first["case"].as_str().unwrap());
    let notice = &notices(site, &of_case).await[0];
    becomes(site, notice, "returned").await;
    assert_eq!(allowed_ms(&device, first).await, None);
    // A visit of the others is made a day after theirs left.
    let now_ms = left_ms + 86_400_000;
    site.clock.set(Micros(now_ms * 1_000));
    let second = allowed_at(&device, &visits[1..], now_ms).await;
    checked_in(&device, second, &crew).await;
    device.push().await.unwrap();
    site.sign_everybody_in().await;
    let events = site.supervisor.items("/v1/review").await;
    assert!(
        !events.iter().any(|one| one["visit"] == second["visit"]
            && one["reasons"]
                .as_array()
                .unwrap()
                .iter()
                .any(|reason| reason["code"] == "rule-blocked")),
        "{events:?}"
    );
    device.close().await;
    site.export().await.holds();
}

async fn a_notice_is_followed_to_its_end(site: &mut Deployment) {
    office(site).await;
    let complaints = json!({"complaints": "Tel. 200 000 000"});
    let request = site.administrator.request(Method::PUT, "/v1/offices/complaints");
    assert_eq!(site.administrator.send(request.json(&complaints)).await.status, 204);
    let plan = published(site, LATER, "").await;
    // In no language of the program, so in all of them.
    let mut all = notices(site, "").await.into_iter();
    let notice = all.find(|one| one["language"] == "both").unwrap();
    let path = format!("/v1/notices/{}", notice["id"].as_str().unwrap());
    let shown = site.supervisor.get(&path).await.done();
    let text = shown["text"].as_str().unwrap();
    for part in [
        "Tel. 200 000 000",
        "Lender",
        "No money is taken at the door",
        "2026",
        shown["page"].as_str().unwrap(),
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(text.contains("上门") && notice["language"] == "both", "{notice} {text}");
    assert!(!text.to_lowercase().contains("debt"), "{text}");
    codes_lead_to(site, &notice, &shown).await;
    // An auditor sees that there is one and not what it says.
    assert_eq!(
        site.auditor.items("/v1/notices").await.len(),
        plan["planned"].as_u64().unwrap() as usize
    );
    site.auditor.get(&path).await.problem("not-allowed");
    // Not delivered before it left; returned, sent again, delivered.
    let state = format!("{path}/state");
    site.supervisor
        .post(&state, &json!({"state": "delivered"}))
        .await
        .problem("changed");
    site.supervisor
        .post(&state, &json!({"state": "withdrawn"}))
        .await
        .problem("bad-request");
    for (to, again) in [
        ("handed_over", true),
        ("returned", true),
        ("handed_over", false),
        ("delivered", true),
    ] {
        assert_eq!(becomes(site, &notice, to).await["state"], to);
        if again {
            becomes(site, &notice, to).await;
        }
    }
    let export = site.export().await;
    let counts = ["notice.handed_over", "notice.returned", "notice.delivered"].map(|kind| export.count(kind));
    assert_eq!(counts, [2, 1, 1]);
    // What it says goes with its person.
    site.erase_person_of(notice["case"].as_str().unwrap()).await;
    site.supervisor.get(&path).await.problem("not-found");
    site.export().await.holds();
}

/// Changes the settings and starts the server again.
async fn configured(site: &mut Deployment, settings: &str) {
    let path = site.folder().join("doorstep.toml");
    let text = fs::read_to_string(&path).unwrap();
    let (before, _) = text.split_once("\n[dispatch]").unwrap();
    fs::write(&path, format!("{before}\n[dispatch]\n{settings}")).unwrap();
    site.restart().await;
}

/// Looks until no notice waits any more.
async fn until_none_waits(site: &Deployment) {
    while !notices(site, "?state=queued").await.is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            found.extend(files_below(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found
}

async fn a_folder_gets_each_letter_once_and_for_its_owner_only(site: &mut Deployment) {
    office(site).await;
    configured(site, "folder = \"dispatch\"\n").await;
    let plan = published(site, LATER, "").await;
    until_none_waits(site).await;
    let files = files_below(&site.folder().join("dispatch"));
    let planned = plan["planned"].as_u64().unwrap() as usize;
    let (pages, indexes): (Vec<_>, Vec<_>) = files
        .iter()
        .partition(|path| path.extension().is_some_and(|e| e == "html"));
    assert_eq!(pages.len(), planned, "{files:?}");
    let mut listed = Vec::new();
    for index in indexes {
        let cells = csv_cells(&fs::read(index).unwrap());
        let file = cells[0].iter().position(|name| name == "file").unwrap();
        for row in cells.iter().skip(1) {
            assert!(index.with_file_name(&row[file]).exists(), "{row:?}");
            assert!(row.iter().all(|cell| !cell.starts_with(['=', '@'])), "{row:?}");
            listed.push(row[file].clone());
        }
    }
    listed.sort();
    listed.dedup();
    assert_eq!(listed.len(), planned);
    let letters: Vec<String> = pages.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    for part in ["<!doctype html>", "<address>", "/n/"] {
        assert!(letters.iter().all(|letter| letter.contains(part)), "{part}");
    }
    // Most of these persons speak neither language of the program, so their letters have both.
    let both = |letter: &&String| letter.contains("lang=\"zh-CN\"") && letter.contains("lang=\"en\"");
    assert!(letters.iter().filter(both).count() > planned / 2);
    #[cfg(unix)]
    for path in &files {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(
            fs::metadata(path).unwrap().permissions().mode() & 0o777,
            0o600,
            "{}",
            path.display()
        );
    }
    site.export().await.holds();
}

async fn a_gateway_gets_each_notice_until_it_takes_it(site: &mut Deployment) {
    office(site).await;
    let gateway = Gateway::start();
    fs::write(site.folder().join("secret"), "open-sesame\n").unwrap();
    let settings = format!("gateway = \"{}\"\nsecret_file = \"secret\"\n", gateway.url);
    configured(site, &settings).await;
    let plan = published(site, LATER, "").await;
    let planned = plan["planned"].as_u64().unwrap() as usize;
    // It refuses all of them, one by one: none counts as handed over.
    while gateway.got().len() < planned {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(notices(site, "?state=queued").await.len(), planned);
    // The next round begins with the next start.
    gateway.be_willing();
    site.restart().await;
    until_none_waits(site).await;
    let got = gateway.got();
    let keys = |posted: &[Posted]| posted.iter().map(|one| one.key.clone()).collect::<BTreeSet<_>>();
    assert_eq!((got.len(), keys(&got[..planned])), (2 * planned, keys(&got[planned..])));
    for posted in &got {
        let notice = &posted.body;
        assert_eq!(
            (notice["id"].as_str(), posted.authorization.as_str()),
            (Some(posted.key.as_str()), "Bearer open-sesame")
        );
        assert!(
            !notice["text"].as_str().unwrap().is_empty() && notice["html"].is_string(),
            "{notice}"
        );
    }
    site.export().await.holds();
}

async fn without_notice_only_a_supervisor_says_why(site: &mut Deployment) {
    office(site).await;
    let request = json!({"first_day": "2026-11-23", "iterations": 100, "without_notice": true});
    let plan = site.supervisor.post("/v1/plans", &request).await.done();
    assert!(plan["planned"].as_u64().unwrap() > 0, "{plan}");
    // Published with notice it would be visits that nobody was told of.
    let refused = site.publish_as(&plan, "").await.problem("plan-outdated");
    assert_eq!(refused["rules"], json!(["HOUSE-NOTICE"]), "{refused}");
    let visits = refused["visits"].as_array().unwrap();
    assert_eq!(json!(visits.len()), plan["planned"]);
    let named = |one: &Value| !one["case_no"].as_str().unwrap().is_empty() && one["rules"] == json!(["HOUSE-NOTICE"]);
    assert!(visits.iter().all(named), "{refused}");
    site.publish_as(&plan, "?without_notice=in-a-hurry")
        .await
        .problem("bad-request");
    let published = site.publish_as(&plan, "?without_notice=person-asked").await.done();
    assert!(notices(site, "").await.is_empty());
    let export = site.export().await;
    assert_eq!(export.count("plan.published"), 1);
    assert_eq!(export.count("notice.queued"), 0);
    assert_eq!(published["planned"], plan["planned"]);
}

async fn a_plan_that_gives_way_withdraws_its_notices(site: &mut Deployment) {
    office(site).await;
    let first = published(site, LATER, "").await;
    let sent = notices(site, "?state=queued").await[0].clone();
    becomes(site, &sent, "handed_over").await;
    let second = published(site, LATER, "").await;
    let waits = notices(site, "?state=queued").await.len() as u64;
    assert_eq!(Some(waits), second["planned"].as_u64());
    let withdrawn = notices(site, "?state=withdrawn").await.len() as u64;
    assert_eq!(Some(withdrawn + 1), first["planned"].as_u64());
    assert_eq!(site.export().await.count("notice.withdrawn") as u64, withdrawn);
    // Another visit takes the place of the one that was announced; when that is off too, somebody waits in vain.
    assert_eq!(notices(site, "?called_off=true").await, Vec::<Value>::new());
    let restrict = format!("/v1/cases/{}/restrictions", sent["case"].as_str().unwrap());
    site.supervisor
        .post(&restrict, &json!({"kind": "hardship"}))
        .await
        .done();
    let told = notices(site, "?called_off=true").await;
    assert_eq!((told.len(), &told[0]["id"]), (1, &sent["id"]), "{told:?}");
    let path = format!("/v1/notices/{}", sent["id"].as_str().unwrap());
    assert_eq!(site.supervisor.get(&path).await.done()["called_off"], true);
}
