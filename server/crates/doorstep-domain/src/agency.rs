//! Agencies that visit for a creditor: what an evaluation finds, and why cases are recalled.

use crate::codes;

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
