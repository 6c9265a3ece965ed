//! What staff hold: certificates, trainings, examinations, checks, undertakings, letters and badges.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Notes what a member of staff holds. What stood of the same kind, for the same portfolio, is replaced.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NoteCredential {
    /// `certificate`, `training`, `exam`, `background_check`, `confidentiality`, `authority` or `badge`.
    pub kind: String,
    /// Its number, at most 60 characters; sealed under the holder's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The day on which it was given, attended, passed or signed, ISO date; today where absent, never later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued: Option<String>,
    /// The last day on which it holds, ISO date; absent where it names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The one portfolio that an authorisation letter is for; absent for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portfolio: Option<Uuid>,
}

/// Ends what a member of staff holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EndCredential {
    /// `withdrawn`: its holder is without it from today; `mistake`: it never was.
    pub reason: String,
}

/// Something that a member of staff holds or held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CredentialItem {
    /// Its id.
    pub id: Uuid,
    /// What it is.
    pub kind: String,
    /// Its number.
    pub number: Option<String>,
    /// The one portfolio that it is for.
    pub portfolio: Option<String>,
    /// When it was given, ISO date; absent where an earlier version kept only its end.
    pub issued: Option<String>,
    /// The last day on which it holds, by itself and by the rules where the tenant's cases are, ISO date.
    pub until: Option<String>,
    /// Staff number of who noted it; absent for what an earlier version knew.
    pub noted_by: Option<String>,
    /// When.
    pub noted_at: i64,
    /// Staff number of who ended it.
    pub ended_by: Option<String>,
    /// When.
    pub ended_at: Option<i64>,
    /// `replaced`, `withdrawn` or `mistake`.
    pub end_reason: Option<String>,
}

/// Which ends are asked about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct EndingQuery {
    /// Within how many days from today, 0 to 366; 30 where absent. What ran out already is always among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<i64>,
}

/// Something that ends soon, or has ended and was not renewed; in the order of staff numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EndingItem {
    /// The staff member.
    pub staff: Uuid,
    /// Staff number.
    pub login: String,
    /// What it is.
    pub kind: String,
    /// The one portfolio that it is for.
    pub portfolio: Option<String>,
    /// The last day on which it holds, ISO date.
    pub until: String,
    /// Days left, 0 on the last one; negative where it ran out.
    pub days_left: i64,
}

/// Something that a member of staff holds, shortly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HeldItem {
    /// What it is.
    pub kind: String,
    /// The last day on which it holds, ISO date; absent where it has no end.
    pub until: Option<String>,
}
