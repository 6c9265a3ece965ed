//! Cases.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which cases, in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct CaseQuery {
    /// Exact case number.
    pub case_no: Option<String>,
    /// Exact phone number.
    pub phone: Option<String>,
    /// Part of a name or address; searched in memory within the caller's own scope.
    pub search: Option<String>,
    /// Why a case outside the caller's caseload is looked up by number or phone; as for opening one.
    pub purpose: Option<String>,
    /// `open`, `held`, `settled`, `recalled` or `closed`.
    pub status: Option<String>,
    /// Name of the portfolio.
    pub portfolio: Option<String>,
    /// `days`, `amount` or `updated`, highest first; or `name`, within the caller's own scope.
    pub sort: Option<String>,
    /// `asc` or `desc`, where the other way round is wanted; within the caller's own scope.
    pub order: Option<String>,
    /// At most this many, up to 500.
    pub limit: Option<u32>,
    /// `next` of the page before.
    pub cursor: Option<String>,
}

/// An amount due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AmountItem {
    /// Total in minor units.
    pub total: i64,
    /// Principal, interest, penalty, fees in minor units, where known.
    pub parts: Option<[i64; 4]>,
    /// ISO 4217 code.
    pub currency: String,
    /// The total as text with decimals.
    pub text: String,
    /// As of when.
    pub as_of: i64,
    /// Older than the portfolio allows: may not be stated to anybody.
    pub stale: bool,
    /// Until when it may be stated, so that a device without a network stops stating it by itself; absent from a server
    /// that does not say.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fresh_until: Option<i64>,
}

/// A case in a list. Phone numbers are masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CaseItem {
    /// Its id.
    pub id: Uuid,
    /// The lender's number.
    pub case_no: String,
    /// Name of the portfolio.
    pub portfolio: String,
    /// Name of the person; absent where the person was erased.
    pub name: Option<String>,
    /// Phone, all but the last three digits masked.
    pub phone: Option<String>,
    /// Address text.
    pub address: Option<String>,
    /// Status.
    pub status: String,
    /// Stage.
    pub stage: String,
    /// Days past due.
    pub days_past_due: i64,
    /// Amount due.
    pub amount: AmountItem,
    /// Codes of flags.
    pub flags: Vec<String>,
    /// Counts changes; what `If-Match` must name.
    pub version: i64,
}

/// One finding of the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RuleFinding {
    /// Id of the rule.
    pub rule: String,
    /// `allow`, `warn`, `require`, `route` or `block`.
    pub effect: String,
    /// The sentence in the language asked for.
    pub sentence: String,
    /// Where the rule stands in the law, or that it is a house rule.
    pub citation: String,
    /// How sure the source is: `Q`, `S`, `S-` or `M`.
    pub confidence: String,
    /// Until when it holds, if that is known.
    pub until: Option<i64>,
    /// Who can lift it; empty from a server that does not say.
    #[serde(default)]
    pub lifted_by: Vec<String>,
}

/// What the rules say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VerdictItem {
    /// The strictest effect.
    pub effect: String,
    /// Findings, strictest first.
    pub findings: Vec<RuleFinding>,
    /// What must be done or shown before check-out.
    pub required: Vec<String>,
    /// How many staff must be there.
    pub staff_min: u8,
    /// Every rule that was looked at.
    pub checked: Vec<String>,
    /// The packs, as `id@version`.
    pub packs: Vec<String>,
    /// Digest of the packs.
    pub digest: String,
}

/// Which moment the rules are asked about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct VerdictQuery {
    /// When the visit would begin: a local time at the address (`2026-11-24T19:30`), or an instant with its distance from UTC
    /// (`2026-11-24T19:30Z`). Now where absent.
    pub at: Option<String>,
    /// Why, where the person is outside the caller's caseload; as when the case itself is opened.
    pub purpose: Option<String>,
}

/// What the rules say of a visit at a moment, with the facts as they are known now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CaseVerdict {
    /// The case.
    pub case: Uuid,
    /// When the visit would begin.
    pub at: i64,
    /// When it would end.
    pub until: i64,
    /// Time zone of the address.
    pub zone: String,
    /// What the rules say.
    pub verdict: VerdictItem,
}

/// A contact or visit in a case's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CaseContact {
    /// When.
    pub at: i64,
    /// `visit`, `call`, `message` or `letter`.
    pub channel: String,
    /// What came of the contact.
    pub outcome: Option<String>,
    /// The rules that forbade a call, message or letter when it was made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
}

/// A case in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CaseDetail {
    /// The same as in a list, with the phone unmasked.
    #[serde(flatten)]
    pub item: CaseItem,
    /// The person's id.
    pub person: Uuid,
    /// Time zone of the address.
    pub zone: String,
    /// Country of the address.
    pub country: Option<String>,
    /// Region of the address.
    pub region: Option<String>,
    /// State of the address.
    pub address_state: String,
    /// Latitude and longitude in 1e-7 degrees, WGS-84.
    pub point: Option<[i64; 2]>,
    /// The versions of phone, address and language, for correcting them.
    #[serde(default)]
    pub fields: crate::sync::ContactVersions,
    /// The datum the coordinates came in.
    pub datum: Option<String>,
    /// Times the person stated.
    pub available: Option<String>,
    /// Visits before the import.
    pub visits_before: i64,
    /// Contacts since.
    pub contacts: Vec<CaseContact>,
    /// How much of all contacts falls on the person.
    #[serde(default)]
    pub pressure: crate::contact::PressureItem,
    /// Visits planned and made.
    pub visits: Vec<crate::visit::VisitItem>,
    /// What the rules say about a visit now.
    pub verdict: VerdictItem,
}
