//! Staff, teams and approvals.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::credential::HeldItem;

/// A team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TeamItem {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The agency it belongs to.
    pub agency: Option<Uuid>,
}

/// Who sends crews: an agency, or the creditor itself; as receipts name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OfficeItem {
    /// The agency; absent for the creditor itself.
    pub agency: Option<Uuid>,
    /// Its name.
    pub name: String,
    /// Where visited persons can complain; empty where nothing was named yet.
    pub complaints: String,
}

/// Says where visited persons can complain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SetComplaints {
    /// The agency; absent for the creditor itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agency: Option<Uuid>,
    /// A phone number, an address or both, at most 200 characters.
    pub complaints: String,
}

/// A portfolio.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PortfolioItem {
    /// Its id.
    pub id: Uuid,
    /// The creditor's name for it, as in case files.
    pub name: String,
    /// What rules may ask for: `consumer-loan`, `card`, `home-care`, …
    pub kind: String,
    /// After how many days an amount is stale and may not be stated any more.
    pub amount_age_days: i64,
}

/// Adds a portfolio.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AddPortfolio {
    /// The creditor's name for it, as in files; at most 80 characters.
    pub name: String,
    /// What rules may ask for; `consumer-loan` where absent.
    #[serde(default)]
    pub kind: Option<String>,
}

/// Changes a portfolio.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SetPortfolio {
    /// What rules may ask for: small letters, digits and `-`.
    pub kind: String,
    /// After how many days an amount is stale, 1 to 365.
    pub amount_age_days: i64,
}

/// A staff member in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StaffItem {
    /// Its id.
    pub id: Uuid,
    /// Staff number.
    pub login: String,
    /// Full name.
    pub name: String,
    /// Role.
    pub role: String,
    /// Crew, if any.
    pub crew: Option<Uuid>,
    /// Name of the crew.
    pub crew_name: Option<String>,
    /// Last day of the certificate.
    pub certificate_until: Option<String>,
    /// What else they hold, with its last day.
    #[serde(default)]
    pub held: Vec<HeldItem>,
}

/// What importing a staff file did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StaffReport {
    /// Staff added.
    pub added: u64,
    /// Staff changed.
    pub changed: u64,
    /// Crews named by the file.
    pub crews: u64,
    /// Lines that were not taken, with the reason.
    pub refused: Vec<LineReason>,
    /// Staff whose certificate is past: they are not dispatched.
    pub certificates_past: Vec<String>,
}

/// A line of a file and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LineReason {
    /// Line, from 1.
    pub line: i64,
    /// What is wrong and what to do.
    pub reason: String,
}

/// Sets a staff member's password.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct SetPassword {
    /// The new password, at least 8 characters.
    pub password: String,
}

impl std::fmt::Debug for SetPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SetPassword { … }")
    }
}

/// Asks for an approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AskApproval {
    /// `person.erase`, or `notice.waive` by an agency.
    pub kind: String,
    /// The person; the plan.
    pub subject: Uuid,
    /// `person-asked`, `retention-over`, `ordered`, `mistake` or `no-basis`; of `notice.waive` `person-asked` or `unreachable`.
    pub reason: String,
}

/// An approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApprovalItem {
    /// Its id.
    pub id: Uuid,
    /// What it is asked for.
    pub kind: String,
    /// What it concerns.
    pub subject: Uuid,
    /// `asked`, `approved`, `refused` or `used`.
    pub state: String,
    /// Who asked.
    pub asked_by: Uuid,
    /// Who answered.
    pub answered_by: Option<Uuid>,
    /// When it was asked.
    pub asked_at: i64,
    /// Until when it may be answered and used.
    pub expires: i64,
    /// Why.
    pub reason: String,
    /// Staff number of who asked, where the caller may know it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub asked_by_login: Option<String>,
    /// The case of a restriction that is to be lifted or of a rule that is to be overridden, while nobody has answered and
    /// where it is one of the caller's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub case: Option<Uuid>,
    /// The kind of that restriction, by code, or the id of that rule.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub what: Option<String>,
    /// The agreement that is to be made, while nobody has answered.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub agreement: Option<AskedAgreement>,
}

/// What a second person is asked to agree to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AskedAgreement {
    /// `promise`, `plan`, `settlement`, `waiver` or `reward`.
    pub kind: String,
    /// What is to be paid in all; of a waiver or reward what is given up. In minor units.
    pub amount: i64,
    /// What is given up: principal, interest, penalty and fees, in minor units.
    pub off: [i64; 4],
    /// ISO 4217 code.
    pub currency: String,
    /// The last day of paying, ISO date.
    pub last: String,
}

/// Answers an approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AnswerApproval {
    /// Whether the second person agrees.
    pub approve: bool,
}
