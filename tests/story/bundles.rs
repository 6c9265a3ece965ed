//! Legal bundles: the paper names what is in the folder, and the folder verifies by itself.

use std::collections::BTreeMap;

use doorstep_domain::contact::ContactOutcome;
use doorstep_log::hash::{base64url_decode, sha256};
use doorstep_wire::log::ExportedFile;
use serde_json::json;

use crate::harness::{Deployment, ExportInMemory, checked_in, checked_out, sample, text_of_pdf};

stories!(a_bundle_is_a_paper_and_a_folder_that_a_court_can_check,);

async fn a_bundle_is_a_paper_and_a_folder_that_a_court_can_check(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-cases.csv")).await;
    let device = site.device(&day.staff[0]).await;
    let visit = &day.visits[0];
    site.when_it_starts(visit);
    device.pull().await.unwrap();
    let started = checked_in(&device, visit, &day.staff).await;
    checked_out(&device, visit, &started, ContactOutcome::NobodyHome).await;
    device.push().await.unwrap();
    site.sign_everybody_in().await;
    let request = json!({"case": visit["case"], "language": "en"});
    // Nobody who keeps their word is taken to court; what came of it stands in the paper.
    let promise = json!({
        "case": visit["case"], "kind": "promise", "agreed_by": "phone", "currency": "EUR", "first": "2026-12-01", "amount": 1_234,
    });
    let promise = site.supervisor.post("/v1/agreements", &promise).await.done();
    site.supervisor
        .post("/v1/bundles", &request)
        .await
        .problem("agreement-stands");
    let end = format!("/v1/agreements/{}/end", promise["id"].as_str().unwrap());
    site.supervisor
        .post(&end, &json!({"reason": "person-asked"}))
        .await
        .done();
    site.auditor.post("/v1/bundles", &request).await.problem("not-allowed");
    let body = site.supervisor.post("/v1/bundles", &request).await.file();
    let mut files = BTreeMap::new();
    for line in body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let file: ExportedFile = serde_json::from_slice(line).unwrap();
        files.insert(file.path, base64url_decode(&file.bytes).unwrap());
    }
    let pdf = files.remove("bundle.pdf").unwrap();
    let text = text_of_pdf(&pdf);
    let dense: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    for part in [
        "Case file with evidence",
        "What stands against contacts",
        "List of evidence",
        "Payments and what was given up",
        "12.34",
        "Signed checkpoints",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    for part in ["nobodyhome", "visit.arrived", "visit.planned", "proofs/events/"] {
        assert!(dense.contains(part), "{part}: {text}");
    }
    for (path, bytes) in &files {
        let hash = sha256(bytes).to_string();
        // A column breaks a hash, and the other column stands between its halves.
        assert!(dense.contains(&hash[..24]), "{path} is not named with its hash");
    }
    let key = site.auditor.get("/v1/log/events").await.done()["key"].clone();
    let export = ExportInMemory::of(files, key.as_str().unwrap());
    let report = export.holds();
    assert!(report.case.is_some());
    let whole = site.export().await;
    assert_eq!(whole.count("bundle.made"), 1);
}
