//! Agreements about paying: drawn up by debt and strategy alone, agreed within an authority or by two; nobody visits while a plan
//! is kept, and no one is asked to pay anybody but the creditor.

use doorstep_device::FinishInput;
use doorstep_domain::contact::{ContactOutcome, MatterOutcome};
use doorstep_wire::sync::PromiseMade;
use reqwest::Method;
use serde_json::{Value, json};

use super::payments::paid;
use super::strategy::set;
use crate::harness::{Answered, Client, Deployment, checked_in, id_of, sample};

stories!(
    a_plan_keeps_everybody_away_until_it_ends,
    what_cannot_be_agreed_is_refused_with_its_code,
    an_instalment_moves_from_a_holiday_that_the_portfolio_names,
    what_goes_beyond_an_authority_waits_for_a_second_person,
    what_was_paid_before_counts_once_and_what_is_given_up_is_what_was_agreed,
    whose_payment_came_in_later_has_kept_their_word,
    what_is_known_of_a_person_never_makes_terms_worse,
    what_a_person_says_of_their_month_warns_and_is_theirs,
    a_promise_at_a_door_becomes_an_agreement,
    a_person_pays_the_creditor_and_nobody_else,
);

/// A case with its parts, whose person is as invented as the debt.
const CASES: &str = "case_no,portfolio,name,phone,address,lat,lon,amount_due,principal,interest,penalty,fees,currency,due_date,\
    days_past_due,language\n\
    AG-1,card,Ana Prova,+351910000101,\"Rua Inventada, 1\",41.150000,-8.610000,1000.01,800.01,150.00,40.00,10.00,EUR,2026-10-01,53,zh\n\
    AG-2,card,Rui Prova,+351910000102,\"Rua Inventada, 2\",41.160000,-8.620000,500.00,500.00,0.00,0.00,0.00,EUR,2026-10-01,53,en\n";

/// The case with a number.
async fn case_of(site: &Deployment, number: &str) -> Value {
    site.supervisor.case(number).await["id"].clone()
}

async fn with_cases(site: &Deployment) -> [Value; 2] {
    site.supervisor.import(CASES.as_bytes().to_vec()).await;
    site.clock.forward(1);
    [case_of(site, "AG-1").await, case_of(site, "AG-2").await]
}

/// A plan of a whole debt in so many months.
fn plan(case: &Value, count: u16) -> Value {
    json!({
        "case": case, "kind": "plan", "agreed_by": "phone", "currency": "EUR", "first": "2026-11-30", "count": count,
        "words": "she called us by herself",
    })
}

fn with(mut request: Value, changes: &Value) -> Value {
    let all = request.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        all.insert(name.clone(), value.clone());
    }
    request
}

pub(super) async fn propose(client: &Client, request: &Value) -> Answered {
    client.post("/v1/agreements", request).await
}

async fn flags(site: &Deployment, case: &Value) -> Vec<String> {
    let path = format!("/v1/cases/{}", case.as_str().unwrap());
    let case = site.supervisor.get(&path).await.done();
    serde_json::from_value(case["flags"].clone()).unwrap()
}

fn is_kept_away(flags: &[String]) -> bool {
    flags.iter().any(|flag| flag == "plan_performing")
}

pub(super) async fn answer(client: &Client, agreement: &Value, approve: bool) -> Answered {
    let path = format!("/v1/approvals/{}/answer", agreement["approval"].as_str().unwrap());
    client.post(&path, &json!({"approve": approve})).await
}

fn path(agreement: &Value, what: &str) -> String {
    format!("/v1/agreements/{}{what}", agreement["id"].as_str().unwrap())
}

async fn a_plan_keeps_everybody_away_until_it_ends(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    let visit = &day.visits[0];
    let case = &visit["case"];
    let made = propose(&site.supervisor, &plan(case, 12)).await.done();
    assert_eq!(
        (&made["state"], &made["next"]),
        (&json!("promised"), &json!("wait")),
        "{made}"
    );
    assert_eq!(made["words"], "she called us by herself");
    let dues = made["instalments"].as_array().unwrap();
    let sum: i64 = dues.iter().map(|due| due["amount"].as_i64().unwrap()).sum();
    assert_eq!((dues.len(), sum), (12, made["amount"].as_i64().unwrap()));
    // Planned for today, and off within the same transaction.
    assert!(is_kept_away(&flags(site, case).await));
    let visits = site.supervisor.items("/v1/visits?day=2026-11-23").await;
    let off = visits.iter().find(|one| one["id"] == visit["visit"]).unwrap();
    assert_eq!(off["state"], "cancelled", "{off}");
    device.pull().await.unwrap();
    let route = device.route().await.unwrap();
    assert!(route.withdrawn.iter().any(|one| one.visit == id_of(&visit["visit"])));
    // A second plan does not push the first aside by itself.
    propose(&site.supervisor, &plan(case, 6))
        .await
        .problem("agreement-stands");
    let other = with(plan(case, 6), &json!({"replace": true}));
    let other = propose(&site.supervisor, &other).await.done();
    let first = site.supervisor.get(&path(&made, "")).await.done();
    assert_eq!((&first["state"], &first["end"]), (&json!("ended"), &json!("replaced")));
    assert!(is_kept_away(&flags(site, case).await));
    let end = json!({"reason": "person-asked"});
    site.auditor
        .post(&path(&other, "/end"), &end)
        .await
        .problem("not-allowed");
    site.supervisor.post(&path(&other, "/end"), &end).await.done();
    site.supervisor
        .post(&path(&other, "/end"), &end)
        .await
        .problem("changed");
    assert!(!is_kept_away(&flags(site, case).await));
    let listed = site.supervisor.items("/v1/agreements?state=ended&kind=plan").await;
    assert_eq!(listed.len(), 2, "{listed:?}");
    let export = site.export().await;
    export.holds();
    let kinds = [
        "agreement.made",
        "agreement.ended",
        "case.restricted",
        "restriction.lifted",
    ];
    assert_eq!(kinds.map(|kind| export.count(kind)), [2, 2, 1, 1]);
    assert!(!export.log_text().contains("by herself"));
}

async fn an_instalment_moves_from_a_holiday_that_the_portfolio_names(site: &mut Deployment) {
    let [case, _] = with_cases(site).await;
    let second = async || {
        let path = "/v1/agreements/schedule";
        let schedule = site.supervisor.post(path, &plan(&case, 2)).await.done();
        schedule["instalments"][1]["day"].clone()
    };
    assert_eq!(second().await, "2026-12-30");
    let strange = set(site, "format = 1\n[plans]\nholidays = [\"30/12/2026\"]\n").await;
    strange.problem("bad-request");
    let named = "format = 1\n[plans]\nholidays = [\"2026-12-30\"]\n";
    set(site, named).await.done();
    assert_eq!(second().await, "2026-12-31", "the working day after it");
}

async fn what_cannot_be_agreed_is_refused_with_its_code(site: &mut Deployment) {
    let [case, _] = with_cases(site).await;
    let promise = |changes: Value| {
        let promise =
            json!({"case": case, "kind": "promise", "agreed_by": "phone", "currency": "EUR", "first": "2026-11-30"});
        with(promise, &changes)
    };
    let settlement = |amount: i64| with(plan(&case, 1), &json!({"kind": "settlement", "amount": amount}));
    let waiver =
        |off: Value| json!({"case": case, "kind": "waiver", "agreed_by": "letter", "currency": "EUR", "off": off});
    let wrong = [
        (promise(json!({"first": "2026-11-22"})), "day-past", "first"),
        (promise(json!({"first": "2027-01-08"})), "plan-too-long", "first"),
        (promise(json!({"first": "soon"})), "bad-request", "first"),
        (promise(json!({"amount": 100_002})), "above-owed", "amount"),
        (promise(json!({"amount": 0})), "bad-request", "amount"),
        (promise(json!({"currency": "USD"})), "currency-mixed", "currency"),
        (promise(json!({"count": 2})), "bad-request", "count"),
        (promise(json!({"agreed_by": "door"})), "bad-request", "agreed_by"),
        (promise(json!({"off": {"penalty": 1}})), "bad-request", "off"),
        (plan(&case, 61), "plan-too-long", "count"),
        (plan(&case, 0), "bad-request", "count"),
        (
            with(plan(&case, 40), &json!({"amount": 39})),
            "instalment-too-small",
            "count",
        ),
        (
            with(plan(&case, 60), &json!({"first": "2026-12-31"})),
            "plan-too-long",
            "count",
        ),
        (settlement(100_001), "bad-request", "amount"),
        (waiver(json!({"penalty": 4_001})), "above-owed", "off"),
        (waiver(json!({"interest": -1, "penalty": 2})), "bad-request", "off"),
        (
            with(waiver(json!({"penalty": 1})), &json!({"kind": "reward", "after": 3})),
            "bad-request",
            "kind",
        ),
    ];
    for (request, code, place) in wrong {
        for path in ["/v1/agreements", "/v1/agreements/schedule"] {
            let problem = site.supervisor.post(path, &request).await.problem(code);
            assert_eq!(problem["place"], place, "{request}: {problem}");
        }
    }
    // Half of the principal is nobody's to give up.
    let beyond = waiver(json!({"principal": 40_000}));
    propose(&site.supervisor, &beyond).await.problem("above-authority");
    let shown = site.supervisor.post("/v1/agreements/schedule", &beyond).await.done();
    assert_eq!(shown["authority"], "beyond", "{shown}");
    assert_eq!(site.rows("agreement").await, 0);
}

async fn what_goes_beyond_an_authority_waits_for_a_second_person(site: &mut Deployment) {
    let [case, other] = with_cases(site).await;
    let long = propose(&site.supervisor, &plan(&case, 48)).await.done();
    assert_eq!(
        (&long["state"], &long["next"]),
        (&json!("proposed"), &json!("answer")),
        "{long}"
    );
    assert!(!is_kept_away(&flags(site, &case).await), "it binds nobody yet");
    let asked = site.second_supervisor.items("/v1/approvals").await;
    let asked = asked.iter().find(|one| one["id"] == long["approval"]).unwrap();
    assert_eq!(
        (&asked["kind"], &asked["what"]),
        (&json!("agreement.make"), &json!("plan"))
    );
    // Nobody signs blind: what is asked for stands there, to an administrator without the case.
    let agreement = &asked["agreement"];
    assert_eq!(
        (&agreement["kind"], &agreement["amount"], &agreement["off"]),
        (&json!("plan"), &long["amount"], &json!([0, 0, 0, 0]))
    );
    let seen = site.administrator.items("/v1/approvals").await;
    let seen = seen.iter().find(|one| one["id"] == long["approval"]).unwrap();
    assert_eq!((&seen["agreement"], &seen["case"]), (agreement, &Value::Null));
    answer(&site.supervisor, &long, true).await.problem("approval-needed");
    answer(&site.second_supervisor, &long, true).await.done();
    let long = site.supervisor.get(&path(&long, "")).await.done();
    assert_eq!(long["state"], "promised");
    assert!(is_kept_away(&flags(site, &case).await));
    // With the plan comes what the portfolio gives everybody who keeps one.
    let rewards = site.supervisor.items("/v1/agreements?kind=reward").await;
    assert_eq!(
        (rewards.len(), &rewards[0]["amount"]),
        (1, &json!(5_500)),
        "{rewards:?}"
    );
    // One alone gives up a fifth of the interest, and what the reward gives up counts with it.
    let waiver =
        |off: Value| json!({"case": case, "kind": "waiver", "agreed_by": "letter", "currency": "EUR", "off": off});
    let interest = waiver(json!({"interest": 2_000}));
    let given = propose(&site.supervisor, &interest).await.done();
    assert_eq!(
        given["state"], "proposed",
        "the reward gives up 10 % of the interest already: {given}"
    );
    answer(&site.second_supervisor, &given, false).await.done();
    let given = site.supervisor.get(&path(&given, "")).await.done();
    assert_eq!(given["state"], "refused");
    assert_eq!(site.rows("waived").await, 0);
    let fees = propose(&site.supervisor, &waiver(json!({"fees": 1_000}))).await.done();
    assert_eq!(
        (&fees["state"], &fees["waived"]["fees"]),
        (&json!("kept"), &json!(1_000))
    );
    propose(&site.supervisor, &waiver(json!({"fees": 1})))
        .await
        .problem("above-owed");
    // A settlement of less than the rest: the case without parts is all principal.
    let settle = json!({
        "case": other, "kind": "settlement", "agreed_by": "office", "currency": "EUR", "first": "2026-12-01", "amount": 40_000,
    });
    let settle = propose(&site.supervisor, &settle).await.done();
    assert_eq!(
        (&settle["state"], &settle["off"]["principal"]),
        (&json!("proposed"), &json!(10_000))
    );
    answer(&site.second_supervisor, &settle, true).await.done();
    assert!(is_kept_away(&flags(site, &other).await));
    site.export().await.holds();
}

async fn what_was_paid_before_counts_once_and_what_is_given_up_is_what_was_agreed(site: &mut Deployment) {
    let [case, _] = with_cases(site).await;
    let pays = async |site: &Deployment, reference: &str, number: &str, amount: &str| {
        let row = format!("{reference},{number},card,2026-11-23,{amount},EUR,payment,");
        assert_eq!(paid(site, &[&row]).await["counts"]["accept"], 1);
        site.clock.forward(1);
    };
    let first = propose(&site.supervisor, &plan(&case, 3)).await.done();
    site.clock.forward(1);
    pays(site, "A-1", "AG-1", "60.00").await;
    // Smaller instalments take the place of the plan. What was paid by the first is in what is owed now, and not of the second.
    let anew = with(plan(&case, 6), &json!({"replace": true}));
    let scheduled = site.supervisor.post("/v1/agreements/schedule", &anew).await.done();
    assert_eq!(scheduled["authority"], "alone", "{scheduled}");
    let second = propose(&site.supervisor, &anew).await.done();
    assert_eq!(
        (&second["amount"], &second["paid"]),
        (&json!(94_001), &json!(0)),
        "{second}"
    );
    site.clock.forward(1);
    pays(site, "A-2", "AG-1", "30.00").await;
    let of = async |one: &Value| site.supervisor.get(&path(one, "")).await.done()["paid"].clone();
    assert_eq!((of(&first).await, of(&second).await), (json!(6_000), json!(3_000)));
    // A settlement gives up the parts that it said, also where payments pay those first.
    let end = json!({"reason": "person-asked"});
    site.supervisor.post(&path(&second, "/end"), &end).await.done();
    let owed = site.supervisor.case("AG-1").await["amount"].clone();
    let (total, interest) = (owed["total"].as_i64().unwrap(), owed["parts"][1].as_i64().unwrap());
    let settle = json!({
        "case": case, "kind": "settlement", "agreed_by": "office", "currency": "EUR", "first": "2026-12-01",
        "amount": total - interest / 2,
    });
    let settle = propose(&site.supervisor, &settle).await.done();
    if settle["state"] == "proposed" {
        answer(&site.second_supervisor, &settle, true).await.done();
    }
    let off = site.supervisor.get(&path(&settle, "")).await.done()["off"].clone();
    site.clock.forward(1);
    let amount = settle["amount"].as_i64().unwrap();
    let amount = format!("{}.{:02}", amount / 100, amount % 100);
    pays(site, "A-3", "AG-1", &amount).await;
    let settled = site.supervisor.get(&path(&settle, "")).await.done();
    assert_eq!(
        (&settled["state"], &settled["waived"]),
        (&json!("kept"), &off),
        "{settled}"
    );
    assert_eq!(site.supervisor.case("AG-1").await["status"], "settled");
    let books = site.supervisor.get("/v1/books").await.done();
    assert_eq!(
        (&books["balanced"], &books["imbalances"]),
        (&json!(true), &json!([])),
        "{books}"
    );
    site.export().await.holds();
}

async fn whose_payment_came_in_later_has_kept_their_word(site: &mut Deployment) {
    let [_, other] = with_cases(site).await;
    let promise = json!({
        "case": other, "kind": "promise", "agreed_by": "phone", "currency": "EUR", "first": "2026-11-30", "amount": 10_000,
    });
    let promise = propose(&site.supervisor, &promise).await.done();
    site.clock.forward(1);
    let report = paid(site, &["B-1,AG-2,card,2026-11-23,100.00,EUR,payment,"]).await;
    assert_eq!(report["counts"]["accept"], 1, "{report}");
    let promise = site.supervisor.get(&path(&promise, "")).await.done();
    assert_eq!(
        (&promise["state"], &promise["paid"]),
        (&json!("kept"), &json!(10_000)),
        "{promise}"
    );
}

async fn what_is_known_of_a_person_never_makes_terms_worse(site: &mut Deployment) {
    let [case, _] = with_cases(site).await;
    let asked = plan(&case, 48);
    let before = site.supervisor.post("/v1/agreements/schedule", &asked).await.done();
    for kind in ["hardship", "vulnerable", "disputed", "cease_contact"] {
        let path = format!("/v1/cases/{}/restrictions", case.as_str().unwrap());
        site.supervisor.post(&path, &json!({"kind": kind})).await.done();
        let after = site.supervisor.post("/v1/agreements/schedule", &asked).await.done();
        assert_eq!(after, before, "{kind}");
    }
}

async fn what_a_person_says_of_their_month_warns_and_is_theirs(site: &mut Deployment) {
    let [case, _] = with_cases(site).await;
    let means = format!("/v1/cases/{}/means", case.as_str().unwrap());
    site.supervisor.get(&means).await.problem("not-found");
    let said = json!({
        "currency": "EUR", "income": 123_457, "needs": {"housing": 80_000, "dependants": 20_000}, "pay_day": 25,
        "words": "the job ends in March",
    });
    for (wrong, code) in [
        (json!({"currency": "USD"}), "currency-mixed"),
        (json!({"income": -1}), "bad-request"),
        (json!({"needs": {"yachts": 1}}), "bad-request"),
        (json!({"pay_day": 32}), "bad-request"),
    ] {
        site.supervisor
            .post(&means, &with(said.clone(), &wrong))
            .await
            .problem(code);
    }
    let noted = site.supervisor.post(&means, &said).await.done();
    assert_eq!((&noted["left"], &noted["safe"]), (&json!(23_457), &json!(11_728)));
    let shown = site.supervisor.get(&means).await.done();
    assert_eq!(shown["words"], "the job ends in March");
    let early =
        json!({"case": case, "kind": "promise", "agreed_by": "phone", "currency": "EUR", "first": "2026-11-24"});
    let warned = site.supervisor.post("/v1/agreements/schedule", &early).await.done();
    assert_eq!(warned["warnings"], json!(["above-share", "before-pay-day"]));
    // It warns, and keeps nobody from promising.
    let made = propose(&site.supervisor, &early).await.done();
    assert_eq!(
        (&made["state"], &made["warnings"]),
        (&json!("promised"), &warned["warnings"])
    );
    let calm = site
        .supervisor
        .post("/v1/agreements/schedule", &plan(&case, 12))
        .await
        .done();
    assert_eq!(calm["warnings"], json!([]));
    let export = site.export().await;
    export.holds();
    assert!(!export.log_text().contains("123457") && !export.log_text().contains("March"));
    site.erase_person_of(case.as_str().unwrap()).await;
    site.supervisor.get(&means).await.problem("not-found");
    let over = site.supervisor.get(&path(&made, "")).await.done();
    assert_eq!((&over["state"], &over["words"]), (&json!("ended"), &Value::Null));
}

async fn a_promise_at_a_door_becomes_an_agreement(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-cases.csv")).await;
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    let promises = [("2026-12-01", 5_000, "promised"), ("2027-01-20", 5_000, "")];
    for (visit, (by, amount, _)) in day.visits.iter().zip(promises) {
        site.when_it_starts(visit);
        let started = checked_in(&device, visit, &day.staff).await;
        device.identity_confirm(id_of(&visit["visit"])).await.unwrap();
        let input = FinishInput {
            position: None,
            outcome: ContactOutcome::MetBorrower,
            matter: Some(MatterOutcome::Promise),
            promise: Some(PromiseMade {
                day: by.to_owned(),
                amount,
                currency: "EUR".to_owned(),
            }),
            note: None,
            evidence: Vec::new(),
            done: started.required,
            anyway: true,
        };
        device.visit_finish(id_of(&visit["visit"]), input).await.unwrap();
    }
    device.push().await.unwrap();
    site.sign_everybody_in().await;
    for (visit, (_, amount, state)) in day.visits.iter().zip(promises) {
        let case = visit["case"].as_str().unwrap();
        let made = site.supervisor.items(&format!("/v1/agreements?case={case}")).await;
        let states: Vec<&Value> = made.iter().map(|one| &one["state"]).collect();
        let expected: Vec<&str> = Some(state).into_iter().filter(|state| !state.is_empty()).collect();
        assert_eq!(states, expected, "{made:?}");
        assert!(
            made.iter()
                .all(|one| one["agreed_by"] == "door" && one["amount"] == amount)
        );
    }
    // What a device reported stays as it came, also where nothing can be agreed of it.
    assert_eq!(site.rows("promise").await, 2);
    // What the office agrees later takes the promise's place.
    let case = &day.visits[0]["case"];
    propose(&site.supervisor, &plan(case, 3)).await.done();
    let made = site.supervisor.items("/v1/agreements?kind=promise").await;
    assert_eq!(made[0]["state"], "ended");
    site.export().await.holds();
}

async fn a_person_pays_the_creditor_and_nobody_else(site: &mut Deployment) {
    let [case, _] = with_cases(site).await;
    let pay = format!("/v1/cases/{}/pay", case.as_str().unwrap());
    site.supervisor.get(&pay).await.problem("pay-unknown");
    let portfolios = site.supervisor.items("/v1/portfolios").await;
    let card = portfolios.iter().find(|one| one["name"] == "card").unwrap();
    let strategy = format!("/v1/portfolios/{}/strategy", card["id"].as_str().unwrap());
    let set = async |version: i64, link: &str| {
        let document = format!(
            "format = 1\n[pay]\npayee = \"Example Bank\"\nreference = \"Loan {{case_no}}\"\nlink = \"{link}\"\n"
        );
        let request = site.administrator.request(Method::PUT, &strategy);
        let request = request.header("If-Match", format!("\"{version}\""));
        let body = json!({"file": "card.toml", "document": document});
        site.administrator.send(request.json(&body)).await
    };
    let purse = set(0, "https://paypal.me/F01/{case_no}").await.problem("bad-request");
    assert!(purse["detail"].as_str().unwrap().starts_with("card.toml:5:"), "{purse}");
    set(0, "https://pay.bank.example/{case_no}?sum={amount}").await.done();
    let shown = site.supervisor.get(&pay).await.done();
    assert_eq!(
        (&shown["reference"], &shown["link"]),
        (&json!("Loan AG-1"), &json!("https://pay.bank.example/AG-1?sum=1000.01"))
    );
    let made = propose(&site.supervisor, &plan(&case, 3)).await.done();
    let shown = site.supervisor.get(&pay).await.done();
    assert_eq!(shown["amount"], 33_333, "what is due next");
    // On paper, in the person's language and in the one that is asked for.
    let paper = site.supervisor.get(&path(&made, "/print")).await.done();
    let text = paper["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap())
        .collect::<Vec<_>>()
        .join("\n");
    assert_eq!(paper["language"], "zh-CN");
    for part in [
        "第3期  2027-02-01  333.35 EUR",
        "仅向以下机构还款: Example Bank",
        "不得收取现金",
        "Loan AG-1",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let paper = site.supervisor.get(&path(&made, "/print?language=en")).await.done();
    assert!(
        paper["lines"]
            .to_string()
            .contains("Nobody visits you while this is kept.")
    );
    site.auditor.get(&path(&made, "/print")).await.problem("purpose-needed");
    site.export().await.holds();
}
