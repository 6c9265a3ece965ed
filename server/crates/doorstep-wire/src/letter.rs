//! Letters to persons about a case, and legal bundles.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeLetter {
    /// The case.
    pub case: Uuid,
    /// `reminder`, `statement`, `pre-legal`, `bureau-notice` or `address-check`.
    pub kind: String,
    /// `zh` or `en`; the person's own where absent, or both where theirs is neither.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub language: Option<String>,
    /// Make it although one of its kind waits to leave or was made within the last week.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub again: bool,
}

/// Which letters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct LetterQuery {
    /// Only those in this state: `made`, `handed_over`, `delivered`, `returned` or `withdrawn`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Only those of this case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<Uuid>,
}

/// A letter in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LetterItem {
    /// Its id.
    pub id: Uuid,
    /// The case.
    pub case: Uuid,
    /// What it is for.
    pub kind: String,
    /// The language tag in which it is written, or `both`.
    pub language: String,
    /// `made`, `handed_over`, `delivered`, `returned` or `withdrawn`.
    pub state: String,
    /// As of when the amount is right that it states; absent where it states none.
    pub amount_as_of: Option<i64>,
    /// When it was made.
    pub made_at: i64,
    /// When it left the house; from then on it counts as a contact.
    pub handed_over_at: Option<i64>,
    /// When it was said to be delivered.
    pub delivered_at: Option<i64>,
    /// When it came back.
    pub returned_at: Option<i64>,
    /// When it was taken back.
    pub withdrawn_at: Option<i64>,
}

/// A letter with its paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LetterDetail {
    /// The same as in the list.
    #[serde(flatten)]
    pub item: LetterItem,
    /// The name of its file.
    pub file: String,
    /// The paper as PDF, in base64url without padding.
    pub pdf: String,
}

/// What became of a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetLetter {
    /// `handed_over`, `delivered`, `returned` or `withdrawn`.
    pub state: String,
}

/// Which case a bundle is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeBundle {
    /// The case.
    pub case: Uuid,
    /// Why, where the person is outside the caller's caseload; as when the case itself is opened.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub purpose: Option<String>,
    /// `zh` or `en`; Chinese where absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub language: Option<String>,
    /// Whether what was said and written is in the folder in the clear, beside its proofs.
    #[serde(default)]
    pub open: bool,
}
