//! Visits and alarms as the office sees them; the scan for overdue check-outs.

use std::collections::{BTreeSet, HashMap};

use doorstep_domain::id::{CaseId, VisitId};
use doorstep_domain::visit::{CHECK_OUT_GRACE, VisitState};
use doorstep_store::entry::{By, Entries, EntryKind, Housekeeping, ServerEntry};
use doorstep_store::visit::Visit;
use doorstep_wire::Page;
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::visit::{AlarmItem, VisitItem, VisitQuery};

use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::{App, day, say};

/// The kind of alarm that silence after an expected check-out raises.
pub const CHECK_OUT_OVERDUE: &str = "check-out-overdue";

impl App {
    /// Visits of a day or in a state, of the cases that the caller may see.
    pub async fn list_visits(&self, actor: &Actor, query: &VisitQuery) -> Result<Page<VisitItem>, AppError> {
        policy::check(actor, Action::SeePlans)?;
        let date = query
            .day
            .as_deref()
            .map(|text| day::parse("day", text))
            .transpose()?
            .map(day::number);
        let bad = |error: doorstep_domain::code::UnknownCode| {
            AppError::at(ProblemCode::BadRequest, "state", error.to_string())
        };
        let state = query
            .state
            .as_deref()
            .map(str::parse::<VisitState>)
            .transpose()
            .map_err(bad)?;
        let visits = self.store().visit_list(actor.tenant, date, state).await?;
        let ids: Vec<uuid::Uuid> = visits.iter().map(|visit| visit.case.0).collect();
        let scope = policy::scope(actor);
        let zones: HashMap<CaseId, String> = self
            .store()
            .case_get_many(actor.tenant, &ids)
            .await?
            .into_iter()
            .filter(|view| crate::case::in_scope(view, &scope))
            .map(|view| (view.case.id, view.address.zone))
            .collect();
        let flags = self.flags_of_visits(actor, &visits).await?;
        let items = visits
            .iter()
            .filter_map(|visit| Some(say::visit(visit, zones.get(&visit.case)?, &flags)))
            .collect();
        Ok(Page { items, next: None })
    }

    /// What is remarkable about the events of visits.
    pub(crate) async fn flags_of_visits(
        &self,
        actor: &Actor,
        visits: &[Visit],
    ) -> Result<HashMap<VisitId, BTreeSet<String>>, AppError> {
        let ids: Vec<uuid::Uuid> = visits.iter().map(|visit| visit.id.0).collect();
        let mut found: HashMap<VisitId, BTreeSet<String>> = HashMap::new();
        for (visit, flags) in self.store().event_flags(actor.tenant, &ids).await? {
            let flags = flags.split(',').map(str::to_owned);
            found.entry(visit).or_default().extend(flags);
        }
        Ok(found)
    }

    /// Alarms, newest first.
    pub async fn list_alarms(&self, actor: &Actor) -> Result<Page<AlarmItem>, AppError> {
        policy::check(actor, Action::SeePlans)?;
        let seen = self.visits_seen(actor).await?;
        let alarms = self.store().alarm_list(actor.tenant).await?;
        let items = alarms
            .into_iter()
            .filter_map(|alarm| {
                let zone = seen.get(&alarm.visit)?.clone();
                Some(AlarmItem {
                    id: alarm.id,
                    visit: alarm.visit.0,
                    kind: alarm.kind,
                    state: alarm.state,
                    raised_at: alarm.raised_at.get(),
                    zone,
                })
            })
            .collect();
        Ok(Page { items, next: None })
    }

    /// The visits that the caller may see, each with the time zone of its address.
    async fn visits_seen(&self, actor: &Actor) -> Result<HashMap<VisitId, String>, AppError> {
        let items = self.list_visits(actor, &VisitQuery::default()).await?.items;
        Ok(items.into_iter().map(|visit| (VisitId(visit.id), visit.zone)).collect())
    }

    /// Raises an alarm for every visit whose crew is silent after the expected check-out plus the grace. Any process may
    /// run it; each alarm is raised once.
    pub async fn run_overdue(&self) -> Result<usize, AppError> {
        let now = self.now();
        let mut raised = 0;
        for (tenant, visit) in self.store().visit_overdue(now - CHECK_OUT_GRACE).await? {
            let mut tx = self.store().write(tenant, now).await?;
            if !tx.alarm_raise(visit.id, CHECK_OUT_OVERDUE).await? {
                tx.commit_housekeeping(Housekeeping::Jobs).await?;
                continue;
            }
            let entry = ServerEntry::new(EntryKind::VisitOverdue, By::PROGRAM)
                .visit(visit.alias)
                .with(
                    "due_ms",
                    visit.due_out.map_or(0, doorstep_domain::measure::Micros::millis),
                );
            tx.commit(Entries::one(entry)).await?;
            raised += 1;
        }
        Ok(raised)
    }
}
