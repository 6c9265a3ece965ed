//! What a plan leaves out, case by case, and where its stops are.

use std::collections::HashMap;

use doorstep_domain::id::{CaseId, CrewId, StaffId};
use doorstep_domain::measure::Micros;
use doorstep_domain::words::Lang;
use doorstep_store::grant::Purpose;
use doorstep_store::plan::PlanHead;
use doorstep_store::staff::Staff;
use doorstep_wire::Page;
use doorstep_wire::plan::look::{CrewPoint, LeftOutItem, LeftOutQuery, PlanPoints, VisitPoint};
use doorstep_wire::problem::ProblemCode;
use uuid::Uuid;

use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::reason::Left;
use crate::records::{Place, places_of};
use crate::{App, day};

/// Cases on a page where the caller names no number.
const PAGE: u32 = 50;
/// The most cases on a page.
const PAGE_MAX: u32 = 500;

fn unknown_cursor() -> AppError {
    let detail = "Use `next` of the page before, unchanged.";
    AppError::at(ProblemCode::BadRequest, "cursor", detail)
}

impl App {
    /// A page of the cases that a plan leaves out, each with its reason.
    pub async fn list_left_out(
        &self,
        actor: &Actor,
        id: Uuid,
        query: &LeftOutQuery,
        lang: Lang,
    ) -> Result<Page<LeftOutItem>, AppError> {
        policy::check(actor, Action::SeePlans)?;
        let head = self.plan_in_scope(actor, id).await?;
        let cursor = query.cursor.as_deref().map(str::parse).transpose();
        let after = CaseId(cursor.map_err(|_| unknown_cursor())?.unwrap_or(Uuid::nil()));
        let limit = query.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX) as usize;
        let (left, next) = self
            .left_page(actor, &head, (after, limit), query.reason.as_deref())
            .await?;
        let ids: Vec<Uuid> = left.iter().map(|(case, _)| case.0).collect();
        let views = self.store().case_get_many(actor.tenant, &ids).await?;
        let known = self.know(actor, views, Purpose::Planning, Some(head.alias)).await?;
        let numbers: HashMap<CaseId, String> = known
            .iter()
            .filter(|known| known.fields.is_some())
            .map(|known| (known.view.case.id, known.case_no()))
            .collect();
        let items = left
            .into_iter()
            .map(|(case, left)| LeftOutItem {
                case: case.0,
                case_no: numbers.get(&case).cloned(),
                reason: left.code(),
                sentence: left.sentence(lang),
                until: left.until().map(Micros::get),
                worth: left.worth().map(|worth| worth.told().0),
                no_visit: left.worth().map(|worth| worth.told().1),
            })
            .collect();
        Ok(Page { items, next })
    }

    /// Cases after a case, at most `limit`, with this reason where one is named; and what the next page begins after.
    /// Reasons are data of the program, not columns, so they are looked at here.
    async fn left_page(
        &self,
        actor: &Actor,
        head: &PlanHead,
        (mut after, limit): (CaseId, usize),
        reason: Option<&str>,
    ) -> Result<(Vec<(CaseId, Left)>, Option<String>), AppError> {
        let mut found = Vec::new();
        loop {
            let rows = self
                .store()
                .plan_left_page(actor.tenant, head.id, after, i64::from(PAGE_MAX))
                .await?;
            let last = rows.len() < PAGE_MAX as usize;
            for row in rows {
                let text = row.reason.ok_or(AppError::Fault("what is left out has a reason"))?;
                let left: Left = serde_json::from_str(&text).map_err(|_| AppError::Fault("kept reasons are ours"))?;
                if reason.is_some_and(|wanted| left.code() != wanted) {
                    after = row.case;
                    continue;
                }
                if found.len() == limit {
                    return Ok((found, Some(after.to_string())));
                }
                after = row.case;
                found.push((row.case, left));
            }
            if last {
                return Ok((found, None));
            }
        }
    }

    /// The places of a plan's visits and, for who may plan, where its crews begin and end.
    pub async fn plan_points(&self, actor: &Actor, id: Uuid) -> Result<PlanPoints, AppError> {
        policy::check(actor, Action::SeePlans)?;
        let head = self.plan_in_scope(actor, id).await?;
        let mut visits = HashMap::new();
        for case in self.store().plan_case_list(actor.tenant, head.id).await? {
            if let Some(place) = case.place {
                visits.insert(case.case, place);
            }
        }
        let ids: Vec<Uuid> = visits.keys().map(|case| case.0).collect();
        let views = self.store().case_get_many(actor.tenant, &ids).await?;
        let known = self.know(actor, views, Purpose::Planning, Some(head.alias)).await?;
        let mut points: Vec<VisitPoint> = known
            .iter()
            .filter_map(|known| {
                let (point, place) = (known.point()?, visits.get(&known.view.case.id)?);
                Some(VisitPoint {
                    visit: place.visit.0,
                    lat_e7: point.lat_e7(),
                    lon_e7: point.lon_e7(),
                })
            })
            .collect();
        points.sort_by_key(|point| point.visit);
        // Where a colleague lives is nobody's business but of who sends them.
        let crews = if policy::may(actor.role(), Action::Plan) {
            self.crew_points(actor, &head, &places_of(&known, self.now())).await?
        } else {
            Vec::new()
        };
        Ok(PlanPoints {
            plan: head.id.0,
            visits: points,
            crews,
        })
    }

    /// Where the crews of a plan's routes begin and end: at home with the first of them, as the planner assumes.
    async fn crew_points(&self, actor: &Actor, head: &PlanHead, places: &[Place]) -> Result<Vec<CrewPoint>, AppError> {
        let routes = self.store().route_list(actor.tenant, head.id).await?;
        let staff: HashMap<StaffId, Staff> = self
            .store()
            .staff_list(actor.tenant)
            .await?
            .into_iter()
            .filter(|one| one.active)
            .map(|one| (one.id, one))
            .collect();
        let mut firsts: Vec<(CrewId, &Staff)> = Vec::new();
        let records = self.records(actor.tenant, staff.keys().copied()).await?;
        let first_day = day::of_number(head.first_day);
        for line in self.store().roster_list(actor.tenant, head.team).await? {
            let drives = routes.iter().any(|route| route.crew == line.crew);
            let is_first = firsts.iter().all(|(crew, _)| *crew != line.crew);
            let may_go = |one: &&Staff| records.unfit(self.packs(), places, one, first_day).is_empty();
            if let (true, Some(one)) = (drives && is_first, staff.get(&line.staff).filter(may_go)) {
                firsts.push((line.crew, one));
            }
        }
        let named = firsts.iter().map(|(_, one)| *one);
        let opened = self.staff_opened(actor, Purpose::Planning, named).await?;
        let mut points = Vec::new();
        for (crew, one) in firsts {
            let Some(fields) = opened.get(&one.id) else { continue };
            if let (Some(lat_e7), Some(lon_e7)) = (fields.home_lat_e7, fields.home_lon_e7) {
                points.push(CrewPoint {
                    crew: crew.0,
                    lat_e7,
                    lon_e7,
                });
            }
        }
        Ok(points)
    }
}
