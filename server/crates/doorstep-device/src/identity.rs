//! Who this device is: its id, key, session and the server's verifying keys.
//!
//! Seed and session lie in the device's database sealed under the outbox key. Nothing here may reach a log line.

use doorstep_log::note::VerifierKey;
use doorstep_wire::device::Enrolled;
use doorstep_wire::session::Me;
use sqlx::{Row as _, SqlitePool};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::db::{Tx, id_of};
use crate::error::DeviceError;
use crate::seal::{Key, Place};
use crate::secret::{KeyKind, Secret};
use crate::upgrade::row_bytes;

/// What an enrolled device knows of itself.
pub(crate) struct Identity {
    pub(crate) server_url: String,
    pub(crate) tenant: Uuid,
    pub(crate) device: Uuid,
    pub(crate) kid: String,
    pub(crate) secret: Secret,
    pub(crate) token: Zeroizing<String>,
    pub(crate) app: String,
    pub(crate) permit_key: VerifierKey,
    pub(crate) log_key: VerifierKey,
    pub(crate) me: Me,
}

const WHAT: &str = "device identity";
const ROW: [u8; 8] = row_bytes(1);
const SEED: Place<'static> = Place::new("identity.seed", &ROW);
const TOKEN: Place<'static> = Place::new("identity.token", &ROW);

impl Identity {
    /// What the server's answer makes of a device with this key; refuses keys that do not parse.
    pub(crate) fn of(enrolled: Enrolled, secret: Secret, server_url: String, app: String) -> Result<Self, DeviceError> {
        let key = |line: &str| {
            VerifierKey::parse(line).map_err(|_| DeviceError::Answer {
                request: "POST /v1/devices",
            })
        };
        Ok(Self {
            server_url,
            tenant: enrolled.me.tenant,
            device: enrolled.device,
            kid: enrolled.kid,
            secret,
            token: Zeroizing::new(enrolled.token),
            app,
            permit_key: key(&enrolled.permit_key)?,
            log_key: key(&enrolled.log_key)?,
            me: enrolled.me,
        })
    }

    /// Whether there is one: false in a database that was never enrolled.
    pub(crate) async fn exists(pool: &SqlitePool) -> Result<bool, DeviceError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM identity)";
        Ok(sqlx::query_scalar(sql).fetch_one(pool).await?)
    }

    /// Reads the identity; `None` in a database that was never enrolled.
    pub(crate) async fn load(pool: &SqlitePool, key: &Key) -> Result<Option<Self>, DeviceError> {
        let sql =
            "SELECT server_url, tenant, device, kid, seed, token, app, permit_key, log_key, me, alg FROM identity";
        let Some(row) = sqlx::query(sql).fetch_optional(pool).await? else {
            return Ok(None);
        };
        let corrupt = || DeviceError::Corrupt { what: WHAT };
        let verifier = |line: String| VerifierKey::parse(&line).map_err(|_| corrupt());
        let kind: KeyKind = row.try_get::<&str, _>(10)?.parse().map_err(|_| corrupt())?;
        Ok(Some(Self {
            server_url: row.try_get(0)?,
            tenant: id_of(row.try_get(1)?, WHAT)?,
            device: id_of(row.try_get(2)?, WHAT)?,
            kid: row.try_get(3)?,
            secret: Secret::of(kind, key.open(SEED, row.try_get(4)?)?),
            token: key.open_text(TOKEN, row.try_get(5)?)?,
            app: row.try_get(6)?,
            permit_key: verifier(row.try_get(7)?)?,
            log_key: verifier(row.try_get(8)?)?,
            me: serde_json::from_str(row.try_get(9)?).map_err(|_| corrupt())?,
        }))
    }

    /// Writes the identity of a new device.
    pub(crate) async fn store(&self, tx: &mut Tx, key: &Key) -> Result<(), DeviceError> {
        let me = serde_json::to_string(&self.me).map_err(|_| DeviceError::Corrupt { what: WHAT })?;
        sqlx::query(
            "INSERT INTO identity (one, server_url, tenant, device, kid, seed, token, app, permit_key, log_key, me, alg) \
             VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(&self.server_url)
        .bind(self.tenant.as_bytes().as_slice())
        .bind(self.device.as_bytes().as_slice())
        .bind(&self.kid)
        .bind(key.seal(SEED, self.secret.bytes())?)
        .bind(key.seal(TOKEN, self.token.as_bytes())?)
        .bind(&self.app)
        .bind(self.permit_key.to_string())
        .bind(self.log_key.to_string())
        .bind(me)
        .bind(self.secret.kind().code())
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// Keeps a renewed session.
    pub(crate) async fn store_token(tx: &mut Tx, key: &Key, token: &str) -> Result<(), DeviceError> {
        sqlx::query("UPDATE identity SET token = $1")
            .bind(key.seal(TOKEN, token.as_bytes())?)
            .execute(&mut **tx)
            .await?;
        Ok(())
    }
}
