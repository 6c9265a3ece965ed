//! How cases rolled from stage to stage, month by month.

use doorstep_domain::report::{CASES_LEAST, Rolled};
use doorstep_store::report::FactSpan;
use doorstep_wire::report::{ReportRoll, ReportRolled};
use jiff::civil::Date;

use super::Asked;
use crate::actor::Actor;
use crate::error::AppError;
use crate::{App, day};

/// The months of which days are in a span, cut to it: first and last day of each.
fn months(from: Date, to: Date) -> Vec<(Date, Date)> {
    let mut months = Vec::new();
    let mut first = from;
    while first <= to {
        let last = first.last_of_month().min(to);
        months.push((first, last));
        first = day::of_number(day::number(last) + 1);
    }
    months
}

/// The roll of a month from how many cases began and ended it where.
fn roll((from, to): (Date, Date), counts: &[(Rolled, Rolled, u64)]) -> Vec<ReportRoll> {
    let of = |began: Rolled| -> Vec<ReportRolled> {
        let ends = Rolled::ALL.iter().map(|end| {
            let same = counts.iter().filter(|(first, last, _)| (first, last) == (&began, end));
            let cases = same.map(|(_, _, count)| count).sum();
            let ended = end.code().to_owned();
            ReportRolled { ended, cases }
        });
        ends.filter(|end| end.cases > 0).collect()
    };
    let rolls = Rolled::ALL.iter().map(|began| {
        let ended = of(*began);
        let cases = ended.iter().map(|end| end.cases).sum();
        ReportRoll {
            from: from.to_string(),
            to: to.to_string(),
            began: began.code().to_owned(),
            cases,
            // Where few began alike, their ends would be those of persons.
            ended: if cases < CASES_LEAST { Vec::new() } else { ended },
        }
    });
    rolls.filter(|roll| roll.cases > 0).collect()
}

impl App {
    /// What became of the cases that began each month in each stage.
    pub(super) async fn report_roll(&self, actor: &Actor, asked: &Asked) -> Result<Vec<ReportRoll>, AppError> {
        let mut rolls = Vec::new();
        for (from, to) in months(asked.from, asked.to) {
            let span = FactSpan {
                first_day: day::number(from),
                end_day: day::number(to) + 1,
                ..asked.span
            };
            rolls.extend(roll((from, to), &self.store().report_roll(actor.tenant, span).await?));
        }
        Ok(rolls)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn months_are_cut_to_the_span() {
        assert_eq!(
            months(date(2026, 1, 20), date(2026, 3, 1)),
            [
                (date(2026, 1, 20), date(2026, 1, 31)),
                (date(2026, 2, 1), date(2026, 2, 28)),
                (date(2026, 3, 1), date(2026, 3, 1)),
            ]
        );
        assert_eq!(
            months(date(2026, 3, 5), date(2026, 3, 9)),
            [(date(2026, 3, 5), date(2026, 3, 9))]
        );
    }

    #[test]
    fn where_few_began_alike_their_ends_are_not_told() {
        let counts = [
            (Rolled::M1, Rolled::M2, 3),
            (Rolled::M1, Rolled::Settled, 2),
            (Rolled::M3, Rolled::Over, 4),
        ];
        let rolls = roll((date(2026, 3, 1), date(2026, 3, 31)), &counts);
        let told: Vec<_> = rolls
            .iter()
            .map(|roll| {
                let ends: Vec<_> = roll.ended.iter().map(|end| (end.ended.as_str(), end.cases)).collect();
                (roll.began.as_str(), roll.cases, ends)
            })
            .collect();
        assert_eq!(told, [("M1", 5, vec![("M2", 3), ("settled", 2)]), ("M3", 4, vec![])]);
    }
}
