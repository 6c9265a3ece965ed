//! Recognising the person: the step before anything is said or shown of the matter.

use doorstep_domain::event::EventKind;
use uuid::Uuid;

use crate::begun::Begun;
use crate::device::Device;
use crate::error::DeviceError;
use crate::event::Draft;
use crate::visit::open_visit;

impl Device {
    /// Records that the person met is the one whom the visit is for. The visit must have begun.
    pub async fn identity_confirm(&self, visit: Uuid) -> Result<Uuid, DeviceError> {
        let mut tx = self.db.begin().await?;
        let begun = open_visit(&mut tx, visit).await?;
        if begun.confirmed_at.is_some() {
            let state = "identified";
            return Err(DeviceError::AlreadyDone { visit, state });
        }
        let draft = Draft::new(EventKind::IdentityConfirmed).about(&begun.about);
        let event = self.record(&mut tx, draft).await?;
        let begun = Begun {
            confirmed_at: Some(self.now()),
            ..begun
        };
        begun.store(&mut tx, self.now()).await?;
        tx.commit().await?;
        Ok(event)
    }
}
