//! Keeping and letting go: what is over goes when two persons say so, what is held stays, and the log verifies throughout.

use std::sync::Arc;

use doorstep_server::folder::doctor;
use doorstep_store::entry::EntryKind;
use serde_json::{Value, json};

use super::loans::{daily, has_card, land, row};
use super::payments::paid;
use super::take_back::cards;
use crate::harness::{Answered, Client, Deployment, TestClock, lines_of, sample};

stories!(
    what_is_over_is_purged_and_the_log_verifies,
    a_hold_keeps_against_everybody,
    an_approved_list_is_that_list_and_no_other,
    a_device_that_was_not_heard_of_keeps_its_doors_persons,
    the_job_purges_what_is_over_and_nothing_else,
    an_end_that_only_the_database_knows_has_nobody_purged,
    a_loan_that_goes_on_keeps_its_person,
);

/// A day, in seconds.
const DAY: i64 = 86_400;
/// The house's minimum and the months after it: the first day on which somebody goes.
const OVER: i64 = 366 + 92 + 1;

/// Imports six cases, and then a complete file that lists only the last three: the first three are recalled.
async fn three_recalled(site: &Deployment) -> Vec<Value> {
    let file = |from: usize| cards(|line| (from..6).contains(&line));
    site.supervisor.import(file(0)).await;
    let path = "/v1/imports?complete=true&confirm_recall=3";
    assert_eq!(site.supervisor.upload(path, file(3)).await.done()["recalled"], 3);
    site.supervisor.items("/v1/cases?status=recalled").await
}

async fn later(site: &mut Deployment, days: i64) {
    site.clock.forward(days * DAY);
    site.sign_everybody_in().await;
}

async fn states(client: &Client) -> Vec<String> {
    let items = client.items("/v1/retention").await;
    let state = |item: &Value| item["state"].as_str().unwrap().to_owned();
    items.iter().map(state).collect()
}

async fn approved(site: &Deployment) -> Value {
    let asked = site.administrator.post("/v1/retention/purges", &json!({})).await.done();
    let path = format!("/v1/approvals/{}/answer", asked["approval"]["id"].as_str().unwrap());
    let yes = json!({"approve": true});
    site.administrator.post(&path, &yes).await.problem("approval-needed");
    site.second_supervisor.post(&path, &yes).await.done();
    asked
}

async fn run(site: &Deployment, asked: &Value) -> Answered {
    let path = format!("/v1/retention/purges/{}", asked["approval"]["id"].as_str().unwrap());
    site.administrator.post(&path, &json!({})).await
}

fn hold_of(case: &Value) -> String {
    format!("/v1/cases/{}/hold", case["id"].as_str().unwrap())
}

async fn what_is_over_is_purged_and_the_log_verifies(site: &mut Deployment) {
    let recalled = three_recalled(site).await;
    let listed = site.supervisor.items("/v1/retention").await;
    assert_eq!(listed.len(), 3, "running cases are no question yet: {listed:?}");
    for item in &listed {
        assert_eq!(
            (&item["state"], &item["keep_rule"], &item["may_rule"]),
            (&json!("minimum"), &json!("HOUSE-RET-MIN"), &json!("HOUSE-RET-MAX")),
            "{item}"
        );
        assert!(
            item["cases"][0]["case_no"].as_str().unwrap().starts_with("PO-"),
            "{item}"
        );
    }
    let plain = site.administrator.items("/v1/retention").await;
    assert!(
        plain.iter().all(|item| item["cases"][0].get("case_no").is_none()),
        "{plain:?}"
    );
    site.administrator
        .post("/v1/retention/purges", &json!({}))
        .await
        .problem("nothing-due");
    later(site, OVER - 1).await;
    assert_eq!(
        states(&site.auditor).await,
        ["margin"; 3],
        "the last day on which they may be kept"
    );
    later(site, 1).await;
    assert_eq!(states(&site.auditor).await, ["over"; 3]);
    let asked = approved(site).await;
    assert_eq!(asked["persons"].as_array().unwrap().len(), 3, "{asked}");
    assert_eq!(site.export().await.count("subject.erased"), 0, "asking erases nobody");
    // Held since: whoever approved did not know that.
    let litigation = json!({"reason": "litigation"});
    site.administrator
        .post(&hold_of(&recalled[0]), &litigation)
        .await
        .done();
    let done = run(site, &asked).await.done();
    assert_eq!((&done["erased"], &done["kept"]), (&json!(2), &json!(1)));
    run(site, &asked).await.problem("approval-needed");
    assert_eq!(states(&site.supervisor).await, ["held"]);
    let export = site.export().await;
    let found = export.holds();
    assert!(found.counts.payloads_erased >= 2, "{:?}", found.counts);
    assert_eq!(found.counts.payloads_missing, 0);
    assert_eq!(
        (export.count("subject.erased"), export.count("retention.purge")),
        (2, 1)
    );
    assert!(
        export.log_text().contains("HOUSE-RET-MAX"),
        "the entries name the rules"
    );
    for (case, gone) in recalled.iter().zip([false, true, true]) {
        let path = format!("/v1/cases/{}", case["id"].as_str().unwrap());
        assert_eq!(site.supervisor.get(&path).await.done()["name"].is_null(), gone);
    }
    let release = format!("{}/release", hold_of(&recalled[0]));
    site.supervisor.post(&release, &json!({"reason": "over"})).await.done();
    site.restart().await;
    site.sign_everybody_in().await;
    let again = approved(site).await;
    assert_eq!(run(site, &again).await.done()["erased"], 1);
    assert_eq!(site.supervisor.items("/v1/cases?status=open").await.len(), 3);
    assert_eq!(site.export().await.holds().counts.payloads_missing, 0);
}

async fn a_hold_keeps_against_everybody(site: &mut Deployment) {
    let file = lines_of(&sample("porto-cases.csv"), |line| line < 2);
    let report = site.supervisor.import(file).await;
    let case = site.supervisor.case("PO-10001").await;
    let (hold, id) = (hold_of(&case), case["id"].as_str().unwrap());
    let refused = site.supervisor.post(&hold, &json!({"reason": "bruno-sues"})).await;
    assert_eq!(refused.problem("bad-request")["place"], "reason");
    let past = json!({"reason": "authority", "until": "2020-01-01"});
    assert_eq!(
        site.supervisor.post(&hold, &past).await.problem("bad-request")["place"],
        "until"
    );
    let until = json!({"reason": "authority", "until": "2026-12-31"});
    let first = site.supervisor.post(&hold, &until).await.done();
    let person = site.supervisor.get(&format!("/v1/cases/{id}")).await.done()["person"].clone();
    let erase = site.erasure_of(&person).await;
    site.supervisor.post(&erase, &Value::Null).await.problem("held");
    let back = format!("/v1/imports/{}/take-back", report["import"].as_str().unwrap());
    site.supervisor
        .post(&back, &Value::Null)
        .await
        .problem("import-touched");
    let second = json!({"reason": "litigation"});
    site.administrator.post(&hold, &second).await.done();
    let release = format!("{hold}/release");
    let over = json!({"reason": "over"});
    assert_eq!(
        site.supervisor.post(&release, &over).await.problem("bad-request")["place"],
        "hold"
    );
    let one = json!({"reason": "over", "hold": first["id"]});
    let lifted = site.supervisor.post(&release, &one).await.done();
    assert_eq!(
        (&lifted["stands"], &lifted["released_why"]),
        (&json!(false), &json!("over"))
    );
    site.supervisor.post(&release, &one).await.problem("not-found");
    site.supervisor.post(&erase, &Value::Null).await.problem("held");
    site.supervisor.post(&release, &over).await.done();
    site.supervisor.post(&release, &over).await.problem("not-found");
    assert_eq!(
        site.supervisor.items(&hold).await.len(),
        2,
        "what was lifted stays readable"
    );
    // One that ends by itself.
    site.supervisor.post(&hold, &until).await.done();
    site.supervisor.post(&erase, &Value::Null).await.problem("held");
    let export = site.export().await;
    let kinds = [EntryKind::HoldPlaced, EntryKind::HoldReleased].map(|kind| export.count(kind.code()));
    assert_eq!(kinds, [3, 2]);
    later(site, 60).await;
    let erase = site.erasure_of(&person).await;
    site.supervisor.post(&erase, &Value::Null).await.done();
    site.supervisor.post(&hold, &second).await.problem("erased");
    site.export().await.holds();
}

async fn an_approved_list_is_that_list_and_no_other(site: &mut Deployment) {
    three_recalled(site).await;
    later(site, OVER).await;
    let asked = approved(site).await;
    let store = site.app().store().clone();
    let added = "INSERT INTO purge_person (tenant_id, approval_id, person_id) SELECT l.tenant_id, l.approval_id, \
                 c.person_id FROM (SELECT DISTINCT tenant_id, approval_id FROM purge_person) l \
                 JOIN cases c ON c.tenant_id = l.tenant_id AND c.status = 'open'";
    assert_eq!(store.tamper(added).await.unwrap(), 3);
    run(site, &asked).await.problem("approval-needed");
    // An approval for one person is none for a list, and the other way round.
    let case = site.supervisor.items("/v1/cases?status=open").await[0].clone();
    let path = format!("/v1/cases/{}", case["id"].as_str().unwrap());
    let person = site.supervisor.get(&path).await.done()["person"].clone();
    let path = site.erasure_of(&person).await;
    let given = json!({"approval": {"id": path.split('=').next_back().unwrap()}});
    run(site, &given).await.problem("approval-needed");
    let approval = asked["approval"]["id"].as_str().unwrap();
    let path = format!("/v1/persons/{}/erase?approval={approval}", person.as_str().unwrap());
    site.supervisor
        .post(&path, &Value::Null)
        .await
        .problem("approval-needed");
    // Nor is anybody in it who asks through the door of all approvals.
    let request = json!({"kind": "retention.purge", "subject": person, "reason": "retention-over"});
    site.supervisor
        .post("/v1/approvals", &request)
        .await
        .problem("bad-request");
    assert_eq!(site.export().await.count("subject.erased"), 0);
}

async fn a_device_that_was_not_heard_of_keeps_its_doors_persons(site: &mut Deployment) {
    let file = |from: usize| lines_of(&sample("porto-cases.csv"), |line| line >= from && line < 40);
    let day = site.crew_day(file(0)).await;
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    let held = device.doors().await.unwrap().len();
    assert!(held > 0);
    let preview = "/v1/imports?complete=true&dry_run=true";
    let count = site.supervisor.upload(preview, file(39)).await.done()["recalled"].clone();
    let path = format!("/v1/imports?complete=true&confirm_recall={count}");
    site.supervisor.upload(&path, file(39)).await.done();
    later(site, OVER).await;
    let all = states(&site.supervisor).await;
    let waits = |states: &[String]| states.iter().filter(|state| *state == "device").count();
    assert!((1..=held).contains(&waits(&all)), "{all:?}");
    assert!(all.iter().any(|state| state == "over"), "{all:?}");
    let id = site.administrator.items("/v1/devices").await[0]["id"].clone();
    let path = format!("/v1/devices/{}/revoke", id.as_str().unwrap());
    site.administrator.post(&path, &Value::Null).await.done();
    assert_eq!(waits(&states(&site.supervisor).await), 0, "it brings nothing any more");
}

async fn the_job_purges_what_is_over_and_nothing_else(site: &mut Deployment) {
    let recalled = three_recalled(site).await;
    let reason = json!({"reason": "misconduct"});
    site.supervisor.post(&hold_of(&recalled[2]), &reason).await.done();
    assert_eq!(site.app().run_purge_due().await.unwrap(), 0);
    later(site, OVER).await;
    assert_eq!(site.app().run_purge_due().await.unwrap(), 2);
    assert_eq!(site.app().run_purge_due().await.unwrap(), 0, "each goes once");
    assert_eq!(states(&site.supervisor).await, ["held"]);
    let export = site.export().await;
    assert_eq!(
        (export.count("subject.erased"), export.count("retention.purge")),
        (2, 1)
    );
    assert_eq!(export.holds().counts.payloads_missing, 0);
    site.restart().await;
    site.export().await.holds();
}

async fn an_end_that_only_the_database_knows_has_nobody_purged(site: &mut Deployment) {
    three_recalled(site).await;
    let store = site.app().store().clone();
    let forged = "UPDATE cases SET status = 'settled', ended_at = 1, \
                  ended_mac = (SELECT o.ended_mac FROM cases o WHERE o.status = 'recalled' LIMIT 1) WHERE status = 'open'";
    assert_eq!(store.tamper(forged).await.unwrap(), 3);
    later(site, OVER).await;
    let looked = doctor(&site.folder(), Arc::<TestClock>::clone(&site.clock)).await;
    let rows = looked.checks.iter().find(|check| check.name.starts_with("rows "));
    assert!(rows.is_some_and(|rows| !rows.ok), "{looked:#?}");
    // Three are over as the program wrote it; those three go, and no other.
    assert_eq!(states(&site.supervisor).await, ["over", "over", "over"]);
    assert_eq!(site.app().run_purge_due().await.unwrap(), 3);
    assert_eq!(site.export().await.count("subject.erased"), 3);
}

async fn a_loan_that_goes_on_keeps_its_person(site: &mut Deployment) {
    has_card(site).await;
    let rows = [
        row("L-1", "2026-11-13", 1, [100, 10, 0, 1], "2026-11-23"),
        row("L-1", "2029-11-13", 2, [100, 10, 0, 1], "2026-11-23"),
        row("L-2", "2026-11-13", 1, [100, 10, 0, 1], "2026-11-23"),
    ];
    land(site, &rows).await;
    daily(site).await;
    let first = ["R-1,L-1", "R-2,L-2"].map(|row| format!("{row},card,2026-11-23,111.00,EUR,payment,"));
    paid(site, &[&first[0], &first[1]]).await;
    later(site, OVER).await;
    let kept = site.supervisor.items("/v1/retention?state=over").await;
    let numbers: Vec<&Value> = kept.iter().map(|one| &one["cases"][0]["case_no"]).collect();
    assert_eq!(numbers, [&json!("L-2")], "{kept:?}");
    let running = site.supervisor.items("/v1/retention?state=running").await;
    assert_eq!(running[0]["cases"][0]["case_no"], "L-1", "{running:?}");
    let asked = approved(site).await;
    assert_eq!(run(site, &asked).await.done()["erased"], 1);
    // The instalment that was to come is paid: nothing keeps the person any more but time.
    paid(site, &["R-3,L-1,card,2028-02-01,111.00,EUR,payment,"]).await;
    assert!(site.supervisor.items("/v1/retention?state=running").await.is_empty());
    site.export().await.holds();
}
