//! Who read what: no answer with personal data before its entry, who looked at a case and at a colleague, and persons
//! opened outside a caseload.

use doorstep_device::Device;
use doorstep_domain::contact::ContactOutcome;
use doorstep_domain::measure::Clock as _;
use doorstep_wire::sync::Position;
use reqwest::Method;
use serde_json::{Value, json};

use super::conflicts::{case, correct, crew, phone_at};
use super::roles::of_another_team;
use crate::harness::{Client, Deployment, checked_in, checked_out, id_of, sample};

stories!(
    no_answer_with_personal_data_comes_before_its_entry,
    a_case_and_a_colleague_can_see_who_looked,
    a_person_outside_the_caseload_is_opened_for_a_reason_that_somebody_checks,
    what_waits_is_found_without_its_week,
    an_auditor_says_why_too,
);

/// Endpoints that show nothing that is sealed for anybody: ids, codes, counts, staff numbers, names of teams and crews, or
/// what the caller has just sent.
const SHOW_NOBODY: &[&str] = &[
    "delete /v1/devices/{id}/partners/{key}",
    "delete /v1/sessions/current",
    "get /health",
    "get /ready",
    "get /v1/agencies",
    "get /v1/approvals",
    "get /v1/calm",
    "get /v1/books",
    "get /v1/cases/{id}/hold",
    "get /v1/cases/{id}/reads",
    "get /v1/contacts/forbidden",
    "get /v1/credentials/ending",
    "get /v1/destructions",
    "get /v1/devices",
    "get /v1/evidence",
    "get /v1/evidence/due",
    "get /v1/evidence/{id}",
    "get /v1/imports",
    "get /v1/imports/{id}",
    "get /v1/imports/{id}/rows",
    "get /v1/debriefs",
    "get /v1/leaflets",
    "get /v1/leaflets/{name}",
    "get /v1/letters",
    "get /v1/training",
    "get /v1/training/results",
    "get /v1/training/runs/{id}",
    "get /v1/live/wake",
    "get /v1/log/{name}",
    "get /v1/log/{name}/proofs/{index}",
    "get /v1/me",
    "get /v1/notices",
    "get /v1/odds",
    "get /v1/odds/report",
    "get /v1/offices",
    "get /v1/payments",
    "get /v1/plan-jobs/{id}",
    "get /v1/plans",
    "get /v1/portfolios",
    "get /v1/portfolios/{id}/strategy",
    "get /v1/quality-checks",
    "get /v1/quality/rates",
    "get /v1/recorders",
    "get /v1/reports",
    "get /v1/retention/recordings",
    "get /v1/staff/me/quality-checks",
    "get /v1/staff/me/rates",
    "get /v1/staff/me/reads",
    "get /v1/staff/me/report",
    "get /v1/sync/wake",
    "get /v1/teams",
    "get /v1/visits",
    "post /v1/agencies",
    "post /v1/agencies/{id}/evaluations",
    "post /v1/agencies/{id}/listings",
    "post /v1/agencies/{id}/recalls",
    "post /v1/approvals",
    "post /v1/approvals/{id}/answer",
    "post /v1/calm",
    "post /v1/calm/{id}/end",
    "post /v1/cases/{id}/hold",
    "post /v1/cases/{id}/hold/release",
    "post /v1/contacts",
    "post /v1/contacts/import",
    "post /v1/daily/{day}",
    "post /v1/device-codes",
    "post /v1/device-sessions",
    "post /v1/devices",
    "post /v1/devices/{id}/lost",
    "post /v1/devices/{id}/partners",
    "post /v1/devices/{id}/resume",
    "post /v1/devices/{id}/revoke",
    "post /v1/evidence",
    "post /v1/imports",
    "post /v1/imports/{id}/take-back",
    "post /v1/loans/import",
    "post /v1/log/{name}/continue",
    "post /v1/notices/{id}/state",
    "post /v1/debriefs",
    "post /v1/debriefs/{id}/held",
    "post /v1/leaflets/given",
    "post /v1/training/runs",
    "post /v1/training/runs/{id}/answers",
    "post /v1/payments/import",
    "post /v1/payments/{id}/settle",
    "post /v1/persons/{id}/erase",
    "post /v1/odds",
    "post /v1/plan-jobs",
    "post /v1/plan-jobs/{id}/stop",
    "post /v1/portfolios",
    "post /v1/quality-checks",
    "post /v1/reads/{id}/settle",
    "post /v1/recorders",
    "post /v1/recorders/{number}/assign",
    "post /v1/recorders/{number}/end",
    "post /v1/retention/purges",
    "post /v1/retention/purges/{approval}",
    "post /v1/sessions",
    "post /v1/visits/{visit}/recording/excuse",
    "post /v1/work/import",
    "put /v1/agencies/{id}/listed",
    "put /v1/evidence/{id}/parts/{part}",
    "put /v1/offices/complaints",
    "put /v1/portfolios/{id}",
    "put /v1/portfolios/{id}/strategy",
    "put /v1/staff/{id}/password",
];

/// A request that shows personal data.
struct Showing {
    /// The endpoint, as the document has it.
    endpoint: &'static str,
    /// The purpose of its entry.
    purpose: &'static str,
    client: Client,
    place: String,
    body: Body,
}

enum Body {
    None,
    Json(Value),
    File(Vec<u8>),
    IfMatch(String),
}

impl Showing {
    fn with(endpoint: &'static str, purpose: &'static str, (client, place): (&Client, String), body: Body) -> Self {
        Self {
            endpoint,
            purpose,
            client: client.clone(),
            place,
            body,
        }
    }

    fn request(&self) -> reqwest::RequestBuilder {
        let verb = self.endpoint.split(' ').next().unwrap().to_uppercase();
        let request = self
            .client
            .request(Method::from_bytes(verb.as_bytes()).unwrap(), &self.place);
        match &self.body {
            Body::None => request,
            Body::Json(body) => request.json(body),
            Body::File(bytes) => request.body(bytes.clone()),
            Body::IfMatch(version) => request.header("If-Match", version),
        }
    }
}

/// Reads with this purpose so far: those in the index, which is filled with the queue.
async fn reads(site: &Deployment, purpose: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM read_entry WHERE purpose = '{purpose}'");
    site.app().store().number(String::leak(sql)).await.unwrap()
}

/// What supervisors can look at, with the purpose of its entry and what is asked beyond the path.
const LOOKS: &[(&str, &str, &str)] = &[
    ("get /v1/cases", "case", "?limit=3"),
    ("get /v1/cases", "search", "?search=rua&limit=3"),
    ("get /v1/cases/{id}", "case", ""),
    ("get /v1/cases/{id}/verdict", "case", ""),
    ("get /v1/cases/{id}/addresses", "case", ""),
    ("get /v1/cases/{id}/next", "case", ""),
    ("get /v1/work", "case", "?channel=call"),
    ("get /v1/work/export", "export", "?channel=call"),
    ("get /v1/cases/{id}/worth", "case", ""),
    ("get /v1/cases/{id}/consents", "case", ""),
    ("get /v1/cases/{id}/restrictions", "case", ""),
    ("get /v1/cases/export", "export", ""),
    ("get /v1/complaints", "complaint", ""),
    ("get /v1/complaints/{id}", "complaint", ""),
    ("get /v1/conflicts", "case", ""),
    ("get /v1/conflicts/{id}", "case", ""),
    ("get /v1/imports/{id}/give-back", "export", ""),
    ("get /v1/live", "live", "?day=2026-11-23"),
    ("get /v1/alarms", "safety", ""),
    ("get /v1/log/{name}/entries", "audit", "?limit=20"),
    ("get /v1/notices/batch", "notice", ""),
    ("get /v1/notices/{id}", "notice", ""),
    ("get /v1/plans/{id}", "planning", ""),
    ("get /v1/plans/{id}/diff", "planning", ""),
    ("get /v1/plans/{id}/left-out", "planning", ""),
    ("get /v1/plans/{id}/points", "planning", ""),
    ("get /v1/plans/{id}/why/{case}", "planning", ""),
    ("get /v1/quality-checks/{id}", "quality", ""),
    ("get /v1/reads/review", "audit", ""),
    ("get /v1/review", "review", "?day=2026-11-23"),
    ("get /v1/review/{visit}", "review", ""),
    ("get /v1/staff", "staff", ""),
    ("get /v1/staff/me/credentials", "staff", ""),
];

/// Ids of what there is, by what stands for them in paths.
type Ids = Vec<(&'static str, String)>;

fn place_of(ids: &Ids, endpoint: &str) -> String {
    let (_, path) = endpoint.split_once(' ').unwrap();
    ids.iter()
        .fold(path.to_owned(), |path, (place, id)| path.replace(place, id))
}

/// Somebody complains about a visit, so that it is checked.
async fn is_complained_of(site: &Deployment, visit: &Value) {
    let said = json!({"case": visit["case"], "visit": visit["visit"], "channel": "phone", "words": "too loud"});
    site.supervisor.post("/v1/complaints", &said).await.done();
    let week = json!({"week": "2026-W40"});
    site.supervisor.post("/v1/quality-checks", &week).await.done();
}

/// A site on which there is something to see everywhere, and a request to each endpoint that shows somebody.
async fn everything_shown(site: &Deployment) -> Vec<Showing> {
    let messy = site.supervisor.import(sample("porto-messy.csv")).await;
    let (day, devices) = crew(site).await;
    let visit = &day.visits[0];
    // Two stories about a phone.
    let shown = case(&site.supervisor, visit).await;
    phone_at(&devices[0], visit, "+351 910 000 001").await;
    let corrected = correct(&site.supervisor, &shown, 0, &[("phone", "+351 910 000 009")]);
    corrected.await.done();
    site.when_it_starts(visit);
    let started = checked_in(&devices[0], visit, &day.staff).await;
    site.clock.forward(20);
    checked_out(&devices[0], visit, &started, ContactOutcome::NobodyHome).await;
    let place = Position {
        lat_e7: 411_580_000,
        lon_e7: -86_290_000,
        accuracy_m: 12,
        mock: false,
    };
    devices[0].sos(Some(place)).await.unwrap();
    let paper = devices[0].receipt_give(id_of(&visit["visit"])).await.unwrap();
    devices[0].push().await.unwrap();
    is_complained_of(site, visit).await;
    // Somebody has opened a case that is not theirs.
    let outside = format!("/v1/cases/{}?purpose=inspection", visit["case"].as_str().unwrap());
    site.auditor.get(&outside).await.done();
    // A receipt is shown once its leaf is under a signed head.
    site.export().await.holds();
    let announced = site.proposed_plan_for("2026-12-03").await;
    site.publish_as(&announced, "").await.done();
    let next = site.proposed_plan_for("2026-11-24").await;
    let first = async |noun: &str| site.supervisor.items(noun).await[0]["id"].clone();
    let under = |noun: &str, id: &Value| format!("{noun}/{}", id.as_str().unwrap());
    let plans = site.supervisor.items("/v1/plans").await;
    let is_todays = |plan: &&Value| plan["state"] == "published" && plan["first_day"] == "2026-11-23";
    let plan = plans.iter().find(is_todays).unwrap();
    let ids = vec![
        ("cases/{id}", under("cases", &visit["case"])),
        ("complaints/{id}", under("complaints", &first("/v1/complaints").await)),
        (
            "quality-checks/{id}",
            under("quality-checks", &first("/v1/quality-checks").await),
        ),
        ("conflicts/{id}", under("conflicts", &first("/v1/conflicts").await)),
        ("notices/{id}", under("notices", &first("/v1/notices").await)),
        ("imports/{id}", under("imports", &messy["import"])),
        ("alarms/{id}", under("alarms", &first("/v1/alarms").await)),
        ("persons/{id}", under("persons", &shown["person"])),
        ("plans/{id}/publish", under("plans", &next["id"]) + "/publish"),
        ("plans/{id}", under("plans", &plan["id"])),
        ("why/{case}", under("why", &visit["case"])),
        ("review/{visit}", under("review", &visit["visit"])),
        ("{name}", "events".to_owned()),
    ];
    let look = |(endpoint, purpose, more): &(&'static str, &'static str, &str)| {
        let place = place_of(&ids, endpoint) + more;
        Showing::with(endpoint, purpose, (&site.supervisor, place), Body::None)
    };
    let mut showing: Vec<Showing> = LOOKS.iter().map(look).collect();
    let wire = site.wire(&day.staff[1], 9).await;
    let pull = (&wire.client, "/v1/sync/pull?sync_version=1".to_owned());
    showing.push(Showing::with("get /v1/sync/pull", "visit", pull, Body::None));
    let case = visit["case"].as_str().unwrap();
    let export = (&site.supervisor, format!("/v1/log/export?case={case}&open=audit"));
    showing.push(Showing::with("get /v1/log/export", "audit", export, Body::None));
    let receipt = (&site.anonymous, format!("/v1/receipts/{}", paper.said.reference));
    showing.push(Showing::with("get /v1/receipts/{ref}", "receipt", receipt, Body::None));
    showing.extend(changes(site, &ids, (&visit["case"], &next["version"])));
    showing
}

/// What persons have a right to, put on and taken off.
fn rights() -> [(&'static str, &'static str, Body); 3] {
    [
        (
            "post /v1/cases/{id}/consents",
            "case",
            Body::Json(json!({"scope": "hours", "given": "consent", "words": "said so"})),
        ),
        (
            "post /v1/cases/{id}/restrictions",
            "case",
            Body::Json(json!({"kind": "hardship"})),
        ),
        (
            "post /v1/cases/{id}/restrictions/lift",
            "case",
            Body::Json(json!({"kind": "hardship", "reason": "mistake", "words": "another person"})),
        ),
    ]
}

/// Requests that change something and show somebody in their answer.
fn changes(site: &Deployment, ids: &Ids, (case, version): (&Value, &Value)) -> Vec<Showing> {
    let language = json!({"case": case, "changes": [{"field": "language", "value": "pt", "base": 0}]});
    let plan = json!({"first_day": "2026-11-24", "iterations": 50});
    let version = Body::IfMatch(format!("\"{version}\""));
    let bodies = [
        ("post /v1/alarms/{id}/acknowledge", "safety", Body::Json(json!({}))),
        (
            "post /v1/alarms/{id}/end",
            "safety",
            Body::Json(json!({"note": "home"})),
        ),
        (
            "post /v1/conflicts/{id}/settle",
            "case",
            Body::Json(json!({"take": "left"})),
        ),
        (
            "post /v1/review/{visit}",
            "review",
            Body::Json(json!({"decision": "fine"})),
        ),
        (
            "post /v1/contacts/check",
            "case",
            Body::Json(json!({"case": case, "channel": "call"})),
        ),
        ("post /v1/plans", "planning", Body::Json(plan)),
        ("post /v1/rules/compare", "planning", Body::Json(json!({"packs": []}))),
        ("post /v1/plans/{id}/publish", "planning", version),
        (
            "post /v1/plans/{id}/simulate",
            "planning",
            Body::Json(json!({"runs": 20})),
        ),
        ("patch /v1/persons/{id}/contact", "case", Body::Json(language)),
        (
            "post /v1/complaints",
            "complaint",
            Body::Json(json!({"case": case, "channel": "letter", "words": "and rude"})),
        ),
        ("post /v1/complaints/{id}/take", "complaint", Body::None),
        (
            "post /v1/complaints/{id}/answer",
            "complaint",
            Body::Json(json!({"outcome": "upheld", "words": "we are sorry"})),
        ),
    ];
    let change = |(endpoint, purpose, body): (&'static str, &'static str, Body)| {
        // The plan has visits of the first hours.
        let query = if endpoint.ends_with("/publish") {
            "?without_notice=demonstration"
        } else {
            ""
        };
        let place = place_of(ids, endpoint) + query;
        Showing::with(endpoint, purpose, (&site.supervisor, place), body)
    };
    let mut showing: Vec<Showing> = rights().into_iter().chain(bodies).map(change).collect();
    let import = format!("/v1/staff/import?team={}", site.made.team);
    let file = Body::File(sample("porto-staff.csv"));
    let import = (&site.administrator, import);
    showing.push(Showing::with("post /v1/staff/import", "import", import, file));
    showing
}

async fn no_answer_with_personal_data_comes_before_its_entry(site: &mut Deployment) {
    let showing = everything_shown(site).await;
    every_endpoint_is_looked_at(&showing);
    for one in &showing {
        // No read from before is folded with this one.
        site.clock.forward(301);
        let store = site.app().store();
        // Where the entry cannot be written, nobody is shown: neither in words nor in numbers.
        if one.endpoint.starts_with("get") {
            store.tamper("ALTER TABLE log_queue RENAME TO log_gone").await.unwrap();
            let refused = site.supervisor.send(one.request()).await;
            store.tamper("ALTER TABLE log_gone RENAME TO log_queue").await.unwrap();
            assert!(refused.status >= 500, "{}: {}", one.endpoint, refused.text());
            assert!(refused.body.len() < 600, "{}: {}", one.endpoint, refused.text());
        }
        let before = reads(site, one.purpose).await;
        let answered = one.client.send(one.request()).await;
        assert!(answered.status < 300, "{}: {}", one.endpoint, answered.text());
        let after = reads(site, one.purpose).await;
        assert!(
            after > before,
            "{} left no entry with purpose {}",
            one.endpoint,
            one.purpose
        );
    }
    let export = site.export().await;
    export.holds();
    let check = site.app().store().reads_check(site.made.tenant).await.unwrap();
    assert_eq!((check.missing, check.extra), (0, 0), "{check:?}");
}

/// An endpoint is either known to show nobody or is asked here; a new one must be put in one of the two lists.
fn every_endpoint_is_looked_at(showing: &[Showing]) {
    // Asked by every device of these stories, or of the same kind as one that is asked: each shows the same sheet.
    const ASKED_ELSEWHERE: [&str; 42] = [
        "get /v1/agreements",
        "post /v1/agreements",
        "post /v1/agreements/schedule",
        "get /v1/agreements/{id}",
        "post /v1/agreements/{id}/end",
        "get /v1/agreements/{id}/print",
        "get /v1/cases/{id}/means",
        "post /v1/cases/{id}/means",
        "get /v1/cases/{id}/pay",
        "post /v1/cases/{id}/addresses",
        "post /v1/cases/{id}/addresses/{address}/retire",
        "post /v1/cases/{id}/addresses/{address}/verify",
        "post /v1/cases/{id}/steps",
        "post /v1/cases/{id}/visit-asks",
        "post /v1/bundles",
        "post /v1/letters",
        "get /v1/letters/{id}",
        "post /v1/letters/{id}/state",
        "get /v1/loans",
        "get /v1/payments/held",
        "get /v1/wishes",
        "post /v1/wishes/{id}/answer",
        "get /v1/retention",
        "post /v1/retention/purges",
        "post /v1/retention/purges/{approval}",
        "post /v1/sync/push",
        "post /v1/alarms/{id}/extend",
        "post /v1/quality-checks/{id}/score",
        "post /v1/quality-checks/{id}/decide",
        "get /v1/staff/me/flags",
        "post /v1/staff/me/flags/{id}/answer",
        "get /v1/staff/me/quality-checks/{id}",
        "post /v1/staff/me/quality-checks/{id}/appeal",
        "post /v1/consents/{id}/withdraw",
        "get /v1/agencies/{id}/evaluations",
        "get /v1/staff/{id}/credentials",
        "post /v1/staff/{id}/credentials",
        "post /v1/credentials/{id}/end",
        "get /v1/destructions/{id}",
        "post /v1/destructions/{id}/answer",
        "post /v1/destructions/{id}/confirm",
        "get /v1/evidence/{id}/file",
    ];
    let document: Value = serde_json::from_str(include_str!("../../server/openapi.json")).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for verb in item.as_object().unwrap().keys() {
            let endpoint = format!("{verb} {path}");
            let shows = showing.iter().any(|one| one.endpoint == endpoint);
            let nobody = SHOW_NOBODY.contains(&endpoint.as_str());
            let elsewhere = ASKED_ELSEWHERE.contains(&endpoint.as_str());
            assert!(
                shows != nobody || elsewhere && !shows && !nobody,
                "{endpoint}: say whether it shows somebody, and ask it here if it does"
            );
        }
    }
}

fn told(items: &[Value]) -> Vec<[String; 4]> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    items
        .iter()
        .map(|item| {
            let purpose = item["outside"]
                .as_str()
                .map_or_else(|| text(&item["purpose"]), str::to_owned);
            [text(&item["who"]), text(&item["role"]), purpose, text(&item["channel"])]
        })
        .collect()
}

async fn a_case_and_a_colleague_can_see_who_looked(site: &mut Deployment) {
    let (day, devices) = crew(site).await;
    let visit = &day.visits[0];
    let case_id = visit["case"].as_str().unwrap();
    let login = day.staff[0]["login"].as_str().unwrap();
    // Opened at the door without a network, and told with the next push.
    site.clock.forward(600);
    let opened_at = site.clock.now();
    devices[0].visit_view(id_of(&visit["visit"])).await.unwrap();
    site.clock.forward(600);
    devices[0].push().await.unwrap();
    site.second_supervisor.get(&format!("/v1/cases/{case_id}")).await.done();

    let path = format!("/v1/cases/{case_id}/reads");
    let items = site.supervisor.items(&path).await;
    let seen = told(&items);
    for wanted in [
        ["second", "supervisor", "case", "office"],
        ["supervisor", "supervisor", "planning", "office"],
        [login, "field", "visit", "sync"],
        [login, "field", "visit", "device"],
    ] {
        assert!(seen.iter().any(|one| one == &wanted), "{wanted:?} is not in {seen:#?}");
    }
    let offline = items.iter().find(|item| item["channel"] == "device").unwrap();
    assert_eq!((&offline["online"], &offline["log"]), (&json!(false), &json!("events")));
    assert_eq!(offline["happened_at"].as_i64().unwrap() / 1_000, opened_at.millis());
    assert!(offline["at"].as_i64().unwrap() > offline["happened_at"].as_i64().unwrap());
    let times: Vec<i64> = items.iter().map(|item| item["at"].as_i64().unwrap()).collect();
    assert!(times.is_sorted_by(|one, next| one >= next), "newest first");
    // Pages go on where the one before ended.
    let small = site.supervisor.items(&format!("{path}?limit=2")).await;
    assert_eq!(small, items);
    of_another_team(site).await.get(&path).await.problem("not-found");

    colleagues_see_who_looked_at_them(site, &day.staff[0], &devices[0]).await;
}

async fn colleagues_see_who_looked_at_them(site: &Deployment, staff: &Value, device: &Device) {
    let field = site.field_client(staff).await;
    let before = field.items("/v1/staff/me/reads").await.len();
    site.clock.forward(301);
    site.second_supervisor.get("/v1/live?day=2026-11-23").await.done();
    site.clock.forward(1);
    site.auditor.get("/v1/staff").await.done();
    let mine = field.items("/v1/staff/me/reads").await;
    assert_eq!(mine.len(), before + 2, "{mine:#?}");
    assert_eq!(
        told(&mine[..2]),
        [
            ["auditor", "auditor", "staff", "office"],
            ["second", "supervisor", "live", "office"]
        ]
    );
    assert_eq!(mine[1]["classes"], json!(["identity", "staff", "whereabouts"]));
    // Making a plan reads the homes of crews, and that is told too.
    assert!(told(&mine).iter().any(|one| one[2] == "planning"), "{mine:#?}");
    // Their device may ask for the same and keeps it; asking is no read of anybody.
    device.fetch_own_reads().await.unwrap();
    let kept = device.own_reads().await.unwrap().unwrap();
    assert_eq!(serde_json::to_value(&kept.items).unwrap(), json!(mine));
    assert_eq!(field.items("/v1/staff/me/reads").await, mine);
    // The office's own people see theirs, and nobody another's.
    let own = site.supervisor.items("/v1/staff/me/reads").await;
    assert!(own.iter().all(|item| item["purpose"] == "staff"), "{own:#?}");
}

async fn a_person_outside_the_caseload_is_opened_for_a_reason_that_somebody_checks(site: &mut Deployment) {
    site.supervisor.import(sample("porto-cases.csv")).await;
    let south = of_another_team(site).await;
    let theirs = site.supervisor.case("PO-10001").await;
    let path = format!("/v1/cases/{}", theirs["id"].as_str().unwrap());
    let entries = site.entries().await;
    let problem = south.get(&path).await.problem("purpose-needed");
    assert_eq!(problem["place"], "purpose");
    for code in [
        "complaint",
        "hardship",
        "data-request",
        "cover",
        "safety",
        "authority",
        "inspection",
    ] {
        assert!(problem["detail"].as_str().unwrap().contains(code), "{problem}");
    }
    south
        .get(&format!("{path}?purpose=curiosity"))
        .await
        .problem("bad-request");
    assert!(south.items("/v1/cases?case_no=PO-10001").await.is_empty());
    assert_eq!(site.entries().await, entries, "nothing was opened");

    let found = south.items("/v1/cases?case_no=PO-10001&purpose=complaint").await;
    assert_eq!(found[0]["id"], theirs["id"]);
    assert!(found[0]["phone"].as_str().unwrap().contains('•'), "{found:?}");
    site.clock.forward(301);
    south.get(&format!("{path}?purpose=complaint")).await.done();
    // Whose case it is names no purpose, and nothing of theirs is marked.
    site.supervisor.get(&format!("{path}?purpose=complaint")).await.done();
    let reads = site.supervisor.items(&format!("{path}/reads")).await;
    let outside = told(&reads).iter().filter(|one| one[2] == "complaint").count();
    assert_eq!(outside, 2, "{reads:#?}");

    somebody_else_checks(site, &south, &theirs).await;
    let export = site.export().await;
    export.holds();
    assert_eq!(export.count("read.reviewed"), 1);
}

async fn somebody_else_checks(site: &Deployment, south: &Client, theirs: &Value) {
    let week = site.supervisor.get("/v1/reads/review?week=2026-W48").await.done();
    assert_eq!(
        (&week["week"], &week["open"]),
        (&json!("2026-W48"), &json!(2)),
        "{week}"
    );
    let item = &week["items"][0];
    assert_eq!(
        (&item["who"], &item["cases"]),
        (&json!("south"), &json!([{"id": theirs["id"], "case_no": "PO-10001"}]))
    );
    assert_eq!(week["waiting"], json!([{"week": "2026-W48", "open": 2}]));
    assert_eq!((&item["own"], &item["found"]), (&json!(false), &Value::Null));
    let settle = format!("/v1/reads/{}/settle", item["id"].as_str().unwrap());
    let body = |finding: &str, reason: &str| json!({"finding": finding, "reason": reason});
    // Nobody says anything about their own read, though they see that it waits.
    let own = south.get("/v1/reads/review?week=2026-W48").await.done();
    assert_eq!((&own["open"], &own["items"][0]["own"]), (&json!(2), &json!(true)));
    // Whose case it is stands with whose work it is about: not with the reader.
    assert_eq!(own["items"][0]["cases"], json!([]));
    south
        .post(&settle, &body("right", "duty-known"))
        .await
        .problem("not-allowed");
    site.supervisor
        .post(&settle, &body("right", "too-much"))
        .await
        .problem("bad-request");
    site.supervisor
        .post(&settle, &body("fine", "duty-known"))
        .await
        .problem("bad-request");
    let settled = site
        .supervisor
        .post(&settle, &body("talk", "nothing-shows"))
        .await
        .done();
    assert_eq!(
        (&settled["found"]["by"], &settled["found"]["finding"]),
        (&json!("supervisor"), &json!("talk"))
    );
    it_stands_with_what_was_found(site, item, &settled).await;
    site.auditor
        .post(&settle, &body("right", "duty-known"))
        .await
        .problem("changed");
    let week = site.auditor.get("/v1/reads/review?week=2026-W48").await.done();
    assert_eq!((&week["open"], week["items"].as_array().unwrap().len()), (&json!(1), 1));
    let week = site.auditor.get("/v1/reads/review?week=2026-W48&all=true").await.done();
    assert_eq!(week["items"].as_array().unwrap().len(), 2);
    let before = site.auditor.get("/v1/reads/review?week=2026-W47").await.done();
    assert_eq!(before["items"], json!([]));
    site.auditor
        .get("/v1/reads/review?week=48")
        .await
        .problem("bad-request");
    // What is no read outside a caseload cannot be settled.
    let inside = site
        .supervisor
        .items(&format!("/v1/cases/{}/reads", theirs["id"].as_str().unwrap()))
        .await;
    let inside = inside.iter().find(|item| item["outside"].is_null()).unwrap();
    let path = format!("/v1/reads/{}/settle", inside["id"].as_str().unwrap());
    site.auditor
        .post(&path, &body("right", "duty-known"))
        .await
        .problem("not-found");
}

/// A read by itself, with its case and what was found about it.
async fn it_stands_with_what_was_found(site: &Deployment, item: &Value, settled: &Value) {
    assert_eq!(
        settled["cases"],
        json!([{"id": item["cases"][0]["id"], "case_no": null}]),
        "nothing is opened to say what was found"
    );
    let one = format!("/v1/reads/review?read={}", item["id"].as_str().unwrap());
    let one = site.supervisor.get(&one).await.done();
    assert_eq!(
        (&one["week"], &one["items"][0]["found"], &one["items"][0]["cases"]),
        (&json!("2026-W48"), &settled["found"], &item["cases"])
    );
    assert_eq!(one["items"].as_array().unwrap().len(), 1);
}

async fn what_waits_is_found_without_its_week(site: &mut Deployment) {
    site.supervisor.import(sample("porto-cases.csv")).await;
    let case = site.supervisor.case("PO-10001").await;
    let path = format!("/v1/cases/{}?purpose=inspection", case["id"].as_str().unwrap());
    let asked = async |client: &Client| client.get("/v1/reads/review").await.done();
    let none = asked(&site.supervisor).await;
    assert_eq!(
        (&none["week"], &none["waiting"]),
        (&json!("2026-W48"), &json!([])),
        "where nothing waits it is this week"
    );
    for weeks in [1, 2] {
        site.auditor.get(&path).await.done();
        site.clock.forward(weeks * 7 * 86_400);
        site.sign_everybody_in().await;
    }
    let reads = reads(site, "audit").await;
    let newest = asked(&site.supervisor).await;
    assert_eq!(
        (&newest["week"], &newest["open"], &newest["waiting"]),
        (
            &json!("2026-W49"),
            &json!(1),
            &json!([{"week": "2026-W49", "open": 1}, {"week": "2026-W48", "open": 1}])
        ),
        "{newest:#}"
    );
    assert!(
        self::reads(site, "audit").await > reads,
        "the number of the case was opened"
    );
    let body = json!({"finding": "right", "reason": "request-seen"});
    for (week, left) in [("2026-W49", 1), ("2026-W48", 0)] {
        let shown = asked(&site.supervisor).await;
        assert_eq!((&shown["week"], &shown["open"]), (&json!(week), &json!(1)), "{shown:#}");
        let settle = format!("/v1/reads/{}/settle", shown["items"][0]["id"].as_str().unwrap());
        site.supervisor.post(&settle, &body).await.done();
        let waiting = asked(&site.supervisor).await["waiting"].as_array().unwrap().len();
        assert_eq!(waiting, left);
    }
    assert_eq!(asked(&site.supervisor).await["week"], "2026-W51");
    let nobody = "/v1/reads/review?read=00000000-0000-7000-8000-000000000000";
    site.supervisor.get(nobody).await.problem("not-found");
}

async fn an_auditor_says_why_too(site: &mut Deployment) {
    let (day, devices) = crew(site).await;
    let visit = &day.visits[0];
    let shown = case(&site.supervisor, visit).await;
    phone_at(&devices[0], visit, "+351 910 000 001").await;
    correct(&site.supervisor, &shown, 0, &[("phone", "+351 910 000 009")])
        .await
        .done();
    devices[0].push().await.unwrap();
    let conflict = site.supervisor.items("/v1/conflicts").await.remove(0);
    let paths = [
        format!("/v1/cases/{}", visit["case"].as_str().unwrap()),
        format!("/v1/review/{}", visit["visit"].as_str().unwrap()),
        format!("/v1/conflicts/{}", conflict["id"].as_str().unwrap()),
    ];
    for path in &paths {
        site.auditor.get(path).await.problem("purpose-needed");
        site.clock.forward(301);
        site.auditor.get(&format!("{path}?purpose=inspection")).await.done();
    }
    let week = site.supervisor.get("/v1/reads/review?week=2026-W48").await.done();
    assert_eq!(week["open"], 4, "a conflict is the case and what was said: {week:#}");
    for item in week["items"].as_array().unwrap() {
        assert_eq!(
            (&item["who"], &item["outside"]),
            (&json!("auditor"), &json!("inspection"))
        );
    }
    let settle = format!("/v1/reads/{}/settle", week["items"][0]["id"].as_str().unwrap());
    let body = json!({"finding": "right", "reason": "duty-known"});
    site.auditor.post(&settle, &body).await.problem("not-allowed");
    site.second_supervisor.post(&settle, &body).await.done();
}
