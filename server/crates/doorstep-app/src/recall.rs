//! Recalls: cases that the creditor takes back from an agency. Visits ahead go with them, and the agency owes a record of how
//! it destroyed what it had.

mod destruction;

use doorstep_domain::agency::{AGENCY_RECALL, DESTROYED_WITHIN, RecallReason, RecallState};
use doorstep_domain::approval::{ApprovalKind, ApprovalReason};
use doorstep_domain::id::{AgencyId, TeamId};
use doorstep_store::WriteTx;
use doorstep_store::approval::Approval;
use doorstep_store::case::{CaseScope, CaseView};
use doorstep_store::entry::{Entries, Entry, EntryKind, ServerEntry};
use doorstep_store::recall::{Recall, Said};
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::recall::{DestructionDetail, RecallCases};
use uuid::Uuid;

use crate::actor::Actor;
use crate::agency::listed_entry;
use crate::called_off::CallOff;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::restriction::code;
use crate::{App, note};

/// What the log says of a recall.
fn entry(kind: EntryKind, actor: &Actor, recall: &Recall) -> ServerEntry {
    ServerEntry::new(kind, actor.by())
        .with("recall", recall.id.to_string())
        .with("agency", recall.agency.to_string())
        .with("state", recall.state.code())
}

impl App {
    /// Takes cases back from an agency, without opening any. All of them, and the agency off the white list, only after a
    /// second person agreed.
    pub async fn recall_cases(
        &self,
        actor: &Actor,
        agency: Uuid,
        request: &RecallCases,
    ) -> Result<DestructionDetail, AppError> {
        policy::check(actor, Action::RecallCases)?;
        let agency = self.agency_known(actor, agency).await?;
        let reason: RecallReason = code("reason", &request.reason)?;
        let words = note::checked("words", &request.words)?;
        if request.all != request.cases.is_empty() {
            let detail = "Name the cases, or say `all`; one of the two.";
            return Err(AppError::at(ProblemCode::BadRequest, "cases", detail));
        }
        let views = self.cases_of_agency(actor, agency, &request.cases).await?;
        let team = self.creditors_team(actor, request.team).await?;
        let now = self.now();
        let keys = self.store().sealing_keys(actor.tenant, &[actor.staff.0]).await?;
        let mut tx = self.store().write(actor.tenant, now).await?;
        let (record, commitment) = note::keep(&mut tx, actor.staff, &words, &keys).await?;
        let mut recall = Recall {
            id: doorstep_store::fresh_id(now),
            agency,
            team,
            every: request.all,
            reason,
            state: RecallState::Asked,
            asked: Said {
                by: actor.staff,
                at: now,
                words: record,
            },
            cases: 0,
            visits: 0,
            at: None,
            due: None,
            destroyed: None,
            answered: None,
        };
        let mut entries = Vec::new();
        if request.all {
            // The list of reasons of approvals knows none of a contract; the recall has its own, which the log says.
            let asked = (ApprovalReason::NoBasis, now);
            let approval = crate::approval::asked(ApprovalKind::AgencyRecall, recall.id, actor.staff, asked);
            tx.approval_insert(&approval).await?;
            entries.push(crate::approval::asked_entry(&approval, actor.by()).into());
        } else {
            entries.extend(bring_back(actor, &mut tx, &mut recall, &views).await?);
        }
        tx.recall_write(&recall, None).await?;
        tx.entries_add(entries).await?;
        let said = entry(EntryKind::AgencyRecalled, actor, &recall)
            .with("cases", recall.cases)
            .with("visits", recall.visits)
            .reason(reason.code())
            .payload(record, commitment);
        tx.commit(Entries::one(said)).await?;
        self.wake_devices();
        self.show_destruction(actor, recall.id).await
    }

    /// The agency's cases that are named, or all of them. Whatever state they are in: what an agency knows of a case that is
    /// over it is to forget as well.
    async fn cases_of_agency(
        &self,
        actor: &Actor,
        agency: AgencyId,
        named: &[Uuid],
    ) -> Result<Vec<CaseView>, AppError> {
        if named.is_empty() {
            return Ok(Vec::new());
        }
        let mut ids = named.to_vec();
        ids.sort_unstable();
        ids.dedup();
        let reach = policy::reach(actor);
        let mut views = self.store().case_get_many(actor.tenant, &ids).await?;
        views.retain(|view| view.case.agency == Some(agency) && crate::case::in_scope(view, &reach));
        if views.len() == ids.len() {
            Ok(views)
        } else {
            Err(AppError::not_found("case of this agency"))
        }
    }

    /// The team of the creditor's own that gets the cases.
    async fn creditors_team(&self, actor: &Actor, asked: Option<Uuid>) -> Result<TeamId, AppError> {
        let teams = self.store().team_list(actor.tenant).await?.into_iter();
        let own: Vec<TeamId> = teams.filter(|team| team.agency.is_none()).map(|team| team.id).collect();
        match (asked.map(TeamId).or(actor.team), own.as_slice()) {
            (Some(asked), own) if own.contains(&asked) => Ok(asked),
            (Some(_), _) => Err(AppError::not_found("team")),
            (None, [only]) => Ok(*only),
            (None, _) => {
                let detail = "Say which team of the creditor gets the cases, with `team`.";
                Err(AppError::at(ProblemCode::BadRequest, "team", detail))
            }
        }
    }

    async fn recall(&self, actor: &Actor, id: Uuid) -> Result<Recall, AppError> {
        let found = self.store().recall_list(actor.tenant).await?.into_iter();
        let mut found = found.filter(|one| one.id == id && policy::reaches(actor, Some(one.agency)));
        found.next().ok_or(AppError::not_found("recall"))
    }

    /// The name of the agency of a recall, for who is to agree.
    pub(crate) async fn recalled_agency(&self, actor: &Actor, id: Uuid) -> Result<Option<String>, AppError> {
        let recall = self.recall(actor, id).await?;
        let agencies = self.store().agency_list(actor.tenant).await?.into_iter();
        let mut named = agencies.filter(|one| one.id == recall.agency).map(|one| one.name);
        Ok(named.next())
    }

    /// What a second person answered about recalling all cases of an agency. On yes it has none from now on, and gets none.
    pub(crate) async fn recall_answered(
        &self,
        actor: &Actor,
        tx: &mut WriteTx,
        (approval, agreed): (&Approval, bool),
    ) -> Result<ServerEntry, AppError> {
        let mut recall = self.recall(actor, approval.subject).await?;
        if agreed {
            let scope = CaseScope {
                agency: Some(recall.agency),
                ..CaseScope::default()
            };
            let views = self.store().case_scope(actor.tenant, &scope).await?;
            let mut entries = bring_back(actor, tx, &mut recall, &views).await?;
            let white = self.white_list(actor.tenant).await?;
            for one in white.standing(recall.agency) {
                tx.listing_end(one, actor.staff).await?;
            }
            entries.push(listed_entry(actor, recall.agency, false).into());
            tx.entries_add(entries).await?;
        } else {
            recall.state = RecallState::Refused;
        }
        tx.recall_write(&recall, Some(RecallState::Asked)).await?;
        Ok(entry(EntryKind::AgencyRecalled, actor, &recall)
            .with("approval", approval.id.to_string())
            .with("cases", recall.cases)
            .with("visits", recall.visits)
            .reason(recall.reason.code()))
    }
}

/// Gives cases back to the creditor, and withdraws their visits ahead with the notices that did not leave.
async fn bring_back(
    actor: &Actor,
    tx: &mut WriteTx,
    recall: &mut Recall,
    views: &[CaseView],
) -> Result<Vec<Entry>, AppError> {
    let mut persons: Vec<Uuid> = views.iter().map(|view| view.case.person.0).collect();
    persons.sort_unstable();
    persons.dedup();
    tx.ahead_lock(&persons, &[]).await?;
    let by = actor.by();
    let mut entries: Vec<Entry> = Vec::new();
    for view in views {
        tx.case_return(view, recall.agency, recall.team).await?;
        let entry = ServerEntry::new(EntryKind::CaseReturned, by).about(view.person_alias);
        let entry = entry.with("case", view.case.alias.to_string());
        entries.push(entry.with("recall", recall.id.to_string()).into());
    }
    let ids: Vec<Uuid> = views.iter().map(|view| view.case.id.0).collect();
    let mut off = CallOff::new(by);
    for visit in tx.visit_planned_of(&ids).await? {
        let view = views.iter().find(|view| view.case.id == visit.case);
        let view = view.ok_or(AppError::Fault("only visits of these cases were asked for"))?;
        off.visit(tx, (&visit, view.person_alias), AGENCY_RECALL).await?;
    }
    recall.state = RecallState::Open;
    (recall.cases, recall.visits) = (views.len() as i64, off.count() as i64);
    entries.extend(off.done(tx).await?);
    (recall.at, recall.due) = (Some(tx.now()), Some(tx.now() + DESTROYED_WITHIN));
    Ok(entries)
}
