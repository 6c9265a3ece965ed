//! The copy of a visited person: given out offline, fetched by whoever holds it, checked by anybody.

use doorstep_device::Device;
use doorstep_domain::contact::ContactOutcome;
use doorstep_log::note::VerifierKey;
use doorstep_log::policy::Policy;
use doorstep_log::receipt::{Part, Receipt, ReceiptError};
use doorstep_store::Engine;
use serde_json::{Value, json};

use super::witness::{Watcher, head_until, is_cosigned, log_keys, policy_of, take_policy};
use crate::harness::{Deployment, checked_in, checked_out, id_of, sample};

stories!(
    a_receipt_is_given_offline_and_checked_by_its_holder,
    an_edited_or_exchanged_receipt_is_refused,
    after_an_erasure_a_receipt_still_proves_that_it_was_given,
    only_the_right_reference_finds_a_receipt,
    a_receipt_bears_the_cosignatures_of_witnesses,
);

struct Given {
    device: Device,
    visits: Vec<Value>,
    staff: [Value; 2],
    paper: doorstep_device::Receipt,
    keys: Vec<VerifierKey>,
}

/// A visit of two, and the receipt that its person got while there was no network.
async fn given(site: &mut Deployment) -> Given {
    let complaints = json!({"complaints": "Tel. +351 220 000 000"});
    let path = "/v1/offices/complaints";
    site.administrator
        .send(site.administrator.request(reqwest::Method::PUT, path).json(&complaints))
        .await
        .done();
    let day = site.crew_day(sample("porto-cases.csv")).await;
    let device = site.device(&day.staff[0]).await;
    let visit = &day.visits[0];
    site.when_it_starts(visit);
    device.pull().await.unwrap();
    let started = checked_in(&device, visit, &day.staff).await;
    checked_out(&device, visit, &started, ContactOutcome::NobodyHome).await;
    let paper = device.receipt_give(id_of(&visit["visit"])).await.unwrap();
    site.sign_everybody_in().await;
    let key = site.auditor.get("/v1/log/events").await.done()["key"].clone();
    Given {
        device,
        visits: day.visits,
        staff: day.staff,
        paper,
        keys: vec![VerifierKey::parse(key.as_str().unwrap()).unwrap()],
    }
}

/// What the holder fetches, after everything has its place in the log.
async fn fetched(site: &Deployment, reference: &str) -> Receipt {
    site.export().await.holds();
    let file = site.anonymous.get(&format!("/v1/receipts/{reference}")).await.file();
    Receipt::decode(&file).unwrap()
}

/// In its language, and it finds the file from there.
async fn a_browser_is_shown_a_page(site: &Deployment, path: &str, key: &VerifierKey) {
    let page = site.anonymous.request(reqwest::Method::GET, path);
    let page = page
        .header("Accept", "text/html,*/*")
        .header("Accept-Language", "zh-CN");
    let html = site.anonymous.send(page).await.text();
    assert!(html.contains("到访回执") && html.contains("+351 220 000 000"), "{html}");
    assert!(html.contains(&key.to_string()) && !html.contains("<script"), "{html}");
    let file = site.anonymous.get(&format!("{path}?file=true")).await.file();
    assert!(Receipt::decode(&file).unwrap().opening.is_some());
    let nothing = "/v1/receipts/7ZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZ";
    let nothing = site.anonymous.request(reqwest::Method::GET, nothing);
    let nothing = site.anonymous.send(nothing.header("Accept", "text/html")).await;
    assert_eq!(nothing.status, 404);
    assert!(
        nothing.text().contains("Read it again from the paper"),
        "{}",
        nothing.text()
    );
}

async fn a_receipt_is_given_offline_and_checked_by_its_holder(site: &mut Deployment) {
    let given = given(site).await;
    let said = &given.paper.said;
    let again = given
        .device
        .receipt_give(id_of(&given.visits[0]["visit"]))
        .await
        .unwrap();
    assert_eq!(again, given.paper, "asked for twice, given once");
    let logins: Vec<&str> = given.staff.iter().map(|one| one["login"].as_str().unwrap()).collect();
    let mut badges: Vec<&str> = said.staff.iter().map(String::as_str).collect();
    badges.sort_unstable();
    assert_eq!(badges, {
        let mut logins = logins;
        logins.sort_unstable();
        logins
    });
    assert_eq!(said.complaints, "Tel. +351 220 000 000");
    let not_begun = given.device.receipt_give(id_of(&given.visits[1]["visit"])).await;
    assert_eq!(not_begun.unwrap_err().code(), "not-started");
    let path = format!("/v1/receipts/{}", said.reference);
    site.anonymous.get(&path).await.problem("not-found");
    given.device.push().await.unwrap();
    let receipt = fetched(site, &said.reference).await;
    let proven = receipt.verify(Some(&given.keys)).unwrap();
    let shown = proven.said.unwrap();
    assert_eq!(
        (&shown.reference, &shown.staff, &shown.office),
        (&said.reference, &said.staff, &said.office)
    );
    assert_eq!((shown.at_ms, &shown.complaints), (said.at_ms, &said.complaints));
    assert_eq!(proven.origin, given.paper.log);
    let spoken = said.reference.to_lowercase().replace('-', "");
    assert_eq!(
        fetched(site, &spoken).await.verify(Some(&given.keys)).unwrap().index,
        proven.index
    );
    a_browser_is_shown_a_page(site, &path, &given.keys[0]).await;
    let text = String::from_utf8(receipt.encode().unwrap()).unwrap();
    let named = site
        .supervisor
        .get(&format!("/v1/cases/{}", given.visits[0]["case"].as_str().unwrap()))
        .await
        .done();
    for field in ["name", "phone", "address", "case_no"] {
        let value = named[field].as_str().unwrap();
        assert!(
            // Not everybody has a phone.
            value.is_empty() || (!text.contains(value) && !format!("{:?}", given.paper).contains(value)),
            "{field}"
        );
    }
    let whole = site.export().await;
    assert!(whole.kinds().contains(&"receipt.given".to_owned()));
    assert!(
        whole.log_text().contains("\"reason\":\"receipt\""),
        "who asks leaves an entry"
    );
    assert!(
        !whole.log_text().contains(&said.reference),
        "the reference is the holder's alone"
    );
}

async fn an_edited_or_exchanged_receipt_is_refused(site: &mut Deployment) {
    let given = given(site).await;
    let visit = &given.visits[1];
    site.when_it_starts(visit);
    checked_in(&given.device, visit, &given.staff).await;
    let other = given.device.receipt_give(id_of(&visit["visit"])).await.unwrap();
    given.device.push().await.unwrap();
    let own = fetched(site, &given.paper.said.reference).await;
    let foreign = fetched(site, &other.said.reference).await;
    let refused = |change: &dyn Fn(&mut Receipt)| {
        let mut changed = own.clone();
        change(&mut changed);
        changed.verify(Some(&given.keys)).unwrap_err()
    };
    let edit = |receipt: &mut Receipt| {
        let opening = receipt.opening.as_mut().unwrap();
        let text = String::from_utf8(opening.payload.clone()).unwrap();
        opening.payload = text.replace("220 000 000", "220 000 001").into_bytes();
    };
    assert_eq!(refused(&edit), ReceiptError::Edited);
    assert_eq!(
        refused(&|receipt| receipt.opening.clone_from(&foreign.opening)),
        ReceiptError::Edited
    );
    let leaf = |receipt: &mut Receipt| receipt.event.extra.clone_from(&foreign.event.extra);
    assert_eq!(refused(&leaf), ReceiptError::Proof(Part::Event));
    let older = |receipt: &mut Receipt| receipt.event.checkpoint.clone_from(&foreign.event.checkpoint);
    if own.event.checkpoint != foreign.event.checkpoint {
        assert_eq!(refused(&older), ReceiptError::Proof(Part::Event));
    }
    assert_eq!(
        refused(&|receipt| receipt.device = receipt.event.clone()),
        ReceiptError::Leaf(Part::Device)
    );
    assert_eq!(refused(&|receipt| receipt.opening = None), ReceiptError::Missing);
    let stranger = VerifierKey::new(given.keys[0].name(), &[0x58; 32]);
    if let Ok(stranger) = stranger {
        assert_eq!(own.verify(Some(&[stranger])), Err(ReceiptError::Proof(Part::Event)));
    }
}

async fn after_an_erasure_a_receipt_still_proves_that_it_was_given(site: &mut Deployment) {
    let given = given(site).await;
    given.device.push().await.unwrap();
    site.erase_person_of(given.visits[0]["case"].as_str().unwrap()).await;
    let receipt = fetched(site, &given.paper.said.reference).await;
    assert!(receipt.opening.is_none() && receipt.erased.is_some());
    let proven = receipt.verify(Some(&given.keys)).unwrap();
    assert_eq!(proven.said, None);
    let mut unexplained = receipt;
    unexplained.erased = None;
    assert_eq!(unexplained.verify(Some(&given.keys)), Err(ReceiptError::Missing));
}

async fn only_the_right_reference_finds_a_receipt(site: &mut Deployment) {
    let given = given(site).await;
    given.device.push().await.unwrap();
    let reference = &given.paper.said.reference;
    fetched(site, reference).await;
    let sql = match site.engine {
        Engine::Sqlite => "SELECT count(*) FROM receipt WHERE length(ref_hash) = 32",
        Engine::Postgres => "SELECT count(*) FROM receipt WHERE octet_length(ref_hash) = 32",
    };
    assert_eq!(site.app().store().number(sql).await.unwrap(), 1, "kept as a hash");
    let near = if reference.ends_with('0') { "1" } else { "0" };
    let near = format!("{}{near}", &reference[..reference.len() - 1]);
    for wrong in [near.as_str(), "nothing", &given.paper.event.to_string()] {
        site.anonymous
            .get(&format!("/v1/receipts/{wrong}"))
            .await
            .problem("not-found");
    }
    let before = site.entries().await;
    let path = format!("/v1/receipts/{near}");
    let mut last = 404;
    for _ in 0..60 {
        last = site.anonymous.get(&path).await.status;
    }
    assert_eq!(last, 429, "guessing ends");
    assert_eq!(site.entries().await, before, "guesses leave no entries");
    site.anonymous
        .get(&format!("/v1/receipts/{reference}"))
        .await
        .problem("too-many-attempts");
}

async fn a_receipt_bears_the_cosignatures_of_witnesses(site: &mut Deployment) {
    let mut watcher = Watcher::new(site, "w0", &log_keys(site).await);
    let address = watcher.serve(site).await;
    let policy = policy_of(1, &[(&watcher.key, address)]);
    take_policy(site, &policy).await;
    let given = given(site).await;
    given.device.push().await.unwrap();
    site.export().await.holds();
    let head = head_until(site, "events", is_cosigned).await;
    let path = format!("/v1/receipts/{}", given.paper.said.reference);
    let receipt = Receipt::decode(&site.anonymous.get(&path).await.file()).unwrap();
    let policy = Policy::parse(policy.as_bytes()).unwrap();
    let proven = receipt.verify_witnessed(Some(&given.keys), Some(&policy)).unwrap();
    assert_eq!(
        (proven.size.into(), proven.cosigned),
        (head["size"].clone(), vec!["w0".to_owned()])
    );
    // Whoever trusts others is told that they said nothing, and without a policy every line is checked all the same.
    let stranger = Watcher::new(site, "w1", &[]);
    let others = policy_of(1, &[(&stranger.key, address)]);
    let others = Policy::parse(others.as_bytes()).unwrap();
    let refused = receipt.verify_witnessed(Some(&given.keys), Some(&others));
    assert_eq!(refused.map(drop), Err(ReceiptError::Quorum { cosigned: 0 }));
    assert!(receipt.verify(Some(&given.keys)).is_ok());
    site.stop().await;
    watcher.stop().await;
}
