//! Repeats of a read that make no entry of their own, remembered in this process and nowhere else.
//!
//! The database holds nothing that could say that somebody had read before: whoever can write to it could keep every entry
//! from being made. After a restart, and in another process, a repeat simply makes another entry.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use doorstep_domain::id::{Alias, PersonId, StaffId, TenantId};
use doorstep_domain::measure::Micros;
use doorstep_domain::read::{FieldClass, OutsidePurpose, Purpose};

/// Repeated reads of the same person by the same reader for the same purpose within this span are one entry: 5 minutes.
pub const FOLD: Micros = Micros::from_seconds(300);
/// With more reads than this those that are over are forgotten, and all of them where that is not enough.
const READS_MAX: usize = 100_000;

/// What must be the same for two reads of a person to be one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Kind {
    pub(crate) tenant: TenantId,
    pub(crate) reader: StaffId,
    pub(crate) purpose: Purpose,
    pub(crate) classes: &'static [FieldClass],
    pub(crate) outside: Option<OutsidePurpose>,
}

/// The reads of the last minutes that have their entry.
#[derive(Debug, Default)]
pub(crate) struct Folds(Mutex<HashMap<(Kind, PersonId), Micros>>);

/// Whether a read at `at` still covers one at `now`. One from later than now covers nothing: a clock was ahead.
fn covers(at: Micros, now: Micros) -> bool {
    at <= now && now - at < FOLD
}

impl Folds {
    /// The persons of whom there is no entry that covers a read now, each once.
    pub(crate) fn unseen(&self, kind: Kind, persons: &[(PersonId, Alias)], now: Micros) -> Vec<(PersonId, Alias)> {
        let reads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut named = std::collections::HashSet::new();
        let seen = |person: PersonId| reads.get(&(kind, person)).is_some_and(|at| covers(*at, now));
        let unseen = persons
            .iter()
            .filter(|(person, _)| !seen(*person) && named.insert(*person));
        unseen.copied().collect()
    }

    /// Notes reads whose entries were committed.
    pub(crate) fn note(&self, kind: Kind, persons: &[(PersonId, Alias)], now: Micros) {
        let mut reads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if reads.len() + persons.len() > READS_MAX {
            reads.retain(|_, at| covers(*at, now));
            if reads.len() + persons.len() > READS_MAX {
                reads.clear();
            }
        }
        reads.extend(persons.iter().map(|(person, _)| ((kind, *person), now)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const KIND: Kind = Kind {
        tenant: TenantId(Uuid::from_u128(1)),
        reader: StaffId(Uuid::from_u128(2)),
        purpose: Purpose::Case,
        classes: &[FieldClass::Identity],
        outside: None,
    };

    fn persons(count: u128) -> Vec<(PersonId, Alias)> {
        let one = |n| (PersonId(Uuid::from_u128(n)), Alias(Uuid::from_u128(n)));
        (0..count).map(one).collect()
    }

    #[test]
    fn a_repeat_is_folded_for_five_minutes_and_never_by_a_read_from_later() {
        let (folds, two, at) = (Folds::default(), persons(2), Micros::from_seconds(1_000));
        assert_eq!(folds.unseen(KIND, &two, at), two);
        folds.note(KIND, &two, at);
        assert_eq!(folds.unseen(KIND, &two, at + FOLD - Micros(1)), []);
        assert_eq!(folds.unseen(KIND, &two, at + FOLD), two);
        assert_eq!(folds.unseen(KIND, &two, at - Micros(1)), two);
        let other = Kind {
            outside: Some(OutsidePurpose::Cover),
            ..KIND
        };
        assert_eq!(folds.unseen(other, &two, at), two);
    }

    #[test]
    fn what_is_remembered_has_an_end() {
        let (folds, many) = (Folds::default(), persons(READS_MAX as u128));
        folds.note(KIND, &many, Micros(0));
        folds.note(KIND, &many[..1], Micros(1));
        assert_eq!(folds.unseen(KIND, &many[..2], Micros(1)), many[1..2]);
    }
}
