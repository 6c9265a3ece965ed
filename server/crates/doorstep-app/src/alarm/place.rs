//! Where devices were when they last told: kept sealed for each, opened only under a grant with its entry.

use std::collections::HashMap;

use doorstep_domain::id::{DeviceId, EventId, PersonId, StaffId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_domain::place::Point;
use doorstep_store::grant::ReadGrant;
use doorstep_store::keys::SealingKeys;
use doorstep_store::place::DevicePlace;
use doorstep_store::{StoreError, WriteTx};
use doorstep_wire::alarm::LastPlace;
use doorstep_wire::sync::Position;

use crate::error::AppError;

/// Keeps where a device was, sealed under its owner's key. A place that was made up, or is none, is not kept.
pub(crate) async fn keep(
    tx: &mut WriteTx,
    (staff, device): (StaffId, DeviceId),
    (position, visit, at): (Option<&Position>, Option<VisitId>, Micros),
    keys: &SealingKeys,
) -> Result<(), AppError> {
    let Some(position) = position.filter(|one| !one.mock && Point::new(one.lat_e7, one.lon_e7).is_ok()) else {
        return Ok(());
    };
    let plain = serde_json::to_vec(position).map_err(|_| AppError::Fault("positions serialise"))?;
    let (sealed, _) = keys.get(staff.0)?.seal(device.0, &plain);
    let place = DevicePlace {
        device,
        staff,
        visit,
        at,
        sealed,
    };
    Ok(tx.device_place_set(&place).await?)
}

/// Opens places within a grant for their owners; those of owners whose key is gone are left out.
pub(crate) fn open(grant: &ReadGrant, places: &[DevicePlace]) -> Result<HashMap<DeviceId, LastPlace>, AppError> {
    let mut found = HashMap::new();
    for place in places {
        // The owner stands in for a person, and the device for the record: grants know subjects and records alone.
        let plain = match grant.open(PersonId(place.staff.0), EventId(place.device.0), &place.sealed) {
            Ok(opened) => opened.payload,
            Err(StoreError::Erased) => continue,
            Err(error) => return Err(error.into()),
        };
        let position: Position =
            serde_json::from_slice(&plain).map_err(|_| AppError::Fault("sealed places are ours"))?;
        let last = LastPlace {
            lat_e7: position.lat_e7,
            lon_e7: position.lon_e7,
            accuracy_m: position.accuracy_m,
            at: place.at.get(),
        };
        found.insert(place.device, last);
    }
    Ok(found)
}
