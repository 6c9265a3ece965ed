//! Looking closer at a plan: what it changes against others, what it leaves out, and where its stops are.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::odds::Worth;

/// What a plan is compared with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct DiffQuery {
    /// The plan to compare with; where absent, the published plans that it supersedes or would supersede.
    pub against: Option<Uuid>,
}

/// The sums of one plan, or of several that give way together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlanTotals {
    /// Visits planned.
    pub visits: u64,
    /// Worth in millionths of the currency's main unit.
    pub objective: i64,
    /// Length of all routes in metres.
    pub metres: i64,
    /// Time under way in seconds.
    pub driving: i64,
}

/// How many visits of a comparison changed in each way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChangeCounts {
    /// Planned now and not before.
    pub added: u64,
    /// Planned before and not now.
    pub dropped: u64,
    /// On another day.
    pub moved_day: u64,
    /// On the same day with another crew.
    pub moved_crew: u64,
    /// With the same crew on the same day at another time.
    pub moved_time: u64,
    /// As before, to the minute.
    pub same: u64,
}

/// Where one side of a comparison has a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChangePlace {
    /// The plan.
    pub plan: Uuid,
    /// The visit.
    pub visit: Uuid,
    /// The crew.
    pub crew: Uuid,
    /// Its name.
    pub crew_name: String,
    /// The day, ISO date.
    pub day: String,
    /// When the visit starts.
    pub starts: i64,
    /// When it ends.
    pub ends: i64,
}

/// What became of one visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VisitChange {
    /// The case.
    pub case: Uuid,
    /// The lender's number.
    pub case_no: Option<String>,
    /// `dropped`, `added`, `moved-day`, `moved-crew`, `moved-time` or `same`: the greatest change names it.
    pub change: String,
    /// Where it was.
    pub before: Option<ChangePlace>,
    /// Where it is.
    pub after: Option<ChangePlace>,
    /// Seconds by which it starts later (less than 0: earlier), where it is on both sides.
    pub by_s: Option<i64>,
    /// Why it is not planned now, as a code or rule id, where it was dropped and the new plan looked at its case.
    pub reason: Option<String>,
    /// The same as a sentence in the language asked for.
    pub sentence: Option<String>,
}

/// A plan beside those that it takes the place of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlanDiff {
    /// The plan.
    pub plan: Uuid,
    /// What it is compared with; empty where nothing gives way, and all its visits are new.
    pub against: Vec<Uuid>,
    /// IANA name of the plan's time zone.
    pub zone: String,
    /// The sums of those.
    pub before: PlanTotals,
    /// The sums of the plan.
    pub after: PlanTotals,
    /// The changes, counted.
    pub counts: ChangeCounts,
    /// Every visit of both sides: dropped ones first, then added and moved ones, then those that stay; by time within.
    pub changes: Vec<VisitChange>,
}

/// Which of the cases that a plan leaves out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct LeftOutQuery {
    /// Only those with this reason: a code, or the id of a rule.
    pub reason: Option<String>,
    /// At most this many, up to 500; 50 where absent.
    pub limit: Option<u32>,
    /// `next` of the page before.
    pub cursor: Option<String>,
}

/// A case that a plan leaves out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeftOutItem {
    /// The case.
    pub case: Uuid,
    /// The lender's number; absent where the person was erased.
    pub case_no: Option<String>,
    /// Code of the reason, or id of the strictest rule.
    pub reason: String,
    /// The same as a sentence in the language asked for.
    pub sentence: String,
    /// From when the rules would allow a visit, where all that forbid it say so.
    pub until: Option<i64>,
    /// What a visit is worth at the best time, where that decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worth: Option<Worth>,
    /// What it is worth not to visit, where that decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_visit: Option<Worth>,
}

/// Where a planned visit is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VisitPoint {
    /// The visit.
    pub visit: Uuid,
    /// Latitude, 1e-7 degrees in WGS-84.
    pub lat_e7: i64,
    /// Longitude.
    pub lon_e7: i64,
}

/// Where a crew's routes begin and end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CrewPoint {
    /// The crew.
    pub crew: Uuid,
    /// Latitude, 1e-7 degrees in WGS-84.
    pub lat_e7: i64,
    /// Longitude.
    pub lon_e7: i64,
}

/// The places of a plan, without a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlanPoints {
    /// The plan.
    pub plan: Uuid,
    /// Its visits; those of persons who were erased are missing.
    pub visits: Vec<VisitPoint>,
    /// Where the routes of its crews begin and end as the roster now says; empty for who may not plan.
    pub crews: Vec<CrewPoint>,
}
