//! Notices of visits.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which notices.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct NoticeQuery {
    /// Only those in this state: `queued`, `handed_over`, `delivered`, `returned` or `withdrawn`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Only those of this case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<Uuid>,
    /// `true`: only those whose visit was called off after they had left, for a day that is not over: somebody waits in vain
    /// until they are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub called_off: Option<bool>,
}

/// A notice in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NoticeItem {
    /// Its id.
    pub id: Uuid,
    /// The visit that it announces.
    pub visit: Uuid,
    /// The case.
    pub case: Uuid,
    /// The day that it announces, ISO date.
    pub day: String,
    /// `letter` or `message`.
    pub channel: String,
    /// The language tag in which it is written, or `both`.
    pub language: String,
    /// `queued`, `handed_over`, `delivered`, `returned` or `withdrawn`.
    pub state: String,
    /// When it was queued.
    pub queued_at: i64,
    /// When it left the house, the last time.
    pub handed_over_at: Option<i64>,
    /// When it was said to be delivered.
    pub delivered_at: Option<i64>,
    /// When it came back.
    pub returned_at: Option<i64>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<i64>,
    /// Whether its visit was called off after it had left, no other takes its place on the day, and the day is not over.
    #[serde(default)]
    pub called_off: bool,
    /// When its page code ends.
    pub code_expires: i64,
}

/// A notice with all that it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NoticeDetail {
    /// The same as in the list.
    #[serde(flatten)]
    pub item: NoticeItem,
    /// Whom it is for.
    pub name: String,
    /// The phone on file; empty where there is none.
    pub phone: String,
    /// Where the person is visited, and a letter goes.
    pub address: String,
    /// The address of its page, with the code.
    pub page: String,
    /// The whole text.
    pub text: String,
    /// The name of its page for printing; absent for a message.
    pub file: Option<String>,
    /// That page; absent for a message.
    pub html: Option<String>,
}

/// A file of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NoticeFile {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub text: String,
}

/// The notices that wait, as files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NoticeBatch {
    /// An index, and a page for each letter.
    pub files: Vec<NoticeFile>,
    /// The notices in it.
    pub notices: Vec<Uuid>,
}

/// What became of a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SetNotice {
    /// `handed_over`, `delivered` or `returned`.
    pub state: String,
}
