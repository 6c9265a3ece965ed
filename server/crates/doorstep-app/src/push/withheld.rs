//! Events whose signed headers may not stand in the log: they have texts, or took an id that is not theirs.
//!
//! No device that runs our program makes them, but one that did must not be stuck with them, and what they say of a visit is
//! kept. The event as it came is sealed as one payload, under the visited person's key where the visit is known. In the log
//! an entry stands for it with its place in the chain, and the header of the device's next event vouches for that.

use doorstep_domain::event::EventKind;
use doorstep_log::hash::{base64url_encode, hex};
use doorstep_store::entry::{Entry, EntryKind, ServerEntry};
use doorstep_wire::sync::PushEvent;
use uuid::Uuid;

use super::{Signed, Taking};
use crate::error::AppError;

/// How an event is kept.
pub(super) struct Kept {
    pub(super) hdr: Vec<u8>,
    pub(super) kind: String,
    pub(super) sealed: Option<(Uuid, Vec<u8>)>,
    pub(super) entry: Entry,
}

impl Taking<'_> {
    /// How an event is kept whose header the log may not show.
    pub(super) fn withheld(&self, event: &Signed, code: &'static str) -> Result<Kept, AppError> {
        let mut entry = ServerEntry::new(EntryKind::DeviceWithheld, self.actor.by())
            .reason(code)
            .with("dev", self.device.id.to_string())
            .with("kid", event.kid.as_str())
            .with("dseq", event.header.dseq as i64)
            .with("head", hex(&event.hash.0));
        let visit = event.visit().filter(|alias| self.doors.visit(*alias).is_some());
        let person = visit.and_then(|alias| self.doors.person(alias));
        if let Some(alias) = visit {
            entry = entry.visit(alias);
        }
        if let Some((_, alias)) = person {
            entry = entry.about(alias);
        }
        let subject = person.map_or(self.actor.staff.0, |(person, _)| person.0);
        // Where the person was erased in the meantime, what describes them is not kept any more.
        let sealed = match self.keys.get(subject) {
            Ok(key) => {
                let (sealed, commitment) = key.seal(event.id.0, &as_received(event, self.device.alg.name())?);
                entry = entry.payload(event.id, commitment);
                Some((subject, sealed))
            }
            Err(_) => None,
        };
        let kind = event.header.kind.parse::<EventKind>();
        Ok(Kept {
            hdr: Vec::new(),
            kind: kind.map_or("withheld", EventKind::code).to_owned(),
            sealed,
            entry: entry.into(),
        })
    }
}

/// The event as it came, as JSON: all that is needed to verify its signature.
fn as_received(event: &Signed, alg: &str) -> Result<Vec<u8>, AppError> {
    let content = event.content.as_ref();
    let received = PushEvent {
        hdr: base64url_encode(&event.hdr),
        kid: event.kid.clone(),
        alg: alg.to_owned(),
        sig: base64url_encode(&event.sig),
        salt: content.map(|(salt, _)| base64url_encode(salt)),
        payload: content.map(|(_, payload)| base64url_encode(payload)),
    };
    serde_json::to_vec(&received).map_err(|_| AppError::Fault("events serialise"))
}
