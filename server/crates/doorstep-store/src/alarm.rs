//! Alarms: what was raised, about whom, and what people did about it. Decides nothing.

use doorstep_domain::alarm::{AlarmEnd, AlarmKind, AlarmState};
use doorstep_domain::id::{CrewId, DeviceId, EventId, StaffId, TenantId, VisitId};
use doorstep_domain::measure::Micros;
use uuid::Uuid;

use crate::db::{Row, Sql, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::visit::{Visit, visit_of};
use crate::write::WriteTx;

/// An alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// Its id; that of the event, where somebody called for help.
    pub id: Uuid,
    /// The visit, where it is about one.
    pub visit: Option<VisitId>,
    /// Why.
    pub kind: AlarmKind,
    /// Where it stands.
    pub state: AlarmState,
    /// When it was raised.
    pub raised_at: Micros,
    /// Whose crew it is about.
    pub crew: Option<CrewId>,
    /// Whom it is about: who calls, is silent, or was at the door.
    pub staff: Option<StaffId>,
    /// The device that told, or is silent.
    pub device: Option<DeviceId>,
    /// Until when an extended one stays acknowledged; then it opens again.
    pub quiet_until: Option<Micros>,
    /// Who took it up.
    pub acknowledged: Option<(StaffId, Micros)>,
    /// When it ended.
    pub ended_at: Option<Micros>,
    /// Who ended it; `None` where the crew's departure did.
    pub ended_by: Option<StaffId>,
    /// Why it ended.
    pub ended_why: Option<AlarmEnd>,
    /// The newest note among the payloads.
    pub note: Option<EventId>,
}

impl Alarm {
    /// An open alarm about nobody yet.
    #[must_use]
    pub const fn open(id: Uuid, kind: AlarmKind, at: Micros) -> Self {
        Self {
            id,
            visit: None,
            kind,
            state: AlarmState::Open,
            raised_at: at,
            crew: None,
            staff: None,
            device: None,
            quiet_until: None,
            acknowledged: None,
            ended_at: None,
            ended_by: None,
            ended_why: None,
            note: None,
        }
    }
}

/// A visit whose crew is silent, with who checked in and with which device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overdue {
    /// The tenant.
    pub tenant: TenantId,
    /// The visit.
    pub visit: Visit,
    /// Device and owner of the first check-in; `None` where it is not known any more.
    pub told_by: Option<(DeviceId, StaffId)>,
}

macro_rules! alarm_sql {
    ($tail:literal) => {
        concat!(
            "SELECT alarm_id, visit_id, kind, state, raised_at, crew_id, staff_id, device_id, quiet_until, ",
            "acknowledged_by, acknowledged_at, ended_at, ended_by, ended_why, note_id, tenant_id FROM alarm ",
            $tail
        )
    };
}

fn alarm_of(row: &Row) -> Result<Alarm, StoreError> {
    let why = |code: String| {
        code.parse().map_err(|_| StoreError::Shape {
            column: 13,
            expected: "known code",
        })
    };
    let acknowledged = row.opt_id(9)?.map(StaffId).zip(row.opt_int(10)?.map(Micros));
    Ok(Alarm {
        id: row.id(0)?,
        visit: row.opt_id(1)?.map(VisitId),
        kind: row.code(2)?,
        state: row.code(3)?,
        raised_at: Micros(row.int(4)?),
        crew: row.opt_id(5)?.map(CrewId),
        staff: row.opt_id(6)?.map(StaffId),
        device: row.opt_id(7)?.map(DeviceId),
        quiet_until: row.opt_int(8)?.map(Micros),
        acknowledged,
        ended_at: row.opt_int(11)?.map(Micros),
        ended_by: row.opt_id(12)?.map(StaffId),
        ended_why: row.opt_text(13)?.map(why).transpose()?,
        note: row.opt_id(14)?.map(EventId),
    })
}

impl Store {
    /// Alarms of a tenant, at most 500: those that are not over first, then the newest.
    pub async fn alarm_list(&self, tenant: TenantId) -> Result<Vec<Alarm>, StoreError> {
        let sql = alarm_sql!(
            "WHERE tenant_id = $1 ORDER BY CASE state WHEN 'ended' THEN 1 ELSE 0 END, raised_at DESC, alarm_id LIMIT 500"
        );
        let rows = self.db.fetch(sql, args![tenant.0]).await?;
        rows.iter().map(alarm_of).collect()
    }

    /// Alarms of a tenant that are not over, newest first.
    pub async fn alarm_list_open(&self, tenant: TenantId) -> Result<Vec<Alarm>, StoreError> {
        let sql = alarm_sql!(
            "WHERE tenant_id = $1 AND state IN ('open', 'acknowledged') ORDER BY raised_at DESC, alarm_id LIMIT 500"
        );
        let rows = self.db.fetch(sql, args![tenant.0]).await?;
        rows.iter().map(alarm_of).collect()
    }

    /// One alarm.
    pub async fn alarm_get(&self, tenant: TenantId, id: Uuid) -> Result<Alarm, StoreError> {
        let sql = alarm_sql!("WHERE tenant_id = $1 AND alarm_id = $2");
        let row = self.db.fetch_one(sql, args![tenant.0, id]).await?;
        alarm_of(&row.ok_or(StoreError::NotFound)?)
    }

    /// The visits of which an overdue check-out was ever raised, among some.
    pub async fn alarm_overdue_of(&self, tenant: TenantId, visits: &[Uuid]) -> Result<Vec<VisitId>, StoreError> {
        let sql = "SELECT visit_id FROM alarm WHERE tenant_id = $1 AND kind = 'check-out-overdue' \
                   AND visit_id IN ({in})";
        let rows = self.db.fetch_in(sql, args![tenant.0], visits).await?;
        rows.iter().map(|row| Ok(VisitId(row.id(0)?))).collect()
    }

    /// Visits that began and whose crew was expected out before `limit`, of all tenants, without an alarm yet. Only what
    /// the server was told counts; nothing more need come from the device.
    pub async fn visit_overdue(&self, limit: Micros) -> Result<Vec<Overdue>, StoreError> {
        let sql = "SELECT v.visit_id, v.alias, v.case_id, v.plan_id, v.crew_id, v.day, v.state, v.planned_start, \
                   v.planned_end, v.started_at, v.due_out, v.finished_at, v.outcome, v.matter, v.version, v.withdrawn, \
                   v.tenant_id, \
                   d.device_id, d.staff_id FROM visit v LEFT JOIN device d ON d.tenant_id = v.tenant_id \
                   AND d.device_id = (SELECT e.device_id FROM event e WHERE e.tenant_id = v.tenant_id \
                   AND e.visit_id = v.visit_id AND e.kind = 'visit.arrived' AND e.flags NOT LIKE '%other-crew%' \
                   AND e.flags NOT LIKE '%device-ended%' \
                   ORDER BY e.received_at, e.device_id, e.dseq LIMIT 1) \
                   WHERE v.state = 'started' AND v.due_out < $1 AND NOT EXISTS (SELECT 1 FROM alarm a \
                   WHERE a.tenant_id = v.tenant_id AND a.visit_id = v.visit_id AND a.kind = 'check-out-overdue') \
                   ORDER BY v.due_out LIMIT 1000";
        let rows = self.db.fetch(sql, args![limit]).await?;
        rows.iter()
            .map(|row| {
                Ok(Overdue {
                    tenant: TenantId(row.id(16)?),
                    visit: visit_of(row)?,
                    told_by: row.opt_id(17)?.map(DeviceId).zip(row.opt_id(18)?.map(StaffId)),
                })
            })
            .collect()
    }

    /// Extended alarms whose time is over, of all tenants.
    pub async fn alarm_quiet_over(&self, now: Micros) -> Result<Vec<(TenantId, Alarm)>, StoreError> {
        let sql = alarm_sql!("WHERE state = 'acknowledged' AND quiet_until <= $1 ORDER BY quiet_until LIMIT 1000");
        let rows = self.db.fetch(sql, args![now]).await?;
        rows.iter()
            .map(|row| Ok((TenantId(row.id(15)?), alarm_of(row)?)))
            .collect()
    }
}

impl WriteTx {
    /// Raises an alarm unless the same was raised before: by its id, and but for calls for help by visit and kind.
    /// Returns whether it is new.
    pub async fn alarm_raise(&mut self, alarm: &Alarm) -> Result<bool, StoreError> {
        let values = args![
            self.tenant(),
            alarm.id,
            alarm.visit.map(|id| id.0),
            alarm.kind.code(),
            alarm.state.code(),
            alarm.raised_at,
            alarm.crew.map(|id| id.0),
            alarm.staff.map(|id| id.0),
            alarm.device.map(|id| id.0)
        ];
        let added = self
            .exec(
                "INSERT INTO alarm (tenant_id, alarm_id, visit_id, kind, state, raised_at, crew_id, staff_id, device_id) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
                values,
            )
            .await?;
        Ok(added == 1)
    }

    /// An alarm as it stands within the transaction; on PostgreSQL its row stays locked until the end.
    pub async fn alarm_lock(&mut self, id: Uuid) -> Result<Alarm, StoreError> {
        let sql = Sql {
            lite: alarm_sql!("WHERE tenant_id = $1 AND alarm_id = $2"),
            pg: alarm_sql!("WHERE tenant_id = $1 AND alarm_id = $2 FOR UPDATE"),
        };
        let values = args![self.tenant(), id];
        alarm_of(&self.fetch_one(sql, values).await?.ok_or(StoreError::NotFound)?)
    }

    /// The alarm of a visit and kind that is not over, locked as by [`WriteTx::alarm_lock`].
    pub async fn alarm_lock_of_visit(&mut self, visit: VisitId, kind: AlarmKind) -> Result<Option<Alarm>, StoreError> {
        let sql = Sql {
            lite: alarm_sql!("WHERE tenant_id = $1 AND visit_id = $2 AND kind = $3 AND state <> 'ended'"),
            pg: alarm_sql!("WHERE tenant_id = $1 AND visit_id = $2 AND kind = $3 AND state <> 'ended' FOR UPDATE"),
        };
        let values = args![self.tenant(), visit.0, kind.code()];
        self.fetch_one(sql, values).await?.as_ref().map(alarm_of).transpose()
    }

    /// Writes what people did about an alarm.
    pub async fn alarm_update(&mut self, alarm: &Alarm) -> Result<(), StoreError> {
        let values = args![
            alarm.state.code(),
            alarm.quiet_until,
            alarm.acknowledged.map(|(by, _)| by.0),
            alarm.acknowledged.map(|(_, at)| at),
            alarm.ended_by.map(|by| by.0),
            alarm.ended_at,
            alarm.ended_why.map(AlarmEnd::code),
            alarm.note.map(|id| id.0),
            self.tenant(),
            alarm.id
        ];
        self.exec_one(
            "UPDATE alarm SET state = $1, quiet_until = $2, acknowledged_by = $3, acknowledged_at = $4, ended_by = $5, \
             ended_at = $6, ended_why = $7, note_id = $8 WHERE tenant_id = $9 AND alarm_id = $10",
            values,
        )
        .await
    }
}
