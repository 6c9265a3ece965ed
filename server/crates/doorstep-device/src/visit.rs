//! What happens at a door: start, finish, skip. Each is one transaction.
//!
//! A crash leaves all events of a step or none; who does not know whether a step was recorded asks again, and a step
//! that was recorded answers that it was.

use std::path::PathBuf;

use doorstep_domain::codes;
use doorstep_domain::contact::{ContactOutcome, MatterOutcome};
use doorstep_domain::event::EventKind;
use doorstep_domain::measure::Micros;
use doorstep_log::hash::Hash;
use doorstep_log::joined::JoinedError;
use doorstep_wire::sync::{Joined, Payload, Position, PromiseMade};
use sqlx::sqlite::SqliteConnection;
use uuid::Uuid;

use crate::begun::Begun;
use crate::db::{Tx, id_of};
use crate::device::Device;
use crate::draft;
use crate::error::DeviceError;
use crate::event::{Aliases, Draft};
use crate::evidence::Kept;
use crate::gate::{Blocked, PermitReason, Question, judge};
use crate::joined::Signed;

/// The longest note or reason, in bytes of UTF-8. Several fit one push.
pub const NOTE_BYTES_MAX: usize = 16 * 1024;

codes!(
    /// How far a visit has come on this device.
    VisitState, "state of a visit on a device" {
        /// Checked in.
        Started = "started",
        /// Checked out.
        Finished = "finished",
        /// Left out.
        Skipped = "skipped",
    }
);

/// What is known when a visit begins.
#[derive(Debug, Clone, Default)]
pub struct StartInput {
    /// Where the device is.
    pub position: Option<Position>,
    /// Staff who are there, by id, each once.
    pub staff: Vec<Uuid>,
    /// What partners signed who are there. What came by sync counts without being named here.
    pub joined: Vec<Joined>,
    /// Whether identity and authority were shown.
    pub identity_shown: bool,
    /// Record it although it is blocked, because it has already happened. It is flagged for review.
    pub anyway: bool,
}

/// What is known when a visit ends.
#[derive(Debug, Clone)]
pub struct FinishInput {
    /// Where the device is.
    pub position: Option<Position>,
    /// What came of the contact.
    pub outcome: ContactOutcome,
    /// What came of the matter.
    pub matter: Option<MatterOutcome>,
    /// A promise of date and amount.
    pub promise: Option<PromiseMade>,
    /// Free text, at most [`NOTE_BYTES_MAX`].
    pub note: Option<String>,
    /// What rules required and was done, by code.
    pub done: Vec<String>,
    /// Files to keep as evidence.
    pub evidence: Vec<PathBuf>,
    /// Record it although something required is missing. It is flagged for review.
    pub anyway: bool,
}

/// A visit that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// The event `visit.arrived`.
    pub event: Uuid,
    /// Why it was blocked, where it was recorded anyway.
    pub blocked: Vec<Blocked>,
    /// What must be done before check-out, by code.
    pub required: Vec<String>,
    /// What may not be said, by code.
    pub not_said: Vec<String>,
}

/// A visit that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// Its events, in their order.
    pub events: Vec<Uuid>,
    /// What was required and not done, where it was recorded anyway.
    pub missing: Vec<String>,
}

impl Device {
    /// Checks in. [`DeviceError::Blocked`] where permit or rules forbid it: nothing is recorded then, unless
    /// `anyway` is set because it has already happened.
    pub async fn visit_start(&self, visit: Uuid, input: StartInput) -> Result<Started, DeviceError> {
        self.enforce_lease().await?;
        let mut tx = self.db.begin().await?;
        refuse_state(&mut tx, visit, &[VisitState::Started, VisitState::Finished]).await?;
        let door = self.door_to_open(&mut tx, visit).await?;
        let permit = self.permit_for(&mut tx, door.visit_alias).await?;
        let packs = self.packs(&mut tx).await?;
        let signed = match &permit {
            Some(permit) => self.signed(&mut tx, (&door, permit), &input.joined).await?,
            None => Signed::default(),
        };
        let mut staff = input.staff;
        staff.extend(signed.partners.iter().map(|(staff, _)| *staff));
        staff.sort_unstable();
        staff.dedup();
        let judgement = judge(&Question {
            permit: permit.as_ref(),
            door: &door,
            packs: &packs,
            now: self.now(),
            staff: &staff,
            signed: 1 + signed.partners.len(),
            stopped: self.is_stopped(&mut tx, &door).await?,
            position: input.position.as_ref(),
        });
        if !input.anyway {
            may_begin(&judgement.blocked, signed.refused)?;
        }
        let begun = Begun::started(&door, &judgement, input.identity_shown, self.now());
        begun.store(&mut tx, self.now()).await?;
        let payload = Payload {
            position: input.position,
            staff,
            identity_shown: Some(input.identity_shown),
            joined: signed.partners.into_iter().map(|(_, joined)| joined).collect(),
            blocked_by: judgement
                .blocked
                .iter()
                .map(|reason| reason.rule().to_owned())
                .collect(),
            ..Payload::default()
        };
        let draft = Draft::new(EventKind::VisitArrived).about(&begun.about).payload(payload);
        let event = self.record(&mut tx, draft).await?;
        tx.commit().await?;
        Ok(Started {
            event,
            blocked: judgement.blocked,
            required: begun.required,
            not_said: judgement.not_said,
        })
    }

    /// Checks out: outcome, promise, note, evidence and departure in one step. [`DeviceError::RequiredMissing`] where
    /// something required is not among `done`: nothing is recorded then, unless `anyway` is set. A visit that has begun
    /// can be closed although its door was taken away in the meantime.
    pub async fn visit_finish(&self, visit: Uuid, input: FinishInput) -> Result<Finished, DeviceError> {
        check_text("note", input.note.as_deref())?;
        check_promise(input.promise.as_ref(), self.now())?;
        // Looked at before the files are copied, and again inside the transaction.
        self.begun(visit, &input).await?;
        let mut kept = Vec::new();
        for path in &input.evidence {
            kept.push(self.keep_evidence(path).await?);
        }
        let (_, missing) = self.begun(visit, &input).await?;
        let mut tx = self.db.begin().await?;
        let states = [VisitState::Finished, VisitState::Skipped];
        refuse_state(&mut tx, visit, &states).await?;
        // As it stands now: the person may have been recognised since.
        let begun = Begun::load(&mut tx, visit)
            .await?
            .ok_or(DeviceError::NotStarted { visit })?;
        let mut events = Vec::new();
        for draft in result_drafts(&begun.about, &input) {
            events.push(self.record(&mut tx, draft).await?);
        }
        for capture in kept {
            events.push(self.record_evidence(&mut tx, &begun.about, &capture).await?);
        }
        let mut done = input.done;
        let recorded = begun.recorded().map(|item| item.code().to_owned());
        for code in recorded.filter(|code| begun.required.contains(code)) {
            if !done.contains(&code) {
                done.push(code);
            }
        }
        let payload = Payload {
            position: input.position,
            done,
            ..Payload::default()
        };
        let draft = Draft::new(EventKind::VisitDeparted)
            .about(&begun.about)
            .payload(payload);
        events.push(self.record(&mut tx, draft).await?);
        let begun = Begun {
            state: VisitState::Finished,
            stops: input
                .matter
                .and_then(MatterOutcome::restriction)
                .map(|flag| flag.code().to_owned()),
            ..begun
        };
        begun.store(&mut tx, self.now()).await?;
        draft::remove(&mut tx, visit).await?;
        tx.commit().await?;
        Ok(Finished { events, missing })
    }

    /// Leaves a visit out, with the reason.
    pub async fn skip(&self, visit: Uuid, reason: &str) -> Result<Uuid, DeviceError> {
        check_text("reason", Some(reason))?;
        self.enforce_lease().await?;
        let mut tx = self.db.begin().await?;
        refuse_state(&mut tx, visit, VisitState::ALL).await?;
        let door = self.door_to_open(&mut tx, visit).await?;
        let permit = self.permit_for(&mut tx, door.visit_alias).await?;
        let begun = Begun::skipped(&door, permit.and_then(|permit| Hash::from_hex(&permit.rules)));
        let payload = Payload {
            reason: Some(reason.to_owned()),
            ..Payload::default()
        };
        let draft = Draft::new(EventKind::StopSkipped).about(&begun.about).payload(payload);
        let event = self.record(&mut tx, draft).await?;
        begun.store(&mut tx, self.now()).await?;
        tx.commit().await?;
        Ok(event)
    }

    /// How far a visit has come on this device; `None` where it was not touched.
    pub async fn visit_state(&self, visit: Uuid) -> Result<Option<VisitState>, DeviceError> {
        let sql = "SELECT state FROM visit WHERE visit = $1";
        let id = visit.as_bytes().as_slice();
        let state: Option<String> = sqlx::query_scalar(sql).bind(id).fetch_optional(self.db.pool()).await?;
        let corrupt = |_| DeviceError::Corrupt { what: "visit" };
        state.map(|state| state.parse().map_err(corrupt)).transpose()
    }

    /// Visits that have begun and not ended, oldest first, also those whose door was taken away.
    pub async fn visits_started(&self) -> Result<Vec<Uuid>, DeviceError> {
        let sql = "SELECT visit FROM visit WHERE state = 'started' ORDER BY started_at, visit";
        let ids: Vec<Vec<u8>> = sqlx::query_scalar(sql).fetch_all(self.db.pool()).await?;
        ids.iter().map(|id| id_of(id, "visit")).collect()
    }

    /// The visit as it was begun, and what is missing before check-out.
    async fn begun(&self, visit: Uuid, input: &FinishInput) -> Result<(Begun, Vec<String>), DeviceError> {
        let mut connection = self.db.pool().acquire().await?;
        let begun = open_visit(&mut connection, visit).await?;
        let missing = begun.missing(&input.done, input.outcome);
        if missing.is_empty() || input.anyway {
            Ok((begun, missing))
        } else {
            Err(DeviceError::RequiredMissing(missing))
        }
    }

    async fn record_evidence(&self, tx: &mut Tx, about: &Aliases, capture: &Kept) -> Result<Uuid, DeviceError> {
        let draft = Draft::new(EventKind::EvidenceAdded).about(about).attached(capture.hash);
        let event = self.record(tx, draft).await?;
        sqlx::query("INSERT INTO evidence (hash, eid, visit, bytes) VALUES ($1, $2, $3, $4)")
            .bind(capture.hash.0.as_slice())
            .bind(event.as_bytes().as_slice())
            .bind(about.visit.as_bytes().as_slice())
            .bind(capture.bytes)
            .execute(&mut **tx)
            .await?;
        Ok(event)
    }
}

/// A visit that has begun and not ended.
pub(crate) async fn open_visit(connection: &mut SqliteConnection, visit: Uuid) -> Result<Begun, DeviceError> {
    let begun = Begun::load(connection, visit).await?;
    match begun {
        Some(begun) if begun.state == VisitState::Started => Ok(begun),
        Some(begun) if begun.state == VisitState::Finished => Err(DeviceError::AlreadyDone {
            visit,
            state: begun.state.code(),
        }),
        _ => Err(DeviceError::NotStarted { visit }),
    }
}

/// Outcome, promise and note, as far as there are any.
fn result_drafts(about: &Aliases, input: &FinishInput) -> Vec<Draft> {
    let draft = |kind: EventKind, payload: Payload| Draft::new(kind).about(about).payload(payload);
    let outcome = Payload {
        outcome: Some(input.outcome.code().to_owned()),
        matter: input.matter.map(|matter| matter.code().to_owned()),
        ..Payload::default()
    };
    let mut drafts = vec![draft(EventKind::VisitOutcome, outcome)];
    if let Some(promise) = input.promise.clone() {
        let promise = Payload {
            promise: Some(promise),
            ..Payload::default()
        };
        drafts.push(draft(EventKind::VisitPromise, promise));
    }
    if let Some(note) = input.note.clone() {
        let note = Payload {
            note: Some(note),
            ..Payload::default()
        };
        drafts.push(draft(EventKind::VisitNote, note));
    }
    drafts
}

/// Refuses a visit that is blocked, and one for which a partner's statement was brought along that does not count: that is told
/// where nothing but the signature is missing.
fn may_begin(blocked: &[Blocked], refused: Option<JoinedError>) -> Result<(), DeviceError> {
    let unsigned = Blocked::Permit(PermitReason::Unsigned);
    match refused {
        Some(cause) if blocked.iter().all(|reason| *reason == unsigned) => Err(DeviceError::Joined(cause)),
        _ if blocked.is_empty() => Ok(()),
        _ => Err(DeviceError::Blocked(blocked.to_vec())),
    }
}

/// Refuses where the visit is in one of `states` already.
pub(crate) async fn refuse_state(tx: &mut Tx, visit: Uuid, states: &[VisitState]) -> Result<(), DeviceError> {
    let id = visit.as_bytes().as_slice();
    let found: Option<String> = sqlx::query_scalar("SELECT state FROM visit WHERE visit = $1")
        .bind(id)
        .fetch_optional(&mut **tx)
        .await?;
    match states.iter().find(|state| found.as_deref() == Some(state.code())) {
        Some(state) => Err(DeviceError::AlreadyDone {
            visit,
            state: state.code(),
        }),
        None => Ok(()),
    }
}

fn check_text(field: &'static str, text: Option<&str>) -> Result<(), DeviceError> {
    let remedy = match text {
        Some(text) if text.trim().is_empty() => "leave it out, or write something",
        Some(text) if text.len() > NOTE_BYTES_MAX => "at most 16 KiB of text; shorten it",
        _ => return Ok(()),
    };
    Err(DeviceError::Input { field, remedy })
}

fn check_promise(promise: Option<&PromiseMade>, now: Micros) -> Result<(), DeviceError> {
    let Some(promise) = promise else { return Ok(()) };
    let wrong = |field, remedy| Err(DeviceError::Input { field, remedy });
    let Ok(day) = promise.day.parse::<jiff::civil::Date>() else {
        return wrong("promise.day", "give a date as YYYY-MM-DD");
    };
    if is_over(day, now) {
        return wrong("promise.day", "the day is over; give today or a later one");
    }
    if promise.amount <= 0 {
        return wrong("promise.amount", "give an amount above zero, in minor units");
    }
    if promise.currency.len() != 3 || !promise.currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return wrong("promise.currency", "give the three capitals of ISO 4217");
    }
    Ok(())
}

/// Whether a day is over everywhere on earth: wherever the door is, nobody can pay on it any more.
fn is_over(day: jiff::civil::Date, now: Micros) -> bool {
    const BEHIND: Micros = Micros::from_seconds(12 * 3_600);
    let latest = jiff::Timestamp::from_microsecond((now - BEHIND).get());
    latest.is_ok_and(|at| day < at.to_zoned(jiff::tz::TimeZone::UTC).date())
}
