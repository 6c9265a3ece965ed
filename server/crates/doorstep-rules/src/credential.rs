//! What those who would come lack, and the agency that sends them.
//!
//! A day on which something ends is the last on which it holds. Months are those of the calendar: what was given on the last
//! day of a longer month ends with the shorter one.

use crate::facts::{AgencyFacts, Facts, Held, Member, StaffFacts};
use crate::pack::{Kind, Rule};
use doorstep_domain::credential::CredentialKind;
use doorstep_domain::words::{Arg, ArgName, Sentence, SentenceKey};
use jiff::ToSpan;
use jiff::civil::Date;

/// What a rule finds lacking in staff on a day, one sentence each; nothing where it is no rule of credentials.
pub(crate) fn lacks(rule: &Rule, facts: &Facts, day: Date) -> Vec<Sentence> {
    match &rule.kind {
        Kind::Credential { items, .. } if items.contains(&CredentialKind::Certificate) => {
            uncertified(&facts.staff, day)
        }
        Kind::Credential {
            items,
            months_max,
            if_recorded,
        } => {
            let each = facts.staff.members.iter();
            let each = each.flat_map(|member| items.iter().map(move |kind| (member, *kind)));
            let lacking = each.filter_map(|(member, kind)| match state(member, kind, (*months_max, day)) {
                State::Holds => None,
                State::Ended(on) => Some(ended(member, kind, on)),
                State::Missing => (!if_recorded).then(|| missing(member, kind)),
            });
            lacking.collect()
        }
        _ => Vec::new(),
    }
}

/// Certificates are counted by whoever gathers the facts; the records only say whose ran out, and when.
fn uncertified(staff: &StaffFacts, day: Date) -> Vec<Sentence> {
    if staff.certified >= staff.count.max(1) {
        return Vec::new();
    }
    let kind = CredentialKind::Certificate;
    let named = staff
        .members
        .iter()
        .filter_map(|member| match state(member, kind, (None, day)) {
            State::Ended(on) => Some(ended(member, kind, on)),
            State::Holds | State::Missing => None,
        });
    let mut named: Vec<Sentence> = named.collect();
    if named.is_empty() {
        let count = (ArgName::Count, Arg::Number(i64::from(staff.certified)));
        named.push(Sentence::new(SentenceKey::CertificateMissing, [count]));
    }
    named
}

/// How somebody stands with one kind.
enum State {
    Holds,
    /// The last day on which it held.
    Ended(Date),
    /// Nothing on record that could have held by the day.
    Missing,
}

fn state(member: &Member, kind: CredentialKind, (months_max, day): (Option<u32>, Date)) -> State {
    let begun = |held: &&Held| held.kind == kind && held.issued.is_none_or(|issued| issued <= day);
    let mut ended: Option<Date> = None;
    for held in member.held.iter().filter(begun) {
        if months_max.is_some() && held.issued.is_none() {
            continue;
        }
        match held.last_day(months_max).filter(|last| *last < day) {
            None => return State::Holds,
            last => ended = ended.max(last),
        }
    }
    ended.map_or(State::Missing, State::Ended)
}

fn ended(member: &Member, kind: CredentialKind, on: Date) -> Sentence {
    let date = (ArgName::Date, Arg::Text(on.to_string()));
    Sentence::new(SentenceKey::CredentialEnded, [staff(member), credential(kind), date])
}

fn missing(member: &Member, kind: CredentialKind) -> Sentence {
    Sentence::new(SentenceKey::CredentialMissing, [staff(member), credential(kind)])
}

fn staff(member: &Member) -> (ArgName, Arg) {
    (ArgName::Staff, Arg::Text(member.staff.clone()))
}

const fn credential(kind: CredentialKind) -> (ArgName, Arg) {
    (ArgName::Credential, Arg::Credential(kind))
}

/// Why an agency is not sent on a day.
pub(crate) fn unfit(agency: &AgencyFacts, days_max: u32, day: Date) -> Option<Sentence> {
    let dated = |key, date: Date| Some(Sentence::new(key, [(ArgName::Date, Arg::Text(date.to_string()))]));
    if !agency.listed {
        return Some(Sentence::new(SentenceKey::AgencyNotListed, []));
    }
    if let Some(last) = agency.contract_until.filter(|last| *last < day) {
        return dated(SentenceKey::AgencyContractOver, last);
    }
    // Listed but never dated: nothing shows that it was looked at.
    let due = agency
        .evaluated_on
        .map_or(Date::MIN, |on| on.saturating_add(i64::from(days_max).days()));
    (due < day)
        .then(|| dated(SentenceKey::AgencyNotEvaluated, due))
        .flatten()
}
