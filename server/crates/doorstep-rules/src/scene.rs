//! The facts of one question, prepared: the day at the address and the days of all contacts.

use crate::facts::{Consent, Facts, PastContact};
use crate::hours::{ClockTime, instant};
use crate::pack::{Per, Rule};
use crate::spans::Spans;
use doorstep_domain::measure::Micros;
use doorstep_domain::words::Lift;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// One question about one day at one address.
pub(crate) struct Scene<'a> {
    pub(crate) facts: &'a Facts,
    pub(crate) zone: &'a TimeZone,
    pub(crate) day: Date,
    /// The days since 1970-01-01 of `day`.
    pub(crate) day_number: i64,
    /// The whole local day.
    pub(crate) bounds: (Micros, Micros),
    /// The day of each contact, in the order of the facts.
    contact_days: Vec<i64>,
}

impl<'a> Scene<'a> {
    /// Prepares the question; `None` where a time lies outside the calendar.
    pub(crate) fn new(facts: &'a Facts, zone: &'a TimeZone, day: Date) -> Option<Self> {
        let days = facts
            .contacts
            .iter()
            .map(|contact| Some(number_of(local_day(zone, contact.at)?)));
        Some(Self {
            facts,
            zone,
            day,
            day_number: number_of(day),
            bounds: (
                instant(zone, day, ClockTime::MIDNIGHT, true)?,
                instant(zone, day, ClockTime::DAY_END, false)?,
            ),
            contact_days: days.collect::<Option<_>>()?,
        })
    }

    /// The contacts that count for a rule per person, address or case, with their days. A contact after the day
    /// counts only while it is a plan: what happened later does not make an earlier visit wrong.
    pub(crate) fn contacts(&self, per: Per) -> impl Iterator<Item = (i64, &'a PastContact)> {
        let subject = move |contact: &PastContact| match per {
            Per::Person => contact.same_person,
            Per::Address => contact.same_address,
            Per::PersonAtAddress => contact.same_person && contact.same_address,
            Per::Case => contact.same_case && contact.same_person,
            Per::Number => contact.same_number,
        };
        let timely = |day: i64, contact: &PastContact| day <= self.day_number || contact.at > self.facts.as_of;
        let dated = self.contact_days.iter().copied().zip(&self.facts.contacts);
        dated.filter(move |(day, contact)| timely(*day, contact) && subject(contact))
    }

    /// The consents, orders and approvals that lift the rule.
    pub(crate) fn lifting(&self, rule: &'a Rule) -> impl Iterator<Item = &'a Consent> {
        let names = move |consent: &Consent| match &consent.rule {
            Some(id) => *id == rule.id,
            None => rule.scope() == Some(consent.scope),
        };
        let strong = move |given: Lift| rule.lifted_by.iter().any(|asked| given.satisfies(*asked));
        self.facts
            .consents
            .iter()
            .filter(move |consent| names(consent) && strong(consent.given))
    }

    /// The spans of the day in which the rule is lifted.
    pub(crate) fn lifts(&self, rule: &'a Rule) -> impl Iterator<Item = (Micros, Micros)> {
        let (start, end) = self.bounds;
        self.lifting(rule)
            .map(move |consent| (consent.from.max(start), consent.until.unwrap_or(end).min(end)))
    }

    /// The whole day as one span.
    pub(crate) fn whole_day(&self) -> Spans {
        Spans::of([self.bounds])
    }

    /// The first instant of the day that lies `days` after the scene's.
    pub(crate) fn start_of(&self, days: i64) -> Option<Micros> {
        instant(
            self.zone,
            self.day.checked_add(jiff::Span::new().try_days(days).ok()?).ok()?,
            ClockTime::MIDNIGHT,
            true,
        )
    }
}

/// The day at the address on which an instant falls; `None` outside the calendar.
pub(crate) fn local_day(zone: &TimeZone, at: Micros) -> Option<Date> {
    Timestamp::from_microsecond(at.get())
        .ok()
        .map(|timestamp| zone.to_datetime(timestamp).date())
}

/// Days since 1970-01-01.
pub(crate) fn number_of(day: Date) -> i64 {
    day.duration_since(jiff::civil::date(1970, 1, 1))
        .as_hours()
        .div_euclid(24)
}
