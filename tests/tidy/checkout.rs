//! The files of this checkout, and how a check reports. Knows nothing of what is checked.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// One place that breaks a house rule.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// Path from the root of the checkout, with `/` between its parts.
    pub(super) file: String,
    /// Line of the file, counted from 1.
    pub(super) line: usize,
    /// What is wrong and what to do about it.
    pub(super) remedy: String,
}

impl Finding {
    /// A finding at a line counted from 1.
    pub(super) fn new(file: &str, line: usize, remedy: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line,
            remedy: remedy.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.remedy)
    }
}

/// A text file of the checkout.
#[derive(Debug)]
pub(super) struct TextFile {
    /// Path from the root of the checkout, with `/` between its parts.
    pub(super) path: String,
    /// Its whole text.
    pub(super) text: String,
}

impl TextFile {
    /// A file made by a test, to plant a violation.
    pub(super) fn planted(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }
}

/// The root of the checkout.
pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the test package lies one folder below the root")
        .to_owned()
}

/// One text file by its path from the root. Fails the test when it is missing.
pub(super) fn read(path: &str) -> TextFile {
    let text = fs::read_to_string(root().join(path)).unwrap_or_else(|error| missing(path, &error));
    TextFile {
        path: path.to_owned(),
        text,
    }
}

/// All files whose names end in one of the given extensions, in order of their paths.
///
/// Build folders (marked by cargo with `CACHEDIR.TAG`) and hidden folders are left out.
pub(super) fn files(extensions: &[&str]) -> Vec<TextFile> {
    let mut found = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).unwrap_or_else(|error| missing(&folder.display().to_string(), &error));
        for entry in entries {
            let path = entry.expect("a folder of the checkout can be listed").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() && !path.is_symlink() {
                if !name.starts_with('.') && name != "target" && !path.join("CACHEDIR.TAG").exists() {
                    folders.push(path);
                }
            } else if path
                .extension()
                .is_some_and(|end| extensions.iter().any(|wanted| end == *wanted))
            {
                found.push(read(&from_root(&path)));
            }
        }
    }
    assert!(
        !found.is_empty(),
        "no file ends in {extensions:?}: the walk over the checkout is broken"
    );
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

/// The path from the root, with `/` between its parts on every system.
fn from_root(path: &Path) -> String {
    let inner = path.strip_prefix(root()).expect("the walk starts at the root");
    inner
        .iter()
        .map(|part| part.to_string_lossy())
        .collect::<Vec<_>>()
        .join("/")
}

/// Passes when there is no finding, otherwise fails and lists them all.
pub(super) fn assert_tidy(findings: &[Finding]) {
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(
        findings.is_empty(),
        "{} place(s) break a house rule:\n{}",
        lines.len(),
        lines.join("\n")
    );
}

/// Passes when the check noticed exactly the planted violations, given as (file, line).
pub(super) fn assert_noticed(findings: &[Finding], planted: &[(&str, usize)]) {
    let noticed: Vec<(&str, usize)> = findings
        .iter()
        .map(|finding| (finding.file.as_str(), finding.line))
        .collect();
    assert_eq!(noticed, planted, "the check does not notice what was planted");
}

/// Fails the test because a file cannot be read.
fn missing<T>(path: &str, error: &std::io::Error) -> T {
    panic!("{path} cannot be read: {error}")
}

#[test]
#[should_panic(expected = "a.rs:7: mend it")]
fn a_finding_fails_the_test_and_names_the_place() {
    assert_tidy(&[Finding::new("a.rs", 7, "mend it")]);
}
