//! Commands that give copies out: one case of the log, and the receipt of a visited person.

use serde_json::{Value, json};

use super::office::{Office, text};
use super::visits::Planned;

/// One case is exported in both ways and verified; a receipt is given out, fetched by anybody, and checked.
pub(super) fn are_given(office: &Office, planned: &Planned) {
    let key = text(&office.does("auditor", &["log", "head"]), "key");
    let given = is_handed_out(office, planned);
    office.does("F01", &["sync"]);
    let case = office.does("supervisor", &["case", "list", "--case-no", "L-1001"])["items"][0].clone();
    let (fetched, opened) = (office.at("case-fetched"), office.at("case-opened"));
    let export = [
        "log",
        "export",
        &fetched,
        "--case",
        "L-1001",
        "--open",
        "audit",
        "--purpose",
        "inspection",
    ];
    office.does("auditor", &export);
    let folder = office.folder.display().to_string();
    let beside = ["log", "export", &opened, "--dir", &folder, "--case"];
    office.refused("owner", &[&beside[..], &["L-1001"]].concat(), 2, "bad-value");
    let made = office.does("owner", &[&beside[..], &[&text(&case, "id")]].concat());
    assert_eq!(made["opened"], 0, "{made}");
    for (export, is_open) in [(&fetched, true), (&opened, false)] {
        let report = office.does("anybody", &["verify", export, "--key", &key]);
        assert_eq!(
            (&report["ok"], &report["kind"]),
            (&json!(true), &json!("case")),
            "{report}"
        );
        assert_eq!(
            report["counts"]["payloads_opened"].as_u64().unwrap() > 0,
            is_open,
            "{report}"
        );
        let said = office.types("anybody", &["verify", export, "--key", &key, "--lang", "zh-CN"], "");
        assert!(said.data.contains("并非整个日志"), "{}", said.data);
    }
    is_fetched(office, &given, &key);
}

/// Anybody who holds the reference fetches the receipt and checks it.
fn is_fetched(office: &Office, given: &Value, key: &str) {
    let reference = text(&given["receipt"], "ref");
    let file = office.at("receipt.json");
    let fetch = ["receipt", "fetch", &reference, "--out", &file];
    office.does("anybody", &fetch);
    office.refused("anybody", &fetch, 2, "bad-value");
    office.refused("anybody", &["receipt", "fetch", "nothing"], 2, "bad-value");
    let proven = office.does("anybody", &["verify", &file, "--key", key]);
    assert_eq!(
        proven["receipt"]["said"]["reference"], given["receipt"]["ref"],
        "{proven}"
    );
    assert_eq!(proven["receipt"]["key_from_receipt"], false, "{proven}");
    for (lang, words) in [
        ("en", ["this receipt was given out", "Tel. 12345"]),
        ("zh-CN", ["此回执确已出具", "工号"]),
    ] {
        let said = office.types("anybody", &["verify", &file, "--lang", lang], "");
        assert!(words.iter().all(|word| said.data.contains(word)), "{}", said.data);
        assert!(
            said.data.contains("--key"),
            "the key that came with it is doubted: {}",
            said.data
        );
    }
    let sound = std::fs::read_to_string(&file).unwrap();
    std::fs::write(
        &file,
        sound
            .replace("\"receipt-", "\"receipt_")
            .replacen("\\nindex ", "\\nindex 1", 1),
    )
    .unwrap();
    let ended = office.types("anybody", &["verify", &file, "--key", key], "");
    assert_eq!(ended.code, Some(1), "{}", ended.data);
    assert!(ended.data.contains("NOT VERIFIED"), "{}", ended.data);
}

/// The field worker needs no network for it.
fn is_handed_out(office: &Office, planned: &Planned) -> Value {
    office.refused("F01", &["agency", "complaints", "x"], 1, "not-allowed");
    let offices = office.does("admin", &["agency", "complaints", "Tel. 12345"]);
    assert_eq!(offices["items"][0]["complaints"], "Tel. 12345", "{offices}");
    office.does("F01", &["sync"]);
    let page = office.at("receipt.html");
    let given = office.does("F01", &["visit", "receipt", &planned.first, "--out", &page]);
    let html = super::office::read(&page);
    for part in [&text(&given["receipt"], "ref"), "F01", "F02", "Tel. 12345", "<svg"] {
        assert!(html.contains(part), "{part} in {html}");
    }
    let again = office.does("F01", &["visit", "receipt", &planned.first]);
    assert_eq!(again["event"], given["event"], "{again}");
    given
}
