//! That no figure points at one visited person: what is of too few cases is told together with something else.

use doorstep_domain::report::{CASES_LEAST, ReportBy};

use super::figures::Facts;

/// A group with the names under which it is told.
pub(super) struct Group {
    pub(super) names: Vec<String>,
    pub(super) facts: Facts,
}

impl Group {
    /// A group by itself.
    pub(super) fn of((name, facts): (String, Facts)) -> Self {
        let names = vec![name];
        Self { names, facts }
    }
}

/// The groups, each of enough cases: the smallest is told together with the next one as long as it is of too few. Of staff and crews
/// such a one is left out instead, because nobody's work is told as a colleague's.
pub(super) fn groups(by: ReportBy, mut groups: Vec<Group>) -> Vec<Group> {
    if by.names_persons() {
        groups.retain(|group| group.facts.about() >= CASES_LEAST);
        return groups;
    }
    // One case is of one portfolio, agency and territory; it may go through several stages.
    let apart = by != ReportBy::Stage;
    loop {
        // From the greatest to the smallest, those of one size by name.
        groups.sort_by(|a, b| (b.facts.about(), &b.names).cmp(&(a.facts.about(), &a.names)));
        let Some(smallest) = groups.pop_if(|last| last.facts.about() < CASES_LEAST) else {
            break;
        };
        // Without another one it is told in the sum of all alone.
        let Some(next) = groups.last_mut() else { break };
        next.facts.join(smallest.facts, apart);
        next.names.extend(smallest.names);
    }
    for group in &mut groups {
        group.names.sort_unstable();
    }
    groups.sort_by(|a, b| a.names.cmp(&b.names));
    groups
}

/// The weeks by their numbers, each of enough cases: one of too few is told with the one after it, the last ones with the one before.
pub(super) fn weeks(all: Vec<(i64, Facts)>) -> Vec<(i64, Facts)> {
    let mut told: Vec<(i64, Facts)> = Vec::new();
    let mut waiting: Option<(i64, Facts)> = None;
    for (number, mut facts) in all {
        let mut first = number;
        if let Some((before, few)) = waiting.take() {
            facts.join(few, false);
            first = before;
        }
        if facts.about() < CASES_LEAST {
            waiting = Some((first, facts));
        } else {
            told.push((first, facts));
        }
    }
    if let (Some((_, last)), Some((_, few))) = (told.last_mut(), waiting) {
        last.join(few, false);
    }
    told
}

#[cfg(test)]
mod tests {
    use doorstep_store::report::{FactCount, FactKind};

    use super::*;

    fn of(cases: i64) -> Facts {
        let mut facts = Facts::default();
        for (kind, sum) in [(FactKind::Visit, cases * 2), (FactKind::About, 0)] {
            facts.add(&FactCount {
                kind,
                detail: String::new(),
                key: String::new(),
                sum,
                cases,
            });
        }
        facts
    }

    fn told(by: ReportBy, sizes: &[(&str, i64)]) -> Vec<(String, u64, u64)> {
        let all = sizes
            .iter()
            .map(|(name, cases)| Group::of(((*name).to_owned(), of(*cases))));
        let groups = groups(by, all.collect());
        let tell = |group: Group| {
            (
                group.names.join("+"),
                group.facts.about(),
                group.facts.all(FactKind::Visit),
            )
        };
        groups.into_iter().map(tell).collect()
    }

    #[test]
    fn no_group_is_of_too_few_cases_and_nothing_is_lost() {
        let some = |all: &[(&str, u64, u64)]| -> Vec<(String, u64, u64)> {
            all.iter()
                .map(|(name, cases, visits)| ((*name).to_owned(), *cases, *visits))
                .collect()
        };
        let by = ReportBy::Portfolio;
        assert_eq!(told(by, &[("a", 5), ("b", 9)]), some(&[("a", 5, 10), ("b", 9, 18)]));
        // One alone would be found by taking the other from the sum of all.
        assert_eq!(told(by, &[("a", 1), ("b", 9)]), some(&[("a+b", 10, 20)]));
        assert_eq!(
            told(by, &[("a", 1), ("b", 9), ("c", 7)]),
            some(&[("a+c", 8, 16), ("b", 9, 18)])
        );
        assert_eq!(
            told(by, &[("d", 2), ("a", 3), ("b", 9)]),
            some(&[("a+d", 5, 10), ("b", 9, 18)])
        );
        assert_eq!(told(by, &[("a", 2), ("b", 2)]), some(&[]));
        // Three cases that were in two stages are three, and not six.
        let stages = [("M1", 3), ("M2", 3), ("M3", 8)];
        assert_eq!(told(ReportBy::Stage, &stages), some(&[("M1+M2+M3", 8, 28)]));
        let staff = [("F01", 3), ("F02", 8)];
        assert_eq!(told(ReportBy::Staff, &staff), some(&[("F02", 8, 16)]));
    }

    #[test]
    fn a_week_of_too_few_cases_is_told_with_the_next() {
        let told = |sizes: &[(i64, i64)]| -> Vec<(i64, u64)> {
            let all = sizes.iter().map(|(number, cases)| (*number, of(*cases)));
            let weeks = weeks(all.collect()).into_iter();
            weeks
                .map(|(number, facts)| (number, facts.all(FactKind::Visit)))
                .collect()
        };
        assert_eq!(told(&[(1, 5), (2, 2), (3, 6), (4, 1)]), [(1, 10), (2, 18)]);
        assert_eq!(told(&[(1, 2), (2, 3)]), []);
    }
}
