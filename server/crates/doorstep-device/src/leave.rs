//! Leaving at once: nobody stays at a door where they were asked to go, or where somebody is in distress. Nothing else has to
//! be filled in for it; what is missing can be said later.

use doorstep_domain::contact::{ContactOutcome, MatterOutcome};
use doorstep_wire::sync::Position;
use uuid::Uuid;

use crate::device::Device;
use crate::error::DeviceError;
use crate::visit::{FinishInput, Finished};

/// Why a crew leaves at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    /// They were asked to.
    Asked,
    /// The person is in distress, or does not seem to understand what is going on.
    Distress,
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
            },
            promise: None,
            note: None,
            done: Vec::new(),
            evidence: Vec::new(),
            anyway: true,
        };
        self.visit_finish(visit, input).await
    }
}
