//! Pulling: what the crew may hold, applied in one transaction or not at all.
//!
//! A crash leaves the old state with the old cursor, or the new one with the new. Operations and nouns of a newer
//! server that this program does not know are left out.

use doorstep_wire::SYNC_VERSION;
use doorstep_wire::conflict::ConflictItem;
use doorstep_wire::sync::{Door, PullAnswer, PullOp};

use crate::alarm::{ALARM, Alarm};
use crate::checkpoint::Seen;
use crate::conflict::conflict_put;
use crate::db::Tx;
use crate::device::{Device, parse};
use crate::door::{DOOR, PERMIT, empty_doors};
use crate::error::DeviceError;
use crate::packs::pack_put;
use crate::seal::{Key, Place};
use crate::suspect::Suspicion;
use crate::transport::Method;
use crate::trust;
use crate::vault::caseload_or_new;

const REQUEST: &str = "GET /v1/sync/pull";
/// How often an answer is thrown away because another process pulled at the same time.
const TRIES_MAX: usize = 3;

/// What a pull changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PullReport {
    /// Doors, permits and conflicts that were put.
    pub put: usize,
    /// Doors, permits and conflicts that were removed by name.
    pub removed: usize,
    /// Alarms of partners that are new, changed or gone.
    pub alarms: usize,
    /// Rule packs that are new, changed or gone.
    pub packs: usize,
    /// Whether everything held before went first.
    pub reset: bool,
    /// Whether the server's checkpoint does not hold; it is kept as evidence and reported in the chain.
    pub alarm: bool,
}

/// What was known when the request left.
struct Asked {
    cursor: Option<String>,
    seen: Option<Seen>,
    upto_dseq: i64,
}

/// One change, read and checked.
enum Change {
    PutDoor(Box<Door>, String),
    PutPermit {
        id: uuid::Uuid,
        as_of_ms: i64,
        note: String,
    },
    PutAlarm(uuid::Uuid, String),
    RemoveDoor(uuid::Uuid),
    RemovePermit(uuid::Uuid),
    RemoveAlarm(uuid::Uuid),
    PutConflict(Box<ConflictItem>),
    RemoveConflict(uuid::Uuid),
    PutPack(uuid::Uuid, String),
    RemovePack(uuid::Uuid),
}

impl Device {
    /// Fetches and applies what changed since the last pull, and takes up the server's checkpoint where it is proven to
    /// extend the one that was verified before. A permit whose signature does not hold refuses the whole
    /// answer; it is kept as evidence.
    pub async fn pull(&self) -> Result<PullReport, DeviceError> {
        for _ in 0..TRIES_MAX {
            let asked = Asked {
                cursor: self.cursor().await?,
                seen: self.checkpoint_seen().await?,
                upto_dseq: self.sync_status().await?.upto_dseq,
            };
            let mut request = self.request(Method::Get, "/v1/sync/pull");
            request
                .query
                .extend(asked.cursor.clone().map(|cursor| ("cursor", cursor)));
            request.query.push(("sync_version", SYNC_VERSION.to_string()));
            request.query.push(("waiting", self.outbox().await?.len().to_string()));
            if let Some(seen) = &asked.seen {
                request.query.push(("size", seen.checkpoint.size.to_string()));
            }
            let answer: PullAnswer = parse(&self.call(request).await?, REQUEST)?;
            let changes = self.read_changes(&answer).await?;
            let mut tx = self.db.begin().await?;
            if let Some(report) = self.apply(&mut tx, &asked, &answer, changes).await? {
                tx.commit().await?;
                return Ok(report);
            }
        }
        Err(DeviceError::Busy)
    }

    async fn cursor(&self) -> Result<Option<String>, DeviceError> {
        let sql = "SELECT cursor FROM sync_state";
        Ok(sqlx::query_scalar(sql).fetch_one(self.db.pool()).await?)
    }

    async fn read_changes(&self, answer: &PullAnswer) -> Result<Vec<Change>, DeviceError> {
        let mut changes = Vec::new();
        for op in &answer.ops {
            changes.extend(self.read_change(op).await?);
        }
        Ok(changes)
    }

    async fn read_change(&self, op: &PullOp) -> Result<Option<Change>, DeviceError> {
        let unreadable = || DeviceError::Answer { request: REQUEST };
        Ok(match (op.op.as_str(), op.noun.as_str()) {
            ("put", "door") => {
                let body = op.body.clone().ok_or_else(unreadable)?;
                let door: Door = serde_json::from_str(&body).map_err(|_| unreadable())?;
                if door.visit != op.id {
                    return Err(unreadable());
                }
                Some(Change::PutDoor(Box::new(door), body))
            }
            ("put", "permit") => {
                let note = op.body.clone().ok_or_else(unreadable)?;
                Some(self.read_permit(op.id, note).await?)
            }
            ("put", "alarm") => {
                let body = op.body.clone().ok_or_else(unreadable)?;
                let alarm: Alarm = serde_json::from_str(&body).map_err(|_| unreadable())?;
                if alarm.id != op.id {
                    return Err(unreadable());
                }
                Some(Change::PutAlarm(op.id, body))
            }
            ("remove", "alarm") => Some(Change::RemoveAlarm(op.id)),
            ("remove", "door") => Some(Change::RemoveDoor(op.id)),
            ("remove", "permit") => Some(Change::RemovePermit(op.id)),
            ("put", "conflict") => {
                let body = op.body.as_deref().ok_or_else(unreadable)?;
                let item: ConflictItem = serde_json::from_str(body).map_err(|_| unreadable())?;
                if item.id != op.id {
                    return Err(unreadable());
                }
                Some(Change::PutConflict(Box::new(item)))
            }
            ("remove", "conflict") => Some(Change::RemoveConflict(op.id)),
            // Whether this program understands it is asked at the door, where what it does not understand forbids.
            ("put", "pack") => Some(Change::PutPack(op.id, op.body.clone().ok_or_else(unreadable)?)),
            ("remove", "pack") => Some(Change::RemovePack(op.id)),
            // For clients without packs; this one has them.
            (_, "sentences") => None,
            (kind, noun) => {
                tracing::info!(
                    op.kind = kind,
                    op.noun = noun,
                    "an operation of a newer server is left out"
                );
                None
            }
        })
    }

    async fn read_permit(&self, id: uuid::Uuid, note: String) -> Result<Change, DeviceError> {
        let read = trust::permit(&note, &self.identity.permit_key, self.identity.tenant);
        let doubt = match read {
            // Servers name the permit of a crew by the crew, so that a new one takes the old one's place.
            Ok(permit) if permit.id == id || permit.crew == id => {
                let as_of_ms = permit.as_of_ms;
                return Ok(Change::PutPermit { id, as_of_ms, note });
            }
            Ok(_) => trust::Doubt::Foreign,
            Err(doubt) => doubt,
        };
        self.refuse_note("permit", &note, doubt).await
    }

    /// Keeps a note that does not hold and refuses what came with it.
    pub(crate) async fn refuse_note<T>(
        &self,
        noun: &'static str,
        note: &str,
        doubt: trust::Doubt,
    ) -> Result<T, DeviceError> {
        let mut tx = self.db.begin().await?;
        let suspicion = Suspicion {
            noun,
            doubt: &doubt,
            note,
            known: None,
            proof: None,
        };
        self.suspect(&mut tx, suspicion).await?;
        tx.commit().await?;
        let reason = doubt.to_string();
        Err(DeviceError::Forged { noun, reason })
    }

    /// `None` where another process has pulled since the cursor was read.
    async fn apply(
        &self,
        tx: &mut Tx,
        asked: &Asked,
        answer: &PullAnswer,
        changes: Vec<Change>,
    ) -> Result<Option<PullReport>, DeviceError> {
        let current: Option<String> = sqlx::query_scalar("SELECT cursor FROM sync_state")
            .fetch_one(&mut **tx)
            .await?;
        if current != asked.cursor {
            return Ok(None);
        }
        let mut report = PullReport {
            reset: answer.reset,
            ..PullReport::default()
        };
        if answer.reset {
            empty_doors(tx).await?;
        }
        let key = caseload_or_new(tx, &self.key).await?;
        for change in changes {
            match change {
                Change::PutDoor(..) | Change::PutPermit { .. } | Change::PutConflict(_) => report.put += 1,
                Change::RemoveDoor(_) | Change::RemovePermit(_) | Change::RemoveConflict(_) => report.removed += 1,
                Change::PutAlarm(..) | Change::RemoveAlarm(_) => report.alarms += 1,
                Change::PutPack(..) | Change::RemovePack(_) => report.packs += 1,
            }
            change.apply(tx, &key).await?;
        }
        sqlx::query("UPDATE sync_state SET cursor = $1, lease_until = $2, revoked = 0")
            .bind(&answer.cursor)
            .bind(answer.lease_until)
            .execute(&mut **tx)
            .await?;
        self.note_limits(tx, answer.limits).await?;
        // A log that contradicts itself takes nothing away from what protects a person: doors that are gone stay gone.
        report.alarm = self.take_checkpoint(tx, answer, asked.seen.as_ref()).await?;
        report.alarm |= self.compare_acknowledgement(tx, answer, asked.upto_dseq).await?;
        Ok(Some(report))
    }

    /// Keeps what the server lets this device send.
    pub(crate) async fn note_limits(
        &self,
        tx: &mut Tx,
        limits: doorstep_wire::sync::Limits,
    ) -> Result<(), DeviceError> {
        sqlx::query("UPDATE sync_state SET max_events = $1, max_bytes = $2, next_poll_s = $3")
            .bind(limits.max_events)
            .bind(limits.max_bytes)
            .bind(limits.next_poll_s)
            .execute(&mut **tx)
            .await?;
        Ok(())
    }
}

impl Change {
    async fn apply(self, tx: &mut Tx, key: &Key) -> Result<(), DeviceError> {
        if let Self::PutDoor(door, _) = &self
            && door.withdrawn.is_some()
        {
            // Nobody goes there: what was typed about it beforehand goes with the name.
            let sql = "DELETE FROM draft WHERE visit = $1 AND visit NOT IN (SELECT visit FROM visit)";
            let query = sqlx::query(sql).bind(door.visit.as_bytes().as_slice());
            query.execute(&mut **tx).await?;
        }
        let query = match &self {
            Self::PutConflict(item) => return conflict_put(tx, key, item).await,
            Self::PutPack(id, text) => return pack_put(tx, *id, text).await,
            Self::RemovePack(id) => sqlx::query("DELETE FROM rule_pack WHERE pack = $1").bind(id.as_bytes().as_slice()),
            Self::RemoveConflict(id) => {
                sqlx::query("DELETE FROM conflict WHERE id = $1").bind(id.as_bytes().as_slice())
            }
            Self::PutDoor(door, body) => sqlx::query(
                "INSERT INTO door (visit, position, starts, body) VALUES ($1, $2, $3, $4) ON CONFLICT (visit) \
                 DO UPDATE SET position = excluded.position, starts = excluded.starts, body = excluded.body",
            )
            .bind(door.visit.as_bytes().as_slice())
            .bind(door.position)
            .bind(door.starts)
            .bind(key.seal(Place::new(DOOR, door.visit.as_bytes()), body.as_bytes())?),
            Self::PutPermit { id, as_of_ms, note } => sqlx::query(
                "INSERT INTO permit (permit, as_of_ms, note) VALUES ($1, $2, $3) ON CONFLICT (permit) \
                 DO UPDATE SET as_of_ms = excluded.as_of_ms, note = excluded.note",
            )
            .bind(id.as_bytes().as_slice())
            .bind(*as_of_ms)
            .bind(key.seal(Place::new(PERMIT, id.as_bytes()), note.as_bytes())?),
            Self::PutAlarm(id, body) => sqlx::query(
                "INSERT INTO alarm (alarm, body) VALUES ($1, $2) ON CONFLICT (alarm) DO UPDATE SET \
                 body = excluded.body",
            )
            .bind(id.as_bytes().as_slice())
            .bind(key.seal(Place::new(ALARM, id.as_bytes()), body.as_bytes())?),
            Self::RemoveAlarm(id) => sqlx::query("DELETE FROM alarm WHERE alarm = $1").bind(id.as_bytes().as_slice()),
            Self::RemoveDoor(id) => sqlx::query("DELETE FROM door WHERE visit = $1").bind(id.as_bytes().as_slice()),
            Self::RemovePermit(id) => {
                sqlx::query("DELETE FROM permit WHERE permit = $1").bind(id.as_bytes().as_slice())
            }
        };
        query.execute(&mut **tx).await?;
        Ok(())
    }
}
