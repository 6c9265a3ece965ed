//! The demo, as a command in this process: the town made by code and two real files, in both languages. The plain demo,
//! which serves until it is stopped, runs as a process.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::path::Path;

use doorstep::{Captured, Env, Exit, run};
use serde_json::Value;

use crate::harness::process::{Process, command};
use crate::harness::{Client, lines_of, sample, sample_path};

/// "Today" of the sample files, and a day on which the packs allow visits everywhere.
const TODAY: &str = "2026-11-23";

/// Runs a command line with surroundings of its own; returns how it ended and what it wrote.
async fn doorstep(home: &Path, args: &[&str]) -> (Exit, String) {
    let home = home.display().to_string();
    let env = Env::read(|name| (name == "HOME").then(|| home.clone()));
    let mut out = Captured::default();
    let exit = run(args, &env, &mut out).await;
    (exit, format!("{}{}", out.text(), out.talk))
}

/// Walks the whole path and holds every step to what it promised.
async fn walk(lang: &str, more: &[&str]) -> String {
    let home = tempfile::tempdir().unwrap();
    let args = [&["demo", "--headless", "--today", TODAY, "--lang", lang][..], more].concat();
    let (exit, text) = doorstep(home.path(), &args).await;
    assert_eq!(exit, Exit::Done, "{text}");
    assert!(!text.contains('✗'), "a step did not hold: {text}");
    let last: Vec<&str> = text
        .trim_end()
        .lines()
        .rev()
        .filter(|line| !line.is_empty())
        .take(2)
        .collect();
    assert!(last[0].contains(" checks, 0 not held"), "{text}");
    assert_eq!(last[1].trim(), "✓ the log verifies", "{text}");
    text
}

fn porto() -> Vec<String> {
    files("porto-cases.csv", "porto-staff.csv")
}

fn hangzhou() -> Vec<String> {
    files("hangzhou-cases-gb18030.csv", "hangzhou-staff-gb18030.csv")
}

fn files(cases: &str, staff: &str) -> Vec<String> {
    let path = |name: &str| sample_path(name).display().to_string();
    vec!["--cases".to_owned(), path(cases), "--staff".to_owned(), path(staff)]
}

async fn walk_files(lang: &str, files: Vec<String>) {
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    walk(lang, &files).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_town_in_english() {
    let text = walk("en", &[]).await;
    assert!(!text.contains("not shown"), "{text}");
    for shown in [
        "✓ a row that cannot be true is refused and given back with its reason",
        "✓ a case that must not be visited is not planned, and the rule says why",
        "✓ the overdue check-out raised an alarm",
    ] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_town_in_chinese() {
    walk("zh-CN", &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn porto_in_english() {
    walk_files("en", porto()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn porto_in_chinese() {
    walk_files("zh-CN", porto()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hangzhou_in_english() {
    walk_files("en", hangzhou()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hangzhou_in_chinese() {
    walk_files("zh-CN", hangzhou()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_without_such_cases_says_what_it_did_not_show() {
    let home = tempfile::tempdir().unwrap();
    // No flag, no bad row, and one case: one visit, so that no second check-out can stay away and nobody is left to announce one to.
    let cases = home.path().join("cases.csv");
    std::fs::write(&cases, lines_of(&sample("porto-cases.csv"), |line| line == 2)).unwrap();
    // One crew of two, both with certificates.
    let staff = home.path().join("staff.csv");
    std::fs::write(&staff, lines_of(&sample("porto-staff.csv"), |line| line < 2)).unwrap();
    let (cases, staff) = (cases.display().to_string(), staff.display().to_string());
    let text = walk("en", &["--cases", &cases, "--staff", &staff]).await;
    assert!(text.trim_end().ends_with(" checks, 0 not held, 4 not shown."), "{text}");
    assert_eq!(text.matches("– not shown: ").count(), 4, "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_messy_file_shows_how_many_rows_were_refused() {
    let files = files("porto-messy.csv", "porto-staff.csv");
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let text = walk("en", &files).await;
    assert!(text.contains("\n  rows refused    10\n"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_plain_demo_serves_what_it_made_until_it_is_stopped() {
    let home = tempfile::tempdir().unwrap();
    let mut demo = command("doorstep", home.path());
    demo.env("TMPDIR", home.path()).args(["demo", "--today", TODAY]);
    let mut demo = Process::start(demo);
    let line = demo.line_with("Serving at http://");
    assert!(line.contains("Ctrl-C"), "{line}");
    let text = demo.said.clone();
    assert!(text.contains(" checks, 0 not held.\n") && !text.contains('✗'), "{text}");
    // What the README shows of it is what it does.
    let counts = |text: &str| {
        text.lines()
            .find(|line| line.ends_with(" checks, 0 not held."))
            .map(str::to_owned)
    };
    let shown = counts(include_str!("../README.md")).unwrap();
    assert_eq!(counts(&text).as_deref(), Some(shown.trim()));
    assert!(text.contains("✓ the log verifies"), "{text}");
    demo.line_with("password    demo-demo-demo");
    let address = line.split(' ').find(|word| word.starts_with("http://")).unwrap();
    let anybody = Client::anonymous(address);
    assert_eq!(anybody.get("/health").await.status, 200);
    let supervisor = anybody.sign_in("supervisor", "demo-demo-demo").await;
    let plans = supervisor.items("/v1/plans").await;
    let states: Vec<&Value> = plans.iter().map(|plan| &plan["state"]).collect();
    assert_eq!(states, ["published", "published"], "{plans:?}");
    anybody.sign_in("F01", "demo-demo-demo").await;
    let ended = demo.terminate();
    assert_eq!(ended.code(), Some(0), "{ended}");
    let left: Vec<_> = std::fs::read_dir(home.path()).unwrap().collect();
    assert!(left.is_empty(), "the temporary folder stayed: {left:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kept_folder_is_exported_and_verified_by_commands() {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name).display().to_string();
    let (dir, out) = (at("kept"), at("exported"));
    walk("en", &["--dir", &dir]).await;
    let (exit, text) = doorstep(home.path(), &["log", "export", &out, "--dir", &dir]).await;
    assert_eq!(exit, Exit::Done, "{text}");
    let (exit, text) = doorstep(home.path(), &["verify", &out, "--json"]).await;
    assert_eq!(exit, Exit::Done, "{text}");
    let report: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("not one document: {text}"));
    assert!(report.to_string().contains("\"ok\":true"), "{report}");
    let checkpoint = Path::new(&out).join("events").join("checkpoint");
    let mut bytes = std::fs::read(&checkpoint).unwrap();
    bytes[40] ^= 1;
    std::fs::write(&checkpoint, bytes).unwrap();
    let (exit, text) = doorstep(home.path(), &["verify", &out]).await;
    assert_eq!(exit, Exit::Failed, "{text}");
    assert!(text.contains("events/checkpoint"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_passes_at_any_hour() {
    // Without a day it takes the next one on which visits are allowed, whatever the machine's clock shows.
    let home = tempfile::tempdir().unwrap();
    let (exit, text) = doorstep(home.path(), &["demo", "--headless", "--json"]).await;
    assert_eq!(exit, Exit::Done, "{text}");
    let document: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("not one document: {text}"));
    assert_eq!(document["held"], true, "{document}");
    assert!(document["checks"].as_array().unwrap().len() > 15, "{document}");
}
