//! Commands that print: letters, a bundle, leaflets; and training.

use serde_json::json;

use super::office::{Office, items, text};
use crate::harness::text_of_pdf;
use crate::harness::training::choice_of;

/// A letter is made and looked at, a bundle verifies, a leaflet is handed over, and somebody trains.
pub(super) fn are_made(office: &Office) {
    let letter = office.at("letter.pdf");
    let make = [
        "letter",
        "make",
        "--case",
        "L-1001",
        "--kind",
        "address-check",
        "--language",
        "en",
        "--out",
        &letter,
    ];
    let made = office.does("supervisor", &make);
    assert_eq!(
        (&made["state"], &made["kind"]),
        (&json!("handed_over"), &json!("address-check")),
        "{made}"
    );
    assert!(text_of_pdf(&std::fs::read(&letter).unwrap()).contains("Your rights"));
    office.refused("supervisor", &make, 2, "bad-value");
    let saved = office.at("saved.pdf");
    office.does("supervisor", &["letter", "save", &text(&made, "id"), "--out", &saved]);
    assert_eq!(
        std::fs::read(&saved).unwrap(),
        std::fs::read(&letter).unwrap(),
        "the same letter is the same bytes"
    );
    assert_eq!(
        office.does("supervisor", &["letter", "delivered", &text(&made, "id")])["state"],
        "delivered"
    );
    let listed = office.does("supervisor", &["letter", "list", "--case", "L-1001"]);
    assert_eq!(items(&listed).len(), 1, "{listed}");
    let legal = ["letter", "make", "--case", "L-1001", "--kind", "pre-legal"];
    office.refused("supervisor", &legal, 1, "not-allowed");
    is_bundled(office);
    are_handed_over(office);
    trains(office);
}

fn is_bundled(office: &Office) {
    let key = text(&office.does("auditor", &["log", "head"]), "key");
    let bundle = office.at("bundle");
    office.does(
        "supervisor",
        &[
            "bundle",
            "make",
            "--case",
            "L-1001",
            "--out",
            &bundle,
            "--language",
            "en",
        ],
    );
    let paper = text_of_pdf(&std::fs::read(format!("{bundle}/bundle.pdf")).unwrap());
    assert!(paper.contains("List of evidence"), "{paper}");
    let report = office.does("anybody", &["verify", &format!("{bundle}/proofs"), "--key", &key]);
    assert_eq!(
        (&report["ok"], &report["kind"]),
        (&json!(true), &json!("case")),
        "{report}"
    );
}

fn are_handed_over(office: &Office) {
    let shown = office.types("supervisor", &["leaflet", "show", "rights", "--lang", "zh-CN"], "");
    assert!(shown.data.contains("您的权利"), "{}", shown.data);
    office.does(
        "supervisor",
        &["leaflet", "give", "rights", "--case", "L-1001", "--language", "en"],
    );
    let listed = office.does("supervisor", &["leaflet", "list", "--case", "L-1001"]);
    let rights = items(&listed).iter().find(|one| one["name"] == "rights").unwrap();
    assert_eq!(rights["given"].as_array().unwrap().len(), 1, "{listed}");
}

fn trains(office: &Office) {
    assert_eq!(items(&office.does("supervisor", &["training", "list"])).len(), 6);
    let run = office.does("supervisor", &["training", "start", "threat"]);
    let id = text(&run, "id");
    let wrong = choice_of(&run, "wrong").to_string();
    let told = office.types("supervisor", &["training", "answer", &id, &wrong], "");
    assert!(
        told.data.contains("LONE-WORKER-NEVER-ARGUE") || told.data.contains("HOUSE-NEVER-PRESSURE"),
        "{}",
        told.data
    );
    assert!(
        told.data.contains(&format!("training answer {id} NUMBER")),
        "{}",
        told.data
    );
    office.refused("supervisor", &["training", "answer", &id, "9"], 1, "bad-request");
    let run = office.does("supervisor", &["training", "show", &id]);
    let right = choice_of(&run, "right").to_string();
    let ended = office.does("supervisor", &["training", "answer", &id, &right]);
    assert_eq!(ended["state"], "failed", "{ended}");
    assert_eq!(items(&office.does("supervisor", &["training", "result"])).len(), 1);
    assert_eq!(items(&office.does("supervisor", &["debrief", "list"])).len(), 0);
}
