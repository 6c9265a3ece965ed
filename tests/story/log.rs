//! The log: it verifies, a changed byte anywhere is found and named, every change and read is in it, and it names nobody.

use doorstep_log::hash::base64url_decode;
use doorstep_log::verify::FindingCode;
use doorstep_server::folder::{doctor, log_export};
use doorstep_store::Engine;
use doorstep_wire::log::ExportedFile;
use serde_json::{Value, json};

use crate::harness::{Deployment, ExportInMemory, csv_cells, lines_of, sample};

stories!(
    one_flipped_byte_in_any_file_is_found_and_named,
    a_leaf_changed_in_the_database_is_found,
    every_change_and_every_read_leaves_an_entry,
    the_log_and_the_database_name_nobody,
    the_proof_of_one_entry_stands_under_the_head,
    an_auditor_fetches_an_export_that_verifies,
    a_payload_that_vanishes_is_missing_and_an_erased_one_is_not,
);

/// A day with everything that an export can hold.
async fn a_full_day(site: &Deployment) {
    let day = site
        .crew_day(lines_of(&sample("porto-cases.csv"), |line| line < 40))
        .await;
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    site.when_it_starts(&day.visits[0]);
    let started = crate::harness::checked_in(&device, &day.visits[0], &day.staff).await;
    let met = doorstep_domain::contact::ContactOutcome::MetBorrower;
    crate::harness::checked_out(&device, &day.visits[0], &started, met).await;
    device.push().await.unwrap();
}

async fn one_flipped_byte_in_any_file_is_found_and_named(site: &mut Deployment) {
    a_full_day(site).await;
    let export = site.export().await;
    export.holds();
    assert!(export.files.len() > 50, "{}", export.files.len());
    let mut dice: u64 = 20_261_123;
    for (path, bytes) in &export.files {
        // A multiplicative generator: the same positions in every run.
        dice = dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let at = (dice >> 33) as usize % bytes.len();
        let mut changed = export.clone();
        changed.files.get_mut(path).unwrap()[at] ^= 1 << (dice % 8);
        let report = changed.verify();
        assert!(!report.ok, "byte {at} of {path} was flipped and nobody noticed");
        let named = report
            .findings
            .iter()
            .any(|found| found.file.as_ref() == Some(path) || found.message.contains(path));
        assert!(named, "byte {at} of {path} was flipped; found: {:?}", report.findings);
        let mut without = export.clone();
        without.files.remove(path);
        assert!(!without.verify().ok, "{path} was removed and nobody noticed");
    }
    let mut more = export.clone();
    more.files.insert("events/more".to_owned(), b"more".to_vec());
    assert!(!more.verify().ok, "a file was added and nobody noticed");
}

async fn a_leaf_changed_in_the_database_is_found(site: &mut Deployment) {
    a_full_day(site).await;
    site.export().await.holds();
    let sql = match site.engine {
        Engine::Sqlite => {
            "UPDATE log_leaf SET leaf = CAST(replace(CAST(leaf AS TEXT), 'a', 'b') AS BLOB) \
             WHERE name = 'events' AND position = 17"
        }
        Engine::Postgres => {
            "UPDATE log_leaf SET leaf = convert_to(replace(convert_from(leaf, 'UTF8'), 'a', 'b'), 'UTF8') \
             WHERE name = 'events' AND position = 17"
        }
    };
    assert_eq!(site.app().store().tamper(sql).await.unwrap(), 1);
    let target = site.path("tampered");
    let clock = std::sync::Arc::clone(&site.clock);
    match log_export(&site.folder(), &target, None, clock).await {
        Err(error) => {
            assert_eq!(error.code(), "log-altered");
            let said = error.message();
            assert!(said.contains("Leaf 17 of") && said.contains("evidence"), "{said}");
        }
        Ok(made) => {
            let report = crate::harness::ExportInMemory::read(&target, &made.keys).verify();
            assert!(!report.ok, "the change went unnoticed");
            let first = report.findings.iter().find(|found| found.index == Some(17));
            assert!(first.is_some(), "leaf 17 is not named: {:?}", report.findings);
        }
    }
    // Nothing that does not hold is handed out, and it is said that somebody altered it.
    let proof = site
        .auditor
        .get("/v1/log/events/proofs/17")
        .await
        .problem("log-altered");
    assert!(proof["detail"].as_str().unwrap().contains("Leaf 17 of"), "{proof}");
    site.auditor.get("/v1/log/export").await.problem("log-altered");
    site.auditor.get("/v1/log/events/proofs/16").await.done();
    let looked = doctor(&site.folder(), std::sync::Arc::clone(&site.clock) as _).await;
    let of_events =
        |check: &&doorstep_server::folder::Check| check.name.starts_with("log ") && check.name.ends_with("/events");
    let found = looked.checks.iter().find(of_events).unwrap();
    assert!(!found.ok && found.found.contains("Leaf 17 of"), "{found:?}");
    assert!(!found.found.contains("restore a backup"), "{found:?}");
}

/// Everything that shows personal data to the office.
fn reads(case: &str) -> [String; 6] {
    let lists = [
        "/v1/cases",
        "/v1/cases?case_no=PO-10001",
        "/v1/cases?search=Gomes",
        "/v1/cases/export",
        "/v1/staff",
    ];
    let [all, number, name, file, staff] = lists.map(str::to_owned);
    [case.to_owned(), all, number, name, file, staff]
}

async fn every_change_and_every_read_leaves_an_entry(site: &mut Deployment) {
    let staff = site.has_porto_staff().await;
    let report = site
        .supervisor
        .import(lines_of(&sample("porto-cases.csv"), |line| line < 40))
        .await;
    let import = report["import"].as_str().unwrap().to_owned();
    let case = site.supervisor.case("PO-10001").await;
    let case = format!("/v1/cases/{}", case["id"].as_str().unwrap());
    let person = site.supervisor.get(&case).await.done()["person"].clone();
    for path in reads(&case) {
        for (who, client) in [("the first", &site.supervisor), ("the second", &site.second_supervisor)] {
            // Repeats within five minutes are folded into one entry.
            site.clock.forward(301);
            let before = site.entries().await;
            let answer = client.get(&path).await;
            assert!((200..300).contains(&answer.status), "{path}: {}", answer.text());
            assert!(site.entries().await > before, "{who} reader of {path} left no entry");
        }
    }
    let before = site.entries().await;
    site.supervisor.get(&case).await.done();
    site.supervisor.get(&case).await.done();
    assert!(site.entries().await <= before + 1, "repeats are folded");
    let again = lines_of(&sample("porto-cases.csv"), |line| (40..44).contains(&line));
    leaves(site, "import.landed", 4, site.supervisor.upload("/v1/imports", again)).await;
    let asking = json!({"kind": "person.erase", "subject": person, "reason": "person-asked"});
    let asked = leaves(
        site,
        "approval.asked",
        1,
        site.supervisor.post("/v1/approvals", &asking),
    )
    .await;
    let path = format!("/v1/approvals/{}/answer", asked["id"].as_str().unwrap());
    leaves(
        site,
        "approval.answered",
        1,
        site.administrator.post(&path, &json!({"approve": true})),
    )
    .await;
    let proposing = json!({"first_day": "2026-11-23", "iterations": 100, "without_notice": true});
    let plan = leaves(site, "plan.proposed", 1, site.supervisor.post("/v1/plans", &proposing)).await;
    let planned = plan["planned"].as_i64().unwrap();
    let publishing = async { site.publish(&plan).await };
    leaves(site, "plan.published", planned + 1, publishing).await;
    let path = format!(
        "/v1/persons/{}/erase?approval={}",
        person.as_str().unwrap(),
        asked["id"].as_str().unwrap()
    );
    leaves(site, "subject.erased", 1, site.supervisor.post(&path, &Value::Null)).await;
    let give_back = site.supervisor.get(&format!("/v1/imports/{import}/give-back")).await;
    give_back.problem("not-found");
    let path = format!("/v1/staff/{}/password", staff[0]["id"].as_str().unwrap());
    let request = site
        .administrator
        .request(reqwest::Method::PUT, &path)
        .json(&json!({"password": "another-horse"}));
    leaves(site, "staff.password", 1, site.administrator.send(request)).await;
    site.export().await.holds();
}

/// Carries something out that must leave at least so many entries, one of them of this kind.
async fn leaves(
    site: &Deployment,
    kind: &str,
    least: i64,
    change: impl Future<Output = crate::harness::Answered>,
) -> Value {
    let kinds = site.export().await.count(kind);
    let before = site.entries().await;
    let answer = change.await.done();
    let left = site.entries().await - before;
    assert!(left >= least, "{kind}: {left} entries instead of {least}");
    assert!(site.export().await.count(kind) > kinds, "no entry `{kind}`");
    answer
}

async fn the_log_and_the_database_name_nobody(site: &mut Deployment) {
    a_full_day(site).await;
    let mut secrets: Vec<String> = Vec::new();
    let cases = csv_cells(&sample("porto-cases.csv"));
    for row in cases[1..].iter().take(40) {
        // Number, name, phone, address, and both coordinates as they were written.
        secrets.extend([0, 2, 3, 4, 5, 6].map(|index| row[index].clone()));
        secrets.push(row[3].trim_start_matches('+').to_owned());
    }
    secrets.extend(
        csv_cells(&sample("porto-staff.csv"))[1..]
            .iter()
            .map(|row| row[1].clone()),
    );
    secrets.extend(["the gate is green".to_owned(), "MET_BORROWER".to_owned()]);
    // Some cells are left empty or hold too little to recognise anybody by.
    secrets.retain(|secret| secret.chars().count() >= 5);
    assert!(secrets.len() > 250, "{}", secrets.len());
    let export = site.export().await;
    let leaves = export.log_text();
    assert!(leaves.contains("case.imported") && leaves.contains("visit.arrived"));
    for secret in &secrets {
        assert!(!leaves.contains(secret.as_str()), "{secret} is in the log");
    }
    for (path, bytes) in &export.files {
        let text = String::from_utf8_lossy(bytes);
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()), "{secret} is in {path} of the export");
        }
    }
    let backup = site.path("backup");
    let clock = std::sync::Arc::clone(&site.clock);
    doorstep_server::folder::backup(&site.folder(), &backup, clock)
        .await
        .unwrap();
    let mut files = vec![backup];
    if site.engine == Engine::Sqlite {
        files.extend(["doorstep.db", "doorstep.db-wal"].map(|name| site.folder().join(name)));
    }
    // Outcomes are codes in plain columns: they name nobody.
    secrets.retain(|secret| secret != "MET_BORROWER");
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        assert!(bytes.len() > 10_000, "{} holds nothing", file.display());
        let text = String::from_utf8_lossy(&bytes);
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()), "{secret} is in {}", file.display());
        }
    }
}

async fn the_proof_of_one_entry_stands_under_the_head(site: &mut Deployment) {
    site.supervisor
        .import(lines_of(&sample("porto-cases.csv"), |line| line < 5))
        .await;
    site.supervisor.case("PO-10001").await;
    for log in ["events", "access"] {
        let head = signed_head(site, log).await;
        let size = head["size"].as_u64().unwrap();
        let key = doorstep_log::note::VerifierKey::parse(head["key"].as_str().unwrap()).unwrap();
        for index in [0, size / 2, size.saturating_sub(1)] {
            let found = site.auditor.get(&format!("/v1/log/{log}/proofs/{index}")).await.done();
            let proof = doorstep_log::proof::Proof::parse(found["proof"].as_str().unwrap().as_bytes()).unwrap();
            let leaf = found["leaf"].as_str().unwrap();
            proof.verify(leaf.as_bytes(), std::slice::from_ref(&key)).unwrap();
            let other = leaf.replacen('a', "b", 1);
            assert!(
                proof.verify(other.as_bytes(), std::slice::from_ref(&key)).is_err(),
                "{log} {index}"
            );
        }
    }
}

/// The head of a log once it covers an entry: the server's own sequencer may hold the lock when this one asks.
async fn signed_head(site: &Deployment, log: &str) -> serde_json::Value {
    for _ in 0..100 {
        site.app().run_sequencer().await.unwrap();
        let head = site.auditor.get(&format!("/v1/log/{log}")).await.done();
        if head["size"].as_u64().unwrap() > 0 {
            return head;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("no head of {log} was signed");
}

async fn an_auditor_fetches_an_export_that_verifies(site: &mut Deployment) {
    a_full_day(site).await;
    let head = site.auditor.get("/v1/log/events").await.done();
    let lines = site.auditor.get("/v1/log/export").await.file();
    let folder = tempfile::tempdir().unwrap();
    for line in std::str::from_utf8(&lines).unwrap().lines() {
        let file: ExportedFile = serde_json::from_str(line).unwrap();
        let path = folder.path().join(&file.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, base64url_decode(&file.bytes).unwrap()).unwrap();
    }
    let export = ExportInMemory::read(folder.path(), head["key"].as_str().unwrap());
    let report = export.holds();
    assert!(report.counts.payloads_present > 0);
    assert_eq!(export.count("export"), 1, "whoever takes the log leaves an entry in it");
    assert!(
        String::from_utf8_lossy(&lines)
            .lines()
            .last()
            .unwrap()
            .contains("MANIFEST")
    );
    site.anonymous.get("/v1/log/export").await.problem("not-signed-in");
}

async fn a_payload_that_vanishes_is_missing_and_an_erased_one_is_not(site: &mut Deployment) {
    a_full_day(site).await;
    let whole = site.export().await.holds();
    assert_eq!((whole.counts.payloads_erased, whole.counts.payloads_missing), (0, 0));
    erase_the_person_of(site, "PO-10001").await;
    let erased = site.export().await.holds();
    assert!(erased.counts.payloads_erased >= 1, "{:?}", erased.counts);
    assert_eq!(erased.counts.payloads_missing, 0, "an erasure in the log explains it");
    // Somebody removes one of those that are left, behind the program's back.
    let sql = "DELETE FROM payload WHERE event_id = (SELECT event_id FROM payload ORDER BY event_id LIMIT 1)";
    assert_eq!(site.app().store().tamper(sql).await.unwrap(), 1);
    let report = site.export().await.verify();
    assert!(!report.ok, "a payload vanished and nobody noticed");
    assert_eq!(
        (report.counts.payloads_missing, report.counts.payloads_erased),
        (1, erased.counts.payloads_erased),
        "{:?}",
        report.counts
    );
    let found = report
        .findings
        .iter()
        .find(|found| found.code == FindingCode::PayloadMissing)
        .unwrap();
    assert!(
        found.index.is_some(),
        "the leaf that committed to it is named: {found:?}"
    );
    assert!(found.message.contains("no erasure explains it"), "{found:?}");
}

/// Erases whoever a case is about, after a second person agreed.
async fn erase_the_person_of(site: &Deployment, case_no: &str) {
    let case = site.supervisor.case(case_no).await;
    let path = format!("/v1/cases/{}", case["id"].as_str().unwrap());
    let person = site.supervisor.get(&path).await.done()["person"].clone();
    let asking = json!({"kind": "person.erase", "subject": person, "reason": "person-asked"});
    let asked = site.supervisor.post("/v1/approvals", &asking).await.done();
    let asked = asked["id"].as_str().unwrap();
    let answer = format!("/v1/approvals/{asked}/answer");
    let yes = json!({"approve": true});
    site.second_supervisor.post(&answer, &yes).await.done();
    let erase = format!("/v1/persons/{}/erase?approval={asked}", person.as_str().unwrap());
    site.supervisor.post(&erase, &Value::Null).await.done();
}
