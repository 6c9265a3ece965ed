//! The log on a screen: newest first, narrowed, and with no more about anybody than the caller may know.

use doorstep_app::setup::StaffRequest;
use doorstep_domain::event::EventKind;
use doorstep_domain::id::TeamId;
use doorstep_domain::measure::Clock as _;
use doorstep_domain::staff::Role;
use doorstep_store::entry::{By, Entries, EntryKind, ServerEntry};
use doorstep_store::fresh_id;
use doorstep_store::org::Team;
use serde_json::{Value, json};

use crate::harness::{Client, Deployment, PASSWORD, sample};

stories!(a_log_is_shown_newest_first_and_narrowed, a_team_sees_what_concerns_it,);

#[test]
fn the_documentation_names_every_kind() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/log.md");
    let page = std::fs::read_to_string(page).unwrap();
    let codes = EntryKind::ALL.iter().map(|kind| kind.code());
    for code in codes.chain(EventKind::ALL.iter().map(|kind| kind.code())) {
        assert!(page.contains(&format!("`{code}`")), "{code} is not in docs/log.md");
    }
}

/// All entries of a log that a caller is shown, page by page.
async fn all(client: &Client, log: &str, query: &str) -> Vec<Value> {
    let (mut items, mut before) = (Vec::new(), String::new());
    loop {
        let page = client
            .get(&format!("/v1/log/{log}/entries?{query}{before}"))
            .await
            .done();
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next"].as_u64() {
            Some(next) => before = format!("&before={next}"),
            None => return items,
        }
    }
}

/// Waits until everything queued has its place.
async fn settled(site: &Deployment) {
    while site.app().store().log_queue_len().await.unwrap() > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

async fn a_log_is_shown_newest_first_and_narrowed(site: &mut Deployment) {
    site.has_porto_staff().await;
    site.supervisor.import(sample("porto-messy.csv")).await;
    let plan = site.published_plan().await;
    settled(site).await;
    let entries = all(&site.auditor, "events", "limit=7").await;
    let places: Vec<u64> = entries.iter().map(|entry| entry["index"].as_u64().unwrap()).collect();
    let expected: Vec<u64> = (0..places.len() as u64).rev().collect();
    assert_eq!(places, expected, "every place once");
    let of_kind = |kind: &str| entries.iter().filter(|entry| entry["kind"] == kind).count();
    assert_eq!(of_kind("plan.published"), 1);
    assert_eq!(of_kind("visit.planned") as u64, plan["planned"].as_u64().unwrap());
    // Narrowed by the server it is what it is narrowed by hand.
    let narrowed = all(&site.auditor, "events", "limit=200&kind=visit.planned&actor=supervisor").await;
    assert_eq!(narrowed.len(), of_kind("visit.planned"));
    let system = all(&site.auditor, "events", "limit=200&actor=program").await;
    assert!(!system.is_empty() && system.iter().all(|entry| entry["actor"] == "program"));
    let visit = &plan["routes"][0]["visits"][0];
    let of_visit = all(
        &site.auditor,
        "events",
        &format!("visit={}", visit["visit"].as_str().unwrap()),
    )
    .await;
    assert_eq!(of_visit.len(), 1);
    assert_eq!(of_visit[0]["kind"], "visit.planned");
    assert_eq!(
        of_visit[0]["cases"],
        json!([{"id": visit["case"], "case_no": visit["case_no"]}])
    );
    let of_case = all(
        &site.auditor,
        "events",
        &format!("case={}", visit["case"].as_str().unwrap()),
    )
    .await;
    let kinds: Vec<&Value> = of_case.iter().map(|entry| &entry["kind"]).collect();
    assert_eq!(kinds, ["visit.planned", "case.imported"]);
    // The place and hash are those of the leaf.
    let index = of_visit[0]["index"].as_u64().unwrap();
    let proof = site.auditor.get(&format!("/v1/log/events/proofs/{index}")).await.done();
    let hash = doorstep_log::hash::leaf_hash(proof["leaf"].as_str().unwrap().as_bytes());
    assert_eq!(of_visit[0]["leaf"], hash.to_hex()[..16]);
    // Who may open no case learns no case number.
    let plain = all(&site.administrator, "events", "limit=200&kind=visit.planned").await;
    assert_eq!(plain.len(), narrowed.len());
    assert!(
        plain
            .iter()
            .all(|entry| entry["cases"] == json!([]) && entry["visit"].is_null())
    );
    assert!(plain.iter().all(|entry| entry["visit_alias"].is_string()));
    // Showing case numbers was a read.
    settled(site).await;
    let reads = all(&site.auditor, "access", "limit=200&actor=auditor").await;
    assert!(reads.iter().any(|entry| entry["reason"] == "audit"), "{reads:?}");
    site.auditor.get("/v1/log/nothing/entries").await.problem("not-found");
    nothing_is_told_from_everything(site).await;
}

/// Who narrows to nothing is told how far that was looked for, and a leaf that is not there is told from an altered one.
async fn nothing_is_told_from_everything(site: &Deployment) {
    let none = "/v1/log/events/entries?kind=no.such.kind";
    let none = site.auditor.get(none).await.done();
    assert_eq!((&none["items"], &none["looked_at"]), (&json!([]), &none["size"]));
    let beyond = site
        .auditor
        .get("/v1/log/events/proofs/999999")
        .await
        .problem("not-found");
    assert!(beyond["detail"].as_str().unwrap().contains("leaves of"), "{beyond}");
    site.auditor
        .get("/v1/log/events/entries?generation=2")
        .await
        .problem("not-found");
}

async fn a_team_sees_what_concerns_it(site: &mut Deployment) {
    site.has_porto_staff().await;
    site.supervisor.import(sample("porto-messy.csv")).await;
    let plan = site.published_plan().await;
    // Another team of the same lender, with nothing to do yet.
    let store = site.app().store();
    let now = site.clock.now();
    let team = Team {
        id: TeamId(fresh_id(now)),
        agency: None,
        name: "Elsewhere".to_owned(),
    };
    let mut tx = store.write(site.made.tenant, now).await.unwrap();
    tx.team_insert(&team).await.unwrap();
    let entry = ServerEntry::new(EntryKind::OrgChanged, By::PROGRAM);
    tx.commit(Entries::one(entry)).await.unwrap();
    let request = StaffRequest {
        login: "elsewhere",
        name: "elsewhere",
        role: Role::Supervisor,
        team: Some(team.id),
        agency: None,
        password: PASSWORD,
    };
    site.app().create_staff(site.made.tenant, &request).await.unwrap();
    let elsewhere = site.anonymous.sign_in("elsewhere", PASSWORD).await;
    settled(site).await;
    let planned = "limit=200&kind=visit.planned";
    let own = all(&site.supervisor, "events", planned).await;
    assert_eq!(own.len() as u64, plan["planned"].as_u64().unwrap());
    assert!(own.iter().all(|entry| entry["cases"][0]["case_no"].is_string()));
    assert_eq!(all(&elsewhere, "events", planned).await, Vec::<Value>::new());
    let theirs = all(&elsewhere, "events", "limit=200").await;
    assert!(!theirs.is_empty());
    assert!(
        theirs
            .iter()
            .all(|entry| entry["actor"] == "program" && entry["cases"] == json!([])),
        "{theirs:?}"
    );
    let case = plan["routes"][0]["visits"][0]["case"].as_str().unwrap();
    let asked = all(&elsewhere, "events", &format!("case={case}")).await;
    assert_eq!(asked, Vec::<Value>::new());
}
