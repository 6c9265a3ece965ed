//! The review queue: visits with remarks, and what supervisors decide about them.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::flag::FlagAnswered;
use crate::recording::RecordingStanding;

/// Which visits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct ReviewQuery {
    /// The day, ISO date; the last 7 days where absent.
    pub day: Option<String>,
    /// Also those that were decided.
    pub all: Option<bool>,
}

/// Why a visit stands in the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewReasonItem {
    /// The reason, by code.
    pub code: String,
    /// How much it adds to the score, in permille.
    pub weight: u32,
}

/// A visit with remarks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewItem {
    /// The visit.
    pub visit: Uuid,
    /// The case.
    pub case: Uuid,
    /// The lender's number; empty where the person was erased.
    pub case_no: String,
    /// The crew.
    pub crew: Uuid,
    /// The staff numbers of whose devices reported.
    pub staff: Vec<String>,
    /// The day, ISO date.
    pub day: String,
    /// IANA name of the time zone of the address.
    pub zone: String,
    /// Sum of the reasons' weights in permille, at most 1000: what to look at first, and nothing more.
    pub score: u32,
    /// The reasons, the heaviest first.
    pub reasons: Vec<ReviewReasonItem>,
    /// Check-in.
    pub started_at: Option<i64>,
    /// Check-out.
    pub finished_at: Option<i64>,
    /// What came of the contact.
    pub outcome: Option<String>,
    /// What came of the matter.
    pub matter: Option<String>,
    /// The decision that counts; absent while it waits.
    pub decision: Option<String>,
    /// Where its recording stands, if a rule requires one and the crew says that it was made.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub recording: Option<RecordingStanding>,
}

/// A visit with remarks in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewDetail {
    /// The same as in the list.
    #[serde(flatten)]
    pub item: ReviewItem,
    /// The notes that the crew made, in the order in which they came.
    pub notes: Vec<String>,
    /// What the devices reported, in the order in which it came.
    pub events: Vec<ReviewEvent>,
    /// All decisions, oldest first; the last counts.
    pub decisions: Vec<ReviewMade>,
    /// What those who were there answered to its flags, oldest first. No flag goes by it.
    #[serde(default)]
    pub answers: Vec<FlagAnswered>,
    /// Why there is no recording, where somebody said so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub no_recording: Option<String>,
}

/// A reported event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewEvent {
    /// The event, as the log names it.
    pub id: Uuid,
    /// Its kind.
    pub kind: String,
    /// The device that signed it.
    pub device: Uuid,
    /// Its number in the device's chain.
    pub dseq: i64,
    /// When it came.
    pub received_at: i64,
    /// What is remarkable about it, by code.
    pub flags: Vec<String>,
}

/// A decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewMade {
    /// `fine`, `back`, `redo` or `escalate`.
    pub decision: String,
    /// The staff number of who decided.
    pub by: String,
    /// When.
    pub at: i64,
    /// Why.
    pub note: Option<String>,
}

/// Deciding about a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DecideReview {
    /// `fine`, `back`, `redo` or `escalate`.
    pub decision: String,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub note: Option<String>,
}
