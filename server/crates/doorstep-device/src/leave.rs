//! Leaving at once: nobody stays at a door where they were asked to go, or where somebody is in distress. Nothing else has to
//! be filled in for it; what is missing can be said later.

use doorstep_domain::case::Flag;
use doorstep_domain::contact::{ContactOutcome, MatterOutcome};
use doorstep_domain::event::EventKind;
use doorstep_log::stop::stop_hash;
use doorstep_wire::sync::{Payload, PermitStop, Position};
use uuid::Uuid;

use crate::begun::Begun;
use crate::device::Device;
use crate::error::DeviceError;
use crate::event::Draft;
use crate::visit::{FinishInput, Finished, VisitState};

/// Why a crew leaves at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    /// They were asked to.
    Asked,
    /// The person is in distress, or does not seem to understand what is going on.
    Distress,
    /// They gave the stop code of their notice: nobody comes any more until a person decides.
    StopCode,
}

impl Device {
    /// Ends a visit that has begun, without waiting for anything that rules require of its end: that is flagged, and no
    /// reason to stay.
    pub async fn visit_leave(
        &self,
        visit: Uuid,
        leaving: Leaving,
        position: Option<Position>,
    ) -> Result<Finished, DeviceError> {
        let input = FinishInput {
            position,
            outcome: ContactOutcome::AskedToLeave,
            matter: match leaving {
                Leaving::Asked => None,
                Leaving::Distress => Some(MatterOutcome::Vulnerable),
                Leaving::StopCode => Some(MatterOutcome::CeaseContact),
            },
            promise: None,
            note: None,
            done: Vec::new(),
            evidence: Vec::new(),
            anyway: true,
        };
        self.visit_finish(visit, input).await
    }

    /// Ends a visit by the stop code of a notice, without a network: one that has begun is left, one that has not does not
    /// begin, and of one that is over it is kept that nobody comes any more. [`DeviceError::StopCode`] where the permit knows no such code for this person.
    pub async fn visit_stop(&self, visit: Uuid, code: &str) -> Result<Vec<Uuid>, DeviceError> {
        self.enforce_lease().await?;
        let mut connection = self.db.pool().acquire().await?;
        let begun = Begun::load(&mut connection, visit).await?;
        let alias = match &begun {
            Some(begun) => begun.about.visit_alias,
            None => self.door_to_open(&mut connection, visit).await?.visit_alias,
        };
        let permits = self.permits(&mut connection).await?;
        drop(connection);
        let stops = permits.iter().flat_map(|permit| &permit.doors);
        let mut stops = stops.filter(|door| door.visit == alias).flat_map(|door| &door.stops);
        if !stops.any(|stop| is_code_of(stop, code)) {
            return Err(DeviceError::StopCode);
        }
        match begun.map(|begun| begun.state) {
            Some(VisitState::Started) => Ok(self.visit_leave(visit, Leaving::StopCode, None).await?.events),
            Some(VisitState::Finished | VisitState::Skipped) => self.stop_after(visit).await,
            None => self.stop_before(visit).await,
        }
    }

    /// Records what was asked of a crew that was about to go.
    async fn stop_after(&self, visit: Uuid) -> Result<Vec<Uuid>, DeviceError> {
        let mut tx = self.db.begin().await?;
        let begun = Begun::load(&mut tx, visit)
            .await?
            .ok_or(DeviceError::NotStarted { visit })?;
        let stop = Flag::CeaseContact.code();
        if begun.stops.as_deref() == Some(stop) {
            return Err(DeviceError::AlreadyDone {
                visit,
                state: begun.state.code(),
            });
        }
        let asked = Draft::new(EventKind::DoNotContact).about(&begun.about);
        let begun = Begun {
            stops: Some(stop.to_owned()),
            ..begun
        };
        let events = vec![self.record(&mut tx, asked).await?];
        begun.store(&mut tx, self.now()).await?;
        tx.commit().await?;
        Ok(events)
    }

    /// Leaves out a visit that was stopped before it began, and records what was asked.
    async fn stop_before(&self, visit: Uuid) -> Result<Vec<Uuid>, DeviceError> {
        let mut tx = self.db.begin().await?;
        let door = self.door_to_open(&mut tx, visit).await?;
        let begun = Begun {
            stops: Some(Flag::CeaseContact.code().to_owned()),
            ..Begun::skipped(&door, None)
        };
        let asked = Draft::new(EventKind::DoNotContact).about(&begun.about);
        let skipped = Payload {
            reason: Some(STOP_CODE.to_owned()),
            ..Payload::default()
        };
        let skipped = Draft::new(EventKind::StopSkipped).about(&begun.about).payload(skipped);
        let events = vec![self.record(&mut tx, asked).await?, self.record(&mut tx, skipped).await?];
        begun.store(&mut tx, self.now()).await?;
        tx.commit().await?;
        Ok(events)
    }
}

/// Why a visit was left out that a stop code ended.
const STOP_CODE: &str = "stop-code";

fn is_code_of(stop: &PermitStop, code: &str) -> bool {
    stop_hash(stop.visit.as_bytes(), code).is_some_and(|hash| hash.to_hex() == stop.hash)
}
