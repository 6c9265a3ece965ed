//! Quality checks (质检): visits that are scored on a sheet by somebody outside the line. What comes of one is about the work:
//! it never feeds pay or a ranking, and nothing here adds anything up to a score.

use crate::codes;

codes!(
    /// Why a visit is checked.
    DrawnBecause, "reason of a quality check" {
        /// It was drawn by lot.
        Sample = "sample",
        /// Somebody complained about it.
        Complaint = "complaint",
    }
);

codes!(
    /// Where a quality check stands.
    CheckState, "state of a quality check" {
        /// Nobody has scored it.
        Drawn = "drawn",
        /// Scored; whoever was there may appeal once.
        Scored = "scored",
        /// Somebody appealed; a third person decides.
        Appealed = "appealed",
        /// The appeal was decided.
        Decided = "decided",
    }
);

codes!(
    /// What was found about one item of the sheet.
    ItemFound, "finding of an item" {
        /// As it should be.
        Pass = "pass",
        /// Not as it should be.
        Fail = "fail",
        /// Not to be judged here: nobody was met, or nothing shows it.
        NotApplicable = "na",
    }
);

codes!(
    /// What a third person says to an appeal.
    AppealDecision, "decision of an appeal" {
        /// The result stands.
        Stands = "stands",
        /// The result is struck: it counts nowhere.
        Struck = "struck",
    }
);

codes!(
    /// Why wording has no place in a note or at a door.
    WordingKind, "kind of wording" {
        /// It threatens.
        Threat = "threat",
        /// It insults.
        Insult = "insult",
        /// It claims an authority that nobody at the door has.
        FalseAuthority = "false-authority",
        /// It demands something of relatives.
        Relatives = "relatives",
    }
);

/// How many visits of each member of staff are drawn each week, at least: a house value.
pub const SAMPLE_PER_STAFF: usize = 2;
/// The most that may be asked for.
pub const SAMPLE_PER_STAFF_MAX: usize = 50;
