//! The value of a visit: chance × expected good − labour, travel, harm and complaint risk, itemised; and what it is worth not to
//! visit. Integer arithmetic in the planner's money. Goods are rounded down and costs up, so no visit looks better than it is.
//!
//! Meeting somebody is a means (docs/refused.md, 3). Harm rises with every visit that was made and nothing lowers it; nothing that
//! protects a person is an argument of any function here, so it can raise nothing.

use serde::{Deserialize, Serialize};

use crate::codes;
use crate::measure::{MicroCost, Minor, Seconds};
use crate::money::Currency;
use crate::odds::{Chance, WHOLE};

codes!(
    /// What the worth of a visit, or of not visiting, is made of.
    WorthItem, "item of a worth" {
        /// Chance of meeting somebody × the good of it: what they learn, the help that is offered.
        Meeting = "meeting",
        /// Chance of an agreement × the good of it.
        Agreement = "agreement",
        /// The crew's time.
        Labour = "labour",
        /// The way.
        Travel = "travel",
        /// What a visit does to the person; it rises with every visit that was made.
        Harm = "harm",
        /// The risk of a complaint × what one costs.
        Complaint = "complaint",
        /// Chance that a letter leads to an agreement × the good of it.
        Letter = "letter",
        /// What a letter costs.
        Postage = "postage",
        /// What waiting costs.
        Waiting = "waiting",
    }
);

/// The largest amount that a worth counts with, either way: far above real work, and low enough for sums of plans.
pub const AMOUNT_MAX: MicroCost = MicroCost(1_000_000_000_000);

/// What a strategy says that things are worth, in the planner's money. Amounts are from 0 to [`AMOUNT_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prices {
    /// An hour of a crew's time.
    pub labour_hour: MicroCost,
    /// The good of meeting somebody: they learn where they stand, and help is offered.
    pub meeting: MicroCost,
    /// The part of what is owed that an agreement is worth.
    pub agreement_share: Chance,
    /// What an agreement is worth at most.
    pub agreement_max: MicroCost,
    /// What the first visit does to a person.
    pub harm: MicroCost,
    /// What every visit that was made adds to that.
    pub harm_each: MicroCost,
    /// The risk of a complaint at the first visit.
    pub complaint: Chance,
    /// What every visit that was made adds to that.
    pub complaint_each: Chance,
    /// What a complaint costs those who have to hear it and those who made it.
    pub complaint_cost: MicroCost,
    /// The chance that a letter leads to an agreement.
    pub letter: Chance,
    /// What a letter costs.
    pub letter_cost: MicroCost,
    /// What it costs to wait instead of visiting.
    pub waiting: MicroCost,
}

/// What is known of a case, as far as its worth depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stake {
    /// What is owed.
    pub owed: MicroCost,
    /// Visits that were made to the person, whatever came of them.
    pub visits_made: u32,
    /// The chance of an agreement once somebody came to the door.
    pub agreement: Chance,
}

/// What a visit costs to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// The crew's time.
    pub time: Seconds,
    /// The way, as it costs.
    pub travel: MicroCost,
}

/// The worth of a visit by item. Goods and costs are both from 0 up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct VisitWorth {
    /// The expected good of meeting somebody.
    pub meeting: MicroCost,
    /// The expected good of an agreement.
    pub agreement: MicroCost,
    /// The crew's time.
    pub labour: MicroCost,
    /// The way.
    pub travel: MicroCost,
    /// What it does to the person.
    pub harm: MicroCost,
    /// The risk of a complaint.
    pub complaint: MicroCost,
}

/// The worth of not visiting by item. The letter stands only where it is worth its postage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NoVisitWorth {
    /// The expected good of a letter.
    pub letter: MicroCost,
    /// What the letter costs.
    pub postage: MicroCost,
    /// What waiting costs.
    pub waiting: MicroCost,
}

impl VisitWorth {
    /// Its items with their signs.
    #[must_use]
    pub fn items(&self) -> [(WorthItem, MicroCost); 6] {
        [
            (WorthItem::Meeting, self.meeting),
            (WorthItem::Agreement, self.agreement),
            (WorthItem::Labour, -self.labour),
            (WorthItem::Travel, -self.travel),
            (WorthItem::Harm, -self.harm),
            (WorthItem::Complaint, -self.complaint),
        ]
    }

    /// The sum of its items.
    #[must_use]
    pub fn total(&self) -> MicroCost {
        self.items().into_iter().map(|(_, amount)| amount).sum()
    }

    /// What it is worth before the crew's time and way are paid for: what a planner weighs against both.
    #[must_use]
    pub fn at_the_door(&self) -> MicroCost {
        self.total() + self.labour + self.travel
    }
}

impl NoVisitWorth {
    /// What a visit must be worth more than: not visiting, and never less than nothing.
    #[must_use]
    pub fn to_beat(&self) -> MicroCost {
        self.total().max(MicroCost::ZERO)
    }

    /// Its items with their signs.
    #[must_use]
    pub fn items(&self) -> [(WorthItem, MicroCost); 3] {
        [
            (WorthItem::Letter, self.letter),
            (WorthItem::Postage, -self.postage),
            (WorthItem::Waiting, -self.waiting),
        ]
    }

    /// The sum of its items.
    #[must_use]
    pub fn total(&self) -> MicroCost {
        self.items().into_iter().map(|(_, amount)| amount).sum()
    }
}

/// An amount of a currency in the planner's money: `unit` is what one main unit of the currency is in it. Rounded down.
#[must_use]
pub fn in_planners_money(amount: Minor, currency: Currency, unit: MicroCost) -> MicroCost {
    let exact = i128::from(amount.get().max(0)) * i128::from(unit.get().max(0));
    bounded(exact / 10_i128.pow(u32::from(currency.exponent())))
}

/// What a visit is worth where somebody is met with this chance.
#[must_use]
pub fn visit_worth(prices: &Prices, stake: &Stake, meeting: Chance, effort: Effort) -> VisitWorth {
    let made = i128::from(stake.visits_made);
    let risk = i128::from(prices.complaint.ppm()) + made * i128::from(prices.complaint_each.ppm());
    let risk = risk.min(i128::from(WHOLE));
    let time = i128::from(effort.time.get().max(0));
    // Both chances together in parts of 10^12, so that nothing is lost in between.
    let both = i128::from(meeting.ppm()) * i128::from(stake.agreement.ppm());
    VisitWorth {
        meeting: bounded(i128::from(meeting.ppm()) * wide(prices.meeting) / PPM),
        agreement: bounded(both * wide(good_of_agreement(prices, stake)) / (PPM * PPM)),
        labour: bounded(up(time * wide(prices.labour_hour), 3_600)),
        travel: effort.travel,
        harm: bounded(wide(prices.harm) + made * wide(prices.harm_each)),
        complaint: bounded(up(risk * wide(prices.complaint_cost), PPM)),
    }
}

/// What it is worth not to visit: a letter instead where that is worth its postage, otherwise nothing, and waiting. After a visit
/// the letter is weighed as if as much were owed as counts at all: whoever pays owes less, and that must not lower what another
/// visit has to beat.
#[must_use]
pub fn no_visit_worth(prices: &Prices, stake: &Stake) -> NoVisitWorth {
    let good = match stake.visits_made {
        0 => good_of_agreement(prices, stake),
        _ => prices.agreement_max,
    };
    let good = i128::from(prices.letter.ppm()) * wide(good) / PPM;
    let letter = bounded(good);
    let (letter, postage) = if letter > prices.letter_cost {
        (letter, prices.letter_cost)
    } else {
        (MicroCost::ZERO, MicroCost::ZERO)
    };
    NoVisitWorth {
        letter,
        postage,
        waiting: prices.waiting,
    }
}

const PPM: i128 = WHOLE as i128;

fn good_of_agreement(prices: &Prices, stake: &Stake) -> MicroCost {
    let share = i128::from(prices.agreement_share.ppm()) * wide(stake.owed) / PPM;
    bounded(share).min(prices.agreement_max)
}

const fn wide(amount: MicroCost) -> i128 {
    amount.get() as i128
}

/// A quotient of numbers from 0 up, rounded up.
const fn up(number: i128, by: i128) -> i128 {
    (number + by - 1) / by
}

fn bounded(amount: i128) -> MicroCost {
    let most = wide(AMOUNT_MAX);
    MicroCost(i64::try_from(amount.clamp(-most, most)).unwrap_or(AMOUNT_MAX.get()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn prices() -> Prices {
        Prices {
            labour_hour: MicroCost(18_000_000),
            meeting: MicroCost(40_000_000),
            agreement_share: Chance::nearest(50_000),
            agreement_max: MicroCost(100_000_000),
            harm: MicroCost(2_000_000),
            harm_each: MicroCost(4_000_000),
            complaint: Chance::nearest(2_000),
            complaint_each: Chance::nearest(1_000),
            complaint_cost: MicroCost(300_000_000),
            letter: Chance::nearest(30_000),
            letter_cost: MicroCost(1_000_000),
            waiting: MicroCost::ZERO,
        }
    }

    const EFFORT: Effort = Effort {
        time: Seconds(1_200),
        travel: MicroCost(700_000),
    };

    #[test]
    fn the_items_add_up_to_the_worth() {
        let stake = Stake {
            owed: MicroCost(1_000_000_000),
            visits_made: 2,
            agreement: Chance::nearest(300_000),
        };
        let worth = visit_worth(&prices(), &stake, Chance::nearest(500_000), EFFORT);
        assert_eq!(worth.meeting, MicroCost(20_000_000));
        // 0.5 × 0.3 × min(5 % of 1,000, 100)
        assert_eq!(worth.agreement, MicroCost(7_500_000));
        assert_eq!((worth.labour, worth.travel), (MicroCost(6_000_000), EFFORT.travel));
        assert_eq!(
            (worth.harm, worth.complaint),
            (MicroCost(10_000_000), MicroCost(1_200_000))
        );
        assert_eq!(worth.total(), MicroCost(9_600_000));
        assert_eq!(worth.at_the_door(), MicroCost(16_300_000));
        let instead = no_visit_worth(&prices(), &stake);
        assert_eq!(
            (instead.letter, instead.total()),
            (MicroCost(3_000_000), MicroCost(2_000_000)),
            "after a visit the letter is weighed by the most that counts"
        );
        let before = Stake {
            visits_made: 0,
            ..stake
        };
        assert_eq!(no_visit_worth(&prices(), &before).letter, MicroCost(1_500_000));
    }

    #[test]
    fn a_letter_that_is_not_worth_its_postage_is_not_counted() {
        let stake = Stake {
            owed: MicroCost(10_000_000),
            visits_made: 0,
            agreement: Chance::NEVER,
        };
        assert_eq!(no_visit_worth(&prices(), &stake), NoVisitWorth::default());
    }

    #[test]
    fn amounts_follow_the_decimals_of_their_currency() {
        let of = |code: &str, minor, unit| {
            in_planners_money(Minor(minor), Currency::of(code).unwrap(), MicroCost(unit)).get()
        };
        assert_eq!(of("EUR", 12_345, 1_000_000), 123_450_000);
        assert_eq!(of("JPY", 10_000, 6_000), 60_000_000);
        assert_eq!(of("KWD", 1_005, 1), 1);
        assert_eq!(of("EUR", i64::MAX, i64::MAX), AMOUNT_MAX.get());
    }

    proptest! {
        /// Neither more visits nor less to recover nor lower chances ever make a visit worth more.
        #[test]
        fn a_visit_is_never_worth_more_for_more_visits_or_less_good(
            owed in 0..2_000_000_000_000_i64, less in 0..2_000_000_000_000_i64, made in 0..500_u32, more in 0..500_u32,
            meeting in 0..=WHOLE, agreement in 0..=WHOLE, lower in 0..=WHOLE,
        ) {
            let of = |owed: i64, made: u32, agreement: u32| {
                let stake = Stake { owed: MicroCost(owed), visits_made: made, agreement: Chance::nearest(i64::from(agreement)) };
                let worth = visit_worth(&prices(), &stake, Chance::nearest(i64::from(meeting)), EFFORT);
                worth.total()
            };
            let now = of(owed, made, agreement);
            prop_assert!(of(owed, made + more, agreement) <= now);
            prop_assert!(of(owed.min(less), made, agreement) <= now);
            prop_assert!(of(owed, made, agreement.min(lower)) <= now);
        }

        /// What a planner goes by, the worth less what it has to beat: neither another visit, nor what was paid after one, nor a
        /// lower chance ever raises it.
        #[test]
        fn nothing_that_happens_at_or_after_a_visit_makes_another_one_look_better(
            owed in 0..4_000_000_000_i64, paid in 0..4_000_000_000_i64, made in 0..500_u32, more in 1..500_u32,
            meeting in 0..=WHOLE, agreement in 0..=WHOLE, lower in 0..=WHOLE, letter in 0..=WHOLE,
        ) {
            let prices = Prices { letter: Chance::nearest(i64::from(letter)), ..prices() };
            let of = |owed: i64, visits_made: u32, agreement: u32| {
                let agreement = Chance::nearest(i64::from(agreement));
                let stake = Stake { owed: MicroCost(owed), visits_made, agreement };
                let worth = visit_worth(&prices, &stake, Chance::nearest(i64::from(meeting)), EFFORT);
                worth.at_the_door() - no_visit_worth(&prices, &stake).to_beat()
            };
            let now = of(owed, made, agreement);
            let after = of((owed - paid).max(0), made + more, agreement.min(lower));
            prop_assert!(after <= now, "{} > {}", after, now);
        }
    }
}
