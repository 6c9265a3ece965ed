//! Problems (RFC 9457): every refusal has a stable code and says what to do.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The content type of a problem.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// `urn:doorstep:problem:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What is wrong, in a few words.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// The stable code, for programs.
    pub code: String,
    /// What exactly, where, and what to do about it.
    pub detail: String,
    /// Line or field of the input, where one is to blame.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub place: Option<String>,
    /// Rules that refused, where rules did.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub rules: Vec<String>,
    /// Visits that may not be made, where a plan was refused for them.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub visits: Vec<VisitRefused>,
    /// The request's id in the server's log, where the server failed; it is in the header `X-Request-Id` of every answer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub request: Option<String>,
}

/// A visit of a plan that may not be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VisitRefused {
    /// The case.
    pub case: Uuid,
    /// The lender's number of the case; empty where the person was erased.
    pub case_no: String,
    /// The rules that forbid it.
    pub rules: Vec<String>,
}

macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal, $title:literal;)*) => {
        /// Every code a problem can have, with its HTTP status and title.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ProblemCode { $($(#[$doc])* $name),* }
        impl ProblemCode {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
            /// The stable code.
            #[must_use]
            pub const fn code(self) -> &'static str { match self { $(Self::$name => $code),* } }
            /// The HTTP status.
            #[must_use]
            pub const fn status(self) -> u16 { match self { $(Self::$name => $status),* } }
            /// What is wrong, in a few words.
            #[must_use]
            pub const fn title(self) -> &'static str { match self { $(Self::$name => $title),* } }
        }
    };
}

problems! {
    /// The body or a parameter cannot be read.
    BadRequest = "bad-request", 400, "The request cannot be read";
    /// No or no valid token.
    NotSignedIn = "not-signed-in", 401, "Sign in first";
    /// Login or password is wrong.
    SignInFailed = "sign-in-failed", 401, "Login or password is wrong";
    /// An administrator set the password: its owner must choose another one.
    PasswordChangeNeeded = "password-change-needed", 403, "The password must be changed";
    /// The policy says no.
    NotAllowed = "not-allowed", 403, "Not allowed";
    /// The person is outside the caller's caseload, and no purpose was named.
    PurposeNeeded = "purpose-needed", 403, "Say why you open this file";
    /// A rule refuses.
    RuleBlocked = "rule-blocked", 409, "A rule refuses";
    /// There is no such thing, or not in the caller's scope.
    NotFound = "not-found", 404, "Not found";
    /// An amount is too old to be stated.
    AmountStale = "amount-stale", 409, "The amount is too old to be stated";
    /// The person was not found at the address, and somebody else would open the letter.
    AddressLost = "address-lost", 409, "The address has to be confirmed";
    /// No font has what would be printed.
    NotPrintable = "not-printable", 422, "It cannot be printed";
    /// It was changed in the meantime.
    Changed = "changed", 412, "It was changed in the meantime";
    /// If-Match is missing.
    IfMatchMissing = "if-match-missing", 428, "Say which version you mean";
    /// The idempotency key was used for another request.
    KeyReused = "idempotency-key-reused", 422, "The idempotency key was used for another request";
    /// Too many attempts.
    TooMany = "too-many-attempts", 429, "Too many attempts";
    /// The body is too large.
    TooLarge = "too-large", 413, "The file is too large";
    /// The file cannot be read as a table.
    FileUnreadable = "file-unreadable", 422, "The file cannot be read";
    /// The workbook has a password.
    FileLocked = "file-locked", 422, "The workbook has a password";
    /// The encoding is wrong.
    FileEncoding = "file-encoding", 422, "The encoding of the file is wrong";
    /// Required columns are missing.
    ColumnsMissing = "columns-missing", 422, "Columns are missing";
    /// Devices of the agency still hold doors of the cases.
    DoorsHeld = "doors-held", 409, "Devices still hold doors";
    /// A complete file would recall cases and that was not confirmed.
    RecallUnconfirmed = "recall-unconfirmed", 409, "Cases would be recalled";
    /// Something else touched the rows of an import.
    ImportTouched = "import-touched", 409, "The import can no longer be taken back";
    /// There is nothing to plan with.
    NothingToPlan = "nothing-to-plan", 422, "There is nothing to plan";
    /// The plan does not hold any more.
    PlanOutdated = "plan-outdated", 409, "The plan does not hold any more";
    /// The day that somebody is to pay on is over.
    DayPast = "day-past", 422, "The day is over";
    /// More would be paid or given up than is owed.
    AboveOwed = "above-owed", 422, "More than is owed";
    /// The promise or plan would last longer than the portfolio allows.
    TooLong = "plan-too-long", 422, "It lasts too long";
    /// An instalment would be smaller than the portfolio takes.
    TooSmall = "instalment-too-small", 422, "An instalment is too small";
    /// Another currency than that of the case.
    CurrencyMixed = "currency-mixed", 422, "Two currencies cannot be mixed";
    /// Not even with a second person may the caller agree to it.
    AboveAuthority = "above-authority", 403, "It goes beyond what may be agreed";
    /// Another agreement stands.
    AgreementStands = "agreement-stands", 409, "Another agreement stands";
    /// The case is over: nothing is left to agree about.
    CaseOver = "case-over", 409, "The case is over";
    /// A letter of the same kind waits to leave, or was made a few days ago.
    LetterAgain = "letter-again", 409, "Such a letter was made already";
    /// The portfolio does not say how to pay.
    PayUnknown = "pay-unknown", 404, "The portfolio does not say how to pay";
    /// Needs an approval by a second person.
    ApprovalNeeded = "approval-needed", 409, "A second person must approve";
    /// The enrolment code is wrong or too old.
    EnrolmentFailed = "enrolment-failed", 403, "The enrolment code does not hold";
    /// The device was revoked: it must wipe what it holds.
    DeviceRevoked = "device-revoked", 403, "The device was revoked";
    /// The device signed two headers with one number.
    DeviceFork = "device-fork", 409, "The device's chain has split";
    /// A signature does not verify.
    BadSignature = "bad-signature", 422, "A signature does not verify";
    /// The device's program is too old.
    DeviceTooOld = "device-too-old", 426, "The device's program must be updated";
    /// The server is too old for the device's program.
    DeviceTooNew = "device-too-new", 409, "The server must be updated for this device";
    /// The person was erased.
    Erased = "erased", 410, "The person was erased";
    /// A legal hold stands.
    Held = "held", 409, "A legal hold stands";
    /// Nobody's time for keeping is over.
    NothingDue = "nothing-due", 409, "There is nothing to erase";
    /// Somebody settled the conflict before.
    ConflictSettled = "conflict-settled", 409, "The conflict is settled";
    /// The log is halted: no file leaves before it goes on.
    LogHalted = "log-halted", 409, "The log is halted";
    /// Leaves in the database are not those that were signed.
    LogAltered = "log-altered", 500, "The log was altered";
    /// The work of a later day is done.
    DayOver = "day-over", 409, "The work of a later day is done";
    /// Held money was decided about, or cannot count where it was put.
    PaymentUnfit = "payment-unfit", 409, "The money cannot count there";
    /// The disk is full.
    DiskFull = "disk-full", 507, "The disk is full";
    /// Busy; try again.
    Busy = "busy", 503, "Busy";
    /// A fault of the program.
    Internal = "internal", 500, "Something went wrong here";
}

impl Problem {
    /// A problem with this code; `detail` says what exactly and what to do.
    #[must_use]
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:doorstep:problem:{}", code.code()),
            title: code.title().to_owned(),
            status: code.status(),
            code: code.code().to_owned(),
            detail: detail.into(),
            place: None,
            rules: Vec::new(),
            visits: Vec::new(),
            request: None,
        }
    }
}
