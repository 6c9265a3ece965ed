//! What was stored under the ids and numbers of a push before. One question to the store answers it for the whole push:
//! what is new is the rule.

use std::collections::HashMap;

use doorstep_domain::id::EventId;
use doorstep_store::WriteTx;
use doorstep_store::device::Device;
use doorstep_store::event::StoredEvent;
use uuid::Uuid;

use super::Signed;
use crate::error::AppError;

/// Events by their ids: those that were there, and those that this push has added.
pub(super) struct Stored(HashMap<EventId, StoredEvent>);

impl Stored {
    /// Asks for the ids of a push, and gives others to events that took those of payloads of the server's own.
    pub(super) async fn of(tx: &mut WriteTx, signed: &mut [Signed]) -> Result<Self, AppError> {
        let ids: Vec<Uuid> = signed.iter().map(|event| event.id.0).collect();
        let known = tx.event_known_ids(&ids).await?;
        let taken = tx.event_ids_taken(&ids).await?;
        for event in signed.iter_mut().filter(|event| taken.contains(&event.id.0)) {
            event.withhold("id-taken");
        }
        Ok(Self(known.into_iter().map(|event| (event.id, event)).collect()))
    }

    /// The stored events that have the id of this one, or its number on the device.
    pub(super) async fn known(
        &self,
        tx: &mut WriteTx,
        device: &Device,
        event: &Signed,
    ) -> Result<Vec<StoredEvent>, AppError> {
        let dseq = event.header.dseq as i64;
        if let Some(before) = self.0.get(&event.id)
            && before.device == device.id
            && before.dseq == dseq
        {
            return Ok(vec![before.clone()]);
        }
        // Every number below the next is taken, and none from there on; so only an id can be known then.
        if dseq >= device.next_dseq && !self.0.contains_key(&event.id) {
            return Ok(Vec::new());
        }
        Ok(tx.event_known(device.id, dseq, event.id).await?)
    }

    /// Notes an event that was added.
    pub(super) fn add(&mut self, event: StoredEvent) {
        self.0.insert(event.id, event);
    }
}
