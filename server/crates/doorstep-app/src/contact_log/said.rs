//! What follows of what was promised on a channel of the office: an agreement.

use doorstep_domain::agreement::AgreedBy;
use doorstep_domain::measure::Micros;
use doorstep_store::WriteTx;
use doorstep_store::case::CaseView;
use doorstep_store::entry::Entry;
use doorstep_store::visit::Promise;

use crate::actor::Actor;
use crate::error::AppError;
use crate::{App, agreement};

/// A promise as it was heard.
pub(super) struct Said {
    pub(super) promise: Promise,
    pub(super) agreed_by: AgreedBy,
    /// When it was said, which may be days before a file tells of it.
    pub(super) at: Micros,
}

impl App {
    /// Makes an agreement of what somebody promised on a channel of the office.
    pub(super) async fn agree(
        &self,
        actor: &Actor,
        tx: &mut WriteTx,
        view: &CaseView,
        said: &Said,
    ) -> Result<Vec<Entry>, AppError> {
        let Some((strategy, keys)) = self.to_agree(actor, view).await? else {
            return Ok(Vec::new());
        };
        let heard = agreement::Heard {
            agreed_by: said.agreed_by,
            role: actor.role,
            staff: actor.staff,
            visit: None,
            at: said.at,
            by: actor.by(),
            strategy: &strategy,
            keys: &keys,
        };
        agreement::promised(self, tx, view, (&said.promise, &heard)).await
    }
}
