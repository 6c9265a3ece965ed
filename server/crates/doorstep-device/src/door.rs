//! What the lease lets this device hold: doors, permits, alarms, conflicts and who looked at its owner, sealed under the
//! caseload key. They go with that key when the lease ends or the device is revoked.

use doorstep_domain::measure::Micros;
use doorstep_wire::sync::{Door, Limits, Permit};
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;
use uuid::Uuid;

use crate::db::{Db, Tx};
use crate::device::Device;
use crate::error::DeviceError;
use crate::seal::{Key, Place};
use crate::trust;
use crate::vault::caseload;

/// Where a door lies sealed.
pub(crate) const DOOR: &str = "door.body";
/// Where a permit does.
pub(crate) const PERMIT: &str = "permit.note";

/// Where the talk with the server stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyncStatus {
    /// Whether the server revoked this device.
    pub revoked: bool,
    /// Until when doors may be held; zero before the first pull.
    pub lease_until: Micros,
    /// All events up to this number are acknowledged.
    pub upto_dseq: i64,
    /// How many events are not.
    pub unacknowledged: i64,
    /// What the server last said may be sent.
    pub limits: Limits,
}

impl Device {
    /// All doors of the crew, in the order of the route: for programs, not for a screen, which shows [`Device::route`]. Empty
    /// after the lease has ended.
    pub async fn doors(&self) -> Result<Vec<Door>, DeviceError> {
        self.enforce_lease().await?;
        let mut connection = self.db.pool().acquire().await?;
        self.doors_held(&mut connection).await
    }

    /// The door of one visit whose turn it is behind its door.
    pub async fn door(&self, visit: Uuid) -> Result<Door, DeviceError> {
        self.enforce_lease().await?;
        let mut connection = self.db.pool().acquire().await?;
        self.door_to_open(&mut connection, visit).await
    }

    /// The permit in force: of those that have not ended the one that ends first, otherwise the newest.
    pub async fn permit(&self) -> Result<Option<Permit>, DeviceError> {
        self.enforce_lease().await?;
        let mut connection = self.db.pool().acquire().await?;
        let permits = self.permits(&mut connection).await?;
        let now_ms = self.now().millis();
        let current = permits
            .iter()
            .filter(|permit| permit.expires_ms >= now_ms)
            .min_by_key(|permit| permit.expires_ms);
        Ok(current.or(permits.first()).cloned())
    }

    /// Where the talk with the server stands.
    pub async fn sync_status(&self) -> Result<SyncStatus, DeviceError> {
        let sql = "SELECT revoked, lease_until, upto_dseq, max_events, max_bytes, next_poll_s, \
                   (SELECT count(*) FROM event WHERE state <> 'acknowledged') FROM sync_state";
        let row = sqlx::query(sql).fetch_one(self.db.pool()).await?;
        Ok(SyncStatus {
            revoked: row.try_get::<i64, _>(0)? != 0,
            lease_until: Micros(row.try_get(1)?),
            upto_dseq: row.try_get(2)?,
            limits: Limits {
                max_events: row.try_get(3)?,
                max_bytes: row.try_get(4)?,
                next_poll_s: row.try_get(5)?,
            },
            unacknowledged: row.try_get(6)?,
        })
    }

    /// All permits, newest facts first. Their signatures are checked again, because the file may have been changed.
    pub(crate) async fn permits(&self, connection: &mut SqliteConnection) -> Result<Vec<Permit>, DeviceError> {
        let Some(key) = caseload(connection, &self.key).await? else {
            return Ok(Vec::new());
        };
        let sql = "SELECT permit, note FROM permit ORDER BY as_of_ms DESC, permit";
        let rows = sqlx::query(sql).fetch_all(connection).await?;
        rows.iter()
            .map(|row| {
                let note = key.open_text(Place::new(PERMIT, row.try_get(0)?), row.try_get(1)?)?;
                trust::permit(&note, &self.identity.permit_key, self.identity.tenant)
                    .map_err(|_| DeviceError::Corrupt { what: "permit" })
            })
            .collect()
    }

    /// The permit that decides about a visit.
    pub(crate) async fn permit_for(&self, tx: &mut Tx, visit_alias: Uuid) -> Result<Option<Permit>, DeviceError> {
        let permits = self.permits(tx).await?;
        Ok(deciding(&permits, visit_alias).cloned())
    }

    /// The door of a visit, inside or outside a transaction.
    pub(crate) async fn door_get(
        &self,
        connection: &mut SqliteConnection,
        visit: Uuid,
    ) -> Result<Option<Door>, DeviceError> {
        let sealed: Option<Vec<u8>> = sqlx::query_scalar("SELECT body FROM door WHERE visit = $1")
            .bind(visit.as_bytes().as_slice())
            .fetch_optional(&mut *connection)
            .await?;
        let key = caseload(connection, &self.key).await?;
        let (Some(sealed), Some(key)) = (sealed, key) else {
            return Ok(None);
        };
        door_of(&key, visit.as_bytes(), &sealed).map(Some)
    }

    /// All doors in the order of the route.
    pub(crate) async fn doors_held(&self, connection: &mut SqliteConnection) -> Result<Vec<Door>, DeviceError> {
        let Some(key) = caseload(connection, &self.key).await? else {
            return Ok(Vec::new());
        };
        let sql = "SELECT visit, body FROM door ORDER BY starts, position, visit";
        let rows = sqlx::query(sql).fetch_all(connection).await?;
        rows.iter()
            .map(|row| door_of(&key, row.try_get(0)?, row.try_get(1)?))
            .collect()
    }

    /// Wipes what the device may no longer hold.
    pub(crate) async fn enforce_lease(&self) -> Result<(), DeviceError> {
        enforce_lease(&self.db, self.now()).await
    }
}

/// Wipes what may no longer be held; needs no PIN.
pub(crate) async fn enforce_lease(db: &Db, now: Micros) -> Result<(), DeviceError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM sync_state WHERE lease_until < $1) AND (EXISTS (SELECT 1 FROM \
               caseload_key) OR EXISTS (SELECT 1 FROM door) OR EXISTS (SELECT 1 FROM permit))";
    let over: bool = sqlx::query_scalar(sql).bind(now.get()).fetch_one(db.pool()).await?;
    if over {
        let mut tx = db.begin().await?;
        wipe(&mut tx).await?;
        tx.commit().await?;
        db.forget().await?;
        tracing::info!("the lease has ended; what it lent is wiped");
    }
    Ok(())
}

/// Destroys the caseload key and removes what it sealed and the content of events that the server holds. The cursor
/// goes too, so that the next pull brings everything anew; unacknowledged events stay whole. [`Db::forget`] after it.
pub(crate) async fn wipe(tx: &mut Tx) -> Result<(), DeviceError> {
    empty_doors(tx).await?;
    for sql in [
        "DELETE FROM caseload_key",
        "DELETE FROM own_read",
        "UPDATE event SET payload = NULL, salt = NULL WHERE state = 'acknowledged'",
        "UPDATE sync_state SET cursor = NULL",
    ] {
        sqlx::query(sql).execute(&mut **tx).await?;
    }
    Ok(())
}

/// Removes doors, permits, alarms, conflicts, statements of partners and rule packs.
pub(crate) async fn empty_doors(tx: &mut Tx) -> Result<(), DeviceError> {
    for sql in [
        "DELETE FROM door",
        "DELETE FROM permit",
        "DELETE FROM alarm",
        "DELETE FROM conflict",
        "DELETE FROM joined",
        "DELETE FROM rule_pack",
    ] {
        sqlx::query(sql).execute(&mut **tx).await?;
    }
    Ok(())
}

/// Of all permits the one that decides about a visit: the newest that lists it, otherwise the newest.
pub(crate) fn deciding(permits: &[Permit], visit_alias: Uuid) -> Option<&Permit> {
    let lists = |permit: &&Permit| permit.doors.iter().any(|door| door.visit == visit_alias);
    permits.iter().find(lists).or(permits.first())
}

/// Shows a door as it was corrected on this device, until the server says otherwise.
pub(crate) async fn door_show(tx: &mut Tx, key: &Key, door: &Door) -> Result<(), DeviceError> {
    let body = serde_json::to_vec(door).map_err(|_| DeviceError::Corrupt { what: "door" })?;
    let row = door.visit.as_bytes().as_slice();
    sqlx::query("UPDATE door SET body = $1 WHERE visit = $2")
        .bind(key.seal(Place::new(DOOR, row), &body)?)
        .bind(row)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

fn door_of(key: &Key, row: &[u8], sealed: &[u8]) -> Result<Door, DeviceError> {
    let body = key.open(Place::new(DOOR, row), sealed)?;
    serde_json::from_slice(&body).map_err(|_| DeviceError::Corrupt { what: "door" })
}
