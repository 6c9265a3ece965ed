//! What visited persons said on the pages of their notices.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which wishes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct WishQuery {
    /// Only those in this state: `open`, `done`, `accepted` or `declined`.
    pub state: Option<String>,
    /// Only those of this case.
    pub case: Option<Uuid>,
    /// `false` leaves the words out: then nothing of anybody is opened, and no entry in the access log is made.
    pub words: Option<bool>,
}

/// Something said on the page of a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WishItem {
    /// Its id.
    pub id: Uuid,
    /// The case.
    pub case: Uuid,
    /// The visit that the notice announces.
    pub visit: Uuid,
    /// What was said: `not_today`, `stop`, `payment` and so on.
    pub kind: String,
    /// Where it stands.
    pub state: String,
    /// When, in microseconds.
    pub made_at: i64,
    /// The words, where there are any.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub words: Option<String>,
    /// When the office answered.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub answered_at: Option<i64>,
}

/// An answer to a wish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AnswerWish {
    /// Whether the office agrees. What was offered in place of a visit calls that visit off.
    pub accept: bool,
}
