//! A day of the office for tests of the screens: fixed ids, fixed clock, no server behind it.

use std::collections::BTreeMap;

use doorstep_domain::words::Lang;
use doorstep_log::export::{ExportKeys, LogName, Published, Writer};
use doorstep_log::leaf::{Leaf, ServerEntry};
use doorstep_log::verify::verify_export;
use doorstep_wire::odds::OddsReport;
use doorstep_wire::report::ReportView;
use serde_json::{Value, json};
use uuid::Uuid;

use super::model::{Link, Model, Party, Place};
use super::office::{LogShown, PlanShown, Verified};
use super::sample_tests::{MINUTE, NOW, opened};

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// A document of the interface as its type: what a server of this version would send.
fn of<T: serde::de::DeserializeOwned>(document: Value) -> T {
    serde_json::from_value(document).unwrap()
}

fn at(minutes: i64) -> i64 {
    NOW.get() + minutes * MINUTE
}

fn crew(number: u128, state: &str) -> Value {
    let stop = |place: i64, state: &str| {
        json!({"visit": id(0x500 + number * 16 + place as u128), "case_no": format!("DS-20{place:02}"),
            "position_in_route": place, "planned_start": at(place * 25), "lat_e7": 300_500_000 + place * 30_000,
            "lon_e7": 1_199_500_000 + place * 20_000, "state": state})
    };
    json!({"crew": id(number), "crew_name": format!("C{number}"), "means": "moped", "zone": "Asia/Shanghai",
        "state": state, "planned": 4, "done": 1, "skipped": 0, "late_s": 420, "heard_at": at(-2),
        "staff": [{"id": id(number + 0x40), "login": format!("F0{number}"), "name": format!("Kim Probe {number}")}],
        "on_site": {"visit": id(0x501), "case_no": "DS-2001", "since": at(-9), "due_out": at(11), "overdue": false},
        "position": {"lat_e7": 300_520_000, "lon_e7": 1_199_540_000, "accuracy_m": 12, "at": at(-2)},
        "stops": [stop(0, "finished"), stop(1, "started"), stop(2, "planned"), stop(3, "planned")]})
}

fn plan_item(state: &str, findings: &[&str]) -> Value {
    json!({"id": id(0x700), "team": id(1), "first_day": "2026-11-24", "days": 1, "state": state, "planned": 3,
        "left_out": 2, "objective": 95_419_000_000_i64, "travel": "estimate", "findings": findings,
        "packs": "house@1", "zone": "Asia/Shanghai", "version": 3, "created_at": at(-30)})
}

/// A read outside the caseload of its reader.
fn read(number: u128, who: &str, (cases, found): (&Value, &Value), own: bool) -> Value {
    json!({"id": id(0xa00 + number), "log": "access", "at": at(-20), "happened_at": at(-20), "who": who, "device": null,
        "role": "supervisor", "purpose": "case", "outside": "complaint", "classes": ["identity", "words"],
        "channel": "office", "online": true, "persons": 1, "cases": cases, "own": own, "found": found})
}

fn plan() -> PlanShown {
    let visit = |place: i64| {
        json!({"visit": id(0x800 + place as u128), "case": id(0x900), "case_no": format!("DS-20{place:02}"),
            "arrive": at(place * 60), "starts": at(place * 60), "ends": at(place * 60 + 20), "value": 9_000_000})
    };
    let mut detail = plan_item("proposed", &[]);
    detail["routes"] = json!([{"id": id(0x710), "crew": id(1), "crew_name": "C1", "day": "2026-11-24",
        "depart": at(-20), "back": at(240), "metres": 8_400, "driving": 3_000, "staff": ["F01", "F02"],
        "visits": [visit(0), visit(1), visit(2)]}]);
    detail["reasons"] = json!([{"reason": "CN-STOP-1", "words": "disputed", "cases": 2}]);
    let point = |place: i64| {
        json!({"visit": id(0x800 + place as u128), "lat_e7": 300_500_000 + place * 40_000,
        "lon_e7": 1_199_500_000 + place * 10_000})
    };
    let left_out = |number: i64, sentence: &str| {
        json!({"case": id(0x901), "case_no": format!("DS-30{number:02}"),
        "reason": "CN-STOP-1", "sentence": sentence, "until": at(4_000)})
    };
    PlanShown {
        detail: of(detail),
        points: of(json!({"plan": id(0x700), "visits": [point(0), point(1), point(2)], "crews": []})),
        left_out: of(json!([
            left_out(1, "有争议，不得外访。"),
            left_out(2, "有争议，不得外访。")
        ])),
    }
}

fn case(number: i64, flags: &[&str]) -> Value {
    json!({"id": id(0xa00 + number as u128), "case_no": format!("DS-20{number:02}"), "portfolio": "card",
        "name": "周静", "phone": "*****678", "address": "林溪镇塔前路8号", "status": "open", "stage": "M2",
        "days_past_due": 40 + number, "flags": flags, "version": 1,
        "amount": {"total": 123_450, "parts": null, "currency": "CNY", "text": "1234.50", "as_of": 0, "stale": false}})
}

fn review() -> Value {
    json!({"visit": id(0x500), "case": id(0xa00), "case_no": "DS-2000", "crew": id(1), "staff": ["F01"],
        "day": "2026-11-23", "zone": "Asia/Shanghai", "score": 400,
        "reasons": [{"code": "short", "weight": 200}, {"code": "evidence-missing", "weight": 200}],
        "started_at": at(-60), "finished_at": at(-60), "outcome": "NOBODY_HOME", "matter": null, "decision": null})
}

/// A report of two portfolios in four weeks.
fn report() -> ReportView {
    let share = |what: &str, unit: &str, (count, of): (u64, u64)| {
        let told = doorstep_domain::rate::rate(count, of);
        let rate = told.map(|rate| json!({"low": rate.low, "rate": rate.rate, "high": rate.high}));
        json!({"what": what, "unit": unit, "count": count, "of": of, "rate": rate})
    };
    let figures = |cases: u64| {
        let mut promised = share("promised", "of-meetings", (cases / 4, cases / 2));
        promised["target"] = json!({"least_percent": 60, "state": "open"});
        json!([
            share("coverage", "of-cases", (cases * 3 / 4, cases)),
            share("contact", "of-visits", (cases / 2, cases)),
            promised,
            {"what": "time-per-visit", "unit": "seconds-per-visit", "count": cases * 1_234, "of": cases, "mean": 1_234},
            {"what": "way-per-visit", "unit": "metres-per-visit", "count": cases * 2_345, "of": cases, "mean": 2_345},
            {"what": "cost-per-visit", "unit": "minor-per-visit", "count": cases * 1_234, "of": cases, "mean": 1_234,
                "currency": "CNY"},
            {"what": "rule-blocks", "unit": "count", "count": 3},
        ])
    };
    let week = |monday: &str, cases: u64| json!({"monday": monday, "figures": figures(cases)});
    of(
        json!({"by": "portfolio", "from": "2026-10-27", "to": "2026-11-23", "evening_from_hour": 19, "least": 20, "cases_least": 5,
        "total": figures(160), "items": [{"group": "card", "figures": figures(120)}, {"group": "现金贷", "figures": figures(40)}],
        "weeks": [week("2026-10-26", 30), week("2026-11-02", 52), week("2026-11-09", 40), week("2026-11-16", 38)],
        "roll": [{"from": "2026-10-27", "to": "2026-10-31", "began": "M1", "cases": 4, "ended": []},
            {"from": "2026-11-01", "to": "2026-11-23", "began": "M1", "cases": 31, "ended": [{"ended": "M1", "cases": 9},
            {"ended": "M2", "cases": 18}, {"ended": "settled", "cases": 4}]}]}),
    )
}

/// How good the chances are: one kind that is judged, one of which there is not enough yet, and groups of which one differs.
pub(crate) fn odds() -> OddsReport {
    let bins = [
        (0, 40, 2),
        (2, 110, 30),
        (3, 240, 81),
        (4, 310, 133),
        (5, 160, 95),
        (8, 20, 13),
    ];
    let bins = bins.map(|(bin, trials, happened)| {
        json!({"from_ppm": bin * 100_000, "to_ppm": (bin + 1) * 100_000, "trials": trials, "happened": happened,
            "said_ppm": bin * 100_000 + 52_000, "happened_ppm": happened * 1_000_000 / trials})
    });
    let group = |by: &str, name: &str, (said, happened): (u32, u32), differs: bool| {
        json!({"of": "meeting", "by": by, "name": name, "trials": 440, "said_ppm": said, "happened_ppm": happened,
            "low_ppm": happened - 45_000, "high_ppm": happened + 47_000, "differs": differs})
    };
    of(json!({
        "model": {"version": 3, "trained_at": at(-1_500), "first_day": "2026-06-01", "last_day": "2026-11-21", "visits": 880,
            "met": 354, "at_the_door": 402, "agreed": 90, "digest": "9f"},
        "visits": 880, "visits_least": 10,
        "judged": [{"of": "meeting", "trials": 880, "happened": 354, "brier_ppm": 218_300, "base_ppm": 240_400,
            "skill_ppm": 91_900, "gap_ppm": 21_000, "curve": bins}],
        "hours": [],
        "groups": [group("portfolio", "card", (412_000, 398_000), false), group("portfolio", "现金贷", (401_000, 307_000), true),
            group("team", "North", (405_000, 409_000), false), group("place", "home", (407_000, 402_000), false)],
    }))
}

/// A log that was verified, with warnings; with errors too, where a leaf of it was altered.
pub(crate) fn verified(altered: bool) -> Verified {
    let keys = ExportKeys::from_seed("doorstep.example/7", &[7; 32]).unwrap();
    let mut files = BTreeMap::<String, Vec<u8>>::new();
    let spool = std::io::Cursor::new(Vec::new());
    let mut writer = Writer::new(&keys, NOW.millis(), spool, |path: &str, bytes: &[u8]| {
        files.entry(path.to_owned()).or_default().extend(bytes);
        Ok::<(), ()>(())
    });
    for number in 1..=5 {
        let entry = ServerEntry {
            ten: "7".to_owned(),
            t: "plan.published".to_owned(),
            recv_ms: number,
            ..ServerEntry::default()
        };
        let leaf = Leaf::Server(entry).encode().unwrap();
        writer.leaf(LogName::Events, leaf).unwrap();
    }
    writer.finish(Published::default()).unwrap();
    if altered {
        let leaves = files.get_mut("events/tile/entries/000.p/5").unwrap();
        let place = leaves.windows(11).rposition(|part| part == b"\"recv_ms\":3").unwrap();
        leaves[place + 10] = b'9';
    }
    Verified::seen(Box::new(verify_export(&files, None, None)))
}

/// A supervisor at a screen with a day behind it.
pub(crate) fn supervisor(lang: Lang, place: Place) -> Model {
    let mut model = Model {
        link: Link::Online,
        party: Party::Office,
        ..Model::new(lang, opened(lang).zone, NOW, place)
    };
    let office = &mut model.office;
    office.role = "supervisor".to_owned();
    office.desk.things = Some(Vec::new());
    office.desk.fetched_at = NOW;
    let event = json!({"at": at(-9), "kind": "visit.arrived", "crew": id(1), "visit": id(0x501), "case_no": "DS-2001",
        "flags": ["far-from-door"]});
    office.live = Some(of(
        json!({"day": "2026-11-23", "as_of": NOW.get(), "alarms": 1, "feed": [event],
        "crews": [crew(1, "on-site"), crew(2, "silent"), crew(3, "overdue")]}),
    ));
    office.alarms = of(
        json!([{"id": id(0x600), "visit": id(0x502), "kind": "check-out-overdue", "state": "open",
        "raised_at": at(-4), "zone": "Asia/Shanghai", "crew": id(3), "crew_name": "C3", "staff": "F03"}]),
    );
    office.plans = Some(of(json!([plan_item("proposed", &[]), plan_item("published", &[])])));
    office.plan = Some(plan());
    office.cases.known = true;
    office.cases.items = of(json!([case(1, &[]), case(2, &["disputed"]), case(3, &["hardship"])]));
    office.review = Some(of(json!([review()])));
    let mut detail = review();
    detail["notes"] = json!(["gate locked"]);
    detail["events"] = json!([{"id": id(0x510), "kind": "visit.departed", "device": id(0x520), "dseq": 4,
        "received_at": at(-59), "flags": ["evidence-missing"]}]);
    detail["decisions"] = json!([{"decision": "back", "by": "supervisor", "at": at(-10), "note": "call me"}]);
    office.review_one = Some(of(detail));
    let entry = |index: i64, kind: &str| {
        let texts = [index.to_string(), "2026-11-23 02:15+00:00".to_owned(), kind.to_owned()];
        let [index, time, kind] = texts;
        [index, time, kind, "supervisor".to_owned(), "DS-2001".to_owned()]
    };
    let talk = json!({"finding": "talk", "reason": "nothing-shows", "by": "supervisor", "at": at(-5)});
    let case = |number: &str| json!({"id": id(0x900), "case_no": number});
    let (one, erased) = (json!([case("DS-2001")]), json!({"id": id(0x901), "case_no": null}));
    office.reads = Some(of(json!({"week": "2026-W48", "open": 2,
    "waiting": [{"week": "2026-W48", "open": 2}, {"week": "2026-W46", "open": 3}],
    "items": [
        read(1, "F09", (&one, &json!(null)), false),
        read(2, "auditor", (&json!([case("DS-2002"), erased]), &talk), false),
        read(3, "supervisor", (&json!([]), &json!(null)), true),
    ]})));
    office.measures.view = Some(report());
    office.measures.odds = Some(odds());
    office.log = Some(LogShown {
        size: 107,
        checkpoint_size: 106,
        entries: vec![entry(106, "plan.published"), entry(105, "visit.planned")],
    });
    model
}
