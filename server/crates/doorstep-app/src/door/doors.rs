//! The doors that a push speaks of: visits as they stand within its transaction, with what the rules need.

use std::collections::HashMap;

use doorstep_domain::id::{Alias, ConflictId, DeviceId, PersonId, VisitId};
use doorstep_domain::visit::VisitState;
use doorstep_store::WriteTx;
use doorstep_store::device::DoorSince;
use doorstep_store::visit::Visit;
use uuid::Uuid;

use crate::conflict::Asked;
use crate::error::AppError;
use crate::facts::Known;
use crate::push::ByAlias;

/// The visits that a push speaks of, with their cases.
pub(crate) struct Doors {
    /// The aliases of visits that the events name, known or not.
    named: Vec<Uuid>,
    pub(super) visits: ByAlias<Visit>,
    /// From when on the device may have been at each.
    since: HashMap<VisitId, DoorSince>,
    known: Vec<Known>,
    /// The conflicts that the push settles.
    pub(crate) asked: HashMap<ConflictId, Asked>,
}

impl Doors {
    pub(crate) fn new(
        named: Vec<Uuid>,
        visits: Vec<Visit>,
        known: Vec<Known>,
        asked: HashMap<ConflictId, Asked>,
    ) -> Self {
        Self {
            named,
            visits: visits.into_iter().map(|visit| (visit.alias, visit)).collect(),
            since: HashMap::new(),
            known,
            asked,
        }
    }
    /// Locks the visits of the push and reads them as they stand now; nobody else changes them until the transaction ends.
    /// Where `ahead`, with what a restriction of their persons may change: all their visits ahead and cases.
    pub(crate) async fn lock(&mut self, tx: &mut WriteTx, (device, ahead): (DeviceId, bool)) -> Result<(), AppError> {
        if self.named.is_empty() {
            return Ok(());
        }
        let persons: Vec<Uuid> = self.persons().map(|person| person.0).collect();
        if ahead {
            tx.ahead_lock(&persons, &self.named).await?;
        } else {
            tx.person_lock(&persons).await?;
            tx.visit_lock(&self.named).await?;
        }
        let visits = tx.visit_by_alias(&self.named).await?;
        let ids: Vec<Uuid> = visits.iter().map(|visit| visit.id.0).collect();
        self.since = tx.door_since(device, &ids).await?;
        self.visits = visits.into_iter().map(|visit| (visit.alias, visit)).collect();
        Ok(())
    }
    /// From when on the device may have been at a visit's door.
    pub(crate) fn since(&self, visit: VisitId) -> Option<DoorSince> {
        self.since.get(&visit).copied()
    }
    pub(crate) fn persons(&self) -> impl Iterator<Item = PersonId> {
        self.known.iter().map(|known| known.view.case.person)
    }
    /// Whether the events name no visit at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.named.is_empty()
    }
    pub(crate) fn visit(&self, alias: Alias) -> Option<VisitId> {
        self.visits.get(&alias).map(|visit| visit.id)
    }
    /// Who is visited, and the alias that stands for them in the log.
    pub(crate) fn person(&self, visit: Alias) -> Option<(PersonId, Alias)> {
        let view = &self.known_of(visit)?.view;
        Some((view.case.person, view.person_alias))
    }
    /// Notes that a visit was withdrawn by an event before the next one.
    pub(super) fn withdrawn(&mut self, visit: &Visit, rule: String) {
        if let Some(known) = self.visits.get_mut(&visit.alias) {
            known.state = VisitState::Cancelled;
            known.withdrawn = Some(rule);
            known.version += 1;
        }
    }
    pub(super) fn known_of(&self, visit: Alias) -> Option<&Known> {
        let case = self.visits.get(&visit)?.case;
        self.known.iter().find(|known| known.view.case.id == case)
    }
}
