//! Keys of partners on colleagues' devices, and what partners signed who joined a visit.

use doorstep_domain::id::{DeviceId, EventId, StaffId, TenantId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_log::leaf::Algorithm;
use uuid::Uuid;

use crate::db::{Row, args};
use crate::error::StoreError;
use crate::mac::MacKey;
use crate::store::Store;
use crate::write::WriteTx;

/// The key of somebody on a colleague's device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerKey {
    /// Its id.
    pub id: Uuid,
    /// The device on which it lies.
    pub device: DeviceId,
    /// Whose it is.
    pub staff: StaffId,
    /// Its name in statements.
    pub kid: String,
    /// What kind of key it is.
    pub alg: Algorithm,
    /// Public key, as `doorstep_log::device_key` reads it.
    pub public_key: Vec<u8>,
    /// When it was registered.
    pub added_at: Micros,
    /// When it was ended.
    pub ended_at: Option<Micros>,
}

/// What a partner signed on their own device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinedRow {
    /// The event that brought it.
    pub event: EventId,
    /// The visit.
    pub visit: VisitId,
    /// Who signed.
    pub staff: StaffId,
    /// When, by the server's time.
    pub at: Micros,
    /// The statement's text.
    pub said: String,
    /// The signature, base64url.
    pub sig: String,
}

fn key_of(row: &Row) -> Result<PartnerKey, StoreError> {
    Ok(PartnerKey {
        id: row.id(0)?,
        device: DeviceId(row.id(1)?),
        staff: StaffId(row.id(2)?),
        kid: row.text(3)?,
        alg: Algorithm::from_name(row.text(4)?),
        public_key: row.blob(5)?,
        added_at: Micros(row.int(6)?),
        ended_at: row.opt_int(7)?.map(Micros),
    })
}

fn joined_of(row: &Row) -> Result<JoinedRow, StoreError> {
    Ok(JoinedRow {
        event: EventId(row.id(0)?),
        visit: VisitId(row.id(1)?),
        staff: StaffId(row.id(2)?),
        at: Micros(row.int(3)?),
        said: row.text(4)?,
        sig: row.text(5)?,
    })
}

/// What of a key nobody but this program may write: all of it.
fn key_row(key: &PartnerKey) -> String {
    let PartnerKey {
        id, device, staff, kid, ..
    } = key;
    let ended = key.ended_at.map(Micros::get);
    format!(
        "{id} {device} {staff} {kid:?} {:?} {:?} {} {ended:?}",
        key.alg.name(),
        key.public_key,
        key.added_at.get()
    )
}

/// A key as this program wrote it.
fn key_trusted(mac: &MacKey, row: &Row) -> Result<PartnerKey, StoreError> {
    let key = key_of(row)?;
    if mac.holds(&[key_row(&key).as_bytes()], row.bytes(8)?) {
        Ok(key)
    } else {
        Err(StoreError::Forged("partner_key"))
    }
}

macro_rules! key_sql {
    ($tail:literal) => {
        concat!(
            "SELECT key_id, device_id, staff_id, kid, alg, public_key, added_at, ended_at, mac FROM partner_key ",
            $tail
        )
    };
}

impl Store {
    /// Every key of partners of a tenant, ended or not, oldest first.
    pub async fn partner_keys(&self, tenant: TenantId) -> Result<Vec<PartnerKey>, StoreError> {
        let sql = key_sql!("WHERE tenant_id = $1 ORDER BY added_at, key_id");
        let rows = self.db.fetch(sql, args![tenant.0]).await?;
        let mac = self.keys.mac_key(tenant, "partner_key").await?;
        rows.iter().map(|row| key_trusted(&mac, row)).collect()
    }

    /// The keys of some staff on colleagues' devices, ended or not.
    pub async fn partner_keys_of(&self, tenant: TenantId, staff: &[Uuid]) -> Result<Vec<PartnerKey>, StoreError> {
        let sql = key_sql!("WHERE tenant_id = $1 AND staff_id IN ({in}) ORDER BY added_at, key_id");
        let rows = self.db.fetch_in(sql, args![tenant.0], staff).await?;
        let mac = self.keys.mac_key(tenant, "partner_key").await?;
        rows.iter().map(|row| key_trusted(&mac, row)).collect()
    }

    /// What partners signed on their own devices for some visits, since `since`.
    pub async fn joined_of_visits(
        &self,
        tenant: TenantId,
        visits: &[Uuid],
        since: Micros,
    ) -> Result<Vec<JoinedRow>, StoreError> {
        let sql = "SELECT event_id, visit_id, staff_id, at, said, sig FROM joined \
                   WHERE tenant_id = $1 AND at >= $2 AND visit_id IN ({in}) ORDER BY at, event_id";
        let rows = self.db.fetch_in(sql, args![tenant.0, since], visits).await?;
        rows.iter().map(joined_of).collect()
    }
}

impl WriteTx {
    /// Registers a partner's key.
    pub async fn partner_key_insert(&mut self, key: &PartnerKey) -> Result<(), StoreError> {
        let values = args![
            self.tenant(),
            key.id,
            key.device.0,
            key.staff.0,
            key.kid.as_str(),
            key.alg.name(),
            key.public_key.clone(),
            key.added_at,
            key.ended_at,
            self.partner_mac(key).await?
        ];
        self.exec(
            "INSERT INTO partner_key (tenant_id, key_id, device_id, staff_id, kid, alg, public_key, added_at, ended_at, \
             mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            values,
        )
        .await
        .map(drop)
    }

    /// A key as it stands within the transaction.
    pub async fn partner_key_get(&mut self, id: Uuid) -> Result<PartnerKey, StoreError> {
        let sql = key_sql!("WHERE tenant_id = $1 AND key_id = $2");
        let row = self.fetch_one(sql, args![self.tenant(), id]).await?;
        let row = row.ok_or(StoreError::NotFound)?;
        key_trusted(&self.mac_key("partner_key").await?, &row)
    }

    /// Ends a key.
    pub async fn partner_key_end(&mut self, key: &PartnerKey) -> Result<(), StoreError> {
        let mac = self.partner_mac(key).await?;
        self.exec_one(
            "UPDATE partner_key SET ended_at = $1, mac = $2 WHERE tenant_id = $3 AND key_id = $4",
            args![key.ended_at, mac, self.tenant(), key.id],
        )
        .await
    }

    /// Keeps what a partner signed on their own device.
    pub async fn joined_insert(&mut self, row: &JoinedRow) -> Result<(), StoreError> {
        let values = args![
            self.tenant(),
            row.event.0,
            row.visit.0,
            row.staff.0,
            row.at,
            row.said.as_str(),
            row.sig.as_str()
        ];
        self.exec(
            "INSERT INTO joined (tenant_id, event_id, visit_id, staff_id, at, said, sig) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values,
        )
        .await
        .map(drop)
    }

    /// What partners signed on their own devices for a visit.
    pub async fn joined_of_visit(&mut self, visit: VisitId) -> Result<Vec<JoinedRow>, StoreError> {
        let sql = "SELECT event_id, visit_id, staff_id, at, said, sig FROM joined \
                   WHERE tenant_id = $1 AND visit_id = $2 ORDER BY at, event_id";
        let rows = self.fetch(sql, args![self.tenant(), visit.0]).await?;
        rows.iter().map(joined_of).collect()
    }

    async fn partner_mac(&mut self, key: &PartnerKey) -> Result<Vec<u8>, StoreError> {
        let mac = self.mac_key("partner_key").await?;
        Ok(mac.mac(&[key_row(key).as_bytes()]).to_vec())
    }
}
