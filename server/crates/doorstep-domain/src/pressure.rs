//! The pressure meter of a person: how much of all contacts together falls on one person. It looks after the person; nothing
//! of it says anything about staff, and no pay, rank or target may follow from it.

use crate::codes;

codes!(
    /// How much falls on the person, by house values.
    PressureBand, "band of the pressure meter" {
        /// Nothing to remark.
        Calm = "calm",
        /// Somebody should ask whether the next contact is needed.
        Raised = "raised",
        /// Somebody must look before anybody makes another contact.
        High = "high",
    }
);

/// Contacts in seven days from which the pressure is raised, and from which it is high.
pub const WEEK_BANDS: [u32; 2] = [4, 8];
/// Contacts within thirty days after a refusal from which the pressure is raised, and from which it is high.
pub const IGNORED_BANDS: [u32; 2] = [1, 2];
/// The share of evening contacts, in permille, from which the pressure is raised.
pub const EVENING_PERMILLE: u32 = 500;
/// With fewer contacts in thirty days than these a share says nothing.
pub const EVENING_OF_MIN: u32 = 4;
/// The hour of the local day at which the evening begins.
pub const EVENING_HOUR: i8 = 18;

/// What the meter shows. Counts are of contacts that the person could notice, over all channels and cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pressure {
    /// In the last seven days.
    pub week: u32,
    /// In the last thirty days.
    pub month: u32,
    /// Of those in thirty days the ones that began at 18:00 or later, local time.
    pub evening: u32,
    /// Of those in thirty days the ones that came while a refusal held.
    pub ignored: u32,
}

impl Pressure {
    /// The share of evening contacts in thirty days, in permille; 0 where there was none.
    #[must_use]
    pub fn evening_permille(self) -> u32 {
        (self.evening * 1_000).checked_div(self.month).unwrap_or(0)
    }

    /// The band.
    #[must_use]
    pub fn band(self) -> PressureBand {
        let evenings = self.month >= EVENING_OF_MIN && self.evening_permille() >= EVENING_PERMILLE;
        if self.week >= WEEK_BANDS[1] || self.ignored >= IGNORED_BANDS[1] {
            PressureBand::High
        } else if self.week >= WEEK_BANDS[0] || self.ignored >= IGNORED_BANDS[0] || evenings {
            PressureBand::Raised
        } else {
            PressureBand::Calm
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn band(week: u32, month: u32, evening: u32, ignored: u32) -> PressureBand {
        Pressure {
            week,
            month,
            evening,
            ignored,
        }
        .band()
    }

    #[test]
    fn bands_change_at_their_boundaries() {
        assert_eq!(Pressure::default().band(), PressureBand::Calm);
        assert_eq!(
            (band(3, 3, 0, 0), band(4, 4, 0, 0)),
            (PressureBand::Calm, PressureBand::Raised)
        );
        assert_eq!(
            (band(7, 7, 0, 0), band(8, 8, 0, 0)),
            (PressureBand::Raised, PressureBand::High)
        );
        assert_eq!(
            (band(1, 1, 0, 1), band(2, 2, 0, 2)),
            (PressureBand::Raised, PressureBand::High)
        );
        assert_eq!(
            (band(0, 5, 2, 0), band(0, 4, 2, 0)),
            (PressureBand::Calm, PressureBand::Raised)
        );
        assert_eq!(band(0, 3, 3, 0), PressureBand::Calm, "a share of few says nothing");
    }
}
