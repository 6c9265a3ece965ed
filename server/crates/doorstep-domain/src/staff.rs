//! Those who log in, their roles, shifts and means of travel.

use crate::codes;
use crate::measure::Seconds;

codes!(
    /// What someone may do; the policy function decides from it.
    Role, "role" {
        /// Visits doors.
        Field = "field",
        /// Plans and reviews a team's work.
        Supervisor = "supervisor",
        /// Checks without changing anything.
        Auditor = "auditor",
        /// Runs the deployment; sees no case.
        Administrator = "administrator",
    }
);

codes!(
    /// A crew's means of travel.
    Travel, "means of travel" {
        /// By car.
        Car = "car",
        /// By moped or electric scooter.
        Moped = "moped",
        /// By bicycle.
        Bicycle = "bicycle",
        /// On foot.
        Foot = "foot",
    }
);

/// A shift on one day, in seconds since local midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShiftHours {
    start: Seconds,
    end: Seconds,
}

/// Why a shift cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no shift; write it like 09:00-18:00, ending after it starts and on the same day")]
pub struct ShiftError(pub String);

impl ShiftHours {
    /// When it starts.
    #[must_use]
    pub const fn start(self) -> Seconds {
        self.start
    }
    /// When it ends.
    #[must_use]
    pub const fn end(self) -> Seconds {
        self.end
    }
}

impl std::str::FromStr for ShiftHours {
    type Err = ShiftError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || ShiftError(text.chars().take(40).collect());
        let (from, to) = text.trim().split_once(['-', '–', '~']).ok_or_else(bad)?;
        let start = time_of_day(from).ok_or_else(bad)?;
        let end = time_of_day(to).ok_or_else(bad)?;
        if start < end {
            Ok(Self { start, end })
        } else {
            Err(bad())
        }
    }
}

impl std::fmt::Display for ShiftHours {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let clock = |s: Seconds| (s.get() / 3600, s.get() % 3600 / 60);
        let ((h1, m1), (h2, m2)) = (clock(self.start), clock(self.end));
        write!(f, "{h1:02}:{m1:02}-{h2:02}:{m2:02}")
    }
}

/// A time of day such as `09:30` in seconds since midnight, up to and including `24:00`.
#[must_use]
pub fn time_of_day(text: &str) -> Option<Seconds> {
    let (hours, minutes) = text.trim().split_once([':', '：'])?;
    if hours.is_empty() || hours.len() > 2 || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    let seconds = hours * 3600 + minutes * 60;
    (minutes < 60 && (0..=86_400).contains(&seconds)).then_some(Seconds(seconds))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn shifts_are_read_and_written_alike() {
        let shift: ShiftHours = "09:00-18:30".parse().unwrap();
        assert_eq!((shift.start(), shift.end()), (Seconds(32_400), Seconds(66_600)));
        assert_eq!(shift.to_string(), "09:00-18:30");
        for bad in ["18:00-09:00", "9-18", "", "09:60-10:00", "09:00-25:00", "-1:00-02:00"] {
            assert!(bad.parse::<ShiftHours>().is_err(), "{bad}");
        }
    }
}
