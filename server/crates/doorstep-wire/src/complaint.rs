//! Complaints: matters of their own with clock and owner. While one is open, visits to the person are paused.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which complaints, in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct ComplaintQuery {
    /// `received`, `in-progress`, `answered`, `withdrawn` or `erased`; all where absent.
    pub state: Option<String>,
    /// Only those whose clock has run out.
    pub overdue: Option<bool>,
    /// `due` (open ones first, by what is due next; the default) or `received` (the newest first).
    pub sort: Option<String>,
}

/// A complaint, without what was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComplaintItem {
    /// Its id.
    pub id: Uuid,
    /// The case.
    pub case: Uuid,
    /// The lender's number of the case; empty where the person was erased.
    pub case_no: String,
    /// The visit that it is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub visit: Option<Uuid>,
    /// Staff number of whom it names.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub staff: Option<String>,
    /// `phone`, `letter`, `page`, `door` or `authority`.
    pub channel: String,
    /// `received`, `in-progress`, `answered`, `withdrawn` or `erased`.
    pub state: String,
    /// `upheld`, `partly`, `rejected`, `settled` or `withdrawn`; absent while it is open.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub outcome: Option<String>,
    /// When it came in.
    pub received_at: i64,
    /// By when somebody must have taken it up.
    pub acknowledge_by: i64,
    /// By when it must be answered.
    pub answer_by: i64,
    /// Whether its clock has run out.
    pub overdue: bool,
    /// Staff number of who looks after it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub owner: Option<String>,
    /// IANA name of the time zone of the address.
    pub zone: String,
}

/// A complaint in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComplaintDetail {
    /// The same as in the list.
    #[serde(flatten)]
    pub item: ComplaintItem,
    /// What was said; absent where a device reported it alone, or the person was erased.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub words: Option<String>,
    /// Staff numbers of everybody complained of: whom it names, the crew of the visit, and who reported on it. None of them
    /// may own or answer it.
    pub about: Vec<String>,
    /// Staff number of who wrote it down; absent where the person did it without an account.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub opened_by: Option<String>,
    /// The event of a device that reported it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub event: Option<Uuid>,
    /// Since when its owner has it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub taken_at: Option<i64>,
    /// Staff number of who answered.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub closed_by: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub closed_at: Option<i64>,
    /// What was answered.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub answer: Option<String>,
}

/// Opens a complaint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpenComplaint {
    /// The case.
    pub case: Uuid,
    /// The visit that it is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub visit: Option<Uuid>,
    /// Staff number of whom it names.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub staff: Option<String>,
    /// `phone`, `letter`, `page`, `door` or `authority`.
    pub channel: String,
    /// What was said.
    pub words: String,
}

/// Answers a complaint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AnswerComplaint {
    /// `upheld`, `partly`, `rejected`, `settled` or `withdrawn`.
    pub outcome: String,
    /// What was answered.
    pub words: String,
}
