//! Alarms that the server tells this device of: a partner who needs help or has not checked out.

use serde::{Deserialize, Serialize};
use sqlx::Row as _;
use uuid::Uuid;

use crate::device::Device;
use crate::error::DeviceError;
use crate::seal::Place;
use crate::vault::caseload;

/// Where an alarm lies sealed.
pub(crate) const ALARM: &str = "alarm.body";
/// The state of an alarm that somebody must act on.
const OPEN: &str = "open";

/// An alarm as the server tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// Its id.
    pub id: Uuid,
    /// What it is about, for example `sos`; a kind of a newer server is kept.
    pub kind: String,
    /// `open`, or how it ended.
    pub state: String,
    /// When it was raised, in microseconds.
    pub raised_at: i64,
    /// The visit, where it is about one.
    #[serde(default)]
    pub visit: Option<Uuid>,
    /// Staff number of the person in need.
    #[serde(default)]
    pub staff: Option<String>,
    /// Latitude in 1e-7 degrees, where it is known.
    #[serde(default)]
    pub lat_e7: Option<i64>,
    /// Longitude in 1e-7 degrees.
    #[serde(default)]
    pub lon_e7: Option<i64>,
}

impl Device {
    /// The open alarms, newest first.
    pub async fn alarms(&self) -> Result<Vec<Alarm>, DeviceError> {
        self.enforce_lease().await?;
        let mut connection = self.db.pool().acquire().await?;
        let Some(key) = caseload(&mut connection, &self.key).await? else {
            return Ok(Vec::new());
        };
        let sql = "SELECT alarm, body FROM alarm";
        let rows = sqlx::query(sql).fetch_all(&mut *connection).await?;
        let mut alarms = Vec::new();
        for row in rows {
            let body = key.open(Place::new(ALARM, row.try_get(0)?), row.try_get(1)?)?;
            let alarm: Alarm = serde_json::from_slice(&body).map_err(|_| DeviceError::Corrupt { what: ALARM })?;
            alarms.push(alarm);
        }
        alarms.retain(|alarm| alarm.state == OPEN);
        alarms.sort_by_key(|alarm| (std::cmp::Reverse(alarm.raised_at), alarm.id));
        Ok(alarms)
    }
}
