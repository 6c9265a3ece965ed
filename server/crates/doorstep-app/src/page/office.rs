//! What was said on pages, as the office lists and answers it.

use std::collections::HashMap;

use doorstep_domain::id::CaseId;
use doorstep_domain::wish::{WishKind, WishState};
use doorstep_store::WriteTx;
use doorstep_store::case::CaseView;
use doorstep_store::entry::{Entries, Entry, EntryKind, ServerEntry};
use doorstep_store::grant::Purpose;
use doorstep_store::visit::Visit;
use doorstep_store::wish::Wish;
use doorstep_wire::Page;
use doorstep_wire::wish::{AnswerWish, WishItem, WishQuery};
use uuid::Uuid;

use crate::App;
use crate::actor::Actor;
use crate::called_off::CallOff;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::restriction::code;

/// What stands in the log and on the device for a visit that the office called off because it agreed to something else.
const CALLED_OFF: &str = "WISH-ACCEPTED";

impl App {
    /// What persons of the caller's caseload said on pages, newest first; with their words, unless these are not wanted.
    pub async fn list_wishes(&self, actor: &Actor, query: &WishQuery) -> Result<Page<WishItem>, AppError> {
        policy::check(actor, Action::Restrict)?;
        let state = query.state.as_deref().map(|text| code("state", text)).transpose()?;
        let mut wishes = self.store().wish_list(actor.tenant, state).await?;
        wishes.retain(|wish| query.case.is_none_or(|case| wish.case.0 == case));
        let items = self.wish_items(actor, wishes, query.words != Some(false)).await?;
        Ok(Page { items, next: None })
    }

    /// Answers a wish. What was offered in place of a visit calls that visit off once it is accepted.
    pub async fn answer_wish(&self, actor: &Actor, id: Uuid, request: &AnswerWish) -> Result<WishItem, AppError> {
        policy::check(actor, Action::Restrict)?;
        let wish = self.store().wish_get(actor.tenant, id).await?;
        let view = self.case_in_scope(actor, wish.case.0).await?;
        let to = if request.accept {
            WishState::Accepted
        } else {
            WishState::Declined
        };
        let visit = self.store().visit_get_many(actor.tenant, &[wish.visit.0]).await?.pop();
        let visit = visit.ok_or_else(|| AppError::not_found("visit"))?;
        let mut tx = self.store().write(actor.tenant, self.now()).await?;
        tx.ahead_lock(&[view.case.person.0], &[]).await?;
        tx.wish_answer(id, to, actor.staff).await?;
        let entry = ServerEntry::new(EntryKind::WishAnswered, actor.by())
            .about(view.person_alias)
            .visit(visit.alias)
            .with("wish", id.to_string())
            .reason(to.code());
        let mut entries = Entries::one(entry);
        let replaces = matches!(wish.kind, WishKind::Payment | WishKind::Call | WishKind::Appointment);
        if request.accept && replaces {
            for entry in call_off(&mut tx, actor, (&view, &visit)).await? {
                entries = entries.and(entry);
            }
        }
        tx.commit(entries).await?;
        self.wake_devices();
        let wish = self.store().wish_get(actor.tenant, id).await?;
        let item = self.wish_items(actor, vec![wish], true).await?.pop();
        item.ok_or_else(|| AppError::not_found("wish"))
    }

    async fn wish_items(
        &self,
        actor: &Actor,
        mut wishes: Vec<Wish>,
        with_words: bool,
    ) -> Result<Vec<WishItem>, AppError> {
        let cases: Vec<Uuid> = wishes.iter().map(|wish| wish.case.0).collect();
        let scope = policy::scope(actor);
        let views = self.store().case_get_many(actor.tenant, &cases).await?;
        let views = views.into_iter().filter(|view| crate::case::in_scope(view, &scope));
        let views: HashMap<CaseId, CaseView> = views.map(|view| (view.case.id, view)).collect();
        wishes.retain(|wish| views.contains_key(&wish.case));
        let persons = views
            .values()
            .map(|view| (view.case.person, view.person_alias))
            .collect();
        let events: Vec<Uuid> = wishes.iter().filter_map(|wish| Some(wish.payload?.0)).collect();
        let said = if with_words {
            self.payloads(actor, persons, &events, (Purpose::Case, None)).await?
        } else {
            HashMap::new()
        };
        let items = wishes.iter().map(|wish| WishItem {
            id: wish.id,
            case: wish.case.0,
            visit: wish.visit.0,
            kind: wish.kind.code().to_owned(),
            state: wish.state.code().to_owned(),
            made_at: wish.made_at.get(),
            words: wish.payload.and_then(|event| said.get(&event.0)?.note.clone()),
            answered_at: wish.answered.map(|(at, _)| at.get()),
        });
        Ok(items.collect())
    }
}

/// Calls off what is planned to the case on the day of a visit, also where another plan has taken that visit's place.
async fn call_off(tx: &mut WriteTx, actor: &Actor, (view, visit): (&CaseView, &Visit)) -> Result<Vec<Entry>, AppError> {
    let mut off = CallOff::new(actor.by());
    for one in tx.visit_planned_of(&[view.case.id.0]).await? {
        if one.day == visit.day {
            off.visit(tx, (&one, view.person_alias), CALLED_OFF).await?;
        }
    }
    off.done(tx).await
}
