//! Counts the contacts of one person for the pressure meter. Decides nothing: what a rule forbids is `evaluate`'s answer.

use crate::facts::PastContact;
use doorstep_domain::contact::ContactOutcome;
use doorstep_domain::measure::Micros;
use doorstep_domain::pressure::{EVENING_HOUR, Pressure};
use jiff::Timestamp;
use jiff::tz::TimeZone;

const DAY: Micros = Micros::from_seconds(86_400);
/// What counts as recent.
const WEEK: Micros = Micros(7 * DAY.0);
/// How far the meter looks back, and how long a refusal holds that names no other end.
const MONTH: Micros = Micros(30 * DAY.0);

/// A refusal: since when, and until when where it does not end after thirty days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// When it was said.
    pub at: Micros,
    /// When it ends.
    pub until: Micros,
}

impl Refusal {
    /// A refusal of one contact: it holds for thirty days.
    #[must_use]
    pub fn once(at: Micros) -> Self {
        Self {
            at,
            until: at.saturating_add(MONTH),
        }
    }

    /// Whether a contact came in spite of it. The contact in which it was said did not.
    fn holds_at(&self, at: Micros) -> bool {
        self.at < at && at < self.until
    }
}

/// The meter at `now`. `contacts` are those with this person on every channel; those after `now` and those that the person
/// could not notice do not count. `refusals` are those that stand beside the contacts' own outcomes. An unknown time zone
/// counts no evening.
#[must_use]
pub fn pressure(contacts: &[PastContact], refusals: &[Refusal], zone: Option<&TimeZone>, now: Micros) -> Pressure {
    let said = contacts
        .iter()
        .filter(|contact| contact.outcome.is_some_and(ContactOutcome::refuses));
    let mut refused: Vec<Refusal> = said.map(|contact| Refusal::once(contact.at)).collect();
    refused.extend(refusals);
    let mut meter = Pressure::default();
    let noticed = |contact: &&PastContact| contact.outcome.is_none_or(ContactOutcome::noticed);
    for contact in contacts.iter().filter(noticed).filter(|contact| contact.same_person) {
        let ago = now.saturating_sub(contact.at);
        if ago < Micros::ZERO || ago >= MONTH {
            continue;
        }
        meter.month += 1;
        meter.week += u32::from(ago < WEEK);
        meter.evening += u32::from(!contact.date_only && is_evening(contact.at, zone));
        meter.ignored += u32::from(refused.iter().any(|refusal| refusal.holds_at(contact.at)));
    }
    meter
}

fn is_evening(at: Micros, zone: Option<&TimeZone>) -> bool {
    let Some((zone, at)) = zone.zip(Timestamp::from_microsecond(at.get()).ok()) else {
        return false;
    };
    zone.to_datetime(at).hour() >= EVENING_HOUR
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use doorstep_domain::contact::Channel;

    fn zone() -> TimeZone {
        TimeZone::get("Asia/Shanghai").unwrap()
    }

    fn at(local: &str) -> Micros {
        let local: jiff::civil::DateTime = local.parse().unwrap();
        Micros(local.to_zoned(zone()).unwrap().timestamp().as_microsecond())
    }

    fn call(local: &str, outcome: Option<ContactOutcome>) -> PastContact {
        PastContact {
            channel: Channel::Call,
            ..PastContact::visit(at(local), outcome)
        }
    }

    fn meter(contacts: &[PastContact], refusals: &[Refusal]) -> Pressure {
        pressure(contacts, refusals, Some(&zone()), at("2026-11-30T12:00"))
    }

    #[test]
    fn a_week_and_a_month_end_to_the_minute() {
        let of = |local| {
            let found = meter(&[call(local, None)], &[]);
            (found.week, found.month)
        };
        assert_eq!((of("2026-11-23T12:00"), of("2026-11-23T12:01")), ((0, 1), (1, 1)));
        assert_eq!((of("2026-10-31T12:00"), of("2026-10-31T12:01")), ((0, 0), (0, 1)));
        assert_eq!((of("2026-11-30T12:00"), of("2026-11-30T12:01")), ((1, 1), (0, 0)));
    }

    #[test]
    fn the_evening_begins_at_six_where_the_person_lives() {
        let of = |local| meter(&[call(local, None)], &[]).evening;
        assert_eq!((of("2026-11-29T17:59"), of("2026-11-29T18:00")), (0, 1));
        let contact = call("2026-11-29T18:00", None);
        assert_eq!(pressure(&[contact], &[], None, at("2026-11-30T12:00")).evening, 0);
    }

    #[test]
    fn what_nobody_could_notice_presses_nobody() {
        for outcome in ContactOutcome::ALL {
            let found = meter(&[call("2026-11-29T10:00", Some(*outcome))], &[]);
            assert_eq!(found.week == 1, outcome.noticed(), "{outcome}");
        }
    }

    #[test]
    fn a_refusal_is_ignored_by_what_comes_after_it_while_it_holds() {
        let said = call("2026-11-10T10:00", Some(ContactOutcome::Declined));
        let later = call("2026-11-10T10:01", None);
        assert_eq!(meter(std::slice::from_ref(&said), &[]).ignored, 0, "the refusal itself");
        assert_eq!(meter(&[said, later], &[]).ignored, 1);
        let contact = [call("2026-11-29T10:00", None)];
        let lasting = Refusal {
            at: at("2025-01-01T10:00"),
            until: Micros::MAX,
        };
        let ago = |local| meter(&contact, &[Refusal::once(at(local))]).ignored;
        assert_eq!((ago("2026-10-30T10:00"), ago("2026-10-30T10:01")), (0, 1));
        assert_eq!(meter(&contact, &[lasting]).ignored, 1);
    }

    #[test]
    fn contacts_with_somebody_else_do_not_count() {
        let mut other = call("2026-11-29T10:00", None);
        other.same_person = false;
        assert_eq!(meter(&[other], &[]), Pressure::default());
    }
}
