//! Devices, their one-time codes, and what each of them holds.

use std::collections::HashMap;

use doorstep_domain::codes;
use doorstep_domain::id::{DeviceId, StaffId, TenantId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_log::leaf::Algorithm;
use uuid::Uuid;

use crate::db::{Row, Tx, args};
use crate::entry::Housekeeping;
use crate::error::StoreError;
use crate::keys::KeyStore;
use crate::mac::MacKey;
use crate::store::Store;
use crate::write::WriteTx;

codes!(
    /// Where a device stands.
    DeviceState, "state of a device" {
        /// May push and pull.
        Active = "active",
        /// Signed two headers with one number: nothing more is taken from it until somebody looked.
        Suspended = "suspended",
        /// Revoked; told to wipe itself.
        Revoked = "revoked",
        /// Lost or stolen: as revoked, and what it had not sent may never come.
        Lost = "lost",
    }
);

/// A device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// Whose it is.
    pub staff: StaffId,
    /// Name of its key.
    pub kid: String,
    /// Public key, as `doorstep_log::device_key` reads it.
    pub public_key: Vec<u8>,
    /// What kind of key it is.
    pub alg: Algorithm,
    /// Where it stands.
    pub state: DeviceState,
    /// The number that its next event must have; the first is 1.
    pub next_dseq: i64,
    /// Hash of the last header of its chain; zeros before the first.
    pub head_hash: Vec<u8>,
    /// Name and version of its program.
    pub app: String,
    /// When it was enrolled.
    pub enrolled_at: Micros,
    /// When it was last heard of.
    pub seen_at: Micros,
    /// When it last said that nothing waits in its outbox.
    pub settled_at: Micros,
    /// When the last event of its chain happened, by the server's time.
    pub head_at: Micros,
    /// Counts up with every pull that changed what it holds.
    pub pull_cursor: i64,
}

impl Device {
    /// Whether its key was ended: revoked, or lost.
    #[must_use]
    pub const fn is_ended(&self) -> bool {
        matches!(self.state, DeviceState::Revoked | DeviceState::Lost)
    }

    /// The kind of its key as entries name it: only where it is not Ed25519.
    #[must_use]
    pub fn alg_stated(&self) -> Option<&str> {
        (self.alg != Algorithm::Ed25519).then(|| self.alg.name())
    }
}

/// What doors are called among the things that a device holds.
pub const NOUN_DOOR: &str = "door";

/// When a visit came into the reach of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DoorSince {
    /// When the device was given the door; `None` where it never was.
    pub given: Option<Micros>,
    /// When the visit's plan was published; `None` where no plan asked for it.
    pub published: Option<Micros>,
}

/// One thing that a device holds: noun, id and digest of its content.
pub type Held = (String, Uuid, Vec<u8>);

fn device_of(row: &Row) -> Result<Device, StoreError> {
    Ok(Device {
        id: DeviceId(row.id(0)?),
        staff: StaffId(row.id(1)?),
        kid: row.text(2)?,
        public_key: row.blob(3)?,
        state: row.code(4)?,
        next_dseq: row.int(5)?,
        head_hash: row.blob(6)?,
        app: row.text(7)?,
        enrolled_at: Micros(row.int(8)?),
        seen_at: Micros(row.int(9)?),
        pull_cursor: row.int(10)?,
        settled_at: Micros(row.int(11)?),
        head_at: Micros(row.int(12)?),
        alg: Algorithm::from_name(row.text(13)?),
    })
}

macro_rules! device_sql {
    ($tail:literal) => {
        concat!(
            "SELECT device_id, staff_id, kid, public_key, state, next_dseq, head_hash, app, enrolled_at, seen_at, ",
            "pull_cursor, settled_at, head_at, alg, mac FROM device ",
            $tail
        )
    };
}

/// What of a device nobody but this program may write: whose it is, its key, its state and how far its chain is. Its id is one
/// of its tenant's alone, as the key that vouches for it.
fn device_row(device: &Device) -> String {
    let Device { id, staff, kid, .. } = device;
    let (alg, state, next) = (device.alg.name(), device.state, device.next_dseq);
    format!(
        "{id} {staff} {kid:?} {alg:?} {:?} {state} {next} {:?}",
        device.public_key, device.head_hash
    )
}

/// A device as this program wrote it.
fn device_trusted(key: &MacKey, row: &Row) -> Result<Device, StoreError> {
    let device = device_of(row)?;
    if key.holds(&[device_row(&device).as_bytes()], row.bytes(14)?) {
        Ok(device)
    } else {
        Err(StoreError::Forged("device"))
    }
}

/// Vouches for devices in rows of a version that knew no MACs.
pub(crate) async fn device_adopt(tx: &mut Tx, keys: &KeyStore, tenant: TenantId) -> Result<(), StoreError> {
    let key = keys.mac_key(tenant, "device").await?;
    let sql = device_sql!("WHERE tenant_id = $1 AND length(mac) = 0");
    for row in tx.fetch(sql, args![tenant.0]).await? {
        let device = device_of(&row)?;
        let mac = key.mac(&[device_row(&device).as_bytes()]).to_vec();
        let sql = "UPDATE device SET mac = $1 WHERE tenant_id = $2 AND device_id = $3";
        tx.exec(sql, args![mac, tenant.0, device.id.0]).await?;
    }
    Ok(())
}

impl Store {
    /// One device.
    pub async fn device_get(&self, tenant: TenantId, id: DeviceId) -> Result<Device, StoreError> {
        let sql = device_sql!("WHERE tenant_id = $1 AND device_id = $2");
        let row = self.db.fetch_one(sql, args![tenant.0, id.0]).await?;
        let row = row.ok_or(StoreError::NotFound)?;
        device_trusted(&self.keys.mac_key(tenant, "device").await?, &row)
    }

    /// All devices of a tenant.
    pub async fn device_list(&self, tenant: TenantId) -> Result<Vec<Device>, StoreError> {
        let sql = device_sql!("WHERE tenant_id = $1 ORDER BY enrolled_at, device_id");
        self.db
            .fetch(sql, args![tenant.0])
            .await?
            .iter()
            .map(device_of)
            .collect()
    }

    /// The devices of some staff.
    pub async fn devices_of_staff(&self, tenant: TenantId, staff: &[Uuid]) -> Result<Vec<Device>, StoreError> {
        let sql = device_sql!("WHERE tenant_id = $1 AND staff_id IN ({in}) ORDER BY enrolled_at, device_id");
        let rows = self.db.fetch_in(sql, args![tenant.0], staff).await?;
        let key = self.keys.mac_key(tenant, "device").await?;
        rows.iter().map(|row| device_trusted(&key, row)).collect()
    }

    /// The devices that hold doors: somebody works with them, or did until their lease ended.
    pub async fn device_carrying(&self, tenant: TenantId) -> Result<Vec<DeviceId>, StoreError> {
        let sql = "SELECT DISTINCT device_id FROM device_held WHERE tenant_id = $1 AND noun = $2";
        let rows = self.db.fetch(sql, args![tenant.0, NOUN_DOOR]).await?;
        rows.iter().map(|row| Ok(DeviceId(row.id(0)?))).collect()
    }

    /// What a device holds.
    pub async fn device_held(&self, tenant: TenantId, device: DeviceId) -> Result<Vec<Held>, StoreError> {
        let sql = "SELECT noun, noun_id, digest FROM device_held WHERE tenant_id = $1 AND device_id = $2";
        let rows = self.db.fetch(sql, args![tenant.0, device.0]).await?;
        rows.iter()
            .map(|row| Ok((row.text(0)?, row.id(1)?, row.blob(2)?)))
            .collect()
    }

    /// Notes a renewal of a device's session; `Changed` where this or a later one was noted before.
    pub async fn device_renewed(
        &self,
        tenant: TenantId,
        device: DeviceId,
        sent_wall_ms: i64,
        now: Micros,
    ) -> Result<(), StoreError> {
        let mut tx = self.write(tenant, now).await?;
        tx.exec_one(
            "UPDATE device SET renewed_ms = $1 WHERE tenant_id = $2 AND device_id = $3 AND renewed_ms < $1",
            args![sent_wall_ms, tenant.0, device.0],
        )
        .await?;
        tx.commit_housekeeping(Housekeeping::Sessions).await
    }

    /// Notes that a device was heard from, and where nothing waits in its outbox, that too.
    pub async fn device_seen(
        &self,
        tenant: TenantId,
        device: DeviceId,
        settled: bool,
        now: Micros,
    ) -> Result<(), StoreError> {
        let mut tx = self.write(tenant, now).await?;
        tx.device_seen(device, settled).await?;
        tx.commit_housekeeping(Housekeeping::Caches).await
    }

    /// Notes what a device holds after a pull, and its new cursor.
    pub async fn device_held_set(
        &self,
        tenant: TenantId,
        device: DeviceId,
        held: Vec<Held>,
        (cursor, settled): (i64, bool),
        now: Micros,
    ) -> Result<(), StoreError> {
        let mut tx = self.write(tenant, now).await?;
        let doors = held.iter().filter(|(noun, ..)| noun == NOUN_DOOR);
        let given = doors.map(|(_, id, _)| args![tenant.0, *id, device.0, now]).collect();
        tx.insert_many(
            "INSERT INTO door_given (tenant_id, visit_id, device_id, given_at)",
            "ON CONFLICT (tenant_id, visit_id, device_id) DO NOTHING",
            given,
        )
        .await?;
        let sql = "DELETE FROM device_held WHERE tenant_id = $1 AND device_id = $2";
        tx.exec(sql, args![tenant.0, device.0]).await?;
        let rows = held
            .into_iter()
            .map(|(noun, id, digest)| args![tenant.0, device.0, noun, id, digest])
            .collect();
        tx.insert_many(
            "INSERT INTO device_held (tenant_id, device_id, noun, noun_id, digest)",
            "",
            rows,
        )
        .await?;
        tx.exec(
            "UPDATE device SET pull_cursor = $1 WHERE tenant_id = $2 AND device_id = $3",
            args![cursor, tenant.0, device.0],
        )
        .await?;
        tx.device_seen(device, settled).await?;
        tx.commit_housekeeping(Housekeeping::Caches).await
    }
}

/// What must not change about a code.
const fn code_row<'a>(code_hash: &'a [u8], staff: &'a [u8], expires: &'a [u8]) -> [&'a [u8]; 4] {
    [b"row", code_hash, staff, expires]
}

impl WriteTx {
    async fn device_seen(&mut self, device: DeviceId, settled: bool) -> Result<(), StoreError> {
        let values = args![self.now(), settled, self.tenant(), device.0];
        self.exec_one(
            "UPDATE device SET seen_at = $1, settled_at = CASE WHEN $2 = 1 THEN $1 ELSE settled_at END \
             WHERE tenant_id = $3 AND device_id = $4",
            values,
        )
        .await
    }

    /// Keeps a one-time enrolment code, as a MAC under a key of the key store, with another one over whose it is.
    pub async fn device_code_insert(&mut self, staff: StaffId, code: &str, expires: Micros) -> Result<(), StoreError> {
        let (tenant, now) = (self.tenant(), self.now());
        let key = self.mac_key("device_code").await?;
        let code_hash = key.mac(&[b"code", code.as_bytes()]).to_vec();
        let mac = key
            .mac(&code_row(&code_hash, staff.0.as_bytes(), &expires.get().to_le_bytes()))
            .to_vec();
        let sql = "DELETE FROM device_code WHERE tenant_id = $1 AND expires < $2";
        self.exec(sql, args![tenant, now]).await?;
        let sql = "INSERT INTO device_code (tenant_id, code_hash, staff_id, expires, mac) VALUES ($1, $2, $3, $4, $5)";
        self.exec(sql, args![tenant, code_hash, staff.0, expires, mac])
            .await
            .map(drop)
    }

    /// From when on a device may have been at the doors of some visits.
    pub async fn door_since(
        &mut self,
        device: DeviceId,
        visits: &[Uuid],
    ) -> Result<HashMap<VisitId, DoorSince>, StoreError> {
        let sql = "SELECT v.visit_id, (SELECT g.given_at FROM door_given g WHERE g.tenant_id = v.tenant_id \
                   AND g.visit_id = v.visit_id AND g.device_id = $2), p.published_at FROM visit v \
                   LEFT JOIN plan p ON p.tenant_id = v.tenant_id AND p.plan_id = v.plan_id \
                   WHERE v.tenant_id = $1 AND v.visit_id IN ({in})";
        let rows = self.fetch_in(sql, args![self.tenant(), device.0], visits).await?;
        let since = |row: &Row| {
            let since = DoorSince {
                given: row.opt_int(1)?.map(Micros),
                published: row.opt_int(2)?.map(Micros),
            };
            Ok((VisitId(row.id(0)?), since))
        };
        rows.iter().map(since).collect()
    }

    /// Uses up an enrolment code and says whose it was; `NotFound` where it is unknown, used, too old or of somebody else's
    /// making.
    pub async fn device_code_use(&mut self, code: &str) -> Result<StaffId, StoreError> {
        let key = self.mac_key("device_code").await?;
        let code_hash = key.mac(&[b"code", code.as_bytes()]).to_vec();
        let values = args![self.tenant(), code_hash.as_slice(), self.now()];
        let sql = "DELETE FROM device_code WHERE tenant_id = $1 AND code_hash = $2 AND expires > $3 \
                   RETURNING staff_id, expires, mac";
        let row = self.fetch_one(sql, values).await?.ok_or(StoreError::NotFound)?;
        let (staff, expires) = (row.id(0)?, row.int(1)?.to_le_bytes());
        let row_parts = code_row(&code_hash, staff.as_bytes(), &expires);
        if key.holds(&row_parts, row.bytes(2)?) {
            Ok(StaffId(staff))
        } else {
            Err(StoreError::NotFound)
        }
    }

    /// Adds a device.
    pub async fn device_insert(&mut self, device: &Device) -> Result<(), StoreError> {
        let values = args![
            self.tenant(),
            device.id.0,
            device.staff.0,
            device.kid.as_str(),
            device.public_key.clone(),
            device.state.code(),
            device.next_dseq,
            device.head_hash.clone(),
            device.app.as_str(),
            device.enrolled_at,
            device.seen_at,
            device.pull_cursor,
            device.settled_at,
            device.head_at,
            device.alg.name(),
            self.mac_key("device")
                .await?
                .mac(&[device_row(device).as_bytes()])
                .to_vec()
        ];
        self.exec(
            "INSERT INTO device (tenant_id, device_id, staff_id, kid, public_key, state, next_dseq, head_hash, app, \
             enrolled_at, seen_at, pull_cursor, settled_at, head_at, alg, mac) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
            values,
        )
        .await
        .map(drop)
    }

    /// The device as it stands within the transaction; on PostgreSQL its row stays locked until the end, so that two
    /// pushes of one device come one after the other.
    pub async fn device_lock(&mut self, id: DeviceId) -> Result<Device, StoreError> {
        let values = args![self.tenant(), id.0];
        let sql = crate::db::Sql {
            lite: device_sql!("WHERE tenant_id = $1 AND device_id = $2"),
            pg: device_sql!("WHERE tenant_id = $1 AND device_id = $2 FOR UPDATE"),
        };
        let row = self.fetch_one(sql, values).await?.ok_or(StoreError::NotFound)?;
        device_trusted(&self.mac_key("device").await?, &row)
    }

    /// Moves the chain of a device on, or changes its state.
    pub async fn device_update(&mut self, device: &Device) -> Result<(), StoreError> {
        let values = args![
            device.state.code(),
            device.next_dseq,
            device.head_hash.clone(),
            device.app.as_str(),
            device.seen_at,
            device.head_at,
            self.tenant(),
            device.id.0,
            self.mac_key("device")
                .await?
                .mac(&[device_row(device).as_bytes()])
                .to_vec()
        ];
        self.exec_one(
            "UPDATE device SET state = $1, next_dseq = $2, head_hash = $3, app = $4, seen_at = $5, \
             head_at = $6, mac = $9 WHERE tenant_id = $7 AND device_id = $8",
            values,
        )
        .await
    }
}
