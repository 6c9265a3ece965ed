//! A day as it goes: what came in, and what devices said of themselves. Reads only.

use doorstep_domain::id::{CrewId, DeviceId, TenantId, VisitId};
use doorstep_domain::measure::Micros;
use uuid::Uuid;

use crate::db::args;
use crate::error::StoreError;
use crate::store::Store;

/// An event of a day, by the crew of whoever sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayEvent {
    /// When it came.
    pub at: Micros,
    /// Its kind.
    pub kind: String,
    /// The crew of the device's owner.
    pub crew: CrewId,
    /// The visit.
    pub visit: Option<VisitId>,
    /// Codes of what is remarkable, comma-separated.
    pub flags: String,
}

impl Store {
    /// The newest events that came from crews of some teams within a span, at most 50 a slice of teams, newest first.
    pub async fn events_of_teams(
        &self,
        tenant: TenantId,
        (from, to): (Micros, Micros),
        teams: &[Uuid],
    ) -> Result<Vec<DayEvent>, StoreError> {
        let sql = "SELECT e.received_at, e.kind, r.crew_id, e.visit_id, e.flags FROM event e \
                   JOIN device d ON d.tenant_id = e.tenant_id AND d.device_id = e.device_id \
                   JOIN roster r ON r.tenant_id = d.tenant_id AND r.staff_id = d.staff_id \
                   JOIN crew c ON c.tenant_id = r.tenant_id AND c.crew_id = r.crew_id \
                   WHERE e.tenant_id = $1 AND e.received_at >= $2 AND e.received_at < $3 AND c.team_id IN ({in}) \
                   ORDER BY e.received_at DESC, e.device_id, e.dseq DESC LIMIT 50";
        let rows = self.db.fetch_in(sql, args![tenant.0, from, to], teams).await?;
        rows.iter()
            .map(|row| {
                Ok(DayEvent {
                    at: Micros(row.int(0)?),
                    kind: row.text(1)?,
                    crew: CrewId(row.id(2)?),
                    visit: row.opt_id(3)?.map(VisitId),
                    flags: row.text(4)?,
                })
            })
            .collect()
    }

    /// For each device that said within a span that its day began or ended, or checked in: the kind, and the number in its
    /// chain of the last such event. The numbers tell what came after what, also where all came at once.
    pub async fn day_marks(
        &self,
        tenant: TenantId,
        (from, to): (Micros, Micros),
    ) -> Result<Vec<(DeviceId, String, i64)>, StoreError> {
        let sql = "SELECT device_id, kind, max(dseq) FROM event WHERE tenant_id = $1 AND received_at >= $2 \
                   AND received_at < $3 AND kind IN ('day.open', 'day.close', 'visit.arrived') \
                   GROUP BY device_id, kind";
        let rows = self.db.fetch(sql, args![tenant.0, from, to]).await?;
        rows.iter()
            .map(|row| Ok((DeviceId(row.id(0)?), row.text(1)?, row.int(2)?)))
            .collect()
    }

    /// Those of some visits that a crew left out with a reason.
    pub async fn visits_skipped(&self, tenant: TenantId, visits: &[Uuid]) -> Result<Vec<VisitId>, StoreError> {
        let sql = "SELECT DISTINCT visit_id FROM event WHERE tenant_id = $1 AND kind = 'stop.skipped' \
                   AND flags NOT LIKE '%other-crew%' AND flags NOT LIKE '%device-ended%' AND visit_id IN ({in})";
        let rows = self.db.fetch_in(sql, args![tenant.0], visits).await?;
        rows.iter().map(|row| Ok(VisitId(row.id(0)?))).collect()
    }
}
