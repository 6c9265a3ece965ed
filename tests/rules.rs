//! `doorstep rules` from outside: without a server, without a network, by the built program.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::harness::process::{Ended, command, run_to_end};

fn rules(home: &Path, args: &[&str], input: &str) -> Ended {
    let mut program = command("doorstep", home);
    program.arg("rules").args(args);
    run_to_end(program, input)
}

fn document(ended: &Ended) -> Value {
    serde_json::from_str(&ended.data).unwrap_or_else(|_| panic!("{}{}", ended.data, ended.talk))
}

/// A visit in Hangzhou on a Tuesday at 10:00.
fn facts(country: &str, flags: &[&str]) -> String {
    json!({
        "subject": {"status": "open", "flags": flags, "party": "debtor", "portfolio_kind": "card"},
        "address": {"country": country, "zone": "Asia/Shanghai", "state": "current", "kind": "home"},
        "staff": {"count": 2, "certified": 2},
        "notices": [{"handed_over_at": 0}],
        "attempt": {"start": 1_795_485_600_000_000_i64, "end": 1_795_487_400_000_000_i64},
        "as_of": 1_795_449_600_000_000_i64,
    })
    .to_string()
}

#[test]
fn no_rule_is_without_an_example_and_a_further_pack_shows_what_it_lacks() {
    let home = tempfile::tempdir().unwrap();
    let whole = rules(home.path(), &["coverage", "--json"], "");
    assert_eq!(whole.code, Some(0), "{}{}", whole.data, whole.talk);
    let found = document(&whole);
    assert_eq!(found["whole"], true);
    let shown = |rule: &Value| rule["shown"] == true && !rule["boundaries"].as_array().unwrap().is_empty();
    assert!(found["rules"].as_array().unwrap().iter().all(shown), "{found:#}");
    // Each says how it stands, and the tests that it names are there.
    for expected in found["expected"].as_array().unwrap() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for test in expected["tests"].as_array().into_iter().flatten() {
            assert!(root.join(test.as_str().unwrap()).is_file(), "{expected}");
        }
    }
    let pack = home.path().join("own.toml");
    let text = "format = 1\nid = \"own\"\nversion = 1\ntitle = { en = \"Own\", zh = \"自定\" }\nstatus = \"house\"\n[[rule]]\nid = \
                \"OWN-1\"\nkind.time_window = { hours = [{ from = \"10:00\", to = \"16:00\" }] }\neffect = \"block\"\nlifted_by = \
                [\"nobody\"]\nstatus = \"house\"\ncitation = \"house rule\"\nconfidence = \"Q\"\n";
    fs::write(&pack, text).unwrap();
    let pack = pack.display().to_string();
    let lacking = rules(home.path(), &["coverage", "--pack", &pack], "");
    assert_eq!(lacking.code, Some(1));
    assert!(
        lacking.data.contains("OWN-1  from 10:00: no example"),
        "{}",
        lacking.data
    );
    let examples = home.path().join("examples.toml");
    let pair = |boundary: &str, free: &str, bites: &str| {
        format!(
            "[[example]]\nrule = \"OWN-1\"\nboundary = \"{boundary}\"\nfree = {{ {free} }}\nbites = {{ {bites} }}\n"
        )
    };
    let base = "[base]\nzone = \"Europe/Lisbon\"\nstart = \"2026-11-24T15:30\"\n";
    let (from, early) = ("start = \"2026-11-24T10:00\"", "start = \"2026-11-24T09:59\"");
    let both = [
        base.to_owned(),
        pair("from 10:00", from, early),
        pair("to 16:00", "", "minutes = 31"),
    ];
    fs::write(
        &examples,
        both.concat().replace("free = {  }", "free = { minutes = 30 }"),
    )
    .unwrap();
    let examples = examples.display().to_string();
    let shown = rules(home.path(), &["coverage", "--pack", &pack, "--examples", &examples], "");
    assert_eq!(shown.code, Some(0), "{}{}", shown.data, shown.talk);
}

#[test]
fn facts_get_their_verdict_and_mistakes_their_place() {
    let home = tempfile::tempdir().unwrap();
    let eval = |facts: &str, more: &[&str]| rules(home.path(), &[&["eval", "-", "--json"][..], more].concat(), facts);
    let allowed = eval(&facts("CN", &[]), &[]);
    assert_eq!(
        (allowed.code, &document(&allowed)["effect"]),
        (Some(0), &json!("require"))
    );
    let mourning = eval(&facts("CN", &["bereaved"]), &[]);
    assert_eq!(
        (mourning.code, &document(&mourning)["effect"]),
        (Some(1), &json!("block"))
    );
    assert_eq!(document(&mourning)["findings"][0]["rule"], "HOUSE-STOP-BEREAVED");
    // A pack that is not verified holds only where somebody asks for it.
    let law_unknown = |found: &Ended| found.data.contains("ENGINE-LAW");
    assert!(law_unknown(&eval(&facts("AU", &[]), &[])));
    let invited = eval(&facts("AU", &[]), &["--unverified", "au"]);
    assert!(
        !law_unknown(&invited) && invited.data.contains("AU-VISIT-1"),
        "{}",
        invited.data
    );
    assert_eq!(eval(&facts("AU", &[]), &["--unverified", "xx"]).code, Some(1));
    let broken = eval("{\"subject\": 1}", &[]);
    assert_eq!(broken.code, Some(2));
    assert!(broken.talk.contains("docs/rules.md"), "{}", broken.talk);
    let pack = home.path().join("own.toml");
    fs::write(&pack, "format = 1\nid = \"own\"\nversion = \"one\"\n").unwrap();
    let refused = eval(&facts("CN", &[]), &["--pack", &pack.display().to_string()]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.talk.contains("own.toml:3:"), "{}", refused.talk);
}

#[test]
fn a_rule_explains_itself_in_both_languages() {
    let home = tempfile::tempdir().unwrap();
    let explained = rules(home.path(), &["explain", "CN-TIME-2"], "");
    for part in [
        "CBA guideline",
        "the person's consent",
        "from 08:00: shown on both sides",
    ] {
        assert!(explained.data.contains(part), "{}", explained.data);
    }
    let chinese = rules(home.path(), &["explain", "CN-TIME-2", "--lang", "zh-CN"], "");
    assert!(
        chinese.data.contains("本人同意") && chinese.data.contains("两侧均有用例"),
        "{}",
        chinese.data
    );
    assert_eq!(rules(home.path(), &["explain", "CN-NONE"], "").code, Some(1));
    let listed = document(&rules(home.path(), &["list", "uk", "--json"], ""));
    let of_pack = |item: &Value| item["pack"] == "uk@1" && item["citation"].is_string();
    assert!(listed["items"].as_array().unwrap().iter().all(of_pack), "{listed}");
}
