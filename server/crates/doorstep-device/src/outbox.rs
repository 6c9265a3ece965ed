//! The outbox: events that the server has not acknowledged, and those that it put aside.

use doorstep_domain::codes;
use doorstep_domain::measure::Micros;
use sqlx::Row as _;
use uuid::Uuid;

use crate::db::id_of;
use crate::device::Device;
use crate::error::DeviceError;

codes!(
    /// Where an event stands between device and server.
    EventState, "state of an event" {
        /// Not sent yet, or its answer never came.
        Waiting = "waiting",
        /// The server says that it has it; the signed acknowledgement does not cover it yet.
        Sent = "sent",
        /// The server waits for an event before it; it is sent again.
        Held = "held",
        /// The server put it aside with a code; it is kept here and not sent again.
        Quarantined = "quarantined",
        /// Covered by a signed acknowledgement.
        Acknowledged = "acknowledged",
    }
);

/// An event in the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxItem {
    /// Its number in the device's chain.
    pub dseq: i64,
    /// Its id.
    pub event: Uuid,
    /// Its kind, for example `visit.arrived`.
    pub kind: String,
    /// The visit, where it is about one.
    pub visit: Option<Uuid>,
    /// Where it stands.
    pub state: EventState,
    /// Why the server holds it or put it aside.
    pub code: Option<String>,
    /// What the server found remarkable.
    pub flags: Vec<String>,
    /// When it was made.
    pub made_at: Micros,
    /// Bytes of header and payload as they lie here, sealed; what a push sends is a third more.
    pub bytes: i64,
}

impl Device {
    /// All events that no signed acknowledgement covers and those that the server put aside, in their order.
    pub async fn outbox(&self) -> Result<Vec<OutboxItem>, DeviceError> {
        let sql = "SELECT dseq, eid, kind, visit, state, code, flags, made_at, \
                   length(hdr) + coalesce(length(payload), 0) FROM event \
                   WHERE state <> 'acknowledged' ORDER BY dseq";
        let rows = sqlx::query(sql).fetch_all(self.db.pool()).await?;
        rows.iter()
            .map(|row| {
                let flags: String = row.try_get(6)?;
                let visit: Option<&[u8]> = row.try_get(3)?;
                let state: String = row.try_get(4)?;
                Ok(OutboxItem {
                    dseq: row.try_get(0)?,
                    event: id_of(row.try_get(1)?, "event")?,
                    kind: row.try_get(2)?,
                    visit: visit.map(|bytes| id_of(bytes, "event")).transpose()?,
                    state: state.parse().map_err(|_| DeviceError::Corrupt { what: "event" })?,
                    code: row.try_get(5)?,
                    flags: flags
                        .split(',')
                        .filter(|flag| !flag.is_empty())
                        .map(str::to_owned)
                        .collect(),
                    made_at: Micros(row.try_get(7)?),
                    bytes: row.try_get(8)?,
                })
            })
            .collect()
    }
}
