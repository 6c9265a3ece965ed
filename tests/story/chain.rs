//! The chain of a device and the server that has it: keys of either kind, proofs on every pull, forks, lost devices.

use doorstep_device::{DeviceError, KeyKind};
use doorstep_domain::contact::ContactOutcome;
use doorstep_domain::measure::Clock as _;
use doorstep_log::checkpoint::Checkpoint;
use doorstep_log::hash::{Hash, sha256};
use doorstep_log::note::text_unverified;
use doorstep_log::tree::verify_consistency;
use doorstep_log::verify::FindingCode;
use doorstep_wire::sync::{Payload, PushEvent};
use serde_json::{Value, json};

use super::safety::alias_of_first;
use crate::harness::{Deployment, checked_in, checked_out, id_of, sample};

stories!(
    an_es256_device_carries_a_day_out_and_the_export_holds,
    every_pull_proves_that_the_log_only_grew,
    a_fork_names_both_sides_and_waits_for_an_administrator,
    a_lost_device_is_known_up_to_its_last_event,
    what_a_revoked_device_had_not_sent_is_kept_and_flagged,
    who_asks_not_to_be_contacted_is_heard_by_a_revoked_device,
    a_silent_device_shows_in_the_list,
    the_end_of_a_day_counts_what_was_done,
);

async fn an_es256_device_carries_a_day_out_and_the_export_holds(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let device = site.device_with(&day.staff[0], KeyKind::Es256).await;
    device.pull().await.unwrap();
    device.day_open().await.unwrap();
    site.when_it_starts(&day.visits[0]);
    let started = checked_in(&device, &day.visits[0], &day.staff).await;
    site.clock.forward(600);
    checked_out(&device, &day.visits[0], &started, ContactOutcome::MetBorrower).await;
    device.day_close().await.unwrap();
    let waiting = device.outbox().await.unwrap().len();
    assert_eq!(device.push().await.unwrap().acknowledged, waiting);
    let listed = site.administrator.items("/v1/devices").await;
    assert_eq!(
        (&listed[0]["alg"], &listed[0]["last_dseq"]),
        (&json!("ES256"), &json!(waiting))
    );
    let export = site.export().await;
    let found = export.holds();
    assert_eq!((found.counts.devices, found.counts.events), (1, waiting as u64));
    let leaves = String::from_utf8(export.leaves().concat()).unwrap();
    assert_eq!(
        leaves.matches(r#""alg":"ES256""#).count(),
        waiting + 1,
        "each event, and the enrolment"
    );
}

/// Size and root of a signed checkpoint.
fn head_of(answer: &Value) -> (u64, Hash) {
    let signed = answer["checkpoint"].as_str().unwrap();
    let read = Checkpoint::parse(text_unverified(signed.as_bytes()).unwrap()).unwrap();
    (read.size, read.root)
}

async fn every_pull_proves_that_the_log_only_grew(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let mut wire = site.wire(&day.staff[0], 1).await;
    let first = wire.client.get("/v1/sync/pull?sync_version=2").await.done();
    let known = head_of(&first);
    assert_eq!(
        first["consistency"],
        json!([]),
        "a device that knows nothing needs no proof"
    );
    let events: Vec<PushEvent> = (0..40).map(|_| wire.event("day.open", None)).collect();
    wire.push(&events.iter().collect::<Vec<_>>()).await.done();
    site.export().await.holds();
    for size in [1, known.0 - 1, known.0] {
        let path = format!("/v1/sync/pull?sync_version=2&size={size}");
        let answer = wire.client.get(&path).await.done();
        let found = head_of(&answer);
        assert!(found.0 >= known.0 + 40);
        let proof = answer["consistency"].as_array().unwrap().iter();
        let proof: Vec<Hash> = proof
            .map(|hash| Hash::from_base64(hash.as_str().unwrap()).unwrap())
            .collect();
        let holds = |old| verify_consistency(old, found, &proof).is_ok();
        assert_eq!(holds(known), size == known.0, "{size}");
        assert!(!holds((size, sha256(b"another root"))), "{size}");
        assert!(
            answer["acknowledgement"]
                .as_str()
                .unwrap()
                .contains(r#""upto_dseq":40"#)
        );
    }
    // A size that this log never had gets no proof, and no error: the device sees that the log is shorter.
    let answer = wire
        .client
        .get("/v1/sync/pull?sync_version=2&size=1000000")
        .await
        .done();
    assert_eq!(answer["consistency"], json!([]));
    // The real device follows pull by pull.
    let device = site.device(&day.staff[1]).await;
    for _ in 0..3 {
        assert!(!device.pull().await.unwrap().alarm);
        device.day_open().await.unwrap();
        assert!(!device.push().await.unwrap().alarm);
        // What was pushed is under a checkpoint before the next pull.
        site.export().await.holds();
    }
    assert_eq!(device.suspect_count().await.unwrap(), 0);
    assert!(site.export().await.holds().counts.checkpoints_seen >= 2);
}

async fn a_fork_names_both_sides_and_waits_for_an_administrator(site: &mut Deployment) {
    let staff = site.has_porto_staff().await;
    let mut wire = site.wire(&staff[0], 1).await;
    let first = wire.event("day.open", None);
    let second = wire.signed("day.close", None);
    let third = wire.event("day.close", None);
    assert_eq!(wire.statuses(&[&first]).await, ["accepted"]);
    // A good event and the other side of a fork in one push: the good one stays, with its entry.
    let refused = wire.push(&[&third, &second]).await;
    assert_eq!(refused.status, 409);
    refused.problem("device-fork");
    let path = format!("/v1/devices/{}/resume", wire.device);
    site.supervisor.post(&path, &Value::Null).await.problem("not-allowed");
    let export = site.export().await;
    let found = export.holds();
    assert_eq!(found.counts.events, 2, "what came before the fork is in the log");
    assert!(
        found
            .findings
            .iter()
            .any(|finding| finding.code == FindingCode::DeviceForked)
    );
    let log = String::from_utf8(export.leaves().concat()).unwrap();
    let hash = |event: &PushEvent| sha256(&doorstep_log::hash::base64url_decode(&event.hdr).unwrap()).to_hex();
    assert!(
        log.contains(&format!(r#""first":"{}""#, hash(&third))),
        "the header that was there"
    );
    assert!(
        log.contains(&format!(r#""hdr":"{}""#, second.hdr)),
        "the header that came"
    );
    let next = wire.event("day.open", None);
    wire.push(&[&next]).await.problem("device-fork");
    site.administrator.post(&path, &Value::Null).await.done();
    assert_eq!(wire.statuses(&[&next]).await, ["accepted"]);
    site.administrator
        .post(&path, &Value::Null)
        .await
        .problem("bad-request");
    let export = site.export().await;
    export.holds();
    assert_eq!((export.count("device.fork"), export.count("device.resumed")), (1, 1));
}

async fn a_lost_device_is_known_up_to_its_last_event(site: &mut Deployment) {
    let staff = site.has_porto_staff().await;
    let mut wire = site.wire(&staff[0], 1).await;
    let events: Vec<PushEvent> = (0..3).map(|_| wire.event("day.open", None)).collect();
    wire.push(&events.iter().collect::<Vec<_>>()).await.done();
    let path = format!("/v1/devices/{}/lost", wire.device);
    site.administrator.post(&path, &Value::Null).await.done();
    let listed = site.administrator.items("/v1/devices").await;
    let head = listed[0]["head_hash"].as_str().unwrap();
    assert_eq!(
        (&listed[0]["state"], &listed[0]["last_dseq"]),
        (&json!("lost"), &json!(3))
    );
    let export = site.export().await;
    export.holds();
    let log = String::from_utf8(export.leaves().concat()).unwrap();
    assert!(
        log.contains(&format!(r#""dseq":3,"head":"{head}""#)),
        "the last that is known"
    );
    wire.client.get("/v1/sync/pull").await.problem("device-revoked");
    // It was found, and what it had not sent comes in: kept, and nobody takes it for more than it is.
    let late = wire.event("day.close", None);
    let answer = wire.push(&[&late]).await.done();
    assert_eq!(answer["revoked"], json!(true));
    assert_eq!(answer["results"][0]["flags"], json!(["device-ended"]));
    let export = site.export().await;
    let found = export.holds();
    let ended = found
        .findings
        .iter()
        .filter(|finding| finding.code == FindingCode::DeviceEnded);
    assert_eq!(ended.count(), 1);
}

async fn what_a_revoked_device_had_not_sent_is_kept_and_flagged(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    site.when_it_starts(&day.visits[0]);
    let started = checked_in(&device, &day.visits[0], &day.staff).await;
    site.clock.forward(600);
    checked_out(&device, &day.visits[0], &started, ContactOutcome::MetBorrower).await;
    let waiting = device.outbox().await.unwrap().len();
    let path = format!("/v1/devices/{}/revoke", device.id());
    site.administrator.post(&path, &Value::Null).await.done();
    assert!(matches!(device.push().await, Err(DeviceError::Revoked)));
    assert!(device.outbox().await.unwrap().is_empty() && device.doors().await.unwrap().is_empty());
    assert_eq!(site.rows("event").await, waiting as i64);
    let visits = site.supervisor.items("/v1/visits").await;
    let visit = visits
        .iter()
        .find(|visit| visit["id"] == day.visits[0]["visit"])
        .unwrap();
    assert_eq!(
        visit["state"], "planned",
        "a key that was ended changes no visit: {visit:?}"
    );
    let reviews = site.supervisor.items("/v1/review?day=2026-11-23&all=true").await;
    let flagged = reviews
        .iter()
        .find(|one| id_of(&one["visit"]) == id_of(&day.visits[0]["visit"]));
    assert!(
        flagged.unwrap().to_string().contains("device-ended"),
        "the supervisor sees it: {reviews:?}"
    );
    let found = site.export().await;
    let found = found.holds();
    assert_eq!(found.counts.events, waiting as u64);
}

async fn who_asks_not_to_be_contacted_is_heard_by_a_revoked_device(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let mut wire = site.wire(&day.staff[0], 1).await;
    let alias = alias_of_first(&wire, &day).await;
    let path = format!("/v1/devices/{}/revoke", wire.device);
    site.administrator.post(&path, &Value::Null).await.done();
    let now = site.clock.now().millis();
    let asked = wire.event_at_door("dnc.requested", &Payload::default(), alias, now);
    let answer = wire.push(&[&asked]).await.done();
    assert!(
        answer["results"][0]["flags"].to_string().contains("device-ended"),
        "{answer}"
    );
    let export = site.export().await;
    export.holds();
    assert_eq!(
        export.count("case.restricted"),
        1,
        "most restrictive wins, whoever brings it"
    );
}

async fn a_silent_device_shows_in_the_list(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let device = site.device(&day.staff[0]).await;
    let silent = async |site: &Deployment| site.supervisor.items("/v1/devices").await[0]["silent"].clone();
    site.clock.forward(3_600);
    assert_eq!(silent(site).await, json!(false), "it holds nothing");
    device.pull().await.unwrap();
    site.clock.forward(1_799);
    assert_eq!(silent(site).await, json!(false));
    site.clock.forward(2);
    assert_eq!(silent(site).await, json!(true));
    device.pull().await.unwrap();
    assert_eq!(silent(site).await, json!(false));
}

async fn the_end_of_a_day_counts_what_was_done(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    device.day_open().await.unwrap();
    device.day_close().await.unwrap();
    device.day_open().await.unwrap();
    site.when_it_starts(&day.visits[0]);
    let started = checked_in(&device, &day.visits[0], &day.staff).await;
    site.clock.forward(600);
    checked_out(&device, &day.visits[0], &started, ContactOutcome::MetBorrower).await;
    device.day_close().await.unwrap();
    device.push().await.unwrap();
    let export = site.export().await;
    export.holds();
    let text = export.log_text();
    let closes: Vec<&str> = text.lines().filter(|line| line.contains("day.close")).collect();
    assert!(
        text.contains(r#""begun":0"#) && text.contains(r#""visits":1"#),
        "{closes:?}"
    );
    assert!(
        text.contains(r#""visits":0"#) && text.contains(r#""skipped":0"#),
        "the first day had none"
    );
}
