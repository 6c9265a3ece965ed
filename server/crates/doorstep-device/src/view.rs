//! What the screen of one visit shows. Looking at it is a read of that person's file and is recorded as one.
//!
//! What is owed and how to call the person appear only after the person was recognised at the door.

use doorstep_domain::event::EventKind;
use doorstep_domain::measure::Micros;
use doorstep_domain::words::Forbidden;
use doorstep_rules::DoorSentence;
use doorstep_wire::case::AmountItem;
use doorstep_wire::sync::Door;
use serde_json::Value;
use uuid::Uuid;

use crate::begun::Begun;
use crate::db::Tx;
use crate::device::Device;
use crate::error::DeviceError;
use crate::event::{Aliases, Draft};
use crate::route::Stop;
use crate::said;
use crate::visit::VisitState;

/// Looking again within this time is the same reading, in microseconds.
const ONE_READING: i64 = 5 * 60 * 1_000_000;
/// How exactly the time of the last look is kept, in microseconds, so that a screen that is drawn often writes seldom.
const NOTED_EVERY: i64 = 60 * 1_000_000;

/// A visit as its screen shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct VisitView {
    /// The visit.
    pub visit: Uuid,
    /// Who and where; `None` where the door was taken away, or shows another person by now.
    pub stop: Option<Stop>,
    /// How far it has come on this device.
    pub state: Option<VisitState>,
    /// When it was checked in.
    pub started_at: Option<Micros>,
    /// When the check-out is expected: the planned time after the check-in.
    pub expected_at: Option<Micros>,
    /// What must be done before check-out; empty when it is over.
    pub required: Vec<Task>,
    /// What may not be said, by code.
    pub not_said: Vec<String>,
    /// Whether identity and authority were shown at check-in.
    pub identity_shown: bool,
    /// When the person was recognised.
    pub confirmed_at: Option<Micros>,
    /// What was typed and not recorded yet.
    pub draft: Option<Value>,
    /// What may be told to the person; only after they were recognised.
    pub told: Option<Told>,
    /// What is said at the door and what never is, in the order of a visit; what is for the person only after they were
    /// recognised.
    pub sentences: Vec<DoorSentence>,
}

/// Something required.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its code.
    pub code: String,
    /// Whether it is done: recorded, ticked in the draft, or part of finishing itself.
    pub done: bool,
}

/// What may be told to the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What is owed; `None` where it may not be stated.
    pub amount: Option<AmountItem>,
    /// Phone of the person.
    pub phone: String,
}

impl Device {
    /// Opens the file of one visit. The first look is a `read` in the chain; looking again within five minutes is the
    /// same reading. A visit whose turn at its door has not come answers as one that is not on this device.
    pub async fn visit_view(&self, visit: Uuid) -> Result<VisitView, DeviceError> {
        self.enforce_lease().await?;
        let draft = self.draft_get(visit).await?;
        let mut tx = self.db.begin().await?;
        let begun = Begun::load(&mut tx, visit).await?;
        let stop = self.stop_shown(&mut tx, visit).await?;
        if stop.is_none() && begun.is_none() {
            return Err(DeviceError::NoSuchVisit { visit });
        }
        let door = match &stop {
            Some(_) => self.door_get(&mut tx, visit).await?,
            None => None,
        };
        if let Some(door) = &door {
            self.note_reading(&mut tx, door).await?;
        }
        let packs = self.packs(&mut tx).await?;
        tx.commit().await?;
        let mut view = view(visit, stop, begun, (door, self.now()), draft);
        view.sentences = said::heard(&packs, &view);
        Ok(view)
    }

    /// When the check-out of a visit that has begun is expected. No reading: it tells nothing of anybody.
    pub async fn visit_due(&self, visit: Uuid) -> Result<Option<Micros>, DeviceError> {
        let mut connection = self.db.pool().acquire().await?;
        let begun = Begun::load(&mut connection, visit).await?;
        Ok(begun.and_then(|begun| begun.expected_at))
    }

    async fn note_reading(&self, tx: &mut Tx, door: &Door) -> Result<(), DeviceError> {
        let now = self.now().get();
        let last: Option<i64> = sqlx::query_scalar("SELECT read_at FROM visit_read WHERE visit = $1")
            .bind(door.visit.as_bytes().as_slice())
            .fetch_optional(&mut **tx)
            .await?;
        // A clock that was set back begins a new reading.
        let since = last.map_or(i64::MAX, |last| now - last);
        if (0..NOTED_EVERY).contains(&since) {
            return Ok(());
        }
        if !(0..ONE_READING).contains(&since) {
            let about = Aliases {
                visit: door.visit,
                visit_alias: door.visit_alias,
                subject_alias: door.subject_alias,
                zone: door.zone.clone(),
                rules: None,
            };
            self.record(tx, Draft::new(EventKind::Read).about(&about)).await?;
        }
        let sql = "INSERT INTO visit_read (visit, read_at) VALUES ($1, $2) ON CONFLICT (visit) DO UPDATE SET \
                   read_at = excluded.read_at";
        sqlx::query(sql)
            .bind(door.visit.as_bytes().as_slice())
            .bind(now)
            .execute(&mut **tx)
            .await?;
        Ok(())
    }
}

fn view(
    visit: Uuid,
    stop: Option<Stop>,
    begun: Option<Begun>,
    (door, now): (Option<Door>, Micros),
    draft: Option<Value>,
) -> VisitView {
    let begun = begun.filter(|begun| begun.state != VisitState::Skipped || stop.is_none());
    let gate = stop.as_ref().map(|stop| stop.gate.clone()).unwrap_or_default();
    let (required, not_said) = match &begun {
        Some(begun) => (begun.required.clone(), begun.not_said.clone()),
        None => (gate.required, gate.not_said),
    };
    let ticked = draft.as_ref().and_then(|draft| draft["done"].as_array());
    let ticked: Vec<String> = ticked.map_or(Vec::new(), |codes| {
        codes.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    });
    let is_done = |code: &String| match &begun {
        Some(begun) => begun.settles(code, &ticked, true),
        None => ticked.contains(code),
    };
    let is_over = begun.as_ref().is_some_and(|begun| begun.state == VisitState::Finished);
    let confirmed_at = begun.as_ref().and_then(|begun| begun.confirmed_at);
    VisitView {
        visit,
        state: begun
            .as_ref()
            .map(|begun| begun.state)
            .or(stop.as_ref().and_then(|stop| stop.state)),
        started_at: begun.as_ref().and_then(|begun| begun.started_at),
        expected_at: begun.as_ref().and_then(|begun| begun.expected_at),
        required: required
            .iter()
            .filter(|_| !is_over)
            .map(|code| Task {
                code: code.clone(),
                done: is_done(code),
            })
            .collect(),
        identity_shown: begun.as_ref().is_some_and(|begun| begun.identity_shown),
        confirmed_at,
        told: door
            .filter(|_| confirmed_at.is_some())
            .map(|door| told(door, &not_said, now)),
        not_said,
        draft,
        stop,
        sentences: Vec::new(),
    }
}

/// An amount that has grown old on the device is told to nobody, as if it had been old when it came.
fn told(door: Door, not_said: &[String], now: Micros) -> Told {
    let silent = not_said.iter().any(|code| code == Forbidden::StateAmount.code());
    let fresh = |amount: &AmountItem| !amount.stale && amount.fresh_until.is_none_or(|until| now.get() <= until);
    Told {
        amount: door.amount.filter(|amount| fresh(amount) && !silent),
        phone: door.phone,
    }
}
