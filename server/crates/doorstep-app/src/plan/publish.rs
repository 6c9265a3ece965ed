//! Publishing a plan: the rules are asked again, earlier plans give way, visits come into being.

use std::collections::{BTreeSet, HashMap, HashSet};

use doorstep_domain::approval::ApprovalState;
use doorstep_domain::code::UnknownCode;
use doorstep_domain::id::{CaseId, CrewId, PlanId, RouteId};
use doorstep_domain::measure::Micros;
use doorstep_domain::notice::NoticeWaiver;
use doorstep_domain::plan::PlanState;
use doorstep_domain::step::{CALM, NO_VISITS, PROTECTED};
use doorstep_domain::visit::VisitState;
use doorstep_domain::words::Lang;
use doorstep_rules::SentenceKey::{CertificateMissing, StaffTooFew};
use doorstep_rules::{Attempt, Finding, Notice, PackSet, StaffFacts, evaluate};
use doorstep_store::entry::{Entries, Entry, EntryKind, ServerEntry};
use doorstep_store::grant::Purpose;
use doorstep_store::odds::VisitScene;
use doorstep_store::pending::Pending;
use doorstep_store::plan::{PlanHead, PlanPlace, RouteRow};
use doorstep_store::visit::Visit;
use doorstep_wire::plan::{PlanDetail, PublishQuery};
use doorstep_wire::problem::{Problem, ProblemCode, VisitRefused};
use uuid::Uuid;

use crate::actor::Actor;
use crate::error::AppError;
use crate::facts::{Crewed, Known, renew, waiver};
use crate::notice::withdraw_notices;
use crate::policy::{self, Action};
use crate::records::Crews;
use crate::strategy::Courses;
use crate::worth::Scales;
use crate::{App, day};

impl App {
    /// Publishes a proposed plan of a known version. The rules are asked again for every visit; a plan that they would
    /// no longer allow is refused.
    pub async fn publish_plan(
        &self,
        actor: &Actor,
        plan: Uuid,
        version: i64,
        (query, lang): (&PublishQuery, Lang),
    ) -> Result<PlanDetail, AppError> {
        policy::check(actor, Action::Plan)?;
        let waived = waived(query)?;
        let head = self.plan_in_scope(actor, plan).await?;
        publishable(&head, version)?;
        let mut approval = self.waiver_approved(actor, &head, (waived, query.approval)).await?;
        let cases = self.store().plan_case_list(actor.tenant, head.id).await?;
        let places: HashMap<CaseId, PlanPlace> =
            cases.iter().filter_map(|case| Some((case.case, case.place?))).collect();
        let ids: Vec<Uuid> = places.keys().map(|case| case.0).collect();
        let views = self.store().case_get_many(actor.tenant, &ids).await?;
        let mut courses = self.courses(actor.tenant, &views).await?;
        let mut known = self.know(actor, views, Purpose::Planning, Some(head.alias)).await?;
        let now = self.now();
        let routes = self.store().route_list(actor.tenant, head.id).await?.into_iter();
        let routes: HashMap<RouteId, RouteRow> = routes.map(|route| (route.id, route)).collect();
        let crews: HashSet<CrewId> = routes.values().map(|route| route.crew).collect();
        let announcing = self.announcing(actor, &known, crews, waived).await?;
        let scales = self.scales(actor.tenant).await?;
        let persons: Vec<Uuid> = known.iter().map(|known| known.view.case.person.0).collect();
        let mut tx = self.store().write(actor.tenant, now).await?;
        if let Some(approval) = &mut approval {
            tx.approval_move(approval, ApprovalState::Used, None).await?;
        }
        tx.plan_publishing().await?;
        // What a person says meanwhile is seen here, or finds the visits that it withdraws.
        tx.person_lock(&persons).await?;
        // In this order: a visit that begins meanwhile is still pending, or a contact already.
        let pending = tx.visit_pending(head.span(), &persons).await?;
        renew(&mut tx, &mut known).await?;
        let going = Going {
            places: &places,
            routes: &routes,
            crews: &announcing.crews,
        };
        courses.calms = tx.calm_list().await?;
        still_open(&courses, &known, &places)?;
        let asking = self.still_allowed(&known, &going, &pending, (now, waived, lang))?;
        still_the_teams(&head, &known)?;
        let (visits, mut entries) = visits_of(actor, &head, &known, (&places, &routes))?;
        tx.plan_publish(head.id, version).await?;
        let cancelled = tx.plan_supersede(&head).await?;
        entries.extend(withdraw_notices(&mut tx, actor.by(), &cancelled).await?);
        tx.visit_insert(&visits).await?;
        tx.scene_insert(&scenes_of(&scales, &known, &visits)).await?;
        let asked = |pair: &(&Known, &Visit)| asking.contains(&pair.1.case);
        let announced: Vec<_> = known.iter().zip(&visits).filter(asked).collect();
        entries.extend(self.announce(actor, &mut tx, &announcing, &announced).await?);
        tx.entries_add(entries).await?;
        let counts = (visits.len() as i64, cancelled.len() as i64);
        let mut entry = published(
            actor,
            &head,
            counts,
            waived.map(|reason| (reason, announced.len() as i64)),
        );
        if let Some(approval) = approval {
            entry = entry.with("approval", approval.id.to_string());
        }
        tx.commit(Entries::one(entry)).await?;
        self.notices_queued().notify_one();
        self.wake_devices();
        self.show_plan(actor, plan, lang).await
    }

    /// Asks the rules about every visit again. Returns the cases whose visits have to be announced.
    fn still_allowed(
        &self,
        known: &[Known],
        going: &Going<'_>,
        pending: &[Pending],
        (now, waived, lang): (Micros, Option<NoticeWaiver>, Lang),
    ) -> Result<HashSet<CaseId>, AppError> {
        let late = going.places.values().filter(|place| place.ends <= now).count();
        if late > 0 {
            let detail = format!("{late} of its visits would be over by now. Propose a new plan.");
            return Err(AppError::refuse(ProblemCode::PlanOutdated, detail));
        }
        let (mut refused, mut behind): (Vec<VisitRefused>, BTreeSet<String>) = (Vec::new(), BTreeSet::new());
        let mut asking = HashSet::new();
        for known in known {
            let Some((place, staff, left)) = going.to(self.packs(), known) else {
                continue;
            };
            let mut facts = known.facts(Attempt::visit(place.starts, place.ends), Crewed::By(staff), now);
            facts.contacts.extend(known.ahead(pending, now));
            match waived {
                Some(_) => facts.consents.push(waiver()),
                None => facts.notices.push(Notice { handed_over_at: now }),
            }
            let verdict = evaluate(self.packs(), &facts);
            if self.packs().asks_for_notice(&verdict) {
                asking.insert(known.view.case.id);
            }
            if verdict.effect.forbids() {
                let is_short = |one: &Finding| {
                    one.effect.forbids() && matches!(one.sentence.key, StaffTooFew | CertificateMissing)
                };
                let left = left.iter().filter(|_| verdict.findings.iter().any(is_short));
                let forbids = verdict
                    .findings
                    .iter()
                    .chain(left.clone())
                    .filter(|one| one.effect.forbids());
                let rules: BTreeSet<String> = forbids.map(|one| one.rule.to_string()).collect();
                refused.push(VisitRefused {
                    case: known.view.case.id.0,
                    case_no: known.case_no(),
                    rules: rules.into_iter().collect(),
                });
                behind.extend(left.map(|one| one.sentence.render(lang)));
            }
        }
        if refused.is_empty() {
            return Ok(asking);
        }
        // Only where a notice is what is missing does a reason for none help.
        let late = "Visits for which no notice can leave in time are published only with a reason why they need none \
                    (`--without-notice`).";
        let mut rules = refused.iter().flat_map(|visit| &visit.rules);
        let is_late = rules.any(|rule| self.packs().is_notice(rule));
        behind.extend(is_late.then(|| late.to_owned()));
        Err(AppError::Refused(Box::new(not_allowed(refused, behind))))
    }
}

/// Which visits are not allowed any more, and what more there is to say of why and of what to do.
fn not_allowed(mut visits: Vec<VisitRefused>, more: BTreeSet<String>) -> Problem {
    let mut detail = format!(
        "{} of its visits are no longer allowed. Propose a new plan.",
        visits.len()
    );
    for sentence in more {
        detail.push(' ');
        detail.push_str(&sentence);
    }
    let mut problem = Problem::new(ProblemCode::PlanOutdated, detail);
    problem.rules = visits.iter().flat_map(|visit| visit.rules.iter().cloned()).collect();
    problem.rules.sort_unstable();
    problem.rules.dedup();
    visits.sort_by(|one, other| one.case_no.cmp(&other.case_no));
    problem.visits = visits;
    problem
}

/// Who goes where by a plan.
struct Going<'a> {
    places: &'a HashMap<CaseId, PlanPlace>,
    routes: &'a HashMap<RouteId, RouteRow>,
    crews: &'a Crews,
}

impl Going<'_> {
    /// Where a case stands in the plan, those of its crew who may go there, and why others stay behind.
    fn to(&self, packs: &PackSet, known: &Known) -> Option<(&PlanPlace, StaffFacts, Vec<Finding>)> {
        let place = self.places.get(&known.view.case.id)?;
        let route = self.routes.get(&place.route)?;
        let on = day::local(place.starts, &day::zone(&known.view.address.zone));
        let (sent, behind) = self.crews.sent(packs, known, (route.crew, on));
        Some((place, self.crews.facts(&sent, known, on), behind))
    }
}

/// Only a proposed plan without findings becomes binding, at the version that was read.
fn publishable(head: &PlanHead, version: i64) -> Result<(), AppError> {
    if head.version != version || head.state != PlanState::Proposed {
        let detail = format!(
            "The plan is {} at version {}. Look at it again.",
            head.state, head.version
        );
        return Err(AppError::refuse(ProblemCode::Changed, detail));
    }
    if !head.findings.is_empty() {
        let detail = "The independent checker found breaches in the plan. Propose a new plan, and report this one.";
        return Err(AppError::refuse(ProblemCode::PlanOutdated, detail));
    }
    Ok(())
}

/// Why the visits are made without notice, where they are.
/// A case that went to another team since the plan was made, as one that was recalled from an agency, is visited by its crews alone.
fn still_the_teams(head: &PlanHead, known: &[Known]) -> Result<(), AppError> {
    let gone = known.iter().filter(|known| known.view.case.team != head.team).count();
    if gone == 0 {
        return Ok(());
    }
    let detail = format!("{gone} of its cases went to another team since. Propose a new plan.");
    Err(AppError::refuse(ProblemCode::PlanOutdated, detail))
}

/// Nobody is visited on a day that became calm since the plan was made, nor who told meanwhile of a hardship or a dispute, nor where
/// the strategy makes no visits any more.
fn still_open(courses: &Courses, known: &[Known], places: &HashMap<CaseId, PlanPlace>) -> Result<(), AppError> {
    let (mut refused, mut why) = (Vec::new(), BTreeSet::new());
    for known in known {
        let Some(place) = places.get(&known.view.case.id) else {
            continue;
        };
        let on = day::local(place.starts, &day::zone(&known.view.address.zone));
        let rule = if courses.leaves_no_room(known, on) {
            why.insert("A time of calm leaves no room for them (`doorstep calm list`).".to_owned());
            CALM
        } else if Courses::told_of_hardship(known) {
            PROTECTED
        } else if courses.strategy(known).visits {
            continue;
        } else {
            why.insert("The strategy of their portfolio makes no visits.".to_owned());
            NO_VISITS
        };
        refused.push(VisitRefused {
            case: known.view.case.id.0,
            case_no: known.case_no(),
            rules: vec![rule.to_owned()],
        });
    }
    if refused.is_empty() {
        return Ok(());
    }
    Err(AppError::Refused(Box::new(not_allowed(refused, why))))
}

fn waived(query: &PublishQuery) -> Result<Option<NoticeWaiver>, AppError> {
    let code = query.without_notice.as_deref();
    let wrong = |error: UnknownCode| AppError::at(ProblemCode::BadRequest, "without_notice", error.to_string());
    code.map(|code| code.parse().map_err(wrong)).transpose()
}

/// The entry of a plan that is published: its visits, those that it cancels, and those without notice, with the reason.
fn published(
    actor: &Actor,
    head: &PlanHead,
    (visits, cancelled): (i64, i64),
    waived: Option<(NoticeWaiver, i64)>,
) -> ServerEntry {
    let entry = ServerEntry::new(EntryKind::PlanPublished, actor.by())
        .with("plan", head.alias.to_string())
        .with("visits", visits)
        .with("cancelled", cancelled);
    match waived {
        Some((reason, announced)) => entry.reason(reason.code()).with("without_notice", announced),
        None => entry,
    }
}

/// The visits of a plan, each with its entry.
fn visits_of(
    actor: &Actor,
    head: &PlanHead,
    known: &[Known],
    (places, routes): (&HashMap<CaseId, PlanPlace>, &HashMap<RouteId, RouteRow>),
) -> Result<(Vec<Visit>, Vec<Entry>), AppError> {
    let mut visits = Vec::new();
    let mut entries: Vec<Entry> = Vec::new();
    for known in known {
        let case = &known.view.case;
        let place = places
            .get(&case.id)
            .ok_or(AppError::Fault("only planned cases were asked for"))?;
        let route = routes
            .get(&place.route)
            .ok_or(AppError::Fault("every place has its route"))?;
        let visit = visit_of(case.id, head.id, place, route);
        let entry = ServerEntry::new(EntryKind::VisitPlanned, actor.by()).about(known.view.person_alias);
        entries.push(entry.visit(visit.alias).with("plan", head.alias.to_string()).into());
        visits.push(visit);
    }
    Ok((visits, entries))
}

/// How the matters of a plan's visits stand: each visit with its case, in their order.
fn scenes_of(scales: &Scales, known: &[Known], visits: &[Visit]) -> Vec<VisitScene> {
    let pairs = known.iter().zip(visits);
    pairs
        .map(|(known, visit)| {
            let scene = scales.weigh(known).scene;
            VisitScene {
                visit: visit.id,
                stage: scene.stage,
                amount: scene.amount,
                reached: scene.reached,
            }
        })
        .collect()
}

fn visit_of(case: CaseId, plan: PlanId, place: &PlanPlace, route: &RouteRow) -> Visit {
    Visit {
        id: place.visit,
        alias: doorstep_store::fresh_alias(),
        case,
        plan: Some(plan),
        crew: route.crew,
        day: route.day,
        state: VisitState::Planned,
        planned_start: place.starts,
        planned_end: place.ends,
        started_at: None,
        due_out: None,
        finished_at: None,
        outcome: None,
        matter: None,
        version: 1,
        withdrawn: None,
    }
}
