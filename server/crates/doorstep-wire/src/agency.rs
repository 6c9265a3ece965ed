//! Agencies: the white list by portfolio, and evaluations.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// An agency that visits for the creditor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgencyItem {
    /// Its id.
    pub id: Uuid,
    /// Its name, as in case files.
    pub name: String,
    /// Whether it is on the white list for any portfolio; cases are given to no other.
    pub listed: bool,
    /// Its team.
    pub team: Option<Uuid>,
    /// Its places on the white list.
    #[serde(default)]
    pub listings: Vec<ListingItem>,
    /// The last day for its next evaluation, ISO date; absent where nobody knows since when it is listed: evaluate it now.
    #[serde(default)]
    pub evaluation_due: Option<String>,
    /// Whether an evaluation is due, or a contract ends, within 30 days.
    #[serde(default)]
    pub is_due_soon: bool,
}

/// A place on the white list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ListingItem {
    /// Its id.
    pub id: Uuid,
    /// The one portfolio that it is for; absent for all.
    pub portfolio: Option<String>,
    /// The first day, ISO date; absent for what an earlier version knew.
    pub from: Option<String>,
    /// The last day of the contract, ISO date.
    pub until: Option<String>,
    /// Staff number of who listed it.
    pub by: Option<String>,
}

/// Adds an agency with a team of the same name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AddAgency {
    /// Its name, as in case files.
    pub name: String,
}

/// Puts an agency on the white list for every portfolio or takes it off for all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ListAgency {
    /// Whether cases may be given to it.
    pub listed: bool,
}

/// Puts an agency on the white list, in place of what stood for the same portfolio.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PutOnList {
    /// For this portfolio alone; absent for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portfolio: Option<Uuid>,
    /// The last day of the contract, ISO date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// Notes an evaluation of an agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EvaluateAgency {
    /// `pass`, `conditions` or `fail`; one that failed leaves the white list.
    pub result: String,
    /// What was found; sealed.
    pub words: String,
    /// The day on which it was made, ISO date; today where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<String>,
}

/// An evaluation of an agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EvaluationItem {
    /// The day on which it was made, ISO date.
    pub day: String,
    /// What it found.
    pub result: String,
    /// What was written.
    pub words: String,
    /// Staff number of who noted it.
    pub by: Option<String>,
    /// When.
    pub at: i64,
}
