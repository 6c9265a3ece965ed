//! Commands of reports.

use super::office::{Office, items};

/// A report of what was visited so far comes as text, document, lines and page; nobody is ranked by it.
pub(super) fn are_reported(office: &Office) {
    // Of so few cases nothing would be told.
    let row = |number: usize| {
        format!("M-{number},card,Other {number},,\"{number} Made-up Lane\",51.5,-0.1{number},90.00,EUR,2026-09-14,\n")
    };
    let head = "case_no,portfolio,name,phone,address,lat,lon,amount_due,currency,due_date,flags\n".to_owned();
    let more = office.file("more-cases.csv", &(1..=5).map(row).fold(head, |text, row| text + &row));
    assert_eq!(office.does("supervisor", &["case", "import", &more])["created"], 5);
    let report = office.does("supervisor", &["report"]);
    let visited = |report: &serde_json::Value| {
        let figures = report["total"].as_array().unwrap();
        let contact = figures.iter().find(|one| one["what"] == "contact").unwrap();
        contact["of"].as_u64().unwrap()
    };
    let made = visited(&report);
    assert!(made >= 1, "{report}");
    for by in ["staff", "crew", "territory", "portfolio", "agency", "stage"] {
        let told = office.does("supervisor", &["report", "--by", by]);
        assert_eq!((&told["by"], visited(&told)), (&by.into(), made));
        // Of so few doors no member of staff and no crew is told by themselves.
        assert!(["staff", "crew"].contains(&by) || !items(&told).is_empty(), "{told}");
    }
    let own = office.does("F01", &["report", "--mine"]);
    assert_eq!(items(&own).len(), 1, "{own}");
    office.refused("F01", &["report"], 1, "not-allowed");
    office.refused("auditor", &["report", "--by", "staff"], 1, "not-allowed");
    office.refused(
        "supervisor",
        &["report", "--portfolio", "nothing of the kind"],
        1,
        "not-found",
    );
    let ranked = office.types("supervisor", &["report", "--by", "staff", "--sort", "contact"], "");
    assert_eq!(ranked.code, Some(2), "{}", ranked.talk);
    let shown = office.types("supervisor", &["report", "--lang", "zh-CN"], "");
    assert!(
        shown.data.contains("上门接触率") && shown.data.contains("不得用于薪酬或排名"),
        "{}",
        shown.data
    );
    let lines = office.types("auditor", &["report", "--by", "stage", "--format", "csv"], "");
    let head = lines.data.lines().next().unwrap();
    assert!(
        head.starts_with("period_from,period_to,by,group,week_from,figure,unit,numerator,denominator,"),
        "{head}"
    );
    assert!(
        lines.data.lines().any(|line| line.contains(",contact,of-visits,")),
        "{}",
        lines.data
    );
    let page = office.at("report.html");
    let write = ["report", "--format", "html", "--out", &page];
    office.does("supervisor", &write);
    let written = std::fs::read_to_string(&page).unwrap();
    assert!(written.contains("<svg") && !written.contains("<script"), "{written}");
    // A file that exists is not written over by accident.
    let again = office.types("supervisor", &write, "");
    assert_eq!(again.code, Some(2), "{}", again.talk);
    office.does("supervisor", &[&write[..], &["--force"]].concat());
}
