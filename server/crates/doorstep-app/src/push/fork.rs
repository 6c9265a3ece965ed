//! Forks: a device signed a header that contradicts one that the server has. Both are kept, and the device waits until
//! an administrator has decided.

use doorstep_log::hash::{base64url_encode, hex};
use doorstep_store::WriteTx;
use doorstep_store::device::{Device, DeviceState};
use doorstep_store::entry::{Entries, Entry, EntryKind, ServerEntry};
use doorstep_store::event::StoredEvent;
use doorstep_wire::problem::ProblemCode;

use super::Signed;
use crate::App;
use crate::actor::Actor;
use crate::error::AppError;

/// How a device's chain has split.
pub(crate) struct Fork {
    /// Hash of the header that was here first.
    first: Vec<u8>,
    /// In what the second contradicts it.
    reason: &'static str,
}

impl Fork {
    /// Against an event that is stored: same number, or same id.
    pub(super) fn of_stored(before: &StoredEvent, event: &Signed) -> Self {
        let same_number = before.dseq == event.header.dseq as i64;
        Self {
            first: before.hdr_hash.clone(),
            reason: if same_number { "same-number" } else { "same-id" },
        }
    }

    /// Against the head: the event goes on from another one.
    pub(super) fn of_head(device: &Device) -> Self {
        Self {
            first: device.head_hash.clone(),
            reason: "other-history",
        }
    }
}

impl App {
    /// Suspends a device whose chain has split. The first header is in the log as the event that it is; the second is
    /// kept in the entry, with the signature that proves whose it is. What was taken before it in the same push stays.
    pub(super) async fn suspend(
        &self,
        actor: &Actor,
        mut tx: WriteTx,
        (mut device, mut entries): (Device, Vec<Entry>),
        (event, fork): (&Signed, Fork),
    ) -> Result<AppError, AppError> {
        if !device.is_ended() {
            device.state = DeviceState::Suspended;
        }
        tx.device_update(&device).await?;
        let mut entry = ServerEntry::new(EntryKind::DeviceFork, actor.by())
            .reason(fork.reason)
            .with("dev", device.id.to_string())
            .with("kid", event.kid.as_str())
            .with("dseq", event.header.dseq as i64)
            .with("first", hex(&fork.first));
        // A header that the log may not show is named by its hash; it counts against nobody else than the device.
        entry = match event.withheld {
            Some(_) => entry.with("second", hex(&event.hash.0)),
            None => entry
                .with("hdr", base64url_encode(&event.hdr))
                .with("sig", base64url_encode(&event.sig)),
        };
        if let Some(alg) = device.alg_stated() {
            entry = entry.with("alg", alg);
        }
        entries.push(entry.into());
        let entries = Entries::of(entries).ok_or(AppError::Fault("a fork has an entry"))?;
        tx.commit(entries).await?;
        self.wake_devices();
        Ok(AppError::refuse(
            ProblemCode::DeviceFork,
            format!(
                "Event {} contradicts one that was sent before. The device is suspended and both are kept; an \
                 administrator must look at it.",
                event.header.dseq
            ),
        ))
    }
}
