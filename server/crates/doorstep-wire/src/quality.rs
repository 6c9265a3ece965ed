//! Quality checks (质检): visits that somebody outside the line scores on a sheet. What is found never feeds pay or a ranking;
//! no list is ordered by it.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which checks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct QualityQuery {
    /// `drawn`, `scored`, `appealed` or `decided`; all where absent.
    pub state: Option<String>,
}

/// Draws visits of a week.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct DrawQuality {
    /// A week that is over, such as `2026-W48` (ISO, UTC); the last one where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub week: Option<String>,
    /// How many visits of each member of staff; never fewer than the house value, 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_staff: Option<u32>,
}

/// What was drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QualityDrawn {
    /// The week.
    pub week: String,
    /// How many visits of each member of staff.
    pub per_staff: u32,
    /// The place of the leaf of the events log that the lot came from: the first one after the week.
    pub leaf_index: u64,
    /// That leaf's hash, in hexadecimal digits.
    pub leaf_hash: String,
    /// Whether the lot was drawn before: then only complaints can add visits.
    pub before: bool,
    /// Visits that came to be checked just now.
    pub drawn: u64,
}

/// A visit of a member of staff that is checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QualityItem {
    /// Its id.
    pub id: Uuid,
    /// The visit.
    pub visit: Uuid,
    /// The case.
    pub case: Uuid,
    /// Staff number of whose part in it is looked at.
    pub staff: String,
    /// The week of the visit.
    pub week: String,
    /// When the visit began.
    pub started_at: Option<i64>,
    /// `sample` or `complaint`.
    pub because: String,
    /// `drawn`, `scored`, `appealed` or `decided`.
    pub state: String,
    /// When it was drawn.
    pub drawn_at: i64,
    /// When it was scored.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub scored_at: Option<i64>,
    /// `stands` or `struck`, after an appeal. What is struck counts nowhere.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub decision: Option<String>,
    /// IANA name of the time zone of the address.
    pub zone: String,
}

/// A check in full: the sheet, and what it is scored by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QualityDetail {
    /// The same as in the list.
    #[serde(flatten)]
    pub item: QualityItem,
    /// The sheet, item by item.
    pub sheet: Vec<QualitySheetItem>,
    /// What came of the contact.
    pub outcome: Option<String>,
    /// What came of the matter.
    pub matter: Option<String>,
    /// What is remarkable about its events, by code.
    pub flags: Vec<String>,
    /// The notes that the crew made, in the order in which they came.
    pub notes: Vec<String>,
    /// Where the notes have forbidden wording. A person judges what it means there.
    pub hits: Vec<WordingHit>,
    /// Staff number of who scored it; not told to whose visit it is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub scored_by: Option<String>,
    /// When whose visit it is appealed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub appealed_at: Option<i64>,
    /// With which words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub appeal: Option<String>,
    /// When the appeal was decided.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub decided_at: Option<i64>,
    /// Why it was decided so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub decided_why: Option<String>,
}

/// An item of the sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QualitySheetItem {
    /// Its stable id.
    pub id: String,
    /// What it says, in the caller's language; the id of an item that the sheet has no more.
    pub text: String,
    /// `pass`, `fail` or `na`; absent before it is scored.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub found: Option<String>,
    /// What was remarked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub remark: Option<String>,
}

/// A place of a note that has forbidden wording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WordingHit {
    /// The note, counted from 0.
    pub note: u32,
    /// Where it begins, in characters from 0.
    pub start: u32,
    /// How many characters it has.
    pub length: u32,
    /// `threat`, `insult`, `false-authority` or `relatives`.
    pub kind: String,
    /// What stands there.
    pub text: String,
}

/// What was found about every item of the sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScoreQuality {
    /// One line for each item.
    pub items: Vec<ItemScored>,
}

/// What was found about an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ItemScored {
    /// The item's id.
    pub id: String,
    /// `pass`, `fail` or `na`.
    pub found: String,
    /// A remark.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub remark: Option<String>,
}

/// Appeals against what was found about one's own visit, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AppealQuality {
    /// Why.
    pub words: String,
}

/// Decides an appeal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DecideQuality {
    /// `stands` or `struck`.
    pub decision: String,
    /// Why.
    pub words: String,
}
