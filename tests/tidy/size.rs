//! How long a function and a file may be.

use super::checkout::{self, Finding, TextFile, assert_noticed, assert_tidy};
use super::scanner;

/// Lines of a function, from `fn` to the closing brace. A test counts as a function.
const FUNCTION_LINES_MAX: usize = 70;
/// Lines of a file without its inline unit tests.
const PRODUCTION_LINES_MAX: usize = 500;
/// Lines of a file that holds only tests.
const TEST_LINES_MAX: usize = 900;

/// True for files that hold only tests.
pub(super) fn is_test_file(path: &str) -> bool {
    path.starts_with("tests/") || path.contains("/tests/") || path.ends_with("_tests.rs") || path.ends_with("/tests.rs")
}

/// Functions that are too long.
fn long_functions(files: &[TextFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        for function in scanner::functions(&scanner::mask(&file.text)) {
            if function.length > FUNCTION_LINES_MAX {
                let remedy = format!(
                    "function {} has {} lines, at most {FUNCTION_LINES_MAX}; keep the branching, move the plain work to helpers",
                    function.name, function.length
                );
                findings.push(Finding::new(&file.path, function.line, remedy));
            }
        }
    }
    findings
}

/// Files that are too long.
fn long_files(files: &[TextFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        let masked = scanner::mask(&file.text);
        let all = file.text.lines().count();
        let in_tests: usize = scanner::unit_tests(&masked)
            .into_iter()
            .map(|part| masked[part].lines().count())
            .sum();
        let (lines, limit, kind) = if is_test_file(&file.path) {
            (all, TEST_LINES_MAX, "test")
        } else {
            (all - in_tests, PRODUCTION_LINES_MAX, "production")
        };
        if lines > limit {
            let remedy = format!("{lines} {kind} lines, at most {limit}; split the file by noun or by rule");
            findings.push(Finding::new(&file.path, limit + 1, remedy));
        }
    }
    findings
}

#[test]
fn functions_are_short() {
    assert_tidy(&long_functions(&checkout::files(&["rs"])));
}

#[test]
fn a_long_function_is_noticed() {
    let body = "    f(\"}\"); // }\n".repeat(69);
    let text = format!(
        "//! x\nfn short() {{\n{}}}\n\nfn long() {{\n{body}}}\n",
        &body[..body.len() - 15]
    );
    let findings = long_functions(&[TextFile::planted("a.rs", &text)]);
    assert_noticed(&findings, &[("a.rs", 73)]);
    assert!(
        findings[0].remedy.starts_with("function long has 71 lines"),
        "{}",
        findings[0].remedy
    );
}

#[test]
fn files_are_short() {
    assert_tidy(&long_files(&checkout::files(&["rs"])));
}

#[test]
fn a_long_file_is_noticed_and_its_unit_tests_do_not_count() {
    let code = "fn f() {}\n";
    let unit_tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", code.repeat(300));
    let fits = code.repeat(500) + &unit_tests;
    let too_long = code.repeat(251) + &unit_tests + &code.repeat(250);
    let files = [
        TextFile::planted("server/src/fits.rs", &fits),
        TextFile::planted("server/src/long.rs", &too_long),
        TextFile::planted("server/src/fits_tests.rs", &code.repeat(900)),
        TextFile::planted("tests/long.rs", &code.repeat(901)),
    ];
    assert_noticed(
        &long_files(&files),
        &[("server/src/long.rs", 501), ("tests/long.rs", 901)],
    );
}
