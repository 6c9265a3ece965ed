//! What a person says of their month. Sealed under their key; it only warns of what is likely to fail.

use doorstep_domain::agreement::afford::{Burden, Month, Need, Weighed};
use doorstep_domain::agreement::relief::percent_of;
use doorstep_domain::id::EventId;
use doorstep_domain::measure::Minor;
use doorstep_domain::read::FieldClass;
use doorstep_store::agreement::Means;
use doorstep_store::case::CaseView;
use doorstep_store::entry::{Entries, EntryKind, ServerEntry};
use doorstep_store::grant::Purpose;
use doorstep_strategy::Strategy;
use doorstep_wire::agreement::{MeansDetail, NoteMeans};
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::read::Opening;
use jiff::civil::Date;
use uuid::Uuid;

use super::draft::Draft;
use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::reads::purpose_of;
use crate::restriction::code;
use crate::{App, day, note};

/// The most of an amount of a month: no month has more.
const MONTH_MAX: i64 = 1_000_000_000_000;

/// What speaks against something, as codes.
pub(super) fn codes(weighed: &Weighed) -> Vec<String> {
    weighed.warnings.iter().map(|one| one.code().to_owned()).collect()
}

fn month(said: &NoteMeans) -> Result<Month, AppError> {
    let within = |field: &str, amount: i64| {
        if (0..=MONTH_MAX).contains(&amount) {
            return Ok(Minor(amount));
        }
        let detail = "Give 0 or more, and no more than anybody has in a month.";
        Err(AppError::at(ProblemCode::BadRequest, field, detail))
    };
    let mut needs = Vec::with_capacity(said.needs.len());
    for (need, amount) in &said.needs {
        let field = format!("needs.{need}");
        needs.push((code::<Need>(&field, need)?, within(&field, *amount)?));
    }
    if said.pay_day.is_some_and(|day| !(1..=31).contains(&day)) {
        let detail = "A day of the month is 1 to 31.";
        return Err(AppError::at(ProblemCode::BadRequest, "pay_day", detail));
    }
    Ok(Month {
        income: within("income", said.income)?,
        needs,
        pay_day: said.pay_day,
    })
}

impl App {
    /// Keeps what a person says of their month, under their key.
    pub async fn note_means(&self, actor: &Actor, case: Uuid, request: &NoteMeans) -> Result<MeansDetail, AppError> {
        policy::check(actor, Action::Agree)?;
        let view = self.case_in_scope(actor, case).await?;
        let month = month(request)?;
        if request.currency != view.case.currency {
            let detail = format!(
                "The case is in {}, and two currencies are never mixed.",
                view.case.currency
            );
            return Err(AppError::at(ProblemCode::CurrencyMixed, "currency", detail));
        }
        let words = request.words.as_deref();
        let words = words.map(|text| note::checked("words", text)).transpose()?;
        let said = NoteMeans {
            words,
            ..request.clone()
        };
        let strategy = self.strategy_of(actor.tenant, view.case.portfolio).await?;
        let person = view.case.person;
        let keys = self.store().sealing_keys(actor.tenant, &[person.0]).await?;
        let now = self.now();
        let plain = serde_json::to_vec(&said).map_err(|_| AppError::Fault("means serialise"))?;
        let id = doorstep_store::fresh_id(now);
        let (sealed, commitment) = keys.get(person.0)?.seal(id, &plain);
        let mut tx = self.store().write(actor.tenant, now).await?;
        tx.person_lock(&[person.0]).await?;
        tx.payload_insert(vec![(id, person.0, sealed)]).await?;
        let row = Means {
            id: doorstep_store::fresh_id(now),
            case: view.case.id,
            person,
            staff: actor.staff,
            payload: EventId(id),
            made_at: now,
        };
        tx.means_insert(&row).await?;
        let entry = ServerEntry::new(EntryKind::MeansNoted, actor.by()).about(view.person_alias);
        let entry = entry.with("case", view.case.alias.to_string());
        tx.commit(Entries::one(entry.payload(row.payload, commitment))).await?;
        Ok(detail(said, &month, &row, &strategy))
    }

    /// What a person said last of their month. Outside the caller's caseload it needs a purpose.
    pub async fn show_means(&self, actor: &Actor, case: Uuid, opening: &Opening) -> Result<MeansDetail, AppError> {
        policy::check(actor, Action::Agree)?;
        let view = self.case_in_reach(actor, case).await?;
        purpose_of(actor, &view, opening)?;
        let found = self.means_of(actor, &view, opening).await?;
        let (row, said) = found.ok_or_else(|| AppError::not_found("word of a person on their month"))?;
        let strategy = self.strategy_of(actor.tenant, view.case.portfolio).await?;
        let month = month(&said)?;
        Ok(detail(said, &month, &row, &strategy))
    }

    /// The newest, opened; `None` where there is none or the person was erased.
    async fn means_of(
        &self,
        actor: &Actor,
        view: &CaseView,
        opening: &Opening,
    ) -> Result<Option<(Means, NoteMeans)>, AppError> {
        let Some(row) = self.store().means_newest(actor.tenant, view.case.person).await? else {
            return Ok(None);
        };
        let persons = vec![(view.case.person, view.person_alias)];
        let mut request = actor.reads(Purpose::Case, &[FieldClass::Words], persons);
        request.outside = purpose_of(actor, view, opening)?;
        let grant = self.store().grant(actor.tenant, request, self.now()).await?;
        let sealed = self.store().payload_get_many(actor.tenant, &[row.payload.0]).await?;
        let said = sealed.first().and_then(|(event, person, bytes)| {
            let opened = grant.open(*person, *event, bytes).ok()?;
            serde_json::from_slice(&opened.payload).ok()
        });
        Ok(said.map(|said| (row, said)))
    }

    /// Weighs what is to be paid against what the person said last of their month; `None` where they said nothing, or in
    /// another currency. It warns; it keeps nobody from anything.
    pub(super) async fn weigh(
        &self,
        actor: &Actor,
        view: &CaseView,
        (draft, strategy): (&Draft, &Strategy),
    ) -> Result<Option<Weighed>, AppError> {
        let Some(first) = draft.dues.first() else {
            return Ok(None);
        };
        let found = self.means_of(actor, view, &Opening::default()).await?;
        let Some((_, said)) = found.filter(|(_, said)| said.currency == draft.currency.code()) else {
            return Ok(None);
        };
        let today: Date = day::local(self.now(), &day::zone(&view.address.zone));
        let burden = Burden {
            per_month: draft.per_month(),
            first: first.day,
            today,
            share_percent: strategy.plans.safe_percent,
        };
        Ok(Some(month(&said)?.weigh(&burden)))
    }
}

fn detail(said: NoteMeans, month: &Month, row: &Means, strategy: &Strategy) -> MeansDetail {
    let left = month.left();
    MeansDetail {
        said,
        made_at: row.made_at.get(),
        left: left.get(),
        safe: percent_of(left.max(Minor::ZERO), strategy.plans.safe_percent).get(),
    }
}
