//! Training of staff, and the talk that is due after an incident.

use crate::codes;

codes!(
    /// How good a choice in a training situation is.
    Grade, "grade of a choice" {
        /// What the rules and the house ask for.
        Right = "right",
        /// Allowed, and there is something better.
        Acceptable = "acceptable",
        /// Against a rule.
        Wrong = "wrong",
    }
);

codes!(
    /// Where a run through a scenario stands.
    RunState, "state of a training run" {
        /// It goes on.
        Open = "open",
        /// It was passed.
        Passed = "passed",
        /// It was not passed; it may be tried again at any time.
        Failed = "failed",
    }
);

codes!(
    /// What a debrief is about.
    DebriefCause, "cause of a debrief" {
        /// Somebody called for help.
        Help = "help",
        /// A check-out was overdue, and whoever looked after it found that it was real.
        Overdue = "overdue",
        /// A visit was broken off for safety.
        Aborted = "aborted",
    }
);

codes!(
    /// Where a debrief stands.
    DebriefState, "state of a debrief" {
        /// It is due.
        Due = "due",
        /// Its day is over, and nobody noted that it was held. Nobody is punished for it; somebody should ask how they are.
        Overdue = "overdue",
        /// It was held.
        Done = "done",
    }
);

codes!(
    /// Where a leaflet was handed over.
    HandedAt, "place where a leaflet was handed over" {
        /// By the office: on a screen, by post, or over the counter.
        Office = "office",
        /// By field staff at the door.
        Door = "door",
    }
);
