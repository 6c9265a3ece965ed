//! A complaint: a matter of its own with clock and owner, linked to a case. While one is open, nobody is sent to the person.

use crate::codes;

codes!(
    /// Where a complaint stands.
    ComplaintState, "state of a complaint" {
        /// Nobody has taken it up.
        Received = "received",
        /// Somebody owns it.
        InProgress = "in-progress",
        /// It was answered.
        Answered = "answered",
        /// The person took it back.
        Withdrawn = "withdrawn",
        /// The person was erased before anybody answered.
        Erased = "erased",
    }
);

codes!(
    /// What came of a complaint.
    ComplaintOutcome, "outcome of a complaint" {
        /// It is right.
        Upheld = "upheld",
        /// It is right in part.
        Partly = "partly",
        /// It is not right; the answer says why.
        Rejected = "rejected",
        /// Both sides agreed on something.
        Settled = "settled",
        /// The person took it back by themselves.
        Withdrawn = "withdrawn",
    }
);

codes!(
    /// How a complaint came in.
    ComplaintChannel, "channel of a complaint" {
        /// By phone.
        Phone = "phone",
        /// In writing.
        Letter = "letter",
        /// On the page that notices and receipts lead to.
        Page = "page",
        /// Said at the door.
        Door = "door",
        /// Through an authority or an ombudsman.
        Authority = "authority",
    }
);

/// By the end of how many working days after it came somebody takes a complaint up: a house value.
pub const ACKNOWLEDGE_WORKING_DAYS: i64 = 2;
/// By the end of how many days after it came a complaint is answered: a house value.
pub const ANSWER_DAYS: i64 = 15;

impl ComplaintState {
    /// Whether it still waits for an answer, and so pauses visits.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Received | Self::InProgress)
    }
}

impl ComplaintOutcome {
    /// Where a complaint with this outcome stands.
    #[must_use]
    pub const fn state(self) -> ComplaintState {
        match self {
            Self::Withdrawn => ComplaintState::Withdrawn,
            Self::Upheld | Self::Partly | Self::Rejected | Self::Settled => ComplaintState::Answered,
        }
    }
}

/// The last day on which a complaint of a day is taken up, both in days since 1970-01-01. Saturday and Sunday are no working
/// days; holidays count as such, so that no table of them can make anybody wait longer.
#[must_use]
pub fn acknowledge_day(received: i64) -> i64 {
    let mut day = received;
    let mut left = ACKNOWLEDGE_WORKING_DAYS;
    while left > 0 {
        day += 1;
        if is_working(day) {
            left -= 1;
        }
    }
    day
}

/// The last day on which a complaint of a day is answered, both in days since 1970-01-01.
#[must_use]
pub const fn answer_day(received: i64) -> i64 {
    received + ANSWER_DAYS
}

/// 1970-01-01 was a Thursday.
const fn is_working(day: i64) -> bool {
    (day + 3).rem_euclid(7) < 5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn working_days_pass_over_weekends() {
        // 2026-11-23 is a Monday.
        let monday = 20_780;
        assert_eq!(acknowledge_day(monday), monday + 2);
        assert_eq!(acknowledge_day(monday + 3), monday + 7, "Thursday to Monday");
        assert_eq!(acknowledge_day(monday + 4), monday + 8, "Friday to Tuesday");
        assert_eq!(acknowledge_day(monday + 5), monday + 8, "Saturday to Tuesday");
        assert_eq!(acknowledge_day(monday + 6), monday + 8, "Sunday to Tuesday");
        assert_eq!(answer_day(monday), monday + 15);
    }

    #[test]
    fn an_outcome_ends_a_complaint() {
        for outcome in ComplaintOutcome::ALL {
            assert!(!outcome.state().is_open(), "{outcome}");
        }
        assert!(ComplaintState::Received.is_open() && ComplaintState::InProgress.is_open());
        assert!(!ComplaintState::Erased.is_open());
    }
}
