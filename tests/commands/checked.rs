//! What an auditor reads: a sound export, a copy that is damaged or half there, files of one's own that cannot be used, and
//! things that are no export. Both programs answer alike, and in both languages.

use std::path::Path;

use serde_json::{Value, json};

use super::office::{Office, parsed, text};
use crate::harness::process::{Ended, command, run_to_end};

/// An export is checked in all the ways in which one goes wrong. `kept` is a checkpoint that the export extends.
pub(super) fn by_an_auditor(office: &Office, [export, kept, key]: [&str; 3]) {
    is_held_against_what_was_given(office, [export, kept, key]);
    cannot_use_what_is_none(office, [export, key]);
    accuses_nobody_of_a_damaged_copy(office, [export, key]);
    counts_what_a_half_copy_lacks(office, [export, key]);
    speaks_the_language_of_the_system(office);
}

/// The small program, with surroundings of its own.
fn small(office: &Office, args: &[&str], vars: &[(&str, &str)]) -> Ended {
    let mut verifier = command("doorstep-verify", &office.path("nobody"));
    verifier.args(args).envs(vars.iter().copied());
    run_to_end(verifier, "")
}

/// Both programs refuse alike, as wrong usage; the text in one language.
fn both_refuse(office: &Office, args: &[&str], code: &str, lang: &str) -> String {
    let args = [args, &["--json", "--lang", lang]].concat();
    let large = office.types("anybody", &[&["verify"], &args[..]].concat(), "");
    let alone = small(office, &args, &[]);
    assert_eq!(
        (large.code, alone.code),
        (Some(2), Some(2)),
        "{}{}",
        large.talk,
        alone.talk
    );
    assert_eq!(large.data, alone.data, "one shape of errors");
    let problem = parsed(&large)["problem"].clone();
    assert_eq!(problem["code"], code, "{problem}");
    text(&problem, "title")
}

fn is_held_against_what_was_given(office: &Office, [export, kept, key]: [&str; 3]) {
    let policy = office.file("policy.txt", "quorum none\n");
    let against = ["--key", key, "--since", kept, "--policy", &policy];
    let online = office.does("auditor", &[&["log", "verify"], &against[..]].concat());
    let offline = office.does("anybody", &[&["verify", export], &against[..]].concat());
    for report in [online, offline] {
        let found = &report["against"];
        let told = (&found["keys_from"], &found["policy_from"], &found["since"]["extended"]);
        assert_eq!(told, (&json!("given"), &json!("given"), &json!(true)), "{found}");
    }
    for (lang, said) in [("en", "checked against:"), ("zh-CN", "核对依据：")] {
        let ended = office.types("anybody", &["verify", export, "--key", key, "--lang", lang], "");
        assert!(
            ended.data.contains(said)
                && ended
                    .data
                    .contains(key.split('+').next().unwrap().trim_end_matches("/events"))
        );
    }
    office.refused("auditor", &["log", "verify", "--since", "/nowhere"], 2, "bad-value");
}

/// A typing error, the table of `log head`, and things that are no export never look like a forgery.
fn cannot_use_what_is_none(office: &Office, [export, key]: [&str; 2]) {
    for option in ["--since", "--policy", "--tsa-ca", "--key"] {
        both_refuse(office, &[export, option, "/nowhere"], "bad-value", "en");
    }
    both_refuse(office, &["/nowhere"], "file-not-read", "en");
    let table = office.types("auditor", &["log", "head"], "");
    let table = office.file("head.txt", &table.data);
    let told = both_refuse(office, &[export, "--key", key, "--since", &table], "bad-value", "en");
    assert!(
        told.contains("Write the note alone with `log head --out FILE`"),
        "{told}"
    );
    let told = both_refuse(office, &[export, "--key", key, "--since", &table], "bad-value", "zh-CN");
    assert!(told.contains("`log head --out FILE` 单独写出检查点"), "{told}");
    let data = office.folder.display().to_string();
    let manifest = Path::new(export).join("MANIFEST").display().to_string();
    for (path, english, chinese) in [
        (&data, "is a data folder", "是数据文件夹"),
        (&manifest, "Give that folder", "请给出该文件夹"),
        (&table, "what `log head` prints", "`log head` 输出的表格"),
    ] {
        assert!(both_refuse(office, &[path], "wrong-kind", "en").contains(english));
        assert!(both_refuse(office, &[path], "wrong-kind", "zh-CN").contains(chinese));
    }
}

/// One bad byte: what it brings about is told, and asks for another copy first.
fn accuses_nobody_of_a_damaged_copy(office: &Office, [export, key]: [&str; 2]) {
    let bundles = Path::new(export).join("events/tile/entries");
    let bundle = std::fs::read_dir(bundles.join("000.p"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let sound = std::fs::read(&bundle).unwrap();
    let mut bent = sound.clone();
    // Within the first leaf, in a value: it stays well-formed.
    let at = bent.windows(6).position(|bytes| bytes == b"recv_m").unwrap() + 12;
    bent[at] ^= 1;
    std::fs::write(&bundle, bent).unwrap();
    let ended = office.types("anybody", &["verify", export, "--key", key, "--json"], "");
    let report = parsed(&ended);
    assert_eq!(
        (ended.code, &report["files"]["changed"]),
        (Some(1), &json!(1)),
        "{report}"
    );
    let found = report["findings"].as_array().unwrap();
    let cause = bundle.strip_prefix(export).unwrap().to_str().unwrap();
    let follows = |found: &Value| found["follows_from"] == cause || found["code"] == "file_changed";
    assert!(found.len() > 2 && found.iter().all(follows), "{report}");
    for (lang, title, last) in [
        ("en", "NOT VERIFIED: this copy is damaged", "accuses nobody:"),
        ("zh-CN", "验证未通过：此副本已损坏", "不构成对任何人的指控："),
    ] {
        let said = office
            .types("anybody", &["verify", export, "--key", key, "--lang", lang], "")
            .data;
        assert!(said.starts_with(title), "{said}");
        let (own, following) = said.split_once(last).unwrap();
        assert!(
            own.contains("[file_changed]") && following.contains("[leaf_changed]"),
            "{said}"
        );
        assert!(lang == "en" || !said.contains(": "), "{said}");
    }
    std::fs::write(&bundle, sound).unwrap();
}

fn counts_what_a_half_copy_lacks(office: &Office, [export, key]: [&str; 2]) {
    let (payloads, away) = (Path::new(export).join("payloads"), office.path("payloads-away"));
    std::fs::rename(&payloads, &away).unwrap();
    let report = parsed(&office.types("anybody", &["verify", export, "--key", key, "--json"], ""));
    let (missing, listed) = (report["files"]["missing"].as_u64().unwrap(), &report["files"]["listed"]);
    assert!(missing > 10 && report["kinds"]["file_missing"] == missing, "{report}");
    let said = small(office, &[export, "--key", key], &[]);
    assert_eq!(said.code, Some(1));
    assert_eq!(said.data.matches("[file_missing]").count(), 11, "{}", said.data);
    let more = format!(
        "and {} more [file_missing]; {missing} of {listed} files are missing",
        missing - 10
    );
    assert!(said.data.contains(&more), "{more}: {}", said.data);
    std::fs::rename(&away, &payloads).unwrap();
    assert_eq!(small(office, &[export, "--key", key], &[]).code, Some(0));
}

/// The same variables as for the large program, the first that is set.
fn speaks_the_language_of_the_system(office: &Office) {
    for (vars, said) in [
        (
            &[
                ("DOORSTEP_LANG", ""),
                ("LC_ALL", "zh_CN.UTF-8"),
                ("LANG", "en_GB.UTF-8"),
            ][..],
            "无法读取",
        ),
        (&[("DOORSTEP_LANG", ""), ("LC_MESSAGES", "zh_CN.UTF-8")], "无法读取"),
        (&[("DOORSTEP_LANG", "en"), ("LC_ALL", "zh_CN.UTF-8")], "cannot be read"),
    ] {
        let ended = small(office, &["/nowhere"], vars);
        assert!(ended.talk.contains(said), "{vars:?}: {}", ended.talk);
    }
}
