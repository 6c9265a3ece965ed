//! Legal holds: placed and lifted with a reason of a closed list. While one stands, nothing of the case's person goes.

use doorstep_domain::measure::Micros;
use doorstep_domain::retention::{HoldReason, ReleaseReason};
use doorstep_store::case::CaseView;
use doorstep_store::entry::{Entries, EntryKind, ServerEntry};
use doorstep_store::retention::{Hold, KeptCase};
use doorstep_wire::Page;
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::retention::{HoldItem, PlaceHold, ReleaseHold};
use uuid::Uuid;

use crate::actor::Actor;
use crate::case::bad_code;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::{App, day};

fn item(hold: &Hold, now: Micros) -> HoldItem {
    HoldItem {
        id: hold.id,
        case: hold.case.0,
        reason: hold.reason.code().to_owned(),
        stands: hold.stands(now),
        by: hold.by.0,
        at: hold.at.get(),
        ends: hold.ends.map(Micros::get),
        released_by: hold.released.map(|(by, ..)| by.0),
        released_at: hold.released.map(|(_, at, _)| at.get()),
        released_why: hold.released.map(|(.., why)| why.code().to_owned()),
    }
}

/// The first instant after the last day, at the address.
fn ends(view: &CaseView, until: &str, now: Micros) -> Result<Micros, AppError> {
    let last = day::parse("until", until)?;
    let next = last.tomorrow().unwrap_or(last);
    let ends = day::start(next, &day::zone(&view.address.zone));
    if ends <= now {
        let detail = "The last day is past; name today or a later day, or none.";
        return Err(AppError::at(ProblemCode::BadRequest, "until", detail));
    }
    Ok(ends)
}

fn entry(kind: EntryKind, actor: &Actor, view: &CaseView, hold: &Hold) -> ServerEntry {
    ServerEntry::new(kind, actor.by())
        .about(view.person_alias)
        .with("case", view.case.alias.to_string())
        .with("hold", hold.id.to_string())
}

/// The one that is meant among those that stand.
fn meant(holds: Vec<Hold>, named: Option<Uuid>, now: Micros) -> Result<Hold, AppError> {
    let mut standing = holds.into_iter().filter(|hold| hold.stands(now));
    if let Some(id) = named {
        return standing
            .find(|hold| hold.id == id)
            .ok_or_else(|| AppError::not_found("hold"));
    }
    match (standing.next(), standing.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(AppError::not_found("hold")),
        (Some(_), Some(_)) => {
            let detail = "Several holds stand on this case, each for its own reason. Name the one that is lifted.";
            Err(AppError::at(ProblemCode::BadRequest, "hold", detail))
        }
    }
}

impl App {
    /// The holds on a case, also those that were lifted, oldest first.
    pub async fn list_holds(&self, actor: &Actor, case: Uuid) -> Result<Page<HoldItem>, AppError> {
        policy::check(actor, Action::SeeRetention)?;
        let view = self.case_in_scope(actor, case).await?;
        let now = self.now();
        let holds = self.store().hold_list(actor.tenant, &[view.case.id.0]).await?;
        Ok(Page {
            items: holds.iter().map(|hold| item(hold, now)).collect(),
            next: None,
        })
    }

    /// Places a hold on a case. Several may stand, each for its own reason.
    pub async fn place_hold(&self, actor: &Actor, case: Uuid, request: &PlaceHold) -> Result<HoldItem, AppError> {
        policy::check(actor, Action::HoldCase)?;
        let reason: HoldReason = request.reason.parse().map_err(bad_code("reason"))?;
        let view = self.case_in_scope(actor, case).await?;
        let now = self.now();
        let hold = Hold {
            id: doorstep_store::fresh_id(now),
            case: view.case.id,
            reason,
            by: actor.staff,
            at: now,
            ends: match request.until.as_deref() {
                None => None,
                Some(until) => Some(ends(&view, until, now)?),
            },
            released: None,
        };
        let mut tx = self.store().write(actor.tenant, now).await?;
        if !tx.person_kept(view.case.person).await? {
            let detail = "The person was erased; there is nothing left to hold.";
            return Err(AppError::refuse(ProblemCode::Erased, detail));
        }
        tx.case_lock(&[view.case.id.0]).await?;
        tx.hold_insert(&hold).await?;
        let mut said = entry(EntryKind::HoldPlaced, actor, &view, &hold).reason(reason.code());
        if let Some(ends) = hold.ends {
            said = said.with("ends", ends.get());
        }
        tx.commit(Entries::one(said)).await?;
        Ok(item(&hold, now))
    }

    /// Lifts a hold.
    pub async fn release_hold(&self, actor: &Actor, case: Uuid, request: &ReleaseHold) -> Result<HoldItem, AppError> {
        policy::check(actor, Action::HoldCase)?;
        let why: ReleaseReason = request.reason.parse().map_err(bad_code("reason"))?;
        let view = self.case_in_scope(actor, case).await?;
        let now = self.now();
        let mut tx = self.store().write(actor.tenant, now).await?;
        let mut hold = meant(tx.hold_list(view.case.id).await?, request.hold, now)?;
        tx.hold_release(hold.id, actor.staff, why).await?;
        let said = entry(EntryKind::HoldReleased, actor, &view, &hold).reason(why.code());
        tx.commit(Entries::one(said)).await?;
        hold.released = Some((actor.staff, now, why));
        Ok(item(&hold, now))
    }
}

/// The refusal of whatever would erase a person of whom a case is held: not even somebody who asks to be erased is, while a
/// court may ask for what happened.
pub(crate) fn held(cases: &[KeptCase]) -> Result<(), AppError> {
    match cases.iter().find(|case| case.held) {
        None => Ok(()),
        Some(case) => Err(AppError::refuse(
            ProblemCode::Held,
            format!(
                "A legal hold stands on case {}. It must be lifted first: `doorstep retention release`.",
                case.case
            ),
        )),
    }
}
