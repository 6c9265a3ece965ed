//! Loans: the books of cases, their instalments, the ledger, and how far daily work got.

use doorstep_domain::id::{AddressId, AgencyId, CaseId, EventId, ImportId, PersonId, PortfolioId, TeamId, TenantId};
use doorstep_domain::loan::{Instalment, LoanSource, PostingKind};
use doorstep_domain::measure::Micros;
use doorstep_domain::money::AmountParts;
use uuid::Uuid;

use crate::db::{Row, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

/// The book of a case, also of one that was not opened yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loan {
    /// The case's id, which it has before it is opened.
    pub case: CaseId,
    /// The portfolio.
    pub portfolio: PortfolioId,
    /// The agency that the case is for.
    pub agency: Option<AgencyId>,
    /// The team that works the case.
    pub team: TeamId,
    /// Whom it concerns.
    pub person: PersonId,
    /// Where that person may be visited.
    pub address: AddressId,
    /// Where it comes from.
    pub source: LoanSource,
    /// ISO 4217 code of all its money.
    pub currency: String,
    /// As of when the lender stated it.
    pub as_of: Micros,
    /// Keyed hash of its number; `None` once the person is erased.
    pub number: Option<Uuid>,
    /// Keyed hash of what the lender stated of the person.
    pub content_hash: Vec<u8>,
    /// The sealed payload with the personal fields.
    pub payload: EventId,
    /// Mask of the flags of the file.
    pub flags: i64,
    /// Day of the last visit before the file, since 1970-01-01.
    pub last_visit_day: Option<i64>,
    /// Visits before the file.
    pub visits_before: i64,
    /// The import that made or last changed it.
    pub import: ImportId,
    /// Counts changes.
    pub version: i64,
    /// When it last changed.
    pub updated_at: Micros,
}

/// A row of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// Its id.
    pub id: Uuid,
    /// The case.
    pub case: CaseId,
    /// The instalment.
    pub due_day: i64,
    /// What it is.
    pub kind: PostingKind,
    /// The payment or waiver that it comes from.
    pub source: Option<Uuid>,
    /// The day on which it was booked, since 1970-01-01.
    pub booked: i64,
    /// By how much it changes what is owed, by part.
    pub parts: AmountParts,
}

macro_rules! loan_sql {
    ($tail:literal) => {
        concat!(
            "SELECT case_id, portfolio_id, agency_id, team_id, person_id, address_id, source, currency, as_of, ",
            "number_digest, content_hash, payload_id, flags, last_visit_day, visits_before, import_id, version, ",
            "updated_at FROM loan WHERE tenant_id = $1",
            $tail
        )
    };
}

macro_rules! instalment_sql {
    ($tail:literal) => {
        concat!(
            "SELECT case_id, due_day, number, due_principal, due_interest, due_penalty, due_fees, paid_principal, ",
            "paid_interest, paid_penalty, paid_fees, waived_principal, waived_interest, waived_penalty, waived_fees, ",
            "booked_day FROM instalment WHERE tenant_id = $1",
            $tail,
            " ORDER BY case_id, due_day"
        )
    };
}

macro_rules! posting_sql {
    ($tail:literal) => {
        concat!(
            "SELECT posting_id, case_id, due_day, kind, source_id, booked_day, principal, interest, penalty, fees ",
            "FROM posting WHERE tenant_id = $1",
            $tail,
            " ORDER BY case_id, booked_day, posting_id"
        )
    };
}

fn loan_of(row: &Row) -> Result<Loan, StoreError> {
    Ok(Loan {
        case: CaseId(row.id(0)?),
        portfolio: PortfolioId(row.id(1)?),
        agency: row.opt_id(2)?.map(AgencyId),
        team: TeamId(row.id(3)?),
        person: PersonId(row.id(4)?),
        address: AddressId(row.id(5)?),
        source: row.code(6)?,
        currency: row.text(7)?,
        as_of: Micros(row.int(8)?),
        number: row.opt_id(9)?,
        content_hash: row.blob(10)?,
        payload: EventId(row.id(11)?),
        flags: row.int(12)?,
        last_visit_day: row.opt_int(13)?,
        visits_before: row.int(14)?,
        import: ImportId(row.id(15)?),
        version: row.int(16)?,
        updated_at: Micros(row.int(17)?),
    })
}

fn parts_at(row: &Row, at: usize) -> Result<AmountParts, StoreError> {
    Ok(AmountParts::of([
        row.int(at)?,
        row.int(at + 1)?,
        row.int(at + 2)?,
        row.int(at + 3)?,
    ]))
}

fn instalment_of(row: &Row) -> Result<(CaseId, Instalment), StoreError> {
    let instalment = Instalment {
        due_day: row.int(1)?,
        number: row.opt_int(2)?,
        due: parts_at(row, 3)?,
        paid: parts_at(row, 7)?,
        waived: parts_at(row, 11)?,
        booked: row.opt_int(15)?,
    };
    Ok((CaseId(row.id(0)?), instalment))
}

fn posting_of(row: &Row) -> Result<Posting, StoreError> {
    Ok(Posting {
        id: row.id(0)?,
        case: CaseId(row.id(1)?),
        due_day: row.int(2)?,
        kind: row.code(3)?,
        source: row.opt_id(4)?,
        booked: row.int(5)?,
        parts: parts_at(row, 6)?,
    })
}

impl Store {
    /// Every loan of a tenant, in the order of their cases' ids.
    pub async fn loan_list(&self, tenant: TenantId) -> Result<Vec<Loan>, StoreError> {
        let rows = self.db.fetch(loan_sql!(" ORDER BY case_id"), args![tenant.0]).await?;
        rows.iter().map(loan_of).collect()
    }

    /// The loans of some cases.
    pub async fn loan_get_many(&self, tenant: TenantId, cases: &[Uuid]) -> Result<Vec<Loan>, StoreError> {
        let sql = loan_sql!(" AND case_id IN ({in})");
        let rows = self.db.fetch_in(sql, args![tenant.0], cases).await?;
        rows.iter().map(loan_of).collect()
    }

    /// The loans with some numbers, by their keyed hashes.
    pub async fn loan_by_number(&self, tenant: TenantId, numbers: &[Uuid]) -> Result<Vec<Loan>, StoreError> {
        let sql = loan_sql!(" AND number_digest IN ({in})");
        let rows = self.db.fetch_in(sql, args![tenant.0], numbers).await?;
        rows.iter().map(loan_of).collect()
    }

    /// The instalments of some cases, oldest first within each.
    pub async fn instalment_list(
        &self,
        tenant: TenantId,
        cases: &[Uuid],
    ) -> Result<Vec<(CaseId, Instalment)>, StoreError> {
        let sql = instalment_sql!(" AND case_id IN ({in})");
        let rows = self.db.fetch_in(sql, args![tenant.0], cases).await?;
        rows.iter().map(instalment_of).collect()
    }

    /// The instalments of all cases.
    pub async fn instalment_all(&self, tenant: TenantId) -> Result<Vec<(CaseId, Instalment)>, StoreError> {
        let rows = self.db.fetch(instalment_sql!(""), args![tenant.0]).await?;
        rows.iter().map(instalment_of).collect()
    }

    /// The ledger up to a day, that day included, in the order of cases and days.
    pub async fn posting_list(&self, tenant: TenantId, until: i64) -> Result<Vec<Posting>, StoreError> {
        let sql = posting_sql!(" AND booked_day <= $2");
        let rows = self.db.fetch(sql, args![tenant.0, until]).await?;
        rows.iter().map(posting_of).collect()
    }

    /// The last day that daily work was done for.
    pub async fn daily_last(&self, tenant: TenantId) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT MAX(day) FROM daily_run WHERE tenant_id = $1";
        let row = self.db.fetch_one(sql, args![tenant.0]).await?;
        row.map_or(Ok(None), |row| row.opt_int(0))
    }
}

impl WriteTx {
    /// The loans of some cases, within the transaction.
    pub async fn loan_read(&mut self, cases: &[Uuid]) -> Result<Vec<Loan>, StoreError> {
        let values = args![self.tenant()];
        let sql = loan_sql!(" AND case_id IN ({in})");
        self.fetch_in(sql, values, cases).await?.iter().map(loan_of).collect()
    }

    /// The loans with some numbers, by their keyed hashes.
    pub async fn loan_by_number(&mut self, numbers: &[Uuid]) -> Result<Vec<Loan>, StoreError> {
        let values = args![self.tenant()];
        let sql = loan_sql!(" AND number_digest IN ({in})");
        self.fetch_in(sql, values, numbers).await?.iter().map(loan_of).collect()
    }

    /// As [`Store::instalment_list`], within the transaction.
    pub async fn instalment_list(&mut self, cases: &[Uuid]) -> Result<Vec<(CaseId, Instalment)>, StoreError> {
        let values = args![self.tenant()];
        let sql = instalment_sql!(" AND case_id IN ({in})");
        let rows = self.fetch_in(sql, values, cases).await?;
        rows.iter().map(instalment_of).collect()
    }

    /// What was posted for a payment or waiver.
    pub async fn posting_of(&mut self, source: Uuid) -> Result<Vec<Posting>, StoreError> {
        let values = args![self.tenant(), source];
        let rows = self.fetch(posting_sql!(" AND source_id = $2"), values).await?;
        rows.iter().map(posting_of).collect()
    }

    /// Adds loans, or puts these contents in place of those of the same cases.
    pub async fn loan_write(&mut self, loans: &[Loan]) -> Result<(), StoreError> {
        let tenant = self.tenant();
        let row = |one: &Loan| {
            args![
                tenant,
                one.case.0,
                one.portfolio.0,
                one.agency.map(|id| id.0),
                one.team.0,
                one.person.0,
                one.address.0,
                one.source.code(),
                one.currency.as_str(),
                one.as_of,
                one.number,
                one.content_hash.clone(),
                one.payload.0,
                one.flags,
                one.last_visit_day,
                one.visits_before,
                one.import.0,
                one.version,
                one.updated_at
            ]
        };
        let rows = loans.iter().map(row).collect();
        self.insert_many(
            "INSERT INTO loan (tenant_id, case_id, portfolio_id, agency_id, team_id, person_id, address_id, source, \
             currency, as_of, number_digest, content_hash, payload_id, flags, last_visit_day, visits_before, import_id, \
             version, updated_at)",
            "ON CONFLICT (tenant_id, case_id) DO UPDATE SET agency_id = excluded.agency_id, team_id = excluded.team_id, \
             person_id = excluded.person_id, address_id = excluded.address_id, source = excluded.source, \
             currency = excluded.currency, as_of = excluded.as_of, content_hash = excluded.content_hash, \
             payload_id = excluded.payload_id, flags = excluded.flags, last_visit_day = excluded.last_visit_day, \
             visits_before = excluded.visits_before, import_id = excluded.import_id, version = excluded.version, \
             updated_at = excluded.updated_at",
            rows,
        )
        .await
        .map(drop)
    }

    /// Adds instalments, or puts these contents in place of those that fall due on the same days.
    pub async fn instalment_write(&mut self, instalments: &[(CaseId, Instalment)]) -> Result<(), StoreError> {
        let tenant = self.tenant();
        let row = |(case, one): &(CaseId, Instalment)| {
            let (due, paid, waived) = (one.due.numbers(), one.paid.numbers(), one.waived.numbers());
            args![
                tenant,
                case.0,
                one.due_day,
                one.number,
                due[0],
                due[1],
                due[2],
                due[3],
                paid[0],
                paid[1],
                paid[2],
                paid[3],
                waived[0],
                waived[1],
                waived[2],
                waived[3],
                one.booked
            ]
        };
        let rows = instalments.iter().map(row).collect();
        self.insert_many(
            "INSERT INTO instalment (tenant_id, case_id, due_day, number, due_principal, due_interest, due_penalty, \
             due_fees, paid_principal, paid_interest, paid_penalty, paid_fees, waived_principal, waived_interest, \
             waived_penalty, waived_fees, booked_day)",
            "ON CONFLICT (tenant_id, case_id, due_day) DO UPDATE SET number = excluded.number, \
             due_principal = excluded.due_principal, due_interest = excluded.due_interest, \
             due_penalty = excluded.due_penalty, due_fees = excluded.due_fees, \
             paid_principal = excluded.paid_principal, paid_interest = excluded.paid_interest, \
             paid_penalty = excluded.paid_penalty, paid_fees = excluded.paid_fees, \
             waived_principal = excluded.waived_principal, waived_interest = excluded.waived_interest, \
             waived_penalty = excluded.waived_penalty, waived_fees = excluded.waived_fees, \
             booked_day = excluded.booked_day",
            rows,
        )
        .await
        .map(drop)
    }

    /// Adds rows to the ledger.
    pub async fn posting_insert(&mut self, postings: &[Posting]) -> Result<(), StoreError> {
        let tenant = self.tenant();
        let row = |one: &Posting| {
            let parts = one.parts.numbers();
            args![
                tenant,
                one.id,
                one.case.0,
                one.due_day,
                one.kind.code(),
                one.source,
                one.booked,
                parts[0],
                parts[1],
                parts[2],
                parts[3]
            ]
        };
        let rows = postings.iter().map(row).collect();
        self.insert_many(
            "INSERT INTO posting (tenant_id, posting_id, case_id, due_day, kind, source_id, booked_day, principal, \
             interest, penalty, fees)",
            "",
            rows,
        )
        .await
        .map(drop)
    }

    /// Notes that daily work was done for a day. Returns whether it was the first time.
    pub async fn daily_done(&mut self, day: i64) -> Result<bool, StoreError> {
        let row = args![self.tenant(), day, self.now()];
        let head = "INSERT INTO daily_run (tenant_id, day, ran_at)";
        Ok(self.insert_many(head, "ON CONFLICT DO NOTHING", vec![row]).await? == 1)
    }
}
