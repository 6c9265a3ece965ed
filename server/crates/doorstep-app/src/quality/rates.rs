//! Rates: of how many visits something is known, by staff, crew, portfolio or rule. Never for pay or a ranking; what an appeal struck
//! counts nowhere, and whoever is counted sees their own.

use std::collections::{BTreeMap, HashMap};

use doorstep_domain::event::EventFlag;
use doorstep_domain::id::{StaffId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_domain::quality::ItemFound;
use doorstep_domain::rate::{OF_RULES, OF_VISITS, RATE_LEAST, RateBy, RateKind, Tally, VisitFacts, rate};
use doorstep_store::entry::{Entries, EntryKind, ServerEntry};
use doorstep_store::rates::{RateCheck, RateSpan, RateVisit};
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::rate::{RateGroup, RateItem, RateShown, RatesQuery, RatesView};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::{Found, bad_code};
use crate::App;
use crate::actor::Actor;
use crate::contact_log::rules_of;
use crate::day;
use crate::error::AppError;
use crate::policy::{self, Action};

/// The days before the last one, where no first one is named.
const DAYS_BEFORE: i64 = 27;
/// The most days at once.
const DAYS_MAX: i64 = 366;

/// From the first day to the last, as asked for.
struct Asked {
    by: RateBy,
    from: Date,
    to: Date,
    span: RateSpan,
}

/// What is known of the visits of a span.
struct Known {
    visits: Vec<RateVisit>,
    staff: Vec<(VisitId, StaffId)>,
    complained: Vec<VisitId>,
    checks: Vec<RateCheck>,
    flags: Vec<(VisitId, StaffId, String)>,
}

impl App {
    /// Rates of the caller's side. An agency sees its own; that they were looked at stands in the log.
    pub async fn quality_rates(&self, actor: &Actor, query: &RatesQuery) -> Result<RatesView, AppError> {
        policy::check(actor, Action::SeeQuality)?;
        let asked = self.rates_asked(actor, query)?;
        let groups = match asked.by {
            RateBy::Rule => self.by_rule(actor, asked.span).await?,
            by => {
                let known = self.known_of_visits(actor, asked.span).await?;
                let names = self.names(actor, by).await?;
                named(tallies(&known, by), &names)
            }
        };
        let tx = self.store().write(actor.tenant, self.now()).await?;
        let entry = ServerEntry::new(EntryKind::QualityRates, actor.by())
            .with("by", asked.by.code())
            .with("from", asked.from.to_string())
            .with("to", asked.to.to_string());
        tx.commit(Entries::one(entry)).await?;
        Ok(view(&asked, groups))
    }

    /// The caller's own counts and rates. For everybody.
    pub async fn own_rates(&self, actor: &Actor, query: &RatesQuery) -> Result<RatesView, AppError> {
        let query = RatesQuery {
            by: None,
            ..query.clone()
        };
        let mut asked = self.rates_asked(actor, &query)?;
        asked.span.agency = None;
        let known = self.known_of_visits(actor, asked.span).await?;
        let mut tallies = tallies(&known, RateBy::Staff);
        tallies.retain(|staff, _| *staff == actor.staff.0);
        let own = self.store().staff_get(actor.tenant, actor.staff).await?;
        let names = HashMap::from([(own.id.0, own.login)]);
        Ok(view(&asked, named(tallies, &names)))
    }

    fn rates_asked(&self, actor: &Actor, query: &RatesQuery) -> Result<Asked, AppError> {
        let by = query.by.as_deref().map_or(Ok(RateBy::Staff), str::parse);
        let by = by.map_err(bad_code("by"))?;
        let date = |field: &str, text: &Option<String>| text.as_deref().map(|text| day::parse(field, text)).transpose();
        let to = date("to", &query.to)?.unwrap_or_else(|| day::local(self.now(), &TimeZone::UTC));
        let last = day::number(to);
        let from = date("from", &query.from)?.unwrap_or_else(|| day::of_number(last - DAYS_BEFORE));
        let days = last - day::number(from) + 1;
        if !(1..=DAYS_MAX).contains(&days) {
            let detail = format!("Name a first day that is not after the last one, and at most {DAYS_MAX} days.");
            return Err(AppError::at(ProblemCode::BadRequest, "from", detail));
        }
        let start = |number: i64| Micros::from_seconds(number * 86_400);
        Ok(Asked {
            by,
            from,
            to,
            span: RateSpan {
                agency: actor.agency,
                first: start(last - days + 1),
                end: start(last + 1),
            },
        })
    }

    async fn known_of_visits(&self, actor: &Actor, span: RateSpan) -> Result<Known, AppError> {
        let (store, tenant) = (self.store(), actor.tenant);
        Ok(Known {
            visits: store.rate_visits(tenant, span).await?,
            staff: store.rate_staff(tenant, span).await?,
            complained: store.rate_complained(tenant, span).await?,
            checks: store.rate_checks(tenant, span).await?,
            flags: store.rate_flags(tenant, span).await?,
        })
    }

    /// The groups that the caller sees, by their names.
    async fn names(&self, actor: &Actor, by: RateBy) -> Result<HashMap<Uuid, String>, AppError> {
        let (store, tenant) = (self.store(), actor.tenant);
        Ok(match by {
            RateBy::Crew => {
                let crews = store.crew_list_all(tenant).await?.into_iter();
                crews.map(|crew| (crew.id.0, crew.name)).collect()
            }
            RateBy::Portfolio => {
                let portfolios = store.portfolio_list(tenant).await?.into_iter();
                portfolios.map(|one| (one.id.0, one.name)).collect()
            }
            RateBy::Staff | RateBy::Rule => {
                let staff = store.staff_list(tenant).await?.into_iter();
                let seen = staff.filter(|one| policy::reaches(actor, one.agency));
                seen.map(|one| (one.id.0, one.login)).collect()
            }
        })
    }

    async fn by_rule(&self, actor: &Actor, span: RateSpan) -> Result<Vec<(String, Tally)>, AppError> {
        let (store, tenant) = (self.store(), actor.tenant);
        let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
        let mut note = |kind: RateKind, rules: Vec<String>| {
            for rule in rules.iter().flat_map(|stored| rules_of(stored)) {
                tallies.entry(rule).or_default().note(kind, 1);
            }
        };
        note(RateKind::Withdrawn, store.rate_withdrawn(tenant, span).await?);
        note(RateKind::Overridden, store.rate_overridden(tenant, span).await?);
        note(RateKind::Forbidden, store.rate_forbidden(tenant, span).await?);
        Ok(tallies.into_iter().collect())
    }
}

/// The counts of each group.
fn tallies(known: &Known, by: RateBy) -> BTreeMap<Uuid, Tally> {
    let mut present: HashMap<VisitId, Vec<StaffId>> = HashMap::new();
    for (visit, staff) in &known.staff {
        present.entry(*visit).or_default().push(*staff);
    }
    let facts = Facts::of(known);
    let mut tallies: BTreeMap<Uuid, Tally> = BTreeMap::new();
    for visit in &known.visits {
        let mut add = |group: Uuid, whose: Option<StaffId>| {
            tallies.entry(group).or_default().add(&facts.of_visit(visit, whose));
        };
        match by {
            RateBy::Crew => add(visit.crew.0, None),
            RateBy::Portfolio => add(visit.portfolio.0, None),
            RateBy::Staff | RateBy::Rule => {
                let there = present.get(&visit.id).map_or(&[][..], Vec::as_slice);
                there.iter().for_each(|staff| add(staff.0, Some(*staff)));
            }
        }
    }
    tallies
}

/// What is known of visits, by visit.
struct Facts<'a> {
    complained: HashMap<VisitId, ()>,
    checks: HashMap<VisitId, Vec<&'a RateCheck>>,
    flags: HashMap<VisitId, Vec<(StaffId, &'a str)>>,
}

impl<'a> Facts<'a> {
    fn of(known: &'a Known) -> Self {
        let mut checks: HashMap<VisitId, Vec<&RateCheck>> = HashMap::new();
        for check in &known.checks {
            checks.entry(check.visit).or_default().push(check);
        }
        let mut flags: HashMap<VisitId, Vec<(StaffId, &str)>> = HashMap::new();
        for (visit, staff, codes) in &known.flags {
            flags.entry(*visit).or_default().push((*staff, codes));
        }
        Self {
            complained: known.complained.iter().map(|visit| (*visit, ())).collect(),
            checks,
            flags,
        }
    }

    /// What counts of a visit. Of one member of staff only their own checks, and the flags of what their own device reported:
    /// nobody answers for a partner's clock.
    fn of_visit(&self, visit: &RateVisit, whose: Option<StaffId>) -> VisitFacts {
        let is_whose = |staff: StaffId| whose.is_none_or(|one| one == staff);
        let mut facts = VisitFacts::default();
        if self.complained.contains_key(&visit.id) {
            facts.kinds.insert(RateKind::Complaint);
        }
        if visit.outcome.is_some_and(|outcome| outcome.refuses()) {
            facts.kinds.insert(RateKind::Refused);
        }
        let flags = self.flags.get(&visit.id).map_or(&[][..], Vec::as_slice);
        for (_, codes) in flags.iter().filter(|(staff, _)| is_whose(*staff)) {
            let known = codes.split(',').filter_map(|code| code.parse::<EventFlag>().ok());
            facts.kinds.extend(known.filter_map(RateKind::of_flag));
        }
        let checks = self.checks.get(&visit.id).map_or(&[][..], Vec::as_slice);
        let checks = checks.iter().filter(|check| is_whose(check.staff));
        facts.checks = checks.map(|check| failed(&check.found)).collect();
        facts
    }
}

/// Whether an item was not as it should be.
fn failed(found: &str) -> bool {
    let found: Found = serde_json::from_str(found).unwrap_or_default();
    found.values().any(|found| *found == ItemFound::Fail)
}

/// Groups under their names, in the order of these.
fn named(tallies: BTreeMap<Uuid, Tally>, names: &HashMap<Uuid, String>) -> Vec<(String, Tally)> {
    let named = tallies.into_iter();
    let mut named: Vec<(String, Tally)> = named
        .filter_map(|(id, tally)| Some((names.get(&id)?.clone(), tally)))
        .collect();
    named.sort_by(|left, right| left.0.cmp(&right.0));
    named
}

fn view(asked: &Asked, groups: Vec<(String, Tally)>) -> RatesView {
    let kinds: &[RateKind] = if asked.by == RateBy::Rule {
        &OF_RULES
    } else {
        &OF_VISITS
    };
    let item = |tally: &Tally, kind: RateKind| {
        let (count, of) = tally.of(kind);
        let shown = of.and_then(|of| rate(count, of));
        RateItem {
            what: kind.code().to_owned(),
            count,
            of,
            rate: shown.map(|shown| RateShown {
                low: shown.low,
                rate: shown.rate,
                high: shown.high,
            }),
        }
    };
    let items = groups.into_iter().map(|(group, tally)| RateGroup {
        group,
        visits: (asked.by != RateBy::Rule).then_some(tally.visits),
        counts: kinds.iter().map(|kind| item(&tally, *kind)).collect(),
    });
    RatesView {
        by: asked.by.code().to_owned(),
        from: asked.from.to_string(),
        to: asked.to.to_string(),
        least: RATE_LEAST,
        items: items.collect(),
    }
}

#[cfg(test)]
mod tests {
    use doorstep_domain::contact::ContactOutcome;
    use doorstep_domain::id::{CrewId, PortfolioId};

    use super::*;

    const fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    fn visit(number: u128, crew: u128, outcome: Option<ContactOutcome>) -> RateVisit {
        RateVisit {
            id: VisitId(id(number)),
            crew: CrewId(id(crew)),
            portfolio: PortfolioId(id(50)),
            outcome,
        }
    }

    fn check(number: u128, staff: u128, found: &str) -> RateCheck {
        RateCheck {
            visit: VisitId(id(number)),
            staff: StaffId(id(staff)),
            found: format!("{{\"hours-kept\":\"{found}\",\"note-tone\":\"pass\"}}"),
        }
    }

    /// Three visits of two crews: staff 1 and 2 at the first two, 3 alone at the third.
    fn known() -> Known {
        let there = [(10, 1), (10, 2), (11, 1), (11, 2), (12, 3)];
        Known {
            visits: vec![
                visit(10, 70, Some(ContactOutcome::AskedToLeave)),
                visit(11, 70, None),
                visit(12, 71, None),
            ],
            staff: there
                .map(|(visit, staff)| (VisitId(id(visit)), StaffId(id(staff))))
                .to_vec(),
            complained: vec![VisitId(id(11)), VisitId(id(12))],
            checks: vec![check(10, 1, "fail"), check(10, 2, "pass"), check(12, 3, "fail")],
            flags: vec![
                (VisitId(id(10)), StaffId(id(1)), "far-from-door,clock-doubt".to_owned()),
                (VisitId(id(10)), StaffId(id(1)), "far-from-door,withheld".to_owned()),
            ],
        }
    }

    /// Group, visits, complained, failed checks of checks, refused, far from the door.
    fn counted(by: RateBy) -> Vec<(u128, u64, u64, (u64, Option<u64>), u64, u64)> {
        let tallies = tallies(&known(), by);
        let each = tallies.iter().map(|(group, tally)| {
            let count = |kind| tally.of(kind).0;
            (
                group.as_u128(),
                tally.visits,
                count(RateKind::Complaint),
                tally.of(RateKind::QualityFailure),
                count(RateKind::Refused),
                count(RateKind::FarFromDoor),
            )
        });
        each.collect()
    }

    #[test]
    fn visits_count_for_everybody_who_was_there_and_flags_for_whose_device_they_are() {
        assert_eq!(
            counted(RateBy::Staff),
            [
                (1, 2, 1, (1, Some(1)), 1, 1),
                (2, 2, 1, (0, Some(1)), 1, 0),
                (3, 1, 1, (1, Some(1)), 0, 0)
            ]
        );
        assert_eq!(
            counted(RateBy::Crew),
            [(70, 2, 1, (1, Some(2)), 1, 1), (71, 1, 1, (1, Some(1)), 0, 0)]
        );
        assert_eq!(counted(RateBy::Portfolio), [(50, 3, 2, (2, Some(3)), 1, 1)]);
    }

    #[test]
    fn groups_are_in_the_order_of_their_names_whatever_their_counts() {
        let names = [(1, "S09"), (2, "S10"), (3, "S01")];
        let names = names.map(|(staff, login)| (id(staff), login.to_owned())).into();
        let order: Vec<String> = named(tallies(&known(), RateBy::Staff), &names)
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(order, ["S01", "S09", "S10"]);
        // Whom the caller does not see is left out.
        let few = HashMap::from([(id(2), "S10".to_owned())]);
        assert_eq!(named(tallies(&known(), RateBy::Staff), &few).len(), 1);
    }
}
