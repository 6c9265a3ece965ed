//! Conflicts of the crew's own visits: what this device was told of them, and settling one, also offline.
//!
//! What is disputed is told like the rest of a visit: one person at a time behind a door, and phone or money only after
//! that person was recognised. Until then a conflict answers as one that is not on this device; the office settles it.

use std::collections::HashSet;

use doorstep_domain::conflict::{ConflictKind, ContactField, Side};
use doorstep_domain::event::EventKind;
use doorstep_log::hash::Hash;
use doorstep_wire::conflict::ConflictItem;
use doorstep_wire::sync::{Payload, Settlement};
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;
use uuid::Uuid;

use crate::begun::{Begun, aliases};
use crate::db::Tx;
use crate::device::Device;
use crate::error::DeviceError;
use crate::event::Draft;
use crate::seal::{Key, Place};
use crate::vault::caseload;

/// Where a conflict lies sealed.
const CONFLICT: &str = "conflict.body";

/// A conflict that nobody had settled when this device last pulled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenConflict {
    /// What the server said of it.
    pub item: ConflictItem,
    /// What was chosen on this device since; the server has the last word.
    pub taken: Option<Side>,
}

impl Device {
    /// The open conflicts of this crew's visits of which a screen may speak. Empty after the lease has ended.
    pub async fn conflicts(&self) -> Result<Vec<OpenConflict>, DeviceError> {
        self.enforce_lease().await?;
        let mut connection = self.db.pool().acquire().await?;
        self.conflicts_shown(&mut connection).await
    }

    /// Says which side of a conflict holds; returns the event. It counts if nobody else settled it before the server
    /// takes it.
    pub async fn conflict_settle(&self, conflict: Uuid, take: Side) -> Result<Uuid, DeviceError> {
        self.enforce_lease().await?;
        let mut tx = self.db.begin().await?;
        let shown = self.conflicts_shown(&mut tx).await?;
        let open = shown.into_iter().find(|open| open.item.id == conflict);
        let open = open.ok_or(DeviceError::NoSuchConflict { conflict })?;
        if open.taken.is_some() {
            return Err(DeviceError::ConflictSettled { conflict });
        }
        let visit = open.item.visit.ok_or_else(corrupt)?;
        let door = self.door_get(&mut tx, visit).await?;
        let door = door.ok_or(DeviceError::NoSuchVisit { visit })?;
        let permit = self.permit_for(&mut tx, door.visit_alias).await?;
        let about = aliases(&door, permit.and_then(|permit| Hash::from_hex(&permit.rules)));
        let payload = Payload {
            settle: Some(Settlement {
                conflict,
                take: take.code().to_owned(),
            }),
            ..Payload::default()
        };
        let draft = Draft::new(EventKind::ConflictSettled).about(&about).payload(payload);
        let event = self.record(&mut tx, draft).await?;
        sqlx::query("UPDATE conflict SET taken = $1 WHERE id = $2")
            .bind(take.code())
            .bind(conflict.as_bytes().as_slice())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(event)
    }

    /// What is held and may be shown, in the order of their ids.
    async fn conflicts_shown(&self, connection: &mut SqliteConnection) -> Result<Vec<OpenConflict>, DeviceError> {
        let Some(key) = caseload(connection, &self.key).await? else {
            return Ok(Vec::new());
        };
        let sql = "SELECT id, body, taken FROM conflict ORDER BY id";
        let rows = sqlx::query(sql).fetch_all(&mut *connection).await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let in_turn = self.in_turn(connection).await?;
        let mut shown = Vec::new();
        for row in &rows {
            let item = item_of(&key, row.try_get(0)?, row.try_get(1)?)?;
            if may_show(connection, &in_turn, &item).await? {
                let taken: Option<&str> = row.try_get(2)?;
                let taken = taken.map(str::parse).transpose().map_err(|_| corrupt())?;
                shown.push(OpenConflict { item, taken });
            }
        }
        Ok(shown)
    }
}

/// Whether it is this person's turn, and what is disputed may be seen already.
async fn may_show(
    connection: &mut SqliteConnection,
    in_turn: &HashSet<Uuid>,
    item: &ConflictItem,
) -> Result<bool, DeviceError> {
    let Some(visit) = item.visit.filter(|visit| in_turn.contains(visit)) else {
        return Ok(false);
    };
    let private = item.field == ContactField::Phone.code() || item.kind == ConflictKind::Promise.code();
    if !private {
        return Ok(true);
    }
    let begun = Begun::load(connection, visit).await?;
    Ok(begun.is_some_and(|begun| begun.confirmed_at.is_some()))
}

/// Keeps a conflict as the server told it; what was chosen here stays chosen.
pub(crate) async fn conflict_put(tx: &mut Tx, key: &Key, item: &ConflictItem) -> Result<(), DeviceError> {
    let Some(visit) = item.visit else { return Ok(()) };
    let id = item.id.as_bytes().as_slice();
    let body = serde_json::to_vec(item).map_err(|_| corrupt())?;
    sqlx::query(
        "INSERT INTO conflict (id, visit, body) VALUES ($1, $2, $3) ON CONFLICT (id) \
         DO UPDATE SET visit = excluded.visit, body = excluded.body",
    )
    .bind(id)
    .bind(visit.as_bytes().as_slice())
    .bind(key.seal(Place::new(CONFLICT, id), &body)?)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Reads what [`conflict_put`] wrote.
fn item_of(key: &Key, row: &[u8], sealed: &[u8]) -> Result<ConflictItem, DeviceError> {
    let body = key.open(Place::new(CONFLICT, row), sealed)?;
    serde_json::from_slice(&body).map_err(|_| corrupt())
}

const fn corrupt() -> DeviceError {
    DeviceError::Corrupt { what: "conflict" }
}
