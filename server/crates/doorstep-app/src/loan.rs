//! A loan as its book has it, whether it is a case yet or not: what falls due when, what was paid of it, and what came in.
//! Says nothing of the person: until a loan is a case nobody has a reason to know who that is.

use doorstep_domain::case::Stage;
use doorstep_domain::loan::{Instalment, oldest_open, open_until};
use doorstep_domain::read::FieldClass;
use doorstep_store::blind::blind_case;
use doorstep_store::grant::Purpose;
use doorstep_store::loan::Loan;
use doorstep_wire::Page;
use doorstep_wire::payment::{InstalmentItem, LoanItem, LoanQuery};
use uuid::Uuid;

use crate::actor::Actor;
use crate::books::parts;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::{App, day, payment};

fn instalment(one: &Instalment) -> InstalmentItem {
    InstalmentItem {
        due: day::text(one.due_day),
        number: one.number,
        fell_due: one.booked.is_some(),
        amount: parts(one.due),
        paid: parts(one.paid),
        waived: parts(one.waived),
        left: parts(one.open()),
    }
}

impl App {
    /// The loans with a number in the caller's scope, one for each portfolio that has it, with an entry that says so.
    pub async fn show_loans(&self, actor: &Actor, query: &LoanQuery) -> Result<Page<LoanItem>, AppError> {
        policy::check(actor, Action::SeeBooks)?;
        let mut portfolios = self.store().portfolio_list(actor.tenant).await?;
        portfolios.retain(|one| query.portfolio.is_none_or(|id| one.id.0 == id));
        let key = self.store().keys().blind_key(actor.tenant.0).await?;
        let digests: Vec<Uuid> = portfolios
            .iter()
            .map(|one| blind_case(&key, one.id, &query.number))
            .collect();
        let scope = policy::scope(actor);
        let mut loans = self.store().loan_by_number(actor.tenant, &digests).await?;
        loans.retain(|loan| {
            scope.agency.is_none_or(|id| loan.agency == Some(id)) && scope.team.is_none_or(|id| loan.team == id)
        });
        let mut persons = Vec::new();
        for loan in &loans {
            let (alias, _) = self.store().person_get(actor.tenant, loan.person).await?;
            persons.push((loan.person, alias));
        }
        let request = actor.reads(Purpose::Case, &[FieldClass::Identity], persons);
        self.store().grant(actor.tenant, request, self.now()).await?;
        let mut items = Vec::new();
        for loan in &loans {
            let name = portfolios.iter().find(|one| one.id == loan.portfolio);
            let name = name.map(|one| one.name.clone()).unwrap_or_default();
            items.push(self.loan_item(actor, loan, (&query.number, name)).await?);
        }
        Ok(Page { items, next: None })
    }

    async fn loan_item(
        &self,
        actor: &Actor,
        loan: &Loan,
        (number, portfolio): (&str, String),
    ) -> Result<LoanItem, AppError> {
        let (tenant, case) = (actor.tenant, loan.case);
        let listed = self.store().instalment_list(tenant, &[case.0]).await?;
        let instalments: Vec<Instalment> = listed.into_iter().map(|(_, one)| one).collect();
        let addresses = self.store().address_list(tenant, loan.person).await?;
        let zone = addresses.iter().find(|one| one.id == loan.address);
        let zone = day::zone(zone.map_or("UTC", |one| &one.zone));
        let today = day::number(day::local(self.now(), &zone));
        let stages = self.strategy_of(tenant, loan.portfolio).await?.stages;
        let oldest = oldest_open(&instalments);
        let late = oldest.map_or(0, |oldest| (today - oldest).max(0));
        let view = self.store().case_get_many(tenant, &[case.0]).await?.pop();
        let paid = self.store().payment_list(tenant, &[case]).await?;
        Ok(LoanItem {
            number: number.to_owned(),
            portfolio,
            currency: loan.currency.clone(),
            as_of: loan.as_of.get(),
            case: view.as_ref().map(|view| view.case.id.0),
            status: view.map(|view| view.case.status.code().to_owned()),
            days_past_due: late,
            stage: (late > 0)
                .then(|| stages.of(late))
                .map(|stage: Stage| stage.code().to_owned()),
            opens: oldest.map(|oldest| day::text(oldest - i64::from(stages.m0_days_before))),
            owed: parts(open_until(&instalments, today)),
            left: parts(open_until(&instalments, i64::MAX)),
            instalments: instalments.iter().map(instalment).collect(),
            payments: paid.iter().map(|one| payment::item(one, None)).collect(),
        })
    }
}
