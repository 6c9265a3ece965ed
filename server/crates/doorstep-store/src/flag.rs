//! What is remarked about a member of staff, and what they answered. Always asked for by one of them, about themselves: nothing
//! here lists or counts the flags of somebody else.

use doorstep_domain::id::{EventId, StaffId, TenantId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_domain::review::FlagSource;
use uuid::Uuid;

use crate::db::{Row, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

/// Something with one or several flags on somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flagged {
    /// What it is.
    pub source: FlagSource,
    /// Its id.
    pub id: Uuid,
    /// The visit that it is about.
    pub visit: Option<VisitId>,
    /// When it came, was scored, or was answered.
    pub at: Micros,
    /// Of an event its flags, comma-separated; of a check its findings, as JSON; of a complaint its outcome.
    pub said: String,
    /// What a third person said to the appeal against a check.
    pub decision: Option<String>,
}

/// What somebody answered to a flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlagAnswer {
    /// The event, check or complaint.
    pub source: Uuid,
    /// The flag.
    pub code: String,
    /// Who answered.
    pub staff: StaffId,
    /// The visit that it is about.
    pub visit: Option<VisitId>,
    /// The words, among the payloads.
    pub words: EventId,
    /// When.
    pub at: Micros,
}

/// What is remarked about `$2`: events of their own devices, and of those who were at a visit with them; failed checks that no
/// appeal struck; and complaints about their visits or themselves, once they were answered and held, but none that names
/// somebody else.
macro_rules! flagged_sql {
    ($tail:literal) => {
        concat!(
            "SELECT source, source_id, visit_id, found_at, said, decision FROM (",
            "SELECT 'event' AS source, e.event_id AS source_id, e.visit_id AS visit_id, e.received_at AS found_at, ",
            "e.flags AS said, NULL AS decision FROM event e ",
            "JOIN device d ON d.tenant_id = e.tenant_id AND d.device_id = e.device_id ",
            "WHERE e.tenant_id = $1 AND e.flags <> '' AND (d.staff_id = $2 OR EXISTS (SELECT 1 FROM visit_staff o ",
            "JOIN visit_staff p ON p.tenant_id = o.tenant_id AND p.visit_id = o.visit_id AND p.staff_id = d.staff_id ",
            "WHERE o.tenant_id = e.tenant_id AND o.visit_id = e.visit_id AND o.staff_id = $2)) ",
            "UNION ALL SELECT 'check', q.check_id, q.visit_id, q.scored_at, q.found, q.decision FROM quality_check q ",
            "WHERE q.tenant_id = $1 AND q.staff_id = $2 AND q.scored_at IS NOT NULL AND q.found LIKE '%:\"fail\"%' ",
            "AND (q.decision IS NULL OR q.decision <> 'struck') ",
            "UNION ALL SELECT 'complaint', c.complaint_id, c.visit_id, c.closed_at, c.outcome, NULL FROM complaint c ",
            "WHERE c.tenant_id = $1 AND c.state = 'answered' AND c.outcome IN ('upheld', 'partly') ",
            "AND (c.staff_id = $2 OR (c.staff_id IS NULL AND EXISTS (SELECT 1 FROM visit_staff v ",
            "WHERE v.tenant_id = c.tenant_id AND v.visit_id = c.visit_id AND v.staff_id = $2)))",
            ") f ",
            $tail
        )
    };
}

fn flagged_of(row: &Row) -> Result<Flagged, StoreError> {
    Ok(Flagged {
        source: row.code(0)?,
        id: row.id(1)?,
        visit: row.opt_id(2)?.map(VisitId),
        at: Micros(row.int(3)?),
        said: row.text(4)?,
        decision: row.opt_text(5)?,
    })
}

macro_rules! answer_sql {
    ($tail:literal) => {
        concat!(
            "SELECT source_id, code, staff_id, visit_id, words_id, answered_at FROM flag_answer ",
            $tail
        )
    };
}

fn answer_of(row: &Row) -> Result<FlagAnswer, StoreError> {
    Ok(FlagAnswer {
        source: row.id(0)?,
        code: row.text(1)?,
        staff: StaffId(row.id(2)?),
        visit: row.opt_id(3)?.map(VisitId),
        words: EventId(row.id(4)?),
        at: Micros(row.int(5)?),
    })
}

impl Store {
    /// What is remarked about somebody, newest first, older than a place in the list.
    pub async fn flagged_list(
        &self,
        (tenant, staff): (TenantId, StaffId),
        (before, id): (Micros, Uuid),
        limit: i64,
    ) -> Result<Vec<Flagged>, StoreError> {
        let sql = flagged_sql!(
            "WHERE found_at < $3 OR (found_at = $3 AND source_id < $4) ORDER BY found_at DESC, source_id DESC LIMIT $5"
        );
        let values = args![tenant.0, staff.0, before, id, limit];
        self.db.fetch(sql, values).await?.iter().map(flagged_of).collect()
    }

    /// One event, check or complaint, where something is remarked about somebody.
    pub async fn flagged_get(
        &self,
        (tenant, staff): (TenantId, StaffId),
        source: Uuid,
    ) -> Result<Option<Flagged>, StoreError> {
        let sql = flagged_sql!("WHERE source_id = $3");
        let row = self.db.fetch_one(sql, args![tenant.0, staff.0, source]).await?;
        row.as_ref().map(flagged_of).transpose()
    }

    /// What somebody answered to some events, checks and complaints.
    pub async fn flag_answers_by(
        &self,
        (tenant, staff): (TenantId, StaffId),
        sources: &[Uuid],
    ) -> Result<Vec<FlagAnswer>, StoreError> {
        let sql = answer_sql!("WHERE tenant_id = $1 AND staff_id = $2 AND source_id IN ({in})");
        let rows = self.db.fetch_in(sql, args![tenant.0, staff.0], sources).await?;
        rows.iter().map(answer_of).collect()
    }

    /// What was answered to the flags of a visit, oldest first.
    pub async fn flag_answers_of(&self, tenant: TenantId, visit: VisitId) -> Result<Vec<FlagAnswer>, StoreError> {
        let sql = answer_sql!("WHERE tenant_id = $1 AND visit_id = $2 ORDER BY answered_at, words_id");
        let rows = self.db.fetch(sql, args![tenant.0, visit.0]).await?;
        rows.iter().map(answer_of).collect()
    }
}

impl WriteTx {
    /// Keeps an answer; returns whether there was none before.
    pub async fn flag_answer_add(&mut self, answer: &FlagAnswer) -> Result<bool, StoreError> {
        let row = args![
            self.tenant(),
            answer.source,
            answer.code.as_str(),
            answer.staff.0,
            answer.visit.map(|id| id.0),
            answer.words.0,
            answer.at
        ];
        let head = "INSERT INTO flag_answer (tenant_id, source_id, code, staff_id, visit_id, words_id, answered_at)";
        Ok(self.insert_many(head, "ON CONFLICT DO NOTHING", vec![row]).await? == 1)
    }
}
