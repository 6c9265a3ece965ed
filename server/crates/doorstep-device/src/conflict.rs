//! Conflicts of the crew's own visits: what this device was told of them, and settling one, also offline.

use doorstep_domain::conflict::Side;
use doorstep_domain::event::EventKind;
use doorstep_log::hash::Hash;
use doorstep_wire::conflict::ConflictItem;
use doorstep_wire::sync::{Payload, Settlement};
use sqlx::Row as _;
use uuid::Uuid;

use crate::db::{Tx, id_of};
use crate::device::Device;
use crate::door::door_get;
use crate::error::DeviceError;
use crate::event::Draft;
use crate::visit::aliases;

/// A conflict that nobody had settled when this device last pulled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenConflict {
    /// What the server said of it.
    pub item: ConflictItem,
    /// What was chosen on this device since; the server has the last word.
    pub taken: Option<Side>,
}

impl Device {
    /// The open conflicts of this crew's visits. Empty after the lease has ended.
    pub async fn conflicts(&self) -> Result<Vec<OpenConflict>, DeviceError> {
        self.enforce_lease().await?;
        let sql = "SELECT body, taken FROM conflict ORDER BY id";
        let rows = sqlx::query(sql).fetch_all(self.db.pool()).await?;
        rows.iter()
            .map(|row| {
                let taken: Option<&str> = row.try_get(1)?;
                Ok(OpenConflict {
                    item: item_of(row.try_get(0)?)?,
                    taken: taken.map(str::parse).transpose().map_err(|_| corrupt())?,
                })
            })
            .collect()
    }

    /// Says which side of a conflict holds; returns the event. It counts if nobody else settled it before the server
    /// takes it.
    pub async fn conflict_settle(&self, conflict: Uuid, take: Side) -> Result<Uuid, DeviceError> {
        self.enforce_lease().await?;
        let mut tx = self.db.begin().await?;
        let sql = "SELECT visit, taken FROM conflict WHERE id = $1";
        let row = sqlx::query(sql)
            .bind(conflict.as_bytes().as_slice())
            .fetch_optional(&mut *tx)
            .await?;
        let row = row.ok_or(DeviceError::NoSuchConflict { conflict })?;
        if row.try_get::<Option<&str>, _>(1)?.is_some() {
            return Err(DeviceError::ConflictSettled { conflict });
        }
        let visit = id_of(row.try_get(0)?, "conflict")?;
        let door = door_get(&mut tx, visit)
            .await?
            .ok_or(DeviceError::NoSuchVisit { visit })?;
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
}

/// Keeps a conflict as the server told it; what was chosen here stays chosen.
pub(crate) async fn conflict_put(tx: &mut Tx, item: &ConflictItem) -> Result<(), DeviceError> {
    let Some(visit) = item.visit else { return Ok(()) };
    sqlx::query(
        "INSERT INTO conflict (id, visit, body) VALUES ($1, $2, $3) ON CONFLICT (id) \
         DO UPDATE SET visit = excluded.visit, body = excluded.body",
    )
    .bind(item.id.as_bytes().as_slice())
    .bind(visit.as_bytes().as_slice())
    .bind(body_of(item)?)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What stands in the column `body`.
fn body_of(item: &ConflictItem) -> Result<String, DeviceError> {
    serde_json::to_string(item).map_err(|_| corrupt())
}

/// Reads what [`body_of`] wrote.
fn item_of(body: &str) -> Result<ConflictItem, DeviceError> {
    serde_json::from_str(body).map_err(|_| corrupt())
}

const fn corrupt() -> DeviceError {
    DeviceError::Corrupt { what: "conflict" }
}
