//! What was promised on a channel of the office, and what follows of it: an agreement.

use doorstep_domain::agreement::AgreedBy;
use doorstep_domain::contact::{Channel, ContactOutcome};
use doorstep_domain::id::{CaseId, ContactId, EventId, StaffId};
use doorstep_domain::import::RowReason;
use doorstep_domain::measure::Micros;
use doorstep_domain::money::Currency;
use doorstep_store::WriteTx;
use doorstep_store::case::CaseView;
use doorstep_store::entry::Entry;
use doorstep_store::visit::Promise;
use doorstep_strategy::Strategy;

use crate::actor::Actor;
use crate::error::AppError;
use crate::facts::Known;
use crate::file::{ContactRow, amount_of};
use crate::{App, agreement, day};

/// A promise as it was heard.
pub(super) struct Said {
    pub(super) promise: Promise,
    pub(super) agreed_by: AgreedBy,
    /// Who of the staff heard it, where that is known.
    pub(super) staff: Option<StaffId>,
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
            noted_by: said.staff,
            visit: None,
            at: said.at,
            by: actor.by(),
            strategy: &strategy,
            keys: &keys,
        };
        agreement::promised(self, tx, view, (&said.promise, &heard)).await
    }
}

/// A promise that a row tells of.
pub(super) struct Promised {
    case: CaseId,
    day: i64,
    amount: i64,
    currency: String,
}

impl Promised {
    /// The promise as it is kept, beside the contact at which it was made.
    pub(super) fn by(self, contact: ContactId) -> Promise {
        Promise {
            event: EventId(contact.0),
            case: self.case,
            day: self.day,
            amount: self.amount,
            currency: self.currency,
        }
    }
}

/// What a row says was promised; nothing that was over when it was made, no more than is due, no later than a promise may be, and
/// by nobody who was not reached.
pub(super) fn promised(
    known: &Known,
    row: &ContactRow,
    (at, strategy): (Micros, &Strategy),
) -> Result<Option<Promised>, RowReason> {
    use ContactOutcome::{Connected, Delivered, MetBorrower, Rescheduled};
    if row.promise_day.is_none() && row.promise_amount.is_empty() {
        return Ok(None);
    }
    let case = &known.view.case;
    let (Some(on), Some(currency)) = (row.promise_day, Currency::of(&case.currency)) else {
        return Err(RowReason::PromiseImpossible);
    };
    let amount = amount_of(&row.promise_amount, currency)?.get();
    if amount <= 0 || amount > case.amount {
        return Err(RowReason::PromiseImpossible);
    }
    let reached = [MetBorrower, Connected, Rescheduled, Delivered];
    if row.outcome.is_some_and(|outcome| !reached.contains(&outcome)) {
        return Err(RowReason::PromiseImpossible);
    }
    let said_on = day::local(at, &day::zone(&known.view.address.zone));
    if on < said_on {
        return Err(RowReason::PromisePast);
    }
    if day::number(on) - day::number(said_on) > i64::from(strategy.promises.days_max) {
        return Err(RowReason::PromiseImpossible);
    }
    Ok(Some(Promised {
        case: case.id,
        day: day::number(on),
        amount,
        currency: case.currency.clone(),
    }))
}

/// How something was agreed on a channel.
pub(super) const fn agreed_by(channel: Channel) -> AgreedBy {
    match channel {
        Channel::Visit => AgreedBy::Door,
        Channel::Call => AgreedBy::Phone,
        Channel::Message | Channel::Letter => AgreedBy::Letter,
    }
}
