//! A log that went on as a new one after a restore: what was given out before still holds, what came in between is found
//! again or named as lost, and every way of looking at the log reaches both parts of it.

use std::sync::Arc;

use doorstep_device::{Device, Receipt as Paper};
use doorstep_domain::contact::ContactOutcome;
use doorstep_log::evidence::{EvidenceVerdict, verify_evidence};
use doorstep_log::export::ExportKind;
use doorstep_log::note::VerifierKey;
use doorstep_log::proof::Proof;
use doorstep_log::receipt::Receipt;
use doorstep_log::verify::{FindingCode, Report};
use doorstep_server::folder::{Sources, backup, restore};
use serde_json::{Value, json};

use super::backup::{goes_on, other_engine, without_database};
use super::copies::of_case;
use crate::harness::{CrewDay, Deployment, TestClock, checked_in, checked_out, id_of, sample};

stories!(
    receipts_hold_across_a_continuation,
    a_case_and_its_reads_are_told_across_a_continuation,
    the_log_is_shown_and_proven_in_both_parts,
    a_backup_that_is_restored_twice_goes_on_twice,
);

/// A day with a restore in the middle of it: the backup knows of the first visit and nothing after.
struct Restored {
    day: CrewDay,
    device: Device,
    /// Receipts of a visit that the backup has, and of one that it has not.
    kept: Paper,
    lost: Paper,
    /// The checkpoint before the backup, and one that lies beyond what is left.
    older: String,
    beyond: String,
    /// The key as it was published before.
    key: String,
}

async fn head(site: &Deployment) -> Value {
    site.auditor.get("/v1/log/events").await.done()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// A visit from check-in to the receipt, sent to the server.
async fn visited(site: &mut Deployment, device: &Device, day: &CrewDay, which: usize) -> Paper {
    let visit = &day.visits[which];
    site.when_it_starts(visit);
    site.sign_everybody_in().await;
    device.pull().await.unwrap();
    let started = checked_in(device, visit, &day.staff).await;
    checked_out(device, visit, &started, ContactOutcome::NobodyHome).await;
    let paper = device.receipt_give(id_of(&visit["visit"])).await.unwrap();
    device.push().await.unwrap();
    site.export().await.holds();
    paper
}

async fn restored(site: &mut Deployment) -> Restored {
    let day = site.crew_day(sample("porto-cases.csv")).await;
    let device = site.device(&day.staff[0]).await;
    let kept = visited(site, &device, &day, 0).await;
    let path = format!("/v1/cases/{}", text(&day.visits[0]["case"]));
    site.supervisor.get(&path).await.done();
    site.export().await.holds();
    let at_first = head(site).await;
    let file = site.path("backup");
    let clock = Arc::<TestClock>::clone(&site.clock);
    backup(&site.folder(), &file, clock).await.unwrap();
    let lost = visited(site, &device, &day, 1).await;
    site.supervisor.get(&path).await.done();
    site.export().await.holds();
    let beyond = head(site).await;
    set_back(site, "restored").await;
    goes_on(site).await;
    Restored {
        device: site.reopened(&day.staff[0]).await,
        day,
        kept,
        lost,
        older: text(&at_first["checkpoint"]),
        beyond: text(&beyond["checkpoint"]),
        key: text(&at_first["key"]),
    }
}

/// Restores the backup under the other engine and serves from there.
async fn set_back(site: &mut Deployment, name: &str) {
    site.stop().await;
    let folder = without_database(site, name);
    let url = other_engine(site, &folder).await;
    let clock = Arc::<TestClock>::clone(&site.clock);
    let file = site.path("backup");
    restore(&folder, &file, Some(&url), &Sources::default(), clock)
        .await
        .unwrap();
    site.move_to(folder);
    site.restart().await;
}

/// What a holder finds with the key that was published before anything went wrong.
async fn proven(site: &Deployment, paper: &Paper, key: &str) -> (String, u64) {
    let path = format!("/v1/receipts/{}", paper.said.reference);
    let file = site.anonymous.get(&path).await.file();
    let receipt = Receipt::decode(&file).unwrap();
    let found = receipt.verify(Some(&[VerifierKey::parse(key).unwrap()])).unwrap();
    assert_eq!(found.said.unwrap().reference, paper.said.reference);
    (found.origin, found.index)
}

async fn receipts_hold_across_a_continuation(site: &mut Deployment) {
    let told = restored(site).await;
    let (origin, _) = proven(site, &told.kept, &told.key).await;
    assert!(origin.ends_with("/events"), "{origin}");
    // Its events went with the database; the device has them still, and sends them again when it hears of that.
    let path = format!("/v1/receipts/{}", told.lost.said.reference);
    site.anonymous.get(&path).await.problem("not-found");
    assert!(told.device.pull().await.unwrap().alarm, "its holder is told");
    let pushed = told.device.push().await.unwrap();
    assert!(pushed.acknowledged > 0 && !pushed.alarm, "{pushed:?}");
    site.export().await.holds();
    let (origin, _) = proven(site, &told.lost, &told.key).await;
    assert!(origin.ends_with("/events-2"), "{origin}");
    let after = visited(site, &told.device, &told.day, 2).await;
    let (origin, _) = proven(site, &after, &told.key).await;
    assert!(origin.ends_with("/events-2"), "{origin}");
    assert_eq!(
        after.log, told.kept.log,
        "the paper names the log as the device was enrolled with it"
    );
    assert!(told.device.outbox().await.unwrap().is_empty());
    assert_alarmed_once(site, &told).await;
    // Also an erased person's receipt keeps its proof, from one part of the log or the other.
    for which in [0, 1] {
        site.erase_person_of(told.day.visits[which]["case"].as_str().unwrap())
            .await;
    }
    site.export().await.holds();
    for paper in [&told.kept, &told.lost] {
        let path = format!("/v1/receipts/{}", paper.said.reference);
        let file = site.anonymous.get(&path).await.file();
        let receipt = Receipt::decode(&file).unwrap();
        let found = receipt.verify(Some(&[VerifierKey::parse(&told.key).unwrap()])).unwrap();
        assert_eq!(found.said, None);
    }
}

/// The device kept both notes as evidence, said so in its chain, and goes on.
async fn assert_alarmed_once(site: &Deployment, told: &Restored) {
    assert!(!told.device.pull().await.unwrap().alarm);
    let evidence = told.device.evidence_files().await.unwrap();
    let keys = [VerifierKey::parse(&told.key).unwrap()];
    let report = verify_evidence(&evidence, Some(&keys));
    let continued = report.findings.iter().find(|one| one.code == "continued").unwrap();
    assert_eq!(continued.verdict, EvidenceVerdict::Continued, "{report:?}");
    assert!(continued.message.contains("signed leaves are lost"), "{report:?}");
    // An export answers it: what the device had verified is all left.
    let known = &evidence[&format!("{}/known", continued.number)];
    assert_eq!(site.export().await.verify_since(known).errors, 0);
    let export = site.export().await;
    let found = export.holds();
    assert_only(&found, &[FindingCode::LogContinued]);
    assert!(found.counts.checkpoints_seen > 0, "{:?}", found.counts);
    assert!(export.count("log.alarm") >= 1, "{:?}", export.kinds());
}

fn assert_only(report: &Report, expected: &[FindingCode]) {
    // Devices keep the last head of a log that was continued as evidence, and say so in their chains.
    let told = |code| code == FindingCode::DeviceAlarm || expected.contains(&code);
    let others = report.findings.iter().filter(|found| !told(found.code));
    let others: Vec<_> = others.collect();
    assert!(others.is_empty(), "{others:#?}");
}

async fn a_case_and_its_reads_are_told_across_a_continuation(site: &mut Deployment) {
    let told = restored(site).await;
    let case = text(&told.day.visits[0]["case"]);
    site.clock.forward(600);
    let path = format!("/v1/cases/{case}");
    site.supervisor.get(&path).await.done();
    told.device.pull().await.unwrap();
    told.device.push().await.unwrap();
    // Who looked, before the backup and after it; what was looked at between is lost with its entry.
    let reads = site.supervisor.items(&format!("{path}/reads?limit=2")).await;
    let of = |purpose: &str| -> Vec<&Value> { reads.iter().filter(|read| read["purpose"] == purpose).collect() };
    assert_eq!(
        (of("case").len(), of("case")[0]["who"].as_str()),
        (2, Some("supervisor")),
        "{reads:?}"
    );
    let crew = &told.day.staff[0]["login"];
    assert!(
        of("visit").len() >= 2 && of("visit").iter().all(|read| read["who"] == *crew),
        "{reads:?}"
    );
    // Somebody of the crew sees who looked at them, before and after.
    let listed = site.administrator.items("/v1/staff").await;
    assert!(!listed.is_empty());
    let member = site.field_client(&told.day.staff[1]).await;
    let mine = member.items("/v1/staff/me/reads").await;
    let by_admin: Vec<&Value> = mine.iter().filter(|read| read["who"] == "admin").collect();
    assert!(by_admin.len() >= 2, "{mine:?}");
    let check = site.app().store().reads_check(site.made.tenant).await.unwrap();
    assert_eq!((check.missing, check.extra), (0, 0));
    // One case of both parts.
    let export = of_case(site, &site.auditor, &format!("case={case}")).await;
    let report = export.holds();
    assert_eq!(report.kind, ExportKind::Case);
    for folder in ["proofs/events/", "proofs/access/", "proofs/access-2/"] {
        assert!(
            export.files.keys().any(|path| path.starts_with(folder)),
            "{folder} {:?}",
            export.files.keys()
        );
    }
    assert_eq!(report.counts.payloads_missing, 0);
    let second = of_case(
        site,
        &site.auditor,
        &format!("case={}", text(&told.day.visits[1]["case"])),
    )
    .await;
    let report = second.holds();
    for folder in ["proofs/events/", "proofs/events-2/"] {
        assert!(second.files.keys().any(|path| path.starts_with(folder)), "{folder}");
    }
    assert_eq!(report.counts.payloads_missing, 0, "{:?}", report.counts);
}

async fn the_log_is_shown_and_proven_in_both_parts(site: &mut Deployment) {
    let told = restored(site).await;
    let export = site.export().await;
    assert_eq!(export.verify_since(told.older.as_bytes()).errors, 0);
    let report = export.verify_since(told.beyond.as_bytes());
    let since = report
        .findings
        .iter()
        .find(|one| one.code == FindingCode::SinceInconsistent);
    assert!(!report.ok && since.is_some(), "{:#?}", report.findings);
    // Every leaf is listed once, from the newest of the new log to the oldest of the old.
    let sizes: Vec<(String, u64)> = report.logs.iter().map(|log| (log.origin.clone(), log.size)).collect();
    let of = |end: &str| sizes.iter().find(|(origin, _)| origin.ends_with(end)).unwrap().1;
    let (mut places, mut query) = (Vec::new(), "limit=7".to_owned());
    loop {
        let page = site
            .auditor
            .get(&format!("/v1/log/events/entries?{query}"))
            .await
            .done();
        let generation = page["generation"].as_u64().unwrap();
        let items = page["items"].as_array().unwrap();
        places.extend(items.iter().map(|item| (generation, item["index"].as_u64().unwrap())));
        match (page["next"].as_u64(), page["next_generation"].as_u64()) {
            (Some(next), Some(part)) => query = format!("limit=7&before={next}&generation={part}"),
            _ => break,
        }
    }
    let down = |generation: u64, size: u64| (0..size).rev().map(move |index| (generation, index));
    let newest = places.iter().filter(|(generation, _)| *generation == 2).count() as u64;
    assert!(newest >= of("/events-2"));
    let expected: Vec<(u64, u64)> = down(2, newest).chain(down(1, of("/events"))).collect();
    assert_eq!(places, expected);
    // And each has its proof under the key that everybody knows.
    let keys = [VerifierKey::parse(&told.key).unwrap()];
    for (generation, index) in [(1, 0), (1, of("/events") - 1), (2, 0), (2, 1)] {
        let path = format!("/v1/log/events/proofs/{index}?generation={generation}");
        let found = site.auditor.get(&path).await.done();
        let proof = Proof::parse(found["proof"].as_str().unwrap().as_bytes()).unwrap();
        let origin = ["events", "events-2"][generation as usize - 1];
        let name = format!("{}/{origin}", keys[0].name().rsplit_once('/').unwrap().0);
        let key = keys[0].renamed(&name).unwrap();
        proof
            .verify(found["leaf"].as_str().unwrap().as_bytes(), &[key])
            .unwrap();
    }
    let present = site.auditor.get("/v1/log/events/proofs/0").await.done();
    assert!(present["leaf"].as_str().unwrap().contains("log.continued"), "{present}");
    for query in ["generation=3", "generation=0"] {
        let path = format!("/v1/log/events/proofs/0?{query}");
        site.auditor.get(&path).await.problem("not-found");
        let path = format!("/v1/log/events/entries?{query}");
        site.auditor.get(&path).await.problem("not-found");
    }
}

/// The same old backup again: `events-2` was signed and is lost whole, so what goes on is `events-3`.
async fn a_backup_that_is_restored_twice_goes_on_twice(site: &mut Deployment) {
    let told = restored(site).await;
    assert!(told.device.pull().await.unwrap().alarm);
    assert!(told.device.push().await.unwrap().acknowledged > 0);
    site.export().await.holds();
    let second = text(&head(site).await["checkpoint"]);
    drop(told.device);
    set_back(site, "again").await;
    for (log, left) in [("events", None), ("events", Some(0))] {
        let path = format!("/v1/log/{log}");
        let found = site.auditor.get(&path).await.done();
        assert_eq!(found["halted"]["reason"], "rolled-back", "{found}");
        let shown = found["halted"]["left_size"].as_u64().unwrap();
        assert!(left.is_none_or(|left| left == shown), "{found}");
        let request = json!({"left_size": shown});
        site.administrator
            .post(&format!("{path}/continue"), &request)
            .await
            .done();
    }
    let found = head(site).await;
    assert_eq!(
        (&found["generation"], &found["halted"]),
        (&json!(3), &Value::Null),
        "{found}"
    );
    while !site.auditor.get("/v1/log/access").await.done()["halted"].is_null() {
        let left = site.auditor.get("/v1/log/access").await.done()["halted"]["left_size"].clone();
        let request = json!({"left_size": left});
        site.administrator
            .post("/v1/log/access/continue", &request)
            .await
            .done();
    }
    let export = site.export().await;
    let report = export.holds();
    assert_only(&report, &[FindingCode::LogContinued]);
    assert_eq!(report.meta.len(), 2, "both heads stand in the operator's log");
    assert_eq!(export.verify_since(told.older.as_bytes()).errors, 0);
    for gone in [&told.beyond, &second] {
        let report = export.verify_since(gone.as_bytes());
        assert!(!report.ok, "{:#?}", report.findings);
    }
    let device = site.reopened(&told.day.staff[0]).await;
    assert!(
        device.pull().await.unwrap().alarm,
        "events-2 is lost, and its holder is told"
    );
    assert!(!device.pull().await.unwrap().alarm);
    device.push().await.unwrap();
    assert!(device.outbox().await.unwrap().is_empty());
    let case = text(&told.day.visits[0]["case"]);
    of_case(site, &site.auditor, &format!("case={case}")).await.holds();
    let (origin, _) = proven(site, &told.lost, &told.key).await;
    assert!(origin.ends_with("/events-3"), "{origin}");
    assert_only(&site.export().await.holds(), &[FindingCode::LogContinued]);
}
