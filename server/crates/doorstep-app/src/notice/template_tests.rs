//! Tests of what templates may say.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use super::*;

/// The built-in file with one piece of text exchanged.
fn with(from: &str, to: &str) -> Result<Templates, TemplateError> {
    assert!(BUILTIN.contains(from), "{from}");
    Templates::parse("own.toml", &BUILTIN.replace(from, to))
}

#[test]
fn the_templates_of_this_version_hold_what_is_asked_of_them() {
    let templates = Templates::builtin().expect("checked");
    assert_eq!(templates.0.len(), 4);
}

#[test]
fn wording_of_an_authority_is_refused_with_its_place_and_what_to_do() {
    let error = with("如需更改时间", "法院要求。如需更改时间").expect_err("an authority");
    let TemplateError::Authority {
        file,
        line,
        template,
        word,
    } = &error
    else {
        panic!("{error}");
    };
    assert_eq!(
        (file.as_str(), word.as_str(), template.as_str()),
        ("own.toml", "法院", "letter in zh-CN")
    );
    let shown = BUILTIN
        .lines()
        .position(|line| line.starts_with("如需更改时间"))
        .map(|at| at + 1);
    assert_eq!(Some(*line), shown);
    assert!(error.to_string().contains("say it without that word"), "{error}");
    for word in [
        "Court",
        "the POLICE",
        "summons",
        "legal action",
        "bailiffs",
        "法 院",
        "公安",
        "传\u{200b}票",
        "强制执行",
    ] {
        let given = format!("{word}. You need not open");
        assert!(
            matches!(with("You need not open", &given), Err(TemplateError::Authority { .. })),
            "{word}"
        );
    }
    // A word that only begins the same is none.
    assert_eq!(
        with("You need not open", "By courtesy. You need not open").map(drop),
        Ok(())
    );
    let title = with("title = \"Notice of a visit\"", "title = \"Court notice\"");
    assert!(
        matches!(title, Err(TemplateError::Authority { line: 14, .. })),
        "{title:?}"
    );
}

#[test]
fn nothing_tells_of_a_debt() {
    for word in ["your debt", "an overdue loan", "逾期", "欠款", "past due"] {
        for (from, channel) in [
            ("You need not let anybody in, and", "message in en"),
            ("You need not open", "letter in en"),
        ] {
            let error = with(from, &format!("{word}. {from}")).expect_err("a debt");
            assert!(
                matches!(&error, TemplateError::Debt { template, .. } if template == channel),
                "{error}"
            );
        }
    }
}

#[test]
fn placeholders_are_known_and_nothing_that_a_person_must_know_is_left_out() {
    let error = with(
        "{complaints}\"\n\n[[template]]\nlanguage = \"zh-CN\"",
        "{amount}\"\n\n[[template]]\nlanguage = \"zh-CN\"",
    );
    assert!(
        matches!(&error, Err(TemplateError::Placeholder { name, .. }) if name == "amount"),
        "{error:?}"
    );
    let named = with("Staff with badge numbers", "Dear {name}, staff with badge numbers");
    assert!(matches!(named, Err(TemplateError::Placeholder { .. })), "{named:?}");
    let open = with("To complain: {complaints}", "To complain: {complaints");
    assert!(matches!(open, Err(TemplateError::Placeholder { .. })), "{open:?}");
    let silent = with("投诉：{complaints}\n\"\"\"", "\"\"\"");
    assert!(
        matches!(silent, Err(TemplateError::Lacks { name: "complaints", .. })),
        "{silent:?}"
    );
    let twice = with(
        "language = \"zh-CN\"\nchannel = \"message\"",
        "language = \"zh-CN\"\nchannel = \"letter\"",
    );
    assert!(matches!(twice, Err(TemplateError::Number { .. })), "{twice:?}");
    let shape = with("format = 1", "format = 2");
    assert!(matches!(shape, Err(TemplateError::Shape { line: 1, .. })), "{shape:?}");
}
