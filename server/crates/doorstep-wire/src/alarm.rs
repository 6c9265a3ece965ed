//! Alarms: as the office sees and answers them, and as the devices of colleagues get them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Where a device was when it last told, at a check-in, a check-out or a call for help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LastPlace {
    /// Latitude in 1e-7 degrees, WGS-84.
    pub lat_e7: i64,
    /// Longitude in 1e-7 degrees, WGS-84.
    pub lon_e7: i64,
    /// Radius in metres within which it probably lies.
    pub accuracy_m: u32,
    /// When it was there, by the server's time.
    pub at: i64,
}

/// An alarm as the office sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AlarmItem {
    /// Its id; that of the event, where somebody called for help.
    pub id: Uuid,
    /// The visit, where it is about one.
    pub visit: Option<Uuid>,
    /// `check-out-overdue`, `sos` or `other-crew`.
    pub kind: String,
    /// `open`, `acknowledged` or `ended`.
    pub state: String,
    /// When it was raised.
    pub raised_at: i64,
    /// IANA name of the time zone of the address, or of the crew's last one.
    pub zone: String,
    /// The crew that it is about.
    #[serde(default)]
    pub crew: Option<Uuid>,
    /// The crew's name.
    #[serde(default)]
    pub crew_name: Option<String>,
    /// The staff number of who calls, is silent, or was at the door.
    #[serde(default)]
    pub staff: Option<String>,
    /// The staff number of who took it up.
    #[serde(default)]
    pub acknowledged_by: Option<String>,
    /// When.
    #[serde(default)]
    pub acknowledged_at: Option<i64>,
    /// Until when an extended one stays acknowledged; then it opens again.
    #[serde(default)]
    pub quiet_until: Option<i64>,
    /// The staff number of who ended it; absent where the crew's departure did.
    #[serde(default)]
    pub ended_by: Option<String>,
    /// When it ended.
    #[serde(default)]
    pub ended_at: Option<i64>,
    /// `departed`, `departed-in-time` (only the report was late) or `person`.
    #[serde(default)]
    pub ended_why: Option<String>,
    /// Where the device was when it last told; only while the alarm is not over.
    #[serde(default)]
    pub position: Option<LastPlace>,
    /// The newest note.
    #[serde(default)]
    pub note: Option<String>,
}

/// Taking an alarm up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct AcknowledgeAlarm {
    /// What is being done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Ending an alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EndAlarm {
    /// What was found: who was reached, and how they are.
    pub note: String,
}

/// Leaving an overdue check-out quiet for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExtendAlarm {
    /// For how many minutes from now, 1 to 30.
    pub minutes: u32,
    /// Why, for example that the crew was reached by phone.
    pub reason: String,
}

/// An alarm as colleagues' devices get it: the body of an operation of a pull with the noun `alarm`. It says who may need
/// help and where, and nothing of whom they visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AlarmNotice {
    /// Its id.
    pub id: Uuid,
    /// `check-out-overdue` or `sos`.
    pub kind: String,
    /// `open` or `acknowledged`.
    pub state: String,
    /// When it was raised.
    pub raised_at: i64,
    /// The visit, where it is about one of the same crew.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub visit: Option<Uuid>,
    /// The staff number of who calls or is silent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub staff: Option<String>,
    /// Latitude of where they last were, in 1e-7 degrees.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lat_e7: Option<i64>,
    /// Longitude of the same.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lon_e7: Option<i64>,
}
