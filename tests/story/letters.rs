//! Letters: what the rules let be written, what stands on the paper, and that it counts once it left.

use doorstep_device::FinishInput;
use doorstep_domain::contact::ContactOutcome;
use doorstep_log::hash::base64url_decode;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Deployment, checked_in, id_of as id_of_visit, sample, text_of_pdf};

stories!(
    a_letter_says_who_writes_for_whom_and_what_is_open_in_the_persons_language,
    a_letter_counts_as_a_contact_once_it_left,
    nobody_is_written_to_against_a_rule_or_with_an_old_amount,
    only_true_steps_are_announced,
    nobody_else_opens_a_letter_about_a_debt,
    nobody_is_pressed_by_letter_who_is_protected_or_keeps_their_word,
    a_dispatch_folder_gets_each_letter_once,
    a_name_that_no_font_has_is_named_and_no_letter_is_made,
    leaflets_fit_the_case_and_are_noted_when_they_are_handed_over,
);

const HEADER: &str = "case_no,portfolio,name,phone,address,lat,lon,amount_due,currency,due_date,flags,language\n";

/// Cases in Hangzhou, where it is half past two in the afternoon.
async fn has_cases(site: &Deployment) {
    has_cases_as_of(site, "2026-11-23").await;
}

async fn has_cases_as_of(site: &Deployment, day: &str) {
    let report = stated_as_of(site, day).await;
    assert_eq!(report["created"], 4, "{report}");
}

/// The lender's file, which states what was owed on a day.
async fn stated_as_of(site: &Deployment, day: &str) -> Value {
    let file = [
        HEADER,
        "CN-1,card,周静,13800000001,杭州市林溪镇塔前路68号,30.2741,120.1551,420.50,CNY,2026-09-14,,zh\n",
        "CN-2,card,Hana Elm,13800000002,25 School Lane,30.2751,120.1561,1310.00,CNY,2026-09-14,,en\n",
        "CN-3,card,Invented Three,13800000003,3 Invented Road,30.2761,120.1571,88.20,CNY,2026-09-14,deceased,en\n",
        "CN-4,card,吴\u{3fffd},13800000004,4 Invented Road,30.2771,120.1581,88.20,CNY,2026-09-14,hardship,zh\n",
    ];
    let query = format!("/v1/imports?as_of={day}");
    site.supervisor.upload(&query, file.concat()).await.done()
}

async fn id_of(site: &Deployment, number: &str) -> Value {
    site.supervisor.case(number).await["id"].clone()
}

fn letter(case: &Value, kind: &str) -> Value {
    json!({"case": case, "kind": kind})
}

async fn paper_of(site: &Deployment, made: &Value) -> String {
    let path = format!("/v1/letters/{}", made["id"].as_str().unwrap());
    let detail = site.supervisor.get(&path).await.done();
    text_of_pdf(&base64url_decode(detail["pdf"].as_str().unwrap()).unwrap())
}

async fn becomes(site: &Deployment, made: &Value, state: &str) -> Value {
    let path = format!("/v1/letters/{}/state", made["id"].as_str().unwrap());
    site.supervisor.post(&path, &json!({"state": state})).await.done()
}

async fn a_letter_says_who_writes_for_whom_and_what_is_open_in_the_persons_language(site: &mut Deployment) {
    has_cases(site).await;
    let case = id_of(site, "CN-1").await;
    let send = |key: &'static str, body: Value| {
        let request = site.supervisor.request(Method::POST, "/v1/letters");
        site.supervisor.send(request.header("Idempotency-Key", key).json(&body))
    };
    let made = send("first", letter(&case, "reminder")).await.done();
    assert_eq!(
        (&made["state"], &made["language"]),
        (&json!("made"), &json!("zh-CN")),
        "{made}"
    );
    assert_eq!(
        send("first", letter(&case, "reminder")).await.done(),
        made,
        "the same letter"
    );
    send("first", letter(&case, "statement"))
        .await
        .problem("idempotency-key-reused");
    // Readers of PDF differ in what they make of narrow spaces.
    let paper = paper_of(site, &made).await.replace(' ', "");
    for part in [
        "周静",
        "塔前路68号",
        "CN-1",
        "420.50",
        "您的权利",
        "如果您有异议",
        "1/1",
        "我们是该合同的相对方",
    ] {
        assert!(paper.contains(part), "{part}: {paper}");
    }
    assert!(!paper.contains('{') && !paper.contains("Dear"), "{paper}");
    let other = id_of(site, "CN-2").await;
    let made = send("second", letter(&other, "statement")).await.done();
    let paper = paper_of(site, &made).await;
    for part in [
        "Hana Elm",
        "25 School Lane",
        "1310.00",
        "Your rights",
        "What is open, as of",
    ] {
        assert!(paper.contains(part), "{part}: {paper}");
    }
    let chinese = json!({"case": other, "kind": "address-check", "language": "zh"});
    let paper = paper_of(site, &send("third", chinese).await.done()).await;
    assert!(paper.contains("能否送达") && !paper.contains("1310"), "{paper}");
    let export = site.export().await;
    assert_eq!(export.count("letter.made"), 3);
    export.holds();
}

async fn a_letter_counts_as_a_contact_once_it_left(site: &mut Deployment) {
    has_cases(site).await;
    let case = id_of(site, "CN-1").await;
    let detail = format!("/v1/cases/{}", case.as_str().unwrap());
    let contacts = async || {
        site.supervisor.get(&detail).await.done()["contacts"]
            .as_array()
            .unwrap()
            .clone()
    };
    let made = site
        .supervisor
        .post("/v1/letters", &letter(&case, "reminder"))
        .await
        .done();
    assert_eq!(contacts().await.len(), 0, "what waits is no contact");
    becomes(site, &made, "handed_over").await;
    becomes(site, &made, "handed_over").await;
    let found = contacts().await;
    assert_eq!((found.len(), &found[0]["channel"]), (1, &json!("letter")), "{found:?}");
    becomes(site, &made, "delivered").await;
    assert_eq!(contacts().await[0]["outcome"], "DELIVERED");
    becomes(site, &made, "returned").await;
    assert_eq!(contacts().await[0]["outcome"], "RETURNED");
    let path = format!("/v1/letters/{}/state", made["id"].as_str().unwrap());
    let again = json!({"state": "handed_over"});
    site.supervisor.post(&path, &again).await.problem("changed");
    let second = site
        .supervisor
        .post("/v1/letters", &letter(&case, "statement"))
        .await
        .done();
    becomes(site, &second, "withdrawn").await;
    let listed = site.supervisor.items("/v1/letters?state=withdrawn").await;
    assert_eq!((listed.len(), &listed[0]["id"]), (1, &second["id"]));
}

async fn nobody_is_written_to_against_a_rule_or_with_an_old_amount(site: &mut Deployment) {
    has_cases_as_of(site, "2026-11-21").await;
    let dead = id_of(site, "CN-3").await;
    let refused = site.supervisor.post("/v1/letters", &letter(&dead, "reminder")).await;
    let rules = refused.problem("rule-blocked")["rules"].clone();
    assert!(rules.as_array().is_some_and(|rules| !rules.is_empty()), "{rules}");
    let case = id_of(site, "CN-1").await;
    let made = site
        .supervisor
        .post("/v1/letters", &letter(&case, "reminder"))
        .await
        .done();
    let stop = json!({"kind": "deceased"});
    let path = format!("/v1/cases/{}/restrictions", case.as_str().unwrap());
    site.supervisor.post(&path, &stop).await.done();
    let state = format!("/v1/letters/{}/state", made["id"].as_str().unwrap());
    let leave = json!({"state": "handed_over"});
    site.supervisor.post(&state, &leave).await.problem("rule-blocked");
    let other = id_of(site, "CN-2").await;
    let portfolio = site.administrator.items("/v1/portfolios").await.remove(0);
    let path = format!("/v1/portfolios/{}", portfolio["id"].as_str().unwrap());
    let young = json!({"kind": portfolio["kind"], "amount_age_days": 1});
    let put = site.administrator.request(Method::PUT, &path).json(&young);
    site.administrator.send(put).await.done();
    site.supervisor
        .post("/v1/letters", &letter(&other, "statement"))
        .await
        .problem("amount-stale");
    let silent = letter(&other, "address-check");
    assert_eq!(
        site.supervisor.post("/v1/letters", &silent).await.done()["amount_as_of"],
        json!(null)
    );
}

async fn only_true_steps_are_announced(site: &mut Deployment) {
    has_cases(site).await;
    let case = id_of(site, "CN-2").await;
    let refused = site.supervisor.post("/v1/letters", &letter(&case, "pre-legal")).await;
    let problem = refused.problem("not-allowed");
    assert!(problem["detail"].as_str().unwrap().contains("court-claim"), "{problem}");
    let portfolio = site.administrator.items("/v1/portfolios").await.remove(0);
    let path = format!("/v1/portfolios/{}/strategy", portfolio["id"].as_str().unwrap());
    let document =
        "format = 1\n[letters]\nconsequences = [\"court-claim\"]\nnotice_days = 30\nhelp_en = \"the help desk\"\n";
    let body = json!({"file": "own.toml", "document": document});
    let put = site
        .administrator
        .request(Method::PUT, &path)
        .header("If-Match", "\"0\"")
        .json(&body);
    site.administrator.send(put).await.done();
    let made = site
        .supervisor
        .post("/v1/letters", &letter(&case, "pre-legal"))
        .await
        .done();
    let paper = paper_of(site, &made).await;
    for part in ["may ask a court", "nothing is filed before", "the help desk"] {
        assert!(paper.contains(part), "{part}: {paper}");
    }
    site.supervisor
        .post("/v1/letters", &letter(&case, "bureau-notice"))
        .await
        .problem("not-allowed");
}

async fn nobody_else_opens_a_letter_about_a_debt(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-cases.csv")).await;
    let (visit, device) = (&day.visits[0], site.device(&day.staff[0]).await);
    let case = visit["case"].clone();
    let reminder = letter(&case, "reminder");
    let early = site.supervisor.post("/v1/letters", &reminder).await.done();
    device.pull().await.unwrap();
    site.when_it_starts(visit);
    let started = checked_in(&device, visit, &day.staff).await;
    let input = FinishInput {
        position: None,
        outcome: ContactOutcome::UnknownHere,
        matter: None,
        promise: None,
        note: None,
        evidence: Vec::new(),
        done: started.required,
        anyway: true,
    };
    device.visit_finish(id_of_visit(&visit["visit"]), input).await.unwrap();
    device.push().await.unwrap();
    site.sign_everybody_in().await;
    site.supervisor
        .post("/v1/letters", &reminder)
        .await
        .problem("address-lost");
    let path = format!("/v1/letters/{}/state", early["id"].as_str().unwrap());
    let leaves = json!({"state": "handed_over"});
    site.supervisor.post(&path, &leaves).await.problem("address-lost");
    let asks = letter(&case, "address-check");
    let asks = site.supervisor.post("/v1/letters", &asks).await.done();
    let app = site.another_process().await;
    let (_, due) = app.letters_due().await.unwrap().unwrap();
    let due: Vec<String> = due.iter().map(|letter| letter.id.to_string()).collect();
    assert_eq!(due, [asks["id"].as_str().unwrap()], "what tells of a debt waits");
    app.store().close().await;
    let addresses = format!("/v1/cases/{}/addresses", case.as_str().unwrap());
    let here = site.supervisor.items(&addresses).await.remove(0);
    let verify = format!("{addresses}/{}/verify", here["id"].as_str().unwrap());
    site.supervisor.post(&verify, &json!({"how": "letter"})).await.done();
    site.supervisor.post(&path, &leaves).await.done();
}

async fn nobody_is_pressed_by_letter_who_is_protected_or_keeps_their_word(site: &mut Deployment) {
    has_cases(site).await;
    let (plain, kept, hard) = (
        id_of(site, "CN-1").await,
        id_of(site, "CN-2").await,
        id_of(site, "CN-4").await,
    );
    let write = async |case: &Value, kind: &str| site.supervisor.post("/v1/letters", &letter(case, kind)).await;
    write(&hard, "reminder").await.problem("rule-blocked");
    // Whoever keeps what was agreed is not reminded; what waited for the same person does not leave.
    let early = write(&kept, "reminder").await.done();
    let promise = json!({
        "case": kept, "kind": "promise", "agreed_by": "phone", "currency": "CNY", "first": "2026-12-01",
    });
    site.supervisor.post("/v1/agreements", &promise).await.done();
    write(&kept, "reminder").await.problem("agreement-stands");
    write(&kept, "statement").await.done();
    let path = format!("/v1/letters/{}/state", early["id"].as_str().unwrap());
    let leaves = json!({"state": "handed_over"});
    site.supervisor.post(&path, &leaves).await.problem("agreement-stands");
    // One letter to a person at a time, and none after they said that they want none.
    write(&plain, "reminder").await.done();
    write(&plain, "reminder").await.problem("letter-again");
    let again = json!({"case": plain, "kind": "reminder", "again": true});
    site.supervisor.post("/v1/letters", &again).await.done();
    let app = site.another_process().await;
    let (tenant, due) = app.letters_due().await.unwrap().unwrap();
    let persons = due.len();
    assert_eq!(persons, 2, "one to each who may get one: a statement and a reminder");
    let ids: Vec<_> = due.iter().map(|letter| letter.id).collect();
    app.letters_handed_over(tenant, &ids).await.unwrap();
    let call = json!({"case": plain, "channel": "call", "outcome": "DECLINED", "at": site.app().now().get()});
    site.supervisor.post("/v1/contacts", &call).await.done();
    assert!(
        app.letters_due().await.unwrap().is_none(),
        "nobody is written to after they declined"
    );
    app.store().close().await;
    write(&plain, "reminder").await.problem("rule-blocked");
    let stop = format!("/v1/cases/{}/restrictions", kept.as_str().unwrap());
    site.supervisor
        .post(&stop, &json!({"kind": "cease_contact"}))
        .await
        .done();
    write(&kept, "statement").await.problem("rule-blocked");
}

async fn a_dispatch_folder_gets_each_letter_once(site: &mut Deployment) {
    has_cases(site).await;
    let case = id_of(site, "CN-1").await;
    let made = site
        .supervisor
        .post("/v1/letters", &letter(&case, "reminder"))
        .await
        .done();
    let app = site.another_process().await;
    let (tenant, letters) = app.letters_due().await.unwrap().unwrap();
    assert_eq!(letters.len(), 1);
    assert!(text_of_pdf(&letters[0].pdf).contains("周静"));
    app.letters_handed_over(tenant, &[letters[0].id]).await.unwrap();
    assert!(app.letters_due().await.unwrap().is_none());
    let listed = site.supervisor.items("/v1/letters?state=handed_over").await;
    assert_eq!(listed[0]["id"], made["id"]);
    app.store().close().await;
    // The same again is a slip for a week, and then it is not; nor is what came back.
    let again = letter(&case, "reminder");
    let refused = site.supervisor.post("/v1/letters", &again).await;
    let detail = refused.problem("letter-again")["detail"].to_string();
    assert!(detail.contains(made["id"].as_str().unwrap()), "{detail}");
    becomes(site, &made, "returned").await;
    let second = site.supervisor.post("/v1/letters", &again).await.done();
    site.clock.forward(8 * 86_400);
    site.sign_everybody_in().await;
    stated_as_of(site, "2026-12-01").await;
    site.supervisor
        .post("/v1/letters", &again)
        .await
        .problem("letter-again");
    becomes(site, &second, "withdrawn").await;
    site.supervisor.post("/v1/letters", &again).await.done();
}

async fn a_name_that_no_font_has_is_named_and_no_letter_is_made(site: &mut Deployment) {
    has_cases(site).await;
    let case = id_of(site, "CN-4").await;
    let refused = site
        .supervisor
        .post("/v1/letters", &letter(&case, "address-check"))
        .await;
    let problem = refused.problem("not-printable");
    assert!(problem["detail"].as_str().unwrap().contains("U+3FFFD"), "{problem}");
    assert_eq!(site.supervisor.items("/v1/letters").await.len(), 0);
}

async fn leaflets_fit_the_case_and_are_noted_when_they_are_handed_over(site: &mut Deployment) {
    has_cases(site).await;
    let (plain, hard) = (id_of(site, "CN-1").await, id_of(site, "CN-4").await);
    let names = async |case: &Value| -> Vec<String> {
        let path = format!("/v1/leaflets?case={}", case.as_str().unwrap());
        let items = site.supervisor.items(&path).await;
        items
            .iter()
            .map(|item| item["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert!(!names(&plain).await.contains(&"hardship".to_owned()));
    assert!(names(&hard).await.contains(&"hardship".to_owned()));
    let shown = site.supervisor.get("/v1/leaflets/rights?language=zh").await.done();
    let printed = text_of_pdf(&base64url_decode(shown["pdf"].as_str().unwrap()).unwrap());
    assert!(printed.contains("您的权利") && shown["text"].as_str().unwrap().contains("您的权利"));
    let give = json!({"case": hard, "leaflet": "hardship", "language": "zh"});
    let given = site.supervisor.post("/v1/leaflets/given", &give).await.done();
    assert_eq!(
        (&given["place"], &given["language"]),
        (&json!("office"), &json!("zh-CN"))
    );
    let missing = json!({"case": hard, "leaflet": "threats", "language": "zh"});
    site.supervisor
        .post("/v1/leaflets/given", &missing)
        .await
        .problem("not-found");
    let path = format!("/v1/leaflets?case={}", hard.as_str().unwrap());
    let items = site.supervisor.items(&path).await;
    let hardship = items.iter().find(|item| item["name"] == "hardship").unwrap();
    assert_eq!(hardship["given"].as_array().unwrap().len(), 1, "{hardship}");
    assert_eq!(site.export().await.count("leaflet.given"), 1);
}
