//! Sync: devices carry a day out offline, and the server keeps what they signed, whatever they send and how often.

use std::time::Duration;

use doorstep_device::{Blocked, Device, DeviceError, FinishInput, StartInput};
use doorstep_domain::contact::{ContactOutcome, MatterOutcome};
use doorstep_domain::measure::{Clock as _, Micros};
use doorstep_log::chain::public_key;
use doorstep_log::hash::base64url_encode;
use doorstep_wire::SYNC_VERSION;
use doorstep_wire::sync::{Door, Payload, PromiseMade, PushEvent};
use serde_json::{Value, json};

use crate::harness::{Deployment, checked_in, checked_out, csv_cells, csv_text, ending, id_of, sample};

stories!(
    a_day_is_carried_out_offline,
    a_device_hears_of_a_new_plan,
    a_partner_without_certificate_stays_in_the_car,
    the_same_events_again_are_duplicates,
    events_out_of_order_are_held,
    a_split_chain_suspends_the_device_and_keeps_both,
    two_devices_that_disagree_make_one_conflict,
    another_crew_changes_nothing_but_what_protects,
    who_was_given_a_door_may_report_on_it,
    the_stricter_of_two_reports_counts,
    what_settles_or_suspends_a_case_ends_its_visits,
    a_visit_is_not_dated_back,
    two_partners_report_one_visit,
    times_that_cannot_be_are_kept_and_flagged,
    an_overdue_check_out_raises_one_alarm,
    a_wrong_clock_and_an_unknown_kind_are_kept_and_flagged,
    devices_of_other_versions_are_told_which_side_to_update,
    worn_codes_and_foreign_signatures_are_refused,
    a_revoked_device_wipes_itself,
    a_device_that_was_away_for_a_month_goes_on,
    a_copied_renewal_opens_no_session,
    a_damaged_log_keeps_no_crew_from_its_doors,
);

async fn a_day_is_carried_out_offline(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let device = site.device(&day.staff[0]).await;
    let pulled = device.pull().await.unwrap();
    assert_eq!(pulled.put, day.all.len() + 1, "the crew's doors and the permit");
    assert_eq!(device.doors().await.unwrap().len(), day.all.len());
    let address = site.address();
    site.stop().await;
    for visit in day.visits.iter().take(2) {
        site.when_it_starts(visit);
        let started = checked_in(&device, visit, &day.staff).await;
        site.clock.forward(600);
        checked_out(&device, visit, &started, ContactOutcome::MetBorrower).await;
    }
    assert!(
        matches!(device.push().await, Err(DeviceError::Network(_))),
        "{address} is gone"
    );
    let waiting = device.outbox().await.unwrap().len();
    assert!(waiting >= 6, "{waiting}");
    device.close().await;
    site.restart().await;
    let device = site.reopened(&day.staff[0]).await;
    let report = device.push().await.unwrap();
    assert_eq!(
        (report.sent, report.acknowledged, report.alarm),
        (waiting, waiting, false)
    );
    assert!(device.outbox().await.unwrap().is_empty());
    let visits = site.supervisor.items("/v1/visits?state=finished").await;
    assert_eq!(visits.len(), 2, "{visits:?}");
    assert!(
        visits.iter().all(|visit| visit["outcome"] == "MET_BORROWER"),
        "{visits:?}"
    );
    assert_eq!(site.rows("event").await, waiting as i64);
    let export = site.export().await;
    let found = export.holds();
    assert_eq!((found.counts.devices, found.counts.events), (1, waiting as u64));
    assert_eq!(found.counts.payloads_missing, 0);
    assert!(!export.log_text().contains("the gate is green"));
}

async fn the_same_events_again_are_duplicates(site: &mut Deployment) {
    let staff = site.has_porto_staff().await;
    let mut wire = site.wire(&staff[0], 1).await;
    let events: Vec<PushEvent> = (0..3)
        .map(|_| wire.event("day.open", Some(&Payload::default())))
        .collect();
    let all: Vec<&PushEvent> = events.iter().collect();
    assert_eq!(wire.statuses(&all[..2]).await, ["accepted", "accepted"]);
    assert_eq!(wire.statuses(&all).await, ["duplicate", "duplicate", "accepted"]);
    assert_eq!(wire.statuses(&[all[0], all[0], all[2]]).await, ["duplicate"; 3]);
    assert_eq!(site.rows("event").await, 3);
    assert_eq!(site.export().await.holds().counts.events, 3);
}

async fn events_out_of_order_are_held(site: &mut Deployment) {
    let staff = site.has_porto_staff().await;
    let mut wire = site.wire(&staff[0], 1).await;
    let events: Vec<PushEvent> = (0..4).map(|_| wire.event("day.open", None)).collect();
    let [one, two, three, four] = events.each_ref_of();
    assert_eq!(wire.statuses(&[three, four]).await, ["held", "held"]);
    assert_eq!(site.rows("event").await, 0, "the device keeps what is held");
    assert_eq!(wire.statuses(&[two, one]).await, ["held", "accepted"]);
    assert_eq!(wire.statuses(&[two, three, four]).await, ["accepted"; 3]);
    assert_eq!(site.export().await.holds().counts.events, 4);
}

/// Four references out of a list.
trait EachOf {
    fn each_ref_of(&self) -> [&PushEvent; 4];
}

impl EachOf for Vec<PushEvent> {
    fn each_ref_of(&self) -> [&PushEvent; 4] {
        self.iter().collect::<Vec<_>>().try_into().unwrap()
    }
}

async fn a_split_chain_suspends_the_device_and_keeps_both(site: &mut Deployment) {
    let staff = site.has_porto_staff().await;
    let mut wire = site.wire(&staff[0], 1).await;
    let copy = wire.signed("day.close", None);
    let first = wire.event("day.open", None);
    assert_eq!(wire.statuses(&[&first]).await, ["accepted"]);
    let refused = wire.push(&[&copy]).await;
    assert_eq!(refused.status, 409);
    refused.problem("device-fork");
    let next = wire.event("day.close", None);
    wire.push(&[&next]).await.problem("device-fork");
    let devices = site.administrator.items("/v1/devices").await;
    assert_eq!(devices[0]["state"], "suspended", "{devices:?}");
    let export = site.export().await;
    export.holds();
    assert_eq!((export.count("day.open"), export.count("device.fork")), (1, 1));
    let log = String::from_utf8(export.leaves().concat()).unwrap();
    for event in [&first, &copy] {
        assert!(log.contains(&event.hdr), "a side of the fork is not in the log");
        assert!(log.contains(&event.sig), "a signature of the fork is not in the log");
    }
}

async fn two_devices_that_disagree_make_one_conflict(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let outcomes = [ContactOutcome::MetBorrower, ContactOutcome::NobodyHome];
    let mut devices = Vec::new();
    for staff in &day.staff {
        let device = site.device(staff).await;
        device.pull().await.unwrap();
        devices.push(device);
    }
    let visit = &day.visits[0];
    site.when_it_starts(visit);
    for (device, outcome) in devices.iter().zip(outcomes) {
        let started = checked_in(device, visit, &day.staff).await;
        checked_out(device, visit, &started, outcome).await;
    }
    for device in &devices {
        let report = device.push().await.unwrap();
        assert!(report.acknowledged > 0 && !report.alarm);
        assert_eq!((report.held, report.quarantined), (0, 0));
    }
    let conflicts = site.supervisor.items("/v1/conflicts").await;
    assert_eq!(conflicts.len(), 1, "{conflicts:?}");
    assert_eq!(
        (&conflicts[0]["visit"], &conflicts[0]["state"]),
        (&visit["visit"], &json!("open"))
    );
    assert_ne!(conflicts[0]["left"], conflicts[0]["right"]);
    let export = site.export().await;
    export.holds();
    assert_eq!(
        (export.count("visit.outcome"), export.count("conflict.found")),
        (2, 1),
        "both sides are kept"
    );
}

async fn an_overdue_check_out_raises_one_alarm(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    site.when_it_starts(&day.visits[0]);
    let started = checked_in(&device, &day.visits[0], &day.staff).await;
    device.push().await.unwrap();
    assert_eq!(site.app().run_overdue().await.unwrap(), 0, "nobody is overdue yet");
    site.clock.forward(3 * 3_600);
    // Another process on the same data, and the server's own job may scan at the same moment as well.
    let other = site.another_process().await;
    let (here, there) = tokio::join!(site.app().run_overdue(), other.run_overdue());
    assert!(here.unwrap() + there.unwrap() <= 1);
    other.store().close().await;
    let alarms = site.supervisor.items("/v1/alarms").await;
    assert_eq!(alarms.len(), 1, "{alarms:?}");
    assert_eq!(
        (&alarms[0]["visit"], &alarms[0]["kind"]),
        (&day.visits[0]["visit"], &json!("check-out-overdue"))
    );
    assert_eq!(site.app().run_overdue().await.unwrap(), 0);
    assert_eq!(site.export().await.count("visit.overdue"), 1);
    checked_out(&device, &day.visits[0], &started, ContactOutcome::NobodyHome).await;
    device.push().await.unwrap();
    assert_eq!(site.supervisor.items("/v1/alarms").await[0]["state"], "ended");
}

async fn a_wrong_clock_and_an_unknown_kind_are_kept_and_flagged(site: &mut Deployment) {
    let staff = site.has_porto_staff().await;
    let mut wire = site.wire(&staff[0], 1).await;
    let flags = |answer: &Value| answer["results"][0]["flags"].clone();
    let unknown = wire.event("visit.sung_to", Some(&Payload::default()));
    let answer = wire.push(&[&unknown]).await.done();
    assert_eq!(
        (&answer["results"][0]["status"], flags(&answer)),
        (&json!("accepted"), json!(["unknown-kind"]))
    );
    let right = wire.event("day.open", None);
    assert_eq!(flags(&wire.push(&[&right]).await.done()), Value::Null);
    let doubtful = wire.event("day.close", None);
    let sent = site.clock.now() - Micros::from_seconds(3_600);
    let answer = wire.push_as(1, sent, &[&doubtful]).await.done();
    assert_eq!(
        (&answer["results"][0]["status"], flags(&answer)),
        (&json!("accepted"), json!(["clock-doubt"]))
    );
    let mut apart = wire.event("day.open", Some(&Payload::default()));
    apart.payload = wire
        .signed(
            "day.open",
            Some(&Payload {
                note: Some("x".to_owned()),
                ..Payload::default()
            }),
        )
        .payload;
    let answer = wire.push(&[&apart]).await.done();
    let result = &answer["results"][0];
    assert_eq!(
        (&result["status"], &result["code"]),
        (&json!("quarantined"), &json!("payload-differs"))
    );
    let mut bare = wire.event("day.close", Some(&Payload::default()));
    bare.payload = None;
    let answer = wire.push(&[&bare]).await.done();
    let result = &answer["results"][0];
    assert_eq!(
        (&result["status"], &result["code"]),
        (&json!("quarantined"), &json!("payload-missing"))
    );
    let export = site.export().await;
    export.holds();
    assert_eq!(export.count("visit.sung_to"), 1);
}

async fn devices_of_other_versions_are_told_which_side_to_update(site: &mut Deployment) {
    let staff = site.has_porto_staff().await;
    let mut wire = site.wire(&staff[0], 1).await;
    let event = wire.event("day.open", None);
    let code = site.device_code(&staff[1]).await;
    for (version, status, problem) in [(0, 426, "device-too-old"), (SYNC_VERSION + 1, 409, "device-too-new")] {
        let refused = wire.push_as(version, site.clock.now(), &[&event]).await;
        assert_eq!(refused.status, status);
        refused.problem(problem);
        let enrol = json!({"tenant": code["tenant"], "code": code["code"], "public_key": "A".repeat(43), "app": "other/1", "sync_version": version});
        site.anonymous.post("/v1/devices", &enrol).await.problem(problem);
        let pull = format!("/v1/sync/pull?sync_version={version}");
        wire.client.get(&pull).await.problem(problem);
    }
    assert_eq!(site.rows("event").await, 0);
    // Nothing was lost, and neither number nor code was used up.
    assert_eq!(wire.statuses(&[&event]).await, ["accepted"]);
    let pull = format!("/v1/sync/pull?sync_version={SYNC_VERSION}");
    wire.client.get(&pull).await.done();
    let enrol = json!({"tenant": code["tenant"], "code": code["code"], "public_key": base64url_encode(&public_key(&[9; 32])), "app": "other/1", "sync_version": SYNC_VERSION});
    site.anonymous.post("/v1/devices", &enrol).await.done();
}

async fn worn_codes_and_foreign_signatures_are_refused(site: &mut Deployment) {
    let staff = site.has_porto_staff().await;
    let mut wire = site.wire(&staff[0], 1).await;
    let event = wire.event("day.open", None);
    let code = site.device_code(&staff[1]).await;
    let mut forged = event.clone();
    forged.sig = wire.signed("day.close", None).sig;
    wire.push(&[&forged]).await.problem("bad-signature");
    site.supervisor
        .post(
            "/v1/sync/push",
            &json!({"sync_version": 1, "sent_wall_ms": 0, "events": []}),
        )
        .await
        .problem("not-allowed");
    let office = site.field_client(&staff[2]).await;
    office.get("/v1/sync/pull").await.problem("not-allowed");
    assert_eq!(site.rows("event").await, 0);
    assert_eq!(wire.statuses(&[&event]).await, ["accepted"]);
    // A code holds once and for ten minutes.
    let used = json!({"tenant": code["tenant"], "code": "ABCDEFGHJK", "public_key": base64url_encode(&public_key(&[9; 32])), "app": "x/1", "sync_version": 1});
    site.anonymous
        .post("/v1/devices", &used)
        .await
        .problem("enrolment-failed");
    site.clock.forward(601);
    let late = json!({"tenant": code["tenant"], "code": code["code"], "public_key": base64url_encode(&public_key(&[9; 32])), "app": "x/1", "sync_version": 1});
    site.anonymous
        .post("/v1/devices", &late)
        .await
        .problem("enrolment-failed");
}

async fn a_revoked_device_wipes_itself(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    assert!(!device.doors().await.unwrap().is_empty());
    let path = format!("/v1/devices/{}/revoke", device.id());
    site.administrator.post(&path, &Value::Null).await.done();
    device.day_open().await.unwrap();
    assert!(matches!(device.push().await, Err(DeviceError::Revoked)));
    assert!(device.doors().await.unwrap().is_empty());
    assert!(device.permit().await.unwrap().is_none());
    assert_eq!(site.rows("event").await, 1, "what it had not sent is kept");
    let export = site.export().await;
    export.holds();
    assert_eq!(export.count("device.revoked"), 1);
}

async fn a_copied_renewal_opens_no_session(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let wire = site.wire(&day.staff[0], 1).await;
    let now = site.clock.now().millis();
    let request = wire.renewal(site.made.tenant.0, now);
    let renewed = site.anonymous.post("/v1/device-sessions", &request).await.done();
    assert!(renewed["token"].as_str().unwrap().len() >= 43);
    for old in [now, now - 1] {
        let copied = wire.renewal(site.made.tenant.0, old);
        site.anonymous
            .post("/v1/device-sessions", &copied)
            .await
            .problem("not-signed-in");
    }
    let stale = wire.renewal(site.made.tenant.0, now + 2 * 86_400_000);
    site.anonymous
        .post("/v1/device-sessions", &stale)
        .await
        .problem("not-signed-in");
    let next = wire.renewal(site.made.tenant.0, now + 1);
    site.anonymous.post("/v1/device-sessions", &next).await.done();
}

async fn a_device_that_was_away_for_a_month_goes_on(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    device.day_open().await.unwrap();
    site.clock.forward(40 * 86_400);
    device.day_close().await.unwrap();
    let report = device.push().await.unwrap();
    assert_eq!((report.sent, report.acknowledged, report.alarm), (2, 2, false));
    // Without the device's key nobody gets its session.
    let forged = json!({
        "tenant": site.made.tenant.0,
        "device": device.id(),
        "sent_wall_ms": site.clock.now().millis(),
        "sig": "A".repeat(86),
    });
    site.anonymous
        .post("/v1/device-sessions", &forged)
        .await
        .problem("not-signed-in");
    site.sign_everybody_in().await;
    let path = format!("/v1/devices/{}/revoke", device.id());
    site.administrator.post(&path, &Value::Null).await.done();
    site.clock.forward(40 * 86_400);
    device.day_open().await.unwrap();
    assert!(matches!(device.push().await, Err(DeviceError::Revoked)));
    assert_eq!(site.rows("event").await, 2);
    site.export().await.holds();
}

fn flags(answer: &Value) -> Vec<Vec<&str>> {
    let results = answer["results"].as_array().unwrap().iter();
    results
        .map(|result| {
            let flags = result["flags"].as_array().into_iter().flatten();
            flags.map(|flag| flag.as_str().unwrap()).collect()
        })
        .collect()
}

/// The door of a visit, wherever it stands in the day.
async fn door_of(device: &Device, visit: &Value) -> Door {
    let mut doors = device.doors().await.unwrap().into_iter();
    doors.find(|door| door.visit == id_of(&visit["visit"])).unwrap()
}

async fn another_crew_changes_nothing_but_what_protects(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    let visit = &day.visits[0];
    let door = door_of(&device, visit).await;
    let state = |visits: &[Value]| {
        let found = visits.iter().find(|one| one["id"] == visit["visit"]).unwrap();
        (found["state"].clone(), found["outcome"].clone())
    };
    let everybody = site.administrator.items("/v1/staff").await;
    let stranger = everybody
        .iter()
        .find(|one| one["crew"].is_string() && one["crew"] != day.staff[0]["crew"])
        .unwrap();
    let mut wire = site.wire(stranger, 1).await;
    site.when_it_starts(visit);
    let now = site.clock.now().millis();
    let payload = Payload {
        outcome: Some("MET_BORROWER".to_owned()),
        ..Payload::default()
    };
    let kinds = ["visit.arrived", "visit.outcome", "visit.departed", "stop.skipped"];
    let events: Vec<PushEvent> = kinds
        .iter()
        .map(|kind| wire.event_at_door(kind, &payload, door.visit_alias, now))
        .collect();
    let answer = wire.push(&events.iter().collect::<Vec<_>>()).await.done();
    assert_eq!(flags(&answer), [["other-crew"]; 4], "{answer}");
    let visits = site.supervisor.items("/v1/visits?day=2026-11-23").await;
    assert_eq!(state(&visits), (json!("planned"), Value::Null));
    let alarms = site.supervisor.items("/v1/alarms").await;
    assert_eq!(
        (alarms.len(), &alarms[0]["kind"]),
        (1, &json!("other-crew")),
        "{alarms:?}"
    );
    // If strangers were at the door the person was visited: the crew's own visit is one too many, and is told so.
    let started = checked_in(&device, visit, &day.staff).await;
    checked_out(&device, visit, &started, ContactOutcome::NobodyHome).await;
    device.push().await.unwrap();
    assert_eq!(site.supervisor.items("/v1/alarms").await[0]["state"], "open");
    let visits = site.supervisor.items("/v1/visits?day=2026-11-23").await;
    assert_eq!(state(&visits), (json!("finished"), json!("NOBODY_HOME")));
    assert_eq!(site.rows("conflict").await, 0);
    assert_eq!(
        site.rows("event with flags").await,
        5,
        "the strangers' and the second visit"
    );
    let told = visits.iter().find(|one| one["id"] == visit["visit"]).unwrap();
    assert_eq!(told["flags"], json!(["other-crew", "rule-blocked"]), "{told}");
    // Whoever heard it: that the person wants to be left in peace holds.
    let asked = wire.event_at_door("dnc.requested", &Payload::default(), door.visit_alias, now);
    assert_eq!(flags(&wire.push(&[&asked]).await.done()), [["other-crew"]]);
    let path = format!("/v1/cases/{}", visit["case"].as_str().unwrap());
    let case = site.supervisor.get(&path).await.done();
    assert!(
        case["flags"].as_array().unwrap().contains(&json!("cease_contact")),
        "{case}"
    );
    site.export().await.holds();
}

async fn two_partners_report_one_visit(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let mut devices = Vec::new();
    for staff in &day.staff {
        let device = site.device(staff).await;
        device.pull().await.unwrap();
        devices.push(device);
    }
    let visit = &day.visits[0];
    site.when_it_starts(visit);
    let promise = |amount: i64| PromiseMade {
        day: "2026-12-01".to_owned(),
        amount,
        currency: "EUR".to_owned(),
    };
    for device in &devices {
        let started = checked_in(device, visit, &day.staff).await;
        let input = FinishInput {
            matter: Some(MatterOutcome::Promise),
            promise: Some(promise(5_000)),
            ..ending(&started, ContactOutcome::MetBorrower)
        };
        device.visit_finish(id_of(&visit["visit"]), input).await.unwrap();
        device.push().await.unwrap();
    }
    assert_eq!(
        site.rows("event with flags").await,
        0,
        "the partner's check-in is no second visit"
    );
    assert_eq!((site.rows("promise").await, site.rows("conflict").await), (1, 0));
    // The two remember different amounts: both are kept, and a person settles it.
    let mut wire = site.wire(&day.staff[1], 1).await;
    let other = Payload {
        promise: Some(promise(6_000)),
        ..Payload::default()
    };
    let now = site.clock.now().millis();
    let alias = door_of(&devices[0], visit).await.visit_alias;
    let differs = wire.event_at_door("visit.promise", &other, alias, now);
    assert_eq!(flags(&wire.push(&[&differs]).await.done()), [["conflict"]]);
    assert_eq!(site.rows("promise").await, 2);
    let conflicts = site.supervisor.items("/v1/conflicts").await;
    assert_eq!(conflicts[0]["field"], "promise", "{conflicts:?}");
    site.export().await.holds();
}

/// The largest number that a header can hold.
const LARGEST: i64 = 9_007_199_254_740_991;

async fn times_that_cannot_be_are_kept_and_flagged(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    let alias = door_of(&device, &day.visits[0]).await.visit_alias;
    let enrolled = site.clock.now();
    let mut wire = site.wire(&day.staff[0], 1).await;
    site.when_it_starts(&day.visits[0]);
    let now = site.clock.now().millis();
    // A visit dated years back would hide from the rules that count visits.
    let payload = Payload::default();
    for (kind, wall) in [
        ("visit.arrived", now - 400 * 86_400_000),
        ("visit.departed", now + 60_000),
        ("day.open", -LARGEST),
        ("day.close", LARGEST),
        ("day.open", i64::from(i32::MIN)),
    ] {
        let event = wire.event_at_door(kind, &payload, alias, wall);
        let answer = wire.push(&[&event]).await.done();
        assert_eq!(answer["results"][0]["status"], "accepted", "{answer}");
        assert!(flags(&answer)[0].contains(&"clock-doubt"), "{kind} {wall}: {answer}");
    }
    for sent in [i64::MIN, i64::MAX, -LARGEST] {
        let event = wire.event_at_door("day.open", &payload, alias, now);
        let body = json!({"sync_version": 1, "sent_wall_ms": sent, "events": [event]});
        let answer = wire.client.post("/v1/sync/push", &body).await.done();
        assert!(flags(&answer)[0].contains(&"clock-doubt"), "{sent}: {answer}");
    }
    let visits = site.supervisor.items("/v1/visits?state=finished").await;
    let at = |name: &str| visits[0][name].as_i64().unwrap();
    assert_eq!((at("started_at"), at("finished_at")), (enrolled.get(), now * 1_000));
    site.export().await.holds();
}

async fn who_was_given_a_door_may_report_on_it(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    let visit = &day.visits[0];
    site.when_it_starts(visit);
    let started = checked_in(&device, visit, &day.staff).await;
    checked_out(&device, visit, &started, ContactOutcome::NobodyHome).await;
    // Offline since; the office moves them to another crew, and their device pulls before it pushes.
    let login = day.staff[0]["login"].as_str().unwrap();
    let mut cells = csv_cells(&sample("porto-staff.csv"));
    cells.retain(|row| row[0] == "staff_no" || row[0] == login);
    let crew = cells[0].iter().position(|name| name == "crew").unwrap();
    "C99".clone_into(&mut cells[1][crew]);
    let path = format!("/v1/staff/import?team={}", site.made.team);
    site.administrator.upload(&path, csv_text(&cells)).await.done();
    device.pull().await.unwrap();
    device.push().await.unwrap();
    assert_eq!(site.rows("event with flags").await, 0);
    assert_eq!(site.supervisor.items("/v1/visits?state=finished").await.len(), 1);
}

async fn the_stricter_of_two_reports_counts(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let mut devices = Vec::new();
    for staff in &day.staff {
        let device = site.device(staff).await;
        device.pull().await.unwrap();
        devices.push(device);
    }
    let report = async |site: &Deployment, visit: &Value, outcomes: [ContactOutcome; 2]| {
        for (device, outcome) in devices.iter().zip(outcomes) {
            let started = checked_in(device, visit, &day.staff).await;
            checked_out(device, visit, &started, outcome).await;
            device.push().await.unwrap();
        }
        let path = format!("/v1/cases/{}", visit["case"].as_str().unwrap());
        site.supervisor.get(&path).await.done()["contacts"][0]["outcome"].clone()
    };
    site.when_it_starts(&day.visits[0]);
    let kept = report(
        site,
        &day.visits[0],
        [ContactOutcome::MetBorrower, ContactOutcome::AskedToLeave],
    )
    .await;
    assert_eq!(kept, "ASKED_TO_LEAVE");
    site.when_it_starts(&day.visits[1]);
    let kept = report(
        site,
        &day.visits[1],
        [ContactOutcome::Moved, ContactOutcome::MetBorrower],
    )
    .await;
    assert_eq!(kept, "MOVED");
    assert_eq!(site.rows("conflict").await, 2);
    // A week later neither door may be rung.
    site.clock.forward(8 * 86_400);
    site.sign_everybody_in().await;
    let plan = site.proposed_plan_for("2026-12-02").await;
    for (visit, rule) in day.visits.iter().zip(["HOUSE-REST-ASKED", "HOUSE-STOP-ADDRESS"]) {
        let path = format!(
            "/v1/plans/{}/why/{}",
            plan["id"].as_str().unwrap(),
            visit["case"].as_str().unwrap()
        );
        let why = site.supervisor.get(&path).await.done();
        let rules: Vec<&Value> = why["verdict"]["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| &finding["rule"])
            .collect();
        assert!(rules.contains(&&json!(rule)), "{rule}: {why}");
    }
}

async fn what_settles_or_suspends_a_case_ends_its_visits(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    let matters = [
        (MatterOutcome::PaidInFull, "settled", "none"),
        (MatterOutcome::InCustody, "open", "review-restriction"),
        (MatterOutcome::Promise, "open", "await-promise"),
        (MatterOutcome::Refused, "open", "plan"),
    ];
    for (visit, (matter, ..)) in day.visits.iter().zip(matters) {
        site.when_it_starts(visit);
        let started = checked_in(&device, visit, &day.staff).await;
        let promise = PromiseMade {
            day: "2026-12-01".to_owned(),
            amount: 5_000,
            currency: "EUR".to_owned(),
        };
        let input = FinishInput {
            matter: Some(matter),
            promise: (matter == MatterOutcome::Promise).then_some(promise),
            ..ending(&started, ContactOutcome::MetBorrower)
        };
        device.visit_finish(id_of(&visit["visit"]), input).await.unwrap();
    }
    device.push().await.unwrap();
    site.sign_everybody_in().await;
    let exported = csv_cells(&site.supervisor.get("/v1/cases/export").await.file());
    let column = |name: &str| exported[0].iter().position(|found| found == name).unwrap();
    let number = column("case_no");
    for (visit, (matter, status, next)) in day.visits.iter().zip(matters) {
        let path = format!("/v1/cases/{}", visit["case"].as_str().unwrap());
        let case = site.supervisor.get(&path).await.done();
        let row = exported
            .iter()
            .find(|row| case["case_no"] == row[number].as_str())
            .unwrap();
        let cell = |name: &str| row[column(name)].as_str();
        assert_eq!(cell("doorstep_status"), status, "{matter}");
        assert_eq!(cell("doorstep_next_step"), next, "{matter}");
        assert_eq!(cell("doorstep_outcome"), "MET_BORROWER");
        assert_eq!(cell("doorstep_matter"), matter.code());
        assert!(cell("doorstep_started_at").starts_with("2026-11-23 ") && !cell("doorstep_finished_at").is_empty());
        let promised = matter == MatterOutcome::Promise;
        assert_eq!(cell("doorstep_promise_day"), if promised { "2026-12-01" } else { "" });
        assert_eq!(cell("doorstep_promise_amount"), if promised { "50.00 EUR" } else { "" });
        let blocked = case["verdict"]["effect"] == "block";
        assert!(
            blocked || promised || matter == MatterOutcome::Refused,
            "{matter}: {case}"
        );
    }
    a_promise_ends_with_its_day(site, &day.visits[2]).await;
}

/// Then the case may be visited again, and a visit that is only planned is not reported.
async fn a_promise_ends_with_its_day(site: &mut Deployment, visit: &Value) {
    site.clock.forward(9 * 86_400);
    site.sign_everybody_in().await;
    let next = site.proposed_plan_for("2026-12-03").await;
    site.publish(&next).await.done();
    let exported = csv_cells(&site.supervisor.get("/v1/cases/export").await.file());
    let column = |name: &str| exported[0].iter().position(|found| found == name).unwrap();
    let number = column("case_no");
    let path = format!("/v1/cases/{}", visit["case"].as_str().unwrap());
    let case = site.supervisor.get(&path).await.done();
    // After three visits a supervisor must look at the case first, so that it may not be planned again.
    let visits = case["visits"].as_array().unwrap().len();
    assert!(visits == 2 || case["visits_before"] == 2, "{case}");
    let row = exported
        .iter()
        .find(|row| case["case_no"] == row[number].as_str())
        .unwrap();
    assert_eq!(row[column("doorstep_next_step")], "plan");
    assert_eq!(row[column("doorstep_outcome")], "MET_BORROWER");
}

async fn a_visit_is_not_dated_back(site: &mut Deployment) {
    let staff = site.has_porto_staff().await;
    // Devices that were enrolled long before the plan.
    let mut wires = Vec::new();
    for (seed, one) in (1_u8..).zip(staff.iter().filter(|one| one["crew"].is_string())) {
        wires.push((one["crew"].clone(), site.wire(one, seed).await));
    }
    site.supervisor.import(sample("porto-messy.csv")).await;
    let plan = site.published_plan().await;
    let published = site.clock.now();
    let route = &plan["routes"][0];
    let visit = &route["visits"][0];
    let (_, wire) = wires.iter_mut().find(|(crew, _)| *crew == route["crew"]).unwrap();
    wire.subjects = site.subjects().await;
    let pulled = wire.client.get("/v1/sync/pull").await.done();
    let doors = pulled["ops"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|op| op["noun"] == "door");
    let bodies = doors.map(|op| serde_json::from_str::<Value>(op["body"].as_str().unwrap()).unwrap());
    let door = bodies.into_iter().find(|door| door["visit"] == visit["visit"]).unwrap();
    site.when_it_starts(visit);
    let now = site.clock.now().millis();
    let alias = id_of(&door["visit_alias"]);
    let arrived = wire.event_at_door("visit.arrived", &Payload::default(), alias, now - 60 * 86_400_000);
    let answer = wire.push(&[&arrived]).await.done();
    assert!(flags(&answer)[0].contains(&"clock-doubt"), "{answer}");
    let departed = wire.event_at_door("visit.departed", &Payload::default(), alias, now);
    wire.push(&[&departed]).await.done();
    // Nor is one event dated before the one before it.
    let late = wire.event_at_door("visit.note", &Payload::default(), alias, now - 3_600_000);
    let answer = wire.push(&[&late]).await.done();
    assert!(flags(&answer)[0].contains(&"clock-doubt"), "{answer}");
    let visits = site.supervisor.items("/v1/visits?state=finished").await;
    assert_eq!(
        visits[0]["started_at"],
        published.get(),
        "since the device was given the door"
    );
}

async fn a_device_hears_of_a_new_plan(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let device = site.device(&day.staff[0]).await;
    let (soon, long) = (Duration::from_millis(300), Duration::from_secs(30));
    // Nobody knows what was missed before the first word.
    assert!(device.wake(long).await.unwrap());
    device.pull().await.unwrap();
    while device.wake(soon).await.unwrap() {}
    let held = device.doors().await.unwrap();
    let (woken, replanned) = tokio::join!(device.wake(long), async {
        let plan = site.proposed_plan().await;
        site.publish(&plan).await.done()
    });
    assert!(woken.unwrap(), "a publication wakes every device");
    assert_eq!(replanned["state"], "published");
    device.pull().await.unwrap();
    let now = device.doors().await.unwrap();
    assert!(
        now.iter().all(|door| held.iter().all(|old| old.visit != door.visit)),
        "the old plan's visits are gone"
    );
    // Another device's session hears nothing without being asked who it is.
    let (status, code) = site
        .anonymous
        .status(site.anonymous.request(reqwest::Method::GET, "/v1/sync/wake"))
        .await;
    assert_eq!((status, code.as_deref()), (401, Some("not-signed-in")));
}

/// The permit says who of the crew is certified, so that the device knows it without a network.
async fn a_partner_without_certificate_stays_in_the_car(site: &mut Deployment) {
    let staff = site.has_porto_staff().await;
    site.supervisor.import(sample("porto-messy.csv")).await;
    let plan = site.published_plan().await;
    let expired = staff
        .iter()
        .find(|one| {
            one["certificate_until"]
                .as_str()
                .is_some_and(|until| until < "2026-11-23")
        })
        .unwrap();
    let route = plan["routes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|route| route["crew"] == expired["crew"]);
    let visit = &route.unwrap()["visits"][0];
    let partner = staff
        .iter()
        .find(|one| one["crew"] == expired["crew"] && one["id"] != expired["id"])
        .unwrap();
    let device = site.device(partner).await;
    device.pull().await.unwrap();
    let permit = device.permit().await.unwrap().unwrap();
    let certified = |one: &Value| {
        permit
            .staff
            .iter()
            .find(|member| one["id"] == json!(member.id))
            .unwrap()
            .certified
    };
    assert!(certified(partner) && !certified(expired), "{:?}", permit.staff);
    site.when_it_starts(visit);
    let start = |staff: &[&Value]| StartInput {
        staff: staff.iter().map(|one| id_of(&one["id"])).collect(),
        identity_shown: true,
        ..StartInput::default()
    };
    let both = device
        .visit_start(id_of(&visit["visit"]), start(&[partner, expired]))
        .await;
    let Err(DeviceError::Blocked(reasons)) = both else {
        panic!("a visit with somebody who may not be sent: {both:?}");
    };
    assert_eq!(
        reasons.iter().map(Blocked::rule).collect::<Vec<_>>(),
        ["HOUSE-CERTIFICATE"]
    );
    device
        .visit_start(id_of(&visit["visit"]), start(&[partner]))
        .await
        .unwrap();
    device.push().await.unwrap();
    assert_eq!(site.rows("event with flags").await, 0);
}

async fn a_damaged_log_keeps_no_crew_from_its_doors(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let device = site.device(&day.staff[0]).await;
    site.export().await;
    assert!(!device.pull().await.unwrap().alarm);
    device.day_open().await.unwrap();
    device.push().await.unwrap();
    // Has what was pushed placed and signed.
    site.export().await;
    let tiles = "DELETE FROM log_tile WHERE name = 'events'";
    assert!(site.app().store().tamper(tiles).await.unwrap() > 0);
    let pulled = device.pull().await.unwrap();
    assert!(pulled.alarm, "nothing proves that the log only grew");
    assert_eq!(device.doors().await.unwrap().len(), day.all.len());
    assert_eq!(device.suspect_notes().await.unwrap()[0].code, "not-extended");
    let report = device.push().await.unwrap();
    assert_eq!((report.sent, report.acknowledged), (1, 1), "what it saw is told");
}
