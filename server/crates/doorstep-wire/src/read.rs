//! Who read whose data, and what is found about reads outside a caseload.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// How a person is opened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Opening {
    /// Why, where the person is outside the caller's caseload: `complaint`, `hardship`, `data-request`, `cover`, `safety`,
    /// `authority` or `inspection`.
    pub purpose: Option<String>,
}

/// Which page of reads.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct ReadQuery {
    /// At most this many, up to 500.
    pub limit: Option<u32>,
    /// `next` of the page before.
    pub cursor: Option<String>,
}

/// A read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReadItem {
    /// Its id: the beginning of its leaf's hash.
    pub id: Uuid,
    /// The log that its leaf is in.
    pub log: String,
    /// When it was written.
    pub at: i64,
    /// When it happened: on a device, as the device says.
    pub happened_at: i64,
    /// The staff number of who read; absent where it is none of the caller's side.
    pub who: Option<String>,
    /// On which device.
    pub device: Option<Uuid>,
    /// The reader's role then.
    pub role: String,
    /// Why, by code.
    pub purpose: String,
    /// Why, where it was outside the reader's caseload.
    pub outside: Option<String>,
    /// What of it, by code.
    pub classes: Vec<String>,
    /// Over which way: `office`, `sync`, `device` or `program`.
    pub channel: String,
    /// Whether the server opened it when it was asked; a device shows from its own store.
    pub online: bool,
    /// Of how many persons.
    pub persons: i64,
}

/// Which week.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct ReadReviewQuery {
    /// ISO week in UTC, such as `2026-W48`; where absent the newest of the last 26 in which one waits, or this week.
    pub week: Option<String>,
    /// Only this read, in its week, whether somebody has said what they found or not.
    pub read: Option<Uuid>,
    /// Also those about which somebody has said what they found.
    pub all: Option<bool>,
}

/// Reads of a week outside the caseload of their readers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReadReview {
    /// The week.
    pub week: String,
    /// How many still wait.
    pub open: u64,
    /// The weeks in which some wait, newest first, of the last 26.
    #[serde(default)]
    pub waiting: Vec<ReadWeek>,
    /// The reads, oldest first.
    pub items: Vec<ReadReviewItem>,
}

/// A week in which reads wait for somebody to look at them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReadWeek {
    /// The week.
    pub week: String,
    /// How many still wait.
    pub open: u64,
}

/// A read outside the caseload of its reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReadReviewItem {
    /// The read.
    #[serde(flatten)]
    pub read: ReadItem,
    /// The cases of whom it concerned, as far as the caller may see them.
    pub cases: Vec<ReadCase>,
    /// Whether the caller was the reader, who may not say anything about it.
    pub own: bool,
    /// What somebody found.
    pub found: Option<ReadFound>,
}

/// A case that a read concerned, in the caller's scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReadCase {
    /// The case.
    pub id: Uuid,
    /// The lender's number; absent where the person was erased, beyond the first 20 of a read, and in the answer to a
    /// finding, for which nothing is opened.
    pub case_no: Option<String>,
}

/// What somebody found about a read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReadFound {
    /// `right` or `talk`.
    pub finding: String,
    /// Why, by code.
    pub reason: String,
    /// The staff number of who found it; absent where it is none of the caller's side.
    pub by: Option<String>,
    /// When.
    pub at: i64,
}

/// Saying what was found about a read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SettleRead {
    /// `right` or `talk`.
    pub finding: String,
    /// Why: `duty-known`, `request-seen` or `colleague-knew` where it looked right; `nothing-shows`, `too-much` or
    /// `knows-person` where it needs a talk.
    pub reason: String,
}
