//! Conflicts: what two stories disagree on, and how somebody settled it.

use doorstep_domain::conflict::{ConflictState, Side};
use doorstep_domain::id::{CaseId, ConflictId, EventId, StaffId, TenantId, VisitId};
use doorstep_domain::measure::Micros;
use uuid::Uuid;

use crate::db::{Row, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

/// A contradiction between two stories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Its id.
    pub id: ConflictId,
    /// The case.
    pub case: CaseId,
    /// The visit, where one of the two is of a device.
    pub visit: Option<VisitId>,
    /// What they disagree on.
    pub field: String,
    /// The event or correction that came first in the log.
    pub left: EventId,
    /// The other.
    pub right: EventId,
    /// Where it stands.
    pub state: ConflictState,
    /// When it was found.
    pub found_at: Micros,
    /// How it was settled.
    pub settled: Option<Settled>,
}

/// How a conflict was settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    /// When.
    pub at: Micros,
    /// By whom.
    pub by: StaffId,
    /// Which side holds.
    pub taken: Side,
    /// The record of what was said with it.
    pub event: Option<EventId>,
}

impl Conflict {
    /// The event or correction on a side.
    #[must_use]
    pub const fn side(&self, side: Side) -> EventId {
        match side {
            Side::Left => self.left,
            Side::Right => self.right,
        }
    }
}

fn conflict_of(row: &Row) -> Result<Conflict, StoreError> {
    let taken = row.opt_text(10)?.map(|code| code.parse()).transpose();
    let taken = taken.map_err(|_| StoreError::Shape {
        column: 10,
        expected: "known code",
    })?;
    let settled = match (row.opt_int(8)?, row.opt_id(9)?, taken) {
        (Some(at), Some(by), Some(taken)) => Some(Settled {
            at: Micros(at),
            by: StaffId(by),
            taken,
            event: row.opt_id(11)?.map(EventId),
        }),
        _ => None,
    };
    Ok(Conflict {
        id: ConflictId(row.id(0)?),
        case: CaseId(row.id(1)?),
        visit: row.opt_id(2)?.map(VisitId),
        field: row.text(3)?,
        left: EventId(row.id(4)?),
        right: EventId(row.id(5)?),
        state: row.code(6)?,
        found_at: Micros(row.int(7)?),
        settled,
    })
}

macro_rules! conflict_sql {
    ($tail:literal) => {
        concat!(
            "SELECT x.conflict_id, COALESCE(x.case_id, v.case_id), x.visit_id, x.field, x.left_event, x.right_event, ",
            "x.state, x.found_at, x.settled_at, x.settled_by, x.taken, x.settled_event FROM conflict x ",
            "LEFT JOIN visit v ON v.tenant_id = x.tenant_id AND v.visit_id = x.visit_id ",
            $tail
        )
    };
}

impl Store {
    /// Conflicts of a tenant in a state or in any, newest first, at most 500.
    pub async fn conflict_list(
        &self,
        tenant: TenantId,
        state: Option<ConflictState>,
    ) -> Result<Vec<Conflict>, StoreError> {
        let sql = crate::db::Sql {
            lite: conflict_sql!(
                "WHERE x.tenant_id = $1 AND ($2 IS NULL OR x.state = $2) \
                 ORDER BY x.found_at DESC, x.conflict_id LIMIT 500"
            ),
            pg: conflict_sql!(
                "WHERE x.tenant_id = $1 AND ($2::TEXT IS NULL OR x.state = $2) \
                 ORDER BY x.found_at DESC, x.conflict_id LIMIT 500"
            ),
        };
        let values = args![tenant.0, state.map(ConflictState::code)];
        self.db.fetch(sql, values).await?.iter().map(conflict_of).collect()
    }

    /// Some conflicts by id.
    pub async fn conflict_get_many(&self, tenant: TenantId, ids: &[Uuid]) -> Result<Vec<Conflict>, StoreError> {
        let sql = conflict_sql!("WHERE x.tenant_id = $1 AND x.conflict_id IN ({in})");
        let rows = self.db.fetch_in(sql, args![tenant.0], ids).await?;
        rows.iter().map(conflict_of).collect()
    }

    /// Open conflicts that some visits are part of.
    pub async fn conflict_of_visits(&self, tenant: TenantId, visits: &[Uuid]) -> Result<Vec<Conflict>, StoreError> {
        let sql = conflict_sql!(
            "WHERE x.tenant_id = $1 AND x.state = 'open' AND x.visit_id IN ({in}) ORDER BY x.found_at, x.conflict_id"
        );
        let rows = self.db.fetch_in(sql, args![tenant.0], visits).await?;
        rows.iter().map(conflict_of).collect()
    }
}

impl WriteTx {
    /// Adds an open conflict.
    pub async fn conflict_insert(&mut self, conflict: &Conflict) -> Result<(), StoreError> {
        let values = args![
            self.tenant(),
            conflict.id.0,
            conflict.visit.map(|id| id.0),
            conflict.field.as_str(),
            conflict.left.0,
            conflict.right.0,
            conflict.state.code(),
            conflict.found_at,
            conflict.case.0
        ];
        self.exec(
            "INSERT INTO conflict (tenant_id, conflict_id, visit_id, field, left_event, right_event, state, found_at, \
             case_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            values,
        )
        .await
        .map(drop)
    }

    /// Settles a conflict that is open. Returns whether it was.
    pub async fn conflict_settle(&mut self, id: ConflictId, settled: Settled) -> Result<bool, StoreError> {
        let values = args![
            settled.at,
            settled.by.0,
            settled.taken.code(),
            settled.event.map(|id| id.0),
            self.tenant(),
            id.0
        ];
        let sql = "UPDATE conflict SET state = 'settled', settled_at = $1, settled_by = $2, taken = $3, \
                   settled_event = $4 WHERE tenant_id = $5 AND conflict_id = $6 AND state = 'open'";
        Ok(self.exec(sql, values).await? == 1)
    }
}
