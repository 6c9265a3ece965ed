//! Quality checks: a lot that nobody chooses, scored by somebody outside the line, with one appeal.

use doorstep_app::setup::StaffRequest;
use doorstep_device::FinishInput;
use doorstep_domain::contact::ContactOutcome;
use doorstep_domain::staff::Role;
use serde_json::{Value, json};

use crate::harness::{Client, CrewDay, Deployment, PASSWORD, checked_in, ending, id_of, sample};

stories!(
    visits_are_drawn_and_scored_by_somebody_outside_the_line,
    what_was_found_is_appealed_once_and_a_third_person_decides,
    erasing_a_person_takes_what_was_remarked,
);

/// Makes the first visits of a crew, all by one device, each with a note, and lets the week pass.
pub(super) async fn week_of_visits(site: &mut Deployment, notes: &[&str]) -> CrewDay {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    for (visit, note) in day.visits.iter().zip(notes) {
        site.when_it_starts(visit);
        let started = checked_in(&device, visit, &day.staff).await;
        site.clock.forward(600);
        let input = FinishInput {
            note: Some((*note).to_owned()),
            ..ending(&started, ContactOutcome::NobodyHome)
        };
        device.visit_finish(id_of(&visit["visit"]), input).await.unwrap();
        device.push().await.unwrap();
    }
    day
}

pub(super) async fn next_week(site: &mut Deployment) {
    site.clock.forward(7 * 86_400);
    site.sign_everybody_in().await;
    // The lot comes from the first entry after the week, once it is under a signed head.
    let code = json!({"name": "Somebody else"});
    site.administrator.post("/v1/agencies", &code).await.done();
    site.export().await.holds();
}

pub(super) fn path(check: &Value, what: &str) -> String {
    format!("/v1/quality-checks/{}{what}", check["id"].as_str().unwrap())
}

/// The first check of the crew's first member.
pub(super) async fn of_the_first(site: &Deployment, day: &CrewDay) -> Value {
    let listed = site.auditor.items("/v1/quality-checks").await;
    let is_theirs = |one: &&Value| one["staff"] == day.staff[0]["login"];
    listed.iter().find(is_theirs).unwrap().clone()
}

/// Findings on every item: all pass but those named.
pub(super) async fn findings(client: &Client, check: &Value, fails: &[&str]) -> Value {
    let sheet = client.get(&path(check, "")).await.done()["sheet"].clone();
    let line = |item: &Value| {
        let id = item["id"].as_str().unwrap();
        if fails.contains(&id) {
            json!({"id": id, "found": "fail", "remark": format!("{id}: see the note on Rua Nova")})
        } else {
            json!({"id": id, "found": "pass"})
        }
    };
    let items: Vec<Value> = sheet.as_array().unwrap().iter().map(line).collect();
    json!({"items": items})
}

async fn visits_are_drawn_and_scored_by_somebody_outside_the_line(site: &mut Deployment) {
    let notes = ["nobody came", "I told him: pay or GO TO  JAIL", "the gate is green"];
    let day = week_of_visits(site, &notes).await;
    let draw = json!({});
    let this_week = json!({"week": "2026-W48"});
    site.supervisor
        .post("/v1/quality-checks", &this_week)
        .await
        .problem("bad-request");
    next_week(site).await;
    // Fewer than the house value are never drawn.
    let few = json!({"per_staff": 1});
    let drawn = site.supervisor.post("/v1/quality-checks", &few).await.done();
    // Two of each: the partner, who reported nothing by a device, was there as well.
    assert_eq!(
        (&drawn["drawn"], &drawn["per_staff"]),
        (&json!(4), &json!(2)),
        "{drawn}"
    );
    assert_eq!((&drawn["week"], &drawn["before"]), (&json!("2026-W48"), &json!(false)));
    let again = site
        .second_supervisor
        .post("/v1/quality-checks", &json!({"per_staff": 9}))
        .await
        .done();
    assert_eq!(
        (&again["drawn"], &again["before"]),
        (&json!(0), &json!(true)),
        "a lot is drawn once"
    );
    assert_eq!(again["leaf_hash"], drawn["leaf_hash"]);
    let listed = site.auditor.items("/v1/quality-checks?state=drawn").await;
    let of = |staff: &Value| {
        let theirs = listed.iter().filter(|one| one["staff"] == staff["login"]);
        theirs.filter(|one| one["because"] == "sample").count()
    };
    assert_eq!([of(&day.staff[0]), of(&day.staff[1])], [2, 2]);
    // A complaint about the one that was not drawn of both brings it in for whom it was not.
    let is_drawn = |visit: &Value, staff: &Value| {
        let of_visit = listed.iter().filter(|one| one["visit"] == visit["visit"]);
        of_visit.filter(|one| one["staff"] == staff["login"]).count() == 1
    };
    let missing = |visit: &Value| day.staff.iter().filter(|one| !is_drawn(visit, one)).count();
    let left = day.visits.iter().take(3).find(|visit| missing(visit) > 0).unwrap();
    let said = json!({"case": left["case"], "visit": left["visit"], "channel": "phone", "words": "too loud"});
    site.supervisor.post("/v1/complaints", &said).await.done();
    let more = site.supervisor.post("/v1/quality-checks", &draw).await.done();
    assert_eq!(more["drawn"], json!(missing(left)), "{more}");
    let listed = site.auditor.items("/v1/quality-checks").await;
    let complained = listed.iter().filter(|one| one["because"] == "complaint");
    assert!(complained.clone().all(|one| one["visit"] == left["visit"]));
    assert_eq!((listed.len(), complained.count()), (4 + missing(left), missing(left)));
    the_threat_is_scored(site, &day, &listed).await;
}

/// The check of the visit with the threat in its note, of whomever it is.
async fn the_threat_is_scored(site: &Deployment, day: &CrewDay, listed: &[Value]) {
    let of_visit = listed.iter().filter(|one| one["visit"] == day.visits[1]["visit"]);
    let threat = of_visit
        .min_by_key(|one| one["staff"] != day.staff[0]["login"])
        .unwrap();
    let whose = day.staff.iter().find(|one| one["login"] == threat["staff"]).unwrap();
    its_wording_is_shown(site, threat).await;
    is_scored_by_the_auditor(site, threat, whose).await;
}

/// Who supervises the crew scores nothing of it; who was there is not told before it is scored.
async fn is_scored_by_the_auditor(site: &Deployment, threat: &Value, staff: &Value) {
    let scored = findings(&site.auditor, threat, &["no-pressure", "note-tone"]).await;
    site.supervisor
        .post(&path(threat, "/score"), &scored)
        .await
        .problem("not-allowed");
    let own = site.field_client(staff).await;
    assert_eq!(own.items("/v1/staff/me/quality-checks").await, Vec::<Value>::new());
    let unfinished = json!({"items": [{"id": "note-tone", "found": "pass"}]});
    site.auditor
        .post(&path(threat, "/score"), &unfinished)
        .await
        .problem("bad-request");
    let done = site.auditor.post(&path(threat, "/score"), &scored).await.done();
    assert_eq!(
        (&done["state"], &done["scored_by"]),
        (&json!("scored"), &json!("auditor"))
    );
    site.auditor
        .post(&path(threat, "/score"), &scored)
        .await
        .problem("changed");
    let export = site.export().await;
    export.holds();
    assert_eq!([export.count("quality.drawn"), export.count("quality.scored")], [3, 1]);
    for word in ["JAIL", "jail", "Rua Nova"] {
        assert!(!export.log_text().contains(word), "{word}");
    }
}

async fn its_wording_is_shown(site: &Deployment, check: &Value) {
    let sheet = site.auditor.get(&path(check, "")).await.done();
    assert_eq!(sheet["notes"], json!(["I told him: pay or GO TO  JAIL"]));
    let hit = json!({"note": 0, "start": 19, "length": 11, "kind": "threat", "text": "GO TO  JAIL"});
    assert_eq!(sheet["hits"], json!([hit]));
    assert!(
        sheet["sheet"]
            .as_array()
            .unwrap()
            .iter()
            .all(|item| item["found"] == Value::Null)
    );
}

/// An auditor of this name.
pub(super) async fn another_auditor(site: &Deployment, login: &str) -> Client {
    let staff = StaffRequest {
        login,
        name: login,
        role: Role::Auditor,
        team: None,
        agency: None,
        password: PASSWORD,
    };
    site.app().create_staff(site.made.tenant, &staff).await.unwrap();
    site.anonymous.sign_in(login, PASSWORD).await
}

async fn what_was_found_is_appealed_once_and_a_third_person_decides(site: &mut Deployment) {
    let day = week_of_visits(site, &["I waited"]).await;
    next_week(site).await;
    site.supervisor.post("/v1/quality-checks", &json!({})).await.done();
    let check = of_the_first(site, &day).await;
    let own = site.field_client(&day.staff[0]).await;
    let other = site.field_client(&day.staff[1]).await;
    let own_path = |what: &str| format!("/v1/staff/me/quality-checks/{}{what}", check["id"].as_str().unwrap());
    let words = json!({"words": "the clock of the church was slow"});
    own.post(&own_path("/appeal"), &words).await.problem("changed");
    let scored = findings(&site.auditor, &check, &["hours-kept"]).await;
    site.auditor.post(&path(&check, "/score"), &scored).await.done();
    let seen = own.get(&own_path("")).await.done();
    let hours = seen["sheet"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["id"] == "hours-kept")
        .unwrap();
    assert_eq!(
        (&hours["found"], &hours["remark"]),
        (&json!("fail"), &json!("hours-kept: see the note on Rua Nova"))
    );
    assert_eq!(
        seen["scored_by"],
        Value::Null,
        "who scored is not told to whose visit it is"
    );
    other.get(&own_path("")).await.problem("not-found");
    other.post(&own_path("/appeal"), &words).await.problem("not-found");
    own.get(&path(&check, "")).await.problem("not-allowed");
    let appealed = own.post(&own_path("/appeal"), &words).await.done();
    assert_eq!(
        (&appealed["state"], &appealed["appeal"]),
        (&json!("appealed"), &words["words"])
    );
    own.post(&own_path("/appeal"), &words).await.problem("changed");
    let decision = json!({"decision": "struck", "words": "it was"});
    site.auditor
        .post(&path(&check, "/decide"), &decision)
        .await
        .problem("not-allowed");
    site.supervisor
        .post(&path(&check, "/decide"), &decision)
        .await
        .problem("not-allowed");
    let third = another_auditor(site, "third").await;
    let decided = third.post(&path(&check, "/decide"), &decision).await.done();
    assert_eq!(
        (&decided["decision"], &decided["decided_why"]),
        (&json!("struck"), &json!("it was"))
    );
    third.post(&path(&check, "/decide"), &decision).await.problem("changed");
    assert_eq!(own.get(&own_path("")).await.done()["decision"], "struck");
    let export = site.export().await;
    export.holds();
    assert_eq!(
        [export.count("quality.appealed"), export.count("quality.decided")],
        [1, 1]
    );
    assert!(!export.log_text().contains("church"));
}

async fn erasing_a_person_takes_what_was_remarked(site: &mut Deployment) {
    let day = week_of_visits(site, &["I waited"]).await;
    next_week(site).await;
    site.supervisor.post("/v1/quality-checks", &json!({})).await.done();
    let check = of_the_first(site, &day).await;
    let scored = findings(&site.auditor, &check, &["hours-kept"]).await;
    site.auditor.post(&path(&check, "/score"), &scored).await.done();
    site.erase_person_of(day.visits[0]["case"].as_str().unwrap()).await;
    let left = site.auditor.get(&path(&check, "")).await.done();
    assert_eq!(left["notes"], json!([]));
    assert!(!left.to_string().contains("Rua Nova"), "{left}");
    let failed = left["sheet"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item["found"] == "fail")
        .count();
    assert_eq!(failed, 1, "what was found is a code and stays");
    site.export().await.holds();
}
