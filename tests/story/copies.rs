//! One case out of the whole log: verified by itself, without anything of anybody else.

use std::collections::{BTreeMap, BTreeSet};

use doorstep_domain::contact::ContactOutcome;
use doorstep_domain::id::CaseId;
use doorstep_log::export::ExportKind;
use doorstep_log::hash::base64url_decode;
use doorstep_log::leaf::{Leaf, ServerEntry};
use doorstep_log::proof::Proof;
use doorstep_log::verify::FindingCode;
use doorstep_server::folder::{CaseOrder, case_log_export};
use doorstep_store::Engine;
use doorstep_wire::log::ExportedFile;
use serde_json::{Value, json};

use crate::harness::{Client, CrewDay, Deployment, ExportInMemory, checked_in, checked_out, id_of, sample};

stories!(
    one_case_verifies_by_itself_and_names_nobody_else,
    payloads_are_opened_for_a_purpose_that_is_recorded,
    a_case_is_exported_by_those_who_may_see_it,
    what_was_erased_is_told_from_what_is_missing,
    a_leaf_of_the_case_changed_in_the_database_is_found,
);

/// A crew of two visits two persons in turns, each with a device of their own.
async fn visited(site: &mut Deployment) -> CrewDay {
    let day = site.crew_day(sample("porto-cases.csv")).await;
    let device = site.device(&day.staff[0]).await;
    let partner = site.device(&day.staff[1]).await;
    for visit in day.visits.iter().take(2) {
        site.when_it_starts(visit);
        for device in [&device, &partner] {
            device.pull().await.unwrap();
            let started = checked_in(device, visit, &day.staff).await;
            checked_out(device, visit, &started, ContactOutcome::NobodyHome).await;
            device.push().await.unwrap();
        }
    }
    site.sign_everybody_in().await;
    day
}

/// The export of a case as a client gets it, with the key as it was published.
pub(super) async fn of_case(site: &Deployment, client: &Client, query: &str) -> ExportInMemory {
    let key = site.auditor.get("/v1/log/events").await.done()["key"].clone();
    let body = client.get(&format!("/v1/log/export?{query}")).await.file();
    let mut files = BTreeMap::new();
    for line in body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let file: ExportedFile = serde_json::from_slice(line).unwrap();
        files.insert(file.path, base64url_decode(&file.bytes).unwrap());
    }
    ExportInMemory::of(files, key.as_str().unwrap())
}

fn case_of(visit: &Value) -> &str {
    visit["case"].as_str().unwrap()
}

/// Everything that a reader of the proofs sees as text: leaves, and the headers that devices signed.
fn told(export: &ExportInMemory) -> String {
    let proofs = export.files.iter().filter(|(path, _)| path.starts_with("proofs/"));
    let mut text = String::new();
    for (_, bytes) in proofs {
        let leaf = Proof::parse(bytes).unwrap().extra.unwrap();
        text.push_str(std::str::from_utf8(&leaf).unwrap());
        if let Leaf::Device(event) = Leaf::decode(&leaf).unwrap() {
            text.push_str(std::str::from_utf8(&event.hdr).unwrap());
        }
    }
    text
}

fn is_of_staff(entry: &ServerEntry) -> bool {
    entry.t.starts_with("staff.") || entry.t == "device.code" || entry.reason.as_deref() == Some("staff")
}

/// The aliases of persons and visits that an export names.
fn aliases(export: &ExportInMemory) -> BTreeSet<String> {
    let (mut found, mut staff) = (BTreeSet::new(), BTreeSet::new());
    for leaf in export.leaves() {
        match Leaf::decode(&leaf).unwrap() {
            // Staff act in every case; those who came are no secret of anybody's.
            Leaf::Server(entry) if is_of_staff(&entry) => staff.extend(entry.subj),
            Leaf::Server(entry) => found.extend(entry.subj.into_iter().chain(entry.visit)),
            Leaf::Device(event) => {
                let header = event.header().unwrap();
                found.extend(header.subj.into_iter().chain(header.visit));
            }
        }
    }
    found.retain(|alias| !staff.contains(alias));
    found
}

async fn one_case_verifies_by_itself_and_names_nobody_else(site: &mut Deployment) {
    let day = visited(site).await;
    let [visit, other] = [&day.visits[0], &day.visits[1]];
    let export = of_case(site, &site.auditor, &format!("case={}", case_of(visit))).await;
    let report = export.holds();
    assert_eq!(report.kind, ExportKind::Case);
    let case = report.case.unwrap();
    assert_eq!(case.visits, 1);
    assert!(case.events_elsewhere > 0, "both devices were elsewhere too");
    assert!(case.leaves_left_out > 0, "lists name this person beside others");
    assert_eq!((report.counts.devices, report.counts.payloads_missing), (2, 0));
    assert!(
        report.counts.events >= 6 && report.counts.payloads_present >= 7,
        "{:?}",
        report.counts
    );
    assert!(report.findings.iter().any(|found| found.code == FindingCode::CaseOnly));
    let text = told(&export);
    for kind in [
        "case.imported",
        "visit.planned",
        "visit.arrived",
        "visit.departed",
        "device.enrolled",
        "\"export\"",
    ] {
        assert!(text.contains(kind), "{kind} in {text}");
    }
    let whole = site.export().await;
    let own = BTreeSet::from([case.case, case.subj]);
    let strangers: Vec<String> = aliases(&whole).difference(&own).cloned().collect();
    let named = strangers.iter().filter(|alias| text.contains(alias.as_str())).count();
    assert_eq!(named, 1, "the visit's own alias and no other");
    let second = of_case(site, &site.supervisor, &format!("case={}", case_of(other))).await;
    assert_ne!(second.holds().case.unwrap().subj, *own.last().unwrap());
    let mut mixed = export.clone();
    let foreign = second
        .files
        .iter()
        .find(|(path, _)| path.starts_with("proofs/events") && !export.files.contains_key(*path));
    let (path, bytes) = foreign.unwrap();
    mixed.files.insert(path.clone(), bytes.clone());
    assert!(
        !mixed.verify().ok,
        "a leaf of another case was added and nobody noticed"
    );
    for (path, bytes) in &export.files {
        let mut changed = export.clone();
        let mut bytes = bytes.clone();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        changed.files.insert(path.clone(), bytes);
        assert!(!changed.verify().ok, "{path} was changed and nobody noticed");
    }
}

async fn payloads_are_opened_for_a_purpose_that_is_recorded(site: &mut Deployment) {
    let day = visited(site).await;
    let case = case_of(&day.visits[0]);
    let sealed = of_case(site, &site.auditor, &format!("case={case}")).await;
    assert_eq!(sealed.holds().counts.payloads_opened, 0);
    let export = of_case(
        site,
        &site.auditor,
        &format!("case={case}&open=audit&purpose=inspection"),
    )
    .await;
    let report = export.holds();
    assert_eq!(report.counts.payloads_opened, report.counts.payloads_present);
    let openings = String::from_utf8(export.files["openings.jsonl"].clone()).unwrap();
    assert!(openings.lines().count() >= 7);
    let reads = |export: &ExportInMemory| told(export).matches("\"reason\":\"audit\"").count();
    assert_eq!(
        reads(&export),
        reads(&sealed) + 1,
        "the read is in the very export that it opened"
    );
    let mut edited = export.clone();
    let changed = openings.replacen("\"payload\":\"ey", "\"payload\":\"fy", 1);
    assert_ne!(changed, openings);
    edited.files.insert("openings.jsonl".to_owned(), changed.into_bytes());
    let report = edited.verify();
    assert!(
        report
            .findings
            .iter()
            .any(|found| found.code == FindingCode::OpeningMismatch)
    );
    let path = format!("/v1/log/export?case={case}&open=curiosity");
    site.auditor.get(&path).await.problem("bad-request");
}

async fn a_case_is_exported_by_those_who_may_see_it(site: &mut Deployment) {
    let day = visited(site).await;
    let case = case_of(&day.visits[0]);
    let path = format!("/v1/log/export?case={case}");
    site.administrator.get(&path).await.problem("not-allowed");
    let before = site.entries().await;
    let nobody = "/v1/log/export?case=00000000-0000-7000-8000-000000000000";
    site.auditor.get(nobody).await.problem("not-found");
    let opened = format!("{path}&open=audit");
    site.auditor.get(&opened).await.problem("purpose-needed");
    assert_eq!(site.entries().await, before, "what is refused leaves nothing");
    let order = CaseOrder::asked(case.parse().unwrap(), None).unwrap();
    assert_eq!(order.case, CaseId(id_of(&json!(case))));
    let (target, clock) = (site.path("one-case"), std::sync::Arc::clone(&site.clock));
    let made = case_log_export(&site.folder(), &target, (None, order), clock)
        .await
        .unwrap();
    let report = ExportInMemory::read(&target, &made.keys).holds();
    assert_eq!(report.logs[0].leaves, made.events);
    assert_eq!(report.case.unwrap().leaves_left_out, made.left_out);
    assert!(told(&ExportInMemory::read(&target, &made.keys)).contains("folder.opened"));
}

async fn what_was_erased_is_told_from_what_is_missing(site: &mut Deployment) {
    let day = visited(site).await;
    let case = case_of(&day.visits[0]);
    let sealed = of_case(site, &site.auditor, &format!("case={case}"))
        .await
        .holds()
        .counts;
    site.erase_person_of(case).await;
    let export = of_case(
        site,
        &site.auditor,
        &format!("case={case}&open=audit&purpose=inspection"),
    )
    .await;
    let counts = export.holds().counts;
    assert_eq!(counts.payloads_erased, sealed.payloads_present);
    assert_eq!((counts.payloads_opened, counts.payloads_missing), (0, 0));
    let second = of_case(site, &site.auditor, &format!("case={}", case_of(&day.visits[1]))).await;
    let mut gone = second.clone();
    gone.files.retain(|path, _| !path.starts_with("payloads/"));
    let report = gone.verify();
    assert_eq!((report.counts.payloads_erased, report.ok), (0, false));
    assert!(
        report
            .findings
            .iter()
            .any(|found| found.code == FindingCode::PayloadMissing)
    );
}

async fn a_leaf_of_the_case_changed_in_the_database_is_found(site: &mut Deployment) {
    let day = visited(site).await;
    let case = case_of(&day.visits[0]);
    let sql = match site.engine {
        Engine::Sqlite => {
            "UPDATE log_leaf SET leaf = CAST(replace(CAST(leaf AS TEXT), '\"recv_ms\":1', '\"recv_ms\":2') AS BLOB) \
             WHERE name = 'events' AND CAST(leaf AS TEXT) LIKE '%visit.planned%'"
        }
        Engine::Postgres => {
            "UPDATE log_leaf SET leaf = \
             convert_to(replace(convert_from(leaf, 'UTF8'), '\"recv_ms\":1', '\"recv_ms\":2'), 'UTF8') \
             WHERE name = 'events' AND convert_from(leaf, 'UTF8') LIKE '%visit.planned%'"
        }
    };
    assert!(site.app().store().tamper(sql).await.unwrap() > 1);
    let order = CaseOrder::asked(case.parse().unwrap(), None).unwrap();
    let (target, clock) = (site.path("tampered"), std::sync::Arc::clone(&site.clock));
    let made = case_log_export(&site.folder(), &target, (None, order), clock).await;
    let told = made.unwrap_err().message();
    assert!(told.contains("is not the one that was signed"), "{told}");
}
