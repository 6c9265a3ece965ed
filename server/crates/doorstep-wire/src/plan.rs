//! Plans.

pub mod job;
pub mod look;
pub mod simulate;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::odds::Worth;

/// Asks for a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct PlanRequest {
    /// The team; the caller's own where absent.
    pub team: Option<Uuid>,
    /// First day, as an ISO date; today where absent.
    pub first_day: Option<String>,
    /// Number of days, 1 to 14; 1 where absent.
    pub days: Option<u32>,
    /// Seed of the search; 1 where absent.
    pub seed: Option<u64>,
    /// Iterations of the search, at most 1,000,000; enough for a decent plan where absent.
    pub iterations: Option<u64>,
    /// Seconds that the search may take at most, 1 to 300; 20 where absent.
    pub seconds: Option<u32>,
    /// Plans also visits for which no notice can leave in time. Publishing such a plan needs a reason.
    pub without_notice: bool,
    /// Seconds that visits are planned to take longer than they do, at most 3,600, so that a route bears delays; 0 where absent.
    pub padding_s: Option<u32>,
    /// How many plans are searched, with other paddings and seeds, 1 to 8; the one that gives most on simulated days is kept.
    pub compare: Option<u32>,
}

/// How a plan is published.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct PublishQuery {
    /// Why its visits are made without notice: `person-asked`, `unreachable` or `demonstration`; with notice where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub without_notice: Option<String>,
    /// The creditor's approval of that (`notice.waive`), which an agency needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<Uuid>,
}

/// A plan in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlanItem {
    /// Its id.
    pub id: Uuid,
    /// The team.
    pub team: Uuid,
    /// First day, ISO date.
    pub first_day: String,
    /// Number of days.
    pub days: i64,
    /// `proposed`, `published` or `superseded`.
    pub state: String,
    /// Visits planned.
    pub planned: u64,
    /// Cases looked at and not planned.
    pub left_out: u64,
    /// Worth in millionths of the currency's main unit.
    pub objective: i64,
    /// `estimate` (great circle × factor) or `roads`.
    pub travel: String,
    /// Findings of the independent check; empty: none.
    pub findings: Vec<String>,
    /// The rule packs.
    pub packs: String,
    /// IANA name of the time zone in which its days are counted.
    pub zone: String,
    /// Counts changes; what `If-Match` must name.
    pub version: i64,
    /// When it was made.
    pub created_at: i64,
}

/// A visit in a route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlannedVisit {
    /// The visit.
    pub visit: Uuid,
    /// The case.
    pub case: Uuid,
    /// The lender's number.
    pub case_no: Option<String>,
    /// When the crew arrives.
    pub arrive: i64,
    /// When the visit starts.
    pub starts: i64,
    /// When it ends.
    pub ends: i64,
    /// What it is worth before time and way, less what it has to beat, in millionths of the planner's unit: the mean over
    /// the hours that are allowed on its day.
    pub value: i64,
    /// What that is made of, with its part of the route's time and way; absent in plans from before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worth: Option<Worth>,
}

/// A route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RouteItem {
    /// Its id.
    pub id: Uuid,
    /// The crew.
    pub crew: Uuid,
    /// Its name.
    pub crew_name: String,
    /// Logins of who travels in it, as the roster now says.
    #[serde(default)]
    pub staff: Vec<String>,
    /// The day, ISO date.
    pub day: String,
    /// When the crew leaves.
    pub depart: i64,
    /// When it is back.
    pub back: i64,
    /// Length in metres.
    pub metres: i64,
    /// Time under way in seconds.
    pub driving: i64,
    /// The visits in order.
    pub visits: Vec<PlannedVisit>,
}

/// Why a case is not planned, counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReasonCount {
    /// Code of the reason, or id of the rule.
    pub reason: String,
    /// In words.
    pub words: String,
    /// How many cases.
    pub cases: u64,
}

/// A plan with its routes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlanDetail {
    /// The plan.
    #[serde(flatten)]
    pub item: PlanItem,
    /// Its routes by day and crew.
    pub routes: Vec<RouteItem>,
    /// Why cases are not planned, most frequent first.
    pub reasons: Vec<ReasonCount>,
    /// What staff of the team lack on its days, and what of theirs ends within 30 days after them, as sentences.
    #[serde(default)]
    pub warnings: Vec<String>,
}

/// What a plan says of one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Why {
    /// The case.
    pub case: Uuid,
    /// Its place in a route, where it is planned.
    pub planned: Option<PlannedVisit>,
    /// The crew that has it.
    pub crew: Option<Uuid>,
    /// IANA name of the plan's time zone.
    pub zone: String,
    /// Code of the reason why it is not planned, or id of the strictest rule.
    pub reason: Option<String>,
    /// The same as a sentence in the language asked for.
    pub sentence: String,
    /// What the rules said, where they decided.
    pub verdict: Option<crate::case::VerdictItem>,
    /// What a visit is worth, by item: of a planned one the mean over its day, of one that is not worth it at the best time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worth: Option<Worth>,
    /// What it is worth not to visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_visit: Option<Worth>,
}
