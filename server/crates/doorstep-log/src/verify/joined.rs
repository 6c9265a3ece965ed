//! What partners signed at check-ins, as far as payloads are opened.
//!
//! The server stores and flags a check-in whose statement does not hold, so here it is a warning. Who may sign is known from
//! the entries that make keys known: of devices, and of partners on a colleague's device.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Content, DetailName, Finding, FindingCode, Report};
use crate::chain::DeviceCertificate;
use crate::export::{LogName, Opening};
use crate::hash::base64url_decode;
use crate::joined::{Arrival, JoinKey, JoinedError, Joining, check_joined};
use crate::leaf::{Header, ServerEntry};

/// `type` of a check-in.
const ARRIVED: &str = "visit.arrived";
/// `type` of the event with which a partner signs on a device of their own.
const JOINED: &str = "visit.joined";

/// Keys that sign statements, and the events that hold some.
#[derive(Default)]
pub(super) struct Joins {
    /// By name of the key.
    keys: BTreeMap<String, Signer>,
    /// Whose each device is.
    owners: BTreeMap<String, String>,
    /// By identity of the event.
    events: BTreeMap<String, Event>,
}

struct Signer {
    key: JoinKey,
    /// Alias of whose it is.
    actor: String,
}

struct Event {
    index: u64,
    visit: String,
    subj: String,
    dev: String,
    at_ms: i64,
    /// Whether it holds its own owner's statement.
    is_own: bool,
}

/// What of a payload is looked at.
#[derive(Deserialize)]
struct Opened {
    #[serde(default)]
    joined: Vec<Statement>,
}

#[derive(Deserialize)]
struct Statement {
    said: String,
    sig: String,
}

impl Joins {
    /// Takes the key that an entry makes known, if it does.
    pub(super) fn take_key(&mut self, entry: &ServerEntry) {
        let own = DeviceCertificate::from_entry(entry).and_then(Result::ok);
        let lent = DeviceCertificate::of_partner(entry).and_then(Result::ok);
        if let Some(certificate) = &own {
            self.owners.insert(certificate.dev.clone(), entry.actor.clone());
        }
        let dev = lent.as_ref().map(|certificate| certificate.dev.clone());
        if let Some(DeviceCertificate { kid, key, .. }) = own.or(lent) {
            let key = JoinKey { staff: None, dev, key };
            let actor = entry.actor.clone();
            self.keys.entry(kid).or_insert(Signer { key, actor });
        }
    }

    /// Notes an event whose payload may hold statements.
    pub(super) fn take_header(&mut self, index: u64, header: &Header) {
        let (Some(visit), [subj], true) = (
            &header.visit,
            header.subj.as_slice(),
            [ARRIVED, JOINED].contains(&header.kind.as_str()),
        ) else {
            return;
        };
        let event = Event {
            index,
            visit: visit.clone(),
            subj: subj.clone(),
            dev: header.dev.clone(),
            at_ms: header.wall_ms,
            is_own: header.kind == JOINED,
        };
        self.events.entry(header.eid.clone()).or_insert(event);
    }

    /// Whether a statement holds for the event that it stands in.
    fn check(&self, event: &Event, statement: &Statement) -> Result<Joining, JoinedError> {
        let sig = base64url_decode(&statement.sig).ok_or(JoinedError::Form)?;
        let arrival = Arrival {
            visit: &event.visit,
            subj: &event.subj,
            dev: &event.dev,
            at_ms: event.at_ms,
        };
        let key_of = |said: &Joining| self.keys.get(&said.kid).map(|signer| signer.key.clone());
        let joining = check_joined((statement.said.as_bytes(), &sig), arrival, key_of)?;
        let signer = self.keys.get(&joining.kid).map(|signer| &signer.actor);
        // One person is not two.
        if (signer == self.owners.get(&event.dev)) == event.is_own {
            Ok(joining)
        } else {
            Err(JoinedError::Staff)
        }
    }
}

impl Content {
    /// Warns of statements in an opened payload that do not hold, or whose key was ended before.
    pub(super) fn check_joined(&self, opening: &Opening, report: &mut Report) {
        let Some(event) = self.joins.events.get(&opening.eid) else {
            return;
        };
        let Ok(opened) = serde_json::from_slice::<Opened>(&opening.payload) else {
            return;
        };
        for statement in &opened.joined {
            let cause = match self.joins.check(event, statement) {
                Ok(said) if self.ended.get(&said.kid).is_some_and(|end| *end < event.index) => JoinedError::Key,
                Ok(_) => continue,
                Err(cause) => cause,
            };
            let message = format!(
                "leaf {}: what a partner signed at this visit does not hold: {cause}",
                event.index
            );
            let finding = Finding::warning(FindingCode::JoinedBad, message).leaf(LogName::Events, event.index);
            report.add(
                finding
                    .detail(DetailName::Cause, cause.code())
                    .detail(DetailName::Payload, &opening.eid),
            );
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
#[path = "joined_tests.rs"]
mod tests;
