//! Visits as the office sees them.

use std::collections::{BTreeSet, HashMap};

use doorstep_domain::id::{CaseId, VisitId};
use doorstep_domain::visit::VisitState;
use doorstep_store::visit::Visit;
use doorstep_wire::Page;
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::visit::{VisitItem, VisitQuery};

use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::{App, day, say};

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
        let items = self.with_recordings(actor.tenant, items).await?;
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
}
