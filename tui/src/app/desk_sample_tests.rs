//! What waits on a desk, for tests of the screens: fixed ids, fixed clock, no server behind it.

use doorstep_domain::words::Lang;
use serde_json::{Value, json};
use uuid::Uuid;

use super::desk::{Fetched, Opened, Standing, Thing};
use super::model::{Model, Place};
use super::office_sample_tests::supervisor;
use super::sample_tests::{MINUTE, NOW};

const HOUR: i64 = 60 * MINUTE;

fn of<T: serde::de::DeserializeOwned>(document: Value) -> T {
    serde_json::from_value(document).unwrap()
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn at(hours: i64) -> i64 {
    NOW.get() + hours * HOUR
}

fn approval(number: u128, kind: &str, what: Option<&str>) -> Value {
    json!({"id": id(0xb00 + number), "kind": kind, "subject": id(0xb80), "state": "asked", "asked_by": id(0x40),
        "answered_by": null, "asked_at": at(-20), "expires": at(148), "reason": "resolved", "asked_by_login": "S02",
        "case": what.map(|_| id(0xa02)), "what": what})
}

fn wish(number: u128, kind: &str) -> Value {
    json!({"id": id(0xb10 + number), "case": id(0xa01), "visit": id(0x800), "kind": kind, "state": "open",
        "made_at": at(-2)})
}

fn complaint(number: u128, state: &str, due: i64) -> Value {
    let owner = (state == "in-progress").then_some("S01");
    json!({"id": id(0xb20 + number), "case": id(0xa03), "case_no": "DS-2003", "visit": null, "staff": "F01",
        "channel": "page", "state": state, "received_at": at(-70), "acknowledge_by": at(due), "answer_by": at(due + 240),
        "overdue": due < 0, "owner": owner, "zone": "Asia/Shanghai"})
}

fn check(number: u128, state: &str) -> Value {
    json!({"id": id(0xb30 + number), "visit": id(0x500), "case": id(0xa00), "staff": "F01", "week": "2026-W47",
        "started_at": at(-100), "because": "sample", "state": state, "drawn_at": at(-30), "zone": "Asia/Shanghai"})
}

fn notice(number: u128, state: &str, day: &str) -> Value {
    json!({"id": id(0xb40 + number), "visit": id(0x800), "case": id(0xa01), "day": day, "channel": "letter",
        "language": "zh", "state": state, "queued_at": at(-40), "handed_over_at": null, "delivered_at": null,
        "returned_at": (state == "returned").then(|| at(-3)), "withdrawn_at": null, "code_expires": at(200)})
}

/// Everything that can wait: two approvals, one of one's own; a wish; complaints, one late; a check and an appeal; notices.
pub(crate) fn fetched() -> Fetched {
    Fetched {
        approvals: vec![
            (of(approval(1, "restriction.lift", Some("disputed"))), false),
            (of(approval(2, "rule.override", Some("HOUSE-NOTICE"))), true),
        ],
        wishes: of(json!([wish(1, "payment")])),
        complaints: of(json!([complaint(1, "received", -1), complaint(2, "in-progress", -30)])),
        checks: of(json!([check(1, "drawn"), check(2, "appealed")])),
        notices: of(json!([
            notice(1, "returned", "2026-11-24"),
            notice(2, "queued", "2026-11-25"),
            notice(3, "delivered", "2026-11-24"),
            notice(4, "queued", "2026-11-20")
        ])),
    }
}

/// A supervisor, or whoever the role says, at the desk.
pub(crate) fn desk(lang: Lang, role: &str) -> Model {
    let mut model = supervisor(lang, Place::Desk);
    role.clone_into(&mut model.office.role);
    model.office.desk.things = Some(fetched().things("2026-11-23"));
    model.office.desk.fetched_at = NOW;
    model
}

/// A case in full.
pub(crate) fn case() -> Value {
    json!({"id": id(0xa02), "case_no": "DS-2002", "portfolio": "card", "name": "周静", "phone": "*****678",
        "address": "林溪镇塔前路8号", "status": "open", "stage": "M2", "days_past_due": 42, "flags": ["disputed"],
        "version": 1, "zone": "Asia/Shanghai", "visits_before": 2, "visits": [], "contacts": [],
        "amount": {"total": 123_450, "parts": null, "currency": "CNY", "text": "1234.50", "as_of": 0, "stale": false},
        "pressure": {"band": "raised", "week": 3, "month": 5, "evening_permille": 400, "ignored": 1},
        "person": id(0xc00), "address_state": "verified", "country": "CN", "region": null, "point": null, "datum": null,
        "available": null,
        "verdict": {"effect": "block", "findings": [], "required": [], "staff_min": 1, "checked": [], "packs": [],
            "digest": ""}})
}

/// What narrows and widens contacts with the person.
pub(crate) fn standing() -> Standing {
    Standing {
        case: of(case()),
        restrictions: of(json!([
            {"id": id(0xb80), "case": id(0xa02), "kind": "disputed", "channels": [], "places": [], "hours": "",
             "from": at(-90), "until": null, "source": "door", "by": "F01", "made_at": at(-90),
             "words": "says it was paid in May", "lifted_by_two": true, "approval": id(0xb01)},
        ])),
        consents: of(json!([
            {"id": id(0xb90), "case": id(0xa02), "scope": "hours", "given": "consent", "state": "asked", "from": at(-9),
             "until": at(300), "source": "office", "by": "S02", "made_at": at(-9), "words": "evenings are fine"},
        ])),
        notices: of(json!([notice(1, "returned", "2026-11-24")])),
        next: of(
            json!({"case": id(0xa02), "day": "2026-11-24", "stage": "M2", "stage_since": "2026-11-12", "own": true,
            "action": "wait", "step": "m2-letter", "who": "office", "when": "2026-11-30", "why": "promised",
            "words": "a promise is not due yet", "because": null, "lenient": false, "others": []}),
        ),
        agreements: of(json!([
            {"id": id(0xba0), "case": id(0xa02), "case_no": "DS-2002", "kind": "plan", "state": "promised",
             "state_day": "2026-10-20", "agreed_by": "phone", "currency": "CNY", "amount": 123_450, "made": "2026-10-20",
             "last": "2027-03-20", "count": 6, "paid": 41_150, "behind": 0, "next": "wait", "version": 3,
             "due": {"number": 3, "day": "2026-12-20", "amount": 20_575, "interest": 0}},
        ])),
        payments: of(json!([
            payment(1, "2026-10-20", "counted"),
            payment(2, "2026-11-20", "held")
        ])),
    }
}

fn payment(number: u128, day: &str, state: &str) -> serde_json::Value {
    json!({"id": id(0xbb0 + number), "case": id(0xa02), "day": day, "amount": 20_575, "currency": "CNY", "kind": "payment",
        "state": state, "reason": null, "received_at": 0, "import": id(0xbc0), "line": 2})
}

/// A thing in full, as the server would send it.
pub(crate) fn opened(thing: &Thing) -> Opened {
    match thing {
        Thing::Approval(item, _) => Opened::Approval(Box::new(item.clone()), Some(Box::new(standing()))),
        Thing::Wish(item, _) => {
            let mut item = item.clone();
            item.words = Some("300.00 on 2026-12-01".to_owned());
            Opened::Wish(Box::new(item), Box::new(of(case())))
        }
        Thing::Complaint(item) => {
            let mut detail = serde_json::to_value(item).unwrap();
            detail["words"] = json!("came at nine in the evening");
            detail["about"] = json!(["F01"]);
            Opened::Complaint(of(detail))
        }
        Thing::Check(item) => {
            let line = |id: &str, text: &str| json!({"id": id, "text": text});
            let mut detail = serde_json::to_value(item).unwrap();
            detail["sheet"] = json!([line("hours-kept", "Hours kept"), line("note-tone", "Note: facts only")]);
            detail["outcome"] = json!("MET_BORROWER");
            detail["matter"] = json!("PTP");
            detail["flags"] = json!([]);
            detail["notes"] = json!(["will ruin"]);
            detail["hits"] = json!([{"note": 0, "start": 5, "length": 4, "kind": "threat", "text": "ruin"}]);
            if item.state == "appealed" {
                detail["appeal"] = json!("the person had asked for that hour");
            }
            Opened::Check(of(detail))
        }
        Thing::Notice(item) => {
            let mut detail = serde_json::to_value(item).unwrap();
            for (name, value) in [("name", "周静"), ("phone", ""), ("address", "林溪镇塔前路8号")] {
                detail[name] = json!(value);
            }
            for name in ["page", "text"] {
                detail[name] = json!("");
            }
            detail["file"] = Value::Null;
            detail["html"] = Value::Null;
            Opened::Notice(of(detail))
        }
    }
}
