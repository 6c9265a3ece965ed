//! Chances of visits: learned from visits that were made, told in figures without persons, and what they make of one case.

use std::collections::HashMap;

use doorstep_domain::id::{AgencyId, TenantId};
use doorstep_domain::measure::{MicroCost, Micros, Seconds};
use doorstep_domain::odds::{Chance, DayClass, HourBand, OddsGroup, OddsOf};
use doorstep_domain::worth::{Effort, VisitWorth};
use doorstep_odds::{Judged, Model, Place, Report, Scene, Slot, Trial, VISITS_LEAST};
use doorstep_rules::{Attempt, DayVerdict, Notice, intervals};
use doorstep_store::StoreError;
use doorstep_store::entry::{By, Entries, EntryKind, ServerEntry};
use doorstep_store::odds::{MadeVisit, OddsVersion};
use doorstep_wire::Page;
use doorstep_wire::odds::{
    CaseWorth, DayWorth, OddsBin, OddsFactorItem, OddsGroupItem, OddsHour, OddsJudged, OddsModel, OddsReport,
    WorthQuery,
};
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::read::Opening;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::actor::Actor;
use crate::error::AppError;
use crate::facts::Crewed;
use crate::planning::SERVICE;
use crate::policy::{self, Action};
use crate::worth::{Scales, Weighing, by_day};
use crate::{App, day};

/// The most days that are weighed at once.
const DAYS_MAX: u32 = 14;
/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

impl App {
    /// Learns chances anew, as somebody asks.
    pub async fn train_odds(&self, actor: &Actor) -> Result<OddsModel, AppError> {
        policy::check(actor, Action::TrainOdds)?;
        self.learn_odds(actor.tenant, actor.by()).await
    }

    /// Learns chances anew where the strategies of the tenant's portfolios ask for it by now. Whether it did.
    pub async fn train_odds_when_due(&self, tenant: TenantId) -> Result<bool, AppError> {
        let newest = self.store().odds_newest(tenant).await?;
        let strategies = self.strategies(tenant).await?;
        let portfolios = self.store().portfolio_list(tenant).await?;
        let after = portfolios
            .iter()
            .map(|portfolio| strategies.of(portfolio.id).worth.retrain_days)
            .min();
        let due = match (newest, after) {
            (_, None) => false,
            // Before the first visit there is nothing to learn.
            (None, Some(_)) => !self.trials(tenant, None).await?.is_empty(),
            (Some(newest), Some(days)) => self.now() - newest.trained_at >= Micros(i64::from(days) * DAY),
        };
        if due {
            match self.learn_odds(tenant, By::PROGRAM).await {
                // Another process was faster with the same.
                Err(AppError::Store(StoreError::Changed)) => return Ok(false),
                other => other.map(drop)?,
            }
        }
        Ok(due)
    }

    async fn learn_odds(&self, tenant: TenantId, by: By) -> Result<OddsModel, AppError> {
        let trials = self.trials(tenant, None).await?;
        let before = self.store().odds_newest(tenant).await?;
        let version = before.map_or(0, |before| before.version) + 1;
        let now = self.now();
        let learned = tokio::task::spawn_blocking(move || (digest(&trials), Model::learn(&trials)));
        let (digest, model) = learned.await.map_err(|_| AppError::Fault("learning broke off"))?;
        let span = model.span();
        let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let new = OddsVersion {
            version,
            trained_at: now,
            first_day: span.first_day,
            last_day: span.last_day,
            visits: count(span.visits),
            met: count(span.met),
            at_the_door: count(span.at_the_door),
            agreed: count(span.agreed),
            body: serde_json::to_string(&model).map_err(|_| AppError::Fault("models serialise"))?,
            digest,
        };
        let mut tx = self.store().write(tenant, now).await?;
        tx.odds_insert(&new).await?;
        let entry = ServerEntry::new(EntryKind::OddsTrained, by)
            .with("version", new.version)
            .with("visits", new.visits)
            .with("digest", new.digest.as_str());
        tx.commit(Entries::one(entry)).await?;
        Ok(told_version(&new))
    }

    /// The versions of the chances, newest first. They are learned from everybody's visits, so they stay with the creditor.
    pub async fn list_odds(&self, actor: &Actor) -> Result<Page<OddsModel>, AppError> {
        policy::check(actor, Action::SeeOddsHistory)?;
        let versions = self.store().odds_list(actor.tenant).await?;
        Ok(Page {
            items: versions.iter().map(told_version).collect(),
            next: None,
        })
    }

    /// How good chances are on days that were held out, and how groups differ. For staff of an agency all of it is made from their
    /// own visits alone: chances that were learned from others' would tell them of others. That it was looked at is an entry.
    pub async fn report_odds(&self, actor: &Actor) -> Result<OddsReport, AppError> {
        policy::check(actor, Action::SeeOdds)?;
        let trials = self.trials(actor.tenant, actor.agency).await?;
        let visits = trials.len() as u64;
        let made = tokio::task::spawn_blocking(move || (digest(&trials), Report::of(&trials)));
        let (digest, report) = made.await.map_err(|_| AppError::Fault("the report broke off"))?;
        let model = if actor.agency.is_some() {
            told_own(&report.model, digest)
        } else {
            let newest = self.store().odds_newest(actor.tenant).await?;
            newest.map_or_else(assumed, |newest| told_version(&newest))
        };
        let names = self.names_of_groups(actor).await?;
        let tx = self.store().write(actor.tenant, self.now()).await?;
        let entry = ServerEntry::new(EntryKind::OddsReported, actor.by()).with("visits", visits as i64);
        tx.commit(Entries::one(entry)).await?;
        Ok(told_report(&report, (model, visits), &names))
    }

    async fn names_of_groups(&self, actor: &Actor) -> Result<HashMap<String, String>, AppError> {
        let portfolios = self.store().portfolio_list(actor.tenant).await?;
        let mut names: HashMap<String, String> = portfolios
            .into_iter()
            .map(|portfolio| (portfolio.id.to_string(), portfolio.name))
            .collect();
        let teams = self.store().team_list(actor.tenant).await?;
        names.extend(teams.into_iter().map(|team| (team.id.to_string(), team.name)));
        Ok(names)
    }

    async fn trials(&self, tenant: TenantId, agency: Option<AgencyId>) -> Result<Vec<Trial>, AppError> {
        let visits = self.store().odds_visits(tenant, agency).await?;
        Ok(visits.into_iter().filter_map(trial).collect())
    }

    /// What cases are weighed with now.
    pub(crate) async fn scales(&self, tenant: TenantId) -> Result<Scales, AppError> {
        let newest = self.store().odds_newest(tenant).await?;
        let model = newest.as_ref().map(|newest| serde_json::from_str(&newest.body));
        let model = model
            .transpose()
            .map_err(|_| AppError::Fault("kept chances are ours"))?
            .unwrap_or_default();
        Ok(Scales {
            model,
            version: newest.map_or(0, |newest| newest.version),
            strategies: self.strategies(tenant).await?,
        })
    }

    /// What visits to a case are worth on some days, and what it is worth not to visit. By day and never by hour: no answer that
    /// names a case tells when somebody is likely to be at home.
    pub async fn case_worth(&self, actor: &Actor, id: Uuid, query: &WorthQuery) -> Result<CaseWorth, AppError> {
        let purpose = query.purpose.clone();
        let known = self.open_case(actor, id, &Opening { purpose }).await?;
        let now = self.now();
        let zone = day::zone(&known.view.address.zone);
        let first = match &query.day {
            Some(text) => day::parse("day", text)?,
            None => day::local(now, &zone),
        };
        let days = query.days.unwrap_or(1);
        if !(1..=DAYS_MAX).contains(&days) {
            let detail = format!("Weigh 1 to {DAYS_MAX} days.");
            return Err(AppError::at(ProblemCode::BadRequest, "days", detail));
        }
        let scales = self.scales(actor.tenant).await?;
        let weighed = scales.weigh(&known);
        let section = &scales.strategies.of(known.view.case.portfolio).worth;
        let way = Effort {
            time: Seconds(SERVICE.seconds() + 2 * i64::from(section.way_minutes) * 60),
            travel: MicroCost(2 * i64::from(section.way_kilometres) * section.kilometre_car.0.get()),
        };
        let mut facts = known.facts(Attempt::visit(now, now + SERVICE), Crewed::Open, now);
        let mut weighings = Vec::new();
        for offset in 0..i64::from(days) {
            let date = day::of_number(day::number(first) + offset);
            facts.notices = known.handed_over_on(day::number(date));
            facts.notices.push(Notice { handed_over_at: now });
            let DayVerdict { intervals, .. } = intervals(self.packs(), &facts, date, SERVICE);
            let open = intervals.into_iter().filter(|(_, to)| *to > now);
            let open: Vec<_> = open.map(|(from, to)| (from.max(now), to)).collect();
            let of_day: Vec<_> = by_day(&weighed, &open).into_values().flatten().collect();
            let visit = weighed.mean(&of_day, way);
            weighings.push((
                date,
                visit.map(|visit| Weighing {
                    visit,
                    no_visit: weighed.no_visit,
                }),
            ));
        }
        let nothing = Weighing {
            visit: VisitWorth::default(),
            no_visit: weighed.no_visit,
        };
        Ok(CaseWorth {
            case: id,
            model: scales.version,
            visits_made: weighed.stake.visits_made,
            no_visit: nothing.told().1,
            days: weighings
                .into_iter()
                .map(|(date, weighing)| DayWorth {
                    day: date.to_string(),
                    is_worth_it: weighing.is_some_and(|weighing| weighing.is_worth_it()),
                    worth: weighing.map(|weighing| weighing.told().0),
                })
                .collect(),
        })
    }
}

/// What is learned from a visit; `None` where none was made.
fn trial(visit: MadeVisit) -> Option<Trial> {
    let local = day::timestamp(visit.started_at).to_zoned(day::zone(&visit.zone));
    let trial = Trial {
        day: day::number(local.date()),
        place: Place {
            kind: visit.kind,
            country: visit.country.unwrap_or_default(),
        },
        slot: Slot {
            day: DayClass::of_weekday(local.weekday().to_monday_one_offset()),
            hours: HourBand::of_hour(local.hour()),
        },
        scene: visit
            .scene
            .map(|(stage, amount, reached)| Scene { stage, amount, reached }),
        met: false,
        agreed: None,
        portfolio: visit.portfolio,
        team: visit.team,
    };
    trial.ended(visit.outcome, visit.matter)
}

/// SHA-256 of what was learned from, in hexadecimal: the lines of all visits, sorted.
fn digest(trials: &[Trial]) -> String {
    let mut lines: Vec<String> = trials.iter().map(Trial::line).collect();
    lines.sort_unstable();
    let hash = Sha256::digest(lines.concat().as_bytes());
    doorstep_log::hash::hex(&hash)
}

fn assumed() -> OddsModel {
    told_own(&Model::default(), String::new())
}

/// A model that is kept nowhere.
fn told_own(model: &Model, digest: String) -> OddsModel {
    let span = model.span();
    OddsModel {
        version: 0,
        trained_at: None,
        first_day: span.first_day.map(day::text),
        last_day: span.last_day.map(day::text),
        visits: span.visits,
        met: span.met,
        at_the_door: span.at_the_door,
        agreed: span.agreed,
        digest,
    }
}

fn told_version(version: &OddsVersion) -> OddsModel {
    let count = |number: i64| u64::try_from(number).unwrap_or_default();
    OddsModel {
        version: version.version,
        trained_at: Some(version.trained_at.get()),
        first_day: version.first_day.map(day::text),
        last_day: version.last_day.map(day::text),
        visits: count(version.visits),
        met: count(version.met),
        at_the_door: count(version.at_the_door),
        agreed: count(version.agreed),
        digest: version.digest.clone(),
    }
}

fn told_report(report: &Report, (model, visits): (OddsModel, u64), names: &HashMap<String, String>) -> OddsReport {
    let judged = [
        (OddsOf::Meeting, report.meeting.as_ref()),
        (OddsOf::Agreement, report.agreement.as_ref()),
    ];
    let judged = judged
        .into_iter()
        .filter_map(|(of, judged)| Some(told_judged(of, judged?)));
    let name = |by: OddsGroup, name: &str| match by {
        OddsGroup::Place => name.to_owned(),
        OddsGroup::Portfolio | OddsGroup::Team => names.get(name).cloned().unwrap_or_else(|| name.to_owned()),
    };
    let groups = report.groups.iter().map(|line| OddsGroupItem {
        of: line.of.code().to_owned(),
        by: line.by.code().to_owned(),
        name: name(line.by, &line.name),
        trials: line.trials,
        said_ppm: line.said.ppm(),
        happened_ppm: line.rate.rate * 100,
        low_ppm: line.rate.low * 100,
        high_ppm: line.rate.high * 100,
        differs: line.differs,
    });
    OddsReport {
        model,
        visits,
        visits_least: VISITS_LEAST,
        judged: judged.collect(),
        hours: report.hours.iter().map(|cell| told_hour(&report.model, cell)).collect(),
        groups: groups.collect(),
    }
}

fn told_hour(model: &Model, cell: &doorstep_odds::HourCell) -> OddsHour {
    let factors = model.factors_of_hour(cell.kind, cell.slot).into_iter();
    OddsHour {
        place: cell.kind.code().to_owned(),
        day: cell.slot.day.code().to_owned(),
        hours: cell.slot.hours.code().to_owned(),
        chance_ppm: cell.chance.ppm(),
        visits: cell.visits,
        met: cell.met,
        factors: factors
            .map(|factor| OddsFactorItem {
                of: factor.of.code().to_owned(),
                name: factor.name,
                ratio_ppm: factor.ratio_ppm,
                visits: factor.visits,
                happened: factor.happened,
            })
            .collect(),
    }
}

fn told_judged(of: OddsOf, judged: &Judged) -> OddsJudged {
    let part = |happened: u64, trials: u64| Chance::nearest((happened * 1_000_000 / trials.max(1)) as i64).ppm();
    OddsJudged {
        of: of.code().to_owned(),
        trials: judged.trials,
        happened: judged.happened,
        brier_ppm: judged.brier_ppm,
        base_ppm: judged.base_ppm,
        skill_ppm: judged.skill_ppm,
        gap_ppm: judged.gap_ppm,
        curve: judged
            .curve
            .iter()
            .map(|bin| OddsBin {
                from_ppm: bin.from.ppm(),
                to_ppm: bin.to.ppm(),
                trials: bin.trials,
                happened: bin.happened,
                said_ppm: bin.said.ppm(),
                happened_ppm: part(bin.happened, bin.trials),
            })
            .collect(),
    }
}
