//! Conflicts: how they are shown, and how a person settles them. Settling chooses what counts; it removes neither story,
//! and lifts nothing that protects the person.

mod settle;

use std::collections::{HashMap, HashSet};

use doorstep_domain::conflict::{ConflictKind, ConflictState, ContactField, Side};
use doorstep_domain::contact::{ContactOutcome, MatterOutcome};
use doorstep_domain::id::{Alias, DeviceId, EventId, PersonId, StaffId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_domain::read::OutsidePurpose;
use doorstep_log::leaf::Header;
use doorstep_store::case::CaseView;
use doorstep_store::conflict::Conflict;
use doorstep_store::entry::Entries;
use doorstep_store::event::StoredEvent;
use doorstep_store::grant::Purpose;
use doorstep_store::visit::Visit;
use doorstep_wire::Page;
use doorstep_wire::conflict::{ConflictItem, ConflictQuery, ConflictSettled, ConflictSide, SettleConflict};
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::read::Opening;
use doorstep_wire::sync::Payload;
use uuid::Uuid;

use crate::App;
use crate::actor::Actor;
use crate::corrections::Corrections;
use crate::error::AppError;
use crate::facts::Known;
use crate::policy::{self, Action};
use crate::reads::purpose_of;
pub(crate) use settle::{Asked, Settling, entry, settle};

/// The longest note with a settlement, in bytes.
const NOTE_BYTES_MAX: usize = 4 * 1024;

fn bad_code(field: &'static str) -> impl Fn(doorstep_domain::code::UnknownCode) -> AppError {
    move |error| AppError::at(ProblemCode::BadRequest, field, error.to_string())
}

impl App {
    /// Contradictions in the caller's scope, newest first, with what both sides said.
    pub async fn list_conflicts(&self, actor: &Actor, query: &ConflictQuery) -> Result<Page<ConflictItem>, AppError> {
        policy::check(actor, Action::SeePlans)?;
        let state = query.state.as_deref().map(str::parse::<ConflictState>);
        let state = state.transpose().map_err(bad_code("state"))?;
        let conflicts = self.store().conflict_list(actor.tenant, state).await?;
        let views = self.views_of_conflicts(actor, &conflicts).await?;
        let known = self.know(actor, views, Purpose::Case, None).await?;
        let items = self.conflict_items(actor, conflicts, &known, Whole(None)).await?;
        Ok(Page { items, next: None })
    }

    /// One contradiction with what both sides said.
    pub async fn show_conflict(&self, actor: &Actor, id: Uuid, opening: &Opening) -> Result<ConflictItem, AppError> {
        policy::check(actor, Action::SeePlans)?;
        let (conflict, view) = self.conflict_in_scope(actor, id).await?;
        let outside = purpose_of(actor, &view, opening)?;
        let known = self.know_outside(actor, vec![view], Purpose::Case, outside).await?;
        let mut items = self
            .conflict_items(actor, vec![conflict], &known, Whole(outside))
            .await?;
        items.pop().ok_or(AppError::Fault("one conflict was asked for"))
    }

    /// Says which side holds. It becomes what counts; both stay readable.
    pub async fn settle_conflict(
        &self,
        actor: &Actor,
        id: Uuid,
        request: &SettleConflict,
    ) -> Result<ConflictItem, AppError> {
        policy::check(actor, Action::SettleConflict)?;
        let taken: Side = request.take.parse().map_err(bad_code("take"))?;
        if request.note.as_ref().is_some_and(|note| note.len() > NOTE_BYTES_MAX) {
            let detail = format!("A note has at most {NOTE_BYTES_MAX} bytes; shorten it.");
            return Err(AppError::at(ProblemCode::BadRequest, "note", detail));
        }
        let (conflict, view) = self.conflict_in_scope(actor, id).await?;
        let known = self.know(actor, vec![view], Purpose::Case, None).await?.pop();
        let known = known.ok_or(AppError::Fault("one case was asked for"))?;
        match conflict.state {
            ConflictState::Open => {}
            ConflictState::Settled => return Err(settled_before()),
            ConflictState::Erased => return Err(erased()),
        }
        let view = &known.view;
        let person = (view.case.person, view.person_alias);
        let source = source(&conflict, taken, &known.corrections);
        let said = self
            .payloads(actor, vec![person], &[source.0], (Purpose::Case, None))
            .await?;
        let said = said.get(&source.0).ok_or_else(erased)?;
        let note = self.note_of(actor, person.0, request.note.as_deref()).await?;
        let now = self.now();
        let mut tx = self.store().write(actor.tenant, now).await?;
        tx.person_lock(&[view.case.person.0]).await?;
        if let Some(visit) = conflict.visit {
            let alias = tx.visit_read(visit).await?.alias;
            tx.visit_lock(&[alias.0]).await?;
        }
        tx.case_lock(&[view.case.id.0]).await?;
        let how = Settling {
            staff: actor.staff,
            device: None,
            taken,
            event: note.as_ref().map(|(event, _, _)| *event),
            made_at: now,
        };
        if !settle(&mut tx, &conflict, view, said, &how).await? {
            return Err(settled_before());
        }
        let mut entry = entry(&conflict, view, taken, actor.by());
        if let Some((event, sealed, commitment)) = note {
            tx.payload_insert(vec![(event.0, person.0.0, sealed)]).await?;
            entry = entry.payload(event, commitment);
        }
        let mut entries = Entries::one(entry);
        for entry in self.promise_settled(&mut tx, (&conflict, view), (actor, now)).await? {
            entries = entries.and(entry);
        }
        tx.commit(entries).await?;
        self.wake_devices();
        self.show_conflict(actor, id, &Opening::default()).await
    }

    /// A note sealed for a person.
    async fn note_of(
        &self,
        actor: &Actor,
        person: PersonId,
        note: Option<&str>,
    ) -> Result<Option<(EventId, Vec<u8>, doorstep_log::hash::Hash)>, AppError> {
        let Some(note) = note else { return Ok(None) };
        let event = EventId(doorstep_store::fresh_id(self.now()));
        let payload = Payload {
            note: Some(note.to_owned()),
            ..Payload::default()
        };
        let plain = serde_json::to_vec(&payload).map_err(|_| AppError::Fault("payloads serialise"))?;
        let keys = self.store().sealing_keys(actor.tenant, &[person.0]).await?;
        let (sealed, commitment) = keys.get(person.0)?.seal(event.0, &plain);
        Ok(Some((event, sealed, commitment)))
    }

    async fn conflict_in_scope(&self, actor: &Actor, id: Uuid) -> Result<(Conflict, CaseView), AppError> {
        let conflict = self.store().conflict_get_many(actor.tenant, &[id]).await?.pop();
        let conflict = conflict.ok_or_else(|| AppError::not_found("conflict"))?;
        let view = self
            .views_of_conflicts(actor, std::slice::from_ref(&conflict))
            .await?
            .pop();
        Ok((conflict, view.ok_or_else(|| AppError::not_found("conflict"))?))
    }

    /// The cases of some conflicts, as far as they are in the caller's scope.
    async fn views_of_conflicts(&self, actor: &Actor, conflicts: &[Conflict]) -> Result<Vec<CaseView>, AppError> {
        let cases: HashSet<Uuid> = conflicts.iter().map(|conflict| conflict.case.0).collect();
        let cases: Vec<Uuid> = cases.into_iter().collect();
        let mut views = self.store().case_get_many(actor.tenant, &cases).await?;
        let scope = policy::scope(actor);
        views.retain(|view| crate::case::in_scope(view, &scope));
        Ok(views)
    }

    /// Conflicts of cases that are known, with what both sides said, as far as `eyes` may see it.
    pub(crate) async fn conflict_items(
        &self,
        actor: &Actor,
        conflicts: Vec<Conflict>,
        known: &[Known],
        eyes: Eyes<'_>,
    ) -> Result<Vec<ConflictItem>, AppError> {
        let of = |conflict: &Conflict| known.iter().find(|known| known.view.case.id == conflict.case);
        let conflicts: Vec<(Conflict, &Known)> = conflicts
            .into_iter()
            .filter_map(|conflict| of(&conflict).map(|known| (conflict, known)))
            .collect();
        if conflicts.is_empty() {
            return Ok(Vec::new());
        }
        let stories = self.stories(actor, &conflicts, eyes).await?;
        Ok(conflicts
            .iter()
            .map(|(conflict, known)| stories.item(conflict, known))
            .collect())
    }

    async fn stories<'a>(
        &self,
        actor: &Actor,
        conflicts: &[(Conflict, &Known)],
        eyes: Eyes<'a>,
    ) -> Result<Stories<'a>, AppError> {
        let purpose = match eyes {
            Eyes::Whole(outside) => (Purpose::Case, outside),
            Eyes::Crew(_) => (Purpose::Visit, None),
        };
        let mut sides = Vec::new();
        let mut sealed = Vec::new();
        let mut cases = Vec::new();
        let mut persons: Vec<(PersonId, Alias)> = Vec::new();
        for (conflict, known) in conflicts {
            for side in Side::ALL {
                sides.push(conflict.side(*side).0);
                sealed.push(source(conflict, *side, &known.corrections).0);
            }
            sealed.extend(conflict.settled.and_then(|settled| settled.event).map(|event| event.0));
            cases.push(known.view.case.id.0);
            persons.push((known.view.case.person, known.view.person_alias));
        }
        for ids in [&mut sealed, &mut cases] {
            ids.sort_unstable();
            ids.dedup();
        }
        persons.sort_unstable();
        persons.dedup();
        let store = self.store();
        let staff = store.staff_list(actor.tenant).await?.into_iter();
        let devices = store.device_list(actor.tenant).await?.into_iter();
        let events = store.event_get_many(actor.tenant, &sides).await?.into_iter();
        let visits = store.visit_of_cases(actor.tenant, &cases).await?.into_iter();
        Ok(Stories {
            eyes,
            said: self.payloads(actor, persons, &sealed, purpose).await?,
            logins: staff.map(|one| (one.id, one.login)).collect(),
            owners: devices.map(|device| (device.id, device.staff)).collect(),
            events: events.map(|event| (event.id, event)).collect(),
            visits: visits.map(|visit| (visit.id, visit)).collect(),
        })
    }
}

/// Who is shown a conflict.
#[derive(Clone, Copy)]
pub(crate) enum Eyes<'a> {
    /// The office: all there is; with why, where it is outside the caseload.
    Whole(Option<OutsidePurpose>),
    /// A device: of who said what only its own crew is named.
    Crew(&'a HashSet<StaffId>),
}
use Eyes::Whole;

/// What is needed to show some conflicts.
struct Stories<'a> {
    eyes: Eyes<'a>,
    said: HashMap<Uuid, Payload>,
    logins: HashMap<StaffId, String>,
    owners: HashMap<DeviceId, StaffId>,
    events: HashMap<EventId, StoredEvent>,
    visits: HashMap<VisitId, Visit>,
}

impl Stories<'_> {
    fn item(&self, conflict: &Conflict, known: &Known) -> ConflictItem {
        let kind = ConflictKind::of_field(&conflict.field);
        let side = |side| self.side(conflict, side, &known.corrections);
        let (left, right) = (side(Side::Left), side(Side::Right));
        let current = self.current(conflict, kind, known, [&left, &right]);
        ConflictItem {
            id: conflict.id.0,
            kind: kind.code().to_owned(),
            field: conflict.field.clone(),
            case: conflict.case.0,
            case_no: known.case_no(),
            visit: conflict.visit.map(|id| id.0),
            left,
            right,
            current: current.map(|side| side.code().to_owned()),
            rule: kind.rule().code().to_owned(),
            state: conflict.state.code().to_owned(),
            found_at: conflict.found_at.get(),
            settled: conflict.settled.map(|settled| ConflictSettled {
                at: settled.at.get(),
                by: self.who(settled.by),
                taken: settled.taken.code().to_owned(),
                note: settled.event.and_then(|event| self.said.get(&event.0)?.note.clone()),
            }),
            zone: known.view.address.zone.clone(),
        }
    }

    fn who(&self, staff: StaffId) -> Option<String> {
        let seen = match self.eyes {
            Eyes::Whole(_) => true,
            Eyes::Crew(crew) => crew.contains(&staff),
        };
        self.logins.get(&staff).filter(|_| seen).cloned()
    }

    fn side(&self, conflict: &Conflict, side: Side, corrections: &Corrections) -> ConflictSide {
        let id = conflict.side(side);
        let edit = corrections.0.iter().find(|edit| edit.id == id);
        let event = self.events.get(&id);
        let device = edit.map_or_else(|| event.map(|event| event.device), |edit| edit.device);
        let owner = device.and_then(|device| self.owners.get(&device).copied());
        let staff = edit.map(|edit| edit.staff).or(owner);
        let wall = event
            .and_then(|event| Header::decode(&event.hdr).ok())
            .map(|header| header.wall_ms);
        let made_at = wall.map(Micros::from_millis).or(edit.map(|edit| edit.made_at));
        let received_at = event
            .map(|event| event.received_at)
            .or(edit.map(|edit| edit.received_at));
        let said = self.said.get(&source(conflict, side, corrections).0);
        ConflictSide {
            id: id.0,
            source: if device.is_some() { "device" } else { "office" }.to_owned(),
            who: staff.and_then(|staff| self.who(staff)),
            device: device.map(|device| device.0),
            made_at: made_at.unwrap_or_default().get(),
            received_at: received_at.unwrap_or_default().get(),
            value: said.and_then(|said| value(said, &conflict.field)),
            promise: said
                .filter(|_| conflict.field == "promise")
                .and_then(|said| said.promise.clone()),
        }
    }

    /// Which side counts now.
    fn current(
        &self,
        conflict: &Conflict,
        kind: ConflictKind,
        known: &Known,
        [left, right]: [&ConflictSide; 2],
    ) -> Option<Side> {
        let chosen = |counts: &dyn Fn(Side) -> bool| {
            let mut sides = Side::ALL.iter().copied().filter(|side| counts(*side));
            sides.next().filter(|_| sides.next().is_none())
        };
        match kind {
            ConflictKind::Contact => {
                let field: ContactField = conflict.field.parse().ok()?;
                let current = known.corrections.current(field)?.payload;
                chosen(&|side| source(conflict, side, &known.corrections) == current)
            }
            ConflictKind::Outcome => {
                let visit = self.visits.get(&conflict.visit?)?;
                let current = match conflict.field.as_str() {
                    "matter" => visit.matter.map(MatterOutcome::code),
                    _ => visit.outcome.map(ContactOutcome::code),
                };
                let of = |side| if side == Side::Left { left } else { right };
                chosen(&|side| current.is_some() && of(side).value.as_deref() == current)
            }
            ConflictKind::Promise => conflict.settled.map(|settled| settled.taken),
        }
    }
}

/// Where a side's value is sealed: its own event, or what a settlement took over.
pub(crate) fn source(conflict: &Conflict, side: Side, corrections: &Corrections) -> EventId {
    let id = conflict.side(side);
    let edit = corrections.0.iter().find(|edit| edit.id == id);
    edit.map_or(id, |edit| edit.payload)
}

fn value(said: &Payload, field: &str) -> Option<String> {
    match field {
        "outcome" => said.outcome.clone(),
        "matter" => said.matter.clone(),
        "promise" => said.promise.as_ref().map(|promise| promise.day.clone()),
        _ => said.contact.as_ref().map(|change| change.value.clone()),
    }
}

fn settled_before() -> AppError {
    AppError::refuse(
        ProblemCode::ConflictSettled,
        "Somebody settled the conflict before. Look at it again; to change a contact field now, correct it anew.",
    )
}

fn erased() -> AppError {
    AppError::refuse(
        ProblemCode::Erased,
        "The person was erased; nothing is left to choose from.",
    )
}
