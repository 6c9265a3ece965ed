//! A call for help: recorded offline too, and sent before everything else.

use doorstep_domain::event::EventKind;
use doorstep_wire::sync::{Payload, Position};
use uuid::Uuid;

use crate::begun::Begun;
use crate::device::Device;
use crate::error::DeviceError;
use crate::event::Draft;

/// What the payload gives as reason.
const SOS: &str = "sos";

impl Device {
    /// Records a call for help, about the visit that has begun where there is one. Never refused: no permit, lease or
    /// rule is asked. [`Device::push_urgent`] sends it at once; every [`Device::push`] sends it first.
    pub async fn sos(&self, position: Option<Position>) -> Result<Uuid, DeviceError> {
        let mut tx = self.db.begin().await?;
        let payload = Payload {
            reason: Some(SOS.to_owned()),
            position,
            ..Payload::default()
        };
        let mut draft = Draft::new(EventKind::Incident).payload(payload).urgent();
        if let Some(begun) = Begun::current(&mut tx).await? {
            draft = draft.about(&begun.about);
        }
        let event = self.record(&mut tx, draft).await?;
        tx.commit().await?;
        Ok(event)
    }
}
