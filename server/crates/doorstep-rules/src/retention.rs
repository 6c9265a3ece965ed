//! How long something must be kept: the longest that any rule asks for. Says nothing about a visit.

use crate::pack::{Kind, RetentionFrom, RetentionOf, Rule};
use crate::set::PackSet;
use crate::text::RuleId;
use jiff::civil::Date;

/// Something that is kept, and where it is from. Dates are those at the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordFacts<'a> {
    /// What it is.
    pub of: RetentionOf,
    /// When it was made.
    pub made: Date,
    /// The last activity in its case.
    pub last_activity: Date,
    /// Country, ISO 3166-1 alpha-2.
    pub country: Option<&'a str>,
    /// Region, ISO 3166-2; where it is unknown the rules of every region count.
    pub region: Option<&'a str>,
}

/// Until when something is kept, and which rule says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The last day on which it must be there.
    pub until: Date,
    /// The rule.
    pub rule: RuleId,
}

/// The last day on which a record must be kept; `None` where no rule asks for it. A date beyond the calendar counts as its
/// end.
#[must_use]
pub fn kept_until(packs: &PackSet, record: &RecordFacts<'_>) -> Option<Kept> {
    let rules = packs
        .covering(record.country, record.made)
        .flat_map(|(_, pack)| &pack.rules);
    let asked = rules.filter_map(|rule| {
        let until = until(rule, record)?;
        let rule = rule.id.clone();
        Some(Kept { until, rule })
    });
    asked.max_by(|left, right| left.until.cmp(&right.until).then_with(|| right.rule.cmp(&left.rule)))
}

/// The last day that one rule asks for.
pub(crate) fn until(rule: &Rule, record: &RecordFacts<'_>) -> Option<Date> {
    let Kind::Retention { of, days, from } = rule.kind else {
        return None;
    };
    let here = rule.regions.is_empty()
        || record
            .region
            .is_none_or(|region| rule.regions.iter().any(|one| one == region));
    if of != record.of || !here || !rule.holds_on(record.made) {
        return None;
    }
    let since = match from {
        RetentionFrom::Creation => record.made,
        RetentionFrom::LastActivity => record.last_activity.max(record.made),
    };
    let span = jiff::Span::new().try_days(i64::from(days)).ok()?;
    Some(since.checked_add(span).unwrap_or(Date::MAX))
}
