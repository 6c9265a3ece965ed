//! What becomes of a plan on real days: many replays of it, summed up.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// How a plan is replayed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SimulateRequest {
    /// How often, 20 to 10,000; 1,000 where absent.
    pub runs: Option<u32>,
    /// Seed of the luck; 1 where absent. The same seed gives the same figures.
    pub seed: Option<u64>,
    /// By how many hundredths roads are slower than assumed, 0 to 300.
    pub slow_percent: Option<u32>,
    /// By how many hundredths visits last longer than assumed, 0 to 300.
    pub overrun_percent: Option<u32>,
    /// The chance that a visit meets somebody, 1 to 100 of 100, for all visits alike.
    pub met_percent: Option<u32>,
    /// Days that go exactly as planned, to see what the plan itself says.
    pub exact: bool,
    /// Another plan, replayed under the same luck.
    pub against: Option<Uuid>,
}

/// A number that differs from run to run, in the unit of its field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FigureItem {
    /// The mean.
    pub mean: i64,
    /// Its standard error.
    pub error: i64,
    /// What one run in twenty does not exceed.
    pub p5: i64,
    /// What half of the runs do not exceed.
    pub p50: i64,
    /// What all but one run in twenty do not exceed.
    pub p95: i64,
}

/// How often something happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ShareItem {
    /// In parts per million.
    pub ppm: i64,
    /// Its standard error, in parts per million.
    pub error_ppm: i64,
}

/// A quantile of what is assumed: so large a share does not exceed the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Quantile {
    /// The share in parts per million.
    pub ppm: u32,
    /// The value, in the unit of its list.
    pub value: i64,
}

/// What is assumed of real days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Assumed {
    /// The chance that a visit meets somebody, of 100.
    pub met_percent: u32,
    /// How long a visit takes that meets somebody, in thousandths of its planned time.
    pub service_permille: Vec<Quantile>,
    /// How long a crew is at a door that nobody opens, in seconds.
    pub nobody_s: Vec<Quantile>,
    /// How long one way takes, in thousandths of its planned time.
    pub way_permille: Vec<Quantile>,
    /// How slow roads are on a day for all crews alike, in thousandths on top of that.
    pub roads_permille: Vec<Quantile>,
    /// How many seconds late a crew leaves.
    pub late_start_s: Vec<Quantile>,
    /// Seconds around the planned start that people were told.
    pub told_s: i64,
}

/// What may become of a route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RouteRiskItem {
    /// The crew.
    pub crew: Uuid,
    /// Its name.
    pub crew_name: String,
    /// The day, ISO date.
    pub day: String,
    /// Visits planned.
    pub planned: u64,
    /// Visits made, in thousandths of a visit.
    pub made: FigureItem,
    /// Worth less travel and time, in millionths of the main unit.
    pub total: FigureItem,
    /// How often it lasts longer than the shift.
    pub late_back: ShareItem,
    /// By how many seconds, over all runs.
    pub overtime: FigureItem,
}

/// What may become of a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VisitRiskItem {
    /// The visit.
    pub visit: Uuid,
    /// Its case.
    pub case: Uuid,
    /// The lender's number.
    pub case_no: Option<String>,
    /// When it is planned to start.
    pub starts: i64,
    /// How often there is no time for it.
    pub falls_out: ShareItem,
    /// How often it begins after the hours that the person was told.
    pub after_told: ShareItem,
    /// By how many seconds it begins late where it is made, in the mean.
    pub delay_s: i64,
}

/// Another plan under the same luck.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Comparison {
    /// The plan.
    pub plan: Uuid,
    /// Visits planned in it.
    pub planned: u64,
    /// Its planned worth, in millionths of the main unit.
    pub objective: i64,
    /// Its worth less travel and time, in millionths of the main unit.
    pub total: FigureItem,
    /// Its visits made, in thousandths of a visit.
    pub made: FigureItem,
    /// How often a shift of it has overtime.
    pub late_back: ShareItem,
    /// By how much the first plan gives more than it (less than 0: less), run by run.
    pub more: FigureItem,
    /// In how many runs the first plan gives more.
    pub better: ShareItem,
}

/// A plan on real days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlanSimulation {
    /// The plan.
    pub plan: Uuid,
    /// IANA name of the plan's time zone.
    pub zone: String,
    /// How often it was replayed.
    pub runs: u32,
    /// The seed of the luck.
    pub seed: u64,
    /// What was assumed.
    pub assumed: Assumed,
    /// Visits planned.
    pub planned: u64,
    /// Planned worth less travel and time, in millionths of the main unit.
    pub objective: i64,
    /// Worth of the visits, in millionths of the main unit.
    pub value: FigureItem,
    /// Worth less travel and time.
    pub total: FigureItem,
    /// Visits made, in thousandths of a visit.
    pub made: FigureItem,
    /// Visits that met somebody, in thousandths of a visit.
    pub met: FigureItem,
    /// How often a crew's shift has overtime.
    pub late_back: ShareItem,
    /// Seconds of it for a shift, over all runs.
    pub overtime: FigureItem,
    /// By how many seconds visits that are made begin late.
    pub delay: FigureItem,
    /// How often a visit that is made begins after the hours that the person was told.
    pub after_told: ShareItem,
    /// The routes, the worst first.
    pub routes: Vec<RouteRiskItem>,
    /// The visits, those that fall out most first.
    pub visits: Vec<VisitRiskItem>,
    /// Visits that were not replayed because the rules no longer give them their hours.
    pub stopped: Vec<Uuid>,
    /// Another plan under the same luck, where one was named.
    pub against: Option<Comparison>,
}

/// One of the plans that were searched and compared for one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComparedPlan {
    /// Seed of its search.
    pub seed: u64,
    /// Seconds that its visits are planned to take longer than they do.
    pub padding_s: i64,
    /// Visits planned.
    pub planned: u64,
    /// Planned worth less travel and time, in millionths of the main unit.
    pub objective: i64,
    /// The same on simulated days.
    pub total: FigureItem,
    /// Visits made on simulated days, in thousandths of a visit.
    pub made: FigureItem,
    /// How often a crew's shift has overtime.
    pub late_back: ShareItem,
    /// By how many seconds visits that are made begin late.
    pub delay: FigureItem,
    /// Whether this is the plan that was kept.
    pub kept: bool,
    /// By how much the plan that was kept gives more than it, run by run; absent for that plan itself.
    pub behind: Option<FigureItem>,
}
