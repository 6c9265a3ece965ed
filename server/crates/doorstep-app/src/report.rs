//! Reports: what became of cases and visits in a span of days. Figures are counted over clear columns; nothing is opened, no sum
//! recovered is told, and nobody is ranked. docs/measures.md has the formulas.

mod few;
mod figures;
mod roll;

use std::collections::{BTreeMap, HashMap};

use doorstep_domain::id::{PortfolioId, TeamId};
use doorstep_domain::rate::RATE_LEAST;
use doorstep_domain::report::{CASES_LEAST, EVENING_FROM_HOUR, ReportBy};
use doorstep_domain::staff::Role;
use doorstep_store::entry::{Entries, EntryKind, ServerEntry};
use doorstep_store::report::{FactCount, FactKey, FactSpan};
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::report::{ReportGroup, ReportQuery, ReportView, ReportWeek};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use self::few::Group;
use self::figures::{Facts, of_week};
use crate::App;
use crate::actor::Actor;
use crate::day;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::quality::bad_code;
use crate::strategy::Prices;

/// The days before the last one, where no first one is named.
const DAYS_BEFORE: i64 = 27;
/// The most days at once.
const DAYS_MAX: i64 = 366;
/// The number of a day that is the Monday of the week with number 0.
const FIRST_MONDAY: i64 = -3;

/// What was asked for.
struct Asked {
    by: ReportBy,
    from: Date,
    to: Date,
    portfolio: Option<(PortfolioId, String)>,
    span: FactSpan,
}

/// A group by what stands in storage, and by what it is called.
type Names = HashMap<String, String>;

impl App {
    /// A report of the caller's side. An agency sees its own; that it was looked at stands in the log.
    pub async fn report(&self, actor: &Actor, query: &ReportQuery) -> Result<ReportView, AppError> {
        policy::check(actor, Action::SeeReports)?;
        let asked = self.report_asked(actor, query).await?;
        if asked.by == ReportBy::Staff {
            policy::check(actor, Action::SeeStaffReports)?;
        }
        let view = self.report_view(actor, &asked).await?;
        let tx = self.store().write(actor.tenant, self.now()).await?;
        let mut entry = ServerEntry::new(EntryKind::ReportMade, actor.by())
            .with("by", asked.by.code())
            .with("from", view.from.as_str())
            .with("to", view.to.as_str());
        if let Some((portfolio, _)) = &asked.portfolio {
            entry = entry.with("portfolio", portfolio.to_string());
        }
        tx.commit(Entries::one(entry)).await?;
        Ok(view)
    }

    /// The caller's own figures. For everybody.
    pub async fn own_report(&self, actor: &Actor, query: &ReportQuery) -> Result<ReportView, AppError> {
        let query = ReportQuery {
            by: Some(ReportBy::Staff.code().to_owned()),
            ..query.clone()
        };
        let mut asked = self.report_asked(actor, &query).await?;
        asked.span.agency = None;
        asked.span.staff = Some(actor.staff);
        self.report_view(actor, &asked).await
    }

    async fn report_asked(&self, actor: &Actor, query: &ReportQuery) -> Result<Asked, AppError> {
        let by = query.by.as_deref().map_or(Ok(ReportBy::Portfolio), str::parse);
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
        let portfolio = match &query.portfolio {
            Some(name) => Some(self.portfolio_called(actor, name).await?),
            None => None,
        };
        Ok(Asked {
            by,
            from,
            to,
            span: FactSpan {
                agency: actor.agency,
                portfolio: portfolio.as_ref().map(|(id, _)| *id),
                staff: None,
                first_day: last - days + 1,
                end_day: last + 1,
            },
            portfolio,
        })
    }

    async fn portfolio_called(&self, actor: &Actor, name: &str) -> Result<(PortfolioId, String), AppError> {
        let mut portfolios = self.store().portfolio_list(actor.tenant).await?.into_iter();
        let found = portfolios.find(|one| one.name == name);
        found.map(|one| (one.id, one.name)).ok_or_else(|| {
            let detail = "There is no portfolio of this name; `doorstep portfolio list` shows those there are.";
            AppError::at(ProblemCode::NotFound, "portfolio", detail)
        })
    }

    async fn report_view(&self, actor: &Actor, asked: &Asked) -> Result<ReportView, AppError> {
        let (strategies, prices) = (self.strategies(actor.tenant).await?, self.prices(actor.tenant).await?);
        let of_portfolio = |id: PortfolioId| strategies.of(id).targets;
        let portfolio = asked.portfolio.as_ref().filter(|_| asked.span.staff.is_none());
        let targets = portfolio.map(|(id, _)| of_portfolio(*id));
        // A target is a portfolio's: beside what somebody did in several it would be nobody's, and no person is held to one alone.
        let of_group = |key: &str| match asked.by {
            ReportBy::Portfolio => key.parse().ok().map(of_portfolio),
            by if by.names_persons() => None,
            _ => targets,
        };
        let counts = async |key| self.store().report_facts(actor.tenant, asked.span, key).await;
        let names = self.report_names(actor, asked.by).await?;
        let (mut groups, keys) = grouped(&names, asked.by, &counts(key_of(asked.by)).await?);
        let mut total = Facts::default();
        for count in counts(FactKey::All).await? {
            total.add(&count);
        }
        let mut weeks = weeks(&counts(FactKey::Week).await?);
        let is_own = asked.span.staff.is_some();
        // Whom somebody visited they know; of everybody else no report tells single persons.
        if !is_own {
            groups = few::groups(asked.by, groups);
            weeks = few::weeks(weeks);
        }
        let too_few = !is_own && (1..CASES_LEAST).contains(&total.about());
        let items = groups.into_iter().map(|Group { names, facts }| {
            let target = match names.as_slice() {
                [name] => of_group(&keys[name]),
                _ => None,
            };
            let mut names = names.into_iter();
            ReportGroup {
                group: names.next().unwrap_or_default(),
                with: names.collect(),
                figures: facts.figures(asked.by, target.unwrap_or_default(), &prices),
            }
        });
        let items: Vec<ReportGroup> = items.collect();
        let (shown_by, roll) = match is_own {
            true => (ReportBy::Staff, Vec::new()),
            false if too_few => (ReportBy::Portfolio, Vec::new()),
            false => (ReportBy::Portfolio, self.report_roll(actor, asked).await?),
        };
        let mut all = total.figures(shown_by, targets.unwrap_or_default(), &prices);
        if too_few {
            all.clear();
        }
        Ok(ReportView {
            by: asked.by.code().to_owned(),
            from: asked.from.to_string(),
            to: asked.to.to_string(),
            portfolio: asked.portfolio.as_ref().map(|(_, name)| name.clone()),
            evening_from_hour: EVENING_FROM_HOUR,
            least: RATE_LEAST,
            cases_least: CASES_LEAST,
            total: all,
            items,
            weeks: weeks_told(weeks, &prices),
            roll,
        })
    }

    /// What the groups that the caller sees are called.
    async fn report_names(&self, actor: &Actor, by: ReportBy) -> Result<Names, AppError> {
        let (store, tenant) = (self.store(), actor.tenant);
        Ok(match by {
            ReportBy::Staff => {
                let staff = store.staff_list(tenant).await?.into_iter();
                let own = |id| actor.role() == Role::Supervisor || id == actor.staff;
                let seen = staff.filter(|one| policy::reaches(actor, one.agency) && own(one.id));
                seen.map(|one| (plain(one.id.0), one.login)).collect()
            }
            ReportBy::Crew => {
                let crews = store.crew_list_all(tenant).await?.into_iter();
                crews.map(|crew| (plain(crew.id.0), crew.name)).collect()
            }
            ReportBy::Portfolio => {
                let portfolios = store.portfolio_list(tenant).await?.into_iter();
                portfolios.map(|one| (plain(one.id.0), one.name)).collect()
            }
            ReportBy::Agency => {
                let agencies = store.agency_list(tenant).await?.into_iter();
                let names = agencies.map(|one| (plain(one.id.0), one.name));
                names.chain([(String::new(), String::new())]).collect()
            }
            ReportBy::Territory => {
                let territories = store.territory_list(tenant).await?.into_iter();
                territories
                    .flat_map(|(team, name, cells)| keys_of(team, &name, &cells))
                    .collect()
            }
            ReportBy::Stage => Names::new(),
        })
    }
}

/// An id as the facts have it.
fn plain(id: uuid::Uuid) -> String {
    id.simple().to_string()
}

/// The keys under which a territory is found: each of its cells, or its team where it reaches everywhere.
fn keys_of(team: TeamId, name: &str, cells: &[i64]) -> Vec<(String, String)> {
    let team = plain(team.0);
    if cells.is_empty() {
        return vec![(team, name.to_owned())];
    }
    let key = |cell: &i64| (format!("{team}:{cell}"), name.to_owned());
    cells.iter().map(key).collect()
}

const fn key_of(by: ReportBy) -> FactKey {
    match by {
        ReportBy::Staff => FactKey::Staff,
        ReportBy::Crew => FactKey::Crew,
        ReportBy::Territory => FactKey::Cell,
        ReportBy::Portfolio => FactKey::Portfolio,
        ReportBy::Agency => FactKey::Agency,
        ReportBy::Stage => FactKey::Stage,
    }
}

/// What the group of a fact is called; `None` for what belongs to no group, or to one that the caller does not see.
fn called(names: &Names, by: ReportBy, count: &FactCount) -> Option<String> {
    match by {
        ReportBy::Stage => Some(count.key.to_uppercase()),
        ReportBy::Territory => {
            let team = count.key.split(':').next().unwrap_or_default();
            let name = names.get(&count.key).or_else(|| names.get(team));
            Some(name.cloned().unwrap_or_default())
        }
        _ => names.get(&count.key).cloned(),
    }
}

/// The facts of each group that the caller sees, and the key of each.
fn grouped(names: &Names, by: ReportBy, counts: &[FactCount]) -> (Vec<Group>, Names) {
    let mut groups: BTreeMap<String, Facts> = BTreeMap::new();
    let mut keys = Names::new();
    for count in counts {
        let Some(name) = called(names, by, count) else {
            continue;
        };
        keys.entry(name.clone()).or_insert_with(|| count.key.clone());
        groups.entry(name).or_default().add(count);
    }
    (groups.into_iter().map(Group::of).collect(), keys)
}

/// The facts of each week, in the order of time.
fn weeks(counts: &[FactCount]) -> Vec<(i64, Facts)> {
    let mut weeks: BTreeMap<i64, Facts> = BTreeMap::new();
    for count in counts {
        if let Ok(week) = count.key.parse() {
            weeks.entry(week).or_default().add(count);
        }
    }
    weeks.into_iter().collect()
}

/// The figures of each week.
fn weeks_told(weeks: Vec<(i64, Facts)>, prices: &Prices) -> Vec<ReportWeek> {
    let week = |(number, facts): (i64, Facts)| ReportWeek {
        monday: day::text(number * 7 + FIRST_MONDAY),
        figures: of_week(&facts, prices),
    };
    weeks.into_iter().map(week).collect()
}
