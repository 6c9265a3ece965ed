//! Keys of partners on this device: made while there is a network, used without one, opened by their owner's PIN.
//!
//! A key lies sealed under what its PIN gives, and that under the outbox key, so neither the device's owner nor whoever has
//! the file alone can sign as the partner. Wrong PINs wait as the device's own do; the tenth in a row destroys the key. PIN and
//! key are wiped from memory when the statement is signed.

use doorstep_domain::measure::Micros;
use doorstep_log::hash::base64url_encode;
use doorstep_wire::device::{AddPartner, PartnerItem};
use doorstep_wire::sync::Joined;
use sqlx::Row as _;
use uuid::Uuid;

use crate::clock::fill_random;
use crate::db::id_of;
use crate::device::{Device, json, parse};
use crate::error::DeviceError;
use crate::joined::Said;
use crate::pin::{Cost, Pin, TRIES_MAX, wait_left_s, wait_s};
use crate::seal::{Key, Place};
use crate::secret::{KeyKind, Secret};
use crate::transport::Method;

const WHAT: &str = "partner's key";
/// Where the key lies under its owner's PIN.
const SEED: &str = "partner.seed";
/// Where that lies under the outbox key.
const SEALED: &str = "partner.sealed";

/// A partner whose key is on this device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partner {
    /// Whose it is.
    pub staff: Uuid,
    /// The staff number, where the permit names it.
    pub login: Option<String>,
    /// Name of the key.
    pub kid: String,
    /// When it was made.
    pub added_at: Micros,
}

/// A key as it lies here.
struct Kept {
    key_id: Uuid,
    kid: String,
    salt: [u8; 16],
    cost: Cost,
    sealed: Vec<u8>,
    wrong_tries: u32,
    tried_at: Micros,
}

impl Device {
    /// Makes a key for a partner, who signs in with login and password; from then on their PIN opens it here without a
    /// network. It takes the place of an earlier one. Pull before it is used: the permit names it then.
    pub async fn partner_add(&self, login: &str, password: &str, pin: &Pin) -> Result<Partner, DeviceError> {
        let secret = Secret::fresh(KeyKind::Ed25519)?;
        let body = AddPartner {
            login: login.to_owned(),
            password: password.to_owned(),
            public_key: base64url_encode(&secret.public_key()?),
            alg: None,
        };
        let mut request = self.request(Method::Post, format!("/v1/devices/{}/partners", self.id()));
        request.body = Some(json(&body)?);
        let item: PartnerItem = parse(&self.call(request).await?, "POST /v1/devices/{id}/partners")?;
        let mut salt = [0; 16];
        fill_random(&mut salt)?;
        let cost = Cost::of_new_vault();
        let row = item.staff.as_bytes().as_slice();
        let sealed = pin.key(salt, cost).await?.seal(Place::new(SEED, row), secret.bytes())?;
        let now = self.now();
        sqlx::query(
            "INSERT OR REPLACE INTO partner (staff, key_id, kid, salt, memory_kib, passes, lanes, sealed, added_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(row)
        .bind(item.id.as_bytes().as_slice())
        .bind(&item.kid)
        .bind(salt.as_slice())
        .bind(cost.memory_kib)
        .bind(cost.passes)
        .bind(cost.lanes)
        .bind(self.key.seal(Place::new(SEALED, row), &sealed)?)
        .bind(now.get())
        .execute(self.db.pool())
        .await?;
        Ok(Partner {
            staff: item.staff,
            login: Some(login.to_owned()),
            kid: item.kid,
            added_at: now,
        })
    }

    /// The partners whose keys are here.
    pub async fn partners(&self) -> Result<Vec<Partner>, DeviceError> {
        let crew = self.permit().await?.map(|permit| permit.staff).unwrap_or_default();
        let sql = "SELECT staff, kid, added_at FROM partner ORDER BY added_at, staff";
        let rows = sqlx::query(sql).fetch_all(self.db.pool()).await?;
        rows.iter()
            .map(|row| {
                let staff = id_of(row.try_get(0)?, WHAT)?;
                let known = crew.iter().find(|one| one.id == staff);
                Ok(Partner {
                    staff,
                    login: known.map(|one| one.login.clone()),
                    kid: row.try_get(1)?,
                    added_at: Micros(row.try_get(2)?),
                })
            })
            .collect()
    }

    /// Destroys a partner's key here, and tells the server that it ended. Says whether the server heard it; where it did
    /// not, an administrator can end it there.
    pub async fn partner_remove(&self, staff: Uuid) -> Result<bool, DeviceError> {
        let kept = self.partner_kept(staff).await?;
        self.partner_destroy(staff).await?;
        let path = format!("/v1/devices/{}/partners/{}", self.id(), kept.key_id);
        match self.call(self.request(Method::Delete, path)).await {
            Ok(_) => Ok(true),
            Err(DeviceError::Network(_) | DeviceError::Refused { status: 404, .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// What a partner signs who is at this visit: the PIN opens their key for as long as that takes.
    pub async fn partner_sign(&self, visit: Uuid, staff: Uuid, pin: &Pin) -> Result<Joined, DeviceError> {
        self.enforce_lease().await?;
        let kept = self.partner_kept(staff).await?;
        let seconds = wait_left_s(kept.wrong_tries, kept.tried_at, self.now());
        if seconds > 0 {
            return Err(DeviceError::PinWait { seconds });
        }
        let row = staff.as_bytes().as_slice();
        let sealed = self.key.open(Place::new(SEALED, row), &kept.sealed)?;
        let key: Key = pin.key(kept.salt, kept.cost).await?;
        let Ok(seed) = key.open(Place::new(SEED, row), &sealed) else {
            return Err(self.partner_wrong(staff).await?);
        };
        if kept.wrong_tries > 0 {
            let sql = "UPDATE partner SET wrong_tries = 0 WHERE staff = $1";
            sqlx::query(sql).bind(row).execute(self.db.pool()).await?;
        }
        let mut connection = self.db.pool().acquire().await?;
        let door = self.door_to_open(&mut connection, visit).await?;
        drop(connection);
        let said = Said {
            staff,
            dev: Some(self.id()),
            kid: &kept.kid,
            secret: &Secret::of(KeyKind::Ed25519, seed),
        };
        said.of(&door, self.now())
    }

    /// Counts a wrong PIN; the tenth in a row destroys the key.
    async fn partner_wrong(&self, staff: Uuid) -> Result<DeviceError, DeviceError> {
        let sql =
            "UPDATE partner SET wrong_tries = wrong_tries + 1, tried_at = $1 WHERE staff = $2 RETURNING wrong_tries";
        let tries: u32 = sqlx::query_scalar(sql)
            .bind(self.now().get())
            .bind(staff.as_bytes().as_slice())
            .fetch_one(self.db.pool())
            .await?;
        if tries >= TRIES_MAX {
            self.partner_destroy(staff).await?;
        }
        Ok(DeviceError::WrongPartnerPin {
            left: TRIES_MAX.saturating_sub(tries),
            wait_s: wait_s(tries),
        })
    }

    async fn partner_destroy(&self, staff: Uuid) -> Result<(), DeviceError> {
        let sql = "DELETE FROM partner WHERE staff = $1";
        let query = sqlx::query(sql).bind(staff.as_bytes().as_slice());
        query.execute(self.db.pool()).await?;
        // What the PIN opens is not left in old pages.
        self.db.forget().await
    }

    async fn partner_kept(&self, staff: Uuid) -> Result<Kept, DeviceError> {
        let sql = "SELECT key_id, kid, salt, memory_kib, passes, lanes, sealed, wrong_tries, tried_at FROM partner \
                   WHERE staff = $1";
        let found = sqlx::query(sql).bind(staff.as_bytes().as_slice());
        let row = found.fetch_optional(self.db.pool()).await?;
        let row = row.ok_or(DeviceError::NoPartnerKey { staff })?;
        let salt: &[u8] = row.try_get(2)?;
        Ok(Kept {
            key_id: id_of(row.try_get(0)?, WHAT)?,
            kid: row.try_get(1)?,
            salt: salt.try_into().map_err(|_| DeviceError::Corrupt { what: WHAT })?,
            cost: Cost {
                memory_kib: row.try_get(3)?,
                passes: row.try_get(4)?,
                lanes: row.try_get(5)?,
            },
            sealed: row.try_get(6)?,
            wrong_tries: row.try_get(7)?,
            tried_at: Micros(row.try_get(8)?),
        })
    }
}
