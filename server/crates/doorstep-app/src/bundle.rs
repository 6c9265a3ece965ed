//! Legal bundles: a paper that says what is known of a case, beside the export of its leaves. The paper names the SHA-256 of every
//! file of the export, and each event with its place in the log, so that a court checks it offline with `doorstep-verify`.

mod evidence;
mod paper;

use std::path::Path;

use doorstep_domain::agreement::AgreementState;
use doorstep_domain::case::CaseStatus;
use doorstep_domain::id::CaseId;
use doorstep_domain::words::Lang;
use doorstep_log::hash::sha256;
use doorstep_store::agreement::Agreement;
use doorstep_store::entry::{Entries, EntryKind, ServerEntry};
use doorstep_wire::case::CaseDetail;
use doorstep_wire::letter::{LetterQuery, MakeBundle};
use doorstep_wire::notice::NoticeQuery;
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::read::Opening;

use crate::App;
use crate::actor::Actor;
use crate::error::AppError;
use crate::export::{CaseOrder, ExportError};
use crate::letter::language_of;
use crate::policy::{self, Action};

use evidence::Evidence;

impl App {
    /// Writes the export of a case into a new folder and makes the paper beside it. What rules say against the person's being
    /// contacted stands on its first page. Entries for the read, the export and the bundle.
    pub async fn make_bundle(
        &self,
        actor: &Actor,
        request: &MakeBundle,
        target: &Path,
    ) -> Result<Vec<u8>, ExportError> {
        policy::check(actor, Action::MakeBundle)?;
        let lang = request.language.as_deref().map_or(Ok(Lang::Zh), language_of)?;
        let opening = Opening {
            purpose: request.purpose.clone(),
        };
        let detail = self.show_case(actor, request.case, &opening, lang).await?;
        fresh(&detail)?;
        let agreed = self.store().agreement_list(actor.tenant, &[request.case]).await?;
        has_claim(&detail, &agreed)?;
        let order = CaseOrder::asked(request.case, request.open.then_some("case"))?;
        let exported = self.export_own_case(actor, order, &opening, target).await?;
        let evidence = evidence::read(target).map_err(|source| ExportError::File {
            path: target.to_owned(),
            source,
        })?;
        let printed = self.bundle_paper(actor, (&detail, &opening, lang), &evidence).await?;
        let alias = self.store().case_get_many(actor.tenant, &[request.case]).await?.pop();
        let alias = alias.ok_or(AppError::Fault("the case was shown"))?;
        let entry = ServerEntry::new(EntryKind::BundleMade, actor.by())
            .about(alias.person_alias)
            .with("case", alias.case.alias.to_string())
            .with("digest", sha256(&printed).to_string())
            .with("files", i64::try_from(exported.files).unwrap_or(i64::MAX));
        let tx = self.store().write(actor.tenant, self.now()).await?;
        tx.commit(Entries::one(entry)).await?;
        Ok(printed)
    }

    async fn bundle_paper(
        &self,
        actor: &Actor,
        (detail, opening, lang): (&CaseDetail, &Opening, Lang),
        evidence: &Evidence,
    ) -> Result<Vec<u8>, AppError> {
        let case = detail.item.id;
        let store = self.store();
        let offices = store.office_list(actor.tenant).await?;
        let notices = NoticeQuery {
            case: Some(case),
            ..NoticeQuery::default()
        };
        let letters = LetterQuery {
            case: Some(case),
            ..LetterQuery::default()
        };
        let complaints = store.complaint_list(actor.tenant, None).await?.into_iter();
        let facts = paper::Facts {
            detail,
            creditor: offices.first().map_or("", |office| office.name.as_str()),
            notices: self.list_notices(actor, &notices).await?.items,
            letters: self.list_letters(actor, &letters).await?.items,
            complaints: complaints.filter(|one| one.case.0 == case).collect(),
            restrictions: self.list_restrictions(actor, case, opening).await?.items,
            leaflets: store.leaflets_of_cases(actor.tenant, &[case]).await?,
            agreements: store.agreement_list(actor.tenant, &[case]).await?,
            payments: store.payment_list(actor.tenant, &[CaseId(case)]).await?,
            waived: store.waived_list(actor.tenant, &[case]).await?,
            now: self.now(),
        };
        self.print(&paper::paper(lang, &facts, evidence))
    }
}

/// A court is told no amount that its creditor has not confirmed lately.
fn fresh(detail: &CaseDetail) -> Result<(), AppError> {
    if detail.item.amount.stale {
        let words = "The amount is older than the portfolio allows and may not be stated. Bring in a newer file of the lender, \
                     then make the bundle.";
        return Err(AppError::refuse(ProblemCode::AmountStale, words));
    }
    Ok(())
}

/// A court is asked for nothing that is paid or given up, and about nobody who keeps what was agreed.
fn has_claim(detail: &CaseDetail, agreed: &[Agreement]) -> Result<(), AppError> {
    if detail.item.status.parse::<CaseStatus>().is_ok_and(CaseStatus::is_over) {
        let words = "The case is over, so there is nothing to claim. `doorstep log export OUT --case C` has what is known of it, with proofs.";
        return Err(AppError::refuse(ProblemCode::CaseOver, words));
    }
    let keeps = |one: &Agreement| one.state == AgreementState::Promised && one.kind.is_paid();
    if agreed.iter().any(keeps) {
        let words = "The person keeps what was agreed with them, and nobody goes to court meanwhile. `doorstep log export OUT --case C` has \
                     what is known of it, with proofs.";
        return Err(AppError::refuse(ProblemCode::AgreementStands, words));
    }
    Ok(())
}
