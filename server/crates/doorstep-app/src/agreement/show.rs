//! Agreements as the office sees them.

use std::collections::HashMap;

use doorstep_domain::agreement::judge::Judged;
use doorstep_domain::agreement::{AgreementKind, AgreementNext, AgreementState};
use doorstep_domain::id::{CaseId, TenantId};
use doorstep_domain::read::FieldClass;
use doorstep_store::agreement::{Agreement, InstalmentRow};
use doorstep_store::case::CaseView;
use doorstep_store::grant::Purpose;
use doorstep_wire::Page;
use doorstep_wire::agreement::{AgreementDetail, AgreementItem, AgreementQuery, InstalmentItem};
use doorstep_wire::read::Opening;
use uuid::Uuid;

use super::draft::{parts_item, sum};
use super::judge::judged;
use super::make::TermsRecord;
use super::payments::{Payments, payments_seen};
use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::reads::purpose_of;
use crate::restriction::code;
use crate::{App, day};

/// Agreements of some cases with what they are judged by.
pub(super) struct Seen {
    pub(super) agreements: Vec<Agreement>,
    pub(super) dues: Vec<InstalmentRow>,
    pub(super) payments: Payments,
}

impl Seen {
    pub(super) async fn of(app: &App, tenant: TenantId, cases: &[CaseId]) -> Result<Self, AppError> {
        let ids: Vec<Uuid> = cases.iter().map(|case| case.0).collect();
        let agreements = app.store().agreement_list(tenant, &ids).await?;
        Self::with(app, tenant, agreements).await
    }

    async fn with(app: &App, tenant: TenantId, agreements: Vec<Agreement>) -> Result<Self, AppError> {
        let ids: Vec<Uuid> = agreements.iter().map(|one| one.id.0).collect();
        let mut cases: Vec<Uuid> = agreements.iter().map(|one| one.case.0).collect();
        cases.sort_unstable();
        cases.dedup();
        Ok(Self {
            dues: app.store().agreement_dues(tenant, &ids).await?,
            payments: payments_seen(app.store(), tenant, &cases).await?,
            agreements,
        })
    }
}

impl App {
    /// The agreements of the caller's cases, the newest first. What was said is opened one by one.
    pub async fn list_agreements(
        &self,
        actor: &Actor,
        query: &AgreementQuery,
    ) -> Result<Page<AgreementItem>, AppError> {
        policy::check(actor, Action::SeeCases)?;
        let state = query
            .state
            .as_deref()
            .map(|text| code::<AgreementState>("state", text))
            .transpose()?;
        let kind = query
            .kind
            .as_deref()
            .map(|text| code::<AgreementKind>("kind", text))
            .transpose()?;
        let next = query
            .next
            .as_deref()
            .map(|text| code::<AgreementNext>("next", text))
            .transpose()?;
        let mut found = match query.case {
            Some(case) => {
                let mut of_case = self.store().agreement_list(actor.tenant, &[case]).await?;
                of_case.reverse();
                of_case
            }
            None => self.store().agreement_in(actor.tenant, state).await?,
        };
        found.retain(|one| state.is_none_or(|state| one.state == state) && kind.is_none_or(|kind| one.kind == kind));
        let views = self.cases_in_scope(actor, found.iter().map(|one| one.case)).await?;
        found.retain(|one| views.contains_key(&one.case));
        let strategies = self.strategies(actor.tenant).await?;
        let waits = |view: &CaseView| i64::from(strategies.of(view.case.portfolio).promises.wait_days);
        let is_next = |one: &Agreement, view: &CaseView| self.next_of(one, view, waits(view));
        found.retain(|one| {
            let is = views.get(&one.case).map(|view| is_next(one, view));
            next.is_none() || is == next
        });
        let mut shown: Vec<CaseView> = Vec::new();
        for one in &found {
            if let Some(view) = views
                .get(&one.case)
                .filter(|view| shown.iter().all(|seen| seen.case.id != view.case.id))
            {
                shown.push(view.clone());
            }
        }
        let known = self.know(actor, shown, Purpose::Case, None).await?;
        let numbers: HashMap<CaseId, String> = known.iter().map(|one| (one.view.case.id, one.case_no())).collect();
        let seen = Seen::with(self, actor.tenant, found).await?;
        let items = seen.agreements.iter().filter_map(|one| {
            let view = views.get(&one.case)?;
            let number = numbers.get(&one.case).cloned().unwrap_or_default();
            let judged = judged(one, &seen.dues, &seen.payments.of(one), self.local_day(view));
            Some(item(one, (&seen.dues, &judged), (number, is_next(one, view))))
        });
        Ok(Page {
            items: items.collect(),
            next: None,
        })
    }

    fn next_of(&self, one: &Agreement, view: &CaseView, wait_days: i64) -> AgreementNext {
        let waited = self.local_day(view) - one.state_day >= wait_days;
        one.state.next(one.kind, waited)
    }

    /// One agreement in full. Outside the caller's caseload it needs a purpose.
    pub async fn show_agreement(
        &self,
        actor: &Actor,
        id: Uuid,
        opening: &Opening,
    ) -> Result<AgreementDetail, AppError> {
        policy::check(actor, Action::SeeCases)?;
        let (one, view) = self.agreement_in_reach(actor, id).await?;
        let outside = purpose_of(actor, &view, opening)?;
        let words = self.words_of_terms(actor, (&one, &view), opening).await?;
        let known = self
            .know_outside(actor, vec![view.clone()], Purpose::Case, outside)
            .await?
            .pop();
        let number = known.map_or_else(String::new, |known| known.case_no());
        let strategy = self.strategy_of(actor.tenant, view.case.portfolio).await?;
        let next = self.next_of(&one, &view, i64::from(strategy.promises.wait_days));
        let waived = self.store().waived_list(actor.tenant, &[one.case.0]).await?;
        let logins = self.staff_numbers(actor).await?;
        let seen = Seen::with(self, actor.tenant, vec![one.clone()]).await?;
        let judged = judged(&one, &seen.dues, &seen.payments.of(&one), self.local_day(&view));
        Ok(AgreementDetail {
            item: item(&one, (&seen.dues, &judged), (number, next)),
            instalments: seen.dues.iter().map(instalment).collect(),
            in_time: judged.in_time,
            off: parts_item(one.off),
            waived: parts_item(sum(waived.iter().filter(|row| row.agreement == one.id))),
            after: one.after,
            plan: one.plan.map(|plan| plan.0),
            grace_days: one.grace_days,
            missed_max: one.missed_max,
            rate_ppm: one.rate_ppm,
            by: one.staff.and_then(|staff| logins.of(staff)),
            visit: one.visit.map(|visit| visit.0),
            words,
            end: one.ended.map(|ended| ended.reason.code().to_owned()),
            warnings: Vec::new(),
        })
    }

    /// What was said beside the terms; `None` where nothing was, or the person was erased.
    async fn words_of_terms(
        &self,
        actor: &Actor,
        (one, view): (&Agreement, &CaseView),
        opening: &Opening,
    ) -> Result<Option<String>, AppError> {
        let persons = vec![(view.case.person, view.person_alias)];
        let mut request = actor.reads(Purpose::Case, &[FieldClass::Words], persons);
        request.outside = purpose_of(actor, view, opening)?;
        let grant = self.store().grant(actor.tenant, request, self.now()).await?;
        let sealed = self.store().payload_get_many(actor.tenant, &[one.terms.0]).await?;
        Ok(sealed.first().and_then(|(event, person, bytes)| {
            let opened = grant.open(*person, *event, bytes).ok()?;
            serde_json::from_slice::<TermsRecord>(&opened.payload).ok()?.words
        }))
    }
}

pub(super) fn instalment(due: &InstalmentRow) -> InstalmentItem {
    InstalmentItem {
        number: due.number,
        day: day::text(due.day),
        amount: due.amount.get(),
        interest: due.interest.get(),
    }
}

fn item(
    one: &Agreement,
    (dues, judged): (&[InstalmentRow], &Judged),
    (case_no, next): (String, AgreementNext),
) -> AgreementItem {
    let own: Vec<&InstalmentRow> = dues.iter().filter(|due| due.agreement == one.id).collect();
    let stands = one.state == AgreementState::Promised && one.kind.is_paid();
    let due = judged.next.filter(|_| stands).and_then(|next| own.get(next));
    AgreementItem {
        id: one.id.0,
        case: one.case.0,
        case_no,
        kind: one.kind.code().to_owned(),
        state: one.state.code().to_owned(),
        state_day: day::text(one.state_day),
        agreed_by: one.agreed_by.code().to_owned(),
        currency: one.currency.clone(),
        amount: one.amount.get(),
        made: day::text(one.made_day),
        last: day::text(one.last_day),
        count: own.len(),
        paid: if one.kind.is_paid() { judged.paid.get() } else { 0 },
        behind: if stands { judged.behind.get() } else { 0 },
        due: due.map(|due| instalment(due)),
        next: next.code().to_owned(),
        approval: one
            .approval
            .filter(|_| one.state == AgreementState::Proposed)
            .map(|id| id.0),
        version: one.version,
    }
}
