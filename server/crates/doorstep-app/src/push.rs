//! Taking events from a device. A well-formed, rightly signed event is never refused for what it says: it is stored,
//! and what is remarkable about it is flagged. That holds for a device that was revoked or lost too: what it had not sent
//! is evidence, so it is kept, flagged, and without effect but for what protects the person.

mod decode;
mod fork;
mod plain;
mod present;
mod sign;
mod stored;
mod withheld;

use std::collections::HashMap;

use doorstep_domain::event::{EventFlag, EventKind, PushStatus};
use doorstep_domain::id::{Alias, EventId, PersonId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_store::WriteTx;
use doorstep_store::device::Device;
use doorstep_store::entry::{DeviceEntry, Entries, Entry, LogName};
use doorstep_store::event::StoredEvent;
use doorstep_store::grant::Purpose;
use doorstep_store::keys::SealingKeys;
use doorstep_store::spent::{Part, Spent};
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::sync::{Limits, PUSH_BYTES_MAX, PUSH_EVENTS_MAX, PushAnswer, PushRequest, PushResult};
use uuid::Uuid;

use crate::actor::Actor;
use crate::alarm::{place, raise};
use crate::door::{Apply, Doors};
use crate::error::AppError;
use crate::joined::JoinKeys;
use crate::policy::{self, Action};
use crate::{App, device, receipt};
pub(crate) use decode::Signed;
use fork::Fork;
pub(crate) use present::Present;
use stored::Stored;
use withheld::Kept;

/// How far a device's clock may be off before its times are doubted: 2 minutes.
const CLOCK_DOUBT: Micros = Micros::from_seconds(120);

/// What devices may send, and how often they should ask.
pub(crate) const LIMITS: Limits = Limits {
    max_events: PUSH_EVENTS_MAX as u32,
    max_bytes: PUSH_BYTES_MAX as u32,
    next_poll_s: 60,
};

impl App {
    /// Takes a push: stores what is new, says of each event what became of it, and acknowledges with a signature.
    pub async fn push(&self, actor: &Actor, request: &PushRequest) -> Result<PushAnswer, AppError> {
        policy::check(actor, Action::Sync)?;
        let id = actor.device.ok_or_else(not_a_device)?;
        if request.events.len() > PUSH_EVENTS_MAX {
            let detail = format!("A push has at most {PUSH_EVENTS_MAX} events. Send the rest after it.");
            return Err(AppError::at(ProblemCode::TooLarge, "events", detail));
        }
        let now = self.now();
        let device = self.store().device_get(actor.tenant, id).await?;
        let mut signed = self.decoded(actor, &device, request).await?;
        let mut doors = self.doors_of(actor, &signed).await?;
        let keys = self.keys_for(actor, &doors).await?;
        let sealed = sealed(self.store().spent(), (actor, &doors), &keys, &signed);
        let present = self.who_was_there(actor, &signed, &doors).await?;
        let join_keys = self.join_keys(actor, signed.iter().map(|event| &event.payload)).await?;
        let sent = Micros::from_millis(request.sent_wall_ms);
        let mut tx = self.store().write_push(actor.tenant, now).await?;
        let ahead = signed.iter().any(Signed::of_case);
        doors.lock(&mut tx, (id, ahead)).await?;
        let mut taking = Taking {
            app: self,
            actor,
            device: tx.device_lock(id).await?,
            doors,
            keys,
            sealed,
            stored: Stored::of(&mut tx, &mut signed).await?,
            present,
            join_keys,
            sent,
            offset: now.saturating_sub(sent),
            entries: Vec::new(),
            results: Vec::with_capacity(signed.len()),
        };
        device::check_fork(&taking.device)?;
        for event in &signed {
            if let Some(fork) = taking.take(&mut tx, event).await? {
                let taken = (taking.device, taking.entries);
                return Err(self.suspend(actor, tx, taken, (event, fork)).await?);
            }
        }
        let Taking {
            mut device,
            entries,
            results,
            ..
        } = taking;
        device.seen_at = now;
        tx.device_update(&device).await?;
        match Entries::of(entries) {
            Some(entries) => tx.commit(entries).await?,
            None => {
                tx.commit_housekeeping(doorstep_store::entry::Housekeeping::Caches)
                    .await?;
            }
        }
        self.wake_devices();
        let acknowledgement = self.acknowledge(actor, &device, now).await?;
        let head = self.store().log_head(actor.tenant, LogName::Events).await?;
        Ok(PushAnswer {
            results,
            acknowledgement,
            continued: self.continued(actor, &head).await?,
            checkpoint: head.note,
            limits: LIMITS,
            revoked: device.is_ended(),
        })
    }

    /// The events of a push, with signatures that hold. Calls for help among them are heard at once: everything that refuses
    /// a push comes after.
    async fn decoded(&self, actor: &Actor, device: &Device, request: &PushRequest) -> Result<Vec<Signed>, AppError> {
        let signed = decode::decoded(self.store().spent(), device, &request.events)?;
        let calls: Vec<&Signed> = signed.iter().flatten().filter(|event| raise::is_call(event)).collect();
        let sent = Micros::from_millis(request.sent_wall_ms);
        self.hear_calls(actor, device.id, &calls, sent).await?;
        device::check_fork(device)?;
        device::check_version(request.sync_version)?;
        signed.into_iter().collect()
    }

    /// The visits that a push speaks of, with what the rules need, opened under one grant before anything is written.
    async fn doors_of(&self, actor: &Actor, signed: &[Signed]) -> Result<Doors, AppError> {
        let mut aliases: Vec<Uuid> = signed
            .iter()
            .filter_map(|event| event.header.visit.as_deref()?.parse().ok())
            .collect();
        aliases.sort_unstable();
        aliases.dedup();
        let visits = self.store().visit_by_aliases(actor.tenant, &aliases).await?;
        let cases: Vec<Uuid> = visits.iter().map(|visit| visit.case.0).collect();
        let views = self.store().case_get_many(actor.tenant, &cases).await?;
        let known = if views.is_empty() {
            Vec::new()
        } else {
            self.know(actor, views, Purpose::Visit, None).await?
        };
        let asked = self.conflicts_asked(actor, signed, &known).await?;
        Ok(Doors::new(aliases, visits, known, asked))
    }

    async fn keys_for(&self, actor: &Actor, doors: &Doors) -> Result<SealingKeys, AppError> {
        let mut subjects: Vec<Uuid> = doors.persons().map(|person: PersonId| person.0).collect();
        // What belongs to no known person is sealed under the key of whoever sent it.
        subjects.push(actor.staff.0);
        Ok(self.store().sealing_keys(actor.tenant, &subjects).await?)
    }
}

pub(crate) fn not_a_device() -> AppError {
    AppError::refuse(
        ProblemCode::NotAllowed,
        "Only an enrolled device may do this. Enrol with `doorstep device enrol`.",
    )
}

/// Payloads under their keys, by event, each with whose it is.
type Sealed = HashMap<EventId, (Uuid, Vec<u8>)>;

/// Seals every payload under the key of the person it concerns, else of whoever sent it; before anything is locked.
fn sealed(spent: &Spent, (actor, doors): (&Actor, &Doors), keys: &SealingKeys, signed: &[Signed]) -> Sealed {
    let sealing = Spent::now();
    let in_the_log = signed.iter().filter(|event| event.withheld.is_none());
    let each = in_the_log.filter_map(|event| {
        let (salt, payload) = event.content.as_ref()?;
        let subject = match whose(doors, event) {
            Whose::Visited(person) => person.0,
            Whose::Nobody | Whose::Mismatch => actor.staff.0,
        };
        // Where the person was erased in the meantime, what describes them is not kept any more.
        let (sealed, _) = keys.get(subject).ok()?.seal_with_salt(event.id.0, *salt, payload);
        Some((event.id, (subject, sealed)))
    });
    let sealed = each.collect();
    spent.add(Part::Seal, sealing);
    sealed
}

/// Whose an event is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// The visited person's, whom alone it names.
    Visited(PersonId),
    /// It speaks of no visit that is known.
    Nobody,
    /// It names others than the visited person, or persons without a visit: in the log it would count as theirs, and their
    /// erasure as the end of it.
    Mismatch,
}

fn whose(doors: &Doors, event: &Signed) -> Whose {
    let Some(visit) = event.visit() else {
        let is_of_nobody = event.header.visit.is_none() && event.header.subj.is_empty();
        return if is_of_nobody { Whose::Nobody } else { Whose::Mismatch };
    };
    match doors.person(visit) {
        Some((person, alias)) if event.header.subj == [alias.to_string()] => Whose::Visited(person),
        Some(_) => Whose::Mismatch,
        None => Whose::Nobody,
    }
}

/// A push while it is taken.
struct Taking<'a> {
    app: &'a App,
    actor: &'a Actor,
    device: Device,
    doors: Doors,
    keys: SealingKeys,
    sealed: Sealed,
    /// What was stored under the ids of these events.
    stored: Stored,
    present: Present,
    /// The keys with which partners sign.
    join_keys: JoinKeys,
    /// The device's time when it sent the push.
    sent: Micros,
    /// Server's time less the device's.
    offset: Micros,
    entries: Vec<Entry>,
    results: Vec<PushResult>,
}

impl Taking<'_> {
    fn answer(&mut self, event: &Signed, status: PushStatus, code: Option<&str>, flags: &[EventFlag]) {
        self.results.push(PushResult {
            dseq: event.header.dseq as i64,
            status: status.code().to_owned(),
            code: code.map(str::to_owned),
            flags: flags.iter().map(|flag| flag.code().to_owned()).collect(),
        });
    }

    /// Takes one event, or says how the device's chain has split.
    async fn take(&mut self, tx: &mut WriteTx, event: &Signed) -> Result<Option<Fork>, AppError> {
        let dseq = event.header.dseq as i64;
        let known = self.stored.known(tx, &self.device, event).await?;
        if let Some(before) = known.first() {
            if known.len() == 1 && before.dseq == dseq && before.hdr_hash == event.hash.0 {
                self.answer(event, PushStatus::Duplicate, None, &[]);
                return Ok(None);
            }
            return Ok(Some(Fork::of_stored(before, event)));
        }
        if dseq > self.device.next_dseq {
            // The device keeps it and sends it again after those that are missing.
            self.answer(event, PushStatus::Held, Some("gap"), &[]);
            return Ok(None);
        }
        if dseq < self.device.next_dseq || event.header.prev.0.as_slice() != self.device.head_hash.as_slice() {
            return Ok(Some(Fork::of_head(&self.device)));
        }
        let (at, doubt) = self.happened(event, self.earliest(event), tx.now());
        let mismatch = event.withheld.is_none() && whose(&self.doors, event) == Whose::Mismatch;
        let code = event.withheld.or(event.quarantine);
        let code = code.or(mismatch.then_some(EventFlag::SubjectMismatch.code()));
        let mut flags = self.remarks(event, doubt);
        flags.extend(mismatch.then_some(EventFlag::SubjectMismatch));
        let mut apply = Apply {
            app: self.app,
            actor: self.actor,
            doors: &mut self.doors,
            event,
            at,
            present: &self.present,
            keys: &self.join_keys,
            ended: self.device.is_ended() || mismatch || event.withheld.is_some(),
        };
        let (visit, more) = apply.run(tx, &mut flags).await?;
        let status = match code {
            Some(_) => PushStatus::Quarantined,
            None => PushStatus::Accepted,
        };
        self.keep_place(tx, event, visit, at).await?;
        flags.sort_unstable();
        flags.dedup();
        self.keep(tx, event, (visit, status), &flags).await?;
        self.entries.extend(more);
        self.device.next_dseq += 1;
        self.device.head_hash = event.hash.0.to_vec();
        self.device.head_at = at;
        self.answer(event, status, code, &flags);
        Ok(None)
    }

    /// Stores an event and queues its entry.
    async fn keep(
        &mut self,
        tx: &mut WriteTx,
        event: &Signed,
        (visit, status): (Option<VisitId>, PushStatus),
        flags: &[EventFlag],
    ) -> Result<(), AppError> {
        let kept = match event.withheld {
            Some(code) => self.withheld(event, code)?,
            None => Kept {
                hdr: event.hdr.clone(),
                kind: event.header.kind.clone(),
                sealed: self.sealed.remove(&event.id),
                entry: Entry::Device(DeviceEntry {
                    hdr: event.hdr.clone(),
                    kid: event.kid.clone(),
                    alg: self.device.alg.clone(),
                    sig: event.sig.clone(),
                }),
            },
        };
        let codes: Vec<&str> = flags.iter().map(|flag| flag.code()).collect();
        let stored = StoredEvent {
            id: event.id,
            device: self.device.id,
            dseq: event.header.dseq as i64,
            hdr: kept.hdr,
            hdr_hash: event.hash.0.to_vec(),
            sig: event.sig.clone(),
            kind: kept.kind,
            visit,
            status,
            flags: codes.join(","),
            received_at: tx.now(),
        };
        tx.event_add(&stored, kept.sealed);
        self.stored.add(stored);
        if event.withheld.is_none() {
            receipt::keep(tx, event).await?;
        }
        self.entries.push(kept.entry);
        Ok(())
    }

    /// What is remarkable about an event before anything is asked of its visit.
    fn remarks(&self, event: &Signed, clock_doubt: bool) -> Vec<EventFlag> {
        let mut flags = flags_of(event);
        flags.extend(clock_doubt.then_some(EventFlag::ClockDoubt));
        flags.extend(self.device.is_ended().then_some(EventFlag::DeviceEnded));
        flags.extend(event.withheld.map(|_| EventFlag::Withheld));
        flags
    }

    /// Before this nothing that the event speaks of can have happened: not before the device was enrolled, not before the
    /// event before it, not before the visit was published or the device was given its door.
    fn earliest(&self, event: &Signed) -> Micros {
        let before = self.device.enrolled_at.max(self.device.head_at);
        let visit = event.visit().and_then(|alias| self.doors.visit(alias));
        let since = visit.and_then(|visit| self.doors.since(visit));
        let since = since.and_then(|door| door.given.or(door.published));
        since.map_or(before, |since| before.max(since))
    }

    /// When it happened by the server's time, and whether that is in doubt: the device's clock, corrected where it is
    /// clearly wrong, and never before `earliest` or after the push was sent, whatever the clock says. A visit dated back
    /// would otherwise hide from the rules that count visits.
    fn happened(&self, event: &Signed, earliest: Micros, now: Micros) -> (Micros, bool) {
        let wall = Micros::from_millis(event.header.wall_ms);
        let off = self.offset.get().unsigned_abs() > CLOCK_DOUBT.get().unsigned_abs();
        let at = if off { wall.saturating_add(self.offset) } else { wall };
        let early = at.saturating_add(CLOCK_DOUBT) < earliest;
        let within = at.max(earliest).min(now);
        (within, off || early || wall > self.sent)
    }

    /// Keeps where the device was, if it was at a door; calls for help have kept theirs before.
    async fn keep_place(
        &self,
        tx: &mut WriteTx,
        event: &Signed,
        visit: Option<VisitId>,
        at: Micros,
    ) -> Result<(), AppError> {
        let at_door = [EventKind::VisitArrived, EventKind::VisitDeparted];
        if self.device.is_ended() || !at_door.iter().any(|kind| kind.code() == event.header.kind) {
            return Ok(());
        }
        let told = (event.payload.position.as_ref(), visit, at);
        place::keep(tx, (self.actor.staff, self.device.id), told, &self.keys).await
    }
}

/// What an event says that is remarkable whatever it is about.
fn flags_of(event: &Signed) -> Vec<EventFlag> {
    let mut flags = Vec::new();
    let position = event.payload.position.as_ref();
    if position.is_some_and(|position| position.mock || position.accuracy_m == 0) {
        flags.push(EventFlag::PositionDoubt);
    }
    if !event.payload.blocked_by.is_empty() {
        flags.push(EventFlag::RuleBlocked);
    }
    flags
}

/// Visits by their aliases.
pub(crate) type ByAlias<T> = HashMap<Alias, T>;
