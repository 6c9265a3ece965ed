//! Commands of body recorders and their recordings, with a folder of files as it is copied from a recorder.

use serde_json::{Value, json};

use super::office::{Office, items, parsed, text};

fn instant(micros: &Value) -> String {
    let at = jiff::Timestamp::from_microsecond(micros.as_i64().unwrap()).unwrap();
    at.to_string()
}

/// What an import says of each file, by name; one that leaves files out ends with 1.
fn imported(office: &Office, args: &[&str], exit: i32) -> Vec<(String, String)> {
    let ended = office.types("supervisor", &[args, &["--json"]].concat(), "");
    assert_eq!(ended.code, Some(exit), "{}{}", ended.data, ended.talk);
    let document = parsed(&ended);
    let line = |one: &Value| (text(one, "file"), text(one, "result"));
    document["files"].as_array().unwrap().iter().map(line).collect()
}

fn results(found: &[(String, String)]) -> Vec<(&str, &str)> {
    found
        .iter()
        .map(|(file, result)| (file.as_str(), result.as_str()))
        .collect()
}

/// The files of a recorder come to the visit that they show, and are saved again.
pub(super) fn are_imported(office: &Office) {
    let visits = office.does("auditor", &["visit", "list", "--state", "finished"]);
    let ended = |visit: &&Value| visit["started_at"].is_i64() && visit["finished_at"].is_i64();
    let visit = items(&visits).iter().find(ended).unwrap().clone();
    office.refused("auditor", &["recorder", "add", "BWC-7"], 1, "not-allowed");
    office.does("supervisor", &["recorder", "add", "BWC-7"]);
    let assign = ["recorder", "assign", "BWC-7", "--staff", "F01", "--from", "2020-01-01"];
    let given = office.does("supervisor", &assign);
    assert_eq!(given["uses"][0]["staff"], "F01");

    let card = office.path("card");
    std::fs::create_dir_all(card.join("day")).unwrap();
    let shown = b"somebody says good morning".as_slice();
    std::fs::write(card.join("day/a.MP4"), shown).unwrap();
    std::fs::write(card.join("BWC-7_20200102_100000.mp4"), b"an empty street").unwrap();
    std::fs::write(card.join("holiday.mp4"), b"a beach").unwrap();
    let (from, to) = (instant(&visit["started_at"]), instant(&visit["finished_at"]));
    let index = format!("file,recorder,from,to\nday/a.MP4,BWC-7,{from},{to}\n");
    std::fs::write(card.join("recordings.csv"), index).unwrap();
    let card = card.display().to_string();
    let import = ["evidence", "import", &card, "--minutes", "5"];
    let others = [
        ("BWC-7_20200102_100000.mp4", "no-visit"),
        ("holiday.mp4", "name-unclear"),
    ];
    let with = |result: &'static str| vec![others[0], ("day/a.MP4", result), others[1]];
    let dry = imported(office, &[&import[..], &["--dry-run"]].concat(), 1);
    assert_eq!(results(&dry), with("matched"));
    assert_eq!(items(&office.does("auditor", &["evidence", "list"])).len(), 0);
    assert_eq!(results(&imported(office, &import, 1)), with("sent"));
    assert_eq!(results(&imported(office, &import, 1)), with("known"));
    let said = office.types("supervisor", &[&import[..], &["--lang", "zh-CN"]].concat(), "");
    assert!(
        said.data.contains("已存在") && said.data.contains("指定时长"),
        "{}",
        said.data
    );
    is_saved(office, &text(&visit, "id"), shown);
}

fn is_saved(office: &Office, visit: &str, shown: &[u8]) {
    let listed = office.does("auditor", &["evidence", "list", "--visit", visit]);
    let id = text(&items(&listed)[0], "id");
    let one = office.does("supervisor", &["evidence", "show", &id]);
    assert_eq!(
        (&one["recorder"], &one["media"], &one["bytes"]),
        (&json!("BWC-7"), &json!("mp4"), &json!(shown.len()))
    );
    let out = office.at("saved.mp4");
    let export = ["evidence", "export", &id, "--out", &out];
    office.refused("auditor", &export, 1, "purpose-needed");
    office.does("supervisor", &export);
    assert_eq!(std::fs::read(&out).unwrap(), shown);
    office.refused("supervisor", &export, 2, "bad-value");
    let excuse = ["evidence", "excuse", visit, "--words", "it broke"];
    office.refused("supervisor", &excuse, 1, "changed");
    let owed = office.does("auditor", &["evidence", "list", "--pending"]);
    assert_eq!(items(&owed).len(), 0, "no rule asks for recordings here: {owed}");
    let kept = office.does("admin", &["retention", "recordings"]);
    assert_eq!(text(&items(&kept)[0], "state"), "margin", "{kept}");
    let ended = office.does("supervisor", &["recorder", "end", "BWC-7"]);
    assert!(ended["ended_at"].is_i64());
    assert_eq!(items(&office.does("auditor", &["recorder", "list"])).len(), 1);
}
