//! Agencies: the white list by portfolio, and evaluations. Rows decide who may be sent to a door, so nobody but this program
//! may write one.

use doorstep_domain::agency::EvaluationResult;
use doorstep_domain::id::{AgencyId, PortfolioId, StaffId, TenantId};
use doorstep_domain::measure::Micros;
use uuid::Uuid;

use crate::db::{Row, Tx, Value, args};
use crate::error::StoreError;
use crate::keys::KeyStore;
use crate::mac::MacKey;
use crate::store::Store;
use crate::write::WriteTx;

/// A place on the white list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Its id.
    pub id: Uuid,
    /// The agency.
    pub agency: AgencyId,
    /// For which portfolio alone; `None` for all.
    pub portfolio: Option<PortfolioId>,
    /// The first day, in days since 1970-01-01; `None` for what an earlier version knew.
    pub from: Option<i64>,
    /// The last day of the contract, in the same days; `None` where none is known.
    pub until: Option<i64>,
    /// Who listed it; `None` for what an earlier version knew.
    pub by: Option<StaffId>,
    /// When.
    pub at: Micros,
    /// Who took it off, and when.
    pub ended: Option<(StaffId, Micros)>,
}

/// An evaluation of an agency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// Its id.
    pub id: Uuid,
    /// The agency.
    pub agency: AgencyId,
    /// The day on which it was made, in days since 1970-01-01.
    pub day: i64,
    /// What it found.
    pub result: EvaluationResult,
    /// By whom.
    pub by: StaffId,
    /// When it was noted.
    pub at: Micros,
    /// What was written about it, sealed under the key of who noted it.
    pub sealed: Vec<u8>,
}

fn listing_of(row: &Row) -> Result<Listing, StoreError> {
    Ok(Listing {
        id: row.id(0)?,
        agency: AgencyId(row.id(1)?),
        portfolio: row.opt_id(2)?.map(PortfolioId),
        from: row.opt_int(3)?,
        until: row.opt_int(4)?,
        by: row.opt_id(5)?.map(StaffId),
        at: Micros(row.int(6)?),
        ended: row.opt_id(7)?.map(StaffId).zip(row.opt_int(8)?.map(Micros)),
    })
}

fn listing_row(one: &Listing) -> String {
    let Listing { id, agency, .. } = one;
    let ended = one.ended.map(|(by, at)| (by, at.get()));
    let (portfolio, from, until) = (one.portfolio, one.from, one.until);
    format!(
        "{id} {agency} {portfolio:?} {from:?} {until:?} {:?} {} {ended:?}",
        one.by,
        one.at.get()
    )
}

fn listing_mac(key: &MacKey, one: &Listing) -> Vec<u8> {
    key.mac(&[listing_row(one).as_bytes()]).to_vec()
}

const LISTINGS: &str = "SELECT listing_id, agency_id, portfolio_id, from_day, until_day, listed_by, listed_at, ended_by, \
                        ended_at, mac FROM agency_listing WHERE tenant_id = $1 ORDER BY listed_at, listing_id";

const LISTING_INSERT: &str = "INSERT INTO agency_listing (tenant_id, listing_id, agency_id, portfolio_id, from_day, \
                              until_day, listed_by, listed_at, mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

fn listing_values(tenant: Uuid, one: &Listing, mac: Vec<u8>) -> Vec<Value> {
    args![
        tenant,
        one.id,
        one.agency.0,
        one.portfolio.map(|id| id.0),
        one.from,
        one.until,
        one.by.map(|id| id.0),
        one.at,
        mac
    ]
}

/// Makes places on the white list of what stood beside agencies.
pub(crate) async fn listing_adopt(tx: &mut Tx, keys: &KeyStore, tenant: TenantId) -> Result<(), StoreError> {
    let key = keys.mac_key(tenant, "agency").await?;
    let sql = "SELECT agency_id FROM agency WHERE tenant_id = $1 AND listed = 1";
    for row in tx.fetch(sql, args![tenant.0]).await? {
        let one = Listing {
            id: crate::fresh_id(Micros::ZERO),
            agency: AgencyId(row.id(0)?),
            portfolio: None,
            from: None,
            until: None,
            by: None,
            at: Micros::ZERO,
            ended: None,
        };
        let values = listing_values(tenant.0, &one, listing_mac(&key, &one));
        tx.exec(LISTING_INSERT, values).await?;
    }
    let sql = "UPDATE agency SET listed = 0 WHERE tenant_id = $1";
    tx.exec(sql, args![tenant.0]).await.map(drop)
}

fn evaluation_of(row: &Row) -> Result<Evaluation, StoreError> {
    Ok(Evaluation {
        id: row.id(0)?,
        agency: AgencyId(row.id(1)?),
        day: row.int(2)?,
        result: row.code(3)?,
        by: StaffId(row.id(4)?),
        at: Micros(row.int(5)?),
        sealed: row.blob(6)?,
    })
}

fn evaluation_row(one: &Evaluation) -> String {
    let Evaluation { id, agency, day, .. } = one;
    format!("{id} {agency} {day} {} {} {}", one.result.code(), one.by, one.at.get())
}

impl Store {
    /// The white list of a tenant with all that ever stood on it, oldest first.
    pub async fn listing_list(&self, tenant: TenantId) -> Result<Vec<Listing>, StoreError> {
        let key = self.keys.mac_key(tenant, "agency").await?;
        let rows = self.db.fetch(LISTINGS, args![tenant.0]).await?;
        let trusted = |row: &Row| {
            let one = listing_of(row)?;
            let holds = key.holds(&[listing_row(&one).as_bytes()], row.bytes(9)?);
            holds.then_some(one).ok_or(StoreError::Forged("agency_listing"))
        };
        rows.iter().map(trusted).collect()
    }

    /// All evaluations of a tenant's agencies, oldest first.
    pub async fn evaluation_list(&self, tenant: TenantId) -> Result<Vec<Evaluation>, StoreError> {
        let key = self.keys.mac_key(tenant, "agency").await?;
        let sql = "SELECT evaluation_id, agency_id, day, result, evaluated_by, evaluated_at, sealed, mac \
                   FROM agency_evaluation WHERE tenant_id = $1 ORDER BY day, evaluation_id";
        let rows = self.db.fetch(sql, args![tenant.0]).await?;
        let trusted = |row: &Row| {
            let one = evaluation_of(row)?;
            let holds = key.holds(&[evaluation_row(&one).as_bytes(), &one.sealed], row.bytes(7)?);
            holds.then_some(one).ok_or(StoreError::Forged("agency_evaluation"))
        };
        rows.iter().map(trusted).collect()
    }
}

impl WriteTx {
    /// Puts an agency on the white list.
    pub async fn listing_insert(&mut self, one: &Listing) -> Result<(), StoreError> {
        let mac = listing_mac(&self.mac_key("agency").await?, one);
        let values = listing_values(self.tenant(), one, mac);
        self.exec(LISTING_INSERT, values).await.map(drop)
    }

    /// Takes an agency off the white list, as it was read; `Changed` where it was off already.
    pub async fn listing_end(&mut self, one: &Listing, by: StaffId) -> Result<(), StoreError> {
        let ended = Listing {
            ended: Some((by, self.now())),
            ..one.clone()
        };
        let mac = listing_mac(&self.mac_key("agency").await?, &ended);
        let values = args![by.0, self.now(), mac, self.tenant(), one.id];
        self.exec_one(
            "UPDATE agency_listing SET ended_by = $1, ended_at = $2, mac = $3 \
             WHERE tenant_id = $4 AND listing_id = $5 AND ended_at IS NULL",
            values,
        )
        .await
    }

    /// Notes an evaluation.
    pub async fn evaluation_insert(&mut self, one: &Evaluation) -> Result<(), StoreError> {
        let key = self.mac_key("agency").await?;
        let values = args![
            self.tenant(),
            one.id,
            one.agency.0,
            one.day,
            one.result.code(),
            one.by.0,
            one.at,
            one.sealed.clone(),
            key.mac(&[evaluation_row(one).as_bytes(), &one.sealed]).to_vec()
        ];
        self.exec(
            "INSERT INTO agency_evaluation (tenant_id, evaluation_id, agency_id, day, result, evaluated_by, evaluated_at, \
             sealed, mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            values,
        )
        .await
        .map(drop)
    }
}
