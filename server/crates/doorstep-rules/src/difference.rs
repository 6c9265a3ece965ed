//! In what the two sides of an example differ, and how far they are apart.

use crate::boundary::Step;
use jiff::civil::DateTime;
use std::collections::BTreeSet;
use toml::Value;

/// One thing in which two tables differ.
pub(crate) struct Difference {
    pub(crate) at: String,
    free: Option<Value>,
    bites: Option<Value>,
    /// By how many items a list is longer, where it begins as the shorter does.
    grown: Option<usize>,
}

impl Difference {
    /// Whether it is no more than a step.
    pub(crate) fn is_within(&self, step: Step) -> bool {
        let minutes = self.minutes();
        match step {
            Step::Fact => true,
            Step::Minute => minutes.is_some_and(|minutes| minutes <= 1),
            Step::Day => minutes.is_some_and(|minutes| minutes <= 24 * 60),
            Step::One => self.grown == Some(1) || self.count() == Some(1),
        }
    }

    fn count(&self) -> Option<u64> {
        let number = |value: &Option<Value>| value.as_ref()?.as_integer();
        Some(number(&self.free)?.abs_diff(number(&self.bites)?))
    }

    /// How far two times, or two lengths, are apart.
    fn minutes(&self) -> Option<u64> {
        if self.at.ends_with("minutes") {
            return self.count();
        }
        let time = |value: &Option<Value>| {
            let text = value.as_ref()?.as_str()?;
            let date = || text.parse().ok().map(|date: jiff::civil::Date| date.at(0, 0, 0, 0));
            text.parse().ok().or_else(date)
        };
        let (free, bites): (DateTime, DateTime) = (time(&self.free)?, time(&self.bites)?);
        let apart = free.duration_since(bites).as_secs().unsigned_abs();
        Some(apart.div_ceil(60))
    }
}

/// In what two sides of an example differ.
pub(crate) fn differences(free: &Value, bites: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", (Some(free), Some(bites)), &mut found);
    found
}

fn compare(at: &str, (free, bites): (Option<&Value>, Option<&Value>), found: &mut Vec<Difference>) {
    let below = |name: &dyn std::fmt::Display| {
        if at.is_empty() {
            name.to_string()
        } else {
            format!("{at}.{name}")
        }
    };
    let list = |value: Option<&Value>| match value {
        Some(Value::Array(items)) => Some(items.clone()),
        Some(_) => None,
        None => Some(Vec::new()),
    };
    match (free, bites) {
        (free, bites) if free == bites => {}
        (Some(Value::Table(left)), Some(Value::Table(right))) => {
            let names: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            for name in names {
                compare(&below(name), (left.get(name), right.get(name)), found);
            }
        }
        (free, bites) => {
            let (left, right) = (list(free), list(bites));
            let grown = match (&left, &right) {
                (Some(left), Some(right)) if left.len() == right.len() => {
                    for (index, (left, right)) in left.iter().zip(right).enumerate() {
                        compare(&below(&index), (Some(left), Some(right)), found);
                    }
                    return;
                }
                (Some(left), Some(right)) => {
                    let same = left.iter().zip(right).all(|(left, right)| left == right);
                    same.then(|| left.len().abs_diff(right.len()))
                }
                _ => None,
            };
            found.push(Difference {
                at: at.to_owned(),
                free: free.cloned(),
                bites: bites.cloned(),
                grown,
            });
        }
    }
}
