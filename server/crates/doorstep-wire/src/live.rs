//! The day as it goes, as a supervisor sees it.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::alarm::LastPlace;

/// Which day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct LiveQuery {
    /// ISO date; the local day of the caller's crews where absent.
    pub day: Option<String>,
}

/// A day as it goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LiveView {
    /// The day, ISO date.
    pub day: String,
    /// As of when.
    pub as_of: i64,
    /// How many alarms in the caller's scope are not over.
    pub alarms: u64,
    /// The crews of the caller's scope, by name.
    pub crews: Vec<LiveCrew>,
    /// The newest 50 events of the day, newest first.
    pub feed: Vec<LiveEvent>,
}

/// A crew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LiveCrew {
    /// The crew.
    pub crew: Uuid,
    /// Its name.
    pub crew_name: String,
    /// Who travels in it.
    pub staff: Vec<LiveStaff>,
    /// Means of travel.
    pub means: String,
    /// IANA name of the time zone in which it works.
    pub zone: String,
    /// `off-shift`, `not-started`, `travelling`, `on-site`, `overdue`, `silent`, `sos` or `done`.
    pub state: String,
    /// Stops of the day.
    pub planned: u64,
    /// Of these, finished.
    pub done: u64,
    /// Of these, left out with a reason.
    pub skipped: u64,
    /// Seconds behind the plan at the last check-in or check-out; less than 0 where ahead of it.
    pub late_s: Option<i64>,
    /// The visit at which it is.
    pub on_site: Option<OnSite>,
    /// Where it was when one of its devices last told; only during the shift, or while something may be wrong.
    pub position: Option<LastPlace>,
    /// When one of its devices was last heard of.
    pub heard_at: Option<i64>,
    /// Its stops in the order of the route; empty for who may see no cases.
    pub stops: Vec<LiveStop>,
}

/// A member of a crew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LiveStaff {
    /// Id.
    pub id: Uuid,
    /// Staff number.
    pub login: String,
    /// Name.
    pub name: String,
}

/// A visit that has begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OnSite {
    /// The visit.
    pub visit: Uuid,
    /// The lender's number; absent for who may see no cases.
    pub case_no: Option<String>,
    /// Check-in.
    pub since: i64,
    /// Expected check-out.
    pub due_out: Option<i64>,
    /// Whether the expected check-out plus the grace is over.
    pub overdue: bool,
}

/// A stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LiveStop {
    /// The visit.
    pub visit: Uuid,
    /// The lender's number; empty where the person was erased.
    pub case_no: String,
    /// Position in the route, from 0.
    pub position_in_route: u64,
    /// Planned start.
    pub planned_start: i64,
    /// Latitude in 1e-7 degrees; absent where the person was erased.
    pub lat_e7: Option<i64>,
    /// Longitude of the same.
    pub lon_e7: Option<i64>,
    /// `planned`, `started`, `finished` or `cancelled`.
    pub state: String,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LiveEvent {
    /// When it came.
    pub at: i64,
    /// Kind of event.
    pub kind: String,
    /// The crew of who sent it.
    pub crew: Uuid,
    /// The visit.
    pub visit: Option<Uuid>,
    /// The lender's number; absent for who may see no cases, and for visits of another day or scope.
    pub case_no: Option<String>,
    /// What is remarkable about it, by code.
    pub flags: Vec<String>,
}
