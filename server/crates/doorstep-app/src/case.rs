//! Cases: lists, one case in full, and the export back to the lender.

mod export;
mod verdict;

pub(crate) use verdict::{moment, no_moment};

use std::collections::HashMap;

use doorstep_domain::case::CaseStatus;
use doorstep_domain::id::CaseId;
use doorstep_domain::measure::Micros;
use doorstep_domain::words::Lang;
use doorstep_rules::{Attempt, Notice, evaluate};
use doorstep_store::blind::{BLIND_CASE, BLIND_PHONE, blind_case, blind_phone};
use doorstep_store::case::{CaseCursor, CaseScope, CaseSort, CaseView};
use doorstep_store::grant::Purpose;
use doorstep_wire::Page;
use doorstep_wire::case::{CaseContact, CaseDetail, CaseItem, CaseQuery};
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::read::Opening;
use uuid::Uuid;

use crate::actor::Actor;
use crate::contact_log::rules_of;
use crate::error::AppError;
use crate::facts::{Crewed, Known};
use crate::planning::SERVICE;
use crate::policy::{self, Action};
use crate::reads::{purpose_named, purpose_of};
use crate::scope::ScopeSort;
use crate::{App, say};

/// Cases on a page where the caller names no number.
const PAGE: u32 = 50;
/// The most cases on a page.
const PAGE_MAX: u32 = 500;

pub(crate) fn bad_code(field: &'static str) -> impl Fn(doorstep_domain::code::UnknownCode) -> AppError {
    move |error| AppError::at(ProblemCode::BadRequest, field, error.to_string())
}

fn cursor_of(text: &str) -> Option<CaseCursor> {
    let (value, id) = text.split_once('.')?;
    Some((value.parse().ok()?, CaseId(id.parse().ok()?)))
}

pub(crate) fn bad_cursor() -> AppError {
    AppError::at(
        ProblemCode::BadRequest,
        "cursor",
        "Use `next` of the page before, unchanged.",
    )
}

fn sort_of(query: &CaseQuery) -> Result<ScopeSort, AppError> {
    match query.sort.as_deref() {
        None => Ok(ScopeSort::Column(CaseSort::DaysPastDue)),
        Some("name") => Ok(ScopeSort::Name),
        Some(code) => code.parse().map(ScopeSort::Column).map_err(bad_code("sort")),
    }
}

/// Names go from A on, numbers from the highest on, unless the caller says otherwise.
fn ascending(query: &CaseQuery, sort: ScopeSort) -> Result<bool, AppError> {
    match query.order.as_deref() {
        None => Ok(sort == ScopeSort::Name),
        Some("asc") => Ok(true),
        Some("desc") => Ok(false),
        Some(_) => Err(AppError::at(
            ProblemCode::BadRequest,
            "order",
            "`order` is `asc` or `desc`.",
        )),
    }
}

fn sort_value(view: &CaseView, sort: CaseSort) -> i64 {
    match sort {
        CaseSort::DaysPastDue => view.case.days_past_due,
        CaseSort::Amount => view.case.amount,
        CaseSort::Updated => view.case.updated_at.get(),
    }
}

impl App {
    async fn query_scope(&self, actor: &Actor, query: &CaseQuery) -> Result<CaseScope, AppError> {
        let mut scope = policy::scope(actor);
        if let Some(status) = &query.status {
            scope.status = Some(status.parse::<CaseStatus>().map_err(bad_code("status"))?);
        }
        if let Some(name) = &query.portfolio {
            let portfolios = self.store().portfolio_list(actor.tenant).await?;
            let found = portfolios.into_iter().find(|portfolio| portfolio.name == *name);
            scope.portfolio = Some(found.ok_or_else(|| AppError::not_found("portfolio"))?.id);
        }
        Ok(scope)
    }

    /// A page of cases in the caller's scope; with `case_no`, `phone` or `search`, those that match.
    pub async fn list_cases(&self, actor: &Actor, query: &CaseQuery) -> Result<Page<CaseItem>, AppError> {
        policy::check(actor, Action::SeeCases)?;
        let scope = self.query_scope(actor, query).await?;
        if query.case_no.is_some() || query.phone.is_some() {
            return self.find_exact(actor, query, scope).await;
        }
        let sort = sort_of(query)?;
        let ascending = ascending(query, sort)?;
        let text = query.search.as_deref().map(str::trim).unwrap_or_default();
        let sort = match sort {
            ScopeSort::Column(column) if text.is_empty() && !ascending => column,
            other => return self.search(actor, (text, other, ascending), &scope, query).await,
        };
        let limit = i64::from(query.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX));
        let cursor = match query.cursor.as_deref() {
            None => None,
            Some(text) => Some(cursor_of(text).ok_or_else(bad_cursor)?),
        };
        let views = self
            .store()
            .case_page(actor.tenant, &scope, sort, cursor, limit)
            .await?;
        let full = views.len() as i64 == limit;
        let next = views
            .last()
            .filter(|_| full)
            .map(|last| format!("{}.{}", sort_value(last, sort), last.case.id));
        self.items(actor, views, next).await
    }

    /// What a number or phone leads to; with a purpose, also outside the caller's caseload.
    async fn find_exact(
        &self,
        actor: &Actor,
        query: &CaseQuery,
        mut scope: CaseScope,
    ) -> Result<Page<CaseItem>, AppError> {
        let opening = Opening {
            purpose: query.purpose.clone(),
        };
        let outside = purpose_named(&opening)?;
        if outside.is_some() {
            scope.team = policy::reach(actor).team;
        }
        let mut views = self.exact(actor, query).await?;
        views.retain(|view| in_scope(view, &scope));
        let (inside, beyond): (Vec<_>, Vec<_>) = views
            .into_iter()
            .partition(|view| outside.is_none() || policy::in_caseload(actor, view));
        let mut page = self.items(actor, inside, None).await?;
        if beyond.is_empty() {
            return Ok(page);
        }
        let now = self.now();
        let known = self.know_outside(actor, beyond, Purpose::Case, outside).await?;
        page.items.extend(known.iter().map(|one| item(one, now, true)));
        Ok(page)
    }

    async fn exact(&self, actor: &Actor, query: &CaseQuery) -> Result<Vec<CaseView>, AppError> {
        let key = self.store().keys().blind_key(actor.tenant.0).await?;
        let mut views = Vec::new();
        if let Some(number) = &query.case_no {
            let portfolios = self.store().portfolio_list(actor.tenant).await?;
            let digests: Vec<Uuid> = portfolios.iter().map(|p| blind_case(&key, p.id, number)).collect();
            let found = self.store().blind_find(actor.tenant, BLIND_CASE, &digests).await?;
            let ids: Vec<Uuid> = found.into_iter().map(|(_, owner)| owner).collect();
            views = self.store().case_get_many(actor.tenant, &ids).await?;
        } else if let Some(phone) = &query.phone {
            let Some(digest) = blind_phone(&key, phone) else {
                return Err(AppError::at(
                    ProblemCode::BadRequest,
                    "phone",
                    "Give at least five digits.",
                ));
            };
            let found = self.store().blind_find(actor.tenant, BLIND_PHONE, &[digest]).await?;
            let persons: Vec<Uuid> = found.into_iter().map(|(_, owner)| owner).collect();
            views = self.store().case_of_persons(actor.tenant, &persons).await?;
        }
        Ok(views)
    }

    /// Searches and sorts in memory, within a scope that is small enough.
    async fn search(
        &self,
        actor: &Actor,
        (text, sort, ascending): (&str, ScopeSort, bool),
        narrow: &CaseScope,
        query: &CaseQuery,
    ) -> Result<Page<CaseItem>, AppError> {
        let skip = match query.cursor.as_deref() {
            None => 0,
            Some(text) => text.parse().map_err(|_| bad_cursor())?,
        };
        let limit = query.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX) as usize;
        let scope = self.scope_in_memory(actor).await?;
        let found = scope.find(&text.to_lowercase(), sort, ascending);
        let (views, next) = self.scope_page(actor, &found, narrow, (skip, limit)).await?;
        self.items(actor, views, next.map(|at| at.to_string())).await
    }

    async fn items(
        &self,
        actor: &Actor,
        views: Vec<CaseView>,
        next: Option<String>,
    ) -> Result<Page<CaseItem>, AppError> {
        let now = self.now();
        let known = self.know(actor, views, Purpose::Case, None).await?;
        Ok(Page {
            items: known.iter().map(|one| item(one, now, true)).collect(),
            next,
        })
    }

    pub(crate) async fn case_in_scope(&self, actor: &Actor, id: Uuid) -> Result<CaseView, AppError> {
        self.case_within(actor, id, &policy::scope(actor)).await
    }

    /// A case of the caller's side, which may be outside their caseload.
    pub(crate) async fn case_in_reach(&self, actor: &Actor, id: Uuid) -> Result<CaseView, AppError> {
        self.case_within(actor, id, &policy::reach(actor)).await
    }

    /// Of some cases those in the caller's scope, by id.
    pub(crate) async fn cases_in_scope(
        &self,
        actor: &Actor,
        cases: impl Iterator<Item = CaseId>,
    ) -> Result<HashMap<CaseId, CaseView>, AppError> {
        let mut cases: Vec<Uuid> = cases.map(|case| case.0).collect();
        cases.sort_unstable();
        cases.dedup();
        let scope = policy::scope(actor);
        let views = self.store().case_get_many(actor.tenant, &cases).await?.into_iter();
        let views = views.filter(|view| in_scope(view, &scope));
        Ok(views.map(|view| (view.case.id, view)).collect())
    }

    async fn case_within(&self, actor: &Actor, id: Uuid, scope: &CaseScope) -> Result<CaseView, AppError> {
        let view = self
            .store()
            .case_get(actor.tenant, CaseId(id))
            .await
            .map_err(|error| match error {
                doorstep_store::StoreError::NotFound => AppError::not_found("case"),
                other => other.into(),
            })?;
        if in_scope(&view, scope) {
            Ok(view)
        } else {
            Err(AppError::not_found("case"))
        }
    }

    /// Opens a case for the caller, which is an entry. Outside the caller's caseload it needs a purpose.
    async fn open_case(&self, actor: &Actor, id: Uuid, opening: &Opening) -> Result<Known, AppError> {
        policy::check(actor, Action::SeeCases)?;
        let view = self.case_within(actor, id, &policy::reach(actor)).await?;
        let outside = purpose_of(actor, &view, opening)?;
        self.know_whole(actor, view, Purpose::Case, outside).await
    }

    /// One case in full, with what the rules say about a visit now. Outside the caller's caseload it needs a purpose.
    pub async fn show_case(
        &self,
        actor: &Actor,
        id: Uuid,
        opening: &Opening,
        lang: Lang,
    ) -> Result<CaseDetail, AppError> {
        let known = self.open_case(actor, id, opening).await?;
        let now = self.now();
        let visits = self.store().visit_of_cases(actor.tenant, &[id]).await?;
        let flags = self.flags_of_visits(actor, &visits).await?;
        let attempt = Attempt::visit(now, now + SERVICE);
        let mut facts = known.facts(attempt, Crewed::Open, now);
        // A plan announces its visits; here it is asked what else stands in the way.
        facts.notices.push(Notice {
            handed_over_at: Micros::ZERO,
        });
        let verdict = evaluate(self.packs(), &facts);
        let pressure = self.pressure_on(actor, &known, now).await?;
        let address = &known.view.address;
        let visits = visits.iter().map(|visit| say::visit(visit, &address.zone, &flags));
        let visits = self.with_recordings(actor.tenant, visits.collect()).await?;
        Ok(CaseDetail {
            pressure,
            item: item(&known, now, false),
            person: known.view.case.person.0,
            zone: address.zone.clone(),
            country: address.country.clone(),
            region: address.region.clone(),
            address_state: address.state.code().to_owned(),
            point: known.point().map(|point| [point.lat_e7(), point.lon_e7()]),
            fields: known.versions(),
            datum: known.fields.as_ref().map(|fields| fields.datum.clone()),
            available: known
                .fields
                .as_ref()
                .map(|fields| fields.available.clone())
                .filter(|text| !text.is_empty()),
            visits_before: known.view.case.visits_before,
            contacts: known
                .contacts
                .iter()
                .filter(|contact| contact.case == known.view.case.id)
                .map(|contact| CaseContact {
                    at: contact.at.get(),
                    channel: contact.channel.code().to_owned(),
                    outcome: contact.outcome.map(|code| code.code().to_owned()),
                    rules: rules_of(&contact.rules),
                })
                .collect(),
            visits,
            verdict: say::verdict(&verdict, lang),
        })
    }
}

pub(crate) fn in_scope(view: &CaseView, scope: &CaseScope) -> bool {
    scope.agency.is_none_or(|id| view.case.agency == Some(id))
        && scope.team.is_none_or(|id| view.case.team == id)
        && scope.portfolio.is_none_or(|id| view.case.portfolio == id)
        && scope.status.is_none_or(|status| view.case.status == status)
}

fn item(known: &Known, now: Micros, mask: bool) -> CaseItem {
    let case = &known.view.case;
    let fields = known.fields.as_ref();
    CaseItem {
        id: case.id.0,
        case_no: known.case_no(),
        portfolio: known.portfolio.name.clone(),
        name: fields.map(|fields| fields.name.clone()),
        phone: fields.map(|fields| {
            if mask {
                say::masked(&fields.phone)
            } else {
                fields.phone.clone()
            }
        }),
        address: fields.map(|fields| fields.address.clone()),
        status: case.status.code().to_owned(),
        stage: case.stage.code().to_owned(),
        days_past_due: case.days_past_due,
        amount: say::amount(case, known.portfolio.amount_age_max, now),
        flags: say::flags(case.flags),
        version: case.version,
    }
}
