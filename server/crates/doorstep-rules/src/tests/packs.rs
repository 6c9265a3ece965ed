//! Reading packs: what is refused and where, newer formats, the digest.

use super::{HANGZHOU, PACKS, PORTO, facts, forbidding};
use crate::{PackError, PackProblem, PackSet, evaluate, intervals, parse_pack};
use doorstep_domain::words::{Confidence, Lang};

const HEAD: &str = r#"format = 1
id = "test"
version = 1
title = { en = "Test", zh = "测试" }
countries = ["PT"]
status = "house"
"#;

/// A pack with one rule: its kind, and further lines.
fn with_rule(kind: &str, more: &str) -> String {
    format!(
        "{HEAD}\n[[rule]]\nid = \"T-1\"\nkind.{kind}\neffect = \"block\"\nstatus = \"house\"\n\
         citation = \"house rule\"\nconfidence = \"M\"\n{more}\n"
    )
}

#[test]
fn the_packs_that_come_along_are_read_and_say_where_they_stand() {
    let ids: Vec<&str> = PACKS.packs().map(|pack| pack.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "cn",
            "de",
            "eu",
            "home-care",
            "house",
            "in",
            "lone-worker",
            "rights",
            "uk",
            "us"
        ]
    );
    for pack in PACKS.packs() {
        for lang in Lang::ALL {
            assert!(!pack.title.in_lang(*lang).is_empty());
        }
        for rule in &pack.rules {
            let prefix = format!("{}-", pack.id.to_uppercase());
            assert!(rule.id.as_str().starts_with(&prefix), "{}", rule.id);
            let sourced = pack.is_house() || rule.confidence == Confidence::Memory || rule.citation.as_str().len() > 20;
            assert!(sourced, "{} has no citation", rule.id);
            assert!(!rule.lifted_by.is_empty(), "{} does not say who lifts it", rule.id);
        }
    }
    let (pack, rule) = PACKS.rule("CN-VIS-1").unwrap();
    assert_eq!((pack.id.as_str(), rule.confidence), ("cn", Confidence::Secondary));
}

/// Asserts that a pack is refused at this line, for this rule, with a message that holds this part.
#[track_caller]
fn refused(text: &str, line: usize, rule: Option<&str>, part: &str) {
    let error = parse_pack("my/test.toml", text).unwrap_err();
    let shown = error.to_string();
    assert_eq!((error.line, error.rule.as_deref()), (line, rule), "{shown}");
    assert!(
        shown.starts_with(&format!("my/test.toml:{line}: ")) && shown.contains(part),
        "{shown}"
    );
}

#[test]
fn an_error_of_shape_names_file_line_rule_and_remedy() {
    let rules = [
        ("fence = { metres = 3 }", "", 10, "unknown variant `fence`"),
        ("staff = { min = 2, max = 3 }", "", 10, "unexpected keys in table: max"),
        ("staff = { min = 2 }", "colour = 1", 15, "unknown field `colour`"),
        (
            "hard_stop = { flags = [\"dead\"] }",
            "",
            10,
            "`dead` is no flag; one of",
        ),
        (
            "time_window = { hours = [{ from = \"8\", to = \"09:00\" }] }",
            "",
            10,
            "like 09:30",
        ),
        ("stated_times = {}", "valid_from = \"2026-02-30\"", 15, "is no date"),
    ];
    for (kind, more, line, part) in rules {
        refused(&with_rule(kind, more), line, Some("T-1"), part);
    }
    refused(
        &HEAD.replace("format = 1", "format = maybe"),
        1,
        None,
        "correct the line",
    );
    refused(&HEAD.replace("format = 1", "format = 0"), 1, None, "write `format = 1`");
}

#[test]
fn an_error_of_content_names_file_line_rule_and_remedy() {
    let backwards = "time_window = { hours = [{ from = \"22:00\", to = \"08:00\" }] }";
    let rules = [
        ("staff = { min = 0 }", "", "min must be between 1 and 10"),
        ("hard_stop = {}", "", "name at least one"),
        (backwards, "", "split hours"),
        ("stated_times = {}", "regions = [\"ES-MD\"]", "`ES-MD` is no country"),
        (
            "stated_times = {}",
            "lifted_by = [\"nobody\", \"court\"]",
            "keep one of them",
        ),
        (
            "credential = { items = [\"certificate\"], months_max = 12 }",
            "",
            "certificates are counted",
        ),
        (
            "credential = { items = [\"training\"], months_max = 0 }",
            "",
            "months_max must be between 1 and 120",
        ),
    ];
    for (kind, more, part) in rules {
        refused(&with_rule(kind, more), 9, Some("T-1"), part);
    }
    refused(
        &HEAD.replace("\"PT\"", "\"Portugal\""),
        1,
        None,
        "`Portugal` is no country",
    );
}

#[test]
fn ids_are_unique_over_all_packs() {
    let pack = with_rule("stated_times = {}", "");
    let error = PackSet::only(&[("a.toml", &pack), ("b.toml", &pack)]).unwrap_err();
    assert_eq!(error.problem, PackProblem::Twice("test".to_owned()));
    let other = pack.replace("id = \"test\"", "id = \"other\"");
    let error = PackSet::only(&[("a.toml", &pack), ("b.toml", &other)]).unwrap_err();
    let place = (error.file.as_str(), error.line, error.rule.as_deref());
    assert_eq!(place, ("b.toml", 9, Some("T-1")));
    let house = with_rule("stated_times = {}", "").replace("T-1", "HOUSE-STATED");
    assert!(matches!(
        PackSet::with(&[("c.toml", &house)]),
        Err(PackError {
            problem: PackProblem::Twice(_),
            ..
        })
    ));
}

#[test]
fn a_rule_of_a_newer_kind_blocks_and_asks_for_an_update() {
    let newer =
        with_rule("fence = { metres = 3 }", "colour = \"red\"").replace("format = 1", "format = 2\nlicence = \"free\"");
    let packs = PackSet::with(&[("test.toml", &newer)]).unwrap();
    let verdict = evaluate(&packs, &facts(PORTO));
    assert_eq!(forbidding(&verdict), ["T-1"]);
    let sentence = verdict.findings[0].sentence.render(Lang::En);
    assert_eq!(
        sentence,
        "The rule is of a newer kind (fence): update Doorstep; no visit until then."
    );
    assert!(
        intervals(&packs, &facts(PORTO), jiff::civil::date(2026, 11, 24), super::HALF_HOUR)
            .intervals
            .is_empty()
    );
    assert!(
        forbidding(&evaluate(&packs, &facts(HANGZHOU))).is_empty(),
        "another country is not concerned"
    );
    // What an older program understands of a newer pack keeps its meaning.
    let known = with_rule("staff = { min = 3 }", "").replace("format = 1", "format = 2");
    let verdict = evaluate(&PackSet::with(&[("test.toml", &known)]).unwrap(), &facts(PORTO));
    assert_eq!((forbidding(&verdict), verdict.min_staff), (vec!["T-1"], 3));
    let broken = HEAD.replace("format = 1", "format = 2").replace("title", "name");
    let problem = parse_pack("test.toml", &broken).unwrap_err().problem;
    assert_eq!(problem, PackProblem::TooNew(2));
}

#[test]
fn rules_and_packs_apply_from_day_to_day() {
    for (more, applies) in [
        ("valid_from = \"2026-11-24\"", true),
        ("valid_from = \"2026-11-25\"", false),
        ("valid_to = \"2026-11-24\"", true),
        ("valid_to = \"2026-11-23\"", false),
    ] {
        let rule = with_rule("staff = { min = 3 }", more);
        let pack = with_rule("staff = { min = 3 }", "")
            .replace("status = \"house\"\n\n", &format!("status = \"house\"\n{more}\n\n"));
        for text in [rule, pack] {
            let verdict = evaluate(&PackSet::with(&[("test.toml", &text)]).unwrap(), &facts(PORTO));
            assert_eq!(forbidding(&verdict) == ["T-1"], applies, "{text}");
        }
    }
}

#[test]
fn the_digest_follows_the_content_and_nothing_else() {
    let digest = |text: &str| PackSet::with(&[("test.toml", text)]).unwrap().digest().to_string();
    let pack = with_rule("staff = { min = 2 }", "");
    let same = format!("# a remark\n{}", pack.replace('\n', "\r\n"));
    assert_eq!(digest(&pack), digest(&same));
    assert_ne!(digest(&pack), digest(&with_rule("staff = { min = 3 }", "")));
    assert_ne!(digest(&pack), PACKS.digest().to_string());
    assert_eq!(digest(&pack).len(), 64);
    assert_eq!(evaluate(&PACKS, &facts(PORTO)).digest, *PACKS.digest());
}
