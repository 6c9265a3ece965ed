//! What visits to a case are worth, by the chances that were learned and the strategy of its portfolio.
//!
//! Chances by hour are chances of kinds of places, and they stay inside: a plan needs them to choose a time, and no answer that
//! names a case may tell them, or a name would stand beside the hours at which somebody like them is at home (docs/refused.md, 3
//! and 9). So what is shown of a planned case is its day, with the mean over all hours that were allowed on it, and what is shown
//! of a case that is left out are items without any hour. The only personal times are those that the person stated; they narrow
//! the windows before anything is weighed (`available`, consents and wishes are facts of the rules).
//!
//! Hardship, vulnerability, disputes, refusals, complaints and payments after a visit are hard stops of the rules or guard the
//! chance of an agreement ([`Guard`]); none of them is read anywhere else in this file, and none can raise anything.

use std::collections::BTreeMap;

use doorstep_domain::case::Flag;
use doorstep_domain::contact::Channel;
use doorstep_domain::measure::{MicroCost, Micros, Minor, Seconds};
use doorstep_domain::money::Currency;
use doorstep_domain::odds::{AmountBand, Chance, DayClass, HourBand, Reached};
use doorstep_domain::worth::{Effort, NoVisitWorth, Prices, Stake, VisitWorth, WorthItem, no_visit_worth, visit_worth};
use doorstep_odds::{Model, Place, Scene, Slot as SlotClass};
use doorstep_planner::replay;
use doorstep_store::contact::Contact;
use doorstep_strategy::Worth as WorthSection;
use doorstep_wire::odds::{Worth, WorthAmount};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::day;
use crate::facts::Known;
use crate::planning::SERVICE;
use crate::strategy::Strategies;

/// What is used to weigh cases: the chances in force and the strategies of the portfolios.
pub(crate) struct Scales {
    pub(crate) model: Model,
    /// The version of the chances; 0 where nothing was learned yet.
    pub(crate) version: i64,
    pub(crate) strategies: Strategies,
}

/// A span in which a visit may begin and end, and what it is worth then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) from: Micros,
    pub(crate) to: Micros,
    pub(crate) worth: VisitWorth,
    /// What a planner weighs against time and way: the worth at the door less what a visit has to beat.
    pub(crate) value: MicroCost,
}

/// A worth beside what it is worth not to visit: what is kept with a plan and told of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Weighing {
    pub(crate) visit: VisitWorth,
    pub(crate) no_visit: NoVisitWorth,
}

/// What may never raise a chance, and is known of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Guard {
    /// Hardship, vulnerability, a dispute, a complaint: any flag that restricts, of the case or the person, or a bar.
    pub(crate) restricted: bool,
    /// Somebody refused, at the door or on another channel.
    pub(crate) refused: bool,
    /// A visit was made before: whatever was paid, promised or changed since may come from it.
    pub(crate) visited: bool,
}

impl Guard {
    const fn holds(self) -> bool {
        self.restricted || self.refused || self.visited
    }
}

/// What a case is weighed with.
pub(crate) struct Weighed<'a> {
    model: &'a Model,
    prices: Prices,
    place: Place,
    zone: TimeZone,
    pub(crate) stake: Stake,
    pub(crate) scene: Scene,
    pub(crate) no_visit: NoVisitWorth,
}

impl Scales {
    /// What a case is weighed with.
    pub(crate) fn weigh(&self, known: &Known) -> Weighed<'_> {
        let (case, address) = (&known.view.case, &known.view.address);
        let section = &self.strategies.of(case.portfolio).worth;
        let prices = section.prices();
        let owed = owed(section, &case.currency, case.amount);
        let scene = Scene {
            stage: case.stage,
            amount: AmountBand::of(owed),
            reached: reached(&known.contacts),
        };
        let visits_made = visits_made(known);
        let guard = Guard {
            restricted: restricted(case.flags | known.of_person) || !known.bans.is_empty(),
            refused: known
                .contacts
                .iter()
                .filter_map(|one| one.outcome)
                .any(doorstep_domain::contact::ContactOutcome::refuses),
            visited: visits_made > 0,
        };
        let stake = Stake {
            owed,
            visits_made,
            agreement: agreement(&self.model, scene, guard),
        };
        Weighed {
            model: &self.model,
            no_visit: no_visit_worth(&prices, &stake),
            prices,
            place: Place {
                kind: address.kind,
                country: address.country.clone().unwrap_or_default(),
            },
            zone: day::zone(&address.zone),
            stake,
            scene,
        }
    }
}

impl Weighed<'_> {
    /// A span of time as spans by bands of hours, each with what a visit is worth that begins in it. A visit that begins just
    /// before a band ends may end in the next, so spans overlap by the length of a visit; equal neighbours are one.
    pub(crate) fn slots(&self, (from, to): (Micros, Micros)) -> Vec<Slot> {
        let mut slots: Vec<Slot> = Vec::new();
        for (class, from, next) in self.bands((from, to)) {
            let end = to.min(next + SERVICE);
            if end - from < SERVICE {
                continue;
            }
            let worth = self.at(self.model.meeting(&self.place, class), AT_THE_DOOR);
            let value = worth.at_the_door() - self.no_visit.to_beat();
            match slots.last_mut() {
                Some(last) if last.worth == worth => last.to = end,
                _ => slots.push(Slot {
                    from,
                    to: end,
                    worth,
                    value,
                }),
            }
        }
        slots
    }

    /// What a visit is worth at a mean chance over some spans: what is told beside a name.
    pub(crate) fn mean(&self, spans: &[(Micros, Micros)], effort: Effort) -> Option<VisitWorth> {
        Some(self.at(self.mean_meeting(spans)?, effort))
    }

    /// What a visit turns out to be worth at a mean chance over some spans.
    pub(crate) fn mean_outcome(&self, spans: &[(Micros, Micros)]) -> Option<replay::Stake> {
        let worth = |meeting| self.at(meeting, AT_THE_DOOR).at_the_door() - self.no_visit.to_beat();
        Some(replay::Stake {
            chance: self.mean_meeting(spans)?.ppm(),
            met: worth(Chance::ALWAYS),
            missed: worth(Chance::NEVER),
        })
    }

    fn mean_meeting(&self, spans: &[(Micros, Micros)]) -> Option<Chance> {
        let (mut chances, mut seconds) = (0_i128, 0_i128);
        for span in spans {
            for (class, from, next) in self.bands(*span) {
                let length = i128::from((next.min(span.1) - from).seconds().max(0));
                chances += length * i128::from(self.model.meeting(&self.place, class).ppm());
                seconds += length;
            }
        }
        let mean = chances.checked_div(seconds)?;
        Some(Chance::nearest(i64::try_from(mean).unwrap_or_default()))
    }

    fn at(&self, meeting: Chance, effort: Effort) -> VisitWorth {
        visit_worth(&self.prices, &self.stake, meeting, effort)
    }

    /// The local day of an instant, in days since 1970-01-01.
    pub(crate) fn day_of(&self, at: Micros) -> i64 {
        day::number(day::local(at, &self.zone))
    }

    /// The bands of hours that a span touches: class, where the span enters it, and where the next begins.
    fn bands(&self, (from, to): (Micros, Micros)) -> Vec<(SlotClass, Micros, Micros)> {
        let mut bands = Vec::new();
        let mut at = from;
        while at < to {
            let local = day::timestamp(at).to_zoned(self.zone.clone());
            let hours = HourBand::of_hour(local.hour());
            let next = HourBand::ALL.iter().find(|band| **band > hours);
            let begins = next.map_or(Seconds(86_400), |band| band.begins());
            // Where clocks are put back the boundary can lie behind: an hour later is asked again.
            let next = day::at(local.date(), begins, &self.zone);
            let next = if next > at {
                next
            } else {
                at + Micros::from_seconds(3_600)
            };
            let class = SlotClass {
                day: DayClass::of_weekday(local.weekday().to_monday_one_offset()),
                hours,
            };
            bands.push((class, at, next));
            at = next;
        }
        bands
    }
}

/// What a visit costs before the way to it is known: the time at the door.
pub(crate) const AT_THE_DOOR: Effort = Effort {
    time: Seconds(SERVICE.seconds()),
    travel: MicroCost::ZERO,
};

impl Weighing {
    /// Whether a visit is worth more than nothing and more than not visiting.
    pub(crate) fn is_worth_it(&self) -> bool {
        self.visit.total() > self.no_visit.to_beat()
    }

    /// The worth at the door less what a visit has to beat.
    pub(crate) fn value(&self) -> MicroCost {
        self.visit.at_the_door() - self.no_visit.to_beat()
    }

    /// As it is told.
    pub(crate) fn told(&self) -> (Worth, Worth) {
        (told(&self.visit.items()), told(&self.no_visit.items()))
    }
}

fn told(items: &[(WorthItem, MicroCost)]) -> Worth {
    Worth {
        items: items
            .iter()
            .map(|(item, amount)| WorthAmount {
                item: item.code().to_owned(),
                amount: amount.get(),
            })
            .collect(),
        total: items.iter().map(|(_, amount)| amount.get()).sum(),
    }
}

/// What is owed in the planner's money. A currency that is not known was held at import.
fn owed(section: &WorthSection, currency: &str, amount: i64) -> MicroCost {
    Currency::of(currency).map_or(MicroCost::ZERO, |currency| {
        section.in_planners_money(Minor(amount), currency)
    })
}

/// The chance of an agreement. Where something is known that may never raise it, the lowest that the case can have come from.
fn agreement(model: &Model, scene: Scene, guard: Guard) -> Chance {
    if guard.holds() {
        model.agreement_at_least(scene)
    } else {
        model.agreement(scene)
    }
}

fn restricted(flags: i64) -> bool {
    Flag::of_mask(flags).into_iter().any(Flag::restricts)
}

/// Visits that were made to the person in any case: each of them was noticed, whatever came of it.
fn visits_made(known: &Known) -> u32 {
    let visits = known
        .contacts
        .iter()
        .filter(|contact| contact.channel == Channel::Visit);
    let noticed = visits.filter(|visit| {
        visit
            .outcome
            .is_none_or(doorstep_domain::contact::ContactOutcome::noticed)
    });
    let all = noticed.count() as i64 + known.view.case.visits_before.max(0);
    u32::try_from(all).unwrap_or(u32::MAX)
}

/// What came of other channels. Whoever refused there counts as if nothing had been tried, so that a refusal changes no class.
pub(crate) fn reached(contacts: &[Contact]) -> Reached {
    let others = contacts.iter().filter(|contact| contact.channel != Channel::Visit);
    let ends = others.filter(|contact| contact.outcome.is_none_or(|outcome| !outcome.refuses()));
    ends.fold(Reached::Untried, |found, contact| {
        let end = if contact
            .outcome
            .is_some_and(doorstep_domain::contact::ContactOutcome::contacted)
        {
            Reached::Reached
        } else {
            Reached::Unanswered
        };
        found.max(end)
    })
}

/// The spans of each day, in order.
pub(crate) fn by_day(weighed: &Weighed<'_>, spans: &[(Micros, Micros)]) -> BTreeMap<i64, Vec<(Micros, Micros)>> {
    let mut days: BTreeMap<i64, Vec<(Micros, Micros)>> = BTreeMap::new();
    for span in spans {
        days.entry(weighed.day_of(span.0)).or_default().push(*span);
    }
    days
}
