//! Commands of chances and worth.

use serde_json::json;

use super::office::{Office, items, text};

/// Chances are learned, judged and listed; what a visit to a case is worth is told by day.
pub(super) fn are_learned(office: &Office) {
    let learned = office.does("supervisor", &["odds", "train"]);
    assert_eq!(learned["version"], 1, "{learned}");
    assert!(learned["visits"].as_u64().unwrap() > 0, "{learned}");
    office.refused("auditor", &["odds", "train"], 1, "not-allowed");
    let listed = office.does("auditor", &["odds", "history"]);
    assert_eq!(items(&listed).len(), 1, "{listed}");
    let report = office.does("auditor", &["odds", "report"]);
    assert_eq!(report["visits"], learned["visits"], "{report}");
    let said = office.types("supervisor", &["odds", "report"], "");
    assert!(
        said.data.contains("Of fewer than 10 visits nothing is told."),
        "{}",
        said.data
    );
    let said = office.types("supervisor", &["odds", "history", "--lang", "zh-CN"], "");
    assert!(said.data.contains("依据摘要"), "{}", said.data);
    let cases = office.does("supervisor", &["case", "list"]);
    let case = text(&items(&cases)[0], "id");
    let worth = office.does("supervisor", &["odds", "worth", "--case", &case, "--days", "3"]);
    assert_eq!(
        (worth["days"].as_array().unwrap().len(), &worth["case"]),
        (3, &json!(case))
    );
    let said = office.types("supervisor", &["odds", "worth", "--case", &case, "--lang", "zh-CN"], "");
    assert!(said.data.contains("不外访"), "{}", said.data);
}
