//! Chances: of meeting somebody, and of an agreed resolution once somebody was met.
//!
//! The classes here are as coarse as they are on purpose. A chance belongs to a kind of place, a class of day and a band of hours,
//! over many visits together; nothing in this module can name a person, and no class says when one person is at home
//! (docs/refused.md, 9). Nothing that protects somebody is a class either (docs/refused.md, 12).

use serde::{Deserialize, Serialize};

use crate::codes;
use crate::contact::{ContactOutcome, MatterOutcome};
use crate::measure::{MicroCost, Seconds};

codes!(
    /// What a chance is of.
    OddsOf, "what a chance is of" {
        /// That somebody is met who does not ask the visitors to leave.
        Meeting = "meeting",
        /// That something is agreed, once somebody came to the door.
        Agreement = "agreement",
    }
);

codes!(
    /// A class of days, by the calendar at the address.
    DayClass, "class of day" {
        /// Monday to Friday.
        Workday = "workday",
        /// Saturday.
        Saturday = "saturday",
        /// Sunday.
        Sunday = "sunday",
    }
);

codes!(
    /// A band of hours, by the clocks at the address. Its first hour belongs to it, its last does not.
    HourBand, "band of hours" {
        /// Before 8.
        Before8 = "00-08",
        /// 8 to 10.
        From8 = "08-10",
        /// 10 to 12.
        From10 = "10-12",
        /// 12 to 14.
        From12 = "12-14",
        /// 14 to 16.
        From14 = "14-16",
        /// 16 to 18.
        From16 = "16-18",
        /// 18 to 20.
        From18 = "18-20",
        /// From 20 on.
        From20 = "20-24",
    }
);

codes!(
    /// How much is owed, in units of the planner's money, so that currencies compare.
    AmountBand, "band of amounts" {
        /// Less than 500.
        Under500 = "under-500",
        /// 500 and less than 2,000.
        Under2000 = "under-2000",
        /// 2,000 and less than 10,000.
        Under10000 = "under-10000",
        /// 10,000 and less than 50,000.
        Under50000 = "under-50000",
        /// 50,000 and more.
        From50000 = "from-50000",
    }
);

codes!(
    /// What came of calls, messages and letters before a visit. Whoever refused on one of them counts as if it had not been tried.
    Reached, "what came of other channels" {
        /// None was tried.
        Untried = "untried",
        /// None reached anybody.
        Unanswered = "unanswered",
        /// One reached somebody.
        Reached = "reached",
    }
);

codes!(
    /// What a chance is made of, coarse to fine.
    OddsFactor, "part of a chance" {
        /// What is assumed before any visit.
        Prior = "prior",
        /// All visits.
        All = "all",
        /// The kind of place.
        Place = "place",
        /// The class of day.
        Day = "day",
        /// The band of hours.
        Hours = "hours",
        /// The country.
        Area = "area",
        /// The age of the debt.
        Stage = "stage",
        /// How much is owed.
        Amount = "amount",
        /// What came of other channels.
        Reached = "reached",
    }
);

codes!(
    /// By what differences between groups are told: only what is a column for another reason.
    OddsGroup, "group of visits" {
        /// By portfolio.
        Portfolio = "portfolio",
        /// By team, whose territory it is.
        Team = "team",
        /// By kind of place.
        Place = "place",
    }
);

/// The whole, in parts of a million.
pub const WHOLE: u32 = 1_000_000;

/// A chance in parts of a million, from 0 to 1,000,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Chance(u32);

/// A number that is no chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a chance is 0 to 1,000,000 parts of a million")]
pub struct NoChance;

impl Chance {
    /// It never happens.
    pub const NEVER: Self = Self(0);
    /// It always happens.
    pub const ALWAYS: Self = Self(WHOLE);

    /// A chance of so many parts of a million.
    pub const fn of_ppm(ppm: u32) -> Result<Self, NoChance> {
        if ppm <= WHOLE { Ok(Self(ppm)) } else { Err(NoChance) }
    }

    /// The nearest chance to a number of parts of a million.
    #[must_use]
    pub const fn nearest(ppm: i64) -> Self {
        if ppm < 0 {
            Self(0)
        } else if ppm > WHOLE as i64 {
            Self(WHOLE)
        } else {
            Self(ppm as u32)
        }
    }

    /// Parts of a million.
    #[must_use]
    pub const fn ppm(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for Chance {
    type Error = NoChance;
    fn try_from(ppm: u32) -> Result<Self, NoChance> {
        Self::of_ppm(ppm)
    }
}

impl From<Chance> for u32 {
    fn from(chance: Chance) -> Self {
        chance.0
    }
}

impl DayClass {
    /// The class of a day of the week, Monday being 1 and Sunday 7.
    #[must_use]
    pub const fn of_weekday(monday_one: i8) -> Self {
        match monday_one {
            6 => Self::Saturday,
            7 => Self::Sunday,
            _ => Self::Workday,
        }
    }
}

impl HourBand {
    /// The band of an hour of the day.
    #[must_use]
    pub const fn of_hour(hour: i8) -> Self {
        match hour {
            i8::MIN..=7 => Self::Before8,
            8..=9 => Self::From8,
            10..=11 => Self::From10,
            12..=13 => Self::From12,
            14..=15 => Self::From14,
            16..=17 => Self::From16,
            18..=19 => Self::From18,
            _ => Self::From20,
        }
    }

    /// When it begins, in seconds since local midnight.
    #[must_use]
    pub const fn begins(self) -> Seconds {
        let hour = match self {
            Self::Before8 => 0,
            Self::From8 => 8,
            Self::From10 => 10,
            Self::From12 => 12,
            Self::From14 => 14,
            Self::From16 => 16,
            Self::From18 => 18,
            Self::From20 => 20,
        };
        Seconds(hour * 3_600)
    }
}

impl AmountBand {
    /// The band of an amount in the planner's money.
    #[must_use]
    pub const fn of(amount: MicroCost) -> Self {
        match amount.get() / 1_000_000 {
            i64::MIN..=499 => Self::Under500,
            500..=1_999 => Self::Under2000,
            2_000..=9_999 => Self::Under10000,
            10_000..=49_999 => Self::Under50000,
            _ => Self::From50000,
        }
    }
}

/// Whether a visit met somebody, as far as a chance learns from it; `None` where no visit was made, because a rule refused it at
/// the door.
///
/// Whoever asks the visitors to leave was at home, and still does not count as met: a refusal must never make visits likelier.
#[must_use]
pub const fn met(contact: ContactOutcome) -> Option<bool> {
    match contact {
        ContactOutcome::BlockedRule => None,
        other => Some(other.contacted() && !other.refuses()),
    }
}

/// Whether a visit at which somebody came to the door ended in an agreement; `None` where nobody came.
///
/// A refusal counts as a visit without agreement. So does a payment: what was paid afterwards is no success of the visit, or
/// whoever pays would be visited more.
#[must_use]
pub const fn agreed(contact: ContactOutcome, matter: Option<MatterOutcome>) -> Option<bool> {
    if !contact.contacted() {
        return None;
    }
    let agreement = matches!(matter, Some(MatterOutcome::Promise | MatterOutcome::PlanActive));
    Some(agreement && !contact.refuses())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hour_has_the_band_that_begins_at_or_before_it() {
        for hour in 0..24_i8 {
            let band = HourBand::of_hour(hour);
            assert!(band.begins().get() <= i64::from(hour) * 3_600, "{hour}");
            let next = HourBand::ALL.iter().find(|one| **one > band);
            assert!(
                next.is_none_or(|next| next.begins().get() > i64::from(hour) * 3_600),
                "{hour}"
            );
        }
        assert_eq!(DayClass::of_weekday(5), DayClass::Workday);
        assert_eq!(DayClass::of_weekday(7), DayClass::Sunday);
    }

    #[test]
    fn a_refusal_is_neither_a_meeting_nor_an_agreement() {
        let promise = Some(MatterOutcome::Promise);
        for outcome in ContactOutcome::ALL {
            if outcome.refuses() {
                assert_eq!(met(*outcome), Some(false));
                assert_eq!(agreed(*outcome, promise), Some(false));
            }
        }
        assert_eq!(met(ContactOutcome::MetBorrower), Some(true));
        assert_eq!(agreed(ContactOutcome::MetBorrower, promise), Some(true));
        assert_eq!(agreed(ContactOutcome::NobodyHome, promise), None);
        assert_eq!(met(ContactOutcome::BlockedRule), None);
    }

    #[test]
    fn what_protects_or_was_paid_is_no_agreement() {
        for matter in [
            MatterOutcome::Hardship,
            MatterOutcome::Vulnerable,
            MatterOutcome::Dispute,
            MatterOutcome::Refused,
            MatterOutcome::Complaint,
            MatterOutcome::PaidInFull,
            MatterOutcome::SettledInFull,
            MatterOutcome::Partial,
            MatterOutcome::PromiseKept,
        ] {
            assert_eq!(
                agreed(ContactOutcome::MetBorrower, Some(matter)),
                Some(false),
                "{matter}"
            );
        }
    }

    #[test]
    fn chances_and_amounts_stay_in_their_bounds() {
        assert_eq!(Chance::of_ppm(1_000_001), Err(NoChance));
        assert_eq!(
            (Chance::nearest(-3).ppm(), Chance::nearest(2_000_000).ppm()),
            (0, WHOLE)
        );
        assert_eq!(AmountBand::of(MicroCost(499_999_999)), AmountBand::Under500);
        assert_eq!(AmountBand::of(MicroCost(500_000_000)), AmountBand::Under2000);
        assert_eq!(AmountBand::of(MicroCost(i64::MAX)), AmountBand::From50000);
    }
}
