//! Who signed that they were at a door: the device's owner with the event, partners with statements.

use std::collections::HashSet;

use doorstep_domain::event::EventFlag;
use doorstep_domain::id::StaffId;
use doorstep_log::joined::Arrival;
use doorstep_rules::Verdict;
use doorstep_store::WriteTx;
use doorstep_store::partner::JoinedRow;
use doorstep_store::visit::Visit;

use super::Apply;
use crate::error::AppError;
use crate::joined::{APART, statements};

impl Apply<'_> {
    fn arrival(&self) -> Option<Arrival<'_>> {
        let header = &self.event.header;
        Some(Arrival {
            visit: header.visit.as_deref()?,
            subj: header.subj.first()?,
            dev: &header.dev,
            at_ms: header.wall_ms,
        })
    }

    /// Those whose statements in the event count, and whether one of them does not hold.
    fn stated(&self) -> (HashSet<StaffId>, bool) {
        let Some(arrival) = self.arrival() else {
            return (HashSet::new(), !self.event.payload.joined.is_empty());
        };
        let statements = statements(&self.event.payload);
        let (mut signed, mut bad) = (HashSet::new(), self.event.payload.joined.len() > statements.len());
        for joined in statements {
            match self.keys.check(joined, arrival, self.at) {
                Ok(staff) => drop(signed.insert(staff)),
                Err(error) => {
                    tracing::info!(event.id = %self.event.id, code = error.code(), "a partner's statement does not count");
                    bad = true;
                }
            }
        }
        (signed, bad)
    }

    /// Remarks a check-in where the rules require more staff than have signed, or a statement that does not hold. What a
    /// partner signed on a device of their own counts as well.
    pub(super) async fn remark_unsigned(
        &self,
        tx: &mut WriteTx,
        visit: &Visit,
        verdict: Option<&Verdict>,
        flags: &mut Vec<EventFlag>,
    ) -> Result<(), AppError> {
        let (mut signed, bad) = self.stated();
        signed.insert(self.actor.staff);
        let lacks = |signed: &HashSet<StaffId>| {
            verdict.is_some_and(|verdict| verdict.min_staff >= 2 && signed.len() < usize::from(verdict.min_staff))
        };
        if lacks(&signed) {
            let rows = tx.joined_of_visit(visit.id).await?.into_iter();
            let near = rows.filter(|row| row.at >= self.at - APART && row.at <= self.at + APART);
            signed.extend(near.map(|row| row.staff));
        }
        flags.extend((bad || lacks(&signed)).then_some(EventFlag::UnsignedPartner));
        Ok(())
    }

    /// Keeps what the device's owner signed who joins a partner's visit, for the crew's other devices.
    pub(super) async fn joins(
        &self,
        tx: &mut WriteTx,
        visit: &Visit,
        flags: &mut Vec<EventFlag>,
    ) -> Result<(), AppError> {
        let own = match (self.event.payload.joined.as_slice(), self.arrival()) {
            ([joined], Some(arrival)) => {
                let signer = self.keys.check(joined, arrival, self.at);
                (signer == Ok(self.actor.staff)).then_some(joined)
            }
            _ => None,
        };
        let Some(joined) = own else {
            flags.push(EventFlag::UnsignedPartner);
            return Ok(());
        };
        let row = JoinedRow {
            event: self.event.id,
            visit: visit.id,
            staff: self.actor.staff,
            at: self.at,
            said: joined.said.clone(),
            sig: joined.sig.clone(),
        };
        Ok(tx.joined_insert(&row).await?)
    }
}
