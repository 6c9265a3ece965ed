//! Visits as the office sees them.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::recording::RecordingStanding;

/// A visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VisitItem {
    /// Its id.
    pub id: Uuid,
    /// The case.
    pub case: Uuid,
    /// The crew.
    pub crew: Uuid,
    /// IANA name of the time zone of the address.
    pub zone: String,
    /// The day, ISO date.
    pub day: String,
    /// `planned`, `started`, `finished` or `cancelled`.
    pub state: String,
    /// Planned start.
    pub planned_start: i64,
    /// Planned end.
    pub planned_end: i64,
    /// Check-in.
    pub started_at: Option<i64>,
    /// Expected check-out.
    pub due_out: Option<i64>,
    /// Check-out.
    pub finished_at: Option<i64>,
    /// What came of the contact.
    pub outcome: Option<String>,
    /// What came of the matter.
    pub matter: Option<String>,
    /// What is remarkable about its events, by code, each once: see the flags of events.
    #[serde(default)]
    pub flags: Vec<String>,
    /// Where its recording stands, if a rule requires one and the crew says that it was made.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub recording: Option<RecordingStanding>,
}

/// Which visits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct VisitQuery {
    /// The day, ISO date.
    pub day: Option<String>,
    /// The state.
    pub state: Option<String>,
}
