//! Where files lie, how texts end their lines, that migrations come in pairs, and how many packages are needed.

use super::checkout::{self, Finding, TextFile, assert_noticed, assert_tidy};
use std::collections::BTreeSet;

/// The folders that hold code; beside them only `Cargo.toml`.
const CODE_FOLDERS: &[&str] = &["server/", "tui/", "tests/"];
/// Migrations of the server's store, one folder per engine.
const MIGRATIONS: &str = "server/crates/doorstep-store/migrations/";
/// A newcomer builds all of them, on two cores.
const PACKAGES_MAX: usize = 410;

/// Sources outside the code folders.
fn misplaced(paths: &[&str]) -> Vec<Finding> {
    let is_misplaced = |path: &&&str| !CODE_FOLDERS.iter().any(|folder| path.starts_with(folder));
    let remedy = "code lies in server/, tui/ and tests/ only; move the file";
    paths
        .iter()
        .filter(is_misplaced)
        .map(|path| Finding::new(path, 1, remedy))
        .collect()
}

/// Lines with tabs or with blanks at their end.
fn untidy_blanks(files: &[TextFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        for (index, line) in file.text.split('\n').enumerate() {
            if line.contains('\t') {
                findings.push(Finding::new(
                    &file.path,
                    index + 1,
                    "use spaces, or `\\t` inside a literal",
                ));
            } else if line.trim_end() != line {
                findings.push(Finding::new(
                    &file.path,
                    index + 1,
                    "remove the blanks at the end of the line",
                ));
            }
        }
    }
    findings
}

/// Migrations whose names are wrong, whose number is used twice, or which one engine lacks.
fn unpaired_migrations(paths: &[&str]) -> Vec<Finding> {
    let of = |engine: &str| -> BTreeSet<&str> {
        let folder = format!("{MIGRATIONS}{engine}/");
        paths.iter().filter_map(|path| path.strip_prefix(&folder)).collect()
    };
    let mut findings = Vec::new();
    for (engine, other) in [("sqlite", "postgres"), ("postgres", "sqlite")] {
        let names = of(engine);
        for (index, name) in names.iter().enumerate() {
            let file = format!("{MIGRATIONS}{engine}/{name}");
            if !name.starts_with(&format!("{:04}_", index + 1)) {
                let remedy = format!(
                    "name it {:04}_what_it_does.sql: numbers start at 1 and have no gap",
                    index + 1
                );
                findings.push(Finding::new(&file, 1, remedy));
            }
            if !of(other).contains(name) {
                findings.push(Finding::new(
                    &file,
                    1,
                    format!("add the same step for {other}, under the same name"),
                ));
            }
        }
    }
    findings
}

/// Too many packages in the lock file.
fn too_many_packages(lock: &TextFile, limit: usize) -> Vec<Finding> {
    let count = lock.text.lines().filter(|line| *line == "[[package]]").count();
    let remedy = format!("{count} packages, at most {limit}; drop a dependency or put it behind a feature");
    if count > limit {
        vec![Finding::new(&lock.path, 1, remedy)]
    } else {
        Vec::new()
    }
}

#[test]
fn code_lies_in_its_four_places() {
    let files = checkout::files(&["rs"]);
    assert_tidy(&misplaced(
        &files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(),
    ));
}

#[test]
fn misplaced_code_is_noticed() {
    let paths = ["server/src/lib.rs", "tools/a.rs", "tests/all.rs", "build.rs"];
    assert_noticed(&misplaced(&paths), &[("tools/a.rs", 1), ("build.rs", 1)]);
}

#[test]
fn lines_have_no_tabs_and_no_blanks_at_their_end() {
    assert_tidy(&untidy_blanks(&checkout::files(&["rs", "md", "toml"])));
}

#[test]
fn untidy_blanks_are_noticed() {
    let file = TextFile::planted("a.md", "clean\nends in a blank \n\ttab\nreturn\r\n");
    assert_noticed(&untidy_blanks(&[file]), &[("a.md", 2), ("a.md", 3), ("a.md", 4)]);
}

#[test]
fn both_engines_have_the_same_migrations() {
    // Manifests are asked for too, so that the walk finds something before the first migration is written.
    let files = checkout::files(&["sql", "toml"]);
    assert_tidy(&unpaired_migrations(
        &files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(),
    ));
}

#[test]
fn a_migration_for_one_engine_is_noticed() {
    let path = |tail: &str| format!("{MIGRATIONS}{tail}");
    let paths = [
        "sqlite/0001_first.sql",
        "sqlite/0002_more.sql",
        "postgres/0001_first.sql",
        "postgres/0003_more.sql",
    ];
    let paths = paths.map(path);
    let findings = unpaired_migrations(&paths.each_ref().map(String::as_str));
    assert_noticed(&findings, &[(&paths[1], 1), (&paths[3], 1), (&paths[3], 1)]);
}

#[test]
fn the_program_needs_few_packages() {
    assert_tidy(&too_many_packages(&checkout::read("Cargo.lock"), PACKAGES_MAX));
}

#[test]
fn too_many_packages_are_noticed() {
    let lock = TextFile::planted("Cargo.lock", "[[package]]\nname = \"a\"\n[[package]]\nname = \"b\"\n");
    assert_noticed(&too_many_packages(&lock, 1), &[("Cargo.lock", 1)]);
    assert_noticed(&too_many_packages(&lock, 2), &[]);
}
