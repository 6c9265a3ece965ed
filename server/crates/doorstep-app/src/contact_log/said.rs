//! What follows of what was said on a channel of the office: a dispute restricts, and a promise becomes an agreement.

use std::collections::HashSet;

use doorstep_domain::agreement::AgreedBy;
use doorstep_domain::step::DefaultReason;
use doorstep_store::WriteTx;
use doorstep_store::case::CaseView;
use doorstep_store::contact::Contact;
use doorstep_store::entry::Entry;
use doorstep_store::visit::Promise;

use crate::actor::Actor;
use crate::error::AppError;
use crate::facts::Known;
use crate::{App, agreement};

impl App {
    /// Restricts the cases of which a dispute was told, each once.
    pub(super) async fn disputes_told(
        &self,
        actor: &Actor,
        tx: &mut WriteTx,
        (known, told): (&[Known], &[Contact]),
    ) -> Result<Vec<Entry>, AppError> {
        let mut entries = Vec::new();
        let mut seen = HashSet::new();
        for contact in told.iter().filter(|one| one.reason == Some(DefaultReason::Dispute)) {
            let of = known.iter().find(|known| known.view.case.id == contact.case);
            let of = of.ok_or(AppError::Fault("a contact is about a case of the file"))?;
            if seen.insert(contact.case) {
                entries.extend(self.dispute_told(tx, of, contact, actor).await?);
            }
        }
        Ok(entries)
    }

    /// Makes an agreement of what somebody promised on a channel of the office.
    pub(super) async fn agree(
        &self,
        actor: &Actor,
        tx: &mut WriteTx,
        view: &CaseView,
        (promise, agreed_by): (&Promise, AgreedBy),
    ) -> Result<Vec<Entry>, AppError> {
        let Some((strategy, keys)) = self.to_agree(actor, view).await? else {
            return Ok(Vec::new());
        };
        let heard = agreement::Heard {
            agreed_by,
            role: actor.role,
            staff: actor.staff,
            visit: None,
            at: self.now(),
            by: actor.by(),
            strategy: &strategy,
            keys: &keys,
        };
        agreement::promised(self, tx, view, (promise, &heard)).await
    }
}
