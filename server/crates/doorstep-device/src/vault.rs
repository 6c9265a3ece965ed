//! The vault: a PIN opens the outbox key, the outbox key opens the caseload key.
//!
//! The *outbox key* seals the device's own secrets and what is not sent yet; it stays, so that nothing unsent is lost.
//! The *caseload key* seals doors, permits and alarms; it is destroyed with them when the lease ends, the device is revoked
//! or somebody guesses PINs, also while no PIN is known, and the next pull makes a new one. Both lie in the database,
//! wrapped: the one under what the PIN gives (see `pin.rs` for what that is worth), the other under the first, so that
//! a new PIN wraps one key anew. The caseload key is never held longer than a call, because another process may destroy it.

use doorstep_domain::measure::Micros;
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use crate::clock::fill_random;
use crate::db::{Db, Tx};
use crate::device::Device;
use crate::door::wipe;
use crate::error::DeviceError;
use crate::pin::{Cost, Pin, TRIES_MAX, wait_left_s, wait_s};
use crate::seal::{Key, Place};
use crate::upgrade;

const OUTBOX: Place<'static> = Place::new("vault.outbox", b"1");
const CASELOAD: Place<'static> = Place::new("caseload_key.wrapped", b"1");

/// The lock as it stands: what a PIN is tried against, and how often that failed.
pub(crate) struct Lock {
    salt: [u8; 16],
    cost: Cost,
    outbox: Vec<u8>,
    wrong_tries: u32,
    tried_at: Micros,
}

impl Lock {
    /// Reads the lock; `None` where no PIN was ever chosen.
    pub(crate) async fn load(connection: &mut SqliteConnection) -> Result<Option<Self>, DeviceError> {
        let sql = "SELECT salt, memory_kib, passes, lanes, outbox, wrong_tries, tried_at FROM vault";
        let Some(row) = sqlx::query(sql).fetch_optional(connection).await? else {
            return Ok(None);
        };
        let corrupt = || DeviceError::Corrupt { what: "vault" };
        let salt: Vec<u8> = row.try_get(0)?;
        Ok(Some(Self {
            salt: salt.try_into().map_err(|_| corrupt())?,
            cost: Cost {
                memory_kib: row.try_get(1)?,
                passes: row.try_get(2)?,
                lanes: row.try_get(3)?,
            },
            outbox: row.try_get(4)?,
            wrong_tries: row.try_get(5)?,
            tried_at: Micros(row.try_get(6)?),
        }))
    }

    /// A lock that `pin` opens to `outbox`.
    pub(crate) async fn new(pin: &Pin, outbox: &Key) -> Result<Self, DeviceError> {
        let mut salt = [0; 16];
        fill_random(&mut salt)?;
        let cost = Cost::of_new_vault();
        Ok(Self {
            salt,
            cost,
            outbox: pin.key(salt, cost).await?.wrap(OUTBOX, outbox)?,
            wrong_tries: 0,
            tried_at: Micros(0),
        })
    }

    /// Keeps the lock in the place of another.
    pub(crate) async fn store(&self, tx: &mut Tx) -> Result<(), DeviceError> {
        sqlx::query("DELETE FROM vault").execute(&mut **tx).await?;
        sqlx::query("INSERT INTO vault (one, salt, memory_kib, passes, lanes, outbox) VALUES (1, $1, $2, $3, $4, $5)")
            .bind(self.salt.as_slice())
            .bind(self.cost.memory_kib)
            .bind(self.cost.passes)
            .bind(self.cost.lanes)
            .bind(&self.outbox)
            .execute(&mut **tx)
            .await?;
        Ok(())
    }

    /// Seconds until the next PIN is looked at.
    pub(crate) fn wait_s(&self, now: Micros) -> i64 {
        wait_left_s(self.wrong_tries, self.tried_at, now)
    }

    /// The outbox key, where the PIN is the right one.
    async fn opened(&self, pin: &Pin) -> Result<Option<Key>, DeviceError> {
        let key = pin.key(self.salt, self.cost).await?;
        Ok(key.unwrap(OUTBOX, &self.outbox).ok())
    }
}

/// Opens the vault. A database of before that has none gets one: everything in it is sealed in one transaction. A wrong
/// PIN changes nothing but the count of tries.
pub(crate) async fn unlock(db: &Db, pin: &Pin, now: Micros) -> Result<Key, DeviceError> {
    let lock = match lock_of(db).await? {
        Some(lock) => lock,
        None => match upgrade::seal_all(db, pin).await? {
            Some(outbox) => return Ok(outbox),
            // Another process chose a PIN in the meantime.
            None => lock_of(db).await?.ok_or(DeviceError::Corrupt { what: "vault" })?,
        },
    };
    let seconds = lock.wait_s(now);
    if seconds > 0 {
        return Err(DeviceError::PinWait { seconds });
    }
    match lock.opened(pin).await? {
        Some(outbox) => {
            if lock.wrong_tries > 0 {
                let sql = "UPDATE vault SET wrong_tries = 0";
                sqlx::query(sql).execute(db.pool()).await?;
            }
            Ok(outbox)
        }
        None => Err(wrong(db, now).await?),
    }
}

async fn lock_of(db: &Db) -> Result<Option<Lock>, DeviceError> {
    let mut connection = db.pool().acquire().await?;
    Lock::load(&mut connection).await
}

/// Counts a wrong PIN; the tenth in a row destroys the caseload.
async fn wrong(db: &Db, now: Micros) -> Result<DeviceError, DeviceError> {
    let mut tx = db.begin().await?;
    let sql = "UPDATE vault SET wrong_tries = wrong_tries + 1, tried_at = $1 RETURNING wrong_tries";
    let tries: u32 = sqlx::query_scalar(sql).bind(now.get()).fetch_one(&mut *tx).await?;
    let wiped = tries >= TRIES_MAX;
    if wiped {
        wipe(&mut tx).await?;
    }
    tx.commit().await?;
    if wiped {
        db.forget().await?;
    }
    Ok(DeviceError::WrongPin {
        left: TRIES_MAX.saturating_sub(tries),
        wait_s: wait_s(tries),
    })
}

/// The caseload key; `None` where it was destroyed.
pub(crate) async fn caseload(connection: &mut SqliteConnection, outbox: &Key) -> Result<Option<Key>, DeviceError> {
    let wrapped: Option<Vec<u8>> = sqlx::query_scalar("SELECT wrapped FROM caseload_key")
        .fetch_optional(connection)
        .await?;
    wrapped.map(|wrapped| outbox.unwrap(CASELOAD, &wrapped)).transpose()
}

/// The caseload key, a new one where it was destroyed.
pub(crate) async fn caseload_or_new(tx: &mut Tx, outbox: &Key) -> Result<Key, DeviceError> {
    if let Some(key) = caseload(tx, outbox).await? {
        return Ok(key);
    }
    let key = Key::fresh()?;
    sqlx::query("INSERT INTO caseload_key (one, wrapped) VALUES (1, $1)")
        .bind(outbox.wrap(CASELOAD, &key)?)
        .execute(&mut **tx)
        .await?;
    Ok(key)
}

impl Device {
    /// Changes the PIN. A wrong old one counts as a wrong try.
    pub async fn change_pin(&self, old: &Pin, new: &Pin) -> Result<(), DeviceError> {
        let outbox = unlock(&self.db, old, self.now()).await?;
        let lock = Lock::new(new, &outbox).await?;
        let mut tx = self.db.begin().await?;
        lock.store(&mut tx).await?;
        tx.commit().await?;
        // What the old PIN opens is not left in old pages.
        self.db.forget().await
    }
}
