//! The making of a plan as long work: begun, watched, stopped.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::problem::Problem;

/// A plan in the making.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlanJob {
    /// Its id.
    pub id: Uuid,
    /// `waiting`, `running`, `done`, `stopped` or `failed`.
    pub state: String,
    /// What it is busy with, or was last: `reading`, `rules`, `travel`, `search`, `check`, `storing`.
    pub phase: String,
    /// How much is done, of 1000.
    pub done_permille: u32,
    /// Milliseconds since a process began it; until it ended, where it did.
    pub elapsed_ms: i64,
    /// Iterations of the search so far.
    pub iterations: u64,
    /// Worth of the best plan so far, in millionths of the currency's main unit.
    pub best_objective: Option<i64>,
    /// Visits in it.
    pub planned: Option<u64>,
    /// Cases searched that it leaves out; those that the rules leave out come on top.
    pub left_out: Option<u64>,
    /// The proposed plan, where there is one.
    pub plan: Option<Uuid>,
    /// Why it failed.
    pub problem: Option<Problem>,
    /// What the plans came to of which one was kept; empty where only one was searched.
    #[serde(default)]
    pub compared: Vec<super::simulate::ComparedPlan>,
}

/// How to stop.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct StopPlanJob {
    /// Throw away what was found; otherwise the best plan found so far is proposed.
    pub discard: bool,
}
