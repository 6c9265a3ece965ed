//! Agencies that visit for a creditor: what an evaluation finds, why cases are recalled, and how what they had is destroyed.

use crate::codes;
use crate::measure::Micros;

codes!(
    /// What an evaluation of an agency found.
    EvaluationResult, "result of an evaluation" {
        /// It may go on.
        Pass = "pass",
        /// It may go on, and has something to mend.
        Conditions = "conditions",
        /// It may not go on: it leaves the white list.
        Fail = "fail",
    }
);

/// How many days before its contract ends an agency is evaluated, so that it can be listed anew.
pub const EVALUATED_BEFORE_END: i64 = 90;

/// The rule code of visits that are withdrawn because their case came back to the creditor.
pub const AGENCY_RECALL: &str = "AGENCY-RECALL";

/// How long an agency has to destroy what it had of recalled cases: 30 days, a house value.
pub const DESTROYED_WITHIN: Micros = Micros::from_seconds(30 * 86_400);

codes!(
    /// Why cases are taken back from an agency.
    RecallReason, "reason of a recall" {
        /// Its contract is over.
        ContractOver = "contract-over",
        /// How it went about its visits.
        Conduct = "conduct",
        /// The person asked for it.
        PersonAsked = "person-asked",
        /// The creditor's own crews go, or nobody does.
        OwnWork = "own-work",
        /// They were given to it by mistake.
        Mistake = "mistake",
    }
);

codes!(
    /// Where a recall stands, and with it the destruction of what the agency had.
    RecallState, "state of a recall" {
        /// Takes all cases of the agency, and waits for a second person.
        Asked = "asked",
        /// The second person refused.
        Refused = "refused",
        /// The cases are back; the agency is to destroy what it had of them.
        Open = "open",
        /// The agency says that it has.
        Confirmed = "confirmed",
        /// The creditor takes its word.
        Accepted = "accepted",
    }
);

codes!(
    /// How an agency destroyed what it had.
    DestructionMethod, "method of destruction" {
        /// Files were wiped.
        Wiped = "wiped",
        /// Paper was shredded.
        Shredded = "shredded",
        /// It was given back to the creditor.
        Returned = "returned",
        /// It had nothing beside its devices.
        NoneHeld = "none-held",
    }
);

codes!(
    /// What an agency keeps in spite of that.
    CopiesKept, "kind of copies kept" {
        /// Nothing.
        None = "none",
        /// What a law has it keep.
        Law = "law",
    }
);
