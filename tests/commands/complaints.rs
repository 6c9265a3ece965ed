//! Commands of complaints and quality checks.

use serde_json::json;

use super::office::{Office, items, text};

/// A complaint about a visit that was made is taken up and answered; the visit is checked.
pub(super) fn are_answered(office: &Office) {
    let visits = office.does("supervisor", &["visit", "list"]);
    let made = items(&visits)
        .iter()
        .find(|visit| visit["started_at"].is_i64())
        .unwrap();
    let (case, visit) = (text(made, "case"), text(made, "id"));
    let open = [
        "complaint",
        "open",
        &case,
        "--visit",
        &visit,
        "--channel",
        "phone",
        "--words",
        "they shouted",
    ];
    office.refused("auditor", &open, 1, "not-allowed");
    let opened = office.does("supervisor", &open);
    assert_eq!(
        (&opened["state"], &opened["words"]),
        (&json!("received"), &json!("they shouted"))
    );
    let id = text(&opened, "id");
    let listed = office.does("supervisor", &["complaint", "list", "--state", "received"]);
    assert_eq!(items(&listed).len(), 1, "{listed}");
    let said = office.types("supervisor", &["complaint", "show", &id, "--lang", "zh-CN"], "");
    assert!(
        said.data.contains("they shouted") && said.data.contains("已受理"),
        "{}",
        said.data
    );
    let answer = ["complaint", "answer", &id, "partly", "--words", "we are sorry"];
    office.refused("supervisor", &answer, 1, "not-allowed");
    office.does("supervisor", &["complaint", "take", &id]);
    assert_eq!(office.does("supervisor", &answer)["state"], "answered");
    let overdue = office.does("auditor", &["complaint", "list", "--overdue", "--sort", "received"]);
    assert_eq!(items(&overdue).len(), 0, "{overdue}");
    is_a_flag_on_those_who_were_there(office);
    is_checked(office);
}

/// What was held against a visit is seen by whoever made it, and answered; nobody has a list of somebody else's.
fn is_a_flag_on_those_who_were_there(office: &Office) {
    let listed = office.does("F01", &["staff", "flags", "--own", "--all"]);
    let flag = items(&listed).iter().find(|flag| flag["code"] == "complaint").unwrap();
    assert_eq!((&flag["outcome"], &flag["answer"]), (&json!("partly"), &json!(null)));
    let id = text(flag, "id");
    let answer = ["staff", "flags", "answer", &id, "--words", "the bell was loud"];
    assert_eq!(office.does("F01", &answer)["answer"], "the bell was loud");
    office.refused("F01", &answer, 1, "changed");
    office.refused("auditor", &answer, 1, "not-found");
    let shown = office.types("F01", &["staff", "flags", "--own", "--lang", "zh-CN"], "");
    let seen = ["被投诉", "部分成立", "the bell was loud", &id];
    assert!(seen.iter().all(|text| shown.data.contains(text)), "{}", shown.data);
    let visit = text(flag, "visit");
    let review = ["review", "show", &visit, "--purpose", "inspection"];
    let reviewed = office.types("auditor", &review, "");
    assert!(
        reviewed
            .data
            .contains("F01 answers complained about: the bell was loud"),
        "{}",
        reviewed.data
    );
    let all = office.types("supervisor", &["staff", "flags"], "");
    assert_eq!(
        all.code,
        Some(2),
        "`--own` is said, because there is no other list: {}",
        all.talk
    );
    let ranked = office.types(
        "supervisor",
        &["quality", "rates", "--by", "staff", "--sort", "complaint"],
        "",
    );
    assert_eq!(ranked.code, Some(2), "{}", ranked.talk);
    let rates = office.types("supervisor", &["quality", "rates", "--by", "staff", "--csv"], "");
    let groups: Vec<&str> = rates
        .data
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').next())
        .collect();
    assert!(!groups.is_empty() && groups.is_sorted(), "{}", rates.data);
}

fn is_checked(office: &Office) {
    let drawn = office.does("supervisor", &["quality", "draw"]);
    assert!(drawn["drawn"].as_u64().unwrap() >= 1, "{drawn}");
    let listed = office.does("auditor", &["quality", "list", "--state", "drawn"]);
    let check = text(&items(&listed)[0], "id");
    let sheet = office.does("auditor", &["quality", "show", &check]);
    let lines: Vec<String> = sheet["sheet"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| format!("{}=pass", text(item, "id")))
        .collect();
    let score = ["quality", "score", &check];
    office.refused("auditor", &[&score[..], &["note-tone=pass"]].concat(), 1, "bad-request");
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let scored = office.does("auditor", &[&score[..], &lines].concat());
    assert_eq!(scored["state"], "scored", "{scored}");
    let decide = ["quality", "decide", &check, "stands", "--words", "it fits"];
    office.refused("auditor", &decide, 1, "not-allowed");
    office.refused(
        "auditor",
        &["quality", "appeal", &check, "--words", "no"],
        1,
        "not-found",
    );
    let rates = office.does("auditor", &["quality", "rates", "--by", "portfolio"]);
    assert_eq!(
        (&rates["by"], &rates["least"]),
        (&"portfolio".into(), &20.into()),
        "{rates}"
    );
    assert!(!items(&rates).is_empty(), "{rates}");
    let own = office.does("auditor", &["quality", "rates", "--own", "--csv"]);
    assert_eq!(items(&own).len(), 0, "an auditor visits nobody: {own}");
    let own = office.does("auditor", &["quality", "list", "--own"]);
    assert_eq!(items(&own).len(), 0, "{own}");
    office.refused("auditor", &["quality", "show", &check, "--own"], 1, "not-found");
}
