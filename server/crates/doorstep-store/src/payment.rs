//! Payments and reversals, as they came in, and what became of them.

use doorstep_domain::id::{AgencyId, CaseId, EventId, ImportId, PaymentId, PortfolioId, StaffId, TenantId};
use doorstep_domain::loan::{PaymentKind, PaymentState};
use doorstep_domain::measure::Micros;
use uuid::Uuid;

use crate::db::{Row, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

/// What a person decided about held money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// Who.
    pub by: StaffId,
    /// When.
    pub at: Micros,
    /// Why it counts nowhere, sealed among the payloads; `None` where it counts.
    pub words: Option<EventId>,
}

/// Money that came in, or went back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// The case, where the row names one that is known.
    pub case: Option<CaseId>,
    /// The portfolio, where the row names one that is known.
    pub portfolio: Option<PortfolioId>,
    /// The agency whose staff brought it in.
    pub agency: Option<AgencyId>,
    /// The day on which it was paid, since 1970-01-01.
    pub paid_on: i64,
    /// How much, above zero, in minor units.
    pub amount: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// Keyed hash of the reference.
    pub reference: Uuid,
    /// Keyed hash of the whole row: the same row again is the same payment.
    pub content: Uuid,
    /// Whether it came in or went back.
    pub kind: PaymentKind,
    /// What became of it.
    pub state: PaymentState,
    /// Why it was held, as the code of a row's reason.
    pub reason: Option<String>,
    /// When it was brought in.
    pub received_at: Micros,
    /// The day on which it was booked; `None` where it never was.
    pub booked: Option<i64>,
    /// The import that brought it in.
    pub file: ImportId,
    /// Its line there.
    pub line: i64,
    /// The sealed reference, number and portfolio as the file gave them.
    pub payload: EventId,
    /// What a person decided, where it was held.
    pub decision: Option<Decision>,
    /// Counts changes.
    pub version: i64,
}

macro_rules! payment_sql {
    ($($tail:tt)*) => {
        concat!(
            "SELECT payment_id, case_id, portfolio_id, agency_id, paid_on, amount, currency, reference_digest, ",
            "content_digest, kind, state, reason, received_at, booked_day, file_id, line, payload_id, decided_by, ",
            "decided_at, decision_id, version FROM payment WHERE tenant_id = $1 AND ",
            $($tail)*
        )
    };
}

const COUNTED: &str =
    payment_sql!("state = 'counted' AND case_id IN ({in}) ORDER BY paid_on, received_at, kind, payment_id");
const SAME_REFERENCE: &str = payment_sql!("reference_digest IN ({in}) ORDER BY received_at, payment_id");

fn payment_of(row: &Row) -> Result<Payment, StoreError> {
    let decision = match (row.opt_id(17)?, row.opt_int(18)?) {
        (Some(by), Some(at)) => Some(Decision {
            by: StaffId(by),
            at: Micros(at),
            words: row.opt_id(19)?.map(EventId),
        }),
        _ => None,
    };
    Ok(Payment {
        id: PaymentId(row.id(0)?),
        case: row.opt_id(1)?.map(CaseId),
        portfolio: row.opt_id(2)?.map(PortfolioId),
        agency: row.opt_id(3)?.map(AgencyId),
        paid_on: row.int(4)?,
        amount: row.int(5)?,
        currency: row.text(6)?,
        reference: row.id(7)?,
        content: row.id(8)?,
        kind: row.code(9)?,
        state: row.code(10)?,
        reason: row.opt_text(11)?,
        received_at: Micros(row.int(12)?),
        booked: row.opt_int(13)?,
        file: ImportId(row.id(14)?),
        line: row.int(15)?,
        payload: EventId(row.id(16)?),
        decision,
        version: row.int(20)?,
    })
}

impl Store {
    /// The counted payments and reversals of some cases, in the order in which they were made.
    pub async fn payment_list(&self, tenant: TenantId, cases: &[CaseId]) -> Result<Vec<Payment>, StoreError> {
        let ids: Vec<Uuid> = cases.iter().map(|case| case.0).collect();
        let rows = self.db.fetch_in(COUNTED, args![tenant.0], &ids).await?;
        rows.iter().map(payment_of).collect()
    }

    /// Money that waits for a person, oldest first, at most so much; of one agency's staff where one is named.
    pub async fn payment_held(
        &self,
        tenant: TenantId,
        agency: Option<AgencyId>,
        limit: i64,
    ) -> Result<Vec<Payment>, StoreError> {
        macro_rules! held_sql {
            ($narrow:literal) => {
                payment_sql!(
                    "state = 'held' AND (",
                    $narrow,
                    ") ORDER BY received_at, payment_id LIMIT $3"
                )
            };
        }
        let sql = crate::db::Sql {
            lite: held_sql!("$2 IS NULL OR agency_id = $2"),
            pg: held_sql!("$2::UUID IS NULL OR agency_id = $2"),
        };
        let values = args![tenant.0, agency.map(|id| id.0), limit];
        self.db.fetch(sql, values).await?.iter().map(payment_of).collect()
    }

    /// One payment, whatever became of it.
    pub async fn payment_get(&self, tenant: TenantId, id: PaymentId) -> Result<Payment, StoreError> {
        let row = self
            .db
            .fetch_one(payment_sql!("payment_id = $2"), args![tenant.0, id.0])
            .await?;
        payment_of(&row.ok_or(StoreError::NotFound)?)
    }

    /// Every payment of a tenant that is in a state, in the order of their ids.
    pub async fn payment_in_state(&self, tenant: TenantId, state: PaymentState) -> Result<Vec<Payment>, StoreError> {
        let sql = payment_sql!("state = $2 ORDER BY payment_id");
        let rows = self.db.fetch(sql, args![tenant.0, state.code()]).await?;
        rows.iter().map(payment_of).collect()
    }
}

impl WriteTx {
    /// As [`Store::payment_list`], within the transaction.
    pub async fn payment_list(&mut self, cases: &[CaseId]) -> Result<Vec<Payment>, StoreError> {
        let values = args![self.tenant()];
        let ids: Vec<Uuid> = cases.iter().map(|case| case.0).collect();
        let rows = self.fetch_in(COUNTED, values, &ids).await?;
        rows.iter().map(payment_of).collect()
    }

    /// Everything that came in under some references, whatever became of it.
    pub async fn payment_by_reference(&mut self, references: &[Uuid]) -> Result<Vec<Payment>, StoreError> {
        let values = args![self.tenant()];
        let rows = self.fetch_in(SAME_REFERENCE, values, references).await?;
        rows.iter().map(payment_of).collect()
    }

    /// Adds payments.
    pub async fn payment_insert(&mut self, payments: &[Payment]) -> Result<(), StoreError> {
        let tenant = self.tenant();
        let row = |one: &Payment| {
            args![
                tenant,
                one.id.0,
                one.case.map(|id| id.0),
                one.portfolio.map(|id| id.0),
                one.agency.map(|id| id.0),
                one.paid_on,
                one.amount,
                one.currency.as_str(),
                one.reference,
                one.content,
                one.kind.code(),
                one.state.code(),
                one.reason.clone(),
                one.received_at,
                one.booked,
                one.file.0,
                one.line,
                one.payload.0,
                one.decision.map(|said| said.by.0),
                one.decision.map(|said| said.at),
                one.decision.and_then(|said| said.words).map(|id| id.0),
                one.version
            ]
        };
        let rows = payments.iter().map(row).collect();
        self.insert_many(
            "INSERT INTO payment (tenant_id, payment_id, case_id, portfolio_id, agency_id, paid_on, amount, currency, \
             reference_digest, content_digest, kind, state, reason, received_at, booked_day, file_id, line, payload_id, \
             decided_by, decided_at, decision_id, version)",
            "",
            rows,
        )
        .await
        .map(drop)
    }

    /// Writes what a person decided about held money; `Changed` where it is not held any more.
    pub async fn payment_decide(&mut self, one: &Payment) -> Result<(), StoreError> {
        let values = args![
            one.case.map(|id| id.0),
            one.portfolio.map(|id| id.0),
            one.state.code(),
            one.booked,
            one.decision.map(|said| said.by.0),
            one.decision.map(|said| said.at),
            one.decision.and_then(|said| said.words).map(|id| id.0),
            self.tenant(),
            one.id.0
        ];
        let sql = "UPDATE payment SET case_id = $1, portfolio_id = $2, state = $3, booked_day = $4, decided_by = $5, \
                   decided_at = $6, decision_id = $7, version = version + 1 \
                   WHERE tenant_id = $8 AND payment_id = $9 AND state = 'held'";
        self.exec_one(sql, values).await
    }
}
