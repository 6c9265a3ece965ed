//! Largest values a problem may hold. They are far above real work and low enough that no sum of the search, of a plan
//! or of a check can overflow 64 bits: 50,000 visits at their largest value, travel and weight stay below 2^63.

/// Seconds of a day of the plan.
pub const DAY_SECONDS: i64 = 86_400;
/// Latest time, in seconds since the first midnight: 400 days.
pub const TIME_MAX: i64 = 400 * DAY_SECONDS;
/// Longest service of one visit, in seconds.
pub const SERVICE_SECONDS_MAX: i64 = DAY_SECONDS;
/// Longest access of one level, in seconds.
pub const ACCESS_SECONDS_MAX: i64 = DAY_SECONDS;
/// Longest shift, in seconds: two days.
pub const SHIFT_SECONDS_MAX: i64 = 2 * DAY_SECONDS;
/// Longest drive between two places, in seconds.
pub const ARC_SECONDS_MAX: u32 = 1_000_000;
/// Farthest drive between two places, in metres.
pub const ARC_METRES_MAX: u32 = 20_000_000;
/// Largest value of a window and largest price of a change, in micro-cost either way from zero (values) or from zero up
/// (prices).
pub const MONEY_MAX: i64 = 1_000_000_000_000;
/// Largest cost of a metre, in micro-cost.
pub const COST_PER_METRE_MAX: i64 = 1_000_000;
/// Largest cost of a second of work, in micro-cost.
pub const COST_PER_SECOND_MAX: i64 = 1_000_000;
/// Most visits of a problem.
pub const VISITS_MAX: usize = 50_000;
/// Most shifts of a problem.
pub const SHIFTS_MAX: usize = 10_000;
/// Most places of a matrix.
pub const PLACES_MAX: usize = 50_000;
/// Most windows of one visit.
pub const WINDOWS_MAX: usize = 1_000;
