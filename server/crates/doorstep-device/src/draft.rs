//! What was typed of a visit and is not recorded yet. Sealed; survives a kill, a restart and the end of the lease, and goes
//! when the visit is finished.

use serde_json::Value;
use sqlx::Row as _;
use uuid::Uuid;

use crate::begun::Begun;
use crate::db::Tx;
use crate::device::{Device, json};
use crate::error::DeviceError;
use crate::seal::Place;
use crate::visit::VisitState;

/// The longest draft as JSON, in bytes.
pub const DRAFT_BYTES_MAX: usize = 64 * 1024;

const BODY: &str = "draft.body";

impl Device {
    /// Keeps a draft in the place of an older one. What it means is for who writes it; `done`, where it is a list of
    /// codes, counts as what is ticked of the requirements.
    pub async fn draft_put(&self, visit: Uuid, draft: &Value) -> Result<(), DeviceError> {
        let body = json(draft)?;
        if body.len() > DRAFT_BYTES_MAX {
            let remedy = "at most 64 KiB; shorten it";
            return Err(DeviceError::Input { field: "draft", remedy });
        }
        let mut tx = self.db.begin().await?;
        match Begun::load(&mut tx, visit).await? {
            Some(begun) if begun.state == VisitState::Finished => {
                let state = begun.state.code();
                return Err(DeviceError::AlreadyDone { visit, state });
            }
            Some(_) => {}
            None => {
                self.door_to_open(&mut tx, visit).await?;
            }
        }
        sqlx::query(
            "INSERT INTO draft (visit, body, changed_at) VALUES ($1, $2, $3) ON CONFLICT (visit) DO UPDATE SET \
             body = excluded.body, changed_at = excluded.changed_at",
        )
        .bind(visit.as_bytes().as_slice())
        .bind(self.key.seal(Place::new(BODY, visit.as_bytes()), &body)?)
        .bind(self.now().get())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// The draft of a visit.
    pub async fn draft_get(&self, visit: Uuid) -> Result<Option<Value>, DeviceError> {
        let row = sqlx::query("SELECT body FROM draft WHERE visit = $1")
            .bind(visit.as_bytes().as_slice())
            .fetch_optional(self.db.pool())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let body = self.key.open(Place::new(BODY, visit.as_bytes()), row.try_get(0)?)?;
        let corrupt = |_| DeviceError::Corrupt { what: BODY };
        serde_json::from_slice(&body).map(Some).map_err(corrupt)
    }

    /// Throws a draft away.
    pub async fn draft_delete(&self, visit: Uuid) -> Result<(), DeviceError> {
        let mut tx = self.db.begin().await?;
        remove(&mut tx, visit).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Removes the draft of a visit.
pub(crate) async fn remove(tx: &mut Tx, visit: Uuid) -> Result<(), DeviceError> {
    sqlx::query("DELETE FROM draft WHERE visit = $1")
        .bind(visit.as_bytes().as_slice())
        .execute(&mut **tx)
        .await?;
    Ok(())
}
