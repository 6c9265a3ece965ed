//! The day on this device: its opening and closing as signed events, each with its counts, so that what a device counted
//! and never sent is missed by that.
//!
//! The counts say what there is. They are no measure of anybody, and nothing here compares or adds them up.

use doorstep_domain::event::EventKind;
use doorstep_domain::measure::Micros;
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;
use uuid::Uuid;

use crate::db::id_of;
use crate::device::Device;
use crate::error::DeviceError;
use crate::event::Draft;

/// What this device said last of its day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Day {
    /// When it was opened; `None` where it never was.
    pub opened_at: Option<Micros>,
    /// When it was closed since; `None` where it is open.
    pub closed_at: Option<Micros>,
}

/// What the end of a day states: what is held now, and what was recorded since it was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DayCounts {
    /// Events that no signed acknowledgement covers.
    pub unacknowledged: i64,
    /// Events since the opening, or of all time where nobody opened a day.
    pub events: i64,
    /// Check-outs among them.
    pub visits: i64,
    /// Stops that were left out among them.
    pub skipped: i64,
    /// Visits that have begun and not ended.
    pub begun: i64,
}

impl Device {
    /// Opens the day on this device.
    pub async fn day_open(&self) -> Result<Uuid, DeviceError> {
        self.day_event(EventKind::DayOpen).await
    }

    /// Closes the day on this device, with what was recorded since it was opened.
    pub async fn day_close(&self) -> Result<Uuid, DeviceError> {
        self.day_event(EventKind::DayClose).await
    }

    /// Whether the day is open.
    pub async fn day(&self) -> Result<Day, DeviceError> {
        let mut connection = self.db.pool().acquire().await?;
        let last = "SELECT dseq, made_at FROM event WHERE kind = $1 AND dseq > $2 ORDER BY dseq DESC LIMIT 1";
        let opened: Option<(i64, i64)> = sqlx::query_as(last)
            .bind(EventKind::DayOpen.code())
            .bind(0)
            .fetch_optional(&mut *connection)
            .await?;
        let Some((dseq, opened_at)) = opened else {
            return Ok(Day::default());
        };
        let closed: Option<(i64, i64)> = sqlx::query_as(last)
            .bind(EventKind::DayClose.code())
            .bind(dseq)
            .fetch_optional(&mut *connection)
            .await?;
        Ok(Day {
            opened_at: Some(Micros(opened_at)),
            closed_at: closed.map(|(_, at)| Micros(at)),
        })
    }

    /// What closing the day would state now.
    pub async fn day_counts(&self) -> Result<DayCounts, DeviceError> {
        let mut connection = self.db.pool().acquire().await?;
        counts(&mut connection).await
    }

    async fn day_event(&self, kind: EventKind) -> Result<Uuid, DeviceError> {
        let mut tx = self.db.begin().await?;
        let doors: i64 = sqlx::query_scalar("SELECT count(*) FROM door")
            .fetch_one(&mut *tx)
            .await?;
        let counted = counts(&mut tx).await?;
        let mut draft = Draft::new(kind)
            .count("doors", doors)
            .count("unacknowledged", counted.unacknowledged);
        let sql = "SELECT visit FROM door ORDER BY starts, position LIMIT 1";
        let first: Option<Vec<u8>> = sqlx::query_scalar(sql).fetch_optional(&mut *tx).await?;
        if let Some(visit) = first {
            let door = self.door_get(&mut tx, id_of(&visit, "door")?).await?;
            draft = draft.zone(door.map(|door| door.zone).unwrap_or_default());
        }
        if kind == EventKind::DayClose {
            draft = draft
                .count("events", counted.events)
                .count("visits", counted.visits)
                .count("skipped", counted.skipped)
                .count("begun", counted.begun);
        }
        let event = self.record(&mut tx, draft).await?;
        tx.commit().await?;
        Ok(event)
    }
}

async fn counts(connection: &mut SqliteConnection) -> Result<DayCounts, DeviceError> {
    let sql = "SELECT (SELECT count(*) FROM event WHERE state <> 'acknowledged'), count(*), \
               coalesce(sum(kind = 'visit.departed'), 0), coalesce(sum(kind = 'stop.skipped'), 0), \
               (SELECT count(*) FROM visit WHERE state = 'started') FROM event \
               WHERE dseq >= coalesce((SELECT max(dseq) FROM event WHERE kind = 'day.open'), 0)";
    let row = sqlx::query(sql).fetch_one(connection).await?;
    Ok(DayCounts {
        unacknowledged: row.try_get(0)?,
        events: row.try_get(1)?,
        visits: row.try_get(2)?,
        skipped: row.try_get(3)?,
        begun: row.try_get(4)?,
    })
}
