//! Cases, and how they are seen together with their addresses.

use doorstep_domain::case::{CaseStatus, Stage};
use doorstep_domain::id::{
    AddressId, AgencyId, Alias, CaseId, EventId, ImportId, PersonId, PortfolioId, TeamId, TenantId,
};
use doorstep_domain::measure::Micros;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::address::{Address, verified_of};
use crate::case_stage::stage_note;
use crate::db::{Row, Tx, Value, args};
use crate::ended::{ENDED, ended_mac};
use crate::error::StoreError;
use crate::mac::MacKey;
use crate::store::Store;
use crate::write::WriteTx;

/// A case as far as the database shows it in clear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Its id.
    pub id: CaseId,
    /// What stands for it in the log.
    pub alias: Alias,
    /// The portfolio.
    pub portfolio: PortfolioId,
    /// The agency it was given to.
    pub agency: Option<AgencyId>,
    /// The team that works it.
    pub team: TeamId,
    /// Whom it concerns.
    pub person: PersonId,
    /// Where that person may be visited.
    pub address: AddressId,
    /// Where it stands.
    pub status: CaseStatus,
    /// Mask of flags, see `doorstep_domain::case::Flag`.
    pub flags: i64,
    /// Age of the debt.
    pub stage: Stage,
    /// Days past due when it was imported.
    pub days_past_due: i64,
    /// First unpaid due date in days since 1970-01-01.
    pub due_day: Option<i64>,
    /// Total due in minor units.
    pub amount: i64,
    /// Principal, interest, penalty and fees in minor units, where the file gave them.
    pub parts: Option<[i64; 4]>,
    /// ISO 4217 code.
    pub currency: String,
    /// As of when the amount was right.
    pub amount_as_of: Micros,
    /// Day of the last visit before the import, in days since 1970-01-01.
    pub last_visit_day: Option<i64>,
    /// Visits made before the import.
    pub visits_before: i64,
    /// Keyed hash of the imported content.
    pub content_hash: Vec<u8>,
    /// The sealed payload with the personal fields.
    pub payload: EventId,
    /// The import that made or last changed it.
    pub import: ImportId,
    /// Counts changes; what an ETag shows.
    pub version: i64,
    /// When it last changed.
    pub updated_at: Micros,
}

/// A case with its address and its person's alias: what lists and plans work on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseView {
    /// The case.
    pub case: Case,
    /// Its address.
    pub address: Address,
    /// The person's alias in the log.
    pub person_alias: Alias,
}

/// Which cases; every field narrows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseScope {
    /// Only this agency's: what an agency may see.
    pub agency: Option<AgencyId>,
    /// Only this team's.
    pub team: Option<TeamId>,
    /// Only in this portfolio.
    pub portfolio: Option<PortfolioId>,
    /// Only with this status.
    pub status: Option<CaseStatus>,
}

doorstep_domain::codes!(
    /// How a list of cases is sorted; only by what is not personal.
    CaseSort, "order of cases" {
        /// Longest overdue first.
        DaysPastDue = "days",
        /// Highest amount first.
        Amount = "amount",
        /// Last changed first.
        Updated = "updated",
    }
);

/// Where a page of a list goes on: the sort value and id of the last row of the page before.
pub type CaseCursor = (i64, CaseId);

macro_rules! view_sql {
    ($($tail:tt)*) => {
        concat!(
            "SELECT c.case_id, c.alias, c.portfolio_id, c.agency_id, c.team_id, c.person_id, c.address_id, c.status, ",
            "c.flags, c.stage, c.days_past_due, c.due_day, c.amount, c.principal, c.interest, c.penalty, c.fees, ",
            "c.currency, c.amount_as_of, c.last_visit_day, c.visits_before, c.content_hash, c.payload_id, ",
            "c.import_id, c.version, c.updated_at, a.state, a.provenance, a.kind, a.cell, a.zone, a.country, ",
            "a.region, p.alias, a.place_digest, a.text_id, a.verified_at, a.verified_how, a.retired_at FROM cases c ",
            "JOIN address a ON a.tenant_id = c.tenant_id AND a.address_id = c.address_id ",
            "JOIN person p ON p.tenant_id = c.tenant_id AND p.person_id = c.person_id ",
            $($tail)*
        )
    };
}

fn case_of(row: &Row) -> Result<Case, StoreError> {
    let parts = match (row.opt_int(13)?, row.opt_int(14)?, row.opt_int(15)?, row.opt_int(16)?) {
        (Some(principal), Some(interest), Some(penalty), Some(fees)) => Some([principal, interest, penalty, fees]),
        _ => None,
    };
    Ok(Case {
        id: CaseId(row.id(0)?),
        alias: Alias(row.id(1)?),
        portfolio: PortfolioId(row.id(2)?),
        agency: row.opt_id(3)?.map(AgencyId),
        team: TeamId(row.id(4)?),
        person: PersonId(row.id(5)?),
        address: AddressId(row.id(6)?),
        status: row.code(7)?,
        flags: row.int(8)?,
        stage: row.code(9)?,
        days_past_due: row.int(10)?,
        due_day: row.opt_int(11)?,
        amount: row.int(12)?,
        parts,
        currency: row.text(17)?,
        amount_as_of: Micros(row.int(18)?),
        last_visit_day: row.opt_int(19)?,
        visits_before: row.int(20)?,
        content_hash: row.blob(21)?,
        payload: EventId(row.id(22)?),
        import: ImportId(row.id(23)?),
        version: row.int(24)?,
        updated_at: Micros(row.int(25)?),
    })
}

fn view_of(row: &Row) -> Result<CaseView, StoreError> {
    let case = case_of(row)?;
    let address = Address {
        id: case.address,
        person: case.person,
        state: row.code(26)?,
        provenance: row.code(27)?,
        kind: row.code(28)?,
        cell: row.int(29)?,
        zone: row.text(30)?,
        country: row.opt_text(31)?,
        region: row.opt_text(32)?,
        place_digest: row.opt_id(34)?,
        text: row.opt_id(35)?.map(EventId),
        verified: verified_of(row, 36)?,
        retired_at: row.opt_int(38)?.map(Micros),
    };
    Ok(CaseView {
        case,
        address,
        person_alias: Alias(row.id(33)?),
    })
}

fn scope_values(tenant: TenantId, scope: &CaseScope) -> Vec<Value> {
    args![
        tenant.0,
        scope.agency.map(|id| id.0),
        scope.team.map(|id| id.0),
        scope.portfolio.map(|id| id.0),
        scope.status.map(CaseStatus::code)
    ]
}

impl Store {
    /// Every case of a scope, in the order of their ids.
    pub async fn case_scope(&self, tenant: TenantId, scope: &CaseScope) -> Result<Vec<CaseView>, StoreError> {
        let sql = crate::db::Sql {
            lite: view_sql!(
                "WHERE c.tenant_id = $1 AND ($2 IS NULL OR c.agency_id = $2) AND ($3 IS NULL OR c.team_id = $3) \
                 AND ($4 IS NULL OR c.portfolio_id = $4) AND ($5 IS NULL OR c.status = $5) ORDER BY c.case_id"
            ),
            pg: view_sql!(
                "WHERE c.tenant_id = $1 AND ($2::UUID IS NULL OR c.agency_id = $2) \
                 AND ($3::UUID IS NULL OR c.team_id = $3) AND ($4::UUID IS NULL OR c.portfolio_id = $4) \
                 AND ($5::TEXT IS NULL OR c.status = $5) ORDER BY c.case_id"
            ),
        };
        self.db
            .fetch(sql, scope_values(tenant, scope))
            .await?
            .iter()
            .map(view_of)
            .collect()
    }

    /// A page of a scope's cases, in the order of `sort`, after `cursor`.
    pub async fn case_page(
        &self,
        tenant: TenantId,
        scope: &CaseScope,
        sort: CaseSort,
        cursor: Option<CaseCursor>,
        limit: i64,
    ) -> Result<Vec<CaseView>, StoreError> {
        macro_rules! page_sql {
            ($column:literal) => {
                crate::db::Sql {
                    lite: view_sql!(
                        "WHERE c.tenant_id = $1 AND ($2 IS NULL OR c.agency_id = $2) \
                         AND ($3 IS NULL OR c.team_id = $3) AND ($4 IS NULL OR c.portfolio_id = $4) \
                         AND ($5 IS NULL OR c.status = $5) AND ($6 IS NULL OR c.", $column, " < $6 \
                         OR (c.", $column, " = $6 AND c.case_id > $7)) ORDER BY c.", $column, " DESC, c.case_id LIMIT $8"
                    ),
                    pg: view_sql!(
                        "WHERE c.tenant_id = $1 AND ($2::UUID IS NULL OR c.agency_id = $2) \
                         AND ($3::UUID IS NULL OR c.team_id = $3) AND ($4::UUID IS NULL OR c.portfolio_id = $4) \
                         AND ($5::TEXT IS NULL OR c.status = $5) AND ($6::BIGINT IS NULL OR c.", $column, " < $6 \
                         OR (c.", $column, " = $6 AND c.case_id > $7)) ORDER BY c.", $column, " DESC, c.case_id LIMIT $8"
                    ),
                }
            };
        }
        let sql = match sort {
            CaseSort::DaysPastDue => page_sql!("days_past_due"),
            CaseSort::Amount => page_sql!("amount"),
            CaseSort::Updated => page_sql!("updated_at"),
        };
        let mut values = scope_values(tenant, scope);
        values.extend(args![cursor.map(|(value, _)| value), cursor.map(|(_, id)| id.0), limit]);
        self.db.fetch(sql, values).await?.iter().map(view_of).collect()
    }

    /// Some cases by id.
    pub async fn case_get_many(&self, tenant: TenantId, ids: &[Uuid]) -> Result<Vec<CaseView>, StoreError> {
        let sql = view_sql!("WHERE c.tenant_id = $1 AND c.case_id IN ({in})");
        self.db
            .fetch_in(sql, args![tenant.0], ids)
            .await?
            .iter()
            .map(view_of)
            .collect()
    }

    /// The cases that aliases of cases or of persons stand for.
    pub async fn case_by_aliases(&self, tenant: TenantId, aliases: &[Uuid]) -> Result<Vec<CaseView>, StoreError> {
        let of_persons = view_sql!("WHERE c.tenant_id = $1 AND p.alias IN ({in})");
        let of_cases = view_sql!("WHERE c.tenant_id = $1 AND c.alias IN ({in})");
        let mut rows = self.db.fetch_in(of_persons, args![tenant.0], aliases).await?;
        rows.extend(self.db.fetch_in(of_cases, args![tenant.0], aliases).await?);
        rows.iter().map(view_of).collect()
    }

    /// All cases of some persons.
    pub async fn case_of_persons(&self, tenant: TenantId, persons: &[Uuid]) -> Result<Vec<CaseView>, StoreError> {
        let sql = view_sql!("WHERE c.tenant_id = $1 AND c.person_id IN ({in})");
        self.db
            .fetch_in(sql, args![tenant.0], persons)
            .await?
            .iter()
            .map(view_of)
            .collect()
    }

    /// One case.
    pub async fn case_get(&self, tenant: TenantId, id: CaseId) -> Result<CaseView, StoreError> {
        self.case_get_many(tenant, &[id.0])
            .await?
            .pop()
            .ok_or(StoreError::NotFound)
    }

    /// How many cases each status has in a scope.
    pub async fn case_counts(&self, tenant: TenantId) -> Result<Vec<(CaseStatus, i64)>, StoreError> {
        let sql = "SELECT status, count(*) FROM cases WHERE tenant_id = $1 GROUP BY status ORDER BY status";
        let rows = self.db.fetch(sql, args![tenant.0]).await?;
        rows.iter().map(|row| Ok((row.code(0)?, row.int(1)?))).collect()
    }
}

impl WriteTx {
    /// Some cases as they stand within the transaction.
    pub async fn case_read(&mut self, ids: &[Uuid]) -> Result<Vec<CaseView>, StoreError> {
        let tenant = self.tenant();
        let sql = view_sql!("WHERE c.tenant_id = $1 AND c.case_id IN ({in})");
        self.fetch_in(sql, args![tenant], ids)
            .await?
            .iter()
            .map(view_of)
            .collect()
    }

    /// All cases of a person as they stand within the transaction. They are put in order here: asked for an order, SQLite walks
    /// all cases of the tenant in it.
    pub async fn case_of_person(&mut self, person: PersonId) -> Result<Vec<CaseView>, StoreError> {
        let values = args![self.tenant(), person.0];
        let sql = view_sql!("WHERE c.tenant_id = $1 AND c.person_id = $2");
        let rows = self.fetch(sql, values).await?;
        let mut views: Vec<CaseView> = rows.iter().map(view_of).collect::<Result<_, _>>()?;
        views.sort_unstable_by_key(|view| view.case.id);
        Ok(views)
    }

    /// Ids of all open or held cases of a portfolio and agency: what a complete file is compared with.
    pub async fn case_ids_live(
        &mut self,
        portfolio: PortfolioId,
        agency: Option<AgencyId>,
    ) -> Result<Vec<CaseId>, StoreError> {
        let values = args![self.tenant(), portfolio.0, agency.map(|id| id.0)];
        let sql = crate::db::Sql {
            lite: "SELECT case_id FROM cases WHERE tenant_id = $1 AND portfolio_id = $2 AND agency_id IS $3 \
                   AND status IN ('open', 'held') ORDER BY case_id",
            pg: "SELECT case_id FROM cases WHERE tenant_id = $1 AND portfolio_id = $2 \
                 AND agency_id IS NOT DISTINCT FROM $3 AND status IN ('open', 'held') ORDER BY case_id",
        };
        self.fetch(sql, values)
            .await?
            .iter()
            .map(|row| Ok(CaseId(row.id(0)?)))
            .collect()
    }

    /// Adds cases, or puts these contents in place of those with the same ids.
    pub async fn case_write(&mut self, cases: &[Case]) -> Result<(), StoreError> {
        let tenant = self.tenant();
        let key = self.mac_key(ENDED).await?;
        let rows = cases.iter().map(|case| case_values(&key, tenant, case)).collect();
        self.insert_many(
            "INSERT INTO cases (tenant_id, case_id, alias, portfolio_id, agency_id, team_id, person_id, address_id, \
             status, flags, stage, days_past_due, due_day, amount, principal, interest, penalty, fees, currency, \
             amount_as_of, last_visit_day, visits_before, content_hash, payload_id, import_id, version, updated_at, ended_at, \
             ended_mac)",
            "ON CONFLICT (tenant_id, case_id) DO UPDATE SET agency_id = excluded.agency_id, \
             team_id = excluded.team_id, address_id = excluded.address_id, status = excluded.status, \
             flags = excluded.flags, stage = excluded.stage, days_past_due = excluded.days_past_due, \
             due_day = excluded.due_day, amount = excluded.amount, principal = excluded.principal, \
             interest = excluded.interest, penalty = excluded.penalty, fees = excluded.fees, \
             currency = excluded.currency, amount_as_of = excluded.amount_as_of, \
             last_visit_day = excluded.last_visit_day, visits_before = excluded.visits_before, \
             content_hash = excluded.content_hash, payload_id = excluded.payload_id, \
             import_id = excluded.import_id, version = excluded.version, updated_at = excluded.updated_at, \
             ended_at = CASE WHEN excluded.ended_at IS NULL THEN NULL \
             ELSE COALESCE(cases.ended_at, excluded.ended_at) END, \
             ended_mac = CASE WHEN excluded.ended_at IS NULL OR cases.ended_at IS NULL THEN excluded.ended_mac \
             ELSE cases.ended_mac END",
            rows,
        )
        .await?;
        let ids: Vec<Uuid> = cases.iter().map(|case| case.id.0).collect();
        self.stage_note(&ids).await
    }

    /// The cases as they stand within the transaction.
    pub async fn case_get_many(&mut self, ids: &[Uuid]) -> Result<Vec<CaseView>, StoreError> {
        let sql = view_sql!("WHERE c.tenant_id = $1 AND c.case_id IN ({in})");
        let values = args![self.tenant()];
        self.fetch_in(sql, values, ids).await?.iter().map(view_of).collect()
    }

    /// Removes cases with their blind indexes, and marks persons that no case is left for as erased; only then their
    /// addresses go, because a case that is left may stand on one or be put back to it. Returns the persons so marked
    /// with their aliases; their keys are destroyed after the commit.
    pub async fn case_remove(&mut self, cases: &[CaseView]) -> Result<Vec<(PersonId, Alias)>, StoreError> {
        let tenant = self.tenant();
        let mut erased = Vec::new();
        for view in cases {
            let case = &view.case;
            self.exec(
                "DELETE FROM cases WHERE tenant_id = $1 AND case_id = $2",
                args![tenant, case.id.0],
            )
            .await?;
            let sql = "DELETE FROM blind WHERE tenant_id = $1 AND owner_id = $2";
            self.exec(sql, args![tenant, case.id.0]).await?;
            for sql in [
                "DELETE FROM loan WHERE tenant_id = $1 AND case_id = $2",
                "DELETE FROM instalment WHERE tenant_id = $1 AND case_id = $2",
                "DELETE FROM posting WHERE tenant_id = $1 AND case_id = $2",
                "DELETE FROM case_stage WHERE tenant_id = $1 AND case_id = $2",
            ] {
                self.exec(sql, args![tenant, case.id.0]).await?;
            }
            let sql = "SELECT count(*) FROM cases WHERE tenant_id = $1 AND person_id = $2";
            let row = self
                .fetch_one(sql, args![tenant, case.person.0])
                .await?
                .ok_or(StoreError::NotFound)?;
            if row.int(0)? > 0 {
                continue;
            }
            let sql = "DELETE FROM address WHERE tenant_id = $1 AND person_id = $2";
            self.exec(sql, args![tenant, case.person.0]).await?;
            if self.person_erase(case.person).await? {
                erased.push((case.person, view.person_alias));
            }
        }
        Ok(erased)
    }

    /// Closes every case of a person. Returns how many there are.
    pub async fn case_close_of_person(&mut self, person: PersonId) -> Result<u64, StoreError> {
        let (tenant, now) = (self.tenant(), self.now());
        case_close_of_person(self.inner(), tenant, person.0, now).await
    }
}

/// Closes every case of a person. Returns how many there are.
pub(crate) async fn case_close_of_person(
    tx: &mut Tx,
    tenant: Uuid,
    person: Uuid,
    now: Micros,
) -> Result<u64, StoreError> {
    let sql = "UPDATE cases SET status = 'closed', version = version + 1, updated_at = $1 \
               WHERE tenant_id = $2 AND person_id = $3 RETURNING case_id";
    let closed = tx.fetch(sql, args![now, tenant, person]).await?;
    let ids: Result<Vec<Uuid>, StoreError> = closed.iter().map(|row| row.id(0)).collect();
    stage_note(tx, tenant, now, &ids?).await?;
    Ok(closed.len() as u64)
}

fn case_values(key: &MacKey, tenant: Uuid, case: &Case) -> Vec<Value> {
    let ended = case.status.is_over().then_some(case.updated_at);
    let mac = ended.map(|ended| ended_mac(key, (case.id, case.person), ended));
    let part = |i: usize| case.parts.map(|parts| parts[i]);
    args![
        tenant,
        case.id.0,
        case.alias.0,
        case.portfolio.0,
        case.agency.map(|id| id.0),
        case.team.0,
        case.person.0,
        case.address.0,
        case.status.code(),
        case.flags,
        case.stage.code(),
        case.days_past_due,
        case.due_day,
        case.amount,
        part(0),
        part(1),
        part(2),
        part(3),
        case.currency.as_str(),
        case.amount_as_of,
        case.last_visit_day,
        case.visits_before,
        case.content_hash.clone(),
        case.payload.0,
        case.import.0,
        case.version,
        case.updated_at,
        ended,
        mac.unwrap_or_default()
    ]
}
