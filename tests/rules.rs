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

/// A pack with one rule, which forbids visits outside its hours.
fn own(version: u32, from: &str, rule: &str) -> String {
    format!(
        "format = 1\nid = \"own\"\nversion = {version}\ntitle = {{ en = \"Own\", zh = \"自定\" }}\nstatus = \"house\"\n[[rule]]\nid = \
         \"{rule}\"\nkind.time_window = {{ hours = [{{ from = \"{from}\", to = \"20:00\" }}] }}\neffect = \"block\"\nlifted_by = \
         [\"nobody\"]\nstatus = \"house\"\ncitation = \"house rule\"\nconfidence = \"Q\"\n"
    )
}

#[test]
fn a_change_of_packs_names_the_rules_and_the_cases_that_it_changes() {
    let home = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = home.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let old = file("old/own.toml", &own(1, "09:00", "OWN-1"));
    let new = file("new/own.toml", &own(2, "10:01", "OWN-1"));
    // Two documents in one file: at ten in the morning, and one that is forbidden anyway.
    let cases = file(
        "cases.jsonl",
        &format!("{}\n{}\n", facts("CN", &[]), facts("CN", &["deceased"])),
    );
    let diff = |args: &[&str]| rules(home.path(), &[&["diff"], args, &["--json"]].concat(), "");
    let found = diff(&[&old, &new, "--facts", &cases]);
    assert_eq!(found.code, Some(1), "{}{}", found.data, found.talk);
    let found = document(&found);
    assert_eq!(
        (&found["packs"], &found["rules"]),
        (
            &json!({"own": {"differs": ["version"]}}),
            &json!({"OWN-1": {"differs": ["kind.time_window.hours.0.from"]}})
        )
    );
    assert_eq!(
        (&found["cases"], found["changed"].as_array().unwrap().len()),
        (&json!(2), 2)
    );
    let first = &found["changed"][0];
    assert_eq!(
        (&first["old"]["effect"], &first["new"]["effect"]),
        (&json!("require"), &json!("block")),
        "{first}"
    );
    assert_eq!(
        (&first["old"]["rules"]["OWN-1"], &first["new"]["rules"]["OWN-1"]),
        (&Value::Null, &json!("block"))
    );
    assert!(first["case"].as_str().unwrap().ends_with("cases.jsonl [1]"), "{first}");
    // The minute matters: at ten sharp nothing changes for these two.
    let sharp = file("sharp.toml", &own(2, "10:00", "OWN-1"));
    assert_eq!(diff(&[&old, &sharp, "--facts", &cases]).code, Some(0));
    let text = rules(home.path(), &["diff", &old, &new, "--facts", &cases], "");
    for line in [
        "~ OWN-1  kind.time_window.hours.0.from",
        "  + OWN-1 (blocked)",
        "2 of 2 cases change",
    ] {
        assert!(text.data.contains(line), "{}", text.data);
    }
    // Folders; a rule under another id is one that went and one that came.
    file("new/own.toml", &own(2, "09:00", "OWN-2"));
    let folders = [
        home.path().join("old").display().to_string(),
        home.path().join("new").display().to_string(),
    ];
    let renamed = document(&diff(&[&folders[0], &folders[1], "--facts", &cases]));
    assert_eq!(renamed["rules"], json!({"OWN-1": "removed", "OWN-2": "added"}));
    assert_eq!(renamed["changed"], json!([]));
}

#[test]
fn a_pack_of_the_program_is_compared_with_its_next_version_on_all_examples() {
    let home = tempfile::tempdir().unwrap();
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/packs");
    let cn = fs::read_to_string(packs.join("cn.toml")).unwrap();
    let next = home.path().join("cn.toml");
    fs::write(&next, &cn).unwrap();
    let (old, new) = (packs.join("cn.toml").display().to_string(), next.display().to_string());
    let same = document(&rules(home.path(), &["diff", &old, &new, "--json"], ""));
    assert_eq!((&same["changed"], &same["rules"]), (&json!([]), &json!({})));
    assert!(same["cases"].as_u64().unwrap() > 300, "{same}");
    // Nobody may come before nine: both sides of the old boundary lie before it.
    let (kept, hours) = cn.split_once("id = \"CN-TIME-2\"").unwrap();
    fs::write(
        &next,
        format!("{kept}id = \"CN-TIME-2\"{}", hours.replacen("08:00", "09:00", 1)),
    )
    .unwrap();
    let found = rules(home.path(), &["diff", &old, &new, "--json"], "");
    assert_eq!(found.code, Some(1), "{}{}", found.data, found.talk);
    let found = document(&found);
    assert_eq!(
        found["rules"].as_object().unwrap().keys().collect::<Vec<_>>(),
        ["CN-TIME-2"]
    );
    let cases: Vec<&str> = found["changed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["case"].as_str().unwrap())
        .collect();
    assert!(cases.contains(&"CN-TIME-2 from 08:00, free"), "{cases:?}");
    // The whole folder is compared as it is.
    let folder = packs.display().to_string();
    let whole = rules(home.path(), &["diff", &folder, &folder, "--json"], "");
    assert_eq!(
        (whole.code, &document(&whole)["packs"]),
        (Some(0), &json!({})),
        "{}",
        whole.talk
    );
}

#[test]
fn what_cannot_be_compared_is_named() {
    let home = tempfile::tempdir().unwrap();
    let pack = home.path().join("own.toml");
    fs::write(&pack, own(1, "21:00", "OWN-1")).unwrap();
    let empty = home.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let cases = home.path().join("cases.json");
    fs::write(&cases, format!("{} {{\"subject\": 1}}", facts("CN", &[]))).unwrap();
    let [pack, empty, cases] = [pack, empty, cases].map(|path| path.display().to_string());
    let refused = |args: &[&str], part: &str| {
        let found = rules(home.path(), &[&["diff"], args].concat(), "");
        assert_eq!(found.code, Some(2), "{}{}", found.data, found.talk);
        assert!(found.talk.contains(part), "{}", found.talk);
    };
    refused(&[&pack, &pack], "own.toml:7: rule OWN-1: ");
    fs::write(&pack, own(1, "09:00", "OWN-1")).unwrap();
    refused(&[&pack, &empty], "has no file of toml");
    refused(&[&pack], "NEW is missing");
    refused(&[&pack, &pack, "--online"], "only NEW with --online");
    refused(&[&pack, &pack, "--facts", &cases], "cases.json [2]: ");
    refused(&[&pack, &pack, "--facts", &empty], "has no file of json");
}

#[test]
fn sentences_are_listed_by_pack_moment_hearer_and_language() {
    let home = tempfile::tempdir().unwrap();
    let listed = |args: &[&str]| {
        let found = rules(home.path(), &[&["sentences"], args, &["--json"]].concat(), "");
        assert_eq!(found.code, Some(0), "{}{}", found.data, found.talk);
        document(&found)["items"].as_array().unwrap().clone()
    };
    let all = listed(&[]);
    let payment = listed(&["cn", "--when", "payment", "--to", "identified"]);
    let ids: Vec<&str> = payment.iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["CN-SAY-PAYMENT", "CN-NEVER-BORROW"]);
    assert_eq!(
        (&payment[0]["pack"], &payment[1]["how"]),
        (&json!("cn@1"), &json!("never"))
    );
    let german = listed(&["--language", "de-AT"]);
    assert!(!german.is_empty() && german.len() < all.len());
    let text = rules(home.path(), &["sentences", "de", "--language", "de"], "").data;
    assert!(text.contains("Alles, was Sie sagen, ist freiwillig."), "{text}");
    for wrong in [&["moon"][..], &["--when", "noon"], &["--to", "all"]] {
        let found = rules(home.path(), &[&["sentences"], wrong].concat(), "");
        assert_ne!(found.code, Some(0), "{}", found.data);
    }
    let file = home.path().join("own.toml");
    let said = "\n[[sentence]]\nid = \"OWN-SAY\"\nwhen = \"greeting\"\nto = \"anybody\"\ntext = { en = \"Pay the debt.\", zh = \"您好。\" }\n";
    fs::write(&file, format!("{}{said}", own(1, "09:00", "OWN-1"))).unwrap();
    let refused = rules(home.path(), &["sentences", "--pack", &file.display().to_string()], "");
    assert!(
        refused.talk.contains("sentence OWN-SAY: ") && refused.talk.contains("to = \"identified\""),
        "{}",
        refused.talk
    );
}

#[test]
fn the_schema_of_packs_is_printed() {
    let home = tempfile::tempdir().unwrap();
    let printed = rules(home.path(), &["schema"], "");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/packs/pack.schema.json");
    assert_eq!(printed.data.trim_end(), fs::read_to_string(file).unwrap().trim_end());
    let found = document(&rules(home.path(), &["schema", "--json"], ""));
    assert_eq!(found["properties"]["format"]["const"], 1);
}

#[test]
fn coverage_says_what_holds_only_under_a_condition() {
    let home = tempfile::tempdir().unwrap();
    let found = document(&rules(home.path(), &["coverage", "--json"], ""));
    let of = |id: &str| {
        let all = found["rules"].as_array().unwrap();
        all.iter().find(|rule| rule["rule"] == id).unwrap().clone()
    };
    assert_eq!(of("JP-TIME-1")["only_where_accepted"], true);
    assert_eq!(of("CN-TIME-1")["only_where_accepted"], false);
    let text = rules(home.path(), &["coverage"], "").data;
    assert!(
        text.contains("JP-TIME-1 (only where accepted), JP-PLACE-1 (only where accepted)"),
        "{text}"
    );
    assert!(!text.contains("CN-TIME-1  "), "{text}");
    let kept = found["rules"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|rule| rule["retains"] == true);
    assert!(kept.count() > 0);
    // Until something deletes by them, each says so.
    let says = text.contains("nothing deletes by it yet");
    assert_eq!(says, found["purged_by"].is_null(), "{text}");
}
