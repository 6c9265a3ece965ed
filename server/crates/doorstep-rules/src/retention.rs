//! How long a rule asks something to be kept. Says nothing about a visit.

use crate::pack::{Kind, RetentionFrom, RetentionOf, Rule};
use jiff::civil::Date;

/// Something that is kept, and where it is from. Dates are those at the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RecordFacts<'a> {
    /// What it is.
    pub(crate) of: RetentionOf,
    /// When it was made.
    pub(crate) made: Date,
    /// The last activity in its case.
    pub(crate) last_activity: Date,
    /// Country, ISO 3166-1 alpha-2.
    pub(crate) country: Option<&'a str>,
    /// Region, ISO 3166-2; where it is unknown the rules of every region count.
    pub(crate) region: Option<&'a str>,
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
