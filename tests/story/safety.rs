//! Safety: silence after an expected check-out, calls for help, who hears of them, and how they end.

use doorstep_domain::contact::ContactOutcome;
use doorstep_domain::measure::{Clock as _, Micros};
use doorstep_wire::sync::{Payload, Position, PushEvent};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{
    Answered, Client, CrewDay, Deployment, Wire, checked_in, checked_out, csv_cells, csv_text, id_of, sample,
};

stories!(
    silence_raises_one_alarm_that_colleagues_hear,
    a_departure_that_was_in_time_is_recorded_as_such,
    a_call_for_help_is_heard_before_anything_else,
    a_call_for_help_is_heard_from_a_device_that_is_locked_out,
    a_crew_of_one_has_its_team_for_partner,
    alarms_are_answered_by_people,
    the_last_place_goes_with_the_shift,
    the_last_place_goes_with_the_person,
);

/// Seconds of the grace after an expected check-out.
const GRACE: i64 = 300;

pub(super) fn here(position: [i64; 2]) -> Payload {
    Payload {
        position: Some(Position {
            lat_e7: position[0],
            lon_e7: position[1],
            accuracy_m: 12,
            mock: false,
        }),
        ..Payload::default()
    }
}

pub(super) fn call(position: Option<[i64; 2]>) -> Payload {
    Payload {
        reason: Some("sos".to_owned()),
        ..position.map(here).unwrap_or_default()
    }
}

/// What a device gets in a first pull, of one noun.
pub(super) async fn pulled(client: &Client, noun: &str) -> Vec<Value> {
    let answer = client.get("/v1/sync/pull").await.done();
    let ops = answer["ops"].as_array().unwrap().iter();
    let ops = ops.filter(|op| op["noun"] == noun && op["op"] == "put");
    ops.map(|op| serde_json::from_str(op["body"].as_str().unwrap()).unwrap())
        .collect()
}

async fn alarms(site: &Deployment) -> Vec<Value> {
    site.supervisor.items("/v1/alarms").await
}

/// Somebody of another crew.
async fn stranger(site: &Deployment, day: &CrewDay) -> Value {
    let everybody = site.administrator.items("/v1/staff").await;
    let other = |one: &Value| one["crew"].is_string() && one["crew"] != day.staff[0]["crew"];
    everybody.into_iter().find(other).unwrap()
}

/// The alias of the crew's first visit, as its device gets it.
pub(super) async fn alias_of_first(wire: &Wire, day: &CrewDay) -> Uuid {
    let doors = pulled(&wire.client, "door").await;
    let first = doors
        .iter()
        .find(|door| door["visit"] == day.visits[0]["visit"])
        .unwrap();
    id_of(&first["visit_alias"])
}

async fn silence_raises_one_alarm_that_colleagues_hear(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let (mut wire, partner) = (site.wire(&day.staff[0], 1).await, site.wire(&day.staff[1], 2).await);
    let foreign = site.wire(&stranger(site, &day).await, 3).await;
    let alias = alias_of_first(&wire, &day).await;
    site.when_it_starts(&day.visits[0]);
    let now = site.clock.now().millis();
    let arrived = wire.event_at_door("visit.arrived", &here([411_580_000, -86_290_000]), alias, now);
    wire.push(&[&arrived]).await.done();
    let visits = site.supervisor.items("/v1/visits?day=2026-11-23").await;
    let visit = visits.iter().find(|one| one["id"] == day.visits[0]["visit"]).unwrap();
    let due = visit["due_out"].as_i64().unwrap();
    // Nothing more is heard. At the last moment of the grace nothing is wrong; a moment later it is.
    site.clock.set(Micros(due + GRACE * 1_000_000));
    site.app().run_overdue().await.unwrap();
    assert_eq!(alarms(site).await, Vec::<Value>::new());
    let wake = site.app().wake();
    let before = *wake.borrow();
    site.clock.set(Micros(due + GRACE * 1_000_000 + 1));
    site.app().run_overdue().await.unwrap();
    assert!(*wake.borrow() > before, "devices are woken");
    site.restart().await;
    assert_eq!(
        site.app().run_overdue().await.unwrap(),
        0,
        "raised once, also across restarts"
    );
    let raised = alarms(site).await;
    assert_eq!(raised.len(), 1, "{raised:?}");
    assert_eq!(
        (
            &raised[0]["kind"],
            &raised[0]["state"],
            &raised[0]["visit"],
            &raised[0]["staff"]
        ),
        (
            &json!("check-out-overdue"),
            &json!("open"),
            &day.visits[0]["visit"],
            &day.staff[0]["login"]
        )
    );
    assert_eq!(raised[0]["crew"], day.staff[0]["crew"]);
    assert_eq!(raised[0]["position"]["lat_e7"], 411_580_000);
    let again = |wire: &Wire| site.anonymous.with_token(wire.client.token());
    assert_eq!(
        pulled(&again(&wire), "alarm").await,
        Vec::<Value>::new(),
        "not to who is silent"
    );
    assert_eq!(
        pulled(&again(&foreign), "alarm").await,
        Vec::<Value>::new(),
        "not to other crews"
    );
    let heard = pulled(&again(&partner), "alarm").await;
    let expected = json!({
        "id": raised[0]["id"], "kind": "check-out-overdue", "state": "open", "raised_at": raised[0]["raised_at"],
        "visit": day.visits[0]["visit"], "staff": day.staff[0]["login"],
        "lat_e7": 411_580_000, "lon_e7": -86_290_000,
    });
    assert_eq!(heard, [expected], "who and where, and nothing of whom they visit");
    it_ends_with_the_departure(site, (&mut wire, &partner), alias).await;
}

async fn it_ends_with_the_departure(site: &Deployment, (wire, partner): (&mut Wire, &Wire), alias: Uuid) {
    let (wire_client, partner) = (
        site.anonymous.with_token(wire.client.token()),
        site.anonymous.with_token(partner.client.token()),
    );
    let cursor = partner.get("/v1/sync/pull").await.done()["cursor"]
        .as_str()
        .unwrap()
        .to_owned();
    site.clock.forward(60);
    let departed = wire.event_at_door("visit.departed", &Payload::default(), alias, site.clock.now().millis());
    let body = json!({"sync_version": 1, "sent_wall_ms": site.clock.now().millis(), "events": [departed]});
    wire_client.post("/v1/sync/push", &body).await.done();
    let ended = alarms(site).await.remove(0);
    assert_eq!(
        (&ended["state"], &ended["ended_why"]),
        (&json!("ended"), &json!("departed"))
    );
    assert_eq!(
        ended["position"],
        Value::Null,
        "when it is over, nobody needs to know where they are"
    );
    let after = partner.get(&format!("/v1/sync/pull?cursor={cursor}")).await.done();
    let removed = json!({"op": "remove", "bucket": "assignee", "noun": "alarm", "id": ended["id"]});
    assert!(after["ops"].as_array().unwrap().contains(&removed), "{after}");
    let export = site.export().await;
    export.holds();
    assert_eq!((export.count("visit.overdue"), export.count("alarm.ended")), (1, 1));
    assert!(!export.log_text().contains("411580000"), "no place in the log");
}

async fn a_departure_that_was_in_time_is_recorded_as_such(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    site.when_it_starts(&day.visits[0]);
    let started = checked_in(&device, &day.visits[0], &day.staff).await;
    device.push().await.unwrap();
    // They leave after a minute, and there is no network for hours.
    site.clock.forward(60);
    checked_out(&device, &day.visits[0], &started, ContactOutcome::NobodyHome).await;
    site.clock.forward(3 * 3_600);
    site.app().run_overdue().await.unwrap();
    assert_eq!(alarms(site).await[0]["state"], "open", "the server cannot know");
    device.push().await.unwrap();
    let ended = alarms(site).await.remove(0);
    assert_eq!(
        (&ended["state"], &ended["ended_why"], &ended["ended_by"]),
        (&json!("ended"), &json!("departed-in-time"), &Value::Null)
    );
    assert!(site.export().await.log_text().contains("departed-in-time"));
}

async fn a_call_for_help_is_heard_before_anything_else(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let (mut wire, partner) = (site.wire(&day.staff[0], 1).await, site.wire(&day.staff[1], 2).await);
    let first = wire.event("day.open", None);
    let sos = wire.event("incident", Some(&call(Some([411_500_000, -86_200_000]))));
    let wrong = PushEvent {
        sig: first.sig.clone(),
        ..sos.clone()
    };
    wire.push(&[&wrong]).await.problem("bad-signature");
    assert_eq!(
        alarms(site).await,
        Vec::<Value>::new(),
        "a signature that does not fit says nothing"
    );
    // The event before it has not arrived, so the call is only held; it is heard all the same.
    assert_eq!(wire.statuses(&[&sos]).await, ["held"]);
    let raised = alarms(site).await;
    assert_eq!(raised.len(), 1, "{raised:?}");
    assert_eq!(
        (
            &raised[0]["kind"],
            &raised[0]["staff"],
            &raised[0]["crew"],
            &raised[0]["visit"]
        ),
        (
            &json!("sos"),
            &day.staff[0]["login"],
            &day.staff[0]["crew"],
            &Value::Null
        )
    );
    assert_eq!(raised[0]["position"]["lat_e7"], 411_500_000);
    assert_eq!(wire.statuses(&[&sos]).await, ["held"]);
    assert_eq!(wire.statuses(&[&first, &sos]).await, ["accepted", "accepted"]);
    assert_eq!(wire.statuses(&[&sos]).await, ["duplicate"]);
    let caught_up = alarms(site).await;
    assert_eq!(caught_up, raised, "raised once, whatever comes again");
    let heard = pulled(&partner.client, "alarm").await;
    assert_eq!((heard.len(), &heard[0]["kind"]), (1, &json!("sos")));
    // Another event of the same push that cannot be taken keeps nobody from being heard.
    let second = wire.event("incident", Some(&call(None)));
    let broken = PushEvent {
        hdr: "?".to_owned(),
        ..second.clone()
    };
    wire.push(&[&broken, &second]).await.problem("bad-request");
    assert_eq!(alarms(site).await.len(), 2);
    // An incident of another kind is no call; one whose content got lost counts as one.
    let other = wire.signed("incident", Some(&Payload::default()));
    assert_eq!(wire.statuses(&[&other]).await, ["held"]);
    assert_eq!(alarms(site).await.len(), 2);
    let lost = PushEvent {
        payload: None,
        ..wire.signed("incident", Some(&call(None)))
    };
    assert_eq!(wire.statuses(&[&lost]).await, ["held"]);
    assert_eq!(alarms(site).await.len(), 3);
    let export = site.export().await;
    export.holds();
    assert_eq!(export.count("alarm.raised"), 3);
}

async fn a_call_for_help_is_heard_from_a_device_that_is_locked_out(site: &mut Deployment) {
    let staff = site.has_porto_staff().await;
    let (mut revoked, mut split) = (site.wire(&staff[0], 1).await, site.wire(&staff[2], 2).await);
    let path = format!("/v1/devices/{}/revoke", revoked.device);
    site.administrator.post(&path, &Value::Null).await.done();
    let sos = revoked.event("incident", Some(&call(None)));
    assert_eq!(revoked.push(&[&sos]).await.done()["revoked"], true);
    assert_eq!(alarms(site).await.len(), 1);
    // The call itself is one side of the fork.
    let (copy, first) = (
        split.signed("incident", Some(&call(None))),
        split.event("day.open", None),
    );
    assert_eq!(split.statuses(&[&first]).await, ["accepted"]);
    split.push(&[&copy]).await.problem("device-fork");
    assert_eq!(alarms(site).await.len(), 2);
    let after = split.event("incident", Some(&call(None)));
    split.push(&[&after]).await.problem("device-fork");
    let raised = alarms(site).await;
    assert_eq!(raised.len(), 3);
    assert!(
        raised
            .iter()
            .all(|alarm| alarm["kind"] == "sos" && alarm["state"] == "open")
    );
    assert_eq!(
        site.rows("event").await,
        2,
        "nothing else of the one that split is taken"
    );
    revoked.client.get("/v1/sync/pull").await.problem("device-revoked");
}

async fn a_crew_of_one_has_its_team_for_partner(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let alone = stranger(site, &day).await;
    let mut rows = csv_cells(&sample("porto-staff.csv"));
    rows.retain(|row| row[0] == "staff_no" || alone["login"] == row[0].as_str());
    "C77".clone_into(&mut rows[1][3]);
    let path = format!("/v1/staff/import?team={}", site.made.team);
    site.administrator.upload(&path, csv_text(&rows)).await.done();
    let mut wire = site.wire(&alone, 1).await;
    let colleague = site.wire(&day.staff[0], 2).await;
    let sos = wire.event("incident", Some(&call(Some([411_500_000, -86_200_000]))));
    assert_eq!(wire.statuses(&[&sos]).await, ["accepted"]);
    let heard = pulled(&colleague.client, "alarm").await;
    assert_eq!(heard.len(), 1);
    assert_eq!(
        (&heard[0]["staff"], &heard[0]["lat_e7"]),
        (&alone["login"], &json!(411_500_000))
    );
    site.clock.forward(2 * 86_400);
    assert_eq!(
        pulled(&colleague.client, "alarm").await,
        Vec::<Value>::new(),
        "not at work any more"
    );
}

async fn alarms_are_answered_by_people(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let (mut wire, partner) = (site.wire(&day.staff[0], 1).await, site.wire(&day.staff[1], 2).await);
    let alias = alias_of_first(&wire, &day).await;
    site.when_it_starts(&day.visits[0]);
    let now = site.clock.now().millis();
    let arrived = wire.event_at_door("visit.arrived", &Payload::default(), alias, now);
    let sos = wire.event("incident", Some(&call(None)));
    wire.push(&[&arrived, &sos]).await.done();
    site.clock.forward(3 * 3_600);
    site.app().run_overdue().await.unwrap();
    let raised = alarms(site).await;
    let of = |kind: &str| {
        raised.iter().find(|alarm| alarm["kind"] == kind).unwrap()["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let (overdue, sos) = (of("check-out-overdue"), of("sos"));
    an_extended_alarm_opens_again(site, &overdue, &sos).await;
    a_call_ends_by_a_person(site, &sos, &partner).await;
    answer(
        &site.supervisor,
        day.visits[0]["visit"].as_str().unwrap(),
        "end",
        json!({"note": "x"}),
    )
    .await
    .problem("not-found");
    let export = site.export().await;
    export.holds();
    let counts = ["alarm.extended", "alarm.acknowledged", "alarm.ended"].map(|kind| export.count(kind));
    assert_eq!(counts, [1, 1, 1]);
    assert!(!export.log_text().contains("Alegria"), "notes are sealed");
}

async fn answer(client: &Client, id: &str, what: &str, body: Value) -> Answered {
    client.post(&format!("/v1/alarms/{id}/{what}"), &body).await
}

async fn an_extended_alarm_opens_again(site: &Deployment, overdue: &str, sos: &str) {
    // Five more minutes, then it opens again by itself.
    let five = json!({"minutes": 5, "reason": "reached by phone"});
    answer(&site.supervisor, sos, "extend", five.clone())
        .await
        .problem("bad-request");
    answer(
        &site.supervisor,
        overdue,
        "extend",
        json!({"minutes": 31, "reason": "x"}),
    )
    .await
    .problem("bad-request");
    let quiet = answer(&site.second_supervisor, overdue, "extend", five).await.done();
    assert_eq!(
        (&quiet["state"], &quiet["note"], &quiet["acknowledged_by"]),
        (&json!("acknowledged"), &json!("reached by phone"), &json!("second"))
    );
    site.clock.forward(5 * 60 - 1);
    assert_eq!(site.app().run_overdue().await.unwrap(), 0);
    site.clock.forward(1);
    site.app().run_overdue().await.unwrap();
    let again = alarms(site).await;
    assert_eq!(again.iter().find(|one| one["id"] == overdue).unwrap()["state"], "open");
}

async fn a_call_ends_by_a_person(site: &Deployment, sos: &str, partner: &Wire) {
    // A call for help is taken up by one, and ended with a note; colleagues hear of both.
    let taken = answer(&site.administrator, sos, "acknowledge", json!({})).await.done();
    assert_eq!(
        (&taken["state"], &taken["acknowledged_by"]),
        (&json!("acknowledged"), &json!("admin"))
    );
    let heard = pulled(&partner.client, "alarm").await;
    assert_eq!(
        heard.iter().find(|one| one["id"] == sos).unwrap()["state"],
        "acknowledged"
    );
    answer(&site.supervisor, sos, "end", json!({"note": "  "}))
        .await
        .problem("bad-request");
    let over = answer(
        &site.supervisor,
        sos,
        "end",
        json!({"note": "Rua da Alegria, all well"}),
    )
    .await
    .done();
    assert_eq!(
        (&over["state"], &over["ended_why"], &over["ended_by"], &over["note"]),
        (
            &json!("ended"),
            &json!("person"),
            &json!("supervisor"),
            &json!("Rua da Alegria, all well")
        )
    );
    answer(&site.supervisor, sos, "acknowledge", json!({}))
        .await
        .problem("changed");
    assert!(
        pulled(&partner.client, "alarm")
            .await
            .iter()
            .all(|one| one["id"] != sos)
    );
}

async fn the_last_place_goes_with_the_shift(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let mut wire = site.wire(&day.staff[0], 1).await;
    let alias = alias_of_first(&wire, &day).await;
    site.when_it_starts(&day.visits[0]);
    let now = site.clock.now().millis();
    let arrived = wire.event_at_door("visit.arrived", &here([411_580_000, -86_290_000]), alias, now);
    let departed = wire.event_at_door("visit.departed", &here([411_580_001, -86_290_000]), alias, now + 60_000);
    site.clock.forward(60);
    wire.push(&[&arrived, &departed]).await.done();
    assert_eq!(site.rows("device_place").await, 1, "one place, no track");
    site.app().run_overdue().await.unwrap();
    assert_eq!(site.rows("device_place").await, 1);
    site.clock.forward(18 * 3_600 + 1);
    site.app().run_overdue().await.unwrap();
    assert_eq!(site.rows("device_place").await, 0, "forgotten after the shift");
}

async fn the_last_place_goes_with_the_person(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let mut wire = site.wire(&day.staff[0], 1).await;
    let alias = alias_of_first(&wire, &day).await;
    site.when_it_starts(&day.visits[0]);
    let now = site.clock.now().millis();
    let arrived = wire.event_at_door("visit.arrived", &here([411_580_000, -86_290_000]), alias, now);
    wire.push(&[&arrived]).await.done();
    let case = format!("/v1/cases/{}", day.visits[0]["case"].as_str().unwrap());
    let person = site.supervisor.get(&case).await.done()["person"].clone();
    let ask = json!({"kind": "person.erase", "subject": person, "reason": "person-asked"});
    let asked = site.supervisor.post("/v1/approvals", &ask).await.done();
    let approval = asked["id"].as_str().unwrap();
    let path = format!("/v1/approvals/{approval}/answer");
    let agreed = site.second_supervisor.post(&path, &json!({"approve": true})).await;
    agreed.done();
    assert_eq!(site.rows("device_place").await, 1);
    let path = format!("/v1/persons/{}/erase?approval={approval}", person.as_str().unwrap());
    site.supervisor.post(&path, &Value::Null).await.done();
    assert_eq!(
        site.rows("device_place").await,
        0,
        "where a crew was is where the person lives"
    );
}
