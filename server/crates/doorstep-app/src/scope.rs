//! The caller's own scope in memory, for searching and sorting by name. Opened once under one grant, kept for five minutes at
//! most for one session, and let go at sign-out, when a file landed, and when anybody was erased.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use doorstep_domain::id::{CaseId, EventId, SessionId};
use doorstep_domain::measure::Micros;
use doorstep_domain::org::SEARCH_SCOPE_MAX;
use doorstep_domain::read::FieldClass;
use doorstep_store::case::{CaseScope, CaseSort, CaseView};
use doorstep_store::grant::{FOLD, Purpose};
use doorstep_store::person::ScopeStamp;
use doorstep_wire::problem::ProblemCode;
use uuid::Uuid;

use crate::App;
use crate::actor::Actor;
use crate::error::AppError;
use crate::facts::open_fields;
use crate::policy;

/// The most scopes in memory at once; the oldest gives way.
const SCOPES_MAX: usize = 16;

/// How cases of a scope are put in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScopeSort {
    /// By a column that is not personal.
    Column(CaseSort),
    /// By name.
    Name,
}

/// What is held of one case.
struct Held {
    case: CaseId,
    name: String,
    address: String,
    days_past_due: i64,
    amount: i64,
    updated_at: Micros,
}

/// A scope as it was opened.
pub(crate) struct Scope {
    opened_at: Micros,
    stamp: ScopeStamp,
    cases: Vec<Held>,
}

impl Scope {
    /// The cases whose name or address contains `text` (in small letters), in order.
    pub(crate) fn find(&self, text: &str, sort: ScopeSort, ascending: bool) -> Vec<CaseId> {
        let mut found: Vec<&Held> = self
            .cases
            .iter()
            .filter(|held| held.name.contains(text) || held.address.contains(text))
            .collect();
        found.sort_by(|one, other| {
            let order = compare(one, other, sort);
            let order = if ascending { order } else { order.reverse() };
            order.then(one.case.cmp(&other.case))
        });
        found.into_iter().map(|held| held.case).collect()
    }
}

fn compare(one: &Held, other: &Held, sort: ScopeSort) -> Ordering {
    match sort {
        ScopeSort::Name => one.name.cmp(&other.name),
        ScopeSort::Column(CaseSort::DaysPastDue) => one.days_past_due.cmp(&other.days_past_due),
        ScopeSort::Column(CaseSort::Amount) => one.amount.cmp(&other.amount),
        ScopeSort::Column(CaseSort::Updated) => one.updated_at.cmp(&other.updated_at),
    }
}

/// The scopes in memory.
#[derive(Default)]
pub(crate) struct Scopes(Mutex<HashMap<SessionId, Arc<Scope>>>);

impl Scopes {
    /// Whoever held the lock only read, added or removed one, so it is whole after a panic too.
    fn held(&self) -> MutexGuard<'_, HashMap<SessionId, Arc<Scope>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// Lets a session's scope go.
    pub(crate) fn forget(&self, session: SessionId) {
        self.held().remove(&session);
    }
    /// Lets all go: somebody was erased, or a file landed.
    pub(crate) fn forget_all(&self) {
        self.held().clear();
    }
    /// Lets those go that are too old.
    pub(crate) fn expire(&self, now: Micros) {
        self.held()
            .retain(|_, scope| now < scope.opened_at + FOLD && scope.opened_at <= now);
    }
    fn put(&self, session: SessionId, scope: Arc<Scope>) {
        let mut held = self.held();
        held.insert(session, scope);
        if held.len() > SCOPES_MAX {
            let oldest = held
                .iter()
                .min_by_key(|(_, scope)| scope.opened_at)
                .map(|(session, _)| *session);
            oldest.and_then(|session| held.remove(&session));
        }
    }
}

impl App {
    /// The caller's whole scope, opened now or within the last five minutes.
    pub(crate) async fn scope_in_memory(&self, actor: &Actor) -> Result<Arc<Scope>, AppError> {
        let now = self.now();
        self.scopes().expire(now);
        let stamp = self.store().scope_stamp(actor.tenant).await?;
        let held = self.scopes().held().get(&actor.session).cloned();
        if let Some(scope) = held.filter(|scope| scope.stamp == stamp) {
            return Ok(scope);
        }
        let views = self.store().case_scope(actor.tenant, &policy::scope(actor)).await?;
        if views.len() > SEARCH_SCOPE_MAX {
            return Err(too_wide(views.len()));
        }
        let cases = self.open_scope(actor, views).await?;
        let scope = Arc::new(Scope {
            opened_at: now,
            stamp,
            cases,
        });
        self.scopes().put(actor.session, Arc::clone(&scope));
        // Not kept where somebody was erased while it was opened; what was found is shown from storage anyway.
        if self.store().scope_stamp(actor.tenant).await? != stamp {
            self.scopes().forget(actor.session);
        }
        Ok(scope)
    }

    async fn open_scope(&self, actor: &Actor, views: Vec<CaseView>) -> Result<Vec<Held>, AppError> {
        let persons = views.iter().map(|view| (view.case.person, view.person_alias)).collect();
        let request = actor.reads(Purpose::Search, &[FieldClass::Identity], persons);
        let grant = self.store().grant(actor.tenant, request, self.now()).await?;
        let records: Vec<Uuid> = views.iter().map(|view| view.case.payload.0).collect();
        let payloads = self.store().payload_get_many(actor.tenant, &records).await?;
        // Opening 20,000 records keeps a processor busy for a while; others go on meanwhile.
        let opened = tokio::task::spawn_blocking(move || {
            let sealed: HashMap<EventId, Vec<u8>> =
                payloads.into_iter().map(|(record, _, bytes)| (record, bytes)).collect();
            let mut cases = Vec::with_capacity(views.len());
            for view in &views {
                let Some(bytes) = sealed.get(&view.case.payload) else {
                    continue;
                };
                if let Some(fields) = open_fields(&grant, view, bytes)? {
                    cases.push(Held {
                        case: view.case.id,
                        name: fields.name.to_lowercase(),
                        address: fields.address.to_lowercase(),
                        days_past_due: view.case.days_past_due,
                        amount: view.case.amount,
                        updated_at: view.case.updated_at,
                    });
                }
            }
            Ok::<_, AppError>(cases)
        });
        opened
            .await
            .map_err(|_| AppError::Fault("the opening thread broke off"))?
    }

    /// The cases of a scope that match, narrowed as asked, from `skip` on, and whether there are more.
    pub(crate) async fn scope_page(
        &self,
        actor: &Actor,
        found: &[CaseId],
        narrow: &CaseScope,
        (skip, limit): (usize, usize),
    ) -> Result<(Vec<CaseView>, Option<usize>), AppError> {
        let mut page: Vec<CaseView> = Vec::new();
        let mut at = skip.min(found.len());
        // Status and portfolio are asked of storage, which knows them as they are now.
        while page.len() < limit && at < found.len() {
            let slice = &found[at..(at + limit).min(found.len())];
            let ids: Vec<Uuid> = slice.iter().map(|id| id.0).collect();
            let views = self.store().case_get_many(actor.tenant, &ids).await?.into_iter();
            let mut views: HashMap<CaseId, CaseView> = views.map(|view| (view.case.id, view)).collect();
            for id in slice {
                if page.len() == limit {
                    break;
                }
                at += 1;
                page.extend(views.remove(id).filter(|view| crate::case::in_scope(view, narrow)));
            }
        }
        Ok((page, (at < found.len()).then_some(at)))
    }
}

fn too_wide(count: usize) -> AppError {
    let detail = format!(
        "There are {count} cases in your scope; names are searched and sorted among at most {SEARCH_SCOPE_MAX}. \
         Use the case number or phone."
    );
    AppError::at(ProblemCode::BadRequest, "search", detail)
}
