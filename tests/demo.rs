//! The demo, as a command in this process: the town made by code and two real files, in both languages.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::path::Path;

use doorstep::{Captured, Env, Exit, run};
use serde_json::Value;

use crate::harness::sample_path;

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
    assert!(last[0].ends_with(" checks, 0 not held."), "{text}");
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
    walk("en", &[]).await;
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
