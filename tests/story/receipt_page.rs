//! What a receipt says of what came of a visit, and the page that it opens: agreed things stand on the recognised person's alone,
//! and whoever holds it can object without an account.

use doorstep_device::{Device, FinishInput};
use doorstep_domain::contact::{ContactOutcome, MatterOutcome};
use doorstep_log::receipt::Receipt;
use doorstep_wire::sync::{PromiseMade, ReceiptSaid};
use serde_json::Value;
use uuid::Uuid;

use crate::harness::{Answered, CrewDay, Deployment, checked_in, id_of, sample};

stories!(
    what_was_agreed_stands_on_the_recognised_persons_receipt_alone,
    whoever_holds_a_receipt_can_have_no_more_visits,
);

/// A check-out with a promise.
fn promised(done: Vec<String>, outcome: ContactOutcome) -> FinishInput {
    FinishInput {
        position: None,
        outcome,
        matter: Some(MatterOutcome::Promise),
        promise: Some(PromiseMade {
            day: "2026-12-01".to_owned(),
            amount: 25_000,
            currency: "EUR".to_owned(),
        }),
        note: None,
        done,
        evidence: Vec::new(),
        anyway: false,
    }
}

async fn visited(site: &Deployment, device: &Device, day: &CrewDay, number: usize, recognised: bool) -> ReceiptSaid {
    let visit = &day.visits[number];
    let id: Uuid = id_of(&visit["visit"]);
    site.when_it_starts(visit);
    let started = checked_in(device, visit, &day.staff).await;
    if recognised {
        device.identity_confirm(id).await.unwrap();
    }
    let early = device.receipt_give(id).await.unwrap().said;
    assert_eq!((&early.agreed, &early.next), (&None, &None), "nothing came of it yet");
    let outcome = if recognised {
        ContactOutcome::MetBorrower
    } else {
        ContactOutcome::MetRelated
    };
    device
        .visit_finish(id, promised(started.required, outcome))
        .await
        .unwrap();
    let paper = device.receipt_give(id).await.unwrap().said;
    assert_eq!(device.receipt_give(id).await.unwrap().said, paper);
    assert_eq!(
        recognised,
        paper.reference != early.reference,
        "another where there is more to say"
    );
    paper
}

async fn what_was_agreed_stands_on_the_recognised_persons_receipt_alone(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-cases.csv")).await;
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    let theirs = visited(site, &device, &day, 0, true).await;
    let others = visited(site, &device, &day, 1, false).await;
    assert_eq!(others.agreed, None);
    assert!(theirs.authority.is_some() && theirs.authority == others.authority);
    device.push().await.unwrap();
    site.sign_everybody_in().await;
    site.export().await.holds();
    let file = site
        .anonymous
        .get(&format!("/v1/receipts/{}", theirs.reference))
        .await
        .file();
    assert!(String::from_utf8_lossy(&file).contains("doorstep.receipt/v2"));
    let said = Receipt::decode(&file).unwrap().verify(None).unwrap().said.unwrap();
    let agreed = said.agreed.unwrap();
    assert_eq!(
        [agreed.amount.as_str(), agreed.currency.as_str(), agreed.day.as_str()],
        ["250.00", "EUR", "2026-12-01"]
    );
    assert_eq!(said.next.as_deref(), Some("office"));
}

/// Sends a form as a browser does.
async fn sends(site: &Deployment, path: &str, body: &'static str) -> Answered {
    let request = site.anonymous.request(reqwest::Method::POST, path);
    let request = request.header("Content-Type", "application/x-www-form-urlencoded");
    site.anonymous.send(request.body(body)).await
}

async fn whoever_holds_a_receipt_can_have_no_more_visits(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-cases.csv")).await;
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    let paper = visited(site, &device, &day, 0, true).await;
    let path = format!("/n/{}", paper.reference);
    assert_eq!(
        site.anonymous.get(&path).await.status,
        404,
        "the device has not sent it"
    );
    device.push().await.unwrap();
    site.sign_everybody_in().await;
    let page = site.anonymous.get(&path).await.text();
    let case: Value = site
        .supervisor
        .get(&format!("/v1/cases/{}", day.visits[0]["case"].as_str().unwrap()))
        .await
        .done();
    for secret in [
        "250.00",
        "EUR",
        case["name"].as_str().unwrap(),
        case["case_no"].as_str().unwrap(),
    ] {
        assert!(!page.contains(secret), "{secret} in {page}");
    }
    // What only the person may say needs the digits of their phone; a stop does not.
    let dispute = sends(site, &path, "what=dispute&words=not+mine").await;
    assert_eq!(dispute.status, 422, "{}", dispute.text());
    assert_eq!(sends(site, &path, "what=stop").await.status, 200);
    let restrictions = format!("/v1/cases/{}/restrictions", case["id"].as_str().unwrap());
    let kinds = site.supervisor.items(&restrictions).await;
    assert!(kinds.iter().any(|one| one["kind"] == "cease_contact"), "{kinds:?}");
    let wishes = site.supervisor.items("/v1/wishes").await;
    assert_eq!(wishes.len(), 1, "{wishes:?}");
    assert!(
        site.export().await.log_text().contains("\"receipt\":\""),
        "the log says which paper it was"
    );
    // A month after the visit it opens nothing any more; the receipt itself still does.
    site.clock.forward(31 * 86_400);
    assert_eq!(site.anonymous.get(&path).await.status, 404);
    let receipt = format!("/v1/receipts/{}", paper.reference);
    assert_eq!(site.anonymous.get(&receipt).await.status, 200);
}
