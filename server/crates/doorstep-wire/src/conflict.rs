//! Conflicts: two stories about one thing, both kept, until a person says which holds.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::sync::PromiseMade;

/// Which conflicts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct ConflictQuery {
    /// `open`, `settled` or `erased`; all where absent.
    pub state: Option<String>,
}

/// Two stories that contradict each other; both are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConflictItem {
    /// Its id.
    pub id: Uuid,
    /// `contact`, `outcome` or `promise`.
    pub kind: String,
    /// What they disagree on: `phone`, `address`, `language`, `outcome`, `matter` or `promise`.
    pub field: String,
    /// The case.
    pub case: Uuid,
    /// The lender's number of the case; empty where the person was erased.
    pub case_no: String,
    /// The visit, where one side was reported by a device.
    pub visit: Option<Uuid>,
    /// What came first in the log.
    pub left: ConflictSide,
    /// The other.
    pub right: ConflictSide,
    /// `left` or `right`: which of the two counts now; absent where both do or neither.
    pub current: Option<String>,
    /// The rule that decided what counts until it is settled: `last-in-log`, `first-stands` or `both-count`.
    pub rule: String,
    /// `open`, `settled` or `erased`.
    pub state: String,
    /// When it was found.
    pub found_at: i64,
    /// How it was settled.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub settled: Option<ConflictSettled>,
    /// IANA name of the time zone of the address.
    pub zone: String,
}

/// One of the two stories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConflictSide {
    /// The device's event, or the office's change.
    pub id: Uuid,
    /// `device` or `office`.
    pub source: String,
    /// Staff number of who said it; absent for a device where it is nobody of its own crew.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub who: Option<String>,
    /// The device.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub device: Option<Uuid>,
    /// When it was said, by the clock of whoever said it: evidence, not authority.
    pub made_at: i64,
    /// When the server took it: it was said before this.
    pub received_at: i64,
    /// What was said: a value, the code of an outcome, or the day of a promise. Absent where the person was erased.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub value: Option<String>,
    /// The promise, where it is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub promise: Option<PromiseMade>,
}

/// How a conflict was settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConflictSettled {
    /// When.
    pub at: i64,
    /// Staff number of who settled it; absent for a device where it is nobody of its own crew.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by: Option<String>,
    /// `left` or `right`.
    pub taken: String,
    /// What was noted with it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub note: Option<String>,
}

/// Settles a conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SettleConflict {
    /// `left` or `right`: which holds.
    pub take: String,
    /// Why, in free text.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub note: Option<String>,
}
