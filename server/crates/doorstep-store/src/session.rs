//! Sessions: opaque tokens, kept as MACs under a key of the key store, so that nobody opens one by writing a row or by
//! changing whose it is; and the throttle against guessing, shared by all processes.

use doorstep_domain::id::{DeviceId, SessionId, StaffId, TenantId};
use doorstep_domain::measure::Micros;

use crate::db::{Tx, args};
use crate::entry::{Housekeeping, OPERATOR};
use crate::error::StoreError;
use crate::mac::MacKey;
use crate::store::Store;

/// How long a window of attempts is kept.
const THROTTLE_AGE_MAX: Micros = Micros::from_seconds(86_400);

/// A signed-in session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// The tenant.
    pub tenant: TenantId,
    /// Who signed in.
    pub staff: StaffId,
    /// The device it belongs to, if any.
    pub device: Option<DeviceId>,
    /// When it was made.
    pub created_at: Micros,
    /// When it was last used, to the minute.
    pub used_at: Micros,
    /// When it ends whatever happens.
    pub expires: Micros,
}

/// What finds a session by its token, and what vouches for the rest of its row.
struct SessionKey(MacKey);

impl SessionKey {
    fn token(&self, token: &str) -> Vec<u8> {
        self.0.mac(&[b"token", token.as_bytes()]).to_vec()
    }

    /// What must not change while a session lasts.
    fn row(session: &Session, token_hash: &[u8]) -> String {
        let device = session.device.map(|device| device.to_string()).unwrap_or_default();
        let (tenant, staff, id) = (session.tenant, session.staff, session.id);
        let (from, until) = (session.created_at.get(), session.expires.get());
        format!("{token_hash:?} {tenant} {id} {staff} {device} {from} {until}")
    }
}

impl Store {
    async fn session_key(&self) -> Result<SessionKey, StoreError> {
        Ok(SessionKey(self.keys.mac_key(OPERATOR, "session").await?))
    }

    /// Opens a session for a token, which is not kept.
    pub async fn session_insert(&self, session: &Session, token: &str) -> Result<(), StoreError> {
        let key = self.session_key().await?;
        let token_hash = key.token(token);
        let mac = key.0.mac(&[b"row", SessionKey::row(session, &token_hash).as_bytes()]);
        let mut tx = self.write(session.tenant, session.created_at).await?;
        tx.exec(
            "INSERT INTO session (tenant_id, session_id, token_hash, staff_id, device_id, created_at, used_at, expires, \
             mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            args![
                session.tenant.0,
                session.id.0,
                token_hash,
                session.staff.0,
                session.device.map(|device| device.0),
                session.created_at,
                session.used_at,
                session.expires,
                mac.to_vec()
            ],
        )
        .await?;
        tx.commit_housekeeping(Housekeeping::Sessions).await
    }

    /// The session behind a token. A row that somebody else wrote or changed is none.
    pub async fn session_by_token(&self, token: &str) -> Result<Option<Session>, StoreError> {
        let key = self.session_key().await?;
        let token_hash = key.token(token);
        let sql = "SELECT session_id, tenant_id, staff_id, device_id, created_at, used_at, expires, mac FROM session \
                   WHERE token_hash = $1";
        let Some(row) = self.db.fetch_one(sql, args![token_hash.as_slice()]).await? else {
            return Ok(None);
        };
        let session = Session {
            id: SessionId(row.id(0)?),
            tenant: TenantId(row.id(1)?),
            staff: StaffId(row.id(2)?),
            device: row.opt_id(3)?.map(DeviceId),
            created_at: Micros(row.int(4)?),
            used_at: Micros(row.int(5)?),
            expires: Micros(row.int(6)?),
        };
        let row_text = SessionKey::row(&session, &token_hash);
        if !key.0.holds(&[b"row", row_text.as_bytes()], row.bytes(7)?) {
            tracing::error!(session.id = %session.id, "a session was changed by somebody else and opens nothing");
            return Ok(None);
        }
        Ok(Some(session))
    }

    /// Notes that a session was used.
    pub async fn session_touch(&self, session: &Session, now: Micros) -> Result<(), StoreError> {
        let mut tx = self.write(session.tenant, now).await?;
        tx.exec(
            "UPDATE session SET used_at = $1 WHERE tenant_id = $2 AND session_id = $3",
            args![now, session.tenant.0, session.id.0],
        )
        .await?;
        tx.commit_housekeeping(Housekeeping::Sessions).await
    }

    /// Ends a session, or all sessions of a staff member where `session` is `None`.
    pub async fn session_end(
        &self,
        tenant: TenantId,
        staff: StaffId,
        session: Option<SessionId>,
        now: Micros,
    ) -> Result<(), StoreError> {
        let mut tx = self.write(tenant, now).await?;
        if let Some(session) = session {
            let sql = "DELETE FROM session WHERE tenant_id = $1 AND staff_id = $2 AND session_id = $3";
            tx.exec(sql, args![tenant.0, staff.0, session.0]).await?;
        } else {
            let sql = "DELETE FROM session WHERE tenant_id = $1 AND staff_id = $2";
            tx.exec(sql, args![tenant.0, staff.0]).await?;
        }
        tx.commit_housekeeping(Housekeeping::Sessions).await
    }

    /// Counts one attempt under a key in a window of `window` and returns how many there were in it.
    pub async fn throttle_count(&self, key_hash: &[u8], now: Micros, window: Micros) -> Result<i64, StoreError> {
        let mut tx = self.db.begin().await?;
        forget_old(&mut tx, now).await?;
        let attempts = count(&mut tx, key_hash, now, window).await?;
        tx.commit().await?;
        Ok(attempts)
    }

    /// Counts one attempt under several keys, in their order, and returns the number of the first whose limit it exceeds.
    /// Keys after that one are not counted, so that a caller over its limit fills no table.
    pub async fn throttle_exceeded(
        &self,
        keys: &[(&[u8], i64)],
        now: Micros,
        window: Micros,
    ) -> Result<Option<usize>, StoreError> {
        let mut tx = self.db.begin().await?;
        forget_old(&mut tx, now).await?;
        let mut exceeded = None;
        for (number, (key, max)) in keys.iter().enumerate() {
            if count(&mut tx, key, now, window).await? > *max {
                exceeded = Some(number);
                break;
            }
        }
        tx.commit().await?;
        Ok(exceeded)
    }

    /// Takes back one attempt under a key that was used rightly, where the others under it still count.
    pub async fn throttle_uncount(&self, key_hash: &[u8]) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        tx.exec(
            "UPDATE throttle SET attempts = attempts - 1 WHERE key_hash = $1 AND attempts > 0",
            args![key_hash],
        )
        .await?;
        tx.commit().await
    }

    /// Forgets the attempts under a key, after it was used rightly.
    pub async fn throttle_clear(&self, key_hash: &[u8]) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        tx.exec("DELETE FROM throttle WHERE key_hash = $1", args![key_hash])
            .await?;
        tx.commit().await
    }
}

/// Nobody asks for windows of yesterday; without this, guesses at invented names would stay for ever.
async fn forget_old(tx: &mut Tx, now: Micros) -> Result<(), StoreError> {
    let values = args![now - THROTTLE_AGE_MAX];
    tx.exec("DELETE FROM throttle WHERE window_start < $1", values)
        .await
        .map(drop)
}

async fn count(tx: &mut Tx, key_hash: &[u8], now: Micros, window: Micros) -> Result<i64, StoreError> {
    let start = Micros(now.get() - now.get().rem_euclid(window.get()));
    let row = tx
        .fetch_one(
            "INSERT INTO throttle (key_hash, window_start, attempts) VALUES ($1, $2, 1) \
             ON CONFLICT (key_hash) DO UPDATE SET \
             attempts = CASE WHEN throttle.window_start = excluded.window_start \
                        THEN throttle.attempts + 1 ELSE 1 END, window_start = excluded.window_start \
             RETURNING attempts",
            args![key_hash, start],
        )
        .await?;
    row.ok_or(StoreError::NotFound)?.int(0)
}
