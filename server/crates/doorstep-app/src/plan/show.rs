//! Plans as they are shown: lists, routes, and what a plan says of one case.

use std::collections::{BTreeMap, HashMap};

use doorstep_domain::id::{CaseId, CrewId, PlanId, RouteId, StaffId, TeamId};
use doorstep_domain::measure::Micros;
use doorstep_domain::plan::PlanState;
use doorstep_domain::words::Lang;
use doorstep_rules::{Attempt, Notice, evaluate};
use doorstep_store::grant::Purpose;
use doorstep_store::plan::{PlanCase, PlanHead, PlanPlace};
use doorstep_wire::Page;
use doorstep_wire::case::VerdictItem;
use doorstep_wire::plan::{PlanDetail, PlanItem, PlannedVisit, ReasonCount, RouteItem, Why};
use doorstep_wire::problem::ProblemCode;
use uuid::Uuid;

use crate::actor::Actor;
use crate::error::AppError;
use crate::facts::Crewed;
use crate::policy::{self, Action};
use crate::reason::Left;
use crate::worth::Weighing;
use crate::{App, day, say};

impl App {
    pub(super) async fn plan_in_scope(&self, actor: &Actor, id: Uuid) -> Result<PlanHead, AppError> {
        let head = self
            .store()
            .plan_get(actor.tenant, PlanId(id))
            .await
            .map_err(|error| match error {
                doorstep_store::StoreError::NotFound => AppError::not_found("plan"),
                other => other.into(),
            })?;
        if self.team_in_scope(actor, head.team).await? {
            Ok(head)
        } else {
            Err(AppError::not_found("plan"))
        }
    }

    /// Whether the caller may see what is planned for a team.
    pub(super) async fn team_in_scope(&self, actor: &Actor, team: TeamId) -> Result<bool, AppError> {
        let teams = self.store().team_list(actor.tenant).await?;
        let found = teams.iter().find(|one| one.id == team);
        Ok(actor.team.is_none_or(|own| own == team)
            && found.is_some_and(|team| actor.agency.is_none() || team.agency == actor.agency))
    }

    /// All plans that the caller may see, newest first.
    pub async fn list_plans(&self, actor: &Actor) -> Result<Page<PlanItem>, AppError> {
        policy::check(actor, Action::SeePlans)?;
        let mut items = Vec::new();
        for head in self.store().plan_list(actor.tenant).await? {
            if self.plan_in_scope(actor, head.id.0).await.is_ok() {
                let cases = self.store().plan_case_list(actor.tenant, head.id).await?;
                items.push(plan_item(&head, &cases));
            }
        }
        Ok(Page { items, next: None })
    }

    /// One plan with its routes and the reasons of what is not in it.
    pub async fn show_plan(&self, actor: &Actor, id: Uuid, lang: Lang) -> Result<PlanDetail, AppError> {
        policy::check(actor, Action::SeePlans)?;
        let head = self.plan_in_scope(actor, id).await?;
        let cases = self.store().plan_case_list(actor.tenant, head.id).await?;
        let crews: HashMap<CrewId, String> = self
            .store()
            .crew_list(actor.tenant, head.team)
            .await?
            .into_iter()
            .map(|crew| (crew.id, crew.name))
            .collect();
        let planned: Vec<Uuid> = cases
            .iter()
            .filter(|case| case.place.is_some())
            .map(|case| case.case.0)
            .collect();
        let views = self.store().case_get_many(actor.tenant, &planned).await?;
        let numbers: HashMap<CaseId, String> = self
            .know(actor, views, Purpose::Planning, Some(head.alias))
            .await?
            .iter()
            .map(|known| (known.view.case.id, known.case_no()))
            .collect();
        let staff = self.logins_of_crews(actor, head.team).await?;
        let routes = self
            .store()
            .route_list(actor.tenant, head.id)
            .await?
            .into_iter()
            .map(|route| {
                Ok(RouteItem {
                    id: route.id.0,
                    crew: route.crew.0,
                    crew_name: crews.get(&route.crew).cloned().unwrap_or_default(),
                    staff: staff.get(&route.crew).cloned().unwrap_or_default(),
                    day: day::text(route.day),
                    depart: route.depart.get(),
                    back: route.back.get(),
                    metres: route.metres,
                    driving: route.driving,
                    visits: visits_of(&cases, route.id, &numbers)?,
                })
            })
            .collect::<Result<_, AppError>>()?;
        Ok(PlanDetail {
            item: plan_item(&head, &cases),
            routes,
            reasons: reasons_of(&cases, lang)?,
            warnings: self.staff_warnings(actor, &head, lang).await?,
        })
    }

    /// The logins of who travels in each crew of a team.
    async fn logins_of_crews(&self, actor: &Actor, team: TeamId) -> Result<HashMap<CrewId, Vec<String>>, AppError> {
        let staff = self.store().staff_list(actor.tenant).await?;
        let logins: HashMap<StaffId, String> = staff.into_iter().map(|one| (one.id, one.login)).collect();
        let mut crews: HashMap<CrewId, Vec<String>> = HashMap::new();
        for line in self.store().roster_list(actor.tenant, team).await? {
            let login = logins.get(&line.staff).cloned();
            crews.entry(line.crew).or_default().extend(login);
        }
        Ok(crews)
    }

    /// What a plan says of one case.
    pub async fn explain(&self, actor: &Actor, plan: Uuid, case: Uuid, lang: Lang) -> Result<Why, AppError> {
        policy::check(actor, Action::SeePlans)?;
        let head = self.plan_in_scope(actor, plan).await?;
        let found = self
            .store()
            .plan_case_get(actor.tenant, head.id, CaseId(case))
            .await
            .map_err(|_| {
                AppError::refuse(
                    ProblemCode::NotFound,
                    "The plan did not look at this case: it belongs to another team or came after the plan was made.",
                )
            })?;
        let mut why = Why {
            case,
            planned: None,
            crew: None,
            zone: head.zone.clone(),
            reason: None,
            sentence: String::new(),
            verdict: None,
            worth: None,
            no_visit: None,
        };
        let mut weighing = worth_of(&found)?;
        if let Some(place) = found.place {
            let routes = self.store().route_list(actor.tenant, head.id).await?;
            why.crew = routes
                .iter()
                .find(|route| route.id == place.route)
                .map(|route| route.crew.0);
            why.sentence = crate::reason::planned(place.starts, &head.zone, lang);
            why.planned = Some(planned_visit(found.case, (&place, weighing), None));
            why.verdict = self.verdict_of_place(actor, &head, (found.case, &place), lang).await?;
        }
        if let Some(text) = &found.reason {
            let left: Left = serde_json::from_str(text).map_err(|_| AppError::Fault("kept reasons are ours"))?;
            why.reason = Some(left.code());
            why.sentence = left.sentence(lang);
            if let Left::Rules { verdict } = &left {
                why.verdict = Some(say::verdict(verdict, lang));
            }
            weighing = left.worth().copied();
        }
        if let Some(weighing) = weighing {
            let (worth, no_visit) = weighing.told();
            (why.worth, why.no_visit) = (Some(worth), Some(no_visit));
        }
        Ok(why)
    }
}

impl App {
    /// What the rules say now of a planned visit at its time: which were asked, what they require, or that no law is known.
    async fn verdict_of_place(
        &self,
        actor: &Actor,
        head: &PlanHead,
        (case, place): (CaseId, &PlanPlace),
        lang: Lang,
    ) -> Result<Option<VerdictItem>, AppError> {
        let views = self.store().case_get_many(actor.tenant, &[case.0]).await?;
        let known = self.know(actor, views, Purpose::Planning, Some(head.alias)).await?;
        Ok(known.first().map(|known| {
            let mut facts = known.facts(Attempt::visit(place.starts, place.ends), Crewed::Open, self.now());
            if head.state == PlanState::Proposed {
                // As it was planned: publishing announces the visit, or keeps why it does not.
                facts.notices.push(Notice {
                    handed_over_at: Micros::ZERO,
                });
            }
            say::verdict(&evaluate(self.packs(), &facts), lang)
        }))
    }
}

fn plan_item(head: &PlanHead, cases: &[PlanCase]) -> PlanItem {
    let planned = cases.iter().filter(|case| case.place.is_some()).count();
    PlanItem {
        id: head.id.0,
        team: head.team.0,
        first_day: day::text(head.first_day),
        days: head.days,
        state: head.state.code().to_owned(),
        planned: planned as u64,
        left_out: (cases.len() - planned) as u64,
        objective: head.objective,
        travel: head.travel_label.clone(),
        findings: head.findings.lines().map(str::to_owned).collect(),
        packs: head.packs.clone(),
        zone: head.zone.clone(),
        version: head.version,
        created_at: head.created_at.get(),
    }
}

/// What a planned visit is worth, as its plan keeps it; `None` of one that is left out or was planned before.
fn worth_of(case: &PlanCase) -> Result<Option<Weighing>, AppError> {
    let text = case.worth.as_deref();
    let read = text.map(serde_json::from_str).transpose();
    read.map_err(|_| AppError::Fault("kept worths are ours"))
}

/// A visit as it is shown. Its value is that of the day, not of the hour: a name stands beside it.
fn planned_visit(
    case: CaseId,
    (place, weighing): (&PlanPlace, Option<Weighing>),
    number: Option<String>,
) -> PlannedVisit {
    PlannedVisit {
        visit: place.visit.0,
        case: case.0,
        case_no: number,
        arrive: place.arrive.get(),
        starts: place.starts.get(),
        ends: place.ends.get(),
        value: weighing.map_or(place.value, |weighing| weighing.value().get()),
        worth: weighing.map(|weighing| weighing.told().0),
    }
}

fn visits_of(
    cases: &[PlanCase],
    route: RouteId,
    numbers: &HashMap<CaseId, String>,
) -> Result<Vec<PlannedVisit>, AppError> {
    let mut visits: Vec<(i64, PlannedVisit)> = Vec::new();
    for case in cases {
        if let Some(place) = case.place.filter(|place| place.route == route) {
            let number = numbers.get(&case.case).cloned();
            let visit = planned_visit(case.case, (&place, worth_of(case)?), number);
            visits.push((place.position, visit));
        }
    }
    visits.sort_by_key(|(position, _)| *position);
    Ok(visits.into_iter().map(|(_, visit)| visit).collect())
}

fn reasons_of(cases: &[PlanCase], lang: Lang) -> Result<Vec<ReasonCount>, AppError> {
    let mut counts: BTreeMap<String, ReasonCount> = BTreeMap::new();
    for text in cases.iter().filter_map(|case| case.reason.as_ref()) {
        let left: Left = serde_json::from_str(text).map_err(|_| AppError::Fault("kept reasons are ours"))?;
        let code = left.code();
        let count = counts.entry(code.clone()).or_insert_with(|| ReasonCount {
            words: left.title(lang),
            reason: code,
            cases: 0,
        });
        count.cases += 1;
    }
    let mut reasons: Vec<ReasonCount> = counts.into_values().collect();
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.cases));
    Ok(reasons)
}
