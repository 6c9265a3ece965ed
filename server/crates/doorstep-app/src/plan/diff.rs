//! What a plan changes: every visit of it beside those that give way to it.

use std::collections::{BTreeMap, HashMap};

use doorstep_domain::id::{CaseId, CrewId, PlanId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_domain::plan::{PlanChange, PlanState};
use doorstep_domain::words::Lang;
use doorstep_store::grant::Purpose;
use doorstep_store::pending::PlanSpan;
use doorstep_store::plan::{PlanCase, PlanHead, RouteRow};
use doorstep_wire::plan::look::{ChangeCounts, ChangePlace, DiffQuery, PlanDiff, PlanTotals, VisitChange};
use doorstep_wire::problem::ProblemCode;
use uuid::Uuid;

use super::DAYS_MAX;
use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::reason::Left;
use crate::{App, day};

/// A visit that starts less than this earlier or later stays as it was: nobody is told seconds.
const MINUTE: Micros = Micros::from_seconds(60);

/// Where a plan has a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Spot {
    plan: PlanId,
    visit: VisitId,
    crew: CrewId,
    day: i64,
    starts: Micros,
    ends: Micros,
}

/// A visit on both sides, or on one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pair {
    case: CaseId,
    before: Option<Spot>,
    after: Option<Spot>,
}

impl Pair {
    fn change(&self) -> PlanChange {
        match (self.before, self.after) {
            (_, None) => PlanChange::Dropped,
            (None, Some(_)) => PlanChange::Added,
            (Some(before), Some(after)) if before.day != after.day => PlanChange::MovedDay,
            (Some(before), Some(after)) if before.crew != after.crew => PlanChange::MovedCrew,
            (Some(before), Some(after)) if apart(before.starts, after.starts) >= MINUTE => PlanChange::MovedTime,
            (Some(_), Some(_)) => PlanChange::Same,
        }
    }

    /// Dropped ones first, those that stay last; by time within.
    fn order(&self) -> (PlanChange, Option<Micros>, CaseId) {
        (
            self.change(),
            self.after.or(self.before).map(|spot| spot.starts),
            self.case,
        )
    }
}

fn apart(left: Micros, right: Micros) -> Micros {
    if left < right { right - left } else { left - right }
}

/// Puts the sides together by case. Several plans that give way may each have a visit of one case: the nearest in time is
/// the one that stays or moves, the others are dropped.
fn pairs(mut before: BTreeMap<CaseId, Vec<Spot>>, after: &BTreeMap<CaseId, Spot>) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (case, spot) in after {
        let mut old = before.remove(case).unwrap_or_default();
        let nearest = (0..old.len()).min_by_key(|at| apart(old[*at].starts, spot.starts));
        pairs.push(Pair {
            case: *case,
            before: nearest.map(|at| old.swap_remove(at)),
            after: Some(*spot),
        });
        before.insert(*case, old);
    }
    for (case, spots) in before {
        pairs.extend(spots.into_iter().map(|spot| Pair {
            case,
            before: Some(spot),
            after: None,
        }));
    }
    pairs.sort_by_key(Pair::order);
    pairs
}

fn overlap(left: &PlanHead, right: &PlanHead) -> bool {
    left.first_day < right.first_day + right.days && right.first_day < left.first_day + left.days
}

/// The plans that a plan took the place of, or would: of a plan that is not published yet, the published ones on its days;
/// else those whose first successor it was. `published` has all plans of the team that were published on days so near.
fn gave_way(plan: &PlanHead, published: Vec<PlanHead>) -> Vec<PlanHead> {
    let others = published.clone();
    let is_first_after = |old: &PlanHead| {
        let later = others
            .iter()
            .filter(|other| other.id != old.id && other.published_at > old.published_at && overlap(other, old));
        later.map(|other| (other.published_at, other.id)).min() == Some((plan.published_at, plan.id))
    };
    let gives = |old: &PlanHead| match plan.published_at {
        None => old.state == PlanState::Published,
        Some(_) => is_first_after(old),
    };
    published
        .into_iter()
        .filter(|old| old.id != plan.id && overlap(old, plan) && gives(old))
        .collect()
}

fn counts(pairs: &[Pair]) -> ChangeCounts {
    let mut counts = ChangeCounts::default();
    for pair in pairs {
        let count = match pair.change() {
            PlanChange::Dropped => &mut counts.dropped,
            PlanChange::Added => &mut counts.added,
            PlanChange::MovedDay => &mut counts.moved_day,
            PlanChange::MovedCrew => &mut counts.moved_crew,
            PlanChange::MovedTime => &mut counts.moved_time,
            PlanChange::Same => &mut counts.same,
        };
        *count += 1;
    }
    counts
}

/// One side of a comparison.
#[derive(Default)]
struct Side {
    spots: BTreeMap<CaseId, Vec<Spot>>,
    totals: PlanTotals,
}

impl Side {
    fn add(&mut self, head: &PlanHead, routes: &[RouteRow], cases: &[PlanCase]) {
        self.totals.objective += head.objective;
        for route in routes {
            self.totals.metres += route.metres;
            self.totals.driving += route.driving;
        }
        let routes: HashMap<_, _> = routes.iter().map(|route| (route.id, route)).collect();
        for case in cases {
            let Some((place, route)) = case.place.and_then(|place| Some((place, routes.get(&place.route)?))) else {
                continue;
            };
            self.totals.visits += 1;
            self.spots.entry(case.case).or_default().push(Spot {
                plan: head.id,
                visit: place.visit,
                crew: route.crew,
                day: route.day,
                starts: place.starts,
                ends: place.ends,
            });
        }
    }
}

impl App {
    /// A plan beside another, or beside those that it takes the place of.
    pub async fn diff_plan(
        &self,
        actor: &Actor,
        id: Uuid,
        query: &DiffQuery,
        lang: Lang,
    ) -> Result<PlanDiff, AppError> {
        policy::check(actor, Action::SeePlans)?;
        let head = self.plan_in_scope(actor, id).await?;
        let against = match query.against {
            Some(other) => vec![self.comparable(actor, &head, other).await?],
            None => self.plans_given_way(actor, &head).await?,
        };
        let cases = self.store().plan_case_list(actor.tenant, head.id).await?;
        let mut after = Side::default();
        after.add(&head, &self.store().route_list(actor.tenant, head.id).await?, &cases);
        let mut before = Side::default();
        for old in &against {
            let routes = self.store().route_list(actor.tenant, old.id).await?;
            before.add(old, &routes, &self.store().plan_case_list(actor.tenant, old.id).await?);
        }
        let now: BTreeMap<CaseId, Spot> = after
            .spots
            .iter()
            .filter_map(|(case, spots)| Some((*case, *spots.first()?)))
            .collect();
        let pairs = pairs(before.spots, &now);
        let names = self.names_for(actor, &head, &pairs).await?;
        let reasons: HashMap<CaseId, &str> = cases
            .iter()
            .filter_map(|case| Some((case.case, case.reason.as_deref()?)))
            .collect();
        let mut changes = Vec::with_capacity(pairs.len());
        for pair in &pairs {
            changes.push(names.item(pair, reasons.get(&pair.case).copied(), lang)?);
        }
        Ok(PlanDiff {
            plan: head.id.0,
            against: against.iter().map(|old| old.id.0).collect(),
            zone: head.zone,
            before: before.totals,
            after: after.totals,
            counts: counts(&pairs),
            changes,
        })
    }

    async fn comparable(&self, actor: &Actor, head: &PlanHead, other: Uuid) -> Result<PlanHead, AppError> {
        let other = self.plan_in_scope(actor, other).await?;
        if other.team == head.team {
            return Ok(other);
        }
        let detail = "Plans of different teams have no visit in common. Name a plan of the same team; \
                      `doorstep plan list` shows them.";
        Err(AppError::at(ProblemCode::BadRequest, "against", detail))
    }

    async fn plans_given_way(&self, actor: &Actor, head: &PlanHead) -> Result<Vec<PlanHead>, AppError> {
        // Wide enough for every plan that touches a plan that touches this one.
        let wide = PlanSpan {
            team: head.team,
            first_day: head.first_day - i64::from(DAYS_MAX),
            days: head.days + 2 * i64::from(DAYS_MAX),
        };
        let published = self.store().plan_published_in(actor.tenant, wide).await?;
        Ok(gave_way(head, published))
    }

    /// What the visits of a comparison are called: numbers of cases under one grant, names of crews.
    async fn names_for(&self, actor: &Actor, head: &PlanHead, pairs: &[Pair]) -> Result<Names, AppError> {
        let mut ids: Vec<Uuid> = pairs.iter().map(|pair| pair.case.0).collect();
        ids.sort_unstable();
        ids.dedup();
        let views = self.store().case_get_many(actor.tenant, &ids).await?;
        let known = self.know(actor, views, Purpose::Planning, Some(head.alias)).await?;
        let cases = known
            .iter()
            .filter(|known| known.fields.is_some())
            .map(|known| (known.view.case.id, known.case_no()))
            .collect();
        let crews = self.store().crew_list(actor.tenant, head.team).await?;
        Ok(Names {
            cases,
            crews: crews.into_iter().map(|crew| (crew.id, crew.name)).collect(),
        })
    }
}

struct Names {
    cases: HashMap<CaseId, String>,
    crews: HashMap<CrewId, String>,
}

impl Names {
    fn item(&self, pair: &Pair, reason: Option<&str>, lang: Lang) -> Result<VisitChange, AppError> {
        let left: Option<Left> = reason
            .filter(|_| pair.after.is_none())
            .map(serde_json::from_str)
            .transpose()
            .map_err(|_| AppError::Fault("kept reasons are ours"))?;
        let by = pair
            .before
            .zip(pair.after)
            .map(|(before, after)| (after.starts - before.starts).get() / 1_000_000);
        Ok(VisitChange {
            case: pair.case.0,
            case_no: self.cases.get(&pair.case).cloned(),
            change: pair.change().code().to_owned(),
            before: pair.before.map(|spot| self.place(&spot)),
            after: pair.after.map(|spot| self.place(&spot)),
            by_s: by,
            reason: left.as_ref().map(Left::code),
            sentence: left.as_ref().map(|left| left.sentence(lang)),
        })
    }

    fn place(&self, spot: &Spot) -> ChangePlace {
        ChangePlace {
            plan: spot.plan.0,
            visit: spot.visit.0,
            crew: spot.crew.0,
            crew_name: self.crews.get(&spot.crew).cloned().unwrap_or_default(),
            day: day::text(spot.day),
            starts: spot.starts.get(),
            ends: spot.ends.get(),
        }
    }
}

#[cfg(test)]
#[path = "diff_tests.rs"]
mod tests;
