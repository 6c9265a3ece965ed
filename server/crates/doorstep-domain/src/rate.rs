//! Rates: of how many visits something is known, by staff, crew, portfolio or rule. They are for finding what to look at, never for
//! pay or a ranking: nothing here orders anybody, and of few visits no rate is told at all.
//!
//! Whole numbers only: rates and the ends of their intervals are parts per 10,000.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes;
use crate::event::EventFlag;

codes!(
    /// By what rates are told.
    RateBy, "what rates are told by" {
        /// By member of staff.
        Staff = "staff",
        /// By crew.
        Crew = "crew",
        /// By portfolio.
        Portfolio = "portfolio",
        /// By rule: what it stopped, where it was lifted, and what happened all the same.
        Rule = "rule",
    }
);

codes!(
    /// What is counted.
    RateKind, "what a rate counts" {
        /// Visits that somebody complained about and did not take it back.
        Complaint = "complaint",
        /// Quality checks in which an item was not as it should be, of those that were scored and not struck.
        QualityFailure = "quality-failure",
        /// Visits at which somebody refused.
        Refused = "refused",
        /// Visits that a rule forbade when they were made.
        RuleBlocked = "rule-blocked",
        /// Visits that lack what a rule requires.
        EvidenceMissing = "evidence-missing",
        /// Visits made far from the door.
        FarFromDoor = "far-from-door",
        /// Visits with a position in doubt.
        PositionDoubt = "position-doubt",
        /// Visits with a time in doubt.
        ClockDoubt = "clock-doubt",
        /// Visits that no published plan asked for.
        NotPlanned = "not-planned",
        /// Visits by a crew that was not sent.
        OtherCrew = "other-crew",
        /// Planned visits that a rule took away before they began.
        Withdrawn = "withdrawn",
        /// Approvals of two persons that lifted a rule.
        Overridden = "overridden",
        /// Contacts of any channel that were made though a rule forbade them.
        Forbidden = "forbidden",
    }
);

/// What is counted of visits.
pub const OF_VISITS: [RateKind; 10] = [
    RateKind::Complaint,
    RateKind::QualityFailure,
    RateKind::Refused,
    RateKind::RuleBlocked,
    RateKind::EvidenceMissing,
    RateKind::FarFromDoor,
    RateKind::PositionDoubt,
    RateKind::ClockDoubt,
    RateKind::NotPlanned,
    RateKind::OtherCrew,
];
/// What is counted of rules.
pub const OF_RULES: [RateKind; 3] = [RateKind::Withdrawn, RateKind::Overridden, RateKind::Forbidden];

/// Below so many no rate is told: chance alone would make it.
pub const RATE_LEAST: u64 = 20;

impl RateKind {
    /// What a flag of an event counts as; flags on what programs sent count as nothing.
    #[must_use]
    pub const fn of_flag(flag: EventFlag) -> Option<Self> {
        match flag {
            EventFlag::RuleBlocked => Some(Self::RuleBlocked),
            EventFlag::EvidenceMissing => Some(Self::EvidenceMissing),
            EventFlag::FarFromDoor => Some(Self::FarFromDoor),
            EventFlag::PositionDoubt => Some(Self::PositionDoubt),
            EventFlag::ClockDoubt => Some(Self::ClockDoubt),
            EventFlag::NotPlanned => Some(Self::NotPlanned),
            EventFlag::OtherCrew => Some(Self::OtherCrew),
            _ => None,
        }
    }
}

/// A rate with the ends of its interval, in parts per 10,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// The lower end.
    pub low: u32,
    /// What was counted, as a part of all.
    pub rate: u32,
    /// The upper end.
    pub high: u32,
}

/// The whole, in parts per 10,000.
const WHOLE: u128 = 10_000;
/// The square of 1.96, in parts per 10,000.
const Z2: u128 = 38_416;

/// The rate of `count` in `of` with Wilson's interval of 95 %; `None` where there are too few to tell one.
#[must_use]
pub fn rate(count: u64, of: u64) -> Option<Rate> {
    if of < RATE_LEAST {
        return None;
    }
    let (k, n) = (u128::from(count.min(of)), u128::from(of));
    // (k + z²/2 ± z·√(k(n−k)/n + z²/4)) / (n + z²), all by 10,000 and the root by 1,000,000.
    let below = n * WHOLE + Z2;
    let middle = (k * WHOLE + Z2 / 2) * WHOLE;
    let root = (k * (n - k) * 1_000_000_000_000 / n + Z2 * 25_000_000).isqrt();
    let half = 196 * root;
    let part = |number: u128| u32::try_from(number.min(WHOLE)).unwrap_or(u32::MAX);
    Some(Rate {
        low: part(middle.saturating_sub(half) / below),
        rate: part((k * WHOLE + n / 2) / n),
        high: part((middle + half).div_ceil(below)),
    })
}

/// What is known of one visit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VisitFacts {
    /// What is counted of it, whatever the group.
    pub kinds: BTreeSet<RateKind>,
    /// Quality checks of it: whether an item failed. None that were struck or are being appealed.
    pub checks: Vec<bool>,
}

/// The counts of a group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Visits that were made.
    pub visits: u64,
    /// Quality checks that count.
    pub checked: u64,
    counts: BTreeMap<RateKind, u64>,
}

impl Tally {
    /// Counts a visit.
    pub fn add(&mut self, visit: &VisitFacts) {
        self.visits += 1;
        for kind in &visit.kinds {
            self.note(*kind, 1);
        }
        self.checked += visit.checks.len() as u64;
        let failed = visit.checks.iter().filter(|failed| **failed).count();
        self.note(RateKind::QualityFailure, failed as u64);
    }

    /// Counts something that is no visit of its own.
    pub fn note(&mut self, kind: RateKind, count: u64) {
        *self.counts.entry(kind).or_default() += count;
    }

    /// How many of a kind there were, and of how many; of nothing where it is no part of a whole.
    #[must_use]
    pub fn of(&self, kind: RateKind) -> (u64, Option<u64>) {
        let whole = match kind {
            RateKind::QualityFailure => Some(self.checked),
            kind if OF_RULES.contains(&kind) => None,
            _ => Some(self.visits),
        };
        (self.counts.get(&kind).copied().unwrap_or(0), whole)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    /// Computed by hand from the formula with z = 1.96, rounded outwards.
    #[test]
    fn intervals_are_those_of_the_formula() {
        for (count, of, low, point, high) in [
            (0, 20, 0, 0, 1_612),
            (20, 20, 8_388, 10_000, 10_000),
            (10, 20, 2_992, 5_000, 7_008),
            (1, 20, 88, 500, 2_362),
            (5, 100, 215, 500, 1_118),
            (50, 100, 4_038, 5_000, 5_962),
            (3, 250, 40, 120, 347),
            (1, 10_000, 0, 1, 6),
        ] {
            let found = rate(count, of).unwrap();
            assert_eq!(
                (found.low, found.rate, found.high),
                (low, point, high),
                "{count} of {of}"
            );
        }
    }

    #[test]
    fn of_few_no_rate_is_told() {
        assert_eq!(rate(0, 0), None);
        assert_eq!(rate(19, 19), None);
        assert!(rate(19, 20).is_some());
        assert!(rate(u64::MAX, u64::MAX).is_some_and(|rate| rate.rate == 10_000));
    }

    #[test]
    fn an_interval_holds_its_rate_and_narrows_with_more_visits() {
        for of in [20_u64, 21, 50, 333, 10_000] {
            for count in 0..=of.min(60) {
                let found = rate(count, of).unwrap();
                assert!(
                    found.low <= found.rate && found.rate <= found.high,
                    "{count} of {of}: {found:?}"
                );
                let more = rate(count * 10, of * 10).unwrap();
                assert!(more.high - more.low <= found.high - found.low, "{count} of {of}");
                // What is counted from the other side is the other side's interval.
                let other = rate(of - count, of).unwrap();
                assert!(other.low.abs_diff(10_000 - found.high) <= 1, "{count} of {of}");
            }
        }
    }

    #[test]
    fn a_visit_counts_once_for_each_kind_and_checks_for_themselves() {
        let mut tally = Tally::default();
        let plain = VisitFacts::default();
        let remarked = VisitFacts {
            kinds: BTreeSet::from([RateKind::Complaint, RateKind::FarFromDoor]),
            checks: vec![true, false],
        };
        tally.add(&plain);
        tally.add(&remarked);
        tally.add(&remarked);
        for (kind, count, of) in [
            (RateKind::Complaint, 2, Some(3)),
            (RateKind::FarFromDoor, 2, Some(3)),
            (RateKind::Refused, 0, Some(3)),
            (RateKind::QualityFailure, 2, Some(4)),
            (RateKind::Overridden, 0, None),
        ] {
            assert_eq!(tally.of(kind), (count, of), "{kind}");
        }
    }

    #[test]
    fn every_kind_is_of_visits_or_of_rules() {
        for kind in RateKind::ALL {
            assert!(OF_VISITS.contains(kind) != OF_RULES.contains(kind), "{kind}");
        }
    }
}
