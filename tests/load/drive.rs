//! Pushes as fast as the server answers, follows the checkpoint, and imports a file meanwhile where that is asked for.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use doorstep_domain::measure::Clock as _;
use doorstep_wire::SYNC_VERSION;
use reqwest::Method;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::client::Client;
use crate::process::Shifted;
use crate::samples::sample;
use crate::signer::Push;
use crate::stage::{Device, Stage};

/// How often the checkpoint is looked at: finer than what is measured.
const LOOK: Duration = Duration::from_millis(20);
/// When the import starts, after the first push.
const IMPORT_AFTER: Duration = Duration::from_secs(1);
/// Nothing may take longer to come under a checkpoint.
const PATIENCE: Duration = Duration::from_mins(2);

/// One answered push.
pub(crate) struct Answered {
    pub(crate) device: String,
    pub(crate) upto: u64,
    /// How long the answer took.
    pub(crate) took: Duration,
    /// When it came, after the start.
    pub(crate) at: Duration,
}

/// What happened.
pub(crate) struct Run {
    pub(crate) answers: Vec<Answered>,
    /// Sizes of the signed tree, and when each was first seen.
    pub(crate) seen: Vec<(Duration, u64)>,
    /// When an import began and ended.
    pub(crate) import: Option<(Duration, Duration)>,
}

pub(crate) async fn run(stage: &Stage, load: Vec<Vec<Push>>, import: bool) -> Run {
    let start = Instant::now();
    let done = AtomicBool::new(false);
    let pushing = async {
        let mut tasks = JoinSet::new();
        for (device, pushes) in stage.devices.iter().zip(load) {
            tasks.spawn(push_all(device.clone(), stage.clock, pushes, start));
        }
        let answers: Vec<Vec<Answered>> = tasks.join_all().await;
        done.store(true, Ordering::Relaxed);
        answers.into_iter().flatten().collect()
    };
    let importing = async {
        if !import {
            return None;
        }
        tokio::time::sleep(IMPORT_AFTER).await;
        let file = sample("porto-large-cases.csv");
        let began = start.elapsed();
        stage.supervisor.import(file).await;
        Some((began, start.elapsed()))
    };
    let (answers, import, seen) = tokio::join!(pushing, importing, follow(&stage.auditor, &done, start));
    Run { answers, seen, import }
}

/// One device after the other of its pushes, on a connection of its own that stays open.
async fn push_all(device: Device, clock: Shifted, pushes: Vec<Push>, start: Instant) -> Vec<Answered> {
    let mut answers = Vec::with_capacity(pushes.len());
    for push in pushes {
        let body = format!(
            "{{\"sync_version\":{SYNC_VERSION},\"sent_wall_ms\":{},\"events\":{}}}",
            clock.now().millis(),
            push.events
        );
        let sent = Instant::now();
        let request = device.client.request(Method::POST, "/v1/sync/push");
        let request = request.header("Content-Type", "application/json").body(body);
        let answer = device.client.send(request).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let (took, at) = (sent.elapsed(), start.elapsed());
        let text = answer.text();
        let accepted = text.matches("\"accepted\"").count();
        assert_eq!(accepted, push.bytes.len(), "{text}");
        answers.push(Answered {
            device: device.id.clone(),
            upto: push.upto,
            took,
            at,
        });
    }
    answers
}

/// Looks at the checkpoint until everything that was pushed is under one.
async fn follow(auditor: &Client, done: &AtomicBool, start: Instant) -> Vec<(Duration, u64)> {
    let mut seen = Vec::new();
    let mut last_change = None;
    loop {
        let over = done.load(Ordering::Relaxed);
        let head: Value = auditor.get("/v1/log/events").await.done();
        let note = head["checkpoint"].as_str().unwrap();
        let size: u64 = note.lines().nth(1).map_or(0, |line| line.parse().unwrap());
        if seen.last().is_none_or(|(_, before)| *before < size) {
            seen.push((start.elapsed(), size));
        }
        // What is queued is not in the size yet, so the end is a size that stays.
        let quiet = over && head["size"] == size;
        if quiet {
            let since = *last_change.get_or_insert_with(Instant::now);
            if since.elapsed() > Duration::from_secs(1) {
                return seen;
            }
        } else {
            last_change = None;
        }
        assert!(start.elapsed() < PATIENCE || !over, "events came under no checkpoint");
        tokio::time::sleep(LOOK).await;
    }
}
