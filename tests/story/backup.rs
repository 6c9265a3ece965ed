//! A backup restores on the other engine, and the log goes on there.

use std::sync::Arc;

use doorstep_server::folder::{Sources, backup, restore};
use doorstep_store::Engine;
use serde_json::{Value, json};

use crate::harness::{Deployment, lines_of, sample};

stories!(
    a_backup_goes_on_under_the_other_engine,
    a_restore_brings_no_erased_person_back
);

/// Copies what belongs to a restore: configuration, key file, and the key store where it is a file.
pub(super) fn without_database(site: &Deployment, name: &str) -> std::path::PathBuf {
    let target = site.path(name);
    std::fs::create_dir(&target).unwrap();
    for entry in std::fs::read_dir(site.folder()).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_file() && !file.starts_with("doorstep.db") {
            std::fs::copy(&path, target.join(&file)).unwrap();
        }
    }
    target
}

/// An empty database of the other engine.
pub(super) async fn other_engine(site: &mut Deployment, folder: &std::path::Path) -> String {
    match site.engine {
        Engine::Sqlite => site.another_database().await,
        Engine::Postgres => format!("sqlite:{}", folder.join("doorstep.db").display()),
    }
}

async fn a_backup_goes_on_under_the_other_engine(site: &mut Deployment) {
    let day = site
        .crew_day(lines_of(&sample("porto-cases.csv"), |line| line < 60))
        .await;
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    device.day_open().await.unwrap();
    device.push().await.unwrap();
    let file = site.path("backup");
    let clock = Arc::clone(&site.clock);
    backup(&site.folder(), &file, Arc::<crate::harness::TestClock>::clone(&clock))
        .await
        .unwrap();
    let cases = site.supervisor.items("/v1/cases?limit=500").await;
    let visits = site.supervisor.items("/v1/visits").await;
    let before = site.export().await.holds();
    site.stop().await;
    let folder = without_database(site, "restored");
    let url = other_engine(site, &folder).await;
    restore(&folder, &file, Some(&url), &Sources::default(), clock).await.unwrap();
    site.move_to(folder);
    site.restart().await;
    assert_ne!(site.app().store().engine(), site.engine);
    assert_eq!(site.supervisor.items("/v1/cases?limit=500").await, cases);
    assert_eq!(site.supervisor.items("/v1/visits").await, visits);
    assert_eq!(
        site.supervisor.case("PO-10001").await["name"],
        "Bruno Gomes",
        "numbers are found again"
    );
    let restored = site.export().await;
    let found = restored.holds();
    assert_eq!(restored.count("restored"), 1);
    assert!(
        found.logs[0].size + 10 > before.logs[0].size,
        "{} {}",
        found.logs[0].size,
        before.logs[0].size
    );
    let report = site
        .supervisor
        .import(lines_of(&sample("porto-cases.csv"), |line| (50..70).contains(&line)))
        .await;
    assert_eq!(report["counts"], json!({"accept": 10, "duplicate": 10}));
    let device = site.reopened(&day.staff[0]).await;
    device.day_close().await.unwrap();
    // Sessions are in no backup: the device renews its own with its key, and what it held goes up.
    let pushed = device.push().await.unwrap();
    assert_eq!((pushed.sent, pushed.acknowledged), (1, 1));
    assert!(device.outbox().await.unwrap().is_empty());
    let mut again = site.wire(&day.staff[1], 3).await;
    let event = again.event("day.open", None);
    assert_eq!(again.statuses(&[&event]).await, ["accepted"]);
    let after = site.export().await.holds();
    assert!(after.logs[0].size >= found.logs[0].size + 12, "the log goes on");
    assert_eq!(after.counts.payloads_missing, 0);
}

async fn a_restore_brings_no_erased_person_back(site: &mut Deployment) {
    let file = lines_of(&sample("porto-cases.csv"), |line| line < 5);
    site.supervisor.import(file).await;
    let id = site.supervisor.case("PO-10001").await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let person = site.supervisor.get(&format!("/v1/cases/{id}")).await.done()["person"].clone();
    let target = site.path("backup");
    let clock = Arc::clone(&site.clock);
    backup(&site.folder(), &target, Arc::<crate::harness::TestClock>::clone(&clock))
        .await
        .unwrap();
    let request = json!({"kind": "person.erase", "subject": person, "reason": "person-asked"});
    let approval = site.supervisor.post("/v1/approvals", &request).await.done();
    let approval = approval["id"].as_str().unwrap();
    site.administrator
        .post(&format!("/v1/approvals/{approval}/answer"), &json!({"approve": true}))
        .await
        .done();
    let path = format!("/v1/persons/{}/erase?approval={approval}", person.as_str().unwrap());
    site.supervisor.post(&path, &Value::Null).await.done();
    site.stop().await;
    let folder = without_database(site, "restored");
    let url = other_engine(site, &folder).await;
    restore(&folder, &target, Some(&url), &Sources::default(), clock).await.unwrap();
    site.move_to(folder);
    site.restart().await;
    let case = site.supervisor.get(&format!("/v1/cases/{id}")).await.done();
    assert_eq!((&case["name"], &case["phone"]), (&Value::Null, &Value::Null), "{case}");
    let found = site.export().await.holds();
    assert_eq!((found.counts.payloads_erased, found.counts.payloads_missing), (1, 0));
}
