//! Examples and coverage: the packs that come along are shown whole, and what would not show a boundary is told.

use crate::{Coverage, Lack, PackSet, Stands};

#[test]
fn every_boundary_of_every_rule_has_an_example_on_either_side() {
    let more: Vec<_> = PackSet::unverified().filter_map(PackSet::unverified_pack).collect();
    let coverage = Coverage::with(&PackSet::with(&more).unwrap(), &[]).unwrap();
    let lacking: Vec<String> = coverage
        .rules
        .iter()
        .flat_map(|rule| {
            let named = |(boundary, lack): &(crate::Boundary, Option<Lack>)| {
                let lack = lack.as_ref()?;
                Some(format!("{} {}: {lack}", rule.rule, boundary.name))
            };
            rule.boundaries.iter().filter_map(named).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(lacking, Vec::<String>::new());
    assert!(
        coverage.is_whole() && coverage.rules.len() > 130,
        "{}",
        coverage.rules.len()
    );
}

const PACK: &str = r#"format = 1
id = "test"
version = 1
title = { en = "Test", zh = "测试" }
countries = ["PT"]
status = "house"
[[rule]]
id = "T-1"
kind.time_window = { hours = [{ from = "10:00", to = "24:00" }] }
effect = "block"
lifted_by = ["nobody"]
status = "house"
citation = "house rule"
confidence = "Q"
"#;
const BASE: &str = "[base]\ncountry = \"PT\"\nzone = \"Europe/Lisbon\"\nstart = \"2026-11-24T12:00\"\n";

/// What the only boundary of the only rule lacks with this example.
fn lack(example: &str) -> Option<Lack> {
    let packs = PackSet::only(&[("test.toml", PACK)]).unwrap();
    let text = format!("{BASE}{example}");
    let coverage = Coverage::of(&packs, &[("examples.toml", &text)], ("expected.toml", "")).unwrap();
    let [rule] = coverage.rules.as_slice() else {
        panic!("one rule")
    };
    assert_eq!(rule.boundaries.len(), 1);
    assert_eq!(rule.is_shown(), rule.boundaries[0].1.is_none());
    rule.boundaries[0].1.clone()
}

fn example(free: &str, bites: &str) -> String {
    format!("[[example]]\nrule = \"T-1\"\nboundary = \"from 10:00\"\nfree = {{ {free} }}\nbites = {{ {bites} }}\n")
}

#[test]
fn an_example_that_does_not_show_its_boundary_counts_for_nothing() {
    let at = |free: &str, bites: &str| lack(&example(free, bites));
    assert_eq!(lack(""), Some(Lack::Example));
    assert_eq!(at("start = \"2026-11-24T10:00\"", "start = \"2026-11-24T09:59\""), None);
    // Two minutes apart, two facts, none at all.
    let apart = at("start = \"2026-11-24T10:00\"", "start = \"2026-11-24T09:58\"");
    assert_eq!(apart, Some(Lack::Apart("start".to_owned())));
    let two = at(
        "start = \"2026-11-24T10:00\"",
        "start = \"2026-11-24T09:59\", staff = 3",
    );
    assert_eq!(two, Some(Lack::Apart("staff, start".to_owned())));
    assert_eq!(at("", ""), Some(Lack::Apart(String::new())));
    // On the wrong side of it.
    let early = at("start = \"2026-11-24T09:58\"", "start = \"2026-11-24T09:59\"");
    assert_eq!(early, Some(Lack::Bites));
    let late = at("start = \"2026-11-24T10:01\"", "start = \"2026-11-24T10:00\"");
    assert_eq!(late, Some(Lack::Free));
    let unknown = at(
        "start = \"2026-11-24T10:00\", colour = 1",
        "start = \"2026-11-24T10:00\", colour = 2",
    );
    assert!(matches!(unknown, Some(Lack::Apart(_))), "{unknown:?}");
    let unreadable = at("minutes = 30, start = \"ten\"", "minutes = 31, start = \"ten\"");
    assert!(matches!(unreadable, Some(Lack::Facts(_))), "{unreadable:?}");
}

#[test]
fn examples_and_expectations_that_name_nothing_are_refused() {
    let packs = PackSet::only(&[("test.toml", PACK)]).unwrap();
    let examples = |text: &str| {
        let text = format!("{BASE}{text}");
        let found = Coverage::of(&packs, &[("my.toml", &text)], ("expected.toml", ""));
        found.unwrap_err().to_string()
    };
    let one = example("minutes = 1", "minutes = 2");
    assert!(examples(&one.replace("10:00", "11:00")).contains("its boundaries are: from 10:00"));
    assert!(examples(&one.replace("T-1", "T-2")).contains("rule T-2"));
    assert!(examples(&format!("{one}{one}")).contains("keep one of them"));
    assert!(examples("[[example]]\nrule = 1\n").contains("my.toml"));
    let expected = |text: &str| Coverage::of(&packs, &[], ("expected.toml", text));
    for (text, part) in [
        ("rules = [\"T-2\"]", "there is no rule T-2"),
        ("program = \"sealed\"", "`program` needs `tests`"),
        ("", "name either"),
        ("open = \"later\"\nrules = [\"T-1\"]", "name either"),
    ] {
        let refused = expected(&format!("[[expected]]\nid = \"X-1\"\n{text}\n")).unwrap_err();
        assert!(refused.to_string().contains(part), "{refused}");
    }
    let stands = expected("[[expected]]\nid = \"X-1\"\nrules = [\"T-1\"]\n").unwrap();
    assert!(
        matches!(stands.expected[0].stands, Stands::Rules(_, false)),
        "no example shows T-1"
    );
    assert!(!stands.is_whole());
}
