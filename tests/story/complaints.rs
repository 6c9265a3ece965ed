//! Complaints: visits to the person rest until there is an answer, and nobody answers a complaint about themselves.

use doorstep_device::{Device, FinishInput};
use doorstep_domain::complaint::ComplaintChannel;
use doorstep_domain::contact::{ContactOutcome, MatterOutcome};
use doorstep_domain::id::CaseId;
use doorstep_store::entry::By;
use serde_json::{Value, json};

use crate::harness::{Client, Deployment, checked_in, csv_cells, csv_text, ending, id_of, sample};

stories!(
    a_complaint_pauses_visits_until_it_is_answered,
    a_complaint_at_the_door_is_one_and_its_crew_answers_none,
    erasing_a_person_takes_the_words_of_a_complaint,
);

/// The path of one complaint, and of what is done about it.
fn path(complaint: &Value, what: &str) -> String {
    format!("/v1/complaints/{}{what}", complaint["id"].as_str().unwrap())
}

async fn flags(client: &Client, case: &Value) -> Vec<String> {
    let path = format!("/v1/cases/{}", case.as_str().unwrap());
    let case = client.get(&path).await.done();
    serde_json::from_value(case["flags"].clone()).unwrap()
}

/// The rule for which a device says that a visit was withdrawn; `None` where it still goes there.
async fn withdrawn(device: &Device, visit: &Value) -> Option<String> {
    let route = device.route().await.unwrap();
    let id = id_of(&visit["visit"]);
    let off = route.withdrawn.into_iter().find(|one| one.visit == id);
    assert_ne!(off.is_some(), route.stops.iter().any(|stop| stop.visit == id));
    off.map(|one| one.rule)
}

async fn a_complaint_pauses_visits_until_it_is_answered(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    let visit = &day.visits[0];
    let case = &visit["case"];
    let body = json!({"case": case, "channel": "phone", "words": "they shouted on the stairs of Rua Nova"});
    let opened = site.supervisor.post("/v1/complaints", &body).await.done();
    assert_eq!(
        (&opened["state"], &opened["overdue"]),
        (&json!("received"), &json!(false))
    );
    assert_eq!(opened["words"], "they shouted on the stairs of Rua Nova");
    assert!(flags(&site.supervisor, case).await.contains(&"complained".to_owned()));
    let shown = format!("/v1/cases/{}", case.as_str().unwrap());
    let verdict = site.supervisor.get(&shown).await.done()["verdict"]["findings"].to_string();
    assert!(verdict.contains("HOUSE-STOP-COMPLAINT"), "{verdict}");
    let ahead = site.supervisor.items("/v1/visits?day=2026-11-23").await;
    let ahead = ahead.iter().find(|one| one["id"] == visit["visit"]).unwrap();
    assert_eq!(ahead["state"], "cancelled", "{ahead}");
    // The crew has the door no more, once its device has heard of it.
    assert_eq!(withdrawn(&device, visit).await, None);
    device.pull().await.unwrap();
    assert_eq!(withdrawn(&device, visit).await.as_deref(), Some("HOUSE-STOP-COMPLAINT"));
    // A second one, by the person without an account: as their page opens it.
    let given = doorstep_app::complaint::Complaining {
        by: By::PROGRAM,
        opened_by: None,
        case: CaseId(id_of(case)),
        visit: None,
        staff: None,
        channel: ComplaintChannel::Page,
        words: "and they told my neighbour".to_owned(),
    };
    let second = site.app().open_complaint_by(site.made.tenant, &given).await.unwrap();
    let second = json!({"id": second.0});
    let listed = site.supervisor.items("/v1/complaints?state=received").await;
    assert_eq!(listed.len(), 2, "{listed:?}");
    assert!(
        !format!("{listed:?}").contains("neighbour"),
        "words are opened one by one"
    );
    the_owner_answers(site, &opened).await;
    assert!(
        flags(&site.supervisor, case).await.contains(&"complained".to_owned()),
        "the other one is open"
    );
    site.supervisor.post(&path(&second, "/take"), &Value::Null).await.done();
    let settled = json!({"outcome": "settled", "words": "we apologised"});
    site.supervisor.post(&path(&second, "/answer"), &settled).await.done();
    assert!(!flags(&site.supervisor, case).await.contains(&"complained".to_owned()));
    // What was withdrawn does not come back by itself: a plan may ask for it again.
    device.pull().await.unwrap();
    assert!(withdrawn(&device, visit).await.is_some());
    let again = site.supervisor.get(&shown).await.done();
    assert!(
        !again["verdict"]["findings"]
            .to_string()
            .contains("HOUSE-STOP-COMPLAINT"),
        "{again}"
    );
    the_log_says_it_without_the_words(site).await;
}

async fn the_log_says_it_without_the_words(site: &Deployment) {
    let export = site.export().await;
    export.holds();
    let kinds = [
        "complaint.opened",
        "complaint.taken",
        "complaint.answered",
        "case.freed",
    ];
    assert_eq!(kinds.map(|kind| export.count(kind)), [2, 2, 2, 1]);
    assert!(!export.log_text().contains("shouted") && !export.log_text().contains("apologised"));
}

/// Only who owns it, and only once.
async fn the_owner_answers(site: &Deployment, opened: &Value) {
    let answer = json!({"outcome": "partly", "words": "the crew was talked to"});
    let answer_path = path(opened, "/answer");
    site.supervisor.post(&answer_path, &answer).await.problem("not-allowed");
    let taken = site
        .second_supervisor
        .post(&path(opened, "/take"), &Value::Null)
        .await
        .done();
    assert_eq!(
        (&taken["state"], &taken["owner"]),
        (&json!("in-progress"), &json!("second"))
    );
    site.supervisor.post(&answer_path, &answer).await.problem("not-allowed");
    site.auditor.post(&answer_path, &answer).await.problem("not-allowed");
    let bad = json!({"outcome": "ignored", "words": "no"});
    site.second_supervisor
        .post(&answer_path, &bad)
        .await
        .problem("bad-request");
    let done = site.second_supervisor.post(&answer_path, &answer).await.done();
    assert_eq!(
        (&done["state"], &done["outcome"]),
        (&json!("answered"), &json!("partly"))
    );
    assert_eq!(done["answer"], "the crew was talked to");
    site.second_supervisor
        .post(&answer_path, &answer)
        .await
        .problem("changed");
    let full = site.auditor.get(&path(opened, "")).await;
    full.problem("purpose-needed");
    let full = site.auditor.get(&path(opened, "?purpose=inspection")).await.done();
    assert_eq!(full["closed_by"], "second");
}

async fn a_complaint_at_the_door_is_one_and_its_crew_answers_none(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let mut devices = Vec::new();
    for staff in &day.staff {
        let device = site.device(staff).await;
        device.pull().await.unwrap();
        devices.push(device);
    }
    let visit = &day.visits[0];
    site.when_it_starts(visit);
    for device in &devices {
        let started = checked_in(device, visit, &day.staff).await;
        let input = FinishInput {
            matter: Some(MatterOutcome::Complaint),
            ..ending(&started, ContactOutcome::MetBorrower)
        };
        device.visit_finish(id_of(&visit["visit"]), input).await.unwrap();
        device.push().await.unwrap();
    }
    let listed = site.supervisor.items("/v1/complaints").await;
    assert_eq!(listed.len(), 1, "both partners tell of one: {listed:?}");
    let one = &listed[0];
    assert_eq!((&one["channel"], &one["visit"]), (&json!("door"), &visit["visit"]));
    let case_flags = flags(&site.supervisor, &visit["case"]).await;
    assert!(case_flags.contains(&"complained".to_owned()) && !case_flags.contains(&"disputed".to_owned()));
    // Who was there became a supervisor.
    let own = &day.staff[1];
    let mut rows = csv_cells(&sample("porto-staff.csv"));
    rows.retain(|row| row[0] == "staff_no" || own["login"] == row[0].as_str());
    "supervisor".clone_into(&mut rows[1][2]);
    let import = format!("/v1/staff/import?team={}", site.made.team);
    site.administrator.upload(&import, csv_text(&rows)).await.done();
    let client = site.field_client(own).await;
    client
        .post(&path(one, "/take"), &Value::Null)
        .await
        .problem("not-allowed");
    site.supervisor.post(&path(one, "/take"), &Value::Null).await.done();
    let answer = json!({"outcome": "rejected", "words": "nothing happened"});
    client.post(&path(one, "/answer"), &answer).await.problem("not-allowed");
    // Taken up in time, and then forgotten.
    let overdue = async |site: &Deployment| site.supervisor.items("/v1/complaints?overdue=true").await.len();
    site.clock.forward(3 * 86_400);
    site.sign_everybody_in().await;
    assert_eq!(overdue(site).await, 0);
    site.clock.forward(13 * 86_400);
    site.sign_everybody_in().await;
    assert_eq!(overdue(site).await, 1);
    site.supervisor.post(&path(one, "/answer"), &answer).await.done();
    assert_eq!(overdue(site).await, 0);
    assert!(
        !flags(&site.supervisor, &visit["case"])
            .await
            .contains(&"complained".to_owned())
    );
}

async fn erasing_a_person_takes_the_words_of_a_complaint(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let case = &day.visits[0]["case"];
    let body = json!({"case": case, "channel": "letter", "words": "my mother was ill", "staff": day.staff[0]["login"]});
    let opened = site.supervisor.post("/v1/complaints", &body).await.done();
    assert_eq!(opened["about"], json!([day.staff[0]["login"]]));
    let before = site.rows("payload").await;
    site.erase_person_of(case.as_str().unwrap()).await;
    assert!(site.rows("payload").await < before);
    let left = site.supervisor.get(&path(&opened, "")).await.done();
    assert_eq!(
        (&left["state"], &left["words"], &left["case_no"]),
        (&json!("erased"), &Value::Null, &json!(""))
    );
    site.supervisor
        .post(&path(&opened, "/take"), &Value::Null)
        .await
        .problem("changed");
    site.supervisor.post("/v1/complaints", &body).await.problem("erased");
    site.export().await.holds();
}
