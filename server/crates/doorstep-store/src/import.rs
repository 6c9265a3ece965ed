//! Imports and what they did to each row, so that they can be shown and taken back.

use doorstep_domain::codes;
use doorstep_domain::id::{AgencyId, CaseId, ImportId, StaffId, TeamId, TenantId};
use doorstep_domain::import::RowResult;
use doorstep_domain::measure::Micros;

use crate::db::{Row, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

codes!(
    /// Where an import stands.
    ImportState, "state of an import" {
        /// Its rows are in force.
        Landed = "landed",
        /// It was taken back.
        TakenBack = "taken-back",
    }
);

codes!(
    /// What kind of file an import was.
    ImportKind, "kind of import" {
        /// Cases.
        Cases = "cases",
        /// Loans with their instalments.
        Loans = "loans",
        /// Payments and reversals.
        Payments = "payments",
    }
);

codes!(
    /// What a row did to its case.
    RowAction, "action of a row" {
        /// Nothing.
        None = "none",
        /// Made the case.
        Created = "created",
        /// Changed the case.
        Updated = "updated",
        /// The case was not in a complete file and was recalled.
        Recalled = "recalled",
    }
);

/// One import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// What its rows are.
    pub kind: ImportKind,
    /// Who imported.
    pub staff: StaffId,
    /// For which agency.
    pub agency: Option<AgencyId>,
    /// For which team; `None` for old imports of somebody without one.
    pub team: Option<TeamId>,
    /// Where it stands.
    pub state: ImportState,
    /// SHA-256 of the file.
    pub file_hash: Vec<u8>,
    /// When.
    pub created_at: Micros,
    /// Count per row result.
    pub counts: Vec<(RowResult, i64)>,
    /// The file of the rows given back, sealed; `None` where all rows were taken.
    pub give_back: Option<Vec<u8>>,
}

/// Which imports; every field narrows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportScope {
    /// Only those of this agency's staff.
    pub agency: Option<AgencyId>,
    /// Only those for this team.
    pub team: Option<TeamId>,
}

impl ImportScope {
    /// Whether an import is among them.
    #[must_use]
    pub fn holds(&self, import: &Import) -> bool {
        (self.agency.is_none() || self.agency == import.agency) && (self.team.is_none() || self.team == import.team)
    }
}

/// One row of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// Line of the file, from 1; negative for cases that the file did not list.
    pub line: i64,
    /// Its result.
    pub result: RowResult,
    /// Codes of the reasons, comma-separated.
    pub reasons: String,
    /// The case, where there is one.
    pub case: Option<CaseId>,
    /// What it did to the case.
    pub action: RowAction,
    /// The case's version after it.
    pub version: Option<i64>,
    /// The case before it, as JSON.
    pub before: Option<String>,
    /// The columns that reasons are about, as `reason:column`, comma-separated.
    pub columns_at: String,
    /// The other lines with the same number, comma-separated.
    pub other_lines: String,
}

fn counts_text(counts: &[(RowResult, i64)]) -> String {
    let parts: Vec<String> = counts.iter().map(|(result, n)| format!("{result}={n}")).collect();
    parts.join(",")
}

fn import_of(row: &Row) -> Result<Import, StoreError> {
    let counts = row
        .text(6)?
        .split(',')
        .filter_map(|part| part.split_once('='))
        .filter_map(|(code, n)| Some((code.parse().ok()?, n.parse().ok()?)))
        .collect();
    Ok(Import {
        id: ImportId(row.id(0)?),
        kind: row.code(9)?,
        staff: StaffId(row.id(1)?),
        agency: row.opt_id(2)?.map(AgencyId),
        state: row.code(3)?,
        file_hash: row.blob(4)?,
        created_at: Micros(row.int(5)?),
        counts,
        give_back: row.opt_blob(7)?,
        team: row.opt_id(8)?.map(TeamId),
    })
}

fn import_row_of(row: &Row) -> Result<ImportRow, StoreError> {
    Ok(ImportRow {
        line: row.int(0)?,
        result: row.code(1)?,
        reasons: row.text(2)?,
        case: row.opt_id(3)?.map(CaseId),
        action: row.code(4)?,
        version: row.opt_int(5)?,
        before: row.opt_text(6)?,
        columns_at: row.text(7)?,
        other_lines: row.text(8)?,
    })
}

impl Store {
    /// One import.
    pub async fn import_get(&self, tenant: TenantId, id: ImportId) -> Result<Import, StoreError> {
        let sql = "SELECT import_id, staff_id, agency_id, state, file_hash, created_at, counts, give_back, team_id, kind FROM \
                   import WHERE tenant_id = $1 AND import_id = $2";
        import_of(
            &self
                .db
                .fetch_one(sql, args![tenant.0, id.0])
                .await?
                .ok_or(StoreError::NotFound)?,
        )
    }

    /// The imports of a scope, newest first, at most 500. The files given back are not among what is read.
    pub async fn import_list(&self, tenant: TenantId, scope: &ImportScope) -> Result<Vec<Import>, StoreError> {
        macro_rules! list_sql {
            ($($tail:tt)*) => {
                concat!(
                    "SELECT import_id, staff_id, agency_id, state, file_hash, created_at, counts, NULL, team_id, kind ",
                    "FROM import WHERE tenant_id = $1 ", $($tail)*, " ORDER BY created_at DESC, import_id DESC LIMIT 500"
                )
            };
        }
        let sql = crate::db::Sql {
            lite: list_sql!("AND ($2 IS NULL OR agency_id = $2) AND ($3 IS NULL OR team_id = $3)"),
            pg: list_sql!("AND ($2::UUID IS NULL OR agency_id = $2) AND ($3::UUID IS NULL OR team_id = $3)"),
        };
        let values = args![tenant.0, scope.agency.map(|id| id.0), scope.team.map(|id| id.0)];
        self.db.fetch(sql, values).await?.iter().map(import_of).collect()
    }

    /// Rows of an import after a line, in the order of the file, at most `limit`.
    pub async fn import_rows(
        &self,
        tenant: TenantId,
        id: ImportId,
        after: i64,
        limit: i64,
    ) -> Result<Vec<ImportRow>, StoreError> {
        let sql = "SELECT line, result, reasons, case_id, action, version, before, columns_at, other_lines FROM import_row \
                   WHERE tenant_id = $1 AND import_id = $2 AND line > $3 ORDER BY line LIMIT $4";
        self.db
            .fetch(sql, args![tenant.0, id.0, after, limit])
            .await?
            .iter()
            .map(import_row_of)
            .collect()
    }
}

impl WriteTx {
    /// Adds an import.
    pub async fn import_insert(&mut self, import: &Import) -> Result<(), StoreError> {
        let values = args![
            self.tenant(),
            import.id.0,
            import.staff.0,
            import.agency.map(|id| id.0),
            import.state.code(),
            import.file_hash.clone(),
            import.created_at,
            counts_text(&import.counts),
            import.give_back.clone(),
            import.team.map(|id| id.0),
            import.kind.code()
        ];
        self.exec(
            "INSERT INTO import (tenant_id, import_id, staff_id, agency_id, state, file_hash, created_at, counts, \
             give_back, team_id, kind) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            values,
        )
        .await
        .map(drop)
    }

    /// Notes the counts and the file given back, when all rows were read.
    pub async fn import_finish(
        &mut self,
        id: ImportId,
        counts: &[(RowResult, i64)],
        give_back: Option<Vec<u8>>,
    ) -> Result<(), StoreError> {
        let values = args![counts_text(counts), give_back, self.tenant(), id.0];
        self.exec_one(
            "UPDATE import SET counts = $1, give_back = $2 WHERE tenant_id = $3 AND import_id = $4",
            values,
        )
        .await
    }

    /// Marks an import as taken back; `Changed` where it already was.
    pub async fn import_taken_back(&mut self, id: ImportId) -> Result<(), StoreError> {
        let values = args![self.tenant(), id.0];
        self.exec_one(
            "UPDATE import SET state = 'taken-back', give_back = NULL \
             WHERE tenant_id = $1 AND import_id = $2 AND state = 'landed'",
            values,
        )
        .await
    }

    /// Adds rows of an import.
    pub async fn import_rows_insert(&mut self, id: ImportId, rows: Vec<ImportRow>) -> Result<(), StoreError> {
        let tenant = self.tenant();
        let rows = rows
            .into_iter()
            .map(|row| {
                args![
                    tenant,
                    id.0,
                    row.line,
                    row.result.code(),
                    row.reasons,
                    row.case.map(|case| case.0),
                    row.action.code(),
                    row.version,
                    row.before,
                    row.columns_at,
                    row.other_lines
                ]
            })
            .collect();
        self.insert_many(
            "INSERT INTO import_row (tenant_id, import_id, line, result, reasons, case_id, action, version, before, \
             columns_at, other_lines)",
            "",
            rows,
        )
        .await
        .map(drop)
    }

    /// The rows of an import that changed a case.
    pub async fn import_rows_acting(&mut self, id: ImportId) -> Result<Vec<ImportRow>, StoreError> {
        let values = args![self.tenant(), id.0];
        let sql = "SELECT line, result, reasons, case_id, action, version, before, columns_at, other_lines FROM import_row \
                   WHERE tenant_id = $1 AND import_id = $2 AND action <> 'none' ORDER BY line";
        self.fetch(sql, values).await?.iter().map(import_row_of).collect()
    }

    /// How many of the import's cases were touched since by something else: changed, planned, visited or contacted.
    pub async fn import_touched(&mut self, id: ImportId) -> Result<i64, StoreError> {
        let values = args![self.tenant(), id.0];
        let sql = "SELECT count(*) FROM import_row r LEFT JOIN cases c \
                   ON c.tenant_id = r.tenant_id AND c.case_id = r.case_id \
                   WHERE r.tenant_id = $1 AND r.import_id = $2 AND r.action <> 'none' AND (c.case_id IS NULL \
                   OR c.version <> r.version \
                   OR EXISTS (SELECT 1 FROM visit v WHERE v.tenant_id = r.tenant_id AND v.case_id = r.case_id \
                              AND r.action = 'created') \
                   OR EXISTS (SELECT 1 FROM contact k WHERE k.tenant_id = r.tenant_id AND k.case_id = r.case_id \
                              AND r.action = 'created') \
                   OR EXISTS (SELECT 1 FROM legal_hold h WHERE h.tenant_id = r.tenant_id AND h.case_id = r.case_id \
                              AND r.action = 'created'))";
        self.fetch_one(sql, values).await?.ok_or(StoreError::NotFound)?.int(0)
    }
}
