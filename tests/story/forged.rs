//! What whoever can write to the main database, and has neither key store nor key file, comes to over the interface; and that
//! a record opened in full is told from a line in a list.

use std::sync::Arc;

use doorstep_server::folder::doctor;

use crate::harness::{Deployment, TestClock, lines_of, sample};

stories!(
    a_record_opened_after_a_list_has_its_own_entry,
    a_row_of_somebody_else_opens_nothing,
    doctor_names_what_somebody_else_wrote,
);

async fn a_record_opened_after_a_list_has_its_own_entry(site: &mut Deployment) {
    let file = lines_of(&sample("porto-cases.csv"), |line| line < 6);
    site.supervisor.import(file).await;
    let before = site.entries().await;
    let listed = site.supervisor.items("/v1/cases?limit=50").await;
    assert!(listed.len() >= 5, "{}", listed.len());
    assert_eq!(site.entries().await, before + 1, "a list is one entry");
    for again in 0..2 {
        for (number, case) in (1..).zip(&listed) {
            let path = format!("/v1/cases/{}", case["id"].as_str().unwrap());
            site.supervisor.get(&path).await.done();
            let opened = if again == 0 { number } else { listed.len() as i64 };
            assert_eq!(site.entries().await, before + 1 + opened, "case {number}, time {again}");
        }
    }
    let path = format!("/v1/cases/{}/reads", listed[0]["id"].as_str().unwrap());
    let reads = site.supervisor.items(&path).await;
    let whole = reads
        .iter()
        .filter(|read| read["classes"].to_string().contains("whole"));
    assert_eq!(whole.count(), 1, "{reads:#?}");
}

async fn a_row_of_somebody_else_opens_nothing(site: &mut Deployment) {
    let store = site.app().store().clone();
    site.auditor.get("/v1/me").await.done();
    // Everybody's session is made the supervisor's.
    let theirs = "UPDATE session SET staff_id = (SELECT staff_id FROM staff WHERE role = 'supervisor' ORDER BY login LIMIT 1) \
                  WHERE staff_id IN (SELECT staff_id FROM staff WHERE role = 'auditor')";
    assert_eq!(store.tamper(theirs).await.unwrap(), 1);
    site.auditor.get("/v1/me").await.problem("not-signed-in");
    // Everybody is an administrator.
    store
        .tamper("UPDATE staff SET role = 'administrator' WHERE role = 'supervisor'")
        .await
        .unwrap();
    site.supervisor.get("/v1/me").await.problem("not-signed-in");
    site.administrator.get("/v1/me").await.done();
}

async fn doctor_names_what_somebody_else_wrote(site: &mut Deployment) {
    let file = lines_of(&sample("porto-cases.csv"), |line| line < 6);
    site.supervisor.import(file).await;
    let looked = doctor(&site.folder(), Arc::<TestClock>::clone(&site.clock)).await;
    let of = |name: &str, report: &doorstep_server::folder::DoctorReport| {
        let found = report.checks.iter().find(|check| check.name.starts_with(name));
        found.unwrap().clone()
    };
    for name in ["erasures", "rows ", "halted logs"] {
        assert!(of(name, &looked).ok, "{looked:#?}");
    }
    let store = site.app().store().clone();
    store.tamper("UPDATE person SET erased_at = 1").await.unwrap();
    store
        .tamper("UPDATE staff SET role = 'administrator' WHERE role = 'auditor'")
        .await
        .unwrap();
    let looked = doctor(&site.folder(), Arc::<TestClock>::clone(&site.clock)).await;
    for name in ["erasures", "rows "] {
        assert!(!of(name, &looked).ok, "{looked:#?}");
    }
    let persons = "SELECT count(*) FROM person WHERE erased_at IS NULL";
    assert_eq!(store.number(persons).await.unwrap(), 0);
    store.tamper("UPDATE person SET erased_at = NULL").await.unwrap();
    let listed = site.supervisor.items("/v1/cases?limit=50").await;
    assert!(
        listed.iter().all(|case| case["name"].is_string()),
        "every key is still there"
    );
}
