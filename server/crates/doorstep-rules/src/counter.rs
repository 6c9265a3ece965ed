//! Counters: how many contacts there were, within which time, and when the next one is free.

use crate::bars::Bar;
use crate::facts::PastContact;
use crate::pack::{Counted, Per, Window};
use crate::scene::Scene;
use doorstep_domain::contact::{Channel, ContactOutcome};
use doorstep_domain::measure::Micros;
use doorstep_domain::words::{Arg, ArgName, Sentence, SentenceKey};

/// The parameters of a counter.
pub(crate) struct Counter<'a> {
    pub(crate) count: Counted,
    pub(crate) channels: &'a [Channel],
    pub(crate) per: Per,
    pub(crate) window: Window,
    pub(crate) max: u32,
}

impl Counter<'_> {
    /// Whether the counter bars the day of the scene.
    pub(crate) fn bar(&self, scene: &Scene<'_>) -> Bar {
        let days: Vec<i64> = scene
            .contacts(self.per)
            .filter(|(_, c)| self.counts(c))
            .map(|(day, _)| day)
            .collect();
        let total = self.count_on(scene, &days, scene.day_number);
        if total < i64::from(self.max) {
            return Bar::Free;
        }
        let channel = (ArgName::Channel, Arg::Channel(self.channels[0]));
        let count = (ArgName::Count, Arg::Number(total));
        let max = (ArgName::Max, Arg::Number(i64::from(self.max)));
        match self.window {
            Window::CalendarDay => Bar::Barred(
                Sentence::new(SentenceKey::CountOfDay, [channel, count, max]),
                scene.start_of(1),
            ),
            Window::RollingDays(period) => {
                let days_arg = (ArgName::Days, Arg::Number(i64::from(period)));
                let until = self.free_from(scene, &days, i64::from(period));
                Bar::Barred(
                    Sentence::new(SentenceKey::CountOfPeriod, [channel, count, days_arg, max]),
                    until,
                )
            }
            Window::CaseTotal => Bar::Barred(Sentence::new(SentenceKey::CountOfCase, [channel, count, max]), None),
        }
    }

    fn counts(&self, contact: &PastContact) -> bool {
        let spoken_to = || contact.outcome.is_none_or(ContactOutcome::contacted);
        self.channels.contains(&contact.channel)
            && contact.outcome != Some(ContactOutcome::BlockedRule)
            && match self.count {
                Counted::Attempt => true,
                Counted::Contacted => spoken_to(),
                Counted::Unanswered => contact.outcome.is_none_or(|outcome| !outcome.contacted()),
            }
    }

    /// How many of `days` stand in the way of a contact on `day`.
    fn count_on(&self, scene: &Scene<'_>, days: &[i64], day: i64) -> i64 {
        let within = |from: i64, to: i64| days.iter().filter(|day| (from..=to).contains(day)).count() as i64;
        match self.window {
            Window::CalendarDay => within(day, day),
            Window::RollingDays(period) => {
                let reach = i64::from(period) - 1;
                // The fullest period that holds `day` begins with a contact or ends with `day`.
                let starts = days.iter().copied().filter(|start| (day - reach..=day).contains(start));
                starts
                    .chain([day - reach, day])
                    .map(|start| within(start, start + reach))
                    .max()
                    .unwrap_or(0)
            }
            Window::CaseTotal => {
                let of_file = scene
                    .contacts(self.per)
                    .filter(|(_, c)| c.date_only && self.counts(c))
                    .count() as i64;
                let before = if self.channels.contains(&Channel::Visit) {
                    scene.facts.visits_before.max(0)
                } else {
                    0
                };
                days.len() as i64 - of_file + before.max(of_file)
            }
        }
    }

    fn free_from(&self, scene: &Scene<'_>, days: &[i64], period: i64) -> Option<Micros> {
        let last = days.iter().copied().max()? + period;
        let free = |day: &i64| self.count_on(scene, days, *day) < i64::from(self.max);
        (scene.day_number + 1..=last)
            .find(free)
            .and_then(|day| scene.start_of(day - scene.day_number))
    }
}
