//! Cases taken back from an agency, and the record of how it destroyed what it had of them.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Takes cases back from an agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecallCases {
    /// Which; empty with `all`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<Uuid>,
    /// All of them, and the agency off the white list. Waits for a second person.
    #[serde(default)]
    pub all: bool,
    /// `contract-over`, `conduct`, `person-asked`, `own-work` or `mistake`.
    pub reason: String,
    /// What there is to say about it; sealed.
    pub words: String,
    /// The creditor's team that gets them; the caller's own, or the only one, where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<Uuid>,
}

/// Which destruction records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct DestructionQuery {
    /// Only those that the agency has not confirmed in time.
    pub overdue: Option<bool>,
}

/// A recall, and what the agency says of what it had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DestructionItem {
    /// Its id.
    pub id: Uuid,
    /// The agency.
    pub agency: Uuid,
    /// Its name.
    pub agency_name: String,
    /// Whether all of its cases were recalled.
    pub every: bool,
    /// Why.
    pub reason: String,
    /// `asked` (of a second person), `refused`, `open`, `confirmed` or `accepted`.
    pub state: String,
    /// Staff number of who asked for it.
    pub asked_by: Option<String>,
    /// When.
    pub asked_at: i64,
    /// The approval that it waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Uuid>,
    /// How many cases came back.
    pub cases: i64,
    /// How many visits ahead were withdrawn.
    pub visits: i64,
    /// When the cases came back.
    pub recalled_at: Option<i64>,
    /// Until when the agency is to confirm.
    pub due_at: Option<i64>,
    /// Whether it has not by now.
    pub is_overdue: bool,
    /// Devices of the agency that are not yet wiped: they may hold doors of cases that are its own no more.
    pub devices_unwiped: u64,
    /// `wiped`, `shredded`, `returned` or `none-held`.
    pub method: Option<String>,
    /// `none` or `law`: what the agency keeps all the same.
    pub copies_kept: Option<String>,
    /// Staff number of who confirmed.
    pub confirmed_by: Option<String>,
    /// When.
    pub confirmed_at: Option<i64>,
    /// Staff number of who of the creditor answered last.
    pub answered_by: Option<String>,
    /// When.
    pub answered_at: Option<i64>,
}

/// The same with what was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DestructionDetail {
    /// The record.
    #[serde(flatten)]
    pub item: DestructionItem,
    /// By who recalled.
    pub words: Option<String>,
    /// By who confirmed.
    pub confirmed_words: Option<String>,
    /// By who answered.
    pub answered_words: Option<String>,
}

/// Says that what the agency had is destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConfirmDestruction {
    /// `wiped`, `shredded`, `returned` or `none-held`.
    pub method: String,
    /// `none`, or `law` for what a law has it keep; none where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copies_kept: Option<String>,
    /// What was destroyed, and which law; sealed.
    pub words: String,
}

/// The creditor's answer to that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AnswerDestruction {
    /// Whether its word is taken; otherwise the record is open again.
    pub accept: bool,
    /// Why; sealed.
    pub words: String,
}
