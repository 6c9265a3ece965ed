//! Erasing a person: only after a second person agreed, everywhere, and every proof stays valid.

use std::sync::Arc;

use doorstep_app::setup::StaffRequest;
use doorstep_domain::staff::Role;
use doorstep_server::folder::doctor;
use serde_json::{Value, json};

use crate::harness::{Answered, Client, Deployment, PASSWORD, TestClock, lines_of, sample};

stories!(
    a_person_is_erased_after_a_second_person_agreed,
    nobody_is_erased_without_a_valid_approval,
    what_devices_recorded_is_erased_as_well,
    one_person_behind_two_accounts_erases_nobody,
    what_is_asked_for_is_known_and_names_nobody,
    an_approval_that_nobody_gave_erases_nobody,
);

pub(super) async fn ask(client: &Client, person: &Value) -> Value {
    let request = json!({"kind": "person.erase", "subject": person, "reason": "person-asked"});
    client.post("/v1/approvals", &request).await.done()
}

pub(super) async fn answer(client: &Client, approval: &Value, approve: bool) -> Answered {
    let path = format!("/v1/approvals/{}/answer", approval["id"].as_str().unwrap());
    client.post(&path, &json!({"approve": approve})).await
}

pub(super) async fn erase(client: &Client, person: &Value, approval: &Value) -> Answered {
    let path = format!(
        "/v1/persons/{}/erase?approval={}",
        person.as_str().unwrap(),
        approval["id"].as_str().unwrap()
    );
    client.post(&path, &Value::Null).await
}

/// What is left of a case whose person was erased: it may be counted, and nobody can be recognised by it.
fn names_nobody(case: &Value) {
    for field in ["name", "phone", "address", "point", "available", "datum"] {
        assert_eq!(case[field], Value::Null, "{field}: {case}");
    }
    assert_eq!(
        (&case["case_no"], &case["status"]),
        (&json!(""), &json!("closed")),
        "{case}"
    );
    assert_eq!(case["verdict"]["effect"], "block", "{case}");
}

async fn a_person_is_erased_after_a_second_person_agreed(site: &mut Deployment) {
    let file = lines_of(&sample("porto-cases.csv"), |line| line < 12);
    site.supervisor.import(file.clone()).await;
    let listed = site.supervisor.case("PO-10001").await;
    let path = format!("/v1/cases/{}", listed["id"].as_str().unwrap());
    let case = site.supervisor.get(&path).await.done();
    assert_eq!(case["phone"], "+351950239688");
    let approval = ask(&site.supervisor, &case["person"]).await;
    answer(&site.second_supervisor, &approval, true).await.done();
    let texts = "SELECT count(*) FROM address WHERE place_digest IS NOT NULL";
    assert_eq!(site.app().store().number(texts).await.unwrap(), 12);
    erase(&site.supervisor, &case["person"], &approval).await.done();
    names_nobody(&site.supervisor.get(&path).await.done());
    let left = site.app().store().number(texts).await.unwrap();
    assert_eq!(left, 11, "nobody can try which address it was");
    erase(&site.supervisor, &case["person"], &approval)
        .await
        .problem("erased");
    let cases = site.supervisor.items("/v1/cases?limit=500").await;
    assert!(cases.iter().all(|one| one["name"] != "Bruno Gomes"), "{cases:?}");
    for query in ["case_no=PO-10001", "phone=%2B351950239688", "search=Bruno%20Gomes"] {
        assert_eq!(
            site.supervisor.items(&format!("/v1/cases?{query}")).await,
            Vec::<Value>::new(),
            "{query}"
        );
    }
    let exported = String::from_utf8(site.supervisor.get("/v1/cases/export").await.file()).unwrap();
    for text in ["Bruno Gomes", "950239688", "Carlos Alberto, 320"] {
        assert!(!exported.contains(text), "{text}");
    }
    let found = site.export().await.holds();
    assert!(found.counts.payloads_erased >= 1, "{:?}", found.counts);
    assert_eq!(found.counts.payloads_missing, 0);
    let again = site.supervisor.import(file).await;
    assert_eq!(again["counts"], json!({"duplicate": 11, "reject": 1}), "{again}");
    let row = again["rows"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["result"] == "reject")
        .unwrap();
    assert_eq!(
        (&row["case_no"], &row["reasons"]),
        (&json!("PO-10001"), &json!(["erased"]))
    );
    let words = |row: &Value| row["words"].as_str().unwrap().len();
    assert!(
        again["rows"].as_array().unwrap().iter().all(|row| words(row) > 5),
        "{again}"
    );
    site.restart().await;
    names_nobody(&site.supervisor.get(&path).await.done());
    site.export().await.holds();
}

async fn nobody_is_erased_without_a_valid_approval(site: &mut Deployment) {
    site.supervisor
        .import(lines_of(&sample("porto-cases.csv"), |line| line < 3))
        .await;
    let mut persons = Vec::new();
    for number in ["PO-10000", "PO-10001"] {
        let id = site.supervisor.case(number).await["id"].as_str().unwrap().to_owned();
        persons.push(site.supervisor.get(&format!("/v1/cases/{id}")).await.done()["person"].clone());
    }
    let approval = ask(&site.supervisor, &persons[0]).await;
    answer(&site.supervisor, &approval, true)
        .await
        .problem("approval-needed");
    erase(&site.supervisor, &persons[0], &approval)
        .await
        .problem("approval-needed");
    answer(&site.second_supervisor, &approval, false).await.done();
    erase(&site.supervisor, &persons[0], &approval)
        .await
        .problem("approval-needed");
    answer(&site.second_supervisor, &approval, true)
        .await
        .problem("approval-needed");
    // Given for somebody else.
    let other = ask(&site.supervisor, &persons[1]).await;
    answer(&site.administrator, &other, true).await.done();
    erase(&site.supervisor, &persons[0], &other)
        .await
        .problem("approval-needed");
    // Given, and then too old; asked, and then answered too late.
    let late = ask(&site.supervisor, &persons[0]).await;
    site.clock.forward(7 * 86_400);
    site.sign_everybody_in().await;
    erase(&site.supervisor, &persons[1], &other)
        .await
        .problem("approval-needed");
    answer(&site.second_supervisor, &late, true)
        .await
        .problem("approval-needed");
    assert_eq!(site.supervisor.items("/v1/cases?case_no=PO-10000").await.len(), 1);
    assert_eq!(site.supervisor.items("/v1/cases?case_no=PO-10001").await.len(), 1);
    let export = site.export().await;
    assert_eq!(
        (export.count("subject.erased"), export.holds().counts.payloads_erased),
        (0, 0)
    );
}

async fn what_devices_recorded_is_erased_as_well(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    let visit = &day.visits[0];
    site.when_it_starts(visit);
    let started = crate::harness::checked_in(&device, visit, &day.staff).await;
    let met = doorstep_domain::contact::ContactOutcome::MetBorrower;
    let events = crate::harness::checked_out(&device, visit, &started, met).await.len() as u64 + 1;
    site.sign_everybody_in().await;
    let case = site
        .supervisor
        .get(&format!("/v1/cases/{}", visit["case"].as_str().unwrap()))
        .await
        .done();
    let approval = ask(&site.supervisor, &case["person"]).await;
    answer(&site.administrator, &approval, true).await.done();
    let before = site.export().await.holds().counts;
    erase(&site.supervisor, &case["person"], &approval).await.done();
    // The device was offline meanwhile; what it recorded arrives after the erasure.
    device.push().await.unwrap();
    let after = site.export().await.holds().counts;
    assert_eq!(after.events, before.events + events, "the events themselves count");
    assert!(
        after.payloads_erased > before.payloads_erased + 1,
        "{before:?} {after:?}"
    );
    assert_eq!(after.payloads_missing, 0);
    device.pull().await.unwrap();
    let doors = device.doors().await.unwrap();
    assert!(
        doors.iter().all(|door| json!(door.visit) != visit["visit"]),
        "the door of an erased person stays"
    );
}

async fn person_of(site: &Deployment, number: &str) -> Value {
    let id = site.supervisor.case(number).await["id"].clone();
    let path = format!("/v1/cases/{}", id.as_str().unwrap());
    site.supervisor.get(&path).await.done()["person"].clone()
}

async fn one_person_behind_two_accounts_erases_nobody(site: &mut Deployment) {
    site.supervisor
        .import(lines_of(&sample("porto-cases.csv"), |line| line < 3))
        .await;
    let person = person_of(site, "PO-10000").await;
    let everybody = site.administrator.items("/v1/staff").await;
    let of = |login: &str| everybody.iter().find(|one| one["login"] == login).unwrap();
    let in_their_name = |login: &'static str| {
        let (site, staff) = (&*site, of(login));
        async move {
            site.first_password(staff, "first-password").await.done();
            site.anonymous.first_sign_in(login, "first-password", PASSWORD).await
        }
    };
    // The administrator acts as a supervisor, or as two.
    let second = in_their_name("second").await;
    let approval = ask(&second, &person).await;
    let problem = answer(&site.administrator, &approval, true)
        .await
        .problem("approval-needed");
    assert!(
        problem["detail"].as_str().unwrap().contains("set the password"),
        "{problem}"
    );
    let first = in_their_name("supervisor").await;
    answer(&first, &approval, true).await.problem("approval-needed");
    // Nor through a second administrator whose password they set, whoever sets the supervisor's once more.
    let other = StaffRequest {
        login: "other",
        name: "other",
        role: Role::Administrator,
        team: None,
        agency: None,
        password: PASSWORD,
    };
    site.app().create_staff(site.made.tenant, &other).await.unwrap();
    let other = site.anonymous.sign_in("other", PASSWORD).await;
    let path = format!("/v1/staff/{}/password", of("second")["id"].as_str().unwrap());
    let request = other.request(reqwest::Method::PUT, &path);
    let request = request.json(&json!({"password": "second-password"}));
    other.send(request).await.done();
    let second = site
        .anonymous
        .first_sign_in("second", "second-password", PASSWORD)
        .await;
    answer(&site.administrator, &approval, true)
        .await
        .problem("approval-needed");
    answer(&other, &approval, true).await.problem("approval-needed");
    erase(&second, &person, &approval).await.problem("approval-needed");
    // By then the owner of the account has noticed.
    site.clock.forward(7 * 86_400);
    let sign_in = |login: &'static str| site.anonymous.sign_in(login, PASSWORD);
    let (second, first) = (sign_in("second").await, sign_in("supervisor").await);
    let approval = ask(&second, &person).await;
    answer(&first, &approval, true).await.done();
    erase(&second, &person, &approval).await.done();
    site.export().await.holds();
}

async fn what_is_asked_for_is_known_and_names_nobody(site: &mut Deployment) {
    site.supervisor
        .import(lines_of(&sample("porto-cases.csv"), |line| line < 3))
        .await;
    let person = person_of(site, "PO-10000").await;
    let refused = |kind: &str, subject: &Value, reason: &str| {
        let request = json!({"kind": kind, "subject": subject, "reason": reason});
        let client = site.supervisor.clone();
        async move { client.post("/v1/approvals", &request).await }
    };
    let place = |problem: Value| problem["place"].as_str().unwrap_or_default().to_owned();
    let named = refused("person.erase", &person, "bruno-gomes-asked").await;
    assert_eq!(place(named.problem("bad-request")), "reason");
    let unused = refused("restriction.lift", &person, "person-asked").await;
    assert_eq!(place(unused.problem("bad-request")), "kind");
    let nobody = json!("0190a1b2-c3d4-7e5f-8a6b-000000000009");
    refused("person.erase", &nobody, "person-asked")
        .await
        .problem("not-found");
    assert!(site.supervisor.items("/v1/approvals").await.is_empty());
    // Two approvals for one person: the second finds them erased.
    let (one, two) = (
        ask(&site.supervisor, &person).await,
        ask(&site.supervisor, &person).await,
    );
    for approval in [&one, &two] {
        answer(&site.second_supervisor, approval, true).await.done();
    }
    let (left, right) = tokio::join!(
        erase(&site.supervisor, &person, &one),
        erase(&site.supervisor, &person, &two)
    );
    let [done, refused] = if left.status == 204 {
        [left, right]
    } else {
        [right, left]
    };
    assert_eq!(done.status, 204, "{}", done.text());
    refused.problem("erased");
    refused_as_erased(site, &person).await;
}

async fn refused_as_erased(site: &Deployment, person: &Value) {
    let request = json!({"kind": "person.erase", "subject": person, "reason": "mistake"});
    site.supervisor.post("/v1/approvals", &request).await.problem("erased");
}

/// Whoever has the database and one account makes up neither an approval nor the second person's answer.
async fn an_approval_that_nobody_gave_erases_nobody(site: &mut Deployment) {
    let file = lines_of(&sample("porto-cases.csv"), |line| line < 3);
    site.supervisor.import(file).await;
    let listed = site.supervisor.items("/v1/cases?limit=50").await;
    let path = format!("/v1/cases/{}", listed[0]["id"].as_str().unwrap());
    let person = site.supervisor.get(&path).await.done()["person"].clone();
    let approval = ask(&site.supervisor, &person).await;
    let store = site.app().store().clone();
    let written =
        "UPDATE approval SET state = 'approved', answered_by = (SELECT staff_id FROM staff WHERE role = 'auditor')";
    assert_eq!(store.tamper(written).await.unwrap(), 1);
    let refused = erase(&site.supervisor, &person, &approval).await;
    let refused = refused.problem("approval-needed");
    assert!(refused["detail"].to_string().contains("past Doorstep"), "{refused}");
    let theirs = "UPDATE approval SET state = 'asked', asked_by = (SELECT staff_id FROM staff WHERE role = 'auditor')";
    assert_eq!(store.tamper(theirs).await.unwrap(), 1);
    answer(&site.supervisor, &approval, true)
        .await
        .problem("approval-needed");
    let doctor = doctor(&site.folder(), Arc::<TestClock>::clone(&site.clock)).await;
    let rows = doctor.checks.iter().find(|check| check.name.starts_with("rows "));
    let rows = rows.unwrap();
    assert!(
        !rows.ok && rows.found.contains(approval["id"].as_str().unwrap()),
        "{rows:?}"
    );
    let case = site.supervisor.get(&path).await.done();
    assert!(case["name"].is_string(), "the key is still there: {case}");
}
