//! Boundaries: where in its parameters the answer of a rule changes. Each asks for an example on either side of it.

use crate::hours::{ClockTime, DayHours};
use crate::pack::{ContentWhen, Counted, Kind, Rule, Window};
use doorstep_domain::address::PlaceKind;
use doorstep_domain::words::{Lift, Weekday};

/// A place in the parameters of a rule at which its answer changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Boundary {
    /// Its name within the rule, for example `from 08:00`, `max` or `lift consent`.
    pub name: String,
    /// How near to each other its two sides are.
    pub step: Step,
}

/// How near two examples on either side of a boundary must be, so that nothing lies between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// One time differs, by a minute at most.
    Minute,
    /// One time differs, by a day at most.
    Day,
    /// One number differs by one, or one list by an item.
    One,
    /// One fact differs.
    Fact,
}

impl Rule {
    /// The boundaries of the rule, in the order of its parameters; none twice.
    #[must_use]
    pub fn boundaries(&self) -> Vec<Boundary> {
        let mut all = Boundaries(Vec::new());
        all.add_if(!self.regions.is_empty(), "region", Step::Fact);
        let applies = &self.applies_to;
        all.add_if(!applies.parties.is_empty(), "party", Step::Fact);
        all.add_if(!applies.portfolio_kinds.is_empty(), "portfolio", Step::Fact);
        all.add_each("when", &applies.flags, Step::One);
        all.add_if(applies.days_past_due_max.is_some(), "days past due", Step::One);
        all.add_if(self.valid_from.is_some(), "valid from", Step::Day);
        all.add_if(self.valid_to.is_some(), "valid to", Step::Day);
        all.add_kind(&self.kind);
        for lift in self.lifted_by.iter().filter(|lift| **lift != Lift::Nobody) {
            all.add(format!("lift {lift}"), Step::One);
        }
        all.0
    }
}

struct Boundaries(Vec<Boundary>);

impl Boundaries {
    fn add(&mut self, name: impl Into<String>, step: Step) {
        let name = name.into();
        if self.0.iter().all(|known| known.name != name) {
            self.0.push(Boundary { name, step });
        }
    }

    fn add_if(&mut self, is: bool, name: &str, step: Step) {
        if is {
            self.add(name, step);
        }
    }

    fn add_each<T: std::fmt::Display>(&mut self, what: &str, of: &[T], step: Step) {
        for one in of {
            self.add(format!("{what} {one}"), step);
        }
    }

    fn add_minutes(&mut self, names: &[&str]) {
        for name in names {
            self.add(*name, Step::Minute);
        }
    }

    fn add_bans(&mut self) {
        self.add_minutes(&["barred from", "barred to", "begins", "ends"]);
        self.add("channel", Step::Fact);
        self.add("place", Step::Fact);
    }

    fn add_counter(&mut self, count: Counted, window: Window) {
        self.add("max", Step::One);
        self.add_if(count != Counted::Attempt, count.code(), Step::Fact);
        match window {
            Window::CalendarDay => self.add("day", Step::Minute),
            Window::RollingDays(_) => self.add("days", Step::Day),
            Window::CaseTotal => {}
        }
        self.add("per", Step::Fact);
    }

    fn add_kind(&mut self, kind: &Kind) {
        match kind {
            Kind::HardStop {
                flags,
                statuses,
                address_states,
                parties,
            } => {
                self.add_each("flag", flags, Step::One);
                self.add_each("status", statuses, Step::Fact);
                self.add_each("address", address_states, Step::Fact);
                self.add_each("party", parties, Step::Fact);
            }
            Kind::TimeWindow { hours, holidays } => {
                self.add_hours("", hours);
                if let Some(hours) = holidays {
                    self.add("holiday", Step::Day);
                    self.add_hours("holiday ", hours);
                }
            }
            Kind::StatedTimes {} => self.add_minutes(&["stated from", "stated to"]),
            Kind::Bans {} => self.add_bans(),
            Kind::Counter { count, window, .. } => self.add_counter(*count, *window),
            Kind::Staff { .. } => self.add("min", Step::One),
            Kind::Length { .. } => self.add("max", Step::Minute),
            // Where no kind of place is left, the place changes nothing.
            Kind::Place { forbidden } if PlaceKind::ALL.iter().all(|kind| forbidden.contains(kind)) => {}
            Kind::Place { forbidden } => self.add_each("place", forbidden, Step::Fact),
            Kind::Evidence { items } => self.add_each("item", items, Step::One),
            Kind::Credential {
                items,
                months_max,
                if_recorded,
            } => {
                if *if_recorded {
                    self.add_each("ended", items, Step::Day);
                } else {
                    self.add_each("item", items, Step::One);
                }
                self.add_if(months_max.is_some(), "months", Step::Day);
            }
            Kind::Agency { .. } => {
                self.add("listed", Step::Fact);
                self.add("evaluated", Step::Day);
                self.add("contract", Step::Day);
            }
            Kind::Notice { .. } => self.add("hours", Step::Minute),
            Kind::Hold { after, days, .. } => {
                self.add_each("after", after, Step::Fact);
                self.add_if(days.is_some(), "days", Step::Day);
                self.add("per", Step::Fact);
            }
            Kind::Retention { at_most, days, .. } => {
                let name = match (at_most, days) {
                    (Some(_), _) => "at_most",
                    (None, Some(_)) => "days",
                    (None, None) => "settled",
                };
                self.add(name, Step::Day);
            }
            Kind::Content { when, .. } => match when {
                // Nothing at the door changes it; what it does not govern is another channel.
                ContentWhen::Always => self.add("channel", Step::Fact),
                ContentWhen::AmountStale | ContentWhen::PartyNotDebtor => self.add(when.code(), Step::Fact),
            },
            Kind::Unknown(_) => {}
        }
    }

    fn add_hours(&mut self, of: &str, hours: &[DayHours]) {
        for one in hours {
            let days: Vec<&str> = one.days.iter().map(|day| day.code()).collect();
            let on = if days.is_empty() {
                of.to_owned()
            } else {
                format!("{of}{} ", days.join(" "))
            };
            if one.from > ClockTime::MIDNIGHT {
                self.add(format!("{on}from {}", one.from), Step::Minute);
            }
            if one.to < ClockTime::DAY_END {
                self.add(format!("{on}to {}", one.to), Step::Minute);
            }
        }
        for day in Weekday::ALL.iter().filter(|_| of.is_empty()) {
            if !hours.iter().any(|hours| hours.holds_on(*day)) {
                self.add(format!("closed {day}"), Step::Day);
            }
        }
    }
}
