//! What a device says was promised: kept as it came, and made an agreement of.

use doorstep_domain::agreement::AgreedBy;
use doorstep_domain::event::EventFlag;
use doorstep_domain::money::Currency;
use doorstep_domain::staff::Role;
use doorstep_store::WriteTx;
use doorstep_store::entry::Entry;
use doorstep_store::visit::{Promise, Visit};

use super::Apply;
use crate::error::AppError;
use crate::facts::Known;
use crate::{agreement, day};

impl Apply<'_> {
    /// Keeps a promise. The partner's device may report the same one; where two devices report different ones, a person
    /// settles it.
    pub(super) async fn promise(
        &self,
        tx: &mut WriteTx,
        visit: &Visit,
        known: &Known,
        flags: &mut Vec<EventFlag>,
        entries: &mut Vec<Entry>,
    ) -> Result<(), AppError> {
        let Some(promise) = &self.event.payload.promise else {
            return Ok(());
        };
        let (Ok(date), Some(currency)) = (promise.day.parse(), Currency::of(&promise.currency)) else {
            return Ok(());
        };
        if promise.amount <= 0 {
            return Ok(());
        }
        let new = Promise {
            event: self.event.id,
            case: known.view.case.id,
            day: day::number(date),
            amount: promise.amount,
            currency: currency.code().to_owned(),
        };
        let same = |old: &Promise| (old.day, old.amount, &old.currency) == (new.day, new.amount, &new.currency);
        let before = tx.promise_of_visit(visit.id).await?;
        if before.iter().any(|(_, old)| same(old)) {
            return Ok(());
        }
        let contradicted = before.iter().find(|(device, _)| Some(*device) != self.actor.device);
        tx.promise_insert(&new).await?;
        if let Some((_, old)) = contradicted {
            flags.push(EventFlag::Conflict);
            entries.push(self.conflict(tx, visit, "promise", old.event).await?);
            // Which of the two was made is agreed only when somebody settled it.
            return Ok(());
        }
        let view = &known.view;
        let Some((strategy, keys)) = self.app.to_agree(self.actor, view).await? else {
            return Ok(());
        };
        let heard = agreement::Heard {
            agreed_by: AgreedBy::Door,
            role: Role::Field,
            staff: self.actor.staff,
            noted_by: Some(self.actor.staff),
            visit: Some(visit.id),
            at: self.at,
            by: self.actor.by(),
            strategy: &strategy,
            keys: &keys,
        };
        entries.extend(agreement::promised(self.app, tx, view, (&new, &heard)).await?);
        Ok(())
    }
}
