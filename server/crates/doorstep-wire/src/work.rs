//! What comes next with a case, work lists, times of calm, and addresses with where they come from.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// On which day is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct NextQuery {
    /// The day, ISO date; today where absent.
    pub day: Option<String>,
    /// Why the case is opened, where it is outside the caller's caseload.
    pub purpose: Option<String>,
}

/// What comes next with a case, and why nothing else does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NextDetail {
    /// The case.
    pub case: Uuid,
    /// The day that was asked about.
    pub day: String,
    /// Its stage on that day, by the strategy of its portfolio.
    pub stage: String,
    /// The first day of that stage.
    pub stage_since: String,
    /// Whether the portfolio has a strategy of its own; plans go by it only where it has.
    pub own: bool,
    /// What is next: a channel, `verify-address`, `verify-number`, `review`, `wait` or `none`.
    pub action: String,
    /// The step that it carries out or waits for.
    pub step: Option<String>,
    /// Who carries it out.
    pub who: Option<String>,
    /// The day, where one can be named.
    pub when: Option<String>,
    /// Why, as a code.
    pub why: String,
    /// The same in words.
    pub words: String,
    /// The rule, flag or outcome behind it.
    pub because: Option<String>,
    /// Whether lenient plans are offered.
    pub lenient: bool,
    /// The other steps, in the order of the strategy, each with why it is not next.
    pub others: Vec<OtherStep>,
}

/// A step that is not next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OtherStep {
    /// Its name.
    pub step: String,
    /// Its stage.
    pub stage: String,
    /// Its channel.
    pub channel: String,
    /// Why it is not next, as a code.
    pub why: String,
    /// The same in words.
    pub words: String,
    /// The rule, flag or outcome behind it.
    pub because: Option<String>,
    /// From when it may be.
    pub when: Option<String>,
}

/// That a step was carried out which contacts nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StepDoneRequest {
    /// The name of the step; its channel is `bundle` or `bureau`.
    pub step: String,
}

/// A visit that a supervisor asks for by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AskVisit {
    /// `person-asked`, `appointment` or `reviewed`.
    pub reason: String,
}

/// Which work is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct WorkQuery {
    /// `call`, `message`, `letter`, `visit`, `bundle`, `bureau`, `verify-address`, `verify-number` or `review`.
    pub channel: String,
    /// The day, ISO date; today where absent.
    pub day: Option<String>,
    /// Only this portfolio.
    pub portfolio: Option<String>,
    /// For a file: `contact` opens numbers or addresses in full, as the channel needs them.
    pub purpose: Option<String>,
}

/// The work of a channel on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WorkList {
    /// The cases.
    pub items: Vec<WorkItem>,
    /// Cases whose turn it is and whom a rule forbids to contact now; they are not on the list.
    pub held_back: u64,
}

/// A case whose next action this is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WorkItem {
    /// The case.
    pub case: Uuid,
    /// The lender's number.
    pub case_no: String,
    /// The portfolio.
    pub portfolio: String,
    /// Full name.
    pub name: String,
    /// The phone number, all but its last digits hidden.
    pub phone: String,
    /// The language that the person speaks.
    pub language: String,
    /// Its stage.
    pub stage: String,
    /// The step.
    pub step: Option<String>,
    /// Who carries it out.
    pub who: Option<String>,
    /// Why it is next.
    pub why: String,
    /// Whether lenient plans are offered.
    pub lenient: bool,
}

/// Asks to have a portfolio or region calm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SetCalm {
    /// The portfolio; absent for all.
    #[serde(default)]
    pub portfolio: Option<Uuid>,
    /// The country or region, ISO 3166 (`CN`, `CN-33`, `CN-ZJ`); absent for all. One of both is named.
    #[serde(default)]
    pub region: Option<String>,
    /// The first day, ISO date.
    pub from: String,
    /// The last day, ISO date.
    pub until: String,
    /// `stop` or `thin`.
    pub mode: String,
    /// `disaster`, `closure` or `downturn`.
    pub reason: String,
}

/// A time of calm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CalmItem {
    /// Its id.
    pub id: Uuid,
    /// The portfolio; absent for all.
    pub portfolio: Option<String>,
    /// The region; absent for all.
    pub region: Option<String>,
    /// The first day.
    pub from: String,
    /// The last day.
    pub until: String,
    /// What it does to visits.
    pub mode: String,
    /// Why.
    pub reason: String,
    /// `asked`, `on`, `refused` or `ended`.
    pub state: String,
    /// Staff number of who asked.
    pub asked_by: Option<String>,
    /// Staff number of the second person.
    pub answered_by: Option<String>,
    /// Staff number of who ended it early.
    pub ended_by: Option<String>,
    /// Visits that were withdrawn for it.
    pub visits: i64,
    /// The approval that it waits for.
    pub approval: Option<Uuid>,
}

/// Adds an address of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AddAddress {
    /// Its text.
    pub text: String,
    /// Where it comes from: `person`, `contract`, `lender-file` or `court`.
    pub provenance: String,
    /// `home`, `workplace` or `other`; `home` where absent.
    #[serde(default)]
    pub kind: Option<String>,
    /// Latitude and longitude in 1e-7 degrees; where absent it counts as where the case's address is.
    #[serde(default)]
    pub point: Option<[i64; 2]>,
}

/// Says that an address was confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VerifyAddress {
    /// `letter`, `call`, `person`, `lender-file` or `court`.
    pub how: String,
}

/// Says that an address is not to be used any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RetireAddress {
    /// `moved` or `wrong`.
    pub state: String,
}

/// An address of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AddressItem {
    /// Its id.
    pub id: Uuid,
    /// Its text; absent where it stands in a file that is kept no more.
    pub text: Option<String>,
    /// Where it comes from.
    pub provenance: String,
    /// `home`, `workplace` or `other`.
    pub kind: String,
    /// `unverified`, `current`, `moved` or `wrong`.
    pub state: String,
    /// How sure it is: `high`, `medium`, `low` or `none`.
    pub confidence: String,
    /// Whether the case stands on it: visits go there.
    pub used: bool,
    /// Whether it has to be confirmed before a visit.
    pub stale: bool,
    /// The day from which it is known.
    pub since: Option<String>,
    /// When it was confirmed last.
    pub verified_at: Option<i64>,
    /// How.
    pub verified_how: Option<String>,
    /// When somebody said that it is not to be used any more.
    pub retired_at: Option<i64>,
}
