//! How long the record of a case must be kept, and when it goes. Says nothing about a visit.
//!
//! A rule asks for a minimum (`days`) or sets a maximum (`at_most`). Several packs apply at once: the longest minimum and the
//! shortest maximum count, and where they contradict each other the minimum wins, because a law that asks for a record is
//! not broken by a shorter habit of the house; which maximum gave way is said. Nothing goes without a maximum that is over,
//! and nothing at all of a case that has not ended or that somebody holds.

use crate::facts::Subject;
use crate::pack::{Kind, RetentionFrom, RetentionOf, Rule};
use crate::set::{PackSet, concerns_case};
use crate::text::RuleId;
use doorstep_domain::retention::RetentionState;
use jiff::civil::Date;

/// What is kept of a case, and what decides how long. Dates are those at the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionFacts {
    /// Case and person.
    pub subject: Subject,
    /// Country, ISO 3166-1 alpha-2; where it is unknown the rules of every country count.
    pub country: Option<String>,
    /// Region, ISO 3166-2; where it is unknown the rules of every region count.
    pub region: Option<String>,
    /// What is kept.
    pub of: RetentionOf,
    /// When the newest of it was made.
    pub made: Date,
    /// The last activity in the case.
    pub last_activity: Date,
    /// When the case ended, where it did.
    pub ended: Option<Date>,
    /// When the debt was settled, where that is known.
    pub settled: Option<Date>,
    /// Whether a legal hold stands on any case of the person.
    pub held: bool,
    /// The day that is asked about.
    pub today: Date,
}

/// A day that a rule names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionBound {
    /// The last day on which it must or may be kept; [`Date::MAX`] where no end can be seen.
    pub until: Date,
    /// The rule.
    pub rule: RuleId,
}

/// How long something is kept, and which rules say so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// The last day on which it must be kept; absent where no rule asks.
    pub keep_until: Option<RetentionBound>,
    /// The last day on which it may be kept; absent where no rule sets an end.
    pub may_until: Option<RetentionBound>,
    /// The maximum that gave way, because a minimum lasts longer.
    pub overruled: Option<RuleId>,
    /// What follows today.
    pub state: RetentionState,
}

/// How long the record of a case is kept.
#[must_use]
pub fn retention(packs: &PackSet, facts: &RetentionFacts) -> Retention {
    let rules = applying(packs, facts);
    let keep_until = longest(&rules, facts);
    let kept = keep_until.as_ref().map(|bound| bound.until);
    let ends = rules
        .iter()
        .filter_map(|rule| Some(bound(rule, maximum(rule, facts, kept)?)));
    let mut may_until = ends.min_by_key(|bound| bound.until);
    let mut overruled = None;
    if let (Some(may), Some(kept)) = (&mut may_until, kept)
        && may.until < kept
    {
        overruled = Some(may.rule.clone());
        may.until = kept;
    }
    let state = match (&may_until, facts.ended) {
        _ if facts.held => RetentionState::Held,
        (_, None) => RetentionState::Running,
        _ if kept.is_some_and(|kept| facts.today <= kept) => RetentionState::Minimum,
        (None, _) => RetentionState::NoEnd,
        (Some(may), _) if facts.today <= may.until => RetentionState::Margin,
        (Some(_), _) => RetentionState::Over,
    };
    Retention {
        keep_until,
        may_until,
        overruled,
        state,
    }
}

/// Whether one rule, as it stands in the packs, does to the record what it says: keeps it, or has it go.
pub(crate) fn bites(packs: &PackSet, rule: &Rule, facts: &RetentionFacts) -> bool {
    let rules = applying(packs, facts);
    if !rules.iter().any(|one| one.id == rule.id) {
        return false;
    }
    let kept = longest(&rules, facts).map(|bound| bound.until);
    let ends = maximum(rule, facts, kept).is_some_and(|until| facts.today > until);
    ends || minimum(rule, facts).is_some_and(|until| facts.today <= until)
}

/// The rules about what is kept. A rule counts that held when it was made or holds now: a law that came later asks for what
/// is there too.
fn applying<'a>(packs: &'a PackSet, facts: &'a RetentionFacts) -> Vec<&'a Rule> {
    let days = [facts.made, facts.today];
    let here = packs.of_country(facts.country.as_deref());
    let here = here.filter(|pack| pack.speaks_of(&facts.subject) && days.iter().any(|day| pack.holds_on(*day)));
    let rules = here.flat_map(|pack| &pack.rules).filter(|rule| {
        matches!(rule.kind, Kind::Retention { of, .. } if of == facts.of)
            && concerns_case(rule, &facts.subject, facts.region.as_ref())
            && days.iter().any(|day| rule.holds_on(*day))
    });
    rules.collect()
}

fn longest(rules: &[&Rule], facts: &RetentionFacts) -> Option<RetentionBound> {
    let kept = rules.iter().filter_map(|rule| Some(bound(rule, minimum(rule, facts)?)));
    kept.max_by_key(|bound| bound.until)
}

fn bound(rule: &Rule, until: Date) -> RetentionBound {
    let rule = rule.id.clone();
    RetentionBound { until, rule }
}

/// The last day on which a rule asks for it; where its clock has not begun to run, no end can be seen.
fn minimum(rule: &Rule, facts: &RetentionFacts) -> Option<Date> {
    let (days, from) = match rule.kind {
        Kind::Retention {
            days,
            at_most: None,
            from,
            ..
        } => (days.unwrap_or(0), from),
        _ => return None,
    };
    Some(start(from, facts, None).map_or(Date::MAX, |since| later(since, days)))
}

/// The last day on which a rule allows it; without a start it sets no end.
fn maximum(rule: &Rule, facts: &RetentionFacts, kept: Option<Date>) -> Option<Date> {
    match rule.kind {
        Kind::Retention {
            at_most: Some(days),
            from,
            ..
        } => start(from, facts, kept).map(|since| later(since, days)),
        _ => None,
    }
}

fn start(from: RetentionFrom, facts: &RetentionFacts, kept: Option<Date>) -> Option<Date> {
    let last_activity = facts.last_activity.max(facts.made);
    match from {
        RetentionFrom::Creation => Some(facts.made),
        RetentionFrom::LastActivity => Some(last_activity),
        RetentionFrom::Settlement => facts.settled,
        RetentionFrom::MinimumEnd => Some(kept.unwrap_or(last_activity)),
    }
}

fn later(since: Date, days: u32) -> Date {
    let span = jiff::Span::new().try_days(i64::from(days));
    span.ok()
        .and_then(|span| since.checked_add(span).ok())
        .unwrap_or(Date::MAX)
}
