//! Where devices were when they last told: one place each, sealed under its owner's key, forgotten after the shift.

use doorstep_domain::id::{DeviceId, StaffId, TenantId, VisitId};
use doorstep_domain::measure::Micros;
use uuid::Uuid;

use crate::db::args;
use crate::entry::Housekeeping;
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

/// The last place of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DevicePlace {
    /// The device.
    pub device: DeviceId,
    /// Its owner, under whose key the place is sealed; the record is called after the device.
    pub staff: StaffId,
    /// The visit at which it was told: goes with the person who was visited.
    pub visit: Option<VisitId>,
    /// When it was there, by the server's time.
    pub at: Micros,
    /// The place, sealed.
    pub sealed: Vec<u8>,
}

impl Store {
    /// The last places of all devices of a tenant.
    pub async fn device_places(&self, tenant: TenantId) -> Result<Vec<DevicePlace>, StoreError> {
        let sql = "SELECT device_id, staff_id, visit_id, at, sealed FROM device_place WHERE tenant_id = $1";
        let rows = self.db.fetch(sql, args![tenant.0]).await?;
        rows.iter()
            .map(|row| {
                Ok(DevicePlace {
                    device: DeviceId(row.id(0)?),
                    staff: StaffId(row.id(1)?),
                    visit: row.opt_id(2)?.map(VisitId),
                    at: Micros(row.int(3)?),
                    sealed: row.blob(4)?,
                })
            })
            .collect()
    }

    /// Forgets places told before `limit`, of all tenants, but where an alarm about the device is not over. Returns how
    /// many.
    pub async fn device_places_forget(&self, limit: Micros, now: Micros) -> Result<u64, StoreError> {
        // Looking first, because this is asked every few seconds and there is rarely anything.
        let sql = "SELECT count(*) FROM device_place p WHERE p.at < $1 AND NOT EXISTS (SELECT 1 FROM alarm a \
                   WHERE a.tenant_id = p.tenant_id AND a.device_id = p.device_id AND a.state <> 'ended')";
        let found = self.db.fetch_one(sql, args![limit]).await?;
        if found.is_none_or(|row| row.int(0).is_ok_and(|count| count == 0)) {
            return Ok(0);
        }
        // Any tenant will do: the statement names none, and no entry is written.
        let mut tx = self.write(TenantId(Uuid::nil()), now).await?;
        let sql = "DELETE FROM device_place WHERE at < $1 AND NOT EXISTS (SELECT 1 FROM alarm a \
                   WHERE a.tenant_id = device_place.tenant_id AND a.device_id = device_place.device_id \
                   AND a.state <> 'ended')";
        let gone = tx.exec(sql, args![limit]).await?;
        tx.commit_housekeeping(Housekeeping::Caches).await?;
        Ok(gone)
    }
}

impl WriteTx {
    /// Keeps where a device was, unless a later place is known.
    pub async fn device_place_set(&mut self, place: &DevicePlace) -> Result<(), StoreError> {
        let values = args![
            self.tenant(),
            place.device.0,
            place.staff.0,
            place.visit.map(|id| id.0),
            place.at,
            place.sealed.clone()
        ];
        self.exec(
            "INSERT INTO device_place (tenant_id, device_id, staff_id, visit_id, at, sealed) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant_id, device_id) DO UPDATE SET \
             staff_id = excluded.staff_id, visit_id = excluded.visit_id, at = excluded.at, sealed = excluded.sealed \
             WHERE excluded.at >= device_place.at",
            values,
        )
        .await
        .map(drop)
    }
}
