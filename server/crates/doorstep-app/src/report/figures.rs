//! Figures from facts: what is divided by what. docs/measures.md says the same in words.

use std::collections::BTreeMap;

use doorstep_domain::agreement::AgreementState;
use doorstep_domain::contact::ContactOutcome;
use doorstep_domain::id::PortfolioId;
use doorstep_domain::measure::Micros;
use doorstep_domain::money::Currency;
use doorstep_domain::rate::rate;
use doorstep_domain::report::{EVENING_FROM_HOUR, FigureKind, FigureUnit, ReportBy, Target};
use doorstep_domain::staff::Travel;
use doorstep_store::report::{FactCount, FactKind};
use doorstep_strategy::Targets;
use doorstep_wire::rate::RateShown;
use doorstep_wire::report::{ReportFigure, ReportTarget};

use crate::day;
use crate::strategy::Prices;

/// Microseconds of a quarter of an hour, in which the facts count when visits began.
const QUARTER: i64 = 900_000_000;
/// Before this hour it is still the evening before.
const MORNING_FROM_HOUR: i8 = 6;

/// The facts of a group.
#[derive(Debug, Default)]
pub(super) struct Facts {
    sums: BTreeMap<(FactKind, String), i64>,
    cases: BTreeMap<FactKind, i64>,
}

impl Facts {
    /// Adds facts of one kind and detail. Cases are told apart within them alone; no figure adds cases of several details.
    pub(super) fn add(&mut self, count: &FactCount) {
        *self.sums.entry((count.kind, count.detail.clone())).or_default() += count.sum;
        *self.cases.entry(count.kind).or_default() += count.cases;
    }

    /// Adds the facts of another group. A case of both is one unless groups are known to share none.
    pub(super) fn join(&mut self, other: Self, apart: bool) {
        let about = self.about().max(other.about());
        for (of, sum) in other.sums {
            *self.sums.entry(of).or_default() += sum;
        }
        for (kind, cases) in other.cases {
            *self.cases.entry(kind).or_default() += cases;
        }
        if !apart {
            self.cases
                .insert(FactKind::About, i64::try_from(about).unwrap_or(i64::MAX));
        }
    }

    /// How many cases all of it is about; never more than there are.
    pub(super) fn about(&self) -> u64 {
        self.cases(FactKind::About)
    }

    fn of(&self, kind: FactKind, wanted: impl Fn(&str) -> bool) -> u64 {
        let all = self.sums.iter().filter(|((found, _), _)| *found == kind);
        let sum: i64 = all.filter(|((_, detail), _)| wanted(detail)).map(|(_, sum)| sum).sum();
        u64::try_from(sum).unwrap_or(0)
    }

    pub(super) fn all(&self, kind: FactKind) -> u64 {
        self.of(kind, |_| true)
    }

    fn ended(&self, kind: FactKind, how: fn(ContactOutcome) -> bool) -> u64 {
        self.of(kind, |detail| detail.parse().is_ok_and(how))
    }

    fn cases(&self, kind: FactKind) -> u64 {
        let found = self.cases.get(&kind).copied().unwrap_or(0);
        u64::try_from(found).unwrap_or(0)
    }

    /// Numerator and denominator of a figure.
    fn parts(&self, kind: FigureKind, by: ReportBy) -> (u64, Option<u64>) {
        let visits = self.all(FactKind::Visit);
        let met = |outcome: ContactOutcome| outcome == ContactOutcome::MetBorrower;
        let meetings = self.ended(FactKind::Visit, met);
        let is = |state: AgreementState| move |detail: &str| detail == state.code();
        let withdrawn = self.all(FactKind::Withdrawn);
        let blocks = withdrawn + self.all(FactKind::Forbidden);
        match kind {
            FigureKind::Coverage if by == ReportBy::Crew => {
                (self.cases(FactKind::Reached), Some(self.cases(FactKind::Planned)))
            }
            FigureKind::Coverage => (self.all(FactKind::Touched), Some(self.all(FactKind::Assigned))),
            FigureKind::Contact => (self.ended(FactKind::Visit, ContactOutcome::contacted), Some(visits)),
            FigureKind::RightParty => (meetings, Some(visits)),
            FigureKind::CallContact => (
                self.ended(FactKind::Call, ContactOutcome::contacted),
                Some(self.all(FactKind::Call)),
            ),
            FigureKind::CallRightParty => (self.ended(FactKind::Call, met), Some(self.all(FactKind::Call))),
            FigureKind::Promised => (self.all(FactKind::Promised), Some(meetings)),
            FigureKind::Kept => (
                self.of(FactKind::Judged, is(AgreementState::Kept)),
                Some(self.all(FactKind::Judged)),
            ),
            FigureKind::Broken => (
                self.of(FactKind::Judged, is(AgreementState::Broken)),
                Some(self.all(FactKind::Judged)),
            ),
            FigureKind::Cured => (self.all(FactKind::Settled), Some(self.all(FactKind::Assigned))),
            FigureKind::TimePerVisit => (self.all(FactKind::Work), Some(visits)),
            FigureKind::WayPerVisit => (self.all(FactKind::Way), Some(visits)),
            // Of no visits; those that were made are priced by currency.
            FigureKind::CostPerVisit => (0, Some(visits)),
            FigureKind::Complaints => (self.all(FactKind::Complaint), None),
            FigureKind::Complained => (self.all(FactKind::Complained), Some(visits)),
            FigureKind::RuleBlocks => (blocks, None),
            FigureKind::BlocksRespected => (withdrawn, Some(blocks)),
            FigureKind::Evening => (self.of(FactKind::Begun, in_the_evening), Some(visits)),
        }
    }

    /// The figures of a group, with its targets.
    pub(super) fn figures(&self, by: ReportBy, targets: Targets, prices: &Prices) -> Vec<ReportFigure> {
        let told = FigureKind::ALL.iter().filter(|kind| is_told(**kind, by));
        let costs = self.costs(prices);
        let figures = told.map(|kind| match kind {
            FigureKind::CostPerVisit if !costs.is_empty() => costs.clone(),
            _ => vec![self.figure(*kind, by, targets.of(*kind))],
        });
        figures.flatten().collect()
    }

    /// What visits cost, a figure for each currency: there is no sum over currencies. Each visit is priced by the strategy that its
    /// case's portfolio had when it was made, and what was spent by one of them and one means of travel is rounded once.
    fn costs(&self, prices: &Prices) -> Vec<ReportFigure> {
        let mut costs: BTreeMap<&'static str, (u64, u64)> = BTreeMap::new();
        let details = self.sums.keys().filter(|(kind, _)| *kind == FactKind::Priced);
        for (_, detail) in details {
            let Some((portfolio, version, currency, travel)) = priced(detail) else {
                continue;
            };
            let of = |kind| self.of(kind, |found| found == detail);
            let spent = (of(FactKind::Work), of(FactKind::Way));
            let cost = prices.of(portfolio, version).cost_of(spent, travel, currency);
            let (count, visits) = costs.entry(currency.code()).or_default();
            *count += u64::try_from(cost.get()).unwrap_or(0);
            *visits += of(FactKind::Priced);
        }
        let figure = |(currency, (count, visits)): (&str, (u64, u64))| ReportFigure {
            currency: Some(currency.to_owned()),
            ..told(FigureKind::CostPerVisit, (count, Some(visits)), None)
        };
        costs.into_iter().map(figure).collect()
    }

    fn figure(&self, kind: FigureKind, by: ReportBy, target: Option<Target>) -> ReportFigure {
        told(kind, self.parts(kind, by), target)
    }
}

/// A figure from its numerator and denominator.
fn told(kind: FigureKind, (count, of): (u64, Option<u64>), target: Option<Target>) -> ReportFigure {
    let unit = kind.unit();
    let share = of.filter(|_| unit.is_share()).and_then(|of| rate(count, of));
    let divided = of.filter(|of| !unit.is_share() && *of > 0);
    ReportFigure {
        what: kind.code().to_owned(),
        unit: unit.code().to_owned(),
        count,
        of,
        rate: share.map(|share| RateShown {
            low: share.low,
            rate: share.rate,
            high: share.high,
        }),
        mean: divided.map(|of| (count + of / 2) / of),
        currency: None,
        target: target.map(|target| {
            let (least_percent, most_percent) = match target {
                Target::Least(percent) => (Some(percent), None),
                Target::Most(percent) => (None, Some(percent)),
            };
            ReportTarget {
                least_percent,
                most_percent,
                state: target.state(share).code().to_owned(),
            }
        }),
    }
}

/// What a visit is priced by: the portfolio of its case with the version of its strategy, the currency, and the crew's means of
/// travel. Without a route there is no way to pay for.
fn priced(detail: &str) -> Option<(PortfolioId, i64, Currency, Travel)> {
    let mut parts = detail.split(' ');
    let portfolio = parts.next()?.parse().ok()?;
    let currency = Currency::of(parts.next()?)?;
    let version = parts.next()?.parse().ok()?;
    let travel = parts.next()?.parse().unwrap_or(Travel::Foot);
    Some((portfolio, version, currency, travel))
}

/// Whether a figure is told by something: nobody of the staff is assigned a case, and crews make no calls.
fn is_told(kind: FigureKind, by: ReportBy) -> bool {
    let of_crew = !matches!(kind.unit(), FigureUnit::OfCalls) && kind != FigureKind::Cured;
    match by {
        ReportBy::Staff => kind.unit() != FigureUnit::OfCases,
        ReportBy::Crew => of_crew,
        _ => true,
    }
}

/// The figures of a week. Coverage and cured are of the cases of the whole span.
pub(super) fn of_week(facts: &Facts, prices: &Prices) -> Vec<ReportFigure> {
    facts.figures(ReportBy::Staff, Targets::default(), prices)
}

/// Whether a visit that began in a quarter of an hour, after the zone of its address, began in the evening there.
fn in_the_evening(begun: &str) -> bool {
    let Some((zone, quarter)) = begun.rsplit_once(' ') else {
        return false;
    };
    let Ok(quarter) = quarter.parse::<i64>() else {
        return false;
    };
    let at = day::timestamp(Micros(quarter.saturating_mul(QUARTER)));
    let hour = at.to_zoned(day::zone(zone)).hour();
    !(MORNING_FROM_HOUR..EVENING_FROM_HOUR).contains(&hour)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use doorstep_strategy::Strategy;

    use super::*;

    fn facts(counts: &[(FactKind, &str, i64, i64)]) -> Facts {
        let mut facts = Facts::default();
        for (kind, detail, sum, cases) in counts {
            facts.add(&FactCount {
                kind: *kind,
                detail: (*detail).to_owned(),
                key: String::new(),
                sum: *sum,
                cases: *cases,
            });
        }
        facts
    }

    #[test]
    fn each_figure_is_divided_by_what_it_is_of() {
        let facts = facts(&[
            (FactKind::Assigned, "", 10, 10),
            (FactKind::Touched, "", 6, 6),
            (FactKind::Settled, "", 2, 2),
            (FactKind::Planned, "", 9, 5),
            (FactKind::Reached, "", 4, 3),
            (FactKind::Visit, "MET_BORROWER", 3, 3),
            (FactKind::Visit, "MET_UNRELATED", 2, 2),
            (FactKind::Visit, "", 1, 1),
            (FactKind::Promised, "", 1, 1),
            (FactKind::Judged, "kept", 4, 4),
            (FactKind::Judged, "partial", 1, 1),
            (FactKind::Judged, "broken", 2, 2),
            (FactKind::Call, "CONNECTED", 2, 2),
            (FactKind::Call, "MET_BORROWER", 1, 1),
            (FactKind::Call, "NO_ANSWER", 7, 4),
            (FactKind::Work, "", 6_003, 6),
            (FactKind::Way, "", 9_000, 6),
            (FactKind::Withdrawn, "", 3, 3),
            (FactKind::Forbidden, "", 1, 1),
            (FactKind::Complaint, "", 2, 1),
            (FactKind::Complained, "", 1, 1),
            // 18:45 and 19:00 in Lisbon in winter, 00:30 in Shanghai, 20:00 in New York.
            (FactKind::Begun, "Europe/Lisbon 1994667", 1, 1),
            (FactKind::Begun, "Europe/Lisbon 1994668", 2, 2),
            (FactKind::Begun, "Asia/Shanghai 1994658", 1, 1),
            (FactKind::Begun, "America/New_York 1994692", 2, 2),
        ]);
        for (kind, by, parts) in [
            (FigureKind::Coverage, ReportBy::Portfolio, (6, Some(10))),
            (FigureKind::Coverage, ReportBy::Crew, (3, Some(5))),
            (FigureKind::Cured, ReportBy::Stage, (2, Some(10))),
            (FigureKind::Contact, ReportBy::Staff, (5, Some(6))),
            (FigureKind::RightParty, ReportBy::Staff, (3, Some(6))),
            (FigureKind::CallContact, ReportBy::Staff, (3, Some(10))),
            (FigureKind::CallRightParty, ReportBy::Staff, (1, Some(10))),
            (FigureKind::Promised, ReportBy::Staff, (1, Some(3))),
            (FigureKind::Kept, ReportBy::Staff, (4, Some(7))),
            (FigureKind::Broken, ReportBy::Staff, (2, Some(7))),
            (FigureKind::TimePerVisit, ReportBy::Staff, (6_003, Some(6))),
            (FigureKind::WayPerVisit, ReportBy::Staff, (9_000, Some(6))),
            (FigureKind::Complaints, ReportBy::Staff, (2, None)),
            (FigureKind::Complained, ReportBy::Staff, (1, Some(6))),
            (FigureKind::RuleBlocks, ReportBy::Staff, (4, None)),
            (FigureKind::BlocksRespected, ReportBy::Staff, (3, Some(4))),
            (FigureKind::Evening, ReportBy::Staff, (5, Some(6))),
        ] {
            assert_eq!(facts.parts(kind, by), parts, "{kind}");
        }
        let time = facts.figure(FigureKind::TimePerVisit, ReportBy::Staff, None);
        assert_eq!((time.mean, time.rate), (Some(1_001), None), "rounded, and no share");
    }

    #[test]
    fn visits_cost_what_their_portfolios_say_and_currencies_are_told_apart() {
        let one = PortfolioId(uuid::Uuid::from_u128(1));
        let own = "format = 1\n[worth]\nlabour_hour = \"36.00\"\nkilometre_moped = \"1.00\"\n";
        let own = Strategy::read("own.toml", own).unwrap();
        let prices = Prices::of_test([((one, 2), own)]);
        let (own, other) = (format!("{:032X}", 1), format!("{:032X}", 2));
        let detail = |portfolio: &str, rest: &str| format!("{portfolio} {rest}");
        let [first, second, third, fourth] = [
            detail(&own, "CNY 2 moped"),
            detail(&other, "CNY 0 car"),
            detail(&other, "JPY 0 foot"),
            detail(&other, "CNY 7 "),
        ];
        let facts = facts(&[
            (FactKind::Priced, &first, 2, 2),
            (FactKind::Work, &first, 1_800, 2),
            (FactKind::Way, &first, 2_500, 2),
            (FactKind::Priced, &second, 3, 3),
            (FactKind::Work, &second, 3_600, 3),
            (FactKind::Way, &second, 10_000, 3),
            (FactKind::Priced, &third, 1, 1),
            (FactKind::Work, &third, 100, 1),
            (FactKind::Way, &third, 900, 1),
            (FactKind::Priced, &fourth, 1, 1),
            (FactKind::Work, &fourth, 200, 1),
        ]);
        let figures = facts.figures(ReportBy::Portfolio, Targets::default(), &prices);
        let costs: Vec<_> = figures.iter().filter(|one| one.what == "cost-per-visit").collect();
        let parts: Vec<_> = costs
            .iter()
            .map(|one| (one.currency.as_deref(), one.count, one.of, one.mean))
            .collect();
        // 18.00 and 2.50; 18.00 and 3.50; 200 seconds without a route are 1.00; 100 seconds are half a yen.
        assert_eq!(
            parts,
            [
                (Some("CNY"), 4_300, Some(6), Some(717)),
                (Some("JPY"), 1, Some(1), Some(1))
            ]
        );
        assert!(
            costs
                .iter()
                .all(|one| one.unit == "minor-per-visit" && one.rate.is_none())
        );
        assert_eq!(facts.parts(FigureKind::WayPerVisit, ReportBy::Portfolio).0, 13_400);
    }

    #[test]
    fn nobody_of_the_staff_is_measured_by_cases_and_no_crew_by_calls() {
        let facts = Facts::default();
        let prices = Prices::of_test([]);
        let told = |by| facts.figures(by, Targets::default(), &prices);
        assert!(told(ReportBy::Staff).iter().all(|figure| figure.unit != "of-cases"));
        assert!(told(ReportBy::Crew).iter().all(|figure| figure.unit != "of-calls"));
        assert_eq!(told(ReportBy::Portfolio).len(), FigureKind::ALL.len());
        // Of nothing no share and no average is told.
        assert!(
            told(ReportBy::Portfolio)
                .iter()
                .all(|figure| figure.rate.is_none() && figure.mean.is_none())
        );
    }
}
