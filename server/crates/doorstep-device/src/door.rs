//! What the lease lets this device hold: doors and permits. They go when the lease ends or the device is revoked.

use doorstep_domain::measure::Micros;
use doorstep_wire::sync::{Door, Limits, Permit};
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;
use uuid::Uuid;

use crate::db::Tx;
use crate::device::Device;
use crate::error::DeviceError;
use crate::trust;

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
    /// The doors of the crew, in the order of the route. Empty after the lease has ended.
    pub async fn doors(&self) -> Result<Vec<Door>, DeviceError> {
        self.enforce_lease().await?;
        let sql = "SELECT body FROM door ORDER BY starts, position, visit";
        let bodies: Vec<String> = sqlx::query_scalar(sql).fetch_all(self.db.pool()).await?;
        bodies.iter().map(|body| door_of(body)).collect()
    }

    /// The door of one visit.
    pub async fn door(&self, visit: Uuid) -> Result<Door, DeviceError> {
        self.enforce_lease().await?;
        let mut connection = self.db.pool().acquire().await?;
        door_get(&mut connection, visit)
            .await?
            .ok_or(DeviceError::NoSuchVisit { visit })
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
    async fn permits(&self, connection: &mut SqliteConnection) -> Result<Vec<Permit>, DeviceError> {
        let sql = "SELECT note FROM permit ORDER BY as_of_ms DESC, permit";
        let notes: Vec<String> = sqlx::query_scalar(sql).fetch_all(connection).await?;
        let read = |note: &String| trust::permit(note, &self.identity.permit_key, self.identity.tenant);
        notes
            .iter()
            .map(|note| read(note).map_err(|_| DeviceError::Corrupt { what: "permit" }))
            .collect()
    }

    /// The permit that decides about a visit: the newest that lists it, otherwise the newest.
    pub(crate) async fn permit_for(&self, tx: &mut Tx, visit_alias: Uuid) -> Result<Option<Permit>, DeviceError> {
        let mut permits = self.permits(tx).await?;
        let lists = |permit: &Permit| permit.doors.iter().any(|door| door.visit == visit_alias);
        let place = permits.iter().position(lists).unwrap_or(0);
        Ok((!permits.is_empty()).then(|| permits.swap_remove(place)))
    }

    /// Wipes what the device may no longer hold.
    pub(crate) async fn enforce_lease(&self) -> Result<(), DeviceError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM sync_state WHERE lease_until < $1) \
                   AND (EXISTS (SELECT 1 FROM door) OR EXISTS (SELECT 1 FROM permit) OR EXISTS (SELECT 1 FROM conflict))";
        let now = self.now().get();
        let over: bool = sqlx::query_scalar(sql).bind(now).fetch_one(self.db.pool()).await?;
        if over {
            let mut tx = self.db.begin().await?;
            self.wipe(&mut tx).await?;
            tx.commit().await?;
            tracing::info!("the lease has ended; doors and permits are wiped");
        }
        Ok(())
    }

    /// Removes doors, permits and the content of events that the server holds. The cursor goes too, so that the next
    /// pull brings everything anew; unacknowledged events stay whole.
    pub(crate) async fn wipe(&self, tx: &mut Tx) -> Result<(), DeviceError> {
        empty_doors(tx).await?;
        for sql in [
            "UPDATE event SET payload = NULL, salt = NULL WHERE state = 'acknowledged'",
            "UPDATE sync_state SET cursor = NULL",
        ] {
            sqlx::query(sql).execute(&mut **tx).await?;
        }
        Ok(())
    }
}

/// Removes doors, permits and conflicts.
pub(crate) async fn empty_doors(tx: &mut Tx) -> Result<(), DeviceError> {
    for sql in ["DELETE FROM door", "DELETE FROM permit", "DELETE FROM conflict"] {
        sqlx::query(sql).execute(&mut **tx).await?;
    }
    Ok(())
}

/// The door of a visit, inside or outside a transaction.
pub(crate) async fn door_get(connection: &mut SqliteConnection, visit: Uuid) -> Result<Option<Door>, DeviceError> {
    let body: Option<String> = sqlx::query_scalar("SELECT body FROM door WHERE visit = $1")
        .bind(visit.as_bytes().as_slice())
        .fetch_optional(connection)
        .await?;
    body.as_deref().map(door_of).transpose()
}

/// Shows a door as it was corrected on this device, until the server says otherwise.
pub(crate) async fn door_show(tx: &mut Tx, door: &Door) -> Result<(), DeviceError> {
    let body = serde_json::to_string(door).map_err(|_| DeviceError::Corrupt { what: "door" })?;
    sqlx::query("UPDATE door SET body = $1 WHERE visit = $2")
        .bind(body)
        .bind(door.visit.as_bytes().as_slice())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

fn door_of(body: &str) -> Result<Door, DeviceError> {
    serde_json::from_str(body).map_err(|_| DeviceError::Corrupt { what: "door" })
}
