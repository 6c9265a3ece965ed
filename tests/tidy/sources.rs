//! What a source file must open with, and what it must not say.

use super::checkout::{self, Finding, TextFile, assert_noticed, assert_tidy};
use super::scanner;
use super::size::is_test_file;

/// Crates that do no input or output and read no clock; time and randomness are arguments.
const PURE: &[&str] = &[
    "doorstep-domain",
    "doorstep-rules",
    "doorstep-log",
    "doorstep-planner",
    "doorstep-plancheck",
];
/// What pure crates must not name outside their tests.
const OUTSIDE_WORLD: &[&str] = &[
    "std::fs",
    "std::net",
    "std::process",
    "std::env",
    "std::thread",
    "SystemTime::now",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
];
/// Files of integer-only crates that may use floats all the same: changing a datum needs trigonometry, and its result
/// is rounded to the stored unit before anything is decided by it.
const GEODESY: &[&str] = &["server/crates/doorstep-domain/src/datum.rs"];
/// Crates that compute in whole numbers only, so that every machine gets the same result.
const INTEGER_ONLY: &[&str] = &[
    "doorstep-domain",
    "doorstep-log",
    "doorstep-planner",
    "doorstep-plancheck",
];

/// Files without a header.
fn without_header(files: &[TextFile]) -> Vec<Finding> {
    let has_header = |file: &TextFile| {
        let first = file.text.lines().next().unwrap_or_default();
        first.strip_prefix("//!").is_some_and(|text| !text.trim().is_empty())
    };
    let remedy = "open the file with `//! ` and its purpose, and what it must not know";
    files
        .iter()
        .filter(|file| !has_header(file))
        .map(|file| Finding::new(&file.path, 1, remedy))
        .collect()
}

/// Places where code (not a comment, not a literal) says one of the given things.
fn saying(files: &[TextFile], forbidden: &[(&str, &str)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        let masked = scanner::mask(&file.text);
        for (text, remedy) in forbidden {
            let places = scanner::words(&masked, text);
            findings.extend(
                places
                    .into_iter()
                    .map(|at| Finding::new(&file.path, scanner::line_of(&masked, at), *remedy)),
            );
        }
    }
    findings.sort_by(|one, other| (&one.file, one.line).cmp(&(&other.file, other.line)));
    findings
}

/// Attributes that switch tests off. The text ends where a reason may begin.
const SKIPS: &[(&str, &str)] = &[(
    "ignore",
    "no test is skipped: run it, move it to tests/foreign, or remove it",
)];
/// Unfinished and unsafe code.
const UNFINISHED: &[(&str, &str)] = &[
    ("todo", "finish it or leave it out"),
    ("unimplemented", "finish it or leave it out"),
    ("unsafe", "write it without unsafe; no file is allowed it yet"),
];

/// Only the attributes of a source, everything else blank. Offsets stay.
fn attributes(masked: &str) -> String {
    let mut kept = masked.as_bytes().to_vec();
    let mut at = 0;
    while at < kept.len() {
        let rest = &masked.as_bytes()[at..];
        let mark = if rest.starts_with(b"#![") {
            2
        } else {
            usize::from(rest.starts_with(b"#["))
        };
        if mark > 0 {
            at += mark + scanner::block_length(&masked[at + mark..]);
        } else {
            if kept[at] != b'\n' {
                kept[at] = b' ';
            }
            at += 1;
        }
    }
    String::from_utf8_lossy(&kept).into_owned()
}

/// Lint exceptions without a reason.
fn exceptions_without_reason(files: &[TextFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        let marks = attributes(&scanner::mask(&file.text));
        for word in ["allow", "expect"] {
            for at in scanner::words(&marks, word) {
                let rest = marks[at + word.len()..].trim_start();
                let has_reason = !scanner::words(&rest[..scanner::block_length(rest)], "reason").is_empty();
                if rest.starts_with('(') && !has_reason {
                    let remedy = format!("add `reason = \"...\"` to this `{word}`, or mend what the lint says");
                    findings.push(Finding::new(&file.path, scanner::line_of(&marks, at), remedy));
                }
            }
        }
    }
    findings
}

/// Production parts of the given crates, with tests blanked out.
fn production_of(files: Vec<TextFile>, crates: &[&str]) -> Vec<TextFile> {
    let is_of = |path: &str| {
        crates
            .iter()
            .any(|name| path.starts_with(&format!("server/crates/{name}/src/")))
    };
    let mut kept: Vec<TextFile> = files
        .into_iter()
        .filter(|file| is_of(&file.path) && !is_test_file(&file.path))
        .collect();
    for file in &mut kept {
        file.text = scanner::production(&scanner::mask(&file.text));
    }
    kept
}

/// Pure crates that touch the outside world.
fn impure(files: Vec<TextFile>) -> Vec<Finding> {
    let forbidden: Vec<(&str, &str)> = OUTSIDE_WORLD
        .iter()
        .map(|text| (*text, "this crate is pure: take it as an argument"))
        .collect();
    saying(&production_of(files, PURE), &forbidden)
}

/// Floating point where every machine must get the same result.
fn floats(files: Vec<TextFile>) -> Vec<Finding> {
    let remedy = "use an integer measure with its unit; floats round differently elsewhere";
    let files: Vec<TextFile> = files
        .into_iter()
        .filter(|file| !GEODESY.contains(&file.path.as_str()))
        .collect();
    saying(&production_of(files, INTEGER_ONLY), &[("f32", remedy), ("f64", remedy)])
}

/// Only the attributes of files.
fn attributes_of(files: Vec<TextFile>) -> Vec<TextFile> {
    let keep = |file: TextFile| TextFile {
        text: attributes(&scanner::mask(&file.text)),
        path: file.path,
    };
    files.into_iter().map(keep).collect()
}

#[test]
fn every_file_opens_with_a_header() {
    assert_tidy(&without_header(&checkout::files(&["rs"])));
}

#[test]
fn a_missing_header_is_noticed() {
    let files = [
        TextFile::planted("a.rs", "//! Purpose.\n"),
        TextFile::planted("b.rs", "//!\n//! Late.\n"),
        TextFile::planted("c.rs", "// Not a header.\n"),
        TextFile::planted("d.rs", ""),
    ];
    assert_noticed(&without_header(&files), &[("b.rs", 1), ("c.rs", 1), ("d.rs", 1)]);
}

#[test]
fn no_test_is_skipped() {
    assert_tidy(&saying(&attributes_of(checkout::files(&["rs"])), SKIPS));
}

#[test]
fn a_skipped_test_is_noticed() {
    let text = "#[test]\n#[ignore = \"slow\"]\nfn a() { ignore(); }\n// #[ignore]\n#[cfg_attr(x, ignore)]\nfn b() {}\n";
    let findings = saying(&attributes_of(vec![TextFile::planted("a.rs", text)]), SKIPS);
    assert_noticed(&findings, &[("a.rs", 2), ("a.rs", 5)]);
}

#[test]
fn nothing_is_unfinished_or_unsafe() {
    assert_tidy(&saying(&checkout::files(&["rs"]), UNFINISHED));
}

#[test]
fn unfinished_and_unsafe_code_is_noticed() {
    let text = "#![deny(unsafe_code)]\n// todo!()\nfn a() { todo!() }\nfn b() { unsafe { c(\"todo\") } }\nfn c() { unimplemented!() }\n";
    let findings = saying(&[TextFile::planted("a.rs", text)], UNFINISHED);
    assert_noticed(&findings, &[("a.rs", 3), ("a.rs", 4), ("a.rs", 5)]);
}

#[test]
fn every_lint_exception_has_a_reason() {
    assert_tidy(&exceptions_without_reason(&checkout::files(&["rs"])));
}

#[test]
fn a_lint_exception_without_reason_is_noticed() {
    let text = "#![allow(dead_code)]\n#[allow(\n    clippy::panic,\n    reason = \"x\",\n)]\nfn a() { b.expect(\"c\") }\n\
                #[cfg_attr(x, expect(clippy::panic))]\nfn b() {}\n";
    let findings = exceptions_without_reason(&[TextFile::planted("a.rs", text)]);
    assert_noticed(&findings, &[("a.rs", 1), ("a.rs", 7)]);
}

#[test]
fn pure_crates_touch_nothing_outside() {
    assert_tidy(&impure(checkout::files(&["rs"])));
}

#[test]
fn a_pure_crate_that_reads_the_clock_is_noticed() {
    let text = "//! std::fs\nfn a() { std::time::Instant::now() }\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}\n";
    let planted = || TextFile::planted("server/crates/doorstep-rules/src/a.rs", text);
    let elsewhere = TextFile::planted("server/crates/doorstep-roads/src/a.rs", text);
    let findings = impure(vec![planted(), elsewhere]);
    assert_noticed(&findings, &[(planted().path.as_str(), 2)]);
}

#[test]
fn whole_number_crates_have_no_floats() {
    assert_tidy(&floats(checkout::files(&["rs"])));
}

#[test]
fn a_float_is_noticed() {
    let path = "server/crates/doorstep-planner/src/a.rs";
    let findings = floats(vec![TextFile::planted(
        path,
        "//! f64\nfn a(x: f64) {}\nfn b(x: i64) {}\n",
    )]);
    assert_noticed(&findings, &[(path, 2)]);
}
