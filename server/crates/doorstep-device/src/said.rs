//! What is said at a door, and what never is: sentences of the packs that the permit names, to those who may hear them.
//!
//! Nothing that tells what a visit is about before the person is recognised: what is for others tells it to nobody. Without packs
//! that this device has, what holds at every door.

use doorstep_domain::door::Hearer;
use doorstep_rules::DoorSentence;

use crate::device::Device;
use crate::error::DeviceError;
use crate::packs::Packs;
use crate::view::VisitView;

impl Device {
    /// What may be said to whoever opens, by packs that permits name.
    pub async fn said_to_anybody(&self, packs: &[String]) -> Result<Vec<DoorSentence>, DeviceError> {
        let mut connection = self.db.pool().acquire().await?;
        let held = self.packs(&mut connection).await?;
        Ok(of(&held, packs, &[Hearer::Anybody]))
    }
}

/// What those hear who may, as the visit stands.
pub(crate) fn heard(packs: &Packs, view: &VisitView) -> Vec<DoorSentence> {
    let mut hearers = vec![Hearer::Anybody, Hearer::Related];
    if view.confirmed_at.is_some() {
        hearers.push(Hearer::Identified);
    }
    let named = view.stop.as_ref().map_or(&[][..], |stop| &stop.gate.packs);
    of(packs, named, &hearers)
}

fn of(packs: &Packs, names: &[String], hearers: &[Hearer]) -> Vec<DoorSentence> {
    let mut found = packs.sentences(names);
    found.retain(|sentence| hearers.contains(&sentence.to));
    found.sort_by_key(|sentence| (sentence.when, sentence.how));
    found
}
