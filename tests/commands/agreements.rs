//! Commands of agreements: propose, schedule, list, show, end, afford, print; and how a person pays.

use doorstep_domain::measure::Micros;
use jiff::ToSpan;
use serde_json::json;

use super::office::{Office, items, text};
use crate::harness::authority::true_time;

/// A day so many days ahead in UTC.
pub(super) fn ahead(days: i64) -> String {
    let Micros(now) = true_time();
    let today = jiff::Timestamp::from_microsecond(now)
        .unwrap()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date();
    today.checked_add(days.days()).unwrap().to_string()
}

/// A plan is drawn up, agreed, printed and ended; a long one waits; a month warns; a way to pay is shown.
pub(super) fn are_made(office: &Office) {
    let cases = office.does("supervisor", &["case", "list", "--all"]);
    let open = items(&cases).iter().find(|case| case["status"] == "open").unwrap();
    let case = text(open, "case_no");
    let first = ahead(7);
    let terms = [
        "--case", &case, "--kind", "plan", "--first", &first, "--count", "3", "--amount", "400.10",
    ];
    let drawn = office.does("supervisor", &[&["agreement", "schedule"][..], &terms].concat());
    assert_eq!(
        (&drawn["authority"], &drawn["total"]),
        (&json!("alone"), &json!(40_010)),
        "{drawn}"
    );
    let propose = [&["agreement", "propose"][..], &terms].concat();
    // Who has nothing to do with a case is asked for a purpose before anything is told of it.
    office.refused("auditor", &propose, 1, "purpose-needed");
    let promise = ["agreement", "propose", "--case", &case, "--kind", "promise", "--first"];
    let wrong = [&promise[..], &["2026-01-01"]].concat();
    office.refused("supervisor", &wrong, 1, "day-past");
    let finer = [&promise[..], &[&first, "--amount", "1.001"]].concat();
    office.refused("supervisor", &finer, 2, "bad-value");
    let made = office.does("supervisor", &[&propose[..], &["--words", "called us"]].concat());
    assert_eq!(
        (&made["state"], &made["words"]),
        (&json!("promised"), &json!("called us")),
        "{made}"
    );
    let id = text(&made, "id");
    let listed = office.does("supervisor", &["agreement", "list", "--case", &case, "--next", "wait"]);
    assert_eq!(items(&listed).len(), 1, "{listed}");
    let said = office.types("supervisor", &["agreement", "show", &id, "--lang", "zh-CN"], "");
    assert!(
        said.data.contains("履行中") && said.data.contains("分期还款"),
        "{}",
        said.data
    );
    let paper = office.types("supervisor", &["agreement", "print", &id, "--language", "en"], "");
    assert!(
        paper.data.contains("Nobody who visits you takes money"),
        "{}",
        paper.data
    );
    a_month_is_weighed(office, &case);
    let ended = office.does("supervisor", &["agreement", "end", &id, "person-asked"]);
    assert_eq!(ended["end"], "person-asked");
    is_paid_to_the_creditor(office, &case);
}

fn a_month_is_weighed(office: &Office, case: &str) {
    let form = ["agreement", "afford", "--case", case];
    let month = [&form[..], &["--income", "900", "--need", "housing:850"]].concat();
    assert_eq!(office.does("supervisor", &month)["left"], 5_000);
    let unknown = [&form[..], &["--income", "9", "--need", "yacht:1"]].concat();
    office.refused("supervisor", &unknown, 2, "bad-value");
    assert_eq!(office.does("supervisor", &form)["income"], 90_000);
}

fn is_paid_to_the_creditor(office: &Office, case: &str) {
    let reference = ["pay", "reference", "--case", case];
    office.refused("supervisor", &reference, 1, "pay-unknown");
    let own = "format = 1\n[pay]\npayee = \"Example Bank\"\nreference = \"{case_no}\"\nlink = \"https://bank.example/{case_no}\"\n";
    let own = office.file("card.toml", own);
    office.does("admin", &["strategy", "set", "card", &own]);
    assert_eq!(office.does("supervisor", &reference)["reference"], case);
    let drawn = office.types("supervisor", &[&reference[..], &["--qr", "ascii"]].concat(), "");
    assert!(
        drawn.data.contains("Example Bank") && drawn.data.contains("####"),
        "{}",
        drawn.data
    );
}
