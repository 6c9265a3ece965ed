//! Commands of strategies, work lists, times of calm and addresses.

use serde_json::{Value, json};

use super::office::{Office, items, text};

const NOBODY: &str = "00000000-0000-7000-8000-000000000000";

/// What comes next is said, listed, written and taken back; two have a region calm; addresses say where they come from.
pub(super) fn say_what_comes_next(office: &Office) {
    let cases = office.does("supervisor", &["case", "list", "--all"]);
    let is_open = |case: &&Value| case["status"] == "open" && case["flags"] == json!([]);
    let case = text(items(&cases).iter().find(is_open).unwrap(), "case_no");
    let next = office.does("supervisor", &["strategy", "test", &case]);
    assert!(next["action"].is_string() && next["others"].is_array(), "{next}");
    let said = office.types("supervisor", &["strategy", "test", &case, "--lang", "zh-CN"], "");
    assert!(said.data.contains("下一步"), "{}", said.data);
    office.refused(
        "supervisor",
        &["strategy", "test", &case, "--day", "soon"],
        1,
        "bad-request",
    );
    office.does("supervisor", &["plan", "ask", &case, "--reason", "reviewed"]);
    office.refused(
        "auditor",
        &["plan", "ask", NOBODY, "--reason", "reviewed"],
        1,
        "not-allowed",
    );
    work_goes_out_and_comes_back(office);
    calm_takes_two(office);
    addresses_are_told(office, &case);
}

fn work_goes_out_and_comes_back(office: &Office) {
    let list = office.does("supervisor", &["work", "list", "--channel", "letter"]);
    assert!(list["items"].is_array() && list["held_back"].is_u64(), "{list}");
    let out = office.path("work.csv");
    let out = out.to_str().unwrap();
    office.does("supervisor", &["work", "export", out, "--channel", "letter"]);
    office.refused(
        "supervisor",
        &["work", "export", out, "--channel", "letter"],
        2,
        "bad-value",
    );
    office.does(
        "supervisor",
        &[
            "work",
            "export",
            out,
            "--channel",
            "letter",
            "--purpose",
            "contact",
            "--force",
        ],
    );
    let report = office.does("supervisor", &["work", "import", out, "--dry-run"]);
    assert_eq!(
        (&report["state"], &report["recorded"]),
        (&json!("preview"), &json!(0)),
        "nothing is filled in yet: {report}"
    );
    office.refused(
        "supervisor",
        &["work", "done", NOBODY, "--step", "m3plus-bundle"],
        1,
        "not-found",
    );
}

fn calm_takes_two(office: &Office) {
    let set = [
        "calm",
        "set",
        "--region",
        "CN-33",
        "--from",
        "2031-01-01",
        "--until",
        "2031-01-31",
        "--mode",
        "stop",
        "--reason",
        "disaster",
    ];
    let asked = office.does("supervisor", &set);
    let asked = items(&asked).first().unwrap();
    assert_eq!((&asked["state"], &asked["region"]), (&json!("asked"), &json!("CN-ZJ")));
    office.does("admin", &["approvals", "approve", &text(asked, "approval")]);
    let on = office.does("auditor", &["calm", "list"]);
    assert_eq!(items(&on)[0]["state"], "on", "{on}");
    let ended = office.does("supervisor", &["calm", "end", &text(asked, "id")]);
    assert_eq!(items(&ended)[0]["state"], "ended", "{ended}");
}

fn addresses_are_told(office: &Office, case: &str) {
    let add = |source: &'static str| {
        [
            "address",
            "add",
            "--case",
            case,
            "9 Another Row",
            "--provenance",
            source,
        ]
        .map(str::to_owned)
    };
    let typed = |args: [String; 7]| args;
    let bought = typed(add("bought"));
    let bought: Vec<&str> = bought.iter().map(String::as_str).collect();
    let refused = office.refused("supervisor", &bought, 1, "bad-request");
    assert!(refused.to_string().contains("`bought`"), "{refused}");
    let contract = typed(add("contract"));
    let contract: Vec<&str> = contract.iter().map(String::as_str).collect();
    let added = office.does("supervisor", &contract);
    let new = text(items(&added).last().unwrap(), "id");
    let verified = office.does(
        "supervisor",
        &["address", "verify", "--case", case, &new, "--how", "letter"],
    );
    assert_eq!(items(&verified).last().unwrap()["state"], "current", "{verified}");
    let retired = office.does(
        "supervisor",
        &["address", "retire", "--case", case, &new, "--state", "moved"],
    );
    assert_eq!(items(&retired).last().unwrap()["confidence"], "none", "{retired}");
    let listed = office.types("supervisor", &["address", "list", "--case", case], "");
    assert!(
        listed.data.contains("9 Another Row") && listed.data.contains("contract"),
        "{}",
        listed.data
    );
}
