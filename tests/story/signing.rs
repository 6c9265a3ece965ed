//! Where two staff are required, both sign: on their own devices, or one of them on the other's with a PIN.

use std::time::Duration;

use doorstep_device::{Blocked, Device, DeviceError, Pin, StartInput};
use doorstep_domain::measure::Clock as _;
use doorstep_log::export::Opening;
use doorstep_log::verify::{DetailName, FindingCode, Report};
use doorstep_wire::sync::{Joined, Payload};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::copies::of_case;
use crate::harness::{
    CrewDay, Deployment, ExportInMemory, OWN_PASSWORD, Wire, both_sign, checked_in, id_of, partner_key, partners_pin,
    together,
};

stories!(
    the_partner_confirms_on_a_device_of_their_own,
    a_file_carries_the_signature_where_there_is_no_network,
    the_partner_signs_here_with_a_pin,
    only_the_partner_makes_a_key_on_a_colleagues_device,
    a_key_that_was_ended_signs_nothing_any_more,
    what_was_not_signed_is_kept_and_remarked,
    a_stranger_sees_both_signatures,
);

/// The first visit of the crew, as it begins.
fn begins<'a>(site: &Deployment, day: &'a CrewDay) -> &'a Value {
    let visit = &day.visits[0];
    site.when_it_starts(visit);
    visit
}

async fn with_doors(site: &Deployment, staff: &Value) -> Device {
    let device = site.device(staff).await;
    device.pull().await.unwrap();
    device
}

async fn refused(device: &Device, visit: &Value, input: StartInput) -> DeviceError {
    device.visit_start(id_of(&visit["visit"]), input).await.unwrap_err()
}

fn is_unsigned(error: &DeviceError) -> bool {
    matches!(error, DeviceError::Blocked(blocked)
        if blocked.iter().map(Blocked::rule).collect::<Vec<_>>() == ["PERMIT-UNSIGNED"])
}

async fn flags(site: &Deployment) -> i64 {
    site.rows("event with flags").await
}

async fn the_partner_confirms_on_a_device_of_their_own(site: &mut Deployment) {
    let day = site.crew_day_of_two().await;
    let visit = begins(site, &day);
    let (first, second) = (
        with_doors(site, &day.staff[0]).await,
        with_doors(site, &day.staff[1]).await,
    );
    first.pull().await.unwrap();
    let error = refused(&first, visit, together(&day.staff)).await;
    assert!(is_unsigned(&error), "{error}");
    assert!(
        first.wake(Duration::from_secs(5)).await.unwrap(),
        "the first one comes at once"
    );
    let confirmed = second.visit_confirm(id_of(&visit["visit"])).await.unwrap();
    let (woken, pushed) = tokio::join!(first.wake(Duration::from_secs(20)), second.push());
    assert!(woken.unwrap() && pushed.unwrap().acknowledged > 0);
    assert_eq!(first.pull().await.unwrap().joined, 1);
    let signed = first.visit_joined(id_of(&visit["visit"])).await.unwrap();
    assert_eq!(signed, [id_of(&day.staff[1]["id"])]);
    first
        .visit_start(id_of(&visit["visit"]), together(&day.staff))
        .await
        .unwrap();
    first.push().await.unwrap();
    assert_eq!(flags(site).await, 0);
    assert_eq!(second.pull().await.unwrap().joined, 0, "nobody is told their own");
    // Half an hour later it says nothing any more.
    site.clock.forward(31 * 60);
    assert_eq!(first.pull().await.unwrap().joined, 1, "taken away");
    assert!(
        first
            .visit_joined(id_of(&visit["visit"]))
            .await
            .is_ok_and(|signed| signed.is_empty())
    );
    assert!(
        confirmed
            .joined
            .said
            .contains(&day.staff[1]["id"].as_str().unwrap().to_owned())
    );
}

async fn a_file_carries_the_signature_where_there_is_no_network(site: &mut Deployment) {
    let day = site.crew_day_of_two().await;
    let visit = begins(site, &day);
    let (first, second) = (
        with_doors(site, &day.staff[0]).await,
        with_doors(site, &day.staff[1]).await,
    );
    first.pull().await.unwrap();
    let confirmed = second.visit_confirm(id_of(&visit["visit"])).await.unwrap();
    let other = second.visit_confirm(id_of(&day.visits[1]["visit"])).await.unwrap();
    let brings = |joined: &Joined| StartInput {
        joined: vec![joined.clone()],
        ..together(&day.staff)
    };
    assert_eq!(
        refused(&first, visit, brings(&other.joined)).await.code(),
        "joined-visit"
    );
    first
        .visit_start(id_of(&visit["visit"]), brings(&confirmed.joined))
        .await
        .unwrap();
    first.push().await.unwrap();
    assert_eq!(flags(site).await, 0);
}

async fn the_partner_signs_here_with_a_pin(site: &mut Deployment) {
    let day = site.crew_day_of_two().await;
    let visit = begins(site, &day);
    let device = with_doors(site, &day.staff[0]).await;
    let error = refused(&device, visit, together(&day.staff)).await;
    assert!(is_unsigned(&error), "{error}");
    partner_key(&device, &day.staff[1]).await;
    let listed = site.administrator.items("/v1/devices").await;
    assert_eq!(listed[0]["partners"][0]["staff"], day.staff[1]["id"]);
    let (id, partner) = (id_of(&visit["visit"]), id_of(&day.staff[1]["id"]));
    let guess = Pin::new("246813").unwrap();
    let wrong = device.partner_sign(id, partner, &guess).await.unwrap_err();
    assert_eq!(wrong.code(), "wrong-partner-pin");
    let joined = both_sign(&device, visit, &day.staff).await;
    // What was signed for this device's check-in is nothing on another.
    let other = with_doors(site, &day.staff[1]).await;
    let brings = StartInput {
        joined: joined.clone(),
        ..together(&day.staff)
    };
    assert_eq!(refused(&other, visit, brings.clone()).await.code(), "joined-device");
    site.clock.forward(31 * 60);
    assert_eq!(refused(&device, visit, brings).await.code(), "joined-stale");
    checked_in(&device, visit, &day.staff).await;
    device.push().await.unwrap();
    assert_eq!(flags(site).await, 0);
}

async fn only_the_partner_makes_a_key_on_a_colleagues_device(site: &mut Deployment) {
    let day = site.crew_day_of_two().await;
    begins(site, &day);
    let device = with_doors(site, &day.staff[0]).await;
    let login = |place: usize| day.staff[place]["login"].as_str().unwrap().to_owned();
    let wrong = device.partner_add(&login(1), "not the password", &partners_pin()).await;
    assert!(
        matches!(&wrong, Err(DeviceError::Refused { code, .. }) if code == "sign-in-failed"),
        "{wrong:?}"
    );
    let own = device.partner_add(&login(0), OWN_PASSWORD, &partners_pin()).await;
    assert!(
        matches!(&own, Err(DeviceError::Refused { code, .. }) if code == "bad-request"),
        "{own:?}"
    );
    assert!(device.partners().await.unwrap().is_empty());
    // The device's session is as it was.
    device.pull().await.unwrap();
    // Nobody registers a key from an office, nor on a device that is not theirs.
    let path = format!("/v1/devices/{}/partners", device.id());
    let body = json!({"login": login(1), "password": OWN_PASSWORD, "public_key": "AA"});
    site.supervisor.post(&path, &body).await.problem("not-allowed");
    let wire = site.wire(&day.staff[1], 3).await;
    wire.client.post(&path, &body).await.problem("not-found");
}

async fn a_key_that_was_ended_signs_nothing_any_more(site: &mut Deployment) {
    let day = site.crew_day_of_two().await;
    let visit = begins(site, &day);
    let device = with_doors(site, &day.staff[0]).await;
    partner_key(&device, &day.staff[1]).await;
    let item = site.administrator.items("/v1/devices").await[0]["partners"][0].clone();
    let path = format!("/v1/devices/{}/partners/{}", device.id(), item["id"].as_str().unwrap());
    let end = async |client: &crate::harness::Client| client.send(client.request(Method::DELETE, &path)).await;
    end(&site.supervisor).await.problem("not-allowed");
    end(&site.administrator).await.done();
    end(&site.administrator).await.problem("not-found");
    // The device was away and does not know it yet: what happened is kept, and remarked.
    site.clock.forward(60);
    checked_in(&device, visit, &day.staff).await;
    device.push().await.unwrap();
    assert_eq!(flags(site).await, 1);
    let found = site.supervisor.items("/v1/visits").await;
    let found = found.iter().find(|one| one["id"] == visit["visit"]).unwrap();
    assert!(found["flags"].to_string().contains("unsigned-partner"), "{found}");
    let review = site.supervisor.items("/v1/review").await;
    assert!(
        review[0]["reasons"].to_string().contains("unsigned-partner"),
        "{review:?}"
    );
    // From the next pull on it does not even begin.
    device.pull().await.unwrap();
    let next = &day.visits[1];
    let signed = both_sign(&device, next, &day.staff).await;
    let brings = StartInput {
        joined: signed,
        ..together(&day.staff)
    };
    let error = refused(&device, next, brings).await;
    assert!(["joined-key", "rule-blocked"].contains(&error.code()), "{error}");
    assert!(
        device
            .partner_remove(id_of(&day.staff[1]["id"]))
            .await
            .is_ok_and(|told| !told)
    );
}

/// What the server remarks at a check-in with these statements, by the visit's alias.
async fn remarked(
    site: &Deployment,
    wire: &mut Wire,
    (day, alias): (&CrewDay, Uuid),
    joined: Vec<Joined>,
) -> Vec<String> {
    let payload = Payload {
        staff: day.staff.iter().map(|one| id_of(&one["id"])).collect(),
        identity_shown: Some(true),
        joined,
        ..Payload::default()
    };
    let now = site.clock.now().millis();
    let event = wire.event_at_door("visit.arrived", &payload, alias, now);
    let answer = wire.push(&[&event]).await.done();
    let result = &answer["results"][0];
    assert_eq!(result["status"], "accepted", "never refused");
    let flags = result["flags"].as_array().cloned().unwrap_or_default();
    flags.iter().map(|flag| flag.as_str().unwrap().to_owned()).collect()
}

async fn what_was_not_signed_is_kept_and_remarked(site: &mut Deployment) {
    let day = site.crew_day_of_two().await;
    begins(site, &day);
    let mut owner = site.wire(&day.staff[0], 1).await;
    let partner = site.wire(&day.staff[1], 2).await;
    let visits = site
        .app()
        .store()
        .visit_of_days(site.made.tenant, 0, i64::from(i32::MAX))
        .await
        .unwrap();
    let alias = |place: usize| {
        let id = id_of(&day.all[place]["visit"]);
        visits.iter().find(|visit| visit.id.0 == id).unwrap().alias.0
    };
    let now = site.clock.now().millis();
    let unsigned = ["unsigned-partner".to_owned()];
    let good = partner.joins(alias(1), &day.staff[1], now);
    let forged = Joined {
        sig: partner.joins(alias(1), &day.staff[1], now + 1).sig,
        ..good.clone()
    };
    let wrong = [
        Vec::new(),
        vec![forged],
        vec![partner.joins(alias(2), &day.staff[1], now)],
        vec![partner.joins(alias(1), &day.staff[1], now - 31 * 60_000)],
        // The owner signs for the partner, and for themselves a second time.
        vec![owner.joins(alias(1), &day.staff[1], now)],
        vec![owner.joins(alias(1), &day.staff[0], now)],
    ];
    // The first arrival is judged by the rules; each visit has one, so the statements are about the visit that is tried.
    for (place, statements) in wrong.into_iter().enumerate() {
        let found = remarked(site, &mut owner, (&day, alias(1)), statements).await;
        let first = place == 0;
        let bad = place < 5;
        assert_eq!(found.contains(&unsigned[0]), first || bad, "{place}: {found:?}");
    }
    let found = remarked(
        site,
        &mut owner,
        (&day, alias(3)),
        vec![partner.joins(alias(3), &day.staff[1], now)],
    )
    .await;
    assert!(!found.contains(&unsigned[0]), "{found:?}");
    let twice = vec![owner.joins(alias(4), &day.staff[0], now)];
    let found = remarked(site, &mut owner, (&day, alias(4)), twice).await;
    assert!(found.contains(&unsigned[0]), "one person is not two: {found:?}");
    // A stranger is told of each of them.
    let (copy, _) = opened(site, &day.all[1]).await;
    assert_eq!(remarks(&copy.holds()).len(), 5, "{:?}", copy.holds().findings);
}

/// The log of a visit's case with its payloads opened, and those of check-ins.
async fn opened(site: &Deployment, visit: &Value) -> (ExportInMemory, Vec<Payload>) {
    let query = format!("case={}&open=audit", visit["case"].as_str().unwrap());
    let copy = of_case(site, &site.supervisor, &query).await;
    let lines = copy.files["openings.jsonl"].split(|byte| *byte == b'\n');
    let openings = lines
        .filter(|line| !line.is_empty())
        .map(|line| Opening::decode(line).unwrap());
    let payloads = openings.filter_map(|opening| serde_json::from_slice::<Payload>(&opening.payload).ok());
    let arrived = payloads.filter(|payload| payload.identity_shown.is_some()).collect();
    (copy, arrived)
}

/// What a stranger remarks about partners' signatures.
fn remarks(report: &Report) -> Vec<&str> {
    let bad = report.findings.iter().filter(|one| one.code == FindingCode::JoinedBad);
    let causes = bad
        .flat_map(|one| &one.details)
        .filter(|detail| detail.name == DetailName::Cause);
    causes.map(|detail| detail.value.as_str()).collect()
}

async fn a_stranger_sees_both_signatures(site: &mut Deployment) {
    let day = site.crew_day_of_two().await;
    let visit = begins(site, &day);
    let device = with_doors(site, &day.staff[0]).await;
    checked_in(&device, visit, &day.staff).await;
    device.push().await.unwrap();
    let (mut copy, arrived) = opened(site, visit).await;
    let report = copy.holds();
    assert!(remarks(&report).is_empty(), "{:#?}", report.findings);
    // The owner's signature is that of the event; the partner's stands in what the event commits to.
    let [payload] = &arrived[..] else {
        panic!("one check-in: {arrived:?}");
    };
    let [joined] = &payload.joined[..] else {
        panic!("one partner: {payload:?}");
    };
    assert!(joined.said.contains(day.staff[1]["id"].as_str().unwrap()), "{joined:?}");
    // Whoever puts another statement in its place is found out.
    let text = String::from_utf8(copy.files["openings.jsonl"].clone()).unwrap();
    let changed = text.lines().map(|line| {
        let mut opening = Opening::decode(line.as_bytes()).unwrap();
        let payload = String::from_utf8(opening.payload).unwrap();
        let other = joined.sig.chars().rev().collect::<String>();
        opening.payload = payload.replace(&joined.sig, &other).into_bytes();
        String::from_utf8(opening.encode().unwrap()).unwrap() + "\n"
    });
    let changed: String = changed.collect();
    assert_ne!(changed, text);
    copy.files.insert("openings.jsonl".to_owned(), changed.into_bytes());
    let codes: Vec<FindingCode> = copy.verify().findings.iter().map(|one| one.code).collect();
    assert!(codes.contains(&FindingCode::OpeningMismatch), "{codes:?}");
}
