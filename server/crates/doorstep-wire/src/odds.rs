//! Chances of visits and what visits are worth. Chances are parts of a million, money is in millionths of the planner's unit.
//!
//! Chances by hour are told of kinds of places alone. Nothing here that names a case tells an hour.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// One version of the chances that plans are made with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OddsModel {
    /// Counts the versions from 1; 0 where nothing was learned yet and what is assumed holds.
    pub version: i64,
    /// When it was learned, in microseconds since 1970 UTC; absent for version 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trained_at: Option<i64>,
    /// The day of the first visit it knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_day: Option<String>,
    /// The day of the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_day: Option<String>,
    /// Visits that were made.
    pub visits: u64,
    /// Those that met somebody.
    pub met: u64,
    /// Those at which somebody came to the door and it was noted how the matter stood.
    pub at_the_door: u64,
    /// Those of them that ended in an agreement.
    pub agreed: u64,
    /// SHA-256 of what it was learned from, in hexadecimal; empty for version 0.
    pub digest: String,
}

/// How good the chances are on days that were held out, and how groups differ. Aggregates only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OddsReport {
    /// The version that plans are made with.
    pub model: OddsModel,
    /// Visits that the report looks at: for staff of an agency its own, otherwise all.
    pub visits: u64,
    /// The least visits behind a figure; of fewer nothing is told.
    pub visits_least: u64,
    /// Both chances on held-out days; one that cannot be judged yet is left out.
    pub judged: Vec<OddsJudged>,
    /// Chances of meeting somebody by kind of place, class of day and band of hours.
    pub hours: Vec<OddsHour>,
    /// Differences between groups.
    pub groups: Vec<OddsGroupItem>,
}

/// How good a chance is on held-out days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OddsJudged {
    /// What the chance is of: `meeting` or `agreement`.
    pub of: String,
    /// How often it was put to the test.
    pub trials: u64,
    /// How often it happened.
    pub happened: u64,
    /// Brier score in parts of a million: 0 is perfect.
    pub brier_ppm: i64,
    /// Brier score of who always says the base rate of the other days.
    pub base_ppm: i64,
    /// The part of that error which is saved; below zero the chances are worse than the base rate.
    pub skill_ppm: i64,
    /// Mean distance of what was said from what happened, over the bins of the curve.
    pub gap_ppm: i64,
    /// The calibration curve, lowest chance first.
    pub curve: Vec<OddsBin>,
}

/// A bin of a calibration curve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OddsBin {
    /// From which chance.
    pub from_ppm: u32,
    /// Below which.
    pub to_ppm: u32,
    /// How often such a chance was given.
    pub trials: u64,
    /// How often it happened.
    pub happened: u64,
    /// The mean of the chances given.
    pub said_ppm: u32,
    /// The part in which it happened.
    pub happened_ppm: u32,
}

/// A chance of meeting somebody at a kind of place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OddsHour {
    /// The kind of place.
    pub place: String,
    /// The class of day.
    pub day: String,
    /// The band of hours.
    pub hours: String,
    /// The chance.
    pub chance_ppm: u32,
    /// Visits behind it.
    pub visits: u64,
    /// Those that met somebody.
    pub met: u64,
    /// What it is made of, coarse to fine: their product is the chance.
    pub factors: Vec<OddsFactorItem>,
}

/// A part of a chance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OddsFactorItem {
    /// What it is: `prior`, `all`, `place`, `day`, `hours`.
    pub of: String,
    /// Of what; empty for the first two.
    pub name: String,
    /// What it multiplies the chance before it by; for `prior` the chance that is assumed.
    pub ratio_ppm: u64,
    /// Visits behind it; 0 where there are too few.
    pub visits: u64,
    /// Those that met somebody.
    pub happened: u64,
}

/// A group of visits: what was said of it on held-out days, and what happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OddsGroupItem {
    /// What the chance is of.
    pub of: String,
    /// By what it is a group: `portfolio`, `team` or `place`.
    pub by: String,
    /// Its name.
    pub name: String,
    /// How often the chance was put to the test.
    pub trials: u64,
    /// The mean of the chances that were given.
    pub said_ppm: u32,
    /// The part in which it happened.
    pub happened_ppm: u32,
    /// Lower end of the 95 % interval.
    pub low_ppm: u32,
    /// Upper end.
    pub high_ppm: u32,
    /// Whether what was said lies outside the interval.
    pub differs: bool,
}

/// What visits to a case are worth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CaseWorth {
    /// The case.
    pub case: Uuid,
    /// The version of the chances.
    pub model: i64,
    /// Visits that were made to the person.
    pub visits_made: u32,
    /// Each day; one on which the rules leave no time has no worth.
    pub days: Vec<DayWorth>,
    /// What it is worth not to visit.
    pub no_visit: Worth,
}

/// What a visit on a day is worth: the mean over the hours that are allowed, so that no hour stands beside a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DayWorth {
    /// The day at the address.
    pub day: String,
    /// The worth; absent where no visit is allowed on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worth: Option<Worth>,
    /// Whether it is above zero and above not visiting.
    pub is_worth_it: bool,
}

/// A worth with its items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Worth {
    /// The items: goods above zero, costs below.
    pub items: Vec<WorthAmount>,
    /// Their sum.
    pub total: i64,
}

/// An item of a worth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WorthAmount {
    /// What it is.
    pub item: String,
    /// How much, in millionths of the planner's unit.
    pub amount: i64,
}

/// Which days to weigh.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WorthQuery {
    /// The first day; today where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<String>,
    /// How many days, 1 to 14.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// Why, where the person is outside the caller's caseload; as when the case itself is opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
}
