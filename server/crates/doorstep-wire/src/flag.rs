//! What is remarked about the caller's own visits, and what they answer to it. There is no such list about anybody else: flags,
//! positions and scores never feed pay or a ranking.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which page of the caller's own flags.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct OwnFlagQuery {
    /// About this many, up to 200; 50 where absent. All flags of one event stand on one page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// Something that is remarked about the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OwnFlag {
    /// Its id, which never changes: the event, check or complaint, a point, and the code.
    pub id: String,
    /// Where it stands: `event`, `check` or `complaint`.
    pub source: String,
    /// What it is, by code: a flag of events, `quality-failure` or `complaint`.
    pub code: String,
    /// The same in words.
    pub what: String,
    /// What was not as it should be, in words: the items of a check.
    pub items: Vec<String>,
    /// When the event came, the check was scored or the complaint was answered.
    pub at: i64,
    /// The visit.
    pub visit: Option<Uuid>,
    /// Its day, ISO date.
    pub day: Option<String>,
    /// IANA name of the time zone of its address.
    pub zone: Option<String>,
    /// The lender's number; only while the case is in the caller's caseload.
    pub case_no: Option<String>,
    /// What a supervisor decided last about the visit: `fine`, `back`, `redo` or `escalate`; absent while nobody has.
    pub decision: Option<String>,
    /// What came of the complaint, or of the appeal against the check.
    pub outcome: Option<String>,
    /// What the caller answered.
    pub answer: Option<String>,
    /// When.
    pub answered_at: Option<i64>,
}

/// An answer to a flag of one's own; once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AnswerFlag {
    /// What the caller says to it, at most 2,000 characters. Sealed under the caller's own key.
    pub words: String,
}

/// What was answered to a flag, as whoever reviews the visit sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FlagAnswered {
    /// The flag's id.
    pub flag: String,
    /// The flag, by code.
    pub code: String,
    /// The staff number of who answered.
    pub by: String,
    /// When.
    pub at: i64,
    /// The words.
    pub words: Option<String>,
}
