//! Visits of published plans that nobody reported: what other plans must count.

use doorstep_domain::id::{AddressId, CaseId, PersonId, TeamId, TenantId, VisitId};
use doorstep_domain::measure::{Micros, Seconds};
use uuid::Uuid;

use crate::db::{Row, Value, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

/// A visit of a published plan that was not reported, with what tells whether it may still be made, or was made by a crew
/// that has not been heard from since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// The visit.
    pub visit: VisitId,
    /// Who is to be visited.
    pub person: PersonId,
    /// For which case.
    pub case: CaseId,
    /// Where.
    pub address: AddressId,
    /// Planned start.
    pub starts: Micros,
    /// Planned end.
    pub ends: Micros,
    /// The day, in days since 1970-01-01.
    pub day: i64,
    /// The time zone of the address.
    pub zone: String,
    /// When the crew's last shift ends, in seconds since local midnight; `None` where nobody is in the crew any more.
    pub shift_end: Option<Seconds>,
    /// When the last of the devices that were given the door said that nothing waits in its outbox; `None` where no device
    /// was given it.
    pub settled_at: Option<Micros>,
}

/// The days of a team that a plan covers: what a published plan has there gives way to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanSpan {
    /// The team.
    pub team: TeamId,
    /// First day, in days since 1970-01-01.
    pub first_day: i64,
    /// Number of days.
    pub days: i64,
}

/// Visits that ended longer ago are not looked at: by then every device has given back its cases.
const PENDING_AGE_MAX: Micros = Micros::from_seconds(5 * 86_400);

const PENDING_SQL: &str = "SELECT v.visit_id, c.person_id, v.case_id, c.address_id, v.planned_start, v.planned_end, v.day, \
     a.zone, (SELECT max(r.shift_end) FROM roster r WHERE r.tenant_id = v.tenant_id AND r.crew_id = v.crew_id), \
     (SELECT min(d.settled_at) FROM door_given g \
     JOIN device d ON d.tenant_id = g.tenant_id AND d.device_id = g.device_id \
     WHERE g.tenant_id = v.tenant_id AND g.visit_id = v.visit_id AND d.state <> 'revoked') FROM visit v \
     JOIN cases c ON c.tenant_id = v.tenant_id AND c.case_id = v.case_id \
     JOIN address a ON a.tenant_id = c.tenant_id AND a.address_id = c.address_id \
     WHERE v.tenant_id = $1 AND v.state = 'planned' AND v.planned_end > $3 \
     AND (v.planned_end <= $2 OR NOT EXISTS (SELECT 1 FROM plan p WHERE p.tenant_id = v.tenant_id \
     AND p.plan_id = v.plan_id AND p.team_id = $4 AND p.first_day < $6 AND p.first_day + p.days > $5)) \
     AND c.person_id IN ({in}) ORDER BY v.planned_start, v.visit_id";

fn pending_args(tenant: Uuid, span: PlanSpan, now: Micros) -> Vec<Value> {
    args![
        tenant,
        now,
        now - PENDING_AGE_MAX,
        span.team.0,
        span.first_day,
        span.first_day + span.days
    ]
}

fn pending_of(row: &Row) -> Result<Pending, StoreError> {
    Ok(Pending {
        visit: VisitId(row.id(0)?),
        person: PersonId(row.id(1)?),
        case: CaseId(row.id(2)?),
        address: AddressId(row.id(3)?),
        starts: Micros(row.int(4)?),
        ends: Micros(row.int(5)?),
        day: row.int(6)?,
        zone: row.text(7)?,
        shift_end: row.opt_int(8)?.map(Seconds),
        settled_at: row.opt_int(9)?.map(Micros),
    })
}

impl Store {
    /// The pending visits to some persons, without those that would give way to a plan of this span.
    pub async fn visit_pending(
        &self,
        tenant: TenantId,
        span: PlanSpan,
        persons: &[Uuid],
        now: Micros,
    ) -> Result<Vec<Pending>, StoreError> {
        let values = pending_args(tenant.0, span, now);
        let rows = self.db.fetch_in(PENDING_SQL, values, persons).await?;
        rows.iter().map(pending_of).collect()
    }
}

impl WriteTx {
    /// As [`Store::visit_pending`], within the transaction.
    pub async fn visit_pending(&mut self, span: PlanSpan, persons: &[Uuid]) -> Result<Vec<Pending>, StoreError> {
        let values = pending_args(self.tenant(), span, self.now());
        let rows = self.fetch_in(PENDING_SQL, values, persons).await?;
        rows.iter().map(pending_of).collect()
    }
}
