//! Visits without the notice that a rule asks for: a supervisor of the creditor says why; one of an agency, which lives from
//! visits, needs the creditor's agreement to it first.

use doorstep_domain::approval::{ApprovalKind, ApprovalReason};
use doorstep_domain::notice::NoticeWaiver;
use doorstep_store::approval::Approval;
use doorstep_store::plan::PlanHead;
use doorstep_wire::problem::ProblemCode;
use uuid::Uuid;

use crate::App;
use crate::actor::Actor;
use crate::error::AppError;

/// Why an agency may ask for it.
const REASONS: [ApprovalReason; 2] = [ApprovalReason::PersonAsked, ApprovalReason::Unreachable];

impl App {
    /// Whether publishing a plan without notice may be asked for.
    pub(crate) async fn notice_to_waive(
        &self,
        actor: &Actor,
        plan: Uuid,
        reason: ApprovalReason,
    ) -> Result<(), AppError> {
        if !REASONS.contains(&reason) {
            let detail = "Notice is waived for `person-asked` or `unreachable`.";
            return Err(AppError::at(ProblemCode::BadRequest, "reason", detail));
        }
        self.plan_in_scope(actor, plan).await.map(drop)
    }

    /// The creditor's agreement, where one is needed.
    pub(super) async fn waiver_approved(
        &self,
        actor: &Actor,
        plan: &PlanHead,
        (waived, approval): (Option<NoticeWaiver>, Option<Uuid>),
    ) -> Result<Option<Approval>, AppError> {
        let Some(waived) = waived.filter(|_| actor.agency.is_some()) else {
            return Ok(None);
        };
        let needed = || {
            let detail = format!(
                "An agency visits without notice only after the creditor agreed to it for this plan and reason: \
                 `doorstep approvals ask notice.waive {} --reason {waived}`, then publish with `--approval`.",
                plan.id
            );
            AppError::refuse(ProblemCode::ApprovalNeeded, detail)
        };
        let approval = self.approval(actor, approval.ok_or_else(needed)?).await?;
        approval.terms.usable(self.now())?;
        let is_for_it = approval.kind == ApprovalKind::NoticeWaive
            && approval.subject == plan.id.0
            && approval.reason == waived.code();
        if is_for_it { Ok(Some(approval)) } else { Err(needed()) }
    }
}
