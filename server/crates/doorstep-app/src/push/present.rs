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

impl App {
    /// The staff whom the events name, and the crew that the device's owner travels with. Neither counts without a visit.
    pub(super) async fn who_was_there(
        &self,
        actor: &Actor,
        signed: &[Signed],
        doors: &Doors,
    ) -> Result<(HashMap<Uuid, Staff>, Option<CrewId>), AppError> {
        if doors.is_empty() {
            return Ok((HashMap::new(), None));
        }
        let named = signed.iter().flat_map(|event| &event.payload.staff);
        let named: BTreeSet<Uuid> = named.copied().collect();
        let named: Vec<Uuid> = named.into_iter().collect();
        let staff = self.store().staff_get_many(actor.tenant, &named).await?;
        let roster = self.store().roster_of_staff(actor.tenant, actor.staff).await?;
        let by_id = staff.into_iter().map(|one| (one.id.0, one)).collect();
        Ok((by_id, roster.map(|line| line.crew)))
    }
}
