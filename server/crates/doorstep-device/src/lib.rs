//! A field device without a screen: local database, key, chain of signed events, outbox, sync and permit.
//!
//! Its personal and secret columns and its evidence files are sealed; a [`Pin`] opens them, offline too.
//! Everything works without a network except [`Device::enrol`], [`Device::pull`], [`Device::push`] and
//! [`Device::wake`]. What happens at a door is written, signed and linked to the event before it in one transaction;
//! a process that is killed leaves all of it or nothing. Knows no screen and no server code: it speaks to the server
//! through a [`Transport`], in the shapes of `doorstep-wire`. Start with [`Device`].

mod alarm;
mod begun;
mod checkpoint;
mod clock;
mod confirm;
mod conflict;
mod contact;
mod day;
mod db;
mod device;
mod door;
mod draft;
mod error;
mod event;
mod evidence;
mod fresh;
mod gate;
mod identity;
mod leave;
mod outbox;
mod packs;
mod peek;
mod pin;
mod pull;
mod push;
mod reads;
mod receipt;
mod route;
mod said;
mod seal;
mod secret;
mod sos;
mod suspect;
mod transport;
mod trust;
mod upgrade;
mod vault;
mod view;
mod visit;

pub use alarm::Alarm;
pub use conflict::OpenConflict;
pub use day::{Day, DayCounts};
pub use device::{Device, Enrolment};
pub use door::SyncStatus;
pub use draft::DRAFT_BYTES_MAX;
pub use error::DeviceError;
pub use evidence::EVIDENCE_BYTES_MAX;
pub use fresh::Fresh;
pub use gate::{Blocked, PermitReason};
pub use leave::Leaving;
pub use outbox::{EventState, OutboxItem};
pub use peek::Peek;
pub use pin::Pin;
pub use pull::PullReport;
pub use push::PushReport;
pub use reads::OwnReads;
pub use receipt::Receipt;
pub use route::{Gate, Route, Stop, Withdrawn};
pub use secret::KeyKind;
pub use suspect::{Suspect, SuspectNote};
pub use transport::{Answer, BoxFuture, HttpTransport, Method, Request, Transport, TransportError, Waited};
pub use visit::{FinishInput, Finished, NOTE_BYTES_MAX, StartInput, Started, VisitState};

pub use view::{Task, Told, VisitView};

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]
mod tests;
