//! Commands of restrictions, consents and wishes.

use serde_json::{Value, json};

use super::office::{Office, items, text};

/// What a person asks for is put on, shown and lifted by two; what they agreed to ends when they say so.
pub(super) fn are_kept(office: &Office) {
    let cases = office.does("supervisor", &["case", "list", "--all"]);
    let is_open = |case: &&Value| case["status"] == "open" && case["flags"] == json!([]);
    let case = text(items(&cases).iter().find(is_open).unwrap(), "case_no");
    are_lifted_by_two(office, &case);
    end_when_they_are_withdrawn(office, &case);
    let wishes = office.does("supervisor", &["wish", "list", "--state", "open"]);
    assert_eq!(items(&wishes).len(), 0, "{wishes}");
    let nobody = "00000000-0000-7000-8000-000000000000";
    office.refused("supervisor", &["wish", "accept", nobody], 1, "not-found");
    office.refused("auditor", &["wish", "list"], 1, "not-allowed");
}

fn are_lifted_by_two(office: &Office, case: &str) {
    let hours = [
        "--channel",
        "visit",
        "--hours",
        "mon-fri 09:00-12:00",
        "--until",
        "2031-06-30",
    ];
    let ban = [
        &["restriction", "add", case, "ban", "--words", "works at night"][..],
        &hours,
    ]
    .concat();
    let added = office.does("supervisor", &ban);
    let one = items(&added).last().unwrap();
    assert_eq!((&one["kind"], &one["words"]), (&json!("ban"), &json!("works at night")));
    let id = text(one, "id");
    let wrong = ["restriction", "add", case, "ban", "--until", "soon"];
    office.refused("supervisor", &wrong, 2, "bad-value");
    let lift = [
        "restriction",
        "lift",
        case,
        "ban",
        "--id",
        &id,
        "--reason",
        "person-asked",
        "--words",
        "called",
    ];
    let asked = office.does("supervisor", &lift);
    let approval = text(items(&asked).last().unwrap(), "approval");
    office.refused("supervisor", &["approvals", "approve", &approval], 1, "approval-needed");
    office.does("admin", &["approvals", "approve", &approval]);
    let listed = office.types("supervisor", &["restriction", "list", case, "--lang", "zh-CN"], "");
    assert!(
        listed.data.contains("已解除") && listed.data.contains("0 项限制有效"),
        "{}",
        listed.data
    );
}

fn end_when_they_are_withdrawn(office: &Office, case: &str) {
    let never = [
        "consent",
        "add",
        case,
        "rule",
        "two_persons",
        "--rule",
        "HOUSE-STOP-CEASE",
        "--until",
        "2026-12-01",
    ];
    let never = [&never[..], &["--reason", "person-asked", "--words", "just once"]].concat();
    office.refused("supervisor", &never, 1, "rule-blocked");
    let evening = [
        "consent",
        "add",
        case,
        "hours",
        "consent",
        "--words",
        "asked for the evening",
    ];
    let added = office.does("supervisor", &evening);
    let id = text(items(&added).last().unwrap(), "id");
    let ended = office.does("supervisor", &["consent", "withdraw", &id]);
    assert_eq!(items(&ended).last().unwrap()["state"], "withdrawn");
    let listed = office.does("supervisor", &["consent", "list", case]);
    assert_eq!(items(&listed).len(), 1, "{listed}");
}
