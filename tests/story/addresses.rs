//! Addresses: where they come from and how sure they are; nobody goes to one that has to be confirmed first.

use serde_json::{Value, json};

use super::strategy::{SHORT, contact, has_cases, next, path_of, set};
use crate::harness::Deployment;

stories!(
    an_address_is_taken_only_from_who_may_give_it,
    nobody_goes_where_the_person_was_not_found_unconfirmed,
    what_was_not_confirmed_for_long_is_confirmed_first,
);

async fn addresses(site: &Deployment, number: &str) -> Vec<Value> {
    let path = path_of(&site.supervisor, number, "addresses").await;
    site.supervisor.items(&path).await
}

/// Where an address comes from, how it stands, and how sure it is.
fn told(item: &Value) -> [String; 3] {
    ["provenance", "state", "confidence"].map(|field| item[field].as_str().unwrap().to_owned())
}

async fn an_address_is_taken_only_from_who_may_give_it(site: &mut Deployment) {
    has_cases(site).await;
    let path = path_of(&site.supervisor, "P-2", "addresses").await;
    let first = addresses(site, "P-2").await;
    assert_eq!(first.len(), 1);
    assert_eq!(told(&first[0]), ["lender-file", "unverified", "medium"], "{first:?}");
    assert_eq!(
        (&first[0]["text"], &first[0]["used"]),
        (&json!("Rua Dois 2"), &json!(true))
    );
    no_address_is_bought_or_gathered(site, &path).await;
    site.clock.forward(1);
    let body = json!({"text": "Rua Nova 9", "provenance": "contract", "point": [411_480_000, -86_110_000]});
    let added = site.supervisor.post(&path, &body).await.done();
    let new = added["items"].as_array().unwrap()[1].clone();
    assert_eq!(
        (told(&new), &new["used"]),
        (["contract", "unverified", "medium"].map(str::to_owned), &json!(false))
    );
    site.supervisor.post(&path, &body).await.problem("changed");
    is_current_once_confirmed(site, &path, &new).await;
    let log = site.export().await;
    assert_eq!((log.count("address.added"), log.count("address.verified")), (1, 2));
    log.holds();
    assert!(!log.log_text().contains("Rua Nova"), "the log names no address");
}

async fn no_address_is_bought_or_gathered(site: &Deployment, path: &str) {
    for (source, named) in [
        ("bought", "bought"),
        ("social-media", "social-media"),
        ("contacts", "contacts"),
        ("neighbour", "neighbour"),
        ("微信", "social-media"),
        ("gps", "tracking"),
    ] {
        let body = json!({"text": "Rua Nova 9", "provenance": source});
        let problem = site.supervisor.post(path, &body).await.problem("bad-request");
        assert_eq!(problem["place"], "provenance", "{problem}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(
            detail.contains(&format!("`{named}`")) && detail.contains("from the person"),
            "{detail}"
        );
    }
}

async fn is_current_once_confirmed(site: &Deployment, path: &str, new: &Value) {
    // A neighbour's word never makes an address current.
    let verify = format!("{path}/{}/verify", new["id"].as_str().unwrap());
    for how in ["neighbour", "visit"] {
        let problem = site
            .supervisor
            .post(&verify, &json!({"how": how}))
            .await
            .problem("bad-request");
        assert_eq!(problem["place"], "how", "{problem}");
    }
    let verified = site.supervisor.post(&verify, &json!({"how": "letter"})).await.done();
    let verified = verified["items"].as_array().unwrap();
    assert_eq!(
        (told(&verified[1]), &verified[1]["used"]),
        (["contract", "current", "high"].map(str::to_owned), &json!(true))
    );
    assert_eq!(
        (&verified[0]["used"], &verified[1]["verified_how"]),
        (&json!(false), &json!("letter"))
    );
    let case = site.supervisor.get(path.trim_end_matches("/addresses")).await.done();
    assert_eq!(case["address"], "Rua Nova 9", "{case}");
    assert_eq!(case["point"], json!([411_480_000, -86_110_000]), "{case}");
    // Only one is current: the older one, confirmed again, takes its place.
    let back = format!("{path}/{}/verify", verified[0]["id"].as_str().unwrap());
    let back = site.supervisor.post(&back, &json!({"how": "call"})).await.done();
    let states: Vec<&Value> = back["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["state"])
        .collect();
    assert_eq!(states, ["current", "unverified"], "{back}");
    site.auditor
        .post(&verify, &json!({"how": "letter"}))
        .await
        .problem("not-allowed");
    let other = path_of(&site.supervisor, "P-3", "addresses").await;
    let foreign = format!("{other}/{}/verify", new["id"].as_str().unwrap());
    site.supervisor
        .post(&foreign, &json!({"how": "letter"}))
        .await
        .problem("not-found");
}

async fn nobody_goes_where_the_person_was_not_found_unconfirmed(site: &mut Deployment) {
    site.has_porto_staff().await;
    has_cases(site).await;
    set(site, SHORT).await.done();
    contact(site, "P-2", ("letter", "DELIVERED", 5), json!({})).await;
    let plan = site.published_plan().await;
    assert_eq!(plan["planned"], 1, "{plan}");
    let path = path_of(&site.supervisor, "P-2", "addresses").await;
    let id = addresses(site, "P-2").await[0]["id"].as_str().unwrap().to_owned();
    site.supervisor
        .post(&format!("{path}/{id}/retire"), &json!({"state": "current"}))
        .await
        .problem("bad-request");
    let retired = site
        .supervisor
        .post(&format!("{path}/{id}/retire"), &json!({"state": "moved"}))
        .await
        .done();
    let one = &retired["items"][0];
    assert_eq!(
        (&one["state"], &one["confidence"]),
        (&json!("moved"), &json!("none")),
        "{one}"
    );
    assert!(one["retired_at"].is_i64());
    let visits = site.supervisor.items("/v1/visits?state=planned").await;
    assert!(visits.is_empty(), "nobody goes there any more: {visits:?}");
    let waits = next(&site.supervisor, "P-2", "2026-11-23").await;
    assert_ne!(waits["action"], "visit", "{waits}");
    // The contract names another; it is confirmed by a letter, and then somebody may go there.
    site.clock.forward(1);
    let body = json!({"text": "Rua Nova 9", "provenance": "contract"});
    let added = site.supervisor.post(&path, &body).await.done();
    let new = added["items"].as_array().unwrap()[1]["id"].as_str().unwrap().to_owned();
    site.supervisor
        .post(&format!("{path}/{new}/verify"), &json!({"how": "letter"}))
        .await
        .done();
    let visit = next(&site.supervisor, "P-2", "2026-11-23").await;
    assert_eq!(visit["action"], "visit", "{visit}");
    let log = site.export().await;
    assert_eq!((log.count("address.retired"), log.count("visit.withdrawn")), (1, 1));
    log.holds();
}

async fn what_was_not_confirmed_for_long_is_confirmed_first(site: &mut Deployment) {
    site.has_porto_staff().await;
    has_cases(site).await;
    let document = format!("{SHORT}[address]\nverify_days = 10\n")
        .replace("\"M2\"", "\"M3\"")
        .replace("\"M1\"", "\"M2\"");
    set(site, &document).await.done();
    for number in ["P-2", "P-3"] {
        contact(site, number, ("letter", "DELIVERED", 0), json!({})).await;
    }
    site.clock.forward(21 * 86_400);
    site.sign_everybody_in().await;
    let letter = json!({"case": site.supervisor.case("P-2").await["id"], "channel": "letter", "outcome": "DELIVERED",
                        "at": site.app().now().get() - 4 * 86_400_000_000_i64});
    site.supervisor.post("/v1/contacts", &letter).await.done();
    let stale = next(&site.supervisor, "P-2", "2026-12-14").await;
    assert_eq!(
        (&stale["action"], &stale["why"]),
        (&json!("verify-address"), &json!("address-stale")),
        "{stale}"
    );
    let plan = site.proposed_plan_for("2026-12-15").await;
    let why = plan["reasons"].as_array().unwrap();
    assert!(why.iter().any(|one| one["reason"] == "address-stale"), "{plan}");
    let work = site.supervisor.get("/v1/work?channel=verify-address").await.done();
    assert_eq!(work["items"][0]["case_no"], "P-2", "{work}");
    let path = path_of(&site.supervisor, "P-2", "addresses").await;
    let item = addresses(site, "P-2").await[0].clone();
    assert_eq!(
        (&item["stale"], &item["confidence"]),
        (&json!(true), &json!("low")),
        "{item}"
    );
    let verify = format!("{path}/{}/verify", item["id"].as_str().unwrap());
    site.supervisor
        .post(&verify, &json!({"how": "lender-file"}))
        .await
        .done();
    let fresh = next(&site.supervisor, "P-2", "2026-12-14").await;
    assert_eq!(fresh["action"], "visit", "{fresh}");
}
