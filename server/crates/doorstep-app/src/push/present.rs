//! Who was at a door, as far as a push says.

use std::collections::{BTreeSet, HashMap};

use doorstep_domain::id::CrewId;
use doorstep_store::staff::Staff;
use uuid::Uuid;

use super::Signed;
use crate::App;
use crate::actor::Actor;
use crate::door::Doors;
use crate::error::AppError;
use crate::records::Records;

/// Who was at the doors of a push.
#[derive(Debug, Default)]
pub(crate) struct Present {
    /// The staff whom its events name.
    pub(crate) staff: HashMap<Uuid, Staff>,
    /// What is on record of them.
    pub(crate) records: Records,
    /// The crew that the device's owner travels with.
    pub(crate) crew: Option<CrewId>,
}

impl App {
    /// The staff whom the events name, and the crew that the device's owner travels with. Neither counts without a visit.
    pub(super) async fn who_was_there(
        &self,
        actor: &Actor,
        signed: &[Signed],
        doors: &Doors,
    ) -> Result<Present, AppError> {
        if doors.is_empty() {
            return Ok(Present::default());
        }
        let named = signed.iter().flat_map(|event| &event.payload.staff);
        let named: BTreeSet<Uuid> = named.copied().collect();
        let named: Vec<Uuid> = named.into_iter().collect();
        let staff = self.store().staff_get_many(actor.tenant, &named).await?;
        let records = self.records(actor.tenant, staff.iter().map(|one| one.id)).await?;
        let roster = self.store().roster_of_staff(actor.tenant, actor.staff).await?;
        Ok(Present {
            staff: staff.into_iter().map(|one| (one.id.0, one)).collect(),
            records,
            crew: roster.map(|line| line.crew),
        })
    }
}
