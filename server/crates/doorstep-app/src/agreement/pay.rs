//! How a person pays: only to the creditor, by the reference or page that the portfolio names. Staff have no part in it.

use doorstep_domain::agreement::AgreementState;
use doorstep_domain::measure::Minor;
use doorstep_domain::money::Currency;
use doorstep_store::case::CaseView;
use doorstep_store::grant::Purpose;
use doorstep_strategy::{PayOf, Strategy};
use doorstep_wire::agreement::PayItem;
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::read::Opening;
use uuid::Uuid;

use super::draft::owed;
use super::judge::judged;
use super::show::Seen;
use crate::App;
use crate::actor::Actor;
use crate::error::AppError;
use crate::facts::Known;
use crate::policy::{self, Action};
use crate::reads::purpose_of;

/// What stands in a way to pay, beside the strategy.
#[derive(Debug, Clone, Copy)]
pub(super) struct PayFor<'a> {
    pub(super) case_no: &'a str,
    pub(super) portfolio: &'a str,
    pub(super) currency: &'a str,
    /// How much, where it may be stated.
    pub(super) amount: Option<Minor>,
}

/// How one person pays; `None` where the portfolio does not say.
pub(super) fn pay_item(strategy: &Strategy, of: &PayFor<'_>) -> Option<PayItem> {
    let currency = Currency::of(of.currency)?;
    let to = strategy.pay.of(&PayOf {
        case_no: of.case_no,
        portfolio: of.portfolio,
        currency,
        amount: of.amount,
    })?;
    Some(PayItem {
        payee: to.payee,
        reference: to.reference,
        link: to.link,
        currency: currency.code().to_owned(),
        amount: of.amount.map(Minor::get),
    })
}

/// How the person behind a door pays. An amount that is too old to be stated is not in it.
pub(crate) fn pay_at_door(strategy: &Strategy, known: &Known, amount: Option<i64>) -> Option<PayItem> {
    let of = PayFor {
        case_no: &known.case_no(),
        portfolio: &known.portfolio.name,
        currency: &known.view.case.currency,
        amount: amount.map(Minor),
    };
    pay_item(strategy, &of)
}

impl App {
    /// How the person of a case pays. An entry in the access log, because the reference names the case.
    pub async fn show_pay(&self, actor: &Actor, case: Uuid, opening: &Opening) -> Result<PayItem, AppError> {
        policy::check(actor, Action::SeeCases)?;
        let view = self.case_in_reach(actor, case).await?;
        let outside = purpose_of(actor, &view, opening)?;
        let known = self
            .know_outside(actor, vec![view], Purpose::Case, outside)
            .await?
            .pop();
        let known = known.ok_or(AppError::Fault("one case was asked for"))?;
        let case_no = known.case_no();
        if case_no.is_empty() {
            return Err(doorstep_store::StoreError::Erased.into());
        }
        let strategy = self.strategy_of(actor.tenant, known.view.case.portfolio).await?;
        let amount = self.amount_to_pay(actor, &known.view).await?;
        let stale = self.now() - known.view.case.amount_as_of > known.portfolio.amount_age_max;
        let pay = pay_item(
            &strategy,
            &PayFor {
                case_no: &case_no,
                portfolio: &known.portfolio.name,
                currency: &known.view.case.currency,
                amount: (!stale).then_some(amount),
            },
        );
        pay.ok_or_else(|| {
            let detail = "The portfolio's strategy has no section `[pay]`, so Doorstep names no way to pay. The creditor says \
                          it itself, or an administrator sets it (`doorstep strategy set`).";
            AppError::refuse(ProblemCode::PayUnknown, detail)
        })
    }

    /// What is to be paid next by what was agreed, or else what is owed.
    async fn amount_to_pay(&self, actor: &Actor, view: &CaseView) -> Result<Minor, AppError> {
        let seen = Seen::of(self, actor.tenant, &[view.case.id]).await?;
        let standing = seen
            .agreements
            .iter()
            .filter(|one| one.state == AgreementState::Promised && one.kind.is_paid());
        for one in standing {
            let judged = judged(one, &seen.dues, &seen.payments.of(one), self.local_day(view));
            let dues: Vec<_> = seen.dues.iter().filter(|due| due.agreement == one.id).collect();
            if let Some(next) = judged.next {
                let until: Minor = dues.iter().take(next + 1).map(|due| due.amount).sum();
                return Ok(until - judged.paid.max(Minor::ZERO));
            }
        }
        Ok(owed(view).total())
    }
}
