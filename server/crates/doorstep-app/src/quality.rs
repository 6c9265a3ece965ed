//! Quality checks (质检): a lot that nobody chooses, a sheet that somebody outside the line fills in, one appeal, a third
//! person's decision. What is found is about the work and for learning from it: nothing here is added up to a score, no list is
//! ordered by it, and it must never feed pay or a ranking.

mod draw;
mod rates;
mod score;
mod show;

use std::collections::{BTreeMap, HashSet};

use doorstep_domain::id::{CheckId, StaffId, TeamId};
use doorstep_domain::quality::ItemFound;
use doorstep_domain::staff::Role;
use doorstep_store::StoreError;
use doorstep_store::case::CaseView;
use doorstep_store::quality::QualityCheck;
use doorstep_store::visit::Visit;
use doorstep_wire::problem::ProblemCode;
use uuid::Uuid;

use crate::App;
use crate::actor::Actor;
use crate::error::AppError;
use crate::policy;

/// What was found, by item.
type Found = BTreeMap<String, ItemFound>;

/// A check with its visit and case.
struct Checked {
    check: QualityCheck,
    visit: Visit,
    view: CaseView,
}

pub(crate) fn bad_code(field: &'static str) -> impl Fn(doorstep_domain::code::UnknownCode) -> AppError {
    move |error| AppError::at(ProblemCode::BadRequest, field, error.to_string())
}

fn found_of(check: &QualityCheck) -> Result<Found, AppError> {
    if check.found.is_empty() {
        return Ok(Found::new());
    }
    serde_json::from_str(&check.found).map_err(|_| AppError::Fault("kept findings are ours"))
}

impl App {
    /// A check, whoever asks: the caller has found out that they may see it.
    async fn checked(&self, actor: &Actor, id: Uuid) -> Result<Checked, AppError> {
        let check = self.store().quality_get(actor.tenant, CheckId(id)).await;
        let check = check.map_err(|error| match error {
            StoreError::NotFound => AppError::not_found("quality check"),
            other => other.into(),
        })?;
        let visit = self.store().visit_get_many(actor.tenant, &[check.visit.0]).await?.pop();
        let visit = visit.ok_or(AppError::Fault("a check has its visit"))?;
        let view = self.store().case_get_many(actor.tenant, &[visit.case.0]).await?.pop();
        let view = view.ok_or(AppError::Fault("a visit has its case"))?;
        Ok(Checked { check, visit, view })
    }

    async fn checked_in_reach(&self, actor: &Actor, id: Uuid) -> Result<Checked, AppError> {
        let one = self.checked(actor, id).await?;
        if crate::case::in_scope(&one.view, &policy::reach(actor)) {
            Ok(one)
        } else {
            Err(AppError::not_found("quality check"))
        }
    }

    /// A check of the caller's own part in a visit.
    async fn own_check(&self, actor: &Actor, id: Uuid) -> Result<Checked, AppError> {
        let one = self.checked(actor, id).await?;
        if one.check.staff == actor.staff {
            Ok(one)
        } else {
            Err(AppError::not_found("quality check"))
        }
    }

    /// Refuses whoever was at the visit, and who supervises those who were: they would score themselves.
    async fn must_stand_outside(&self, actor: &Actor, one: &Checked) -> Result<(), AppError> {
        let mut staff: HashSet<StaffId> = self.staff_of_visit(actor.tenant, one.visit.id).await?;
        staff.insert(one.check.staff);
        if staff.contains(&actor.staff) {
            let detail = "You were at this visit. Somebody outside the line must look at it.";
            return Err(AppError::refuse(ProblemCode::NotAllowed, detail));
        }
        let all = self.store().staff_list(actor.tenant).await?;
        let teams = all
            .iter()
            .filter(|one| staff.contains(&one.id))
            .filter_map(|one| one.team);
        let line: HashSet<TeamId> = teams.chain([one.view.case.team]).collect();
        if actor.role() == Role::Supervisor && actor.team.is_some_and(|team| line.contains(&team)) {
            let detail =
                "You supervise those who were there. A supervisor of another team, or an auditor, must look at it.";
            return Err(AppError::refuse(ProblemCode::NotAllowed, detail));
        }
        Ok(())
    }
}
