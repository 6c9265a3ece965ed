//! Erasing a person: only after a second person agreed, everywhere, and every proof stays valid.

use serde_json::{Value, json};

use crate::harness::{Answered, Client, Deployment, lines_of, sample};

stories!(
    a_person_is_erased_after_a_second_person_agreed,
    nobody_is_erased_without_a_valid_approval,
    what_devices_recorded_is_erased_as_well,
);

async fn ask(client: &Client, person: &Value) -> Value {
    let request = json!({"kind": "person.erase", "subject": person, "reason": "person-asked"});
    client.post("/v1/approvals", &request).await.done()
}

async fn answer(client: &Client, approval: &Value, approve: bool) -> Answered {
    let path = format!("/v1/approvals/{}/answer", approval["id"].as_str().unwrap());
    client.post(&path, &json!({"approve": approve})).await
}

async fn erase(client: &Client, person: &Value, approval: &Value) -> Answered {
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
    erase(&site.supervisor, &case["person"], &approval).await.done();
    names_nobody(&site.supervisor.get(&path).await.done());
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
