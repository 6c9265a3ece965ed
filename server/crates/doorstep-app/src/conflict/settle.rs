//! Settling: the side that holds becomes what counts, in one transaction with its entry.

use std::collections::HashMap;

use doorstep_domain::conflict::{ConflictKind, Side};
use doorstep_domain::id::{ConflictId, ContactId, DeviceId, EventId, StaffId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_domain::money::Currency;
use doorstep_store::WriteTx;
use doorstep_store::case::CaseView;
use doorstep_store::conflict::{Conflict, Settled};
use doorstep_store::contact_edit::ContactEdit;
use doorstep_store::entry::{By, EntryKind, ServerEntry};
use doorstep_store::grant::Purpose;
use doorstep_store::visit::Promise;
use doorstep_wire::sync::Payload;
use uuid::Uuid;

use super::source;
use crate::actor::Actor;
use crate::corrections::Corrections;
use crate::error::AppError;
use crate::facts::Known;
use crate::push::Signed;
use crate::{App, day};

/// What the log says of a settlement.
pub(crate) fn entry(conflict: &Conflict, view: &CaseView, taken: Side, by: By) -> ServerEntry {
    ServerEntry::new(EntryKind::ConflictSettled, by)
        .about(view.person_alias)
        .with("case", view.case.alias.to_string())
        .with("conflict", conflict.id.to_string())
        .with("field", conflict.field.as_str())
        .with("taken", taken.code())
        .with("left", conflict.left.to_string())
        .with("right", conflict.right.to_string())
}

/// Who settles, and how.
pub(crate) struct Settling {
    pub(crate) staff: StaffId,
    pub(crate) device: Option<DeviceId>,
    pub(crate) taken: Side,
    /// The record of what was said with it.
    pub(crate) event: Option<EventId>,
    pub(crate) made_at: Micros,
}

/// Lets a side hold, if the conflict is open. `said` is what that side said.
pub(crate) async fn settle(
    tx: &mut WriteTx,
    conflict: &Conflict,
    view: &CaseView,
    said: &Payload,
    how: &Settling,
) -> Result<bool, AppError> {
    let settled = Settled {
        at: tx.now(),
        by: how.staff,
        taken: how.taken,
        event: how.event,
    };
    if !tx.conflict_settle(conflict.id, settled).await? {
        return Ok(false);
    }
    match (ConflictKind::of_field(&conflict.field), conflict.visit) {
        (ConflictKind::Contact, _) => contact(tx, conflict, view, how).await?,
        (ConflictKind::Outcome, Some(visit)) => outcome(tx, visit, said).await?,
        (ConflictKind::Promise, Some(visit)) => promise(tx, visit, view, (conflict.side(how.taken), said)).await?,
        (_, None) => return Err(AppError::Fault("outcomes and promises are of a visit")),
    }
    Ok(true)
}

/// Gives the field the value of the side that holds, as a new version: whoever has not seen it contradicts it.
async fn contact(tx: &mut WriteTx, conflict: &Conflict, view: &CaseView, how: &Settling) -> Result<(), AppError> {
    let before = Corrections(tx.contact_edit_list(&[conflict.case.0]).await?);
    let side = conflict.side(how.taken);
    let taken = before.0.iter().find(|edit| edit.id == side);
    let taken = taken.ok_or(AppError::Fault("both sides of a contact conflict are corrections"))?;
    let now = tx.now();
    let case = tx.case_read(&[conflict.case.0]).await?.pop();
    let standing = case.ok_or_else(|| AppError::not_found("case"))?.case.address;
    tx.contact_edit_insert(&ContactEdit {
        id: how.event.unwrap_or_else(|| EventId(doorstep_store::fresh_id(now))),
        version: before.revision() + 1,
        base: before.revision(),
        staff: how.staff,
        device: how.device,
        visit: conflict.visit,
        address_before: taken.address.map(|_| standing),
        made_at: how.made_at,
        received_at: now,
        ..taken.clone()
    })
    .await?;
    Ok(tx.case_contact(view.case.id, taken.address).await?)
}

/// Gives the visit the outcome that holds. What the other report said against further visits stays: a restriction or a
/// wrong address is lifted by nobody's choice between two stories.
async fn outcome(tx: &mut WriteTx, id: VisitId, said: &Payload) -> Result<(), AppError> {
    let mut visit = tx.visit_read(id).await?;
    let before = visit.outcome;
    let outcome = said.outcome.as_deref().and_then(|code| code.parse().ok());
    visit.outcome = outcome.or(before);
    let matter = said.matter.as_deref().and_then(|code| code.parse().ok());
    visit.matter = matter.or(visit.matter.filter(|_| visit.outcome == before));
    tx.visit_update(&visit).await?;
    match visit.outcome {
        Some(outcome) => Ok(tx.contact_settle(ContactId(id.0), outcome).await?),
        None => Ok(()),
    }
}

/// Lets one promise of the visit stand.
async fn promise(
    tx: &mut WriteTx,
    visit: VisitId,
    view: &CaseView,
    (event, said): (EventId, &Payload),
) -> Result<(), AppError> {
    tx.promise_keep_only(visit, event).await?;
    if tx
        .promise_of_visit(visit)
        .await?
        .iter()
        .any(|(_, one)| one.event == event)
    {
        return Ok(());
    }
    // An earlier settlement had taken another one.
    let made = said
        .promise
        .as_ref()
        .and_then(|made| Some((made, made.day.parse().ok()?, Currency::of(&made.currency)?)));
    let (made, date, currency) = made.ok_or(AppError::Fault("a side of a promise conflict is a promise"))?;
    let promise = Promise {
        event,
        case: view.case.id,
        day: day::number(date),
        amount: made.amount,
        currency: currency.code().to_owned(),
    };
    Ok(tx.promise_insert(&promise).await?)
}

/// The conflict behind an id that a device names, with what the side that it takes said.
pub(crate) type Asked = (Conflict, HashMap<Uuid, Payload>);

impl App {
    /// The conflicts that some settlements of devices name, each with what its sides said, opened under one grant.
    pub(crate) async fn conflicts_asked(
        &self,
        actor: &Actor,
        signed: &[Signed],
        known: &[Known],
    ) -> Result<HashMap<ConflictId, Asked>, AppError> {
        let settled = signed.iter().filter_map(|event| event.payload.settle.as_ref());
        let ids: Vec<Uuid> = settled.map(|settlement| settlement.conflict).collect();
        let mut asked = HashMap::new();
        for conflict in self.store().conflict_get_many(actor.tenant, &ids).await? {
            let Some(known) = known.iter().find(|known| known.view.case.id == conflict.case) else {
                continue;
            };
            let person = (known.view.case.person, known.view.person_alias);
            let sources = Side::ALL
                .iter()
                .map(|side| source(&conflict, *side, &known.corrections).0);
            let sources: Vec<Uuid> = sources.collect();
            let said = self
                .payloads(actor, vec![person], &sources, (Purpose::Visit, None))
                .await?;
            asked.insert(conflict.id, (conflict, said));
        }
        Ok(asked)
    }
}
