//! Sealing a database of before: every personal or secret column in one transaction, at the first PIN.
//!
//! Killed in the middle, the database is as it was; the next opening begins again.

use sqlx::Row as _;

use crate::db::{Db, Tx};
use crate::error::DeviceError;
use crate::pin::Pin;
use crate::seal::{Key, Place};
use crate::vault::{Lock, caseload_or_new};

/// A column whose bytes become sealed ones.
struct Column {
    /// Its place, as everything that reads it says it.
    place: &'static str,
    /// The row's key as bytes, and the bytes.
    read: &'static str,
    write: &'static str,
    /// Whether it goes with the lease.
    of_caseload: bool,
}

const fn column(place: &'static str, read: &'static str, write: &'static str, of_caseload: bool) -> Column {
    Column {
        place,
        read,
        write,
        of_caseload,
    }
}

const COLUMNS: [Column; 8] = [
    column(
        "identity.seed",
        "SELECT one, seed FROM identity",
        "UPDATE identity SET seed = $2 WHERE one = $1",
        false,
    ),
    column(
        "identity.token",
        "SELECT one, token FROM identity",
        "UPDATE identity SET token = $2 WHERE one = $1",
        false,
    ),
    column(
        "event.salt",
        "SELECT dseq, salt FROM event WHERE salt IS NOT NULL",
        "UPDATE event SET salt = $2 WHERE dseq = $1",
        false,
    ),
    column(
        "event.payload",
        "SELECT dseq, payload FROM event WHERE payload IS NOT NULL",
        "UPDATE event SET payload = $2 WHERE dseq = $1",
        false,
    ),
    column(
        "suspect_note.note",
        "SELECT hash, note FROM suspect_note",
        "UPDATE suspect_note SET note = $2 WHERE hash = $1",
        false,
    ),
    column(
        "suspect_note.known",
        "SELECT hash, known FROM suspect_note WHERE known IS NOT NULL",
        "UPDATE suspect_note SET known = $2 WHERE hash = $1",
        false,
    ),
    column(
        "door.body",
        "SELECT visit, body FROM door",
        "UPDATE door SET body = $2 WHERE visit = $1",
        true,
    ),
    column(
        "permit.note",
        "SELECT permit, note FROM permit",
        "UPDATE permit SET note = $2 WHERE permit = $1",
        true,
    ),
];

/// Seals what lies open and returns the new outbox key; `None` where another process did so before.
pub(crate) async fn seal_all(db: &Db, pin: &Pin) -> Result<Option<Key>, DeviceError> {
    let outbox = Key::fresh()?;
    let lock = Lock::new(pin, &outbox).await?;
    let mut tx = db.begin().await?;
    if Lock::load(&mut tx).await?.is_some() {
        return Ok(None);
    }
    lock.store(&mut tx).await?;
    let caseload = caseload_or_new(&mut tx, &outbox).await?;
    for column in &COLUMNS {
        let key = if column.of_caseload { &caseload } else { &outbox };
        column.seal(&mut tx, key).await?;
    }
    tx.commit().await?;
    db.rewrite().await?;
    Ok(Some(outbox))
}

impl Column {
    async fn seal(&self, tx: &mut Tx, key: &Key) -> Result<(), DeviceError> {
        for row in sqlx::query(self.read).fetch_all(&mut **tx).await? {
            let plain: Vec<u8> = row.try_get(1)?;
            // A key of the table is a number or bytes.
            if let Ok(number) = row.try_get::<i64, _>(0) {
                let sealed = key.seal(Place::new(self.place, &row_bytes(number)), &plain)?;
                sqlx::query(self.write)
                    .bind(number)
                    .bind(sealed)
                    .execute(&mut **tx)
                    .await?;
            } else {
                let bytes: Vec<u8> = row.try_get(0)?;
                let sealed = key.seal(Place::new(self.place, &bytes), &plain)?;
                sqlx::query(self.write)
                    .bind(bytes)
                    .bind(sealed)
                    .execute(&mut **tx)
                    .await?;
            }
        }
        Ok(())
    }
}

/// A row's number as the bytes that its sealed columns are bound to.
pub(crate) const fn row_bytes(number: i64) -> [u8; 8] {
    number.to_be_bytes()
}

/// Undoes the sealing, for tests of a database of before.
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
pub(crate) async fn open_all(tx: &mut Tx, outbox: &Key, caseload: &Key) {
    for column in &COLUMNS {
        let key = if column.of_caseload { caseload } else { outbox };
        for row in sqlx::query(column.read).fetch_all(&mut **tx).await.unwrap() {
            let sealed: Vec<u8> = row.get(1);
            let number = row.try_get::<i64, _>(0);
            let bytes = number
                .as_ref()
                .map_or_else(|_| row.get(0), |number| row_bytes(*number).to_vec());
            let plain = key.open(Place::new(column.place, &bytes), &sealed).unwrap();
            let write = sqlx::query(column.write);
            let write = match number {
                Ok(number) => write.bind(number),
                Err(_) => write.bind(bytes),
            };
            write.bind(plain.to_vec()).execute(&mut **tx).await.unwrap();
        }
    }
}
