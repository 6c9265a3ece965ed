//! What one rule bars on one day: nothing, everything, or all but some spans. Attempts and days are judged by the same
//! answer, so that a plan and the door cannot disagree.

use crate::counter::Counter;
use crate::credential::unfit;
use crate::facts::{Ban, PastContact};
use crate::hours::{DayHours, longest_of, spans_of};
use crate::pack::{DayKind, Kind, Per, Rule};
use crate::scene::Scene;
use crate::spans::Spans;
use doorstep_domain::contact::{Channel, ContactOutcome};
use doorstep_domain::measure::Micros;
use doorstep_domain::words::{Arg, ArgName, Effect, Sentence, SentenceKey, Weekday};

/// What a rule bars.
pub(crate) enum Bar {
    /// Nothing.
    Free,
    /// The whole day; why, and until when where that is known.
    Barred(Sentence, Option<Micros>),
    /// All but these spans; why.
    Within(Spans, Sentence),
}

/// What `rule` bars on the day of the scene. Rules that ask for staff, items or conduct bar no time.
pub(crate) fn bar(rule: &Rule, kind_of_day: DayKind, scene: &Scene<'_>) -> Bar {
    match &rule.kind {
        Kind::HardStop { .. } => stop(rule, scene).map_or(Bar::Free, |sentence| Bar::Barred(sentence, None)),
        Kind::TimeWindow {
            holidays: Some(hours), ..
        } if kind_of_day == DayKind::Holiday => Bar::Within(
            spans_of(hours, scene.zone, scene.day),
            holiday_sentence(hours, Weekday::of(scene.day)),
        ),
        Kind::TimeWindow { hours, .. } => Bar::Within(
            spans_of(hours, scene.zone, scene.day),
            hours_sentence(hours, Weekday::of(scene.day)),
        ),
        Kind::StatedTimes {} if scene.facts.subject.available.is_empty() => Bar::Free,
        Kind::StatedTimes {} => {
            let spans = spans_of(&scene.facts.subject.available, scene.zone, scene.day);
            Bar::Within(spans, Sentence::new(SentenceKey::OutsideStatedTimes, []))
        }
        Kind::Bans {} => barred(scene),
        Kind::Agency { evaluated_days_max } => {
            let agency = scene.facts.agency.as_ref();
            let lack = agency.and_then(|agency| unfit(agency, *evaluated_days_max, scene.day));
            lack.map_or(Bar::Free, |sentence| Bar::Barred(sentence, None))
        }
        Kind::Counter {
            count,
            channels,
            per,
            window,
            max,
        } => Counter {
            count: *count,
            channels,
            per: *per,
            window: *window,
            max: *max,
        }
        .bar(scene),
        Kind::Place { forbidden } if forbidden.contains(&scene.facts.address.kind) => {
            let place = (ArgName::Place, Arg::Place(scene.facts.address.kind));
            Bar::Barred(Sentence::new(SentenceKey::PlaceForbidden, [place]), None)
        }
        Kind::Notice { hours } => notice(scene, *hours),
        Kind::Hold {
            after,
            channels,
            per,
            days,
        } => Hold {
            after,
            channels,
            per: *per,
            days: *days,
        }
        .bar(scene),
        Kind::Unknown(kind) => {
            let kind = (ArgName::Kind, Arg::Text(kind.clone()));
            Bar::Barred(Sentence::new(SentenceKey::UpdateNeeded, [kind]), None)
        }
        Kind::Place { .. }
        | Kind::Staff { .. }
        | Kind::Length { .. }
        | Kind::Credential { .. }
        | Kind::Evidence { .. }
        | Kind::Retention { .. }
        | Kind::Content { .. } => Bar::Free,
    }
}

fn stop(rule: &Rule, scene: &Scene<'_>) -> Option<Sentence> {
    let Kind::HardStop {
        flags,
        statuses,
        address_states,
        parties,
    } = &rule.kind
    else {
        return None;
    };
    let subject = &scene.facts.subject;
    let key = match rule.effect {
        Effect::RouteAway => SentenceKey::FlagRoutes,
        Effect::Block => SentenceKey::FlagStops,
        Effect::Allow | Effect::Warn | Effect::Require => SentenceKey::FlagNoted,
    };
    if let Some(flag) = flags.iter().find(|flag| subject.flags.contains(flag)) {
        return Some(Sentence::new(key, [(ArgName::Flag, Arg::Flag(*flag))]));
    }
    if statuses.contains(&subject.status) {
        return Some(Sentence::new(
            SentenceKey::StatusStops,
            [(ArgName::Status, Arg::Status(subject.status))],
        ));
    }
    let state = scene.facts.address.state;
    if address_states.contains(&state) {
        return Some(Sentence::new(
            SentenceKey::AddressStops,
            [(ArgName::Address, Arg::Address(state))],
        ));
    }
    let party = (ArgName::Party, Arg::Party(subject.party));
    parties
        .contains(&subject.party)
        .then(|| Sentence::new(SentenceKey::PartyStops, [party]))
}

/// Names the hours of the weekday, from the first beginning to the last end.
fn hours_sentence(hours: &[DayHours], weekday: Weekday) -> Sentence {
    let today = || hours.iter().filter(|hours| hours.holds_on(weekday));
    let clock = |time: Option<crate::hours::ClockTime>| time.map(|time| Arg::Clock(time.seconds()));
    let (from, to) = (
        today().map(|hours| hours.from).min(),
        today().map(|hours| hours.to).max(),
    );
    match (clock(from), clock(to)) {
        (Some(from), Some(to)) => Sentence::new(SentenceKey::OutsideHours, [(ArgName::From, from), (ArgName::To, to)]),
        _ => Sentence::new(SentenceKey::NoHoursThatDay, [(ArgName::Weekday, Arg::Weekday(weekday))]),
    }
}

fn holiday_sentence(hours: &[DayHours], weekday: Weekday) -> Sentence {
    if hours.is_empty() {
        return Sentence::new(SentenceKey::NoHoursOnHolidays, []);
    }
    hours_sentence(hours, weekday)
}

/// What the person's bans leave of the day and of the next, into which a contact may run. Where the clocks make hours of a
/// ban doubtful, they last the longer.
fn barred(scene: &Scene<'_>) -> Bar {
    let days = [Some(scene.day), scene.day.tomorrow().ok()];
    let ahead = (scene.bounds.0, scene.start_of(2).unwrap_or(scene.bounds.1));
    let attempt = scene.facts.attempt;
    let concerns = |ban: &&Ban| ban.concerns(attempt.channel, scene.facts.address.kind);
    let bans = scene.facts.subject.bans.iter().filter(concerns);
    let banned = bans.fold(Spans::default(), |banned, ban| {
        let lasts = Spans::of([(ban.from.max(ahead.0), ban.until.unwrap_or(ahead.1).min(ahead.1))]);
        let hours = if ban.hours.is_empty() {
            lasts
        } else {
            let hours = days
                .iter()
                .flatten()
                .flat_map(|day| longest_of(&ban.hours, scene.zone, *day));
            lasts.intersection(&Spans::of(hours))
        };
        banned.union(hours.into_pairs())
    });
    if banned.is_empty() {
        return Bar::Free;
    }
    let sentence = Sentence::new(SentenceKey::PersonBarred, []);
    let open = Spans::of([ahead]).without(&banned);
    if open.intersection(&scene.whole_day()).is_empty() {
        // A ban without an end has no day on which it stops by itself.
        return Bar::Barred(sentence, None);
    }
    Bar::Within(open, sentence)
}

fn notice(scene: &Scene<'_>, hours: u32) -> Bar {
    let sentence = Sentence::new(
        SentenceKey::NoticeMissing,
        [(ArgName::Hours, Arg::Number(i64::from(hours)))],
    );
    let wait = Micros::from_seconds(i64::from(hours) * 3600);
    let first = scene
        .facts
        .notices
        .iter()
        .filter_map(|notice| notice.handed_over_at.checked_add(wait))
        .min();
    if first.is_some_and(|first| first <= scene.bounds.0) {
        // Old enough for all of the day: it narrows nothing and is not named where others do.
        return Bar::Free;
    }
    let spans = Spans::of(first.map(|first| (first.max(scene.bounds.0), scene.bounds.1)));
    Bar::Within(spans, sentence)
}

/// The parameters of a hold.
struct Hold<'a> {
    after: &'a [ContactOutcome],
    channels: &'a [Channel],
    per: Per,
    days: Option<u32>,
}

impl Hold<'_> {
    fn bar(&self, scene: &Scene<'_>) -> Bar {
        let causes = |contact: &PastContact| {
            self.channels.contains(&contact.channel)
                && contact.outcome.is_some_and(|outcome| self.after.contains(&outcome))
        };
        let rests = |day: i64| self.days.is_none_or(|days| day + i64::from(days) > scene.day_number);
        let happened = scene
            .contacts(self.per)
            .filter(|(day, contact)| *day <= scene.day_number && causes(contact));
        let Some((day, cause)) = happened.filter(|(day, _)| rests(*day)).max_by_key(|(day, _)| *day) else {
            return Bar::Free;
        };
        let outcome = cause.outcome.map_or(Arg::Text(String::new()), Arg::Outcome);
        let date = crate::scene::local_day(scene.zone, cause.at).map_or_else(String::new, |date| date.to_string());
        let args = [(ArgName::Outcome, outcome), (ArgName::Date, Arg::Text(date))];
        let Some(days) = self.days else {
            return Bar::Barred(Sentence::new(SentenceKey::EndedBy, args), None);
        };
        let [outcome, date] = args;
        let length = (ArgName::Days, Arg::Number(i64::from(days)));
        let until = scene.start_of(day + i64::from(days) - scene.day_number);
        Bar::Barred(Sentence::new(SentenceKey::RestAfter, [outcome, date, length]), until)
    }
}
