//! Leaflets: rights, duties and help on a page, and who got one.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// For whom, and in which language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct LeafletQuery {
    /// Only those that fit this case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<Uuid>,
    /// `zh` or `en`; where absent that of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// A leaflet in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeafletItem {
    /// Its name.
    pub name: String,
    /// Its title in the language asked for.
    pub title: String,
    /// SHA-256 of its file, in hexadecimal.
    pub version: String,
    /// When it was handed over in the case asked for, oldest first.
    pub given: Vec<LeafletHanded>,
}

/// A leaflet in somebody's hands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeafletHanded {
    /// Which leaflet.
    pub leaflet: String,
    /// The language tag.
    pub language: String,
    /// `office` or `door`.
    pub place: String,
    /// Staff number of who handed it over.
    pub staff: String,
    /// When.
    pub at: i64,
}

/// A leaflet to read or print.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeafletDetail {
    /// Its name.
    pub name: String,
    /// The language tag.
    pub language: String,
    /// Its title.
    pub title: String,
    /// SHA-256 of its file, in hexadecimal.
    pub version: String,
    /// For a terminal.
    pub text: String,
    /// As PDF, in base64url without padding.
    pub pdf: String,
}

/// That a leaflet was handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveLeaflet {
    /// The case.
    pub case: Uuid,
    /// The leaflet.
    pub leaflet: String,
    /// `zh` or `en`.
    pub language: String,
    /// The visit at which it was handed over; absent: the office did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub visit: Option<Uuid>,
}
