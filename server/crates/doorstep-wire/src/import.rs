//! Importing case files.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// How a file is to be read; sent as query parameters beside the file itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct ImportOptions {
    /// Only preview: nothing changes.
    pub dry_run: bool,
    /// The team that gets the cases; needed where the caller has none.
    pub team: Option<Uuid>,
    /// The portfolio, where the file has no such column.
    pub portfolio: Option<String>,
    /// The agency that the cases are given to.
    pub agency: Option<String>,
    /// As of which day the amounts are right, as an ISO date; otherwise the file's column or the time of the import.
    pub as_of: Option<String>,
    /// ISO 4217 code, where the file has no such column.
    pub currency: Option<String>,
    /// `WGS-84`, `GCJ-02` or `BD-09`, where the file has no such column.
    pub datum: Option<String>,
    /// Columns mapped by the user, `Their column=our_field`, separated by semicolons.
    pub map: Option<String>,
    /// The file lists all cases of its portfolio and agency: others are recalled.
    pub complete: bool,
    /// The number of cases to be recalled, as the preview named it; needed with `complete`.
    pub confirm_recall: Option<u64>,
}

/// The result of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RowItem {
    /// Line of the file, from 1; negative for cases that a complete file did not list.
    pub line: i64,
    /// The case number, in the answer to the import itself; it is not kept with the row.
    pub case_no: Option<String>,
    /// `accept`, `warn`, `hold`, `reject`, `duplicate` or `conflict`.
    pub result: String,
    /// Codes of the reasons.
    pub reasons: Vec<String>,
    /// The same in words, in the language asked for.
    pub words: String,
    /// The case.
    pub case: Option<Uuid>,
    /// `none`, `created`, `updated` or `recalled`.
    pub action: String,
}

/// What an import did, or in a preview would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportReport {
    /// The import; absent in a preview.
    pub import: Option<Uuid>,
    /// `landed`, `taken-back` or `preview`.
    pub state: String,
    /// `utf-8`, `utf-16`, `gb18030` or `xlsx`.
    pub encoding: String,
    /// Delimiter of a CSV file.
    pub delimiter: Option<String>,
    /// Columns that were recognised, as `their name → our field`.
    pub columns: Vec<String>,
    /// Columns that Doorstep does not know; not stored.
    pub unknown: Vec<String>,
    /// Columns that Doorstep refuses to hold (contact lists, social media, religion and the like); not stored.
    pub refused: Vec<String>,
    /// Count per row result.
    pub counts: BTreeMap<String, u64>,
    /// Cases or loans made, or payments counted.
    pub created: u64,
    /// Cases or loans changed.
    pub updated: u64,
    /// Cases recalled, or in a preview to be recalled.
    pub recalled: u64,
    /// Rows that were not simply accepted, at most 1,000; the rest by pages.
    pub rows: Vec<RowItem>,
    /// Whether a file with the rows given back can be fetched.
    pub give_back: bool,
}

/// What taking an import back did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TakeBackReport {
    /// The import.
    pub import: Uuid,
    /// Cases removed again.
    pub removed: u64,
    /// Cases put back to what they were.
    pub restored: u64,
}
