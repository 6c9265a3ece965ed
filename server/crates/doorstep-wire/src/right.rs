//! What narrows contacts with a person, and what they agreed to.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A restriction as the office sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RestrictionItem {
    /// Its id; absent where only the lender's file says it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<Uuid>,
    /// The case in which it was said.
    pub case: Uuid,
    /// What it is, by code: `ban`, `cease_contact`, `disputed`, `hardship` and so on.
    pub kind: String,
    /// Channels that a ban is about; empty means every one.
    pub channels: Vec<String>,
    /// Kinds of place that a ban is about; empty means every one.
    pub places: Vec<String>,
    /// Hours that a ban is about, such as `mon-fri 09:00-12:00`; empty means every hour.
    pub hours: String,
    /// From when, in microseconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from: Option<i64>,
    /// Until when; absent until it is lifted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<i64>,
    /// Where it comes from: `file`, `door`, `office` or `page`.
    pub source: String,
    /// Login of who noted it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by: Option<String>,
    /// The visit at which it was said.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub visit: Option<Uuid>,
    /// When it was noted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub made_at: Option<i64>,
    /// What was said, in words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub words: Option<String>,
    /// Whether it takes a second person to lift it.
    pub lifted_by_two: bool,
    /// When it was lifted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lifted_at: Option<i64>,
    /// Why it was lifted, by code.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lifted_why: Option<String>,
    /// The approval that waits for a second person, where lifting it was asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub approval: Option<Uuid>,
}

/// A restriction to be put on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct AddRestriction {
    /// What it is, by code.
    pub kind: String,
    /// Channels of a ban; empty means every one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<String>,
    /// Kinds of place of a ban; empty means every one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<String>,
    /// Hours of a ban, such as `mon-fri 09:00-12:00; sun`; empty means every hour.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub hours: String,
    /// From when, in microseconds; now where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<i64>,
    /// Until when, in microseconds; until it is lifted where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
    /// What was said, and how it is known; at most 2,000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
}

/// A restriction to be taken off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LiftRestriction {
    /// Its kind; all of that kind end together, of the case or, where it is about the person, of all their cases.
    pub kind: String,
    /// Which ban; required for `ban` alone.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<Uuid>,
    /// Why: `person-asked`, `resolved`, `over`, `mistake` or `ordered`.
    pub reason: String,
    /// What was said or found, and how it is known; at most 2,000 characters.
    pub words: String,
}

/// What the person agreed to, a court ordered or two of the office approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConsentItem {
    /// Its id.
    pub id: Uuid,
    /// The case.
    pub case: Uuid,
    /// What it is about: `hours`, `frequency`, `place`, `notice` or `rule`.
    pub scope: String,
    /// The one rule it lifts.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rule: Option<String>,
    /// Who gave it: `consent`, `written_consent`, `court` or `two_persons`.
    pub given: String,
    /// Where it stands: `asked`, `given`, `refused` or `withdrawn`.
    pub state: String,
    /// From when, in microseconds.
    pub from: i64,
    /// Until when; absent until it is withdrawn.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<i64>,
    /// Where it comes from: `door`, `office` or `page`.
    pub source: String,
    /// Login of who noted it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by: Option<String>,
    /// When it was noted.
    pub made_at: i64,
    /// What was said, in words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub words: Option<String>,
    /// When it was withdrawn.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub withdrawn_at: Option<i64>,
    /// The approval that waits for a second person.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub approval: Option<Uuid>,
}

/// A consent to be noted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct AddConsent {
    /// What it is about: `hours`, `frequency`, `place`, `notice`, or `rule` for the one that `rule` names.
    pub scope: String,
    /// The one rule it lifts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Who gave it: `consent`, `written_consent`, `court`, or `two_persons`, which a second person then approves.
    pub given: String,
    /// From when, in microseconds; now where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<i64>,
    /// Until when, in microseconds; an approval of the office lasts at most 30 days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
    /// Why a second person of the creditor is asked, where one is: a code of approvals. What an agency notes always asks one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What was said, and how it is known; at most 2,000 characters.
    pub words: String,
}
