//! Visits that are called off within a transaction: each is withdrawn once with the rule it goes by, its notice does not leave any
//! more, and the log says both.

use doorstep_domain::id::{Alias, VisitId};
use doorstep_store::WriteTx;
use doorstep_store::entry::{By, Entry, EntryKind, ServerEntry};
use doorstep_store::visit::Visit;

use crate::error::AppError;
use crate::notice::withdraw_notices;

/// What is being called off.
pub(crate) struct CallOff {
    by: By,
    off: Vec<VisitId>,
    entries: Vec<Entry>,
}

impl CallOff {
    /// Nothing yet.
    pub(crate) const fn new(by: By) -> Self {
        Self {
            by,
            off: Vec::new(),
            entries: Vec::new(),
        }
    }

    /// Calls off a visit to a person; returns whether it had not begun.
    pub(crate) async fn visit(
        &mut self,
        tx: &mut WriteTx,
        (visit, person): (&Visit, Alias),
        rule: &str,
    ) -> Result<bool, AppError> {
        let withdrawn = tx.visit_withdraw(visit.id, rule).await?;
        if withdrawn {
            self.off.push(visit.id);
            let entry = ServerEntry::new(EntryKind::VisitWithdrawn, self.by).about(person);
            self.entries.push(entry.visit(visit.alias).reason(rule).into());
        }
        Ok(withdrawn)
    }

    /// How many visits were called off.
    pub(crate) const fn count(&self) -> usize {
        self.off.len()
    }

    /// Withdraws the notices that did not leave, and returns the entries of all of it.
    pub(crate) async fn done(mut self, tx: &mut WriteTx) -> Result<Vec<Entry>, AppError> {
        self.entries.extend(withdraw_notices(tx, self.by, &self.off).await?);
        Ok(self.entries)
    }
}
