//! Recordings of body recorders: where one stands, what became of matching it to visits, and what a visit still owes. Knows no
//! storage and no clock.

use crate::codes;
use crate::measure::Micros;

codes!(
    /// Where a recording stands.
    RecordingState, "state of a recording" {
        /// It has not come whole.
        Receiving = "receiving",
        /// It came whole and is kept.
        Kept = "kept",
        /// Its key was destroyed.
        Gone = "gone",
    }
);

codes!(
    /// Where the end of a recording's interval comes from. Its beginning is stated by the index or by the name.
    IntervalSource, "source of an interval" {
        /// The index file says both ends.
        Index = "index",
        /// The person who imports says how long every file is.
        Minutes = "minutes",
        /// When the file was last written.
        Modified = "modified",
    }
);

codes!(
    /// What became of matching a recording to visits.
    RecordingMatch, "match of a recording" {
        /// It belongs to visits of one person and may be sent.
        Matched = "matched",
        /// It is kept already.
        Known = "known",
        /// It was kept, and was let go since.
        Gone = "gone",
        /// No recorder has this number.
        UnknownRecorder = "unknown-recorder",
        /// Nobody carried the recorder on that day.
        NotAssigned = "not-assigned",
        /// Whoever carried it made no visit then.
        NoVisit = "no-visit",
        /// The visit then has no check-out yet.
        NotFinished = "not-finished",
        /// Visits of several persons fall into it: it must be cut.
        SeveralVisits = "several-visits",
    }
);

codes!(
    /// What a visit owes, at which a recording was required and is said to have been made.
    RecordingDue, "standing of a required recording" {
        /// It may still come.
        Pending = "pending",
        /// It did not come in time.
        Missing = "missing",
        /// It came.
        Found = "found",
        /// Somebody who was not there said why there is none.
        Excused = "excused",
    }
);

/// How long after the check-out a recording may come before the visit is flagged: 72 hours, so that a weekend fits.
pub const RECORDING_TIME: Micros = Micros::from_seconds(72 * 3_600);

/// The longest recording, in seconds: a day. What is longer is a recorder that nobody switched off.
pub const RECORDING_S_MAX: i64 = 86_400;

/// The most that a recorder's clock may be off, in seconds: half a day.
pub const OFFSET_S_MAX: i64 = 43_200;

/// Whether a text may be the number of a recorder: 1 to 32 letters, digits and hyphens of ASCII.
#[must_use]
pub fn is_recorder_number(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Whether a text may be the ending of a recording's file: 1 to 8 lower-case letters and digits of ASCII.
#[must_use]
pub fn is_media(text: &str) -> bool {
    (1..=8).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_endings_name_no_path() {
        for good in ["A1", "0042-7", "BWC-000317"] {
            assert!(is_recorder_number(good), "{good}");
        }
        for bad in ["", "a b", "../x", "仪1", &"9".repeat(33)] {
            assert!(!is_recorder_number(bad), "{bad}");
        }
        assert!(is_media("mp4") && !is_media("MP4") && !is_media("") && !is_media("tar.gz"));
    }
}
