//! Taking events from a device. A well-formed, rightly signed event is never refused for what it says: it is stored,
//! and what is remarkable about it is flagged.

use std::collections::HashMap;

use doorstep_domain::event::{EventFlag, EventKind, PushStatus};
use doorstep_domain::id::{Alias, CrewId, DeviceId, EventId, PersonId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_log::canonical;
use doorstep_log::chain::verify_header;
use doorstep_log::hash::{Hash, base64url_decode, hex, sha256};
use doorstep_log::leaf::{Header, commitment};
use doorstep_log::note;
use doorstep_store::WriteTx;
use doorstep_store::device::{Device, DeviceState};
use doorstep_store::entry::{DeviceEntry, Entries, Entry, EntryKind, ServerEntry};
use doorstep_store::event::StoredEvent;
use doorstep_store::grant::Purpose;
use doorstep_store::keys::SealingKeys;
use doorstep_store::staff::Staff;
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::sync::{
    Acknowledgement, Limits, PUSH_BYTES_MAX, PUSH_EVENTS_MAX, Payload, PushAnswer, PushEvent, PushRequest, PushResult,
};
use uuid::Uuid;

use crate::actor::Actor;
use crate::alarm::{place, raise};
use crate::door::{Apply, Doors};
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::{App, device, receipt};

/// How far a device's clock may be off before its times are doubted: 2 minutes.
const CLOCK_DOUBT: Micros = Micros::from_seconds(120);

/// What devices may send, and how often they should ask.
pub(crate) const LIMITS: Limits = Limits {
    max_events: PUSH_EVENTS_MAX as u32,
    max_bytes: PUSH_BYTES_MAX as u32,
    next_poll_s: 60,
};

/// An event that was decoded and whose signature holds.
pub(crate) struct Signed {
    pub(crate) id: EventId,
    pub(crate) header: Header,
    pub(crate) hdr: Vec<u8>,
    pub(crate) hash: Hash,
    sig: Vec<u8>,
    kid: String,
    /// Salt and payload as they came; empty where they did not come.
    pub(crate) content: Option<([u8; 32], Vec<u8>)>,
    /// The payload as data; empty where there is none or it cannot be read.
    pub(crate) payload: Payload,
    /// Why the content is kept apart.
    quarantine: Option<&'static str>,
}

impl Signed {
    /// Whether its content did not come or cannot be read.
    pub(crate) fn is_unreadable(&self) -> bool {
        self.quarantine.is_some()
    }

    /// The visit that the header names.
    pub(crate) fn visit(&self) -> Option<Alias> {
        self.header.visit.as_deref()?.parse().ok().map(Alias)
    }
}

fn bad(index: usize, detail: &str) -> AppError {
    AppError::at(ProblemCode::BadRequest, format!("events[{index}]"), detail)
}

fn decode(index: usize, event: &PushEvent, device: &Device) -> Result<Signed, AppError> {
    let hdr = base64url_decode(&event.hdr).ok_or_else(|| bad(index, "`hdr` must be base64url without padding."))?;
    let sig = base64url_decode(&event.sig).ok_or_else(|| bad(index, "`sig` must be base64url without padding."))?;
    if event.alg != "Ed25519" || event.kid != device.kid {
        return Err(bad(
            index,
            "Events are signed with the key that the device enrolled (Ed25519).",
        ));
    }
    let key: [u8; 32] = device
        .public_key
        .as_slice()
        .try_into()
        .map_err(|_| AppError::Fault("enrolled keys have 32 bytes"))?;
    if verify_header(&key, &hdr, &sig).is_err() {
        let detail = "The signature does not fit the header. Nothing of this push was taken.";
        return Err(AppError::at(
            ProblemCode::BadSignature,
            format!("events[{index}]"),
            detail,
        ));
    }
    let header = Header::decode(&hdr).map_err(|error| bad(index, &format!("The header cannot be read: {error}.")))?;
    if header.dev != device.id.to_string() {
        return Err(bad(index, "The header names another device."));
    }
    let id: Uuid = header.eid.parse().map_err(|_| bad(index, "`eid` must be a UUID."))?;
    let (content, payload, quarantine) = content_of(event, &header);
    let hash = sha256(&hdr);
    Ok(Signed {
        id: EventId(id),
        hash,
        hdr,
        sig,
        kid: event.kid.clone(),
        header,
        content,
        payload,
        quarantine,
    })
}

type Content = (Option<([u8; 32], Vec<u8>)>, Payload, Option<&'static str>);

/// The payload, if it is the one that the header commits to. What does not fit is kept apart, the event itself counts.
fn content_of(event: &PushEvent, header: &Header) -> Content {
    let Some(pc) = header.pc else {
        return (None, Payload::default(), None);
    };
    // Kept as it came and without effect: nothing is lost, and what the log commits to has its file.
    let apart = |code| {
        let salt = event.salt.as_deref().and_then(base64url_decode);
        let bytes = event
            .payload
            .as_deref()
            .map(|text| base64url_decode(text).unwrap_or_else(|| text.into()));
        let salt = salt.and_then(|bytes| bytes.try_into().ok()).unwrap_or([0; 32]);
        (Some((salt, bytes.unwrap_or_default())), Payload::default(), Some(code))
    };
    let (Some(salt), Some(payload)) = (&event.salt, &event.payload) else {
        return apart("payload-missing");
    };
    let salt: Option<[u8; 32]> = base64url_decode(salt).and_then(|bytes| bytes.try_into().ok());
    let (Some(salt), Some(bytes)) = (salt, base64url_decode(payload)) else {
        return apart("payload-unreadable");
    };
    if commitment(&salt, &bytes) != pc {
        return apart("payload-differs");
    }
    match serde_json::from_slice(&bytes) {
        Ok(payload) => (Some((salt, bytes)), payload, None),
        Err(_) => (Some((salt, bytes)), Payload::default(), Some("payload-unreadable")),
    }
}

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
        let signed = self.decoded(actor, &device, request).await?;
        let doors = self.doors_of(actor, &signed).await?;
        let keys = self.keys_for(actor, &doors).await?;
        let staff = self.store().staff_list(actor.tenant).await?;
        let roster = self.store().roster_of_staff(actor.tenant, actor.staff).await?;
        let sent = Micros::from_millis(request.sent_wall_ms);
        let mut tx = self.store().write(actor.tenant, now).await?;
        tx.visit_lock(&doors.aliases()).await?;
        if signed.iter().any(Signed::of_contact) {
            tx.case_lock(&doors.cases()).await?;
        }
        let mut taking = Taking {
            app: self,
            actor,
            device: tx.device_lock(id).await?,
            doors,
            keys,
            staff: staff.into_iter().map(|one| (one.id.0, one)).collect(),
            crew: roster.map(|line| line.crew),
            sent,
            offset: now.saturating_sub(sent),
            entries: Vec::new(),
            results: Vec::with_capacity(signed.len()),
        };
        device::check_state(&taking.device)?;
        for event in &signed {
            if taking.take(&mut tx, event).await? {
                return Err(self.suspend(actor, tx, taking.device, event).await?);
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
        let (checkpoint, continued) = self.checkpoint_for_devices(actor).await?;
        Ok(PushAnswer {
            results,
            acknowledgement,
            checkpoint,
            continued,
            limits: LIMITS,
        })
    }

    /// The events of a push, with signatures that hold. Calls for help among them are heard at once: everything that refuses
    /// a push comes after.
    async fn decoded(&self, actor: &Actor, device: &Device, request: &PushRequest) -> Result<Vec<Signed>, AppError> {
        let events = request.events.iter().enumerate();
        let signed: Vec<Result<Signed, AppError>> = events.map(|(index, event)| decode(index, event, device)).collect();
        let calls: Vec<&Signed> = signed.iter().flatten().filter(|event| raise::is_call(event)).collect();
        let sent = Micros::from_millis(request.sent_wall_ms);
        self.hear_calls(actor, device.id, &calls, sent).await?;
        device::check_state(device)?;
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
        Ok(Doors::new(visits, known, asked))
    }

    async fn keys_for(&self, actor: &Actor, doors: &Doors) -> Result<SealingKeys, AppError> {
        let mut subjects: Vec<Uuid> = doors.persons().map(|person: PersonId| person.0).collect();
        // What belongs to no known person is sealed under the key of whoever sent it.
        subjects.push(actor.staff.0);
        Ok(self.store().sealing_keys(actor.tenant, &subjects).await?)
    }

    /// Suspends a device that signed two headers with one number, and keeps both as evidence.
    async fn suspend(
        &self,
        actor: &Actor,
        mut tx: WriteTx,
        mut device: Device,
        event: &Signed,
    ) -> Result<AppError, AppError> {
        device.state = DeviceState::Suspended;
        tx.device_update(&device).await?;
        let entry = ServerEntry::new(EntryKind::DeviceFork, actor.by())
            .with("dev", device.id.to_string())
            .with("dseq", event.header.dseq as i64)
            .with("hdr", doorstep_log::hash::base64url_encode(&event.hdr))
            .with("sig", doorstep_log::hash::base64url_encode(&event.sig));
        tx.commit(Entries::one(entry)).await?;
        Ok(AppError::refuse(
            ProblemCode::DeviceFork,
            format!(
                "Event {} was sent before with other content. The device is suspended and both are kept; \
                 an administrator must look at it.",
                event.header.dseq
            ),
        ))
    }

    async fn acknowledge(&self, actor: &Actor, device: &Device, now: Micros) -> Result<String, AppError> {
        let head = device.head_hash.as_slice();
        let body = Acknowledgement {
            v: 1,
            dev: device.id.0,
            upto_dseq: device.next_dseq - 1,
            head_hash: hex(head),
            recv_ms: now.millis(),
        };
        self.sign_note(actor, &body).await
    }

    /// A C2SP note over a value as canonical JSON, signed with the key of permits and acknowledgements.
    pub(crate) async fn sign_note(&self, actor: &Actor, body: &impl serde::Serialize) -> Result<String, AppError> {
        let fault = AppError::Fault("what is signed serialises");
        let value: canonical::Value = serde_json::to_value(body)
            .ok()
            .and_then(|json| serde_json::from_value(json).ok())
            .ok_or(fault)?;
        let bytes = canonical::encode(&value).map_err(|_| AppError::Fault("what is signed is canonical"))?;
        let mut text = String::from_utf8(bytes).map_err(|_| AppError::Fault("JSON is UTF-8"))?;
        text.push('\n');
        let key = self.permit_key(actor.tenant).await?;
        let note = note::sign(&text, &[&key]).map_err(|_| AppError::Fault("a text of one line signs"))?;
        String::from_utf8(note).map_err(|_| AppError::Fault("notes are UTF-8"))
    }
}

pub(crate) fn not_a_device() -> AppError {
    AppError::refuse(
        ProblemCode::NotAllowed,
        "Only an enrolled device may do this. Enrol with `doorstep device enrol`.",
    )
}

/// A push while it is taken.
struct Taking<'a> {
    app: &'a App,
    actor: &'a Actor,
    device: Device,
    doors: Doors,
    keys: SealingKeys,
    staff: HashMap<Uuid, Staff>,
    /// The crew that the device's owner travels with.
    crew: Option<CrewId>,
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

    /// Takes one event. Says true where the device's chain has split.
    async fn take(&mut self, tx: &mut WriteTx, event: &Signed) -> Result<bool, AppError> {
        let dseq = event.header.dseq as i64;
        let known = tx.event_known(self.device.id, dseq, event.id).await?;
        if let Some(before) = known.first() {
            if known.len() == 1 && before.dseq == dseq && before.hdr_hash == event.hash.0 {
                self.answer(event, PushStatus::Duplicate, None, &[]);
                return Ok(false);
            }
            return Ok(true);
        }
        if dseq > self.device.next_dseq {
            // The device keeps it and sends it again after those that are missing.
            self.answer(event, PushStatus::Held, Some("gap"), &[]);
            return Ok(false);
        }
        if dseq < self.device.next_dseq || event.header.prev.0.as_slice() != self.device.head_hash.as_slice() {
            return Ok(true);
        }
        let (at, doubt) = self.happened(event, self.earliest(tx, event).await?, tx.now());
        let mut flags = flags_of(event);
        if doubt {
            flags.push(EventFlag::ClockDoubt);
        }
        let mut apply = Apply {
            app: self.app,
            actor: self.actor,
            doors: &mut self.doors,
            event,
            at,
            staff: &self.staff,
            crew: self.crew,
        };
        let (visit, more) = apply.run(tx, &mut flags).await?;
        let status = if event.quarantine.is_some() {
            PushStatus::Quarantined
        } else {
            PushStatus::Accepted
        };
        self.seal(tx, event).await?;
        self.keep_place(tx, event, visit, at).await?;
        flags.sort_unstable();
        flags.dedup();
        let codes: Vec<&str> = flags.iter().map(|flag| flag.code()).collect();
        tx.event_insert(&StoredEvent {
            id: event.id,
            device: DeviceId(self.device.id.0),
            dseq,
            hdr: event.hdr.clone(),
            hdr_hash: event.hash.0.to_vec(),
            sig: event.sig.clone(),
            kind: event.header.kind.clone(),
            visit,
            status,
            flags: codes.join(","),
            received_at: tx.now(),
        })
        .await?;
        receipt::keep(tx, event).await?;
        self.entries.push(Entry::Device(DeviceEntry {
            hdr: event.hdr.clone(),
            kid: event.kid.clone(),
            sig: event.sig.clone(),
        }));
        self.entries.extend(more);
        self.device.next_dseq += 1;
        self.device.head_hash = event.hash.0.to_vec();
        self.device.head_at = at;
        self.answer(event, status, event.quarantine, &flags);
        Ok(false)
    }

    /// Before this nothing that the event speaks of can have happened: not before the device was enrolled, not before the
    /// event before it, not before the visit was published or the device was given its door.
    async fn earliest(&self, tx: &mut WriteTx, event: &Signed) -> Result<Micros, AppError> {
        let before = self.device.enrolled_at.max(self.device.head_at);
        let visit = event.visit().and_then(|alias| self.doors.visit(alias));
        let since = match visit {
            Some(visit) => {
                let door = tx.door_since(self.device.id, visit).await?;
                door.given.or(door.published)
            }
            None => None,
        };
        Ok(since.map_or(before, |since| before.max(since)))
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

    /// Seals the payload under the key of the person it concerns, else of whoever sent it.
    async fn seal(&self, tx: &mut WriteTx, event: &Signed) -> Result<(), AppError> {
        let Some((salt, payload)) = &event.content else {
            return Ok(());
        };
        let subject = self.subject(event);
        let Ok(key) = self.keys.get(subject) else {
            // The person was erased in the meantime: what describes them is not kept any more.
            return Ok(());
        };
        let (sealed, _) = key.seal_with_salt(event.id.0, *salt, payload);
        Ok(tx.payload_insert(vec![(event.id.0, subject, sealed)]).await?)
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
        if !at_door.iter().any(|kind| kind.code() == event.header.kind) {
            return Ok(());
        }
        let told = (event.payload.position.as_ref(), visit, at);
        place::keep(tx, (self.actor.staff, self.device.id), told, &self.keys).await
    }

    fn subject(&self, event: &Signed) -> Uuid {
        event
            .visit()
            .and_then(|alias| self.doors.person(alias))
            .map_or(self.actor.staff.0, |person| person.0)
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
