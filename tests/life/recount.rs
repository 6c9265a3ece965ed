//! The log as a stranger reads it: the exported files of each case with their openings, and nothing of the database.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use doorstep_log::canonical;
use doorstep_log::export::Opening;
use doorstep_log::leaf::{Leaf, ServerEntry};
use doorstep_log::proof::Proof;
use doorstep_wire::sync::Payload;
use serde_json::json;

use super::desk::Desk;
use super::people::Town;
use crate::harness::ExportInMemory;

/// What a leaf of the log tells of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    Opened,
    Aged,
    Settled,
    Contact {
        channel: String,
        outcome: String,
        forbidden: bool,
    },
    /// Somebody stood at the door.
    Arrived {
        visit: String,
        forbidden: bool,
    },
    Departed(String),
    Outcome(String, String),
    Promised(String),
    Withdrawn(String),
    /// Something narrows contacts, or does no more.
    On(String),
    Off(String),
    Paid,
    /// What was paid went back.
    Bounced,
    /// A promise or plan stands, or was ended without blame.
    Agreed(String),
    Ended(String),
    Judged {
        agreement: String,
        kind: String,
        to: String,
    },
    Complaint(Option<String>),
    Other(String),
}

/// What the log tells of a case, in the order in which it happened, each with its time in milliseconds.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) number: String,
    pub(crate) all: Vec<(i64, What)>,
    /// The stage in which it was from then on, or `settled`.
    pub(crate) states: Vec<(i64, String)>,
}

/// What the log tells of all cases, and how many entries of each kind the log of changes has.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) cases: Vec<Told>,
    pub(crate) kinds: BTreeMap<String, u64>,
    /// First day, last day and state of the times of calm, as the log has them.
    pub(crate) calm: Vec<[String; 3]>,
}

fn text(entry: &ServerEntry, name: &str) -> String {
    match entry.detail.get(name) {
        Some(canonical::Value::Text(text)) => text.clone(),
        other => panic!("{}: {name} is {other:?}", entry.t),
    }
}

/// Where a case is after an entry of the server that moves it.
fn state_of(entry: &ServerEntry) -> Option<String> {
    match entry.t.as_str() {
        "case.opened" | "case.aged" => Some(text(entry, "stage")),
        "case.settled" => Some("settled".to_owned()),
        "case.restricted" => entry.reason.clone().filter(|reason| reason == "settled"),
        _ => None,
    }
}

/// What an entry of the server tells, and when that was: a contact says when it was made.
fn of_entry(entry: &ServerEntry) -> (i64, What) {
    let reason = entry.reason.clone().unwrap_or_default();
    let what = match entry.t.as_str() {
        "case.opened" => What::Opened,
        "case.aged" => What::Aged,
        "case.settled" => What::Settled,
        "contact.recorded" => {
            let Some(canonical::Value::Integer(at)) = entry.detail.get("at") else {
                panic!("{entry:?}");
            };
            let what = What::Contact {
                channel: text(entry, "channel"),
                outcome: text(entry, "outcome"),
                forbidden: entry.detail.contains_key("rules"),
            };
            return (at / 1_000, what);
        }
        "visit.withdrawn" => What::Withdrawn(entry.visit.clone().unwrap()),
        "case.restricted" if reason == "settled" => What::Settled,
        "case.restricted" => What::On(reason),
        "restriction.lifted" => What::Off(text(entry, "kind")),
        "payment.counted" if text(entry, "kind") == "reversal" => What::Bounced,
        "payment.counted" => What::Paid,
        "agreement.made" => What::Agreed(text(entry, "agreement")),
        "agreement.ended" => What::Ended(text(entry, "agreement")),
        "agreement.judged" => What::Judged {
            agreement: text(entry, "agreement"),
            kind: text(entry, "kind"),
            to: text(entry, "to"),
        },
        // Visits were paused until it was answered.
        "complaint.answered" => What::Off("complained".to_owned()),
        "complaint.opened" => What::Complaint(entry.visit.clone()),
        other => What::Other(other.to_owned()),
    };
    (entry.recv_ms, what)
}

/// What an event of a device tells, by the device's clock.
fn of_event(kind: &str, visit: String, payload: Payload) -> What {
    match kind {
        "visit.arrived" => What::Arrived {
            visit,
            forbidden: !payload.blocked_by.is_empty(),
        },
        "visit.departed" => What::Departed(visit),
        "visit.outcome" => What::Outcome(visit, payload.outcome.unwrap_or_default()),
        "visit.promise" => What::Promised(visit),
        other => What::Other(other.to_owned()),
    }
}

impl Told {
    /// Reads the export of one case.
    fn read(number: &str, folder: &Path) -> Self {
        let export = ExportInMemory::read(folder, "");
        let openings = export.files.get("openings.jsonl").map_or(&[][..], Vec::as_slice);
        let lines = openings.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let openings: BTreeMap<String, Vec<u8>> = lines
            .map(|line| Opening::decode(line).unwrap())
            .map(|opening| (opening.eid, opening.payload))
            .collect();
        let (mut all, mut states) = (Vec::new(), Vec::new());
        let proofs = export
            .files
            .iter()
            .filter(|(path, _)| path.starts_with("proofs/events"));
        for (_, bytes) in proofs {
            match Leaf::decode(&Proof::parse(bytes).unwrap().extra.unwrap()).unwrap() {
                Leaf::Server(entry) => {
                    states.extend(state_of(&entry).map(|state| (entry.recv_ms, state)));
                    all.push(of_entry(&entry));
                }
                Leaf::Device(event) => {
                    let header = event.header().unwrap();
                    let payload = openings
                        .get(&header.eid)
                        .map(|bytes| serde_json::from_slice(bytes).unwrap());
                    let what = of_event(
                        &header.kind,
                        header.visit.unwrap_or_default(),
                        payload.unwrap_or_default(),
                    );
                    all.push((header.wall_ms, what));
                }
            }
        }
        // Stable: what happened at one time stays in the order of the log.
        all.sort_by_key(|(at, _)| *at);
        states.sort_by_key(|(at, _)| *at);
        let number = number.to_owned();
        Self { number, all, states }
    }

    /// How often something is told.
    pub(crate) fn count(&self, is: impl Fn(&What) -> bool) -> u64 {
        self.all.iter().filter(|(_, what)| is(what)).count() as u64
    }

    /// What came of each visit that was begun.
    pub(crate) fn visits(&self) -> BTreeMap<&str, &str> {
        let mut visits = BTreeMap::new();
        for (_, what) in &self.all {
            match what {
                What::Arrived { visit, .. } => {
                    visits.insert(visit.as_str(), "");
                }
                What::Outcome(visit, outcome) => {
                    visits.insert(visit.as_str(), outcome.as_str());
                }
                _ => {}
            }
        }
        visits
    }
}

impl Log {
    /// Has the auditor export everything, verifies it, and reads it.
    pub(crate) async fn exported(desk: &Desk, town: &Town) -> Self {
        desk.signs_in("auditor").await;
        let whole = desk.path("exported");
        desk.does("auditor", &["log", "export", &whole]).await;
        let report = desk.does("auditor", &["verify", &whole]).await;
        assert_eq!(
            (&report["ok"], &report["errors"]),
            (&json!(true), &json!(0)),
            "{report}"
        );
        let mut log = Self::default();
        for person in &town.people {
            let folder = desk.path(&format!("exported-{}", person.number));
            let case = ["--case", &person.number, "--open", "audit", "--purpose", "inspection"];
            desk.does("auditor", &[&["log", "export", &folder][..], &case].concat())
                .await;
            log.cases.push(Told::read(&person.number, Path::new(&folder)));
        }
        log.add_whole(&ExportInMemory::read(Path::new(&whole), ""));
        log
    }

    fn add_whole(&mut self, export: &ExportInMemory) {
        let mut days = BTreeSet::new();
        for leaf in export.leaves() {
            let kind = match Leaf::decode(&leaf).unwrap() {
                Leaf::Server(entry) => {
                    if entry.t == "calm.changed" {
                        days.insert(["from", "until", "state"].map(|name| text(&entry, name)));
                    }
                    entry.t
                }
                Leaf::Device(event) => event.header().unwrap().kind,
            };
            *self.kinds.entry(kind).or_default() += 1;
        }
        self.calm = days.into_iter().collect();
        let told = |is: fn(&What) -> bool| self.cases.iter().map(|told| told.count(is)).sum::<u64>();
        for (kind, count) in [
            ("contact.recorded", told(|what| matches!(what, What::Contact { .. }))),
            ("visit.arrived", told(|what| matches!(what, What::Arrived { .. }))),
            (
                "payment.counted",
                told(|what| matches!(what, What::Paid | What::Bounced)),
            ),
            ("case.aged", told(|what| *what == What::Aged)),
        ] {
            assert_eq!(self.of(kind), count, "{kind}: the cases have all of the log");
        }
    }

    /// How many entries of a kind there are.
    pub(crate) fn of(&self, kind: &str) -> u64 {
        self.kinds.get(kind).copied().unwrap_or_default()
    }
}
