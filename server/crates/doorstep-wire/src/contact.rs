//! The contact log: calls, messages and letters that were made or tried, and whether one may be made now.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::case::VerdictItem;
use crate::import::RowItem;

/// A call, message or letter that was made or tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecordContact {
    /// The case.
    pub case: Uuid,
    /// `call`, `message` or `letter`. Visits are reported by devices.
    pub channel: String,
    /// When; now where absent.
    #[serde(default)]
    pub at: Option<i64>,
    /// What came of it, where that is known; without it the contact counts as one that met somebody.
    #[serde(default)]
    pub outcome: Option<String>,
    /// The number that was called or written to. Only a keyed hash of it is kept; without it the contact counts as one on
    /// the number that is asked about.
    #[serde(default)]
    pub number: Option<String>,
    /// Who made it; the caller where absent.
    #[serde(default)]
    pub staff: Option<Uuid>,
    /// Why the loan fell behind, where the person was asked: a code of a closed list (docs/strategy.md).
    #[serde(default)]
    pub reason: Option<String>,
    /// The step of the strategy that it carried out.
    #[serde(default)]
    pub step: Option<String>,
}

/// A question: may somebody be called or written to now?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckContact {
    /// The case.
    pub case: Uuid,
    /// `call`, `message` or `letter`.
    pub channel: String,
    /// When; now where absent.
    #[serde(default)]
    pub at: Option<i64>,
    /// The number; the one of the case where absent.
    #[serde(default)]
    pub number: Option<String>,
}

/// What the rules say of a call, message or letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactVerdict {
    /// The case.
    pub case: Uuid,
    /// The channel.
    pub channel: String,
    /// When it would be.
    pub at: i64,
    /// Time zone of the address.
    pub zone: String,
    /// Whether it may be made.
    pub allowed: bool,
    /// What the rules say.
    pub verdict: VerdictItem,
}

/// A contact as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactRecorded {
    /// Its id.
    pub id: Uuid,
    /// The case.
    pub case: Uuid,
    /// The channel.
    pub channel: String,
    /// When.
    pub at: i64,
    /// What came of it.
    pub outcome: Option<String>,
    /// The rules that forbade it; it is recorded all the same.
    pub rules: Vec<String>,
}

/// A contact that rules forbade when it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ForbiddenContact {
    /// The contact.
    #[serde(flatten)]
    pub contact: ContactRecorded,
    /// The staff number of who made it, where that is known.
    pub staff: Option<String>,
    /// Time zone of the address.
    pub zone: String,
}

/// How a file of contacts is to be read; sent as query parameters beside the file itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct ContactImportOptions {
    /// Only preview: nothing changes.
    pub dry_run: bool,
    /// The portfolio, where the file has no such column and several have one number.
    pub portfolio: Option<String>,
    /// Columns mapped by the user, `Their column=our_field`, separated by semicolons.
    pub map: Option<String>,
}

/// What a file of contacts did, or in a preview would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactImportReport {
    /// `landed` or `preview`.
    pub state: String,
    /// `utf-8`, `utf-16`, `gb18030` or `xlsx`.
    pub encoding: String,
    /// Delimiter of a CSV file.
    pub delimiter: Option<String>,
    /// Columns that were recognised, as `their name → our field`.
    pub columns: Vec<String>,
    /// Columns that Doorstep does not know; not stored.
    pub unknown: Vec<String>,
    /// Columns that Doorstep refuses to hold; not stored.
    pub refused: Vec<String>,
    /// Count per row result.
    pub counts: BTreeMap<String, u64>,
    /// Contacts recorded.
    pub recorded: u64,
    /// Those of them that rules forbade when they were made.
    pub forbidden: u64,
    /// Rows that were not simply accepted, at most 1,000.
    pub rows: Vec<RowItem>,
    /// The rows that go back, as CSV of the same shape with the reasons in a last column; nothing of it is kept.
    pub give_back: Option<String>,
}

/// The pressure meter of a person, over all channels and cases. It says nothing about staff.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct PressureItem {
    /// `calm`, `raised` or `high`; empty from a server that does not say.
    pub band: String,
    /// Contacts in the last seven days.
    pub week: u32,
    /// Contacts in the last thirty days.
    pub month: u32,
    /// The share of those that began at 18:00 or later, local time, in permille.
    pub evening_permille: u32,
    /// Those of thirty days that came while a refusal held.
    pub ignored: u32,
}
