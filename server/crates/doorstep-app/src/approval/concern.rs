//! What approvals concern, for whoever is to agree: nobody agrees to an id. Opens nothing that is sealed.

use doorstep_domain::approval::{ApprovalKind, ApprovalState};
use doorstep_domain::id::{AgreementId, CaseId};
use doorstep_store::agreement::Agreement;
use doorstep_store::approval::Approval;
use doorstep_wire::org::{ApprovalItem, AskedAgreement};

use super::approval_item;
use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::{App, day};

impl App {
    /// Approvals with who asked, and of those that wait for an answer the case and what it is about.
    pub(super) async fn with_what_they_concern(
        &self,
        actor: &Actor,
        approvals: &[Approval],
    ) -> Result<Vec<ApprovalItem>, AppError> {
        let logins = self.staff_numbers(actor).await?;
        let mut items = Vec::with_capacity(approvals.len());
        for approval in approvals {
            let mut item = approval_item(approval);
            item.asked_by_login = logins.of(approval.terms.asked_by);
            let waits = approval.terms.state == ApprovalState::Asked && approval.terms.expires > self.now();
            if waits {
                self.concern(actor, approval, &mut item).await?;
            }
            items.push(item);
        }
        Ok(items)
    }

    async fn concern(&self, actor: &Actor, approval: &Approval, item: &mut ApprovalItem) -> Result<(), AppError> {
        let (case, what) = match approval.kind {
            ApprovalKind::RestrictionLift => {
                let row = self.store().restriction_get(actor.tenant, approval.subject).await?;
                (row.case, Some(row.kind.code().to_owned()))
            }
            ApprovalKind::RuleOverride => {
                let row = self.store().consent_get(actor.tenant, approval.subject).await?;
                (row.case, row.rule)
            }
            ApprovalKind::ConsentNote => {
                let row = self.store().consent_get(actor.tenant, approval.subject).await?;
                (row.case, row.rule.or_else(|| Some(row.scope.code().to_owned())))
            }
            ApprovalKind::AgreementMake => {
                let one = self
                    .store()
                    .agreement_get(actor.tenant, AgreementId(approval.subject))
                    .await?;
                if actor.agency.is_none() {
                    item.agreement = Some(asked_agreement(&one));
                }
                (one.case, Some(one.kind.code().to_owned()))
            }
            ApprovalKind::AgencyRecall => {
                item.what = self.recalled_agency(actor, approval.subject).await?;
                return Ok(());
            }
            ApprovalKind::CalmSet => {
                item.what = self.calm_in_words(actor, approval.subject).await?;
                return Ok(());
            }
            ApprovalKind::PersonErase
            | ApprovalKind::ImportTakeBack
            | ApprovalKind::RetentionPurge
            | ApprovalKind::NoticeWaive => return Ok(()),
        };
        // Whoever may see no cases sees what they are asked for, and not of whom.
        if !policy::may(actor.role(), Action::SeeCases) {
            return Ok(());
        }
        let CaseId(id) = case;
        let view = self.store().case_get_many(actor.tenant, &[id]).await?.pop();
        if view.is_some_and(|view| crate::case::in_scope(&view, &policy::reach(actor))) {
            (item.case, item.what) = (Some(id), what);
        }
        Ok(())
    }
}

fn asked_agreement(one: &Agreement) -> AskedAgreement {
    AskedAgreement {
        kind: one.kind.code().to_owned(),
        amount: one.amount.get(),
        off: one.off.numbers(),
        currency: one.currency.clone(),
        last: day::text(one.last_day),
    }
}
