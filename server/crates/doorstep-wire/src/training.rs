//! Training of staff, and debriefs after incidents.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A scenario, with the caller's own last run through it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScenarioItem {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Whether a pass of it is needed to renew the certificate.
    pub required: bool,
    /// `passed`, `failed` or `open`; absent where it was never begun.
    pub last: Option<String>,
    /// When that run ended.
    pub ended_at: Option<i64>,
}

/// What begins a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartRun {
    /// The scenario.
    pub scenario: String,
}

/// What somebody would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerRun {
    /// How many answers came before, so that one sent twice counts once.
    pub after: usize,
    /// The number of the choice, from 1.
    pub choice: usize,
}

/// A situation, and what one may do in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SituationItem {
    /// What is happening.
    pub text: String,
    /// What one may do, to be named by its number from 1.
    pub choices: Vec<String>,
}

/// What a choice was worth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JudgedItem {
    /// What was happening.
    pub situation: String,
    /// What was chosen.
    pub choice: String,
    /// `right`, `acceptable` or `wrong`.
    pub grade: String,
    /// Why.
    pub why: String,
    /// The rule that says so; absent where it is judgement.
    pub rule: Option<String>,
}

/// A run through a scenario.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunDetail {
    /// Its id.
    pub id: Uuid,
    /// The scenario.
    pub scenario: String,
    /// Its title.
    pub title: String,
    /// `open`, `passed` or `failed`.
    pub state: String,
    /// What was chosen so far, and what it was worth.
    pub judged: Vec<JudgedItem>,
    /// Where it stands now; absent where it ended.
    pub situation: Option<SituationItem>,
    /// Required scenarios that are not passed yet; where it is empty after the last, the certificate is renewed.
    pub left: Vec<String>,
    /// The last day of the certificate that this run renewed, ISO date.
    pub certificate_until: Option<String>,
}

/// Whose results.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct TrainingQuery {
    /// Staff number; the caller's own where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staff: Option<String>,
}

/// What came of a scenario for somebody: whether it was passed and when, never what was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrainingResult {
    /// Staff number.
    pub staff: String,
    /// The scenario.
    pub scenario: String,
    /// Whether it is needed to renew the certificate.
    pub required: bool,
    /// Whether it was passed.
    pub passed: bool,
    /// When the run ended.
    pub ended_at: i64,
}

/// A talk after an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DebriefItem {
    /// Its id.
    pub id: Uuid,
    /// Staff number of whom it is held with.
    pub staff: String,
    /// `help`, `overdue` or `aborted`.
    pub cause: String,
    /// The alarm or visit.
    pub source: Uuid,
    /// When it became due.
    pub opened_at: i64,
    /// The last day on which it is in time, ISO date.
    pub due: String,
    /// `due`, `overdue` or `done`.
    pub state: String,
    /// When it was held.
    pub done_at: Option<i64>,
}
