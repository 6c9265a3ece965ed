//! Taking a restriction off.

use doorstep_domain::address::AddressState;
use doorstep_domain::id::{ApprovalId, EventId, StaffId};
use doorstep_domain::restriction::RestrictionKind;
use doorstep_store::WriteTx;
use doorstep_store::case::CaseView;
use doorstep_store::entry::{By, EntryKind, ServerEntry};
use doorstep_store::restriction::{Lifted, Restriction};
use uuid::Uuid;

use crate::error::AppError;

/// Who takes a restriction off, and why.
pub(crate) struct Lifting {
    pub(crate) by: By,
    /// Nobody where it is the program's: what a plan put on ends with it.
    pub(crate) staff: Option<StaffId>,
    pub(crate) reason: String,
    /// The record of what was said.
    pub(crate) note: Option<EventId>,
    pub(crate) approval: Option<ApprovalId>,
}

/// Takes off all restrictions of the kind of one: those of its case, or of all the person's cases where it is about the
/// person; of bans only that one. Returns the entry.
pub(crate) async fn lift(
    tx: &mut WriteTx,
    (view, one): (&CaseView, &Restriction),
    how: &Lifting,
) -> Result<ServerEntry, AppError> {
    let together = |other: &Restriction| {
        other.lifted.is_none()
            && other.kind == one.kind
            && match one.kind {
                RestrictionKind::Ban => other.id == one.id,
                kind => kind.of_person() || other.case == one.case,
            }
    };
    let all = tx.restriction_list(&[view.case.person.0]).await?;
    let ended: Vec<&Restriction> = all.iter().filter(|other| together(other)).collect();
    let lifted = Lifted {
        at: tx.now(),
        by: how.staff,
        reason: how.reason.clone(),
        approval: how.approval,
    };
    for row in &ended {
        tx.restriction_lift(row.id, &lifted, how.note).await?;
    }
    let cases = if one.kind.of_person() {
        let views = tx.case_of_person(view.case.person).await?;
        views.iter().map(|view| view.case.id.0).collect()
    } else {
        vec![view.case.id.0]
    };
    match one.kind.flag() {
        Some(flag) => tx.case_unrestrict(&cases, flag.bit()).await?,
        None => tx.case_touch(view.case.id).await?,
    }
    if one.kind == RestrictionKind::Moved {
        // Somebody says that it is the address after all; that is to be verified like any other.
        tx.address_state(view.case.address, AddressState::Unverified).await?;
    }
    let ids: Vec<String> = ended
        .iter()
        .map(|row: &&Restriction| Uuid::to_string(&row.id))
        .collect();
    let entry = ServerEntry::new(EntryKind::RestrictionLifted, how.by).about(view.person_alias);
    let entry = entry
        .with("case", view.case.alias.to_string())
        .with("kind", one.kind.code())
        .with("restrictions", doorstep_store::entry::Detail::List(ids))
        .reason(how.reason.as_str());
    Ok(match how.approval {
        Some(approval) => entry.with("approval", approval.to_string()),
        None => entry,
    })
}
