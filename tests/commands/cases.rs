//! Commands of cases: import, list, show, give back, take back, export.

use serde_json::json;

use super::office::{Office, items, parsed, read, text};
use super::visits::place_of_work;

const HEADER: &str = "case_no,portfolio,name,phone,address,lat,lon,amount_due,currency,due_date,flags\n";

/// A file of cases around the place where it is morning now; the last line cannot be true.
fn file() -> String {
    let [lat, lon] = place_of_work().centre;
    let line = |number: i32, name: &str, flags: &str| {
        let lat = lat + f64::from(number) * 0.004;
        format!("L-100{number},card,{name},,\"{number} Invented Row\",{lat:.4},{lon},420.50,EUR,2026-09-14,{flags}\n")
    };
    [
        HEADER,
        &line(1, "Ida Example", ""),
        &line(2, "Max Sample", "disputed"),
        &line(3, "Lea Muster", ""),
        &line(4, "Ann Instance", ""),
        &format!("L-1005,card,Rue Wrong,,\"5 Invented Row\",{lat},{lon},-1.00,EUR,2026-02-31,\n"),
    ]
    .concat()
}

/// Four cases land.
pub(super) fn imported(office: &Office) {
    let report = office.does("supervisor", &["case", "import", &office.file("cases.csv", &file())]);
    assert_eq!(report["created"], 4, "{report}");
}

/// A case file lands, its bad row comes back, and a second import is taken back.
pub(super) fn come_and_go(office: &Office) {
    let cases = office.file("cases.csv", &file());
    office.refused("auditor", &["case", "import", &cases], 1, "not-allowed");
    let preview = office.does("supervisor", &["case", "import", &cases, "--dry-run"]);
    assert_eq!(
        (&preview["state"], &preview["created"]),
        (&json!("preview"), &json!(4)),
        "{preview}"
    );
    assert_eq!(items(&office.does("supervisor", &["case", "list"])).len(), 0);
    let report = office.does("supervisor", &["case", "import", &cases]);
    assert_eq!(
        (&report["created"], &report["counts"]["reject"]),
        (&json!(4), &json!(1)),
        "{report}"
    );
    let import = text(&report, "import");
    let shown = office.does("supervisor", &["case", "show-import", &import]);
    let rejected = shown["rows"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["result"] == "reject");
    let rejected = rejected.unwrap();
    assert_eq!(rejected["line"], 6, "{shown}");
    let reasons = rejected["reasons"].as_array().unwrap();
    assert!(reasons.contains(&json!("amount-negative")), "{shown}");
    let back = office.at("back.csv");
    office.does("supervisor", &["case", "give-back", &import, &back]);
    let rows = read(&back);
    assert!(rows.contains("L-1005") && rows.contains("amount-negative"), "{rows}");
    assert!(!rows.contains("L-1001"), "only what was refused comes back: {rows}");
    let again = ["case", "give-back", &import, &back];
    office.refused("supervisor", &again, 2, "bad-value");
    is_taken_back(office);
    let listed = office.does("supervisor", &["case", "list"]);
    assert_eq!(items(&listed).len(), 4, "{listed}");
    let disputed = office.does("supervisor", &["case", "show", "L-1002"]);
    assert_eq!(
        (&disputed["name"], &disputed["verdict"]["effect"]),
        (&json!("Max Sample"), &json!("block")),
        "{disputed}"
    );
    assert_eq!(disputed["zone"], place_of_work().zone);
    office.refused("supervisor", &["case", "show", "L-9999"], 1, "not-found");
    are_judged_at_a_time(office);
    are_looked_at(office);
    calls_are_logged(office);
    let out = office.at("exported.csv");
    office.does("supervisor", &["case", "export", &out]);
    let exported = read(&out);
    assert!(
        exported.contains("L-1004") && !exported.contains("L-1005"),
        "{exported}"
    );
}

/// The rules are asked about a case at a time; a verdict that forbids ends with 1.
fn are_judged_at_a_time(office: &Office) {
    let test = |case: &str, at: &str| {
        let args = ["rules", "test", "--case", case, "--at", at, "--json"];
        let found = office.types("supervisor", &args, "");
        (found.code, parsed(&found))
    };
    let (code, night) = test("L-1001", "2031-03-04T03:00");
    assert_eq!(code, Some(1), "{night}");
    let findings = night["verdict"]["findings"].as_array().unwrap();
    let hours = findings.iter().find(|one| one["rule"] == "HOUSE-HOURS").unwrap();
    for member in ["sentence", "citation", "until", "lifted_by"] {
        assert!(!hours[member].is_null(), "{hours}");
    }
    let (code, day) = test("L-1001", "2031-03-04T10:00");
    assert_eq!(code, Some(0), "{day}");
    office.refused(
        "supervisor",
        &["rules", "test", "--case", "L-9999", "--at", "2031-03-04T10:00"],
        1,
        "not-found",
    );
    office.refused(
        "supervisor",
        &["rules", "test", "--case", "L-1001", "--at", "soon"],
        1,
        "bad-request",
    );
    let house = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../server/packs/house.toml")).unwrap();
    let house = office.file("house.toml", &house);
    let args = ["rules", "diff", &house, "--online", "--at", "2031-03-04T10:00"];
    let same = office.does("supervisor", &args);
    assert_eq!((&same["cases"], &same["changed"]), (&json!(4), &json!([])), "{same}");
}

/// A second file is taken back whole.
fn is_taken_back(office: &Office) {
    let [lat, lon] = place_of_work().centre;
    let more = format!("{HEADER}L-2001,card,Una Second,,9 Invented Row,{lat},{lon},10.00,EUR,2026-09-14,\n");
    let report = office.does("supervisor", &["case", "import", &office.file("more.csv", &more)]);
    assert_eq!(report["created"], 1, "{report}");
    let import = text(&report, "import");
    let taken = office.does("supervisor", &["case", "take-back", &import]);
    assert_eq!(taken["removed"], 1, "{taken}");
    let imports = office.does("supervisor", &["case", "imports"]);
    let state = items(&imports).iter().find(|one| one["import"] == *import).unwrap()["state"].clone();
    assert_eq!(state, "taken-back", "{imports}");
    office.refused("supervisor", &["case", "take-back", &import], 1, "import-touched");
}

/// Who calls asks before and says afterwards; files of calls land row by row.
fn calls_are_logged(office: &Office) {
    // Twelve hours apart, one of the two is night.
    let checks = ["2030-01-02T00:00:00Z", "2030-01-02T12:00:00Z"].map(|at| {
        let args = [
            "contact",
            "check",
            "--case",
            "L-1002",
            "--channel",
            "call",
            "--at",
            at,
            "--json",
        ];
        office.types("supervisor", &args, "")
    });
    let refused = checks.iter().find(|ended| ended.code == Some(1)).unwrap();
    let verdict = parsed(refused);
    assert_eq!(
        (&verdict["allowed"], &verdict["verdict"]["effect"]),
        (&json!(false), &json!("block"))
    );
    let letter = ["contact", "check", "--case", "L-1002", "--channel", "letter"];
    assert_eq!(office.does("supervisor", &letter)["allowed"], true);
    let add = ["contact", "add", "--case", "L-1002", "--channel", "letter"];
    office.refused(
        "auditor",
        &[&add[..], &["--outcome", "DELIVERED"]].concat(),
        1,
        "not-allowed",
    );
    office.refused(
        "supervisor",
        &[&add[..], &["--outcome", "NO_ANSWER"]].concat(),
        1,
        "bad-request",
    );
    office.does("supervisor", &[&add[..], &["--outcome", "DELIVERED"]].concat());
    let file =
        "case_no,channel,at,outcome\nL-1002,letter,2026-01-05 10:00,RETURNED\nL-9,call,2026-01-05 10:00,NO_ANSWER\n";
    let (file, back) = (office.file("calls.csv", file), office.at("calls-back.csv"));
    let preview = office.does("supervisor", &["contact", "import", &file, "--dry-run"]);
    assert_eq!(preview["state"], "preview");
    let report = office.does("supervisor", &["contact", "import", &file, "--give-back", &back]);
    assert_eq!(
        (&report["recorded"], &report["counts"]["reject"]),
        (&json!(1), &json!(1)),
        "{report}"
    );
    assert!(read(&back).contains("unknown-case: "), "{}", read(&back));
    let listed = office.does("supervisor", &["contact", "list", "--case", "L-1002"]);
    assert_eq!(
        (items(&listed).len(), &listed["pressure"]["band"]),
        (2, &json!("calm")),
        "{listed}"
    );
    assert!(items(&office.does("supervisor", &["contact", "forbidden"])).is_empty());
    let shown = office.types(
        "supervisor",
        &["contact", "list", "--case", "L-1002", "--lang", "zh-CN"],
        "",
    );
    assert!(
        shown.data.contains("信函") && shown.data.contains("已送达"),
        "{}",
        shown.data
    );
}

/// Who looked is told; an auditor says why, and somebody else looks at that.
fn are_looked_at(office: &Office) {
    office.refused("auditor", &["case", "show", "L-1001"], 1, "purpose-needed");
    office.does("auditor", &["case", "show", "L-1001", "--purpose", "inspection"]);
    let reads = office.does("supervisor", &["case", "reads", "L-1001"]);
    let outside = items(&reads)
        .iter()
        .find(|read| read["outside"] == "inspection")
        .unwrap();
    assert_eq!(
        (&outside["who"], &outside["channel"]),
        (&json!("auditor"), &json!("office"))
    );
    let week = office.does("supervisor", &["reads", "list"]);
    assert_eq!(
        (&week["open"], &week["items"][0]["cases"][0]["case_no"]),
        (&json!(1), &json!("L-1001")),
        "{week}"
    );
    for lang in ["en", "zh-CN"] {
        let shown = office.types("supervisor", &["reads", "list", "--lang", lang], "").data;
        assert!(shown.contains("L-1001") && shown.contains("auditor"), "{shown}");
    }
    let read = text(&week["items"][0], "id");
    let settle = ["reads", "settle", &read, "right", "duty-known"];
    office.refused("auditor", &settle, 1, "not-allowed");
    office.refused("supervisor", &settle, 2, "nobody-to-ask");
    let settled = office.does("supervisor", &[&settle[..], &["--yes"]].concat());
    assert_eq!(settled["found"]["by"], "supervisor", "{settled}");
    assert_eq!(
        office.does("auditor", &["reads", "review"])["open"],
        0,
        "its name of before"
    );
    let all = office.does("auditor", &["reads", "list", "--all"]);
    assert_eq!(items(&all).len(), 1, "{all}");
    // Whoever can sign in sees who looked at them: the list of staff had them on it.
    let own = office.does("F01", &["staff", "reads", "--all"]);
    assert!(items(&own).iter().any(|read| read["purpose"] == "staff"), "{own}");
}
