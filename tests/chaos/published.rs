//! All checkpoints that two servers ever published, and whether they can be heads of one log. Knows no device.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use doorstep_log::checkpoint::Checkpoint;
use doorstep_log::hash::leaf_hash;
use doorstep_log::note::VerifierKey;
use doorstep_log::tree::{MemoryTiles, consistency_proof, root_at, verify_consistency};
use reqwest::Method;
use serde_json::Value;

use crate::client::Client;
use crate::export::ExportInMemory;

/// How often each server is looked at: several times between two checkpoints.
const LOOK: Duration = Duration::from_millis(25);
/// The logs that are looked at.
const LOGS: [&str; 2] = ["events", "access"];
/// The counter of leaves that a process placed.
const PLACED: &str = "doorstep_log_leaves_total ";

/// What was seen.
#[derive(Default)]
pub(crate) struct Published {
    /// The first note of each log and size.
    notes: Mutex<BTreeMap<(&'static str, u64), String>>,
    /// A second, other note of one log and size.
    second: Mutex<Option<[String; 2]>>,
    /// Leaves that each server was seen to place.
    placed: [AtomicU64; 2],
}

impl Published {
    fn note(&self, log: &'static str, note: &str) {
        let size = note.lines().nth(1).and_then(|line| line.parse().ok()).unwrap();
        let mut notes = self.notes.lock().unwrap();
        let known = notes.entry((log, size)).or_insert_with(|| note.to_owned());
        if known != note {
            *self.second.lock().unwrap() = Some([known.clone(), note.to_owned()]);
        }
    }

    /// How many different checkpoints were seen.
    pub(crate) fn count(&self) -> usize {
        self.notes.lock().unwrap().len()
    }

    /// The most leaves that each server was seen to place in one life.
    pub(crate) fn placed(&self) -> [u64; 2] {
        [0, 1].map(|which: usize| self.placed[which].load(Ordering::Relaxed))
    }

    /// Fails where two notes of one size were seen.
    pub(crate) fn holds(&self) {
        let second = self.second.lock().unwrap();
        assert!(second.is_none(), "two heads of one size: {second:#?}");
    }

    /// Every note is signed, is the head of the exported log at its size, and extends the one before.
    pub(crate) fn is_one_line(&self, export: &ExportInMemory, keys: &str) {
        self.holds();
        let keys: Vec<VerifierKey> = keys.lines().map(|line| VerifierKey::parse(line).unwrap()).collect();
        let notes = self.notes.lock().unwrap();
        for log in LOGS {
            let mut tiles = MemoryTiles::new();
            let bundles = format!("{log}/tile/entries/");
            for leaf in export.leaves_in(|path| path.starts_with(&bundles)) {
                tiles.append(leaf_hash(&leaf));
            }
            let mut before = None;
            for note in notes.range((log, 0)..=(log, u64::MAX)).map(|(_, note)| note) {
                let found = Checkpoint::open(note.as_bytes(), &keys).unwrap();
                let head = (found.size, found.root);
                assert_eq!(root_at(&tiles, found.size).unwrap(), found.root, "{note}");
                if let Some((size, _)) = before {
                    let proof = consistency_proof(&tiles, size, found.size).unwrap();
                    verify_consistency(before.unwrap(), head, &proof).unwrap();
                }
                before = Some(head);
            }
            assert!(before.is_some(), "no checkpoint of {log} was seen");
        }
    }
}

/// Looks at a server's newest checkpoints until it is stopped; one that is down is looked at again.
pub(crate) async fn follow(published: Arc<Published>, which: usize, client: Client, metrics: Client) {
    loop {
        for log in LOGS {
            if let Some(text) = answer(&client, &format!("/v1/log/{log}")).await {
                let head: Value = serde_json::from_str(&text).unwrap();
                let note = head["checkpoint"].as_str().unwrap();
                if !note.is_empty() {
                    published.note(log, note);
                }
            }
        }
        let text = answer(&metrics, "/metrics").await.unwrap_or_default();
        let placed = text.lines().find_map(|line| line.strip_prefix(PLACED));
        if let Some(placed) = placed.and_then(|number| number.parse().ok()) {
            published.placed[which].fetch_max(placed, Ordering::Relaxed);
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// The text of an answer that came whole.
async fn answer(client: &Client, path: &str) -> Option<String> {
    let response = client.request(Method::GET, path).send().await.ok()?;
    response.error_for_status().ok()?.text().await.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "two heads of one size")]
    fn a_second_head_of_one_size_is_found() {
        let published = Published::default();
        published.note("events", "d/t/events\n5\none\n");
        published.note("access", "d/t/access\n5\nother\n");
        published.note("events", "d/t/events\n5\none\n");
        published.holds();
        assert_eq!(published.count(), 2);
        published.note("events", "d/t/events\n5\nother\n");
        published.holds();
    }
}
