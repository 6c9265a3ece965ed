//! What a device's folder says before its PIN: enough to greet somebody, nothing of a person.
//!
//! Also the moment at which the end of a lease is noticed when nobody opens the device any more.

use std::path::Path;
use std::sync::Arc;

use doorstep_domain::measure::{Clock, Micros};
use sqlx::Row as _;

use crate::db::Db;
use crate::device::Device;
use crate::door::enforce_lease;
use crate::error::DeviceError;
use crate::identity::Identity;
use crate::vault::Lock;

/// What can be known without a PIN.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Peek {
    /// Whether the folder holds an enrolled device.
    pub enrolled: bool,
    /// Whether it has no PIN yet: the next opening takes its PIN as the new one and seals the database.
    pub needs_new_pin: bool,
    /// Whether the server revoked it.
    pub revoked: bool,
    /// Until when doors may be held; `None` before the first pull.
    pub lease_until: Option<Micros>,
    /// Events that no signed acknowledgement covers.
    pub unsent: i64,
    /// Visits that have begun and not ended.
    pub started: i64,
    /// Seconds until a PIN is looked at, after too many wrong ones.
    pub wait_s: i64,
}

impl Device {
    /// Looks at a folder without a PIN and without a network, and wipes doors and permits where the lease has ended.
    pub async fn peek(dir: &Path, clock: Arc<dyn Clock>) -> Result<Peek, DeviceError> {
        let db = match Db::open(dir, false).await {
            Err(DeviceError::NotEnrolled { .. }) => return Ok(Peek::default()),
            opened => opened?,
        };
        let seen = look(&db, clock.now()).await;
        db.close().await;
        seen
    }
}

async fn look(db: &Db, now: Micros) -> Result<Peek, DeviceError> {
    if !Identity::exists(db.pool()).await? {
        return Ok(Peek::default());
    }
    enforce_lease(db, now).await?;
    let mut connection = db.pool().acquire().await?;
    let lock = Lock::load(&mut connection).await?;
    let sql = "SELECT revoked, lease_until, (SELECT count(*) FROM event WHERE state <> 'acknowledged'), \
               (SELECT count(*) FROM visit WHERE state = 'started') FROM sync_state";
    let row = sqlx::query(sql).fetch_one(&mut *connection).await?;
    let lease_until: i64 = row.try_get(1)?;
    Ok(Peek {
        enrolled: true,
        needs_new_pin: lock.is_none(),
        revoked: row.try_get::<i64, _>(0)? != 0,
        lease_until: (lease_until > 0).then_some(Micros(lease_until)),
        unsent: row.try_get(2)?,
        started: row.try_get(3)?,
        wait_s: lock.map_or(0, |lock| lock.wait_s(now)),
    })
}
