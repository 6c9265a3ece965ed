//! Which crate may know which: read from the manifests, the lock file and the paths that plancheck's sources name.
//!
//! The table below is ARCHITECTURE.md's picture in a form that fails. To let a crate know another, change the
//! picture first, then the table.

use super::checkout::{self, Finding, TextFile, assert_noticed, assert_tidy};
use super::scanner;
use super::size::is_test_file;
use std::collections::{BTreeMap, BTreeSet};
use toml::{Table, Value};

/// Each package with the Doorstep packages that it may know; a package that is not listed may know all (the tests).
const KNOWS: &[(&str, &[&str])] = &[
    ("doorstep-domain", &[]),
    ("doorstep-log", &[]),
    ("doorstep-papers", &[]),
    ("doorstep-rules", &["doorstep-domain"]),
    ("doorstep-verify", &["doorstep-log"]),
    ("doorstep-wire", &["doorstep-domain"]),
    ("doorstep-roads", &["doorstep-domain"]),
    ("doorstep-planner", &["doorstep-domain"]),
    ("doorstep-odds", &["doorstep-domain"]),
    ("doorstep-plancheck", &["doorstep-domain", "doorstep-planner"]),
    ("doorstep-store", &["doorstep-domain", "doorstep-log"]),
    ("doorstep-strategy", &["doorstep-domain"]),
    (
        "doorstep-device",
        &["doorstep-domain", "doorstep-log", "doorstep-rules", "doorstep-wire"],
    ),
    (
        "doorstep-app",
        &[
            "doorstep-domain",
            "doorstep-log",
            "doorstep-odds",
            "doorstep-papers",
            "doorstep-plancheck",
            "doorstep-planner",
            "doorstep-roads",
            "doorstep-rules",
            "doorstep-store",
            "doorstep-strategy",
            "doorstep-wire",
        ],
    ),
    (
        "doorstep-server",
        &[
            "doorstep-app",
            "doorstep-domain",
            "doorstep-log",
            "doorstep-papers",
            "doorstep-roads",
            "doorstep-rules",
            "doorstep-store",
            "doorstep-wire",
        ],
    ),
    (
        "doorstep",
        &[
            "doorstep-device",
            "doorstep-domain",
            "doorstep-log",
            "doorstep-rules",
            "doorstep-server",
            "doorstep-strategy",
            "doorstep-verify",
            "doorstep-wire",
        ],
    ),
];

/// Each framework with the only packages that may name it in their manifests.
const FRAMEWORKS: &[(&str, &[&str])] = &[
    ("axum", &["doorstep-server"]),
    ("sqlx", &["doorstep-store", "doorstep-device"]),
    ("ratatui", &["doorstep"]),
    ("crossterm", &["doorstep"]),
];

/// Packages that must not reach a runtime or a framework, not even through others.
const PURE: &[&str] = &[
    "doorstep-domain",
    "doorstep-rules",
    "doorstep-strategy",
    "doorstep-log",
    "doorstep-odds",
    "doorstep-papers",
    "doorstep-planner",
    "doorstep-plancheck",
    "doorstep-verify",
    "doorstep-wire",
];

/// What no pure package may reach.
const IMPURE: &[&str] = &["tokio", "axum", "sqlx", "reqwest", "ratatui", "crossterm"];

/// One dependency as a manifest names it.
struct Dependency {
    name: String,
    optional: bool,
    line: usize,
}

/// Parses a manifest or fails the test.
fn parse(file: &TextFile) -> Table {
    file.text
        .parse()
        .unwrap_or_else(|error| panic!("{} is not TOML: {error}", file.path))
}

/// The name of the package, or nothing for the workspace's own manifest.
fn package_name(manifest: &Table) -> Option<String> {
    Some(manifest.get("package")?.get("name")?.as_str()?.to_owned())
}

/// All dependencies of a manifest: normal, for tests, for build scripts, and those of one target only.
fn dependencies(file: &TextFile, manifest: &Table) -> Vec<Dependency> {
    let targets = manifest
        .get("target")
        .and_then(Value::as_table)
        .into_iter()
        .flat_map(Table::values);
    let holders = std::iter::once(manifest).chain(targets.filter_map(Value::as_table));
    let kinds = ["dependencies", "dev-dependencies", "build-dependencies"];
    let tables = holders.flat_map(|holder| kinds.iter().filter_map(|kind| holder.get(*kind)?.as_table()));
    tables
        .flatten()
        .map(|(key, value)| dependency(file, key, value))
        .collect()
}

/// Reads one dependency; a renamed one counts under its true name.
fn dependency(file: &TextFile, key: &str, value: &Value) -> Dependency {
    let name = value.get("package").and_then(Value::as_str).unwrap_or(key).to_owned();
    let optional = value.get("optional").and_then(Value::as_bool).unwrap_or(false);
    let is_line = |line: &str| {
        line.trim_start()
            .strip_prefix(key)
            .is_some_and(|rest| rest.starts_with(['.', ' ', '=']))
    };
    let line = file.text.lines().position(is_line).map_or(1, |index| index + 1);
    Dependency { name, optional, line }
}

/// Dependencies that the tables above do not allow.
fn forbidden_dependencies(manifests: &[TextFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in manifests {
        let manifest = parse(file);
        let Some(package) = package_name(&manifest) else {
            continue;
        };
        for dependency in dependencies(file, &manifest) {
            if let Some(remedy) = objection(&package, &dependency.name) {
                findings.push(Finding::new(&file.path, dependency.line, remedy));
            }
        }
    }
    findings
}

/// Why a package may not know another, or nothing.
fn objection(package: &str, other: &str) -> Option<String> {
    let known = KNOWS.iter().find(|(name, _)| *name == package).map(|(_, known)| *known);
    let holders = FRAMEWORKS
        .iter()
        .find(|(name, _)| *name == other)
        .map(|(_, holders)| *holders);
    if other.starts_with("doorstep") && known.is_some_and(|known| !known.contains(&other)) {
        return Some(format!(
            "{package} must not know {other}; move the shared part down or the use up"
        ));
    }
    if holders.is_some_and(|holders| !holders.contains(&package)) {
        return Some(format!(
            "{other} belongs in {holders:?} only; put the work there behind a small function"
        ));
    }
    if PURE.contains(&package) && IMPURE.contains(&other) {
        return Some(format!("{package} is pure; take what {other} would do as an argument"));
    }
    None
}

/// The library of the server must be a default feature of the program that can be left out.
fn server_is_not_optional(file: &TextFile) -> Vec<Finding> {
    let manifest = parse(file);
    let mut findings = Vec::new();
    let server = dependencies(file, &manifest)
        .into_iter()
        .find(|dependency| dependency.name == "doorstep-server");
    if let Some(server) = server.filter(|server| !server.optional) {
        findings.push(Finding::new(
            &file.path,
            server.line,
            "make doorstep-server `optional = true`",
        ));
    }
    let has = |feature: &str, part: &str| -> bool {
        let list = manifest
            .get("features")
            .and_then(|features| features.get(feature))
            .and_then(Value::as_array);
        list.is_some_and(|list| list.iter().any(|value| value.as_str() == Some(part)))
    };
    if !has("default", "server") || !has("server", "dep:doorstep-server") {
        let remedy = "set `default = [\"server\"]` and `server = [\"dep:doorstep-server\"]` under [features]";
        findings.push(Finding::new(&file.path, 1, remedy));
    }
    findings
}

/// Impure packages that a pure one reaches through others, by the lock file.
fn impure_reaches(lock: &TextFile) -> Vec<Finding> {
    let table = parse(lock);
    let mut edges: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in table.get("package").and_then(Value::as_array).into_iter().flatten() {
        let name = package.get("name").and_then(Value::as_str).unwrap_or_default();
        let needs = package
            .get("dependencies")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        let names = needs
            .filter_map(Value::as_str)
            .filter_map(|need| need.split(' ').next());
        edges.entry(name).or_default().extend(names);
    }
    let mut findings = Vec::new();
    for start in PURE {
        let (mut seen, mut open) = (BTreeSet::new(), vec![*start]);
        while let Some(name) = open.pop() {
            if seen.insert(name) {
                open.extend(edges.get(name).into_iter().flatten());
            }
        }
        for impure in IMPURE.iter().filter(|impure| seen.contains(**impure)) {
            let line = lock
                .text
                .lines()
                .position(|line| line == format!("name = \"{start}\""))
                .map_or(1, |at| at + 1);
            let remedy =
                format!("{start} is pure but reaches {impure}; find the way with `cargo tree -p {start} -i {impure}`");
            findings.push(Finding::new(&lock.path, line, remedy));
        }
    }
    findings
}

/// Places outside tests where plancheck names a part of the planner other than its model. Its tests may ask the
/// planner for plans to judge.
fn planner_beyond_model(sources: &[TextFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in sources.iter().filter(|file| !is_test_file(&file.path)) {
        let masked = scanner::production(&scanner::mask(&file.text));
        for at in scanner::words(&masked, "doorstep_planner") {
            let rest = &masked[at + "doorstep_planner".len()..];
            let model = rest
                .strip_prefix("::model")
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'));
            if !model {
                let remedy = "the checker may name only `doorstep_planner::model`; derive the rest anew";
                findings.push(Finding::new(&file.path, scanner::line_of(&masked, at), remedy));
            }
        }
    }
    findings
}

/// All manifests of the workspace. A package with a workspace of its own, such as foreign oracles and fuzz targets, is no
/// part of it.
fn manifests() -> Vec<TextFile> {
    checkout::files(&["toml"])
        .into_iter()
        .filter(|file| file.path.ends_with("Cargo.toml"))
        .filter(|file| !file.text.contains("[workspace]") || !file.text.contains("[package]"))
        .collect()
}

#[test]
fn crates_know_only_what_they_may() {
    assert_tidy(&forbidden_dependencies(&manifests()));
}

#[test]
fn a_forbidden_dependency_is_noticed() {
    let text = "[package]\nname = \"doorstep-planner\"\n[dependencies]\ndoorstep-domain.workspace = true\n\
                doorstep-plancheck.workspace = true\n[dev-dependencies]\nweb = { package = \"axum\", version = \"1\" }\n\
                [target.'cfg(unix)'.dependencies]\ntokio = \"1\"\n";
    let path = "server/crates/doorstep-planner/Cargo.toml";
    let mut findings = forbidden_dependencies(&[TextFile::planted(path, text)]);
    findings.sort_by_key(|finding| finding.line);
    assert_noticed(&findings, &[(path, 5), (path, 7), (path, 9)]);
}

#[test]
fn every_package_of_the_workspace_has_its_row() {
    let names: BTreeSet<String> = manifests()
        .iter()
        .filter_map(|file| package_name(&parse(file)))
        .collect();
    let rows = KNOWS
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .chain(["doorstep-tests".to_owned()]);
    assert_eq!(
        names,
        rows.collect(),
        "add the package to the table KNOWS in tests/tidy/dependencies.rs, or remove it"
    );
}

#[test]
fn the_program_can_leave_the_server_out() {
    assert_tidy(&server_is_not_optional(&checkout::read("tui/Cargo.toml")));
}

#[test]
fn a_fixed_server_is_noticed() {
    let text = "[package]\nname = \"doorstep\"\n[dependencies]\ndoorstep-server.workspace = true\n";
    let findings = server_is_not_optional(&TextFile::planted("tui/Cargo.toml", text));
    assert_noticed(&findings, &[("tui/Cargo.toml", 4), ("tui/Cargo.toml", 1)]);
}

#[test]
fn pure_crates_reach_no_runtime() {
    assert_tidy(&impure_reaches(&checkout::read("Cargo.lock")));
}

#[test]
fn a_runtime_behind_another_package_is_noticed() {
    let text = "[[package]]\nname = \"doorstep-log\"\ndependencies = [\n \"between 1.0.0\",\n]\n\
                [[package]]\nname = \"between\"\ndependencies = [\"tokio\"]\n[[package]]\nname = \"tokio\"\n";
    assert_noticed(
        &impure_reaches(&TextFile::planted("Cargo.lock", text)),
        &[("Cargo.lock", 2)],
    );
}

#[test]
fn the_checker_shares_only_the_model_with_the_planner() {
    let sources: Vec<TextFile> = checkout::files(&["rs"])
        .into_iter()
        .filter(|file| file.path.starts_with("server/crates/doorstep-plancheck/"))
        .collect();
    assert!(!sources.is_empty(), "no source of doorstep-plancheck was found");
    assert_tidy(&planner_beyond_model(&sources));
}

#[test]
fn a_checker_that_borrows_from_the_search_is_noticed() {
    let text = "// doorstep_planner::search\nuse doorstep_planner::model::Plan;\nuse doorstep_planner::search;\n\
                use doorstep_planner::{model, search};\nuse doorstep_planner::model_search;\n";
    let in_tests = TextFile::planted("a/tests/b.rs", text);
    let findings = planner_beyond_model(&[TextFile::planted("a.rs", text), in_tests]);
    assert_noticed(&findings, &[("a.rs", 3), ("a.rs", 4), ("a.rs", 5)]);
}

/// Places outside tests where the replay of plans names a step of the search.
fn replay_beside_search(sources: &[TextFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in sources.iter().filter(|file| !is_test_file(&file.path)) {
        let masked = scanner::production(&scanner::mask(&file.text));
        for at in scanner::words(&masked, "search") {
            let remedy = "the replay may name only `model`; what the search gets wrong must show here";
            findings.push(Finding::new(&file.path, scanner::line_of(&masked, at), remedy));
        }
    }
    findings
}

#[test]
fn the_replay_shares_no_step_of_the_search() {
    let sources: Vec<TextFile> = checkout::files(&["rs"])
        .into_iter()
        .filter(|file| file.path.starts_with("server/crates/doorstep-planner/src/replay/"))
        .collect();
    assert!(!sources.is_empty(), "no source of the replay was found");
    assert_tidy(&replay_beside_search(&sources));
}

#[test]
fn a_replay_that_borrows_from_the_search_is_noticed() {
    let text = "// search\nuse crate::search::Wish;\nuse crate::model::Plan;\n";
    assert_noticed(
        &replay_beside_search(&[TextFile::planted("a.rs", text)]),
        &[("a.rs", 2)],
    );
}
