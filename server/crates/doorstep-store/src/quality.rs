//! Quality checks: which weeks were drawn, and what was found about visits. Findings are codes; texts are sealed payloads.

use doorstep_domain::id::{CheckId, EventId, StaffId, TenantId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_domain::quality::{AppealDecision, CheckState, DrawnBecause};
use doorstep_log::hash::{Hash, leaf_hash};
use doorstep_log::leaf::Leaf;

use crate::db::{Row, Sql, args};
use crate::entry::LogName;
use crate::error::StoreError;
use crate::receipt::DISORDER_MS;
use crate::store::Store;
use crate::write::WriteTx;

/// A week that was drawn, and what the lot came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QualityDraw {
    /// Its Monday, in days since 1970-01-01.
    pub week: i64,
    /// The place of the leaf of the events log that the lot came from.
    pub leaf_index: i64,
    /// That leaf's hash.
    pub leaf_hash: Vec<u8>,
    /// How many visits of each member of staff.
    pub per_staff: i64,
    /// When.
    pub drawn_at: Micros,
}

/// A visit of a member of staff that is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QualityCheck {
    /// Its id.
    pub id: CheckId,
    /// The visit.
    pub visit: VisitId,
    /// Whose part in it is looked at.
    pub staff: StaffId,
    /// The Monday of the visit's week, in days since 1970-01-01.
    pub week: i64,
    /// Why.
    pub because: DrawnBecause,
    /// Where it stands.
    pub state: CheckState,
    /// When it was drawn.
    pub drawn_at: Micros,
    /// The findings, as JSON; empty before it is scored.
    pub found: String,
    /// Who scored it, and when.
    pub scored: Option<(StaffId, Micros)>,
    /// Remarks on items, among the payloads.
    pub remarks: Option<EventId>,
    /// When the staff member appealed, and with which words.
    pub appealed: Option<(Micros, EventId)>,
    /// What became of the appeal.
    pub decided: Option<Decided>,
}

/// The decision of an appeal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided {
    /// What was decided.
    pub decision: AppealDecision,
    /// By whom.
    pub by: StaffId,
    /// When.
    pub at: Micros,
    /// Why, among the payloads.
    pub words: EventId,
}

fn check_of(row: &Row) -> Result<QualityCheck, StoreError> {
    let decision: Option<AppealDecision> =
        row.opt_text(13)?
            .map(|code| code.parse())
            .transpose()
            .map_err(|_| StoreError::Shape {
                column: 13,
                expected: "known code",
            })?;
    let decided = decision.zip(row.opt_id(14)?).zip(row.opt_int(15)?.zip(row.opt_id(16)?));
    Ok(QualityCheck {
        id: CheckId(row.id(0)?),
        visit: VisitId(row.id(1)?),
        staff: StaffId(row.id(2)?),
        week: row.int(3)?,
        because: row.code(4)?,
        state: row.code(5)?,
        drawn_at: Micros(row.int(6)?),
        found: row.text(7)?,
        scored: row.opt_id(8)?.map(StaffId).zip(row.opt_int(9)?.map(Micros)),
        remarks: row.opt_id(10)?.map(EventId),
        appealed: row.opt_int(11)?.map(Micros).zip(row.opt_id(12)?.map(EventId)),
        decided: decided.map(|((decision, by), (at, words))| Decided {
            decision,
            by: StaffId(by),
            at: Micros(at),
            words: EventId(words),
        }),
    })
}

macro_rules! check_sql {
    ($tail:literal) => {
        concat!(
            "SELECT check_id, visit_id, staff_id, week, because, state, drawn_at, found, scored_by, scored_at, ",
            "remarks_id, appealed_at, appeal_id, decision, decided_by, decided_at, decision_id FROM quality_check ",
            $tail
        )
    };
}

impl Store {
    /// The first signed leaf of the events log that was made at `end` or later, with its place: nobody knew it before, and
    /// nobody can exchange it later, whenever a lot is drawn from it. `None` where there is none yet.
    pub async fn quality_seed(&self, tenant: TenantId, end: Micros) -> Result<Option<(u64, Hash)>, StoreError> {
        for generation in self.log_generations(tenant, LogName::Events).await? {
            let from = self.log_since(&generation, end.millis() - DISORDER_MS).await?;
            let is_after = |leaf: &Leaf| leaf.made_ms() >= end.millis();
            if let Some((index, leaf)) = self.find_between(&generation, (from, None), is_after).await? {
                return Ok(Some((index, leaf_hash(&leaf))));
            }
        }
        Ok(None)
    }

    /// A week that was drawn.
    pub async fn quality_draw_get(&self, tenant: TenantId, week: i64) -> Result<Option<QualityDraw>, StoreError> {
        let sql = "SELECT week, leaf_index, leaf_hash, per_staff, drawn_at FROM quality_draw \
                   WHERE tenant_id = $1 AND week = $2";
        let row = self.db.fetch_one(sql, args![tenant.0, week]).await?;
        row.map(|row| {
            Ok(QualityDraw {
                week: row.int(0)?,
                leaf_index: row.int(1)?,
                leaf_hash: row.blob(2)?,
                per_staff: row.int(3)?,
                drawn_at: Micros(row.int(4)?),
            })
        })
        .transpose()
    }

    /// Checks in a state, of a member of staff, or all, oldest first; at most 5,000.
    pub async fn quality_list(
        &self,
        tenant: TenantId,
        (state, staff): (Option<CheckState>, Option<StaffId>),
    ) -> Result<Vec<QualityCheck>, StoreError> {
        let sql = Sql {
            lite: check_sql!(
                "WHERE tenant_id = $1 AND ($2 IS NULL OR state = $2) AND ($3 IS NULL OR staff_id = $3) \
                 ORDER BY drawn_at, check_id LIMIT 5000"
            ),
            pg: check_sql!(
                "WHERE tenant_id = $1 AND ($2::TEXT IS NULL OR state = $2) AND ($3::UUID IS NULL OR staff_id = $3) \
                 ORDER BY drawn_at, check_id LIMIT 5000"
            ),
        };
        let values = args![tenant.0, state.map(CheckState::code), staff.map(|id| id.0)];
        self.db.fetch(sql, values).await?.iter().map(check_of).collect()
    }

    /// A check.
    pub async fn quality_get(&self, tenant: TenantId, id: CheckId) -> Result<QualityCheck, StoreError> {
        let sql = check_sql!("WHERE tenant_id = $1 AND check_id = $2");
        let row = self.db.fetch_one(sql, args![tenant.0, id.0]).await?;
        check_of(&row.ok_or(StoreError::NotFound)?)
    }

    /// The visits that began in a span of time, each with everybody who was there.
    pub async fn quality_visits(
        &self,
        tenant: TenantId,
        (first, last): (Micros, Micros),
    ) -> Result<Vec<(VisitId, StaffId)>, StoreError> {
        let sql = "SELECT v.visit_id, s.staff_id FROM visit v \
                   JOIN visit_staff s ON s.tenant_id = v.tenant_id AND s.visit_id = v.visit_id \
                   WHERE v.tenant_id = $1 AND v.started_at >= $2 AND v.started_at < $3 \
                   ORDER BY s.staff_id, v.visit_id";
        let rows = self.db.fetch(sql, args![tenant.0, first, last]).await?;
        rows.iter()
            .map(|row| Ok((VisitId(row.id(0)?), StaffId(row.id(1)?))))
            .collect()
    }

    /// The visits that somebody complained about and that are not checked yet, each with everybody who was there and when it
    /// began.
    pub async fn quality_complained(&self, tenant: TenantId) -> Result<Vec<(VisitId, StaffId, Micros)>, StoreError> {
        let sql = "SELECT DISTINCT v.visit_id, s.staff_id, v.started_at FROM complaint c \
                   JOIN visit v ON v.tenant_id = c.tenant_id AND v.visit_id = c.visit_id \
                   JOIN visit_staff s ON s.tenant_id = v.tenant_id AND s.visit_id = v.visit_id \
                   WHERE c.tenant_id = $1 AND v.started_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM quality_check q \
                   WHERE q.tenant_id = v.tenant_id AND q.visit_id = v.visit_id AND q.staff_id = s.staff_id) \
                   ORDER BY v.visit_id, s.staff_id";
        let rows = self.db.fetch(sql, args![tenant.0]).await?;
        rows.iter()
            .map(|row| Ok((VisitId(row.id(0)?), StaffId(row.id(1)?), Micros(row.int(2)?))))
            .collect()
    }
}

impl WriteTx {
    /// Notes that a week was drawn. Returns false where it was before: a lot is drawn once.
    pub async fn quality_draw_add(&mut self, draw: &QualityDraw) -> Result<bool, StoreError> {
        let row = args![
            self.tenant(),
            draw.week,
            draw.leaf_index,
            draw.leaf_hash.clone(),
            draw.per_staff,
            draw.drawn_at
        ];
        let head = "INSERT INTO quality_draw (tenant_id, week, leaf_index, leaf_hash, per_staff, drawn_at)";
        Ok(self.insert_many(head, "ON CONFLICT DO NOTHING", vec![row]).await? == 1)
    }

    /// Adds checks; those that are there stay as they are. Returns how many are new.
    pub async fn quality_add(&mut self, checks: &[QualityCheck]) -> Result<u64, StoreError> {
        let tenant = self.tenant();
        let rows = checks.iter().map(|check| {
            args![
                tenant,
                check.id.0,
                check.visit.0,
                check.staff.0,
                check.week,
                check.because.code(),
                check.state.code(),
                check.drawn_at,
                check.found.as_str()
            ]
        });
        let rows: Vec<_> = rows.collect();
        let head = "INSERT INTO quality_check (tenant_id, check_id, visit_id, staff_id, week, because, state, drawn_at, \
                    found)";
        self.insert_many(head, "ON CONFLICT DO NOTHING", rows).await
    }

    /// Writes what became of a check that stood in `from`; `Changed` where it does not any more.
    pub async fn quality_update(&mut self, check: &QualityCheck, from: CheckState) -> Result<(), StoreError> {
        let id = |id: EventId| id.0;
        let values = args![
            check.state.code(),
            check.found.as_str(),
            check.scored.map(|(by, _)| by.0),
            check.scored.map(|(_, at)| at),
            check.remarks.map(id),
            check.appealed.map(|(at, _)| at),
            check.appealed.map(|(_, words)| words.0),
            check.decided.map(|one| one.decision.code()),
            check.decided.map(|one| one.by.0),
            check.decided.map(|one| one.at),
            check.decided.map(|one| one.words.0),
            self.tenant(),
            check.id.0,
            from.code()
        ];
        self.exec_one(
            "UPDATE quality_check SET state = $1, found = $2, scored_by = $3, scored_at = $4, remarks_id = $5, \
             appealed_at = $6, appeal_id = $7, decision = $8, decided_by = $9, decided_at = $10, decision_id = $11 \
             WHERE tenant_id = $12 AND check_id = $13 AND state = $14",
            values,
        )
        .await
    }
}
