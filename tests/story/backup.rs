//! A backup restores on the other engine, and the log goes on there.

use std::path::PathBuf;
use std::sync::Arc;

use doorstep_log::export::LogName;
use doorstep_log::note::VerifierKey;
use doorstep_log::proof::Proof;
use doorstep_log::verify::{FindingCode, Report};
use doorstep_server::ServerError;
use doorstep_server::folder::{CaseOrder, Check, Sources, backup, case_log_export, doctor, log_export, restore};
use doorstep_store::Engine;
use serde_json::{Value, json};

use crate::harness::{Deployment, ExportInMemory, lines_of, sample};

stories!(
    a_backup_goes_on_under_the_other_engine,
    a_restore_brings_no_erased_person_back,
    an_export_tells_a_restore_who_was_erased,
);

/// Has every log that lost entries go on as a new one, as an administrator decides it.
pub(super) async fn goes_on(site: &Deployment) {
    for log in ["events", "access"] {
        let path = format!("/v1/log/{log}");
        let head = site.auditor.get(&path).await.done();
        if log == "access" && head["halted"].is_null() {
            continue; // Nothing was read since the backup.
        }
        assert_eq!(head["halted"]["reason"], "rolled-back", "{head}");
        let left = head["halted"]["left_size"].as_u64().unwrap();
        assert!(left < head["halted"]["known_size"].as_u64().unwrap(), "{head}");
        let path = format!("{path}/continue");
        let other = json!({"left_size": left + 1});
        site.administrator.post(&path, &other).await.problem("changed");
        let shown = json!({"left_size": left});
        site.supervisor.post(&path, &shown).await.problem("not-allowed");
        let head = site.administrator.post(&path, &shown).await.done();
        assert_eq!(
            (&head["halted"], &head["generation"]),
            (&Value::Null, &json!(2)),
            "{head}"
        );
        assert!(
            head["origin"].as_str().unwrap().ends_with(&format!("/{log}-2")),
            "{head}"
        );
        site.administrator.post(&path, &shown).await.problem("changed");
    }
}

/// Leaves of the log of changes, in all its generations.
fn events_of(report: &Report) -> u64 {
    let logs = report.logs.iter().filter(|log| log.log == LogName::Events);
    logs.map(|log| log.size).sum()
}

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
    restore(&folder, &file, Some(&url), &Sources::default(), clock)
        .await
        .unwrap();
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
    // What was written after the backup is lost and was signed: nothing new is, but for what an administrator decides.
    let halted = site.export().await.holds();
    assert!(events_of(&halted) < events_of(&before));
    goes_on(site).await;
    let restored = site.export().await;
    let found = restored.holds();
    assert_eq!(restored.count("restored"), 1);
    let codes: Vec<FindingCode> = found.findings.iter().map(|finding| finding.code).collect();
    assert!(
        !codes.is_empty() && codes.iter().all(|code| *code == FindingCode::LogContinued),
        "{codes:?}"
    );
    assert_eq!(found.meta.len(), 2, "both heads stand in the operator's log");
    the_closed_log_is_still_there(site, &restored).await;
    let report = site
        .supervisor
        .import(lines_of(&sample("porto-cases.csv"), |line| (50..70).contains(&line)))
        .await;
    assert_eq!(report["counts"], json!({"accept": 10, "duplicate": 10}));
    let device = site.reopened(&day.staff[0]).await;
    device.day_close().await.unwrap();
    // Sessions are in no backup: the device renews its own with its key, and what it held goes up.
    let pushed = device.push().await.unwrap();
    assert_eq!((pushed.sent, pushed.acknowledged, pushed.alarm), (1, 1, false));
    // A pull brings what proves that the log was continued, and whoever carries the device is told.
    assert!(device.pull().await.unwrap().alarm);
    assert!(!device.pull().await.unwrap().alarm);
    assert_eq!(device.push().await.unwrap().acknowledged, 1);
    assert!(device.outbox().await.unwrap().is_empty());
    let mut again = site.wire(&day.staff[1], 3).await;
    let event = again.event("day.open", None);
    assert_eq!(again.statuses(&[&event]).await, ["accepted"]);
    let after = site.export().await.holds();
    assert!(events_of(&after) >= events_of(&found) + 12, "the log goes on");
    assert_eq!(after.counts.payloads_missing, 0);
}

/// What was the log before is listed, proven and looked after, and its successor's keys are given out.
async fn the_closed_log_is_still_there(site: &Deployment, export: &ExportInMemory) {
    let head = site.auditor.get("/v1/log/events").await.done();
    let ended = &head["ended"][0];
    assert_eq!(ended["generation"], 1, "{head}");
    let old = site
        .auditor
        .get("/v1/log/events/entries?generation=1&limit=3")
        .await
        .done();
    assert_eq!(old["size"], ended["size"], "{old}");
    let last = ended["size"].as_u64().unwrap() - 1;
    assert_eq!(old["items"][0]["index"], last);
    let path = format!("/v1/log/events/proofs/{last}");
    let missing = site.auditor.get(&path).await.problem("not-found");
    assert!(
        missing["detail"].as_str().unwrap().contains("generation 1"),
        "{missing}"
    );
    let found = site.auditor.get(&format!("{path}?generation=1")).await.done();
    let proof = Proof::parse(found["proof"].as_str().unwrap().as_bytes()).unwrap();
    let key = VerifierKey::parse(ended["key"].as_str().unwrap()).unwrap();
    proof
        .verify(found["leaf"].as_str().unwrap().as_bytes(), &[key])
        .unwrap();
    // Witnesses are set up from what is given out.
    let lines = |path: &str| -> Vec<String> {
        let text = String::from_utf8_lossy(&export.files[path]).into_owned();
        text.lines().map(str::to_owned).collect()
    };
    assert!(lines("keys/log.vkey").contains(&head["key"].as_str().unwrap().to_owned()));
    assert!(lines("keys/meta.vkey").contains(&head["meta"]["key"].as_str().unwrap().to_owned()));
    let looked = doctor(&site.folder(), Arc::clone(&site.clock) as _).await;
    let names: Vec<&str> = looked.checks.iter().map(|check| check.name.as_str()).collect();
    for origin in [&ended["origin"], &head["origin"], &head["meta"]["origin"]] {
        let name = format!("log {}", origin.as_str().unwrap());
        assert!(names.contains(&name.as_str()), "{name} in {names:?}");
    }
    // The test's own folder is open to others; that is no matter of the logs.
    let of_logs = |check: &&Check| check.name.starts_with("log ") || check.name == "halted logs";
    assert!(
        looked.checks.iter().filter(of_logs).all(|check| check.ok),
        "{looked:#?}"
    );
}

/// A backup of some cases: the id of one of them, its person, and where the backup is.
async fn backed_up(site: &Deployment) -> (String, Value, PathBuf) {
    let file = lines_of(&sample("porto-cases.csv"), |line| line < 5);
    site.supervisor.import(file).await;
    let id = site.supervisor.case("PO-10001").await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let person = site.supervisor.get(&format!("/v1/cases/{id}")).await.done()["person"].clone();
    let target = site.path("backup");
    let clock = Arc::<crate::harness::TestClock>::clone(&site.clock);
    backup(&site.folder(), &target, clock).await.unwrap();
    (id, person, target)
}

async fn a_restore_brings_no_erased_person_back(site: &mut Deployment) {
    let (id, person, target) = backed_up(site).await;
    let clock = Arc::clone(&site.clock);
    erase(site, &person).await;
    site.stop().await;
    let folder = without_database(site, "restored");
    let url = other_engine(site, &folder).await;
    restore(&folder, &target, Some(&url), &Sources::default(), clock)
        .await
        .unwrap();
    site.move_to(folder);
    site.restart().await;
    let case = site.supervisor.get(&format!("/v1/cases/{id}")).await.done();
    assert_eq!((&case["name"], &case["phone"]), (&Value::Null, &Value::Null), "{case}");
    goes_on(site).await;
    let found = site.export().await.holds();
    assert_eq!((found.counts.payloads_erased, found.counts.payloads_missing), (1, 0));
}

async fn erase(site: &Deployment, person: &Value) {
    let request = json!({"kind": "person.erase", "subject": person, "reason": "person-asked"});
    let approval = site.supervisor.post("/v1/approvals", &request).await.done();
    let approval = approval["id"].as_str().unwrap();
    site.administrator
        .post(&format!("/v1/approvals/{approval}/answer"), &json!({"approve": true}))
        .await
        .done();
    let path = format!("/v1/persons/{}/erase?approval={approval}", person.as_str().unwrap());
    site.supervisor.post(&path, &Value::Null).await.done();
}

/// Database and, where it is a file, key store are older than the erasure; only an export knows of it.
async fn an_export_tells_a_restore_who_was_erased(site: &mut Deployment) {
    let (id, person, target) = backed_up(site).await;
    let clock = Arc::clone(&site.clock);
    site.stop().await;
    let folder = without_database(site, "restored");
    site.restart().await;
    erase(site, &person).await;
    let export = site.path("export");
    let shared = Arc::<crate::harness::TestClock>::clone(&clock);
    log_export(&site.folder(), &export, None, shared).await.unwrap();
    let of_case = site.path("of-case");
    let order = CaseOrder::asked(id.parse().unwrap(), None).unwrap();
    let shared = Arc::<crate::harness::TestClock>::clone(&clock);
    case_log_export(&site.folder(), &of_case, (None, order), shared)
        .await
        .unwrap();
    site.stop().await;
    let url = other_engine(site, &folder).await;
    let mut sources = Sources::default();
    sources.exports.push(of_case);
    let shared = Arc::<crate::harness::TestClock>::clone(&clock);
    let refused = restore(&folder, &target, Some(&url), &sources, shared)
        .await
        .unwrap_err();
    assert!(refused.message().contains("it holds one case"), "{}", refused.message());
    sources.exports = vec![export.clone()];
    let report = restore(
        &folder,
        &target,
        Some(&url),
        &sources,
        Arc::<crate::harness::TestClock>::clone(&clock),
    )
    .await
    .unwrap();
    assert_eq!(report.erased_again, 1, "{report:?}");
    assert_eq!(report.keys_destroyed, usize::from(site.engine == Engine::Sqlite));
    assert!(
        !report.halted.is_empty(),
        "the export holds later heads than the backup: {report:?}"
    );
    site.move_to(folder.clone());
    site.restart().await;
    let case = site.supervisor.get(&format!("/v1/cases/{id}")).await.done();
    assert_eq!((&case["name"], &case["phone"]), (&Value::Null, &Value::Null), "{case}");
    goes_on(site).await;
    let found = site.export().await.holds();
    assert_eq!((found.counts.payloads_erased, found.counts.payloads_missing), (1, 0));
    // An export that was changed is not believed.
    let leaf = export.join("events/checkpoint");
    std::fs::write(&leaf, b"nothing").unwrap();
    site.stop().await;
    let refused = restore(&folder, &target, None, &sources, clock).await;
    assert!(matches!(refused, Err(ServerError::ExportUnusable(..))), "{refused:?}");
}
