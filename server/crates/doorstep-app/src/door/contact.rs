//! What a device says of contact fields and of conflicts.

use doorstep_domain::conflict::{ContactField, Side};
use doorstep_domain::event::EventFlag;
use doorstep_domain::id::ConflictId;
use doorstep_domain::measure::Micros;
use doorstep_store::WriteTx;
use doorstep_store::entry::Entry;
use doorstep_store::visit::Visit;

use super::Apply;
use crate::conflict::{self, Settling};
use crate::contact::{Given, take};
use crate::error::AppError;
use crate::facts::Known;

impl Apply<'_> {
    /// Takes a corrected contact field. What cannot be a value is kept in the event and changes nothing.
    pub(super) async fn contact_changed(
        &self,
        tx: &mut WriteTx,
        visit: &Visit,
        known: &Known,
        flags: &mut Vec<EventFlag>,
        entries: &mut Vec<Entry>,
    ) -> Result<(), AppError> {
        let change = self.event.payload.contact.as_ref();
        let change = change.and_then(|change| {
            let field: ContactField = change.field.parse().ok()?;
            Some((field, field.value(&change.value)?, change.base))
        });
        let view = tx.case_read(&[visit.case.0]).await?.pop();
        let kept = match &view {
            Some(view) if known.fields.is_some() => tx.person_kept(view.case.person).await?,
            _ => false,
        };
        let (Some((field, value, base)), Some(view), true) = (change, view, kept) else {
            flags.push(EventFlag::NotApplied);
            return Ok(());
        };
        let key = self.app.store().keys().blind_key(self.actor.tenant.0).await?;
        let given = Given {
            id: self.event.id,
            field,
            value,
            base,
            staff: self.actor.staff,
            device: self.actor.device,
            visit: Some(visit.id),
            made_at: Micros::from_millis(self.event.header.wall_ms),
        };
        let taken = take(tx, &key, &view, &given, (self.actor.by(), &[])).await?;
        if taken.parallel {
            flags.push(EventFlag::Parallel);
        }
        if taken.conflict.is_some() {
            flags.push(EventFlag::Conflict);
        }
        entries.extend(taken.entries);
        Ok(())
    }

    /// Lets a side hold, where the conflict is one of this visit and nobody has settled it.
    pub(super) async fn conflict_settled(
        &self,
        tx: &mut WriteTx,
        visit: &mut Visit,
        known: &Known,
        flags: &mut Vec<EventFlag>,
        entries: &mut Vec<Entry>,
    ) -> Result<(), AppError> {
        let settlement = self.event.payload.settle.as_ref();
        let asked = settlement.and_then(|settlement| {
            let taken: Side = settlement.take.parse().ok()?;
            let (conflict, said) = self.doors.asked.get(&ConflictId(settlement.conflict))?;
            let source = conflict::source(conflict, taken, &known.corrections);
            Some((conflict, taken, said.get(&source.0)?))
        });
        let Some((conflict, taken, said)) = asked.filter(|(conflict, _, _)| conflict.visit == Some(visit.id)) else {
            flags.push(EventFlag::NotApplied);
            return Ok(());
        };
        let how = Settling {
            staff: self.actor.staff,
            device: self.actor.device,
            taken,
            event: Some(self.event.id),
            made_at: Micros::from_millis(self.event.header.wall_ms),
        };
        if !conflict::settle(tx, conflict, &known.view, said, &how).await? {
            flags.push(EventFlag::NotApplied);
            return Ok(());
        }
        let entry = conflict::entry(conflict, &known.view, taken, self.actor.by()).visit(visit.alias);
        entries.push(entry.with("event", self.event.id.to_string()).into());
        let settled = (conflict, &known.view);
        entries.extend(self.app.promise_settled(tx, settled, (self.actor, self.at)).await?);
        *visit = tx.visit_read(visit.id).await?;
        Ok(())
    }
}
