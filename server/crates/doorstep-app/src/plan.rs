//! Plans: proposed from what the rules allow, checked independently, explained, published after a fresh look.

mod diff;
mod eligible;
mod found;
mod job;
mod look;
mod publish;
mod search;
mod show;
mod simulate;
mod waive;
mod warn;
mod watch;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use doorstep_domain::id::{Alias, CaseId, PlanId, TeamId};
use doorstep_domain::measure::{Micros, Seconds};
use doorstep_domain::plan::{PlanPhase, PlanState};
use doorstep_domain::words::Lang;
use doorstep_store::entry::{Entries, EntryKind, ServerEntry};
use doorstep_store::grant::Purpose;
use doorstep_store::job::{Job, JobWish};
use doorstep_store::pending::{Pending, PlanSpan};
use doorstep_store::plan::{PlanCase, PlanHead};
use doorstep_store::staff::Staff;
use doorstep_wire::plan::{PlanDetail, PlanRequest};
use doorstep_wire::problem::ProblemCode;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::actor::Actor;
use crate::error::AppError;
use crate::facts::Known;
use crate::planning::{self, Costs, CrewShift};
use crate::policy::{self, Action};
use crate::reason::Left;
use crate::records::{Place, places_of};
use crate::strategy::Courses;
use crate::worth::Scales;
use crate::{App, day};
use found::Found;
use simulate::names_of;
use watch::Watch;

/// The most days of a plan.
const DAYS_MAX: u32 = 14;
/// A plan begins at most this many days from today: facts say nothing about years to come.
const AHEAD_MAX: i64 = 366;
/// Iterations where the caller names none: enough for a decent plan in seconds.
const ITERATIONS: u64 = 20_000;
const ITERATIONS_MAX: u64 = 1_000_000;
/// Seconds that a search takes at most where the caller names none.
const SECONDS: u32 = 20;
const SECONDS_MAX: u32 = 300;

/// The most plans that are searched and compared for one.
const COMPARE_MAX: u32 = 8;
/// The most seconds by which visits are planned to take longer than they do.
const PADDING_MAX: u32 = 3_600;

/// A request with its gaps filled.
#[derive(Clone)]
struct Terms {
    team: TeamId,
    first: Date,
    days: u16,
    seed: u64,
    iterations: u64,
    seconds: u32,
    without_notice: bool,
    /// Seconds for which each visit is planned beyond what it takes.
    padding: Seconds,
    /// How many plans are searched, of which the best on simulated days is kept.
    compare: u32,
}

impl Terms {
    fn span(&self) -> PlanSpan {
        PlanSpan {
            team: self.team,
            first_day: day::number(self.first),
            days: i64::from(self.days),
        }
    }

    /// How many days lie between a day and the nearest of the plan.
    fn distance(&self, other: i64) -> i64 {
        let (first, last) = (
            day::number(self.first),
            day::number(self.first) + i64::from(self.days) - 1,
        );
        (first - other).max(other - last).max(0)
    }

    /// Its days, in order.
    fn dates(&self) -> impl Iterator<Item = Date> {
        let first = day::number(self.first);
        (0..i64::from(self.days)).map(move |offset| day::of_number(first + offset))
    }
}

impl App {
    fn terms(&self, request: &PlanRequest, team: TeamId, zone: &TimeZone) -> Result<Terms, AppError> {
        let today = day::local(self.now(), zone);
        let first = match &request.first_day {
            Some(text) => day::parse("first_day", text)?,
            None => today,
        };
        if !(0..=AHEAD_MAX).contains(&(day::number(first) - day::number(today))) {
            let detail = format!("A plan begins today ({today}) or at most {AHEAD_MAX} days later.");
            return Err(AppError::at(ProblemCode::BadRequest, "first_day", detail));
        }
        let days = request.days.unwrap_or(1);
        if !(1..=DAYS_MAX).contains(&days) {
            let detail = format!("A plan spans 1 to {DAYS_MAX} days.");
            return Err(AppError::at(ProblemCode::BadRequest, "days", detail));
        }
        Ok(Terms {
            team,
            first,
            days: days as u16,
            seed: request.seed.unwrap_or(1),
            iterations: request.iterations.unwrap_or(ITERATIONS).min(ITERATIONS_MAX),
            seconds: request.seconds.unwrap_or(SECONDS).clamp(1, SECONDS_MAX),
            without_notice: request.without_notice,
            padding: padding_of(request)?,
            compare: compare_of(request)?,
        })
    }

    /// Proposes a plan: asks the rules for every case and day, searches, checks the result with the independent
    /// checker, and stores it with a reason for every case that is not in it.
    pub async fn propose_plan(
        &self,
        actor: &Actor,
        request: &PlanRequest,
        lang: Lang,
        key: Option<String>,
    ) -> Result<PlanDetail, AppError> {
        policy::check(actor, Action::Plan)?;
        let request_hash = Sha256::digest(format!("{request:?}")).to_vec();
        if let Some(id) = self.kept_answer::<Uuid>(actor, key.as_deref(), &request_hash).await? {
            return self.show_plan(actor, id, lang).await;
        }
        let watch = Arc::new(Watch::new(self.now()));
        let keep = key.map_or(Keep::Nothing, |key| Keep::Answer(key, request_hash));
        match self.make_plan(actor, request, &watch, keep).await? {
            Made::Plan(id) => self.show_plan(actor, id.0, lang).await,
            Made::Nothing => Err(AppError::Fault("nobody can stop this one")),
        }
    }

    /// Makes a plan and stores it, telling how far it is and stopping when that is wanted.
    async fn make_plan(
        &self,
        actor: &Actor,
        request: &PlanRequest,
        watch: &Arc<Watch>,
        keep: Keep<'_>,
    ) -> Result<Made, AppError> {
        policy::check(actor, Action::Plan)?;
        watch.enter(PlanPhase::Reading);
        let alias = doorstep_store::fresh_alias();
        let material = tokio::select! {
            material = self.material(actor, request, alias) => material?,
            () = watch.stop_wanted() => return Ok(Made::Nothing),
        };
        let terms = material.terms.clone();
        let (app, watching) = (self.clone(), Arc::clone(watch));
        let worked = tokio::task::spawn_blocking(move || app.work_out(material, &watching));
        let Some((found, left)) = worked.await.map_err(|_| AppError::Fault("the search broke off"))?? else {
            return Ok(Made::Nothing);
        };
        watch.enter(PlanPhase::Storing);
        let head = self.head(&terms, alias, &found);
        let id = head.id;
        watch.ended(self.now(), id.0, &found.plan);
        self.store_plan(actor, head, found, left, (watch, keep)).await?;
        Ok(Made::Plan(id))
    }

    /// Opens the cases of the team under one grant, and gathers what else a plan is made of.
    async fn material(&self, actor: &Actor, request: &PlanRequest, alias: Alias) -> Result<Material, AppError> {
        let team = self.team_for(actor, request.team).await?;
        let scope = doorstep_store::case::CaseScope {
            team: Some(team),
            ..policy::scope(actor)
        };
        let views = self.store().case_scope(actor.tenant, &scope).await?;
        let zone = zone_of_most(views.iter().map(|view| view.address.zone.as_str()));
        let terms = self.terms(request, team, &zone)?;
        if views.is_empty() {
            let detail = "The team has no cases. Import a case file with `doorstep case import`.";
            return Err(AppError::refuse(ProblemCode::NothingToPlan, detail));
        }
        let courses = self.courses(actor.tenant, &views).await?;
        let known = self.know(actor, views, Purpose::Planning, Some(alias)).await?;
        let now = self.now();
        let shifts = self.shifts(actor, (&terms, &zone), &places_of(&known, now)).await?;
        let persons: Vec<Uuid> = known.iter().map(|known| known.view.case.person.0).collect();
        let pending = self.store().visit_pending(actor.tenant, terms.span(), &persons, now);
        Ok(Material {
            scales: self.scales(actor.tenant).await?,
            pending: pending.await?,
            courses,
            known,
            shifts,
            zone,
            terms,
            now,
        })
    }

    /// The shifts of the team's crews on the plan's days. Staff whom a rule forbids to go for what they hold are not dispatched;
    /// a crew without anybody to dispatch has no shift.
    async fn shifts(
        &self,
        actor: &Actor,
        (terms, zone): (&Terms, &TimeZone),
        places: &[Place],
    ) -> Result<Vec<CrewShift>, AppError> {
        let staff: HashMap<_, _> = self
            .store()
            .staff_list(actor.tenant)
            .await?
            .into_iter()
            .map(|staff| (staff.id, staff))
            .collect();
        let roster = self.store().roster_list(actor.tenant, terms.team).await?;
        let rostered = roster.iter().filter_map(|line| staff.get(&line.staff));
        let opened = self.staff_opened(actor, Purpose::Planning, rostered).await?;
        let records = self.records(actor.tenant, roster.iter().map(|line| line.staff)).await?;
        let may_go = |one: &Staff, date| one.active && records.unfit(self.packs(), places, one, date).is_empty();
        let mut shifts = Vec::new();
        for crew in self.store().crew_list(actor.tenant, terms.team).await? {
            let lines: Vec<_> = roster.iter().filter(|line| line.crew == crew.id).collect();
            let Some(first) = lines.first() else { continue };
            for (offset, date) in (0..).zip(terms.dates()) {
                let dispatched: Vec<_> = lines
                    .iter()
                    .filter_map(|line| staff.get(&line.staff))
                    .filter(|one| may_go(one, date))
                    .collect();
                let Some(one) = dispatched.first() else { continue };
                let Some(fields) = opened.get(&one.id) else { continue };
                let (Some(lat), Some(lon)) = (fields.home_lat_e7, fields.home_lon_e7) else {
                    continue;
                };
                let at = |seconds: Seconds| day::at(date, seconds, zone);
                shifts.push(CrewShift {
                    crew: crew.id,
                    travel: crew.travel,
                    day: offset,
                    start: at(first.shift_start),
                    end: at(first.shift_end),
                    middle: Seconds(i64::midpoint(first.shift_start.get(), first.shift_end.get())),
                    home: doorstep_domain::place::Point::new(lat, lon)
                        .map_err(|_| AppError::Fault("homes are checked at import"))?,
                    sent: dispatched.len() as u8,
                });
            }
        }
        Ok(shifts)
    }

    /// Asks the rules, searches until the budget or the time is used, and checks the result: on a thread of its own.
    /// `None` where it was stopped before there was a plan, or is to be thrown away.
    fn work_out(&self, material: Material, watch: &Watch) -> Result<Option<Worked>, AppError> {
        let Material {
            terms,
            known,
            courses,
            pending,
            shifts,
            zone,
            now,
            scales,
        } = material;
        let portfolios = known.iter().map(|known| known.view.case.portfolio);
        let costs = Costs::highest(portfolios.map(|portfolio| scales.strategies.of(portfolio)));
        watch.enter(PlanPhase::Rules);
        let parts = (now, watch, &scales);
        let Some(mut eligible) = self.eligible(known, (&courses, &pending), &terms, parts) else {
            return Ok(None);
        };
        planning::order(&mut eligible.candidates);
        let most = planning::candidates_max(shifts.len());
        for candidate in eligible.candidates.drain(most.min(eligible.candidates.len())..) {
            let reason = Left::BeyondReach { searched: most as i64 };
            eligible.left.push((candidate.known.view.case.id, reason));
        }
        watch.enter(PlanPhase::Travel);
        let base = day::start(terms.first, &zone);
        let roads = self.roads().as_ref();
        let problem = planning::problem(roads, base, &eligible.candidates, &shifts, costs)?;
        if watch.wish() != JobWish::GoOn {
            return Ok(None);
        }
        watch.enter(PlanPhase::Search);
        let names = names_of(&eligible.candidates, &shifts, day::number(terms.first));
        let stakes = planning::stakes(&eligible.candidates, base);
        let searched = self.search_plan(&problem, &terms, watch, (&names, &stakes))?;
        watch.enter(PlanPhase::Check);
        if watch.wish() == JobWish::Discard {
            return Ok(None);
        }
        let found = Found {
            problem,
            plan: searched.plan,
            findings: searched.findings,
            padding: searched.padding,
            compared: terms.compare,
            candidates: eligible.candidates,
            shifts,
            base,
            zone: zone.iana_name().unwrap_or("Etc/UTC").to_owned(),
            first_day: day::number(terms.first),
            label: roads.source().label(),
            costs,
            odds: scales.version,
        };
        Ok(Some((found, eligible.left)))
    }

    fn head(&self, terms: &Terms, alias: Alias, found: &Found) -> PlanHead {
        let now = self.now();
        let findings: Vec<String> = found
            .findings
            .iter()
            .filter(|finding| finding.severity == doorstep_plancheck::Severity::Breach)
            .map(|finding| format!("{finding:?}"))
            .collect();
        PlanHead {
            id: PlanId(doorstep_store::fresh_id(now)),
            alias,
            team: terms.team,
            first_day: day::number(terms.first),
            days: i64::from(terms.days),
            state: PlanState::Proposed,
            seed: found.plan.seed as i64,
            iterations: found.plan.iterations as i64,
            packs: self.packs_text(),
            travel_label: found.label.to_owned(),
            zone: found.zone.clone(),
            objective: found.plan.objective.total().get(),
            findings: findings.join("\n"),
            version: 1,
            created_at: now,
            published_at: None,
        }
    }

    async fn store_plan(
        &self,
        actor: &Actor,
        head: PlanHead,
        found: Found,
        left: Vec<(CaseId, Left)>,
        (watch, keep): (&Watch, Keep<'_>),
    ) -> Result<(), AppError> {
        let now = self.now();
        let odds = found.odds;
        let (routes, mut cases) = found.rows(now)?;
        for (case, reason) in left {
            let reason = serde_json::to_string(&reason).map_err(|_| AppError::Fault("reasons serialise"))?;
            cases.push(PlanCase {
                case,
                place: None,
                reason: Some(reason),
                worth: None,
            });
        }
        let planned = cases.iter().filter(|case| case.place.is_some()).count();
        let entry = ServerEntry::new(EntryKind::PlanProposed, actor.by())
            .with("plan", head.alias.to_string())
            .with("packs", self.packs().digest().to_string())
            .with("odds", odds)
            .with("seed", head.seed)
            .with("iterations", head.iterations)
            .with("compared", i64::from(found.compared))
            .with("padding_s", found.padding.get())
            .with("planned", planned as i64)
            .with("left_out", (cases.len() - planned) as i64)
            .with("findings", head.findings.lines().count() as i64);
        let mut tx = self.store().write(actor.tenant, now).await?;
        tx.plan_insert(&head, &routes, cases).await?;
        match keep {
            Keep::Nothing => {}
            Keep::Answer(key, hash) => {
                let answer = serde_json::to_string(&head.id.0).map_err(|_| AppError::Fault("ids serialise"))?;
                tx.answer_keep(actor.staff, &key, &hash, &answer).await?;
            }
            Keep::Job(job, holder) => tx.job_done(job, holder, &job::text_of(&watch.told())?).await?,
        }
        Ok(tx.commit(Entries::one(entry)).await?)
    }
}

/// What a plan is made of.
struct Material {
    terms: Terms,
    known: Vec<Known>,
    courses: Courses,
    pending: Vec<Pending>,
    shifts: Vec<CrewShift>,
    zone: TimeZone,
    now: Micros,
    scales: Scales,
}

/// What the transaction of a plan keeps beside it.
enum Keep<'a> {
    /// Nothing.
    Nothing,
    /// The answer for a repeat of the request: its key and the hash of its content.
    Answer(String, Vec<u8>),
    /// The end of a job, by the name of its holder: a plan of which the job knows nothing would be made again.
    Job(&'a Job, &'a str),
}

/// What came of making a plan.
enum Made {
    /// A proposed plan.
    Plan(PlanId),
    /// Nothing, because it was stopped.
    Nothing,
}

/// What was found, and what the rules left out.
type Worked = (Found, Vec<(CaseId, Left)>);

fn padding_of(request: &PlanRequest) -> Result<Seconds, AppError> {
    let padding = request.padding_s.unwrap_or(0);
    if padding > PADDING_MAX {
        let detail = format!("Visits are planned to take at most {PADDING_MAX} seconds longer than they do.");
        return Err(AppError::at(ProblemCode::BadRequest, "padding_s", detail));
    }
    Ok(Seconds(i64::from(padding)))
}

fn compare_of(request: &PlanRequest) -> Result<u32, AppError> {
    let compare = request.compare.unwrap_or(1);
    if !(1..=COMPARE_MAX).contains(&compare) {
        let detail = format!("1 to {COMPARE_MAX} plans are searched for one.");
        return Err(AppError::at(ProblemCode::BadRequest, "compare", detail));
    }
    Ok(compare)
}

fn zone_of_most<'a>(zones: impl Iterator<Item = &'a str>) -> TimeZone {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for zone in zones {
        *counts.entry(zone).or_default() += 1;
    }
    let most = counts.into_iter().max_by_key(|(_, count)| *count);
    day::zone(most.map_or("", |(zone, _)| zone))
}
