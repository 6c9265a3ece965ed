//! The day as its supervisor sees it go: what crews are doing, where they are, and who may see what of it.

use doorstep_app::setup::StaffRequest;
use doorstep_domain::id::{AgencyId, TeamId};
use doorstep_domain::measure::Clock as _;
use doorstep_domain::staff::Role;
use doorstep_wire::sync::Payload;
use serde_json::{Value, json};
use uuid::Uuid;

use super::safety::{alias_of_first, call, here};
use crate::harness::{Client, Deployment, PASSWORD, Wire, sample};

stories!(
    a_day_is_seen_as_it_goes,
    one_read_entry_names_everybody_shown,
    nobody_sees_more_of_the_day_than_they_may
);

const PLACE: [i64; 2] = [411_580_000, -86_290_000];

async fn crew_of(client: &Client, staff: &Value) -> Value {
    let view = client.get("/v1/live?day=2026-11-23").await.done();
    let crews = view["crews"].as_array().unwrap();
    crews.iter().find(|crew| crew["crew"] == staff["crew"]).unwrap().clone()
}

/// Sends one event as of now; about the visit if it is one of a visit.
async fn send(site: &Deployment, (wire, alias): (&mut Wire, Uuid), kind: &str, payload: Payload) {
    let now = site.clock.now().millis();
    let event = if kind.starts_with("visit.") {
        wire.event_at_door(kind, &payload, alias, now)
    } else {
        wire.event(kind, Some(&payload))
    };
    wire.push(&[&event]).await.done();
}

async fn a_day_is_seen_as_it_goes(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let mut wire = site.wire(&day.staff[0], 1).await;
    let alias = alias_of_first(&wire, &day).await;
    site.when_it_starts(&day.visits[0]);
    let crew = async || crew_of(&site.supervisor, &day.staff[0]).await;
    let before = crew().await;
    assert_eq!(before["state"], "not-started", "{before}");
    assert_eq!(before["planned"], day.all.len());
    let stops = before["stops"].as_array().unwrap();
    let visits: Vec<&Value> = stops.iter().map(|stop| &stop["visit"]).collect();
    let route: Vec<&Value> = day.all.iter().map(|visit| &visit["visit"]).collect();
    assert_eq!(visits, route, "in the order of the route");
    assert!(
        stops
            .iter()
            .all(|stop| stop["lat_e7"].is_i64() && !stop["case_no"].as_str().unwrap().is_empty())
    );
    // Of those behind one door a device shows one after the other, so the first visit need not be the first stop.
    let first = stops
        .iter()
        .find(|stop| stop["visit"] == day.visits[0]["visit"])
        .unwrap();
    let wakes = site.app().wake_of_office();
    let count = *wakes.borrow();
    send(site, (&mut wire, alias), "day.open", Payload::default()).await;
    assert!(*wakes.borrow() > count, "the office is woken by a push");
    assert_eq!(crew().await["state"], "travelling");
    site.clock.forward(1_800);
    assert_eq!(crew().await["state"], "travelling");
    site.clock.forward(1);
    assert_eq!(crew().await["state"], "silent", "half an hour without a word");
    send(site, (&mut wire, alias), "visit.arrived", here(PLACE)).await;
    let there = crew().await;
    assert_eq!(
        (&there["state"], &there["late_s"]),
        (&json!("on-site"), &json!(1_801)),
        "{there}"
    );
    assert_eq!(there["on_site"]["visit"], day.visits[0]["visit"]);
    assert_eq!(there["on_site"]["case_no"], first["case_no"]);
    assert_eq!(there["position"]["lat_e7"], PLACE[0]);
    it_ends_well(site, (&mut wire, alias), &day.staff[0], &first["case_no"]).await;
}

/// Overdue, a call for help, and home.
async fn it_ends_well(site: &Deployment, (wire, alias): (&mut Wire, Uuid), staff: &Value, case_no: &Value) {
    let crew = async || crew_of(&site.supervisor, staff).await;
    site.clock.forward(3 * 3_600);
    assert_eq!(
        crew().await["state"],
        "overdue",
        "also before the scan has raised its alarm"
    );
    site.app().run_overdue().await.unwrap();
    let view = site.supervisor.get("/v1/live").await.done();
    assert_eq!(
        (&view["alarms"], &view["day"]),
        (&json!(1), &json!("2026-11-23")),
        "{view}"
    );
    send(site, (wire, alias), "incident", call(Some([411_600_000, PLACE[1]]))).await;
    let calls = crew().await;
    assert_eq!(
        (&calls["state"], &calls["position"]["lat_e7"]),
        (&json!("sos"), &json!(411_600_000))
    );
    for alarm in site.supervisor.items("/v1/alarms").await {
        let path = format!("/v1/alarms/{}/end", alarm["id"].as_str().unwrap());
        site.supervisor.post(&path, &json!({"note": "reached"})).await.done();
    }
    send(site, (wire, alias), "visit.departed", Payload::default()).await;
    let gone = crew().await;
    assert_eq!((&gone["done"], &gone["on_site"]), (&json!(1), &Value::Null));
    send(site, (wire, alias), "day.close", Payload::default()).await;
    let home = crew().await;
    assert_eq!(
        (&home["state"], &home["position"]),
        (&json!("done"), &Value::Null),
        "nobody is followed home"
    );
    let feed = site.supervisor.get("/v1/live?day=2026-11-23").await.done()["feed"].clone();
    let kinds: Vec<&str> = feed
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["kind"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        ["day.close", "visit.departed", "incident", "visit.arrived", "day.open"]
    );
    assert_eq!(feed[1]["case_no"], *case_no);
}

async fn one_read_entry_names_everybody_shown(site: &mut Deployment) {
    site.crew_day(sample("porto-messy.csv")).await;
    let before = site.export().await.count("access");
    let view = site.supervisor.get("/v1/live?day=2026-11-23").await.done();
    let stops: usize = view["crews"]
        .as_array()
        .unwrap()
        .iter()
        .map(|crew| crew["stops"].as_array().unwrap().len())
        .sum();
    assert!(stops > 20, "{stops}");
    site.supervisor.get("/v1/live?day=2026-11-23").await.done();
    assert_eq!(
        site.export().await.count("access"),
        before + 1,
        "one entry, and the repeat is folded"
    );
    site.clock.forward(301);
    site.supervisor.get("/v1/live?day=2026-11-23").await.done();
    let export = site.export().await;
    export.holds();
    assert_eq!(export.count("access"), before + 2);
}

async fn nobody_sees_more_of_the_day_than_they_may(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let mut wire = site.wire(&day.staff[0], 1).await;
    let alias = alias_of_first(&wire, &day).await;
    site.when_it_starts(&day.visits[0]);
    let now = site.clock.now().millis();
    let event = wire.event_at_door("visit.arrived", &here(PLACE), alias, now);
    wire.push(&[&event]).await.done();
    // An administrator looks after crews, not after cases.
    let seen = crew_of(&site.administrator, &day.staff[0]).await;
    assert_eq!((&seen["state"], &seen["stops"]), (&json!("on-site"), &json!([])));
    assert_eq!(seen["on_site"]["case_no"], Value::Null);
    let made = site
        .administrator
        .post("/v1/agencies", &json!({"name": "Helpers"}))
        .await
        .done();
    let id = |name: &str| made[name].as_str().unwrap().parse().unwrap();
    let request = StaffRequest {
        login: "agency-supervisor",
        name: "agency-supervisor",
        role: Role::Supervisor,
        team: Some(TeamId(id("team"))),
        agency: Some(AgencyId(id("id"))),
        password: PASSWORD,
    };
    site.app().create_staff(site.made.tenant, &request).await.unwrap();
    let agency = site.anonymous.sign_in("agency-supervisor", PASSWORD).await;
    let view = agency.get("/v1/live?day=2026-11-23").await.done();
    assert_eq!((&view["crews"], &view["feed"]), (&json!([]), &json!([])), "{view}");
    site.supervisor.get("/v1/live?day=monday").await.problem("bad-request");
    // The stream answers at once and says nothing but that there is something.
    let request = site.supervisor.request(reqwest::Method::GET, "/v1/live/wake");
    let mut response = request.send().await.unwrap();
    let first = String::from_utf8(response.chunk().await.unwrap().unwrap().to_vec()).unwrap();
    assert!(first.contains("event: wake") && first.contains("data: live"), "{first}");
}
