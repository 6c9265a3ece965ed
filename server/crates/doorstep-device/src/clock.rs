//! The device's sense of time: wall clock, time since the program opened the database, ids made from time.
//!
//! A monotonic clock of the machine is not read: every instant comes from the injected clock, so that a day can be
//! replayed. `mono_ms` is the wall clock minus its value when this process opened the database, and `boot` is a random
//! name of that opening. A wall clock that is set back shows as a `mono_ms` smaller than that of an earlier event of
//! the same `boot`; the server derives its doubt from that.

use std::sync::Arc;

use doorstep_domain::measure::{Clock, Micros};
use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use uuid::Uuid;

use crate::error::DeviceError;

/// Where a device's times and ids come from.
pub(crate) struct DeviceClock {
    clock: Arc<dyn Clock>,
    opened: Micros,
    boot: Uuid,
    zones: TimeZoneDatabase,
}

impl DeviceClock {
    /// A clock whose `mono_ms` counts from now.
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Result<Self, DeviceError> {
        let mut bytes = [0; 16];
        fill_random(&mut bytes)?;
        Ok(Self {
            opened: clock.now(),
            clock,
            boot: uuid::Builder::from_random_bytes(bytes).into_uuid(),
            zones: TimeZoneDatabase::bundled(),
        })
    }

    /// The present instant.
    pub(crate) fn now(&self) -> Micros {
        self.clock.now()
    }

    /// Which opening `mono_ms` counts from.
    pub(crate) fn boot(&self) -> Uuid {
        self.boot
    }

    /// Milliseconds from the opening to `now`; 0 where the wall clock was set back before it.
    pub(crate) fn mono_ms(&self, now: Micros) -> u64 {
        u64::try_from((now - self.opened).millis()).unwrap_or(0)
    }

    /// The day in `zone` at an instant, ISO; in UTC where the zone is not known.
    pub(crate) fn day(&self, zone: &str, at: Micros) -> String {
        let zone = self.zones.get(zone).unwrap_or(TimeZone::UTC);
        let at = Timestamp::from_microsecond(at.get()).unwrap_or_default();
        zone.to_datetime(at).date().to_string()
    }

    /// Offset of `zone` from UTC at `now`, in minutes; 0 where the zone is not known.
    pub(crate) fn tz_min(&self, zone: &str, now: Micros) -> i64 {
        let (Ok(zone), Ok(at)) = (self.zones.get(zone), Timestamp::from_microsecond(now.get())) else {
            return 0;
        };
        i64::from(zone.to_offset(at).seconds()).div_euclid(60)
    }
}

/// A new time-ordered id (`UUIDv7`).
pub(crate) fn new_id(now: Micros) -> Result<Uuid, DeviceError> {
    let mut bytes = [0; 10];
    fill_random(&mut bytes)?;
    let millis = u64::try_from(now.millis()).unwrap_or(0);
    Ok(uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid())
}

/// Fills `bytes` from the machine's source of randomness.
pub(crate) fn fill_random(bytes: &mut [u8]) -> Result<(), DeviceError> {
    getrandom::fill(bytes).map_err(|_| DeviceError::NoRandomness)
}
