//! What staff hold, and until when. A row is never changed: what follows it is a row of its own, and the one before is ended.
//! Rows decide who may go to a door, so nobody but this program may write one.

use doorstep_domain::credential::{CredentialEnd, CredentialKind};
use doorstep_domain::id::{PortfolioId, StaffId, TenantId};
use doorstep_domain::measure::Micros;
use uuid::Uuid;

use crate::db::{Row, Tx, args};
use crate::error::StoreError;
use crate::keys::KeyStore;
use crate::mac::MacKey;
use crate::store::Store;
use crate::write::WriteTx;

/// Something that a member of staff holds or held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Its id.
    pub id: Uuid,
    /// Who holds it.
    pub staff: StaffId,
    /// What it is.
    pub kind: CredentialKind,
    /// For which portfolio alone it is; `None` for all.
    pub portfolio: Option<PortfolioId>,
    /// When it was given, attended, passed or signed, in days since 1970-01-01.
    pub issued: Option<i64>,
    /// The last day on which it holds, in the same days; `None` where it names none.
    pub until: Option<i64>,
    /// Who noted it; `None` for what an earlier version knew.
    pub noted_by: Option<StaffId>,
    /// When it was noted.
    pub noted_at: Micros,
    /// Who ended it, when and why.
    pub ended: Option<Ended>,
    /// Its number and remarks, sealed under the holder's key; empty where there are none.
    pub sealed: Vec<u8>,
}

/// The end of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// By whom.
    pub by: StaffId,
    /// When.
    pub at: Micros,
    /// Why.
    pub why: CredentialEnd,
}

fn ended_of(row: &Row) -> Result<Option<Ended>, StoreError> {
    let Some(by) = row.opt_id(8)? else { return Ok(None) };
    Ok(Some(Ended {
        by: StaffId(by),
        at: Micros(row.int(9)?),
        why: row.code(10)?,
    }))
}

fn credential_of(row: &Row) -> Result<Credential, StoreError> {
    Ok(Credential {
        id: row.id(0)?,
        staff: StaffId(row.id(1)?),
        kind: row.code(2)?,
        portfolio: row.opt_id(3)?.map(PortfolioId),
        issued: row.opt_int(4)?,
        until: row.opt_int(5)?,
        noted_by: row.opt_id(6)?.map(StaffId),
        noted_at: Micros(row.int(7)?),
        ended: ended_of(row)?,
        sealed: row.blob(11)?,
    })
}

macro_rules! credential_sql {
    ($tail:literal) => {
        concat!(
            "SELECT credential_id, staff_id, kind, portfolio_id, issued_day, until_day, noted_by, noted_at, ended_by, ",
            "ended_at, end_reason, sealed, mac FROM credential ",
            $tail
        )
    };
}

const OF_STAFF: &str = credential_sql!("WHERE tenant_id = $1 AND staff_id IN ({in}) ORDER BY noted_at, credential_id");
const ONE: &str = credential_sql!("WHERE tenant_id = $1 AND credential_id = $2");

/// All of it but what is sealed.
fn row_of(one: &Credential) -> String {
    let Credential { id, staff, kind, .. } = one;
    let (portfolio, issued, until) = (one.portfolio, one.issued, one.until);
    let (by, at) = (one.noted_by, one.noted_at.get());
    let ended = one.ended.map(|end| (end.by, end.at.get(), end.why.code()));
    format!("{id} {staff} {kind} {portfolio:?} {issued:?} {until:?} {by:?} {at} {ended:?}")
}

fn mac_of(key: &MacKey, one: &Credential) -> Vec<u8> {
    key.mac(&[row_of(one).as_bytes(), &one.sealed]).to_vec()
}

/// One as this program wrote it.
fn trusted(key: &MacKey, row: &Row) -> Result<Credential, StoreError> {
    let one = credential_of(row)?;
    if key.holds(&[row_of(&one).as_bytes(), &one.sealed], row.bytes(12)?) {
        Ok(one)
    } else {
        Err(StoreError::Forged("credential"))
    }
}

/// Makes credentials of the certificates that stood beside staff.
pub(crate) async fn credential_adopt(tx: &mut Tx, keys: &KeyStore, tenant: TenantId) -> Result<(), StoreError> {
    let key = keys.mac_key(tenant, "credential").await?;
    let sql = "SELECT staff_id, certificate_until FROM staff WHERE tenant_id = $1 AND certificate_until IS NOT NULL";
    for row in tx.fetch(sql, args![tenant.0]).await? {
        let one = Credential {
            id: crate::fresh_id(Micros::ZERO),
            staff: StaffId(row.id(0)?),
            kind: CredentialKind::Certificate,
            portfolio: None,
            issued: None,
            until: row.opt_int(1)?,
            noted_by: None,
            noted_at: Micros::ZERO,
            ended: None,
            sealed: Vec::new(),
        };
        tx.exec(INSERT, values_of(tenant, &one, mac_of(&key, &one))).await?;
    }
    let sql = "UPDATE staff SET certificate_until = NULL WHERE tenant_id = $1";
    tx.exec(sql, args![tenant.0]).await.map(drop)
}

const INSERT: &str = "INSERT INTO credential (tenant_id, credential_id, staff_id, kind, portfolio_id, issued_day, until_day, \
                      noted_by, noted_at, ended_by, ended_at, end_reason, sealed, mac) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";

fn values_of(tenant: TenantId, one: &Credential, mac: Vec<u8>) -> Vec<crate::db::Value> {
    args![
        tenant.0,
        one.id,
        one.staff.0,
        one.kind.code(),
        one.portfolio.map(|id| id.0),
        one.issued,
        one.until,
        one.noted_by.map(|id| id.0),
        one.noted_at,
        one.ended.map(|end| end.by.0),
        one.ended.map(|end| end.at),
        one.ended.map(|end| end.why.code()),
        one.sealed.clone(),
        mac
    ]
}

impl Store {
    /// What some staff hold or held, oldest first; `Forged` where somebody else wrote one of these.
    pub async fn credential_list(&self, tenant: TenantId, staff: &[Uuid]) -> Result<Vec<Credential>, StoreError> {
        let key = self.keys.mac_key(tenant, "credential").await?;
        let rows = self.db.fetch_in(OF_STAFF, args![tenant.0], staff).await?;
        rows.iter().map(|row| trusted(&key, row)).collect()
    }

    /// One of them.
    pub async fn credential_get(&self, tenant: TenantId, id: Uuid) -> Result<Credential, StoreError> {
        let key = self.keys.mac_key(tenant, "credential").await?;
        let row = self.db.fetch_one(ONE, args![tenant.0, id]).await?;
        trusted(&key, &row.ok_or(StoreError::NotFound)?)
    }
}

impl WriteTx {
    /// Notes one.
    pub async fn credential_insert(&mut self, one: &Credential) -> Result<(), StoreError> {
        let mac = mac_of(&self.mac_key("credential").await?, one);
        let values = values_of(self.of_tenant(), one, mac);
        self.exec(INSERT, values).await.map(drop)
    }

    /// Ends one, as it was read; `Changed` where it was ended already.
    pub async fn credential_end(
        &mut self,
        one: &Credential,
        by: StaffId,
        why: CredentialEnd,
    ) -> Result<(), StoreError> {
        let at = self.now();
        let ended = Credential {
            ended: Some(Ended { by, at, why }),
            ..one.clone()
        };
        let mac = mac_of(&self.mac_key("credential").await?, &ended);
        let values = args![by.0, at, why.code(), mac, self.tenant(), one.id];
        self.exec_one(
            "UPDATE credential SET ended_by = $1, ended_at = $2, end_reason = $3, mac = $4 \
             WHERE tenant_id = $5 AND credential_id = $6 AND ended_at IS NULL",
            values,
        )
        .await
    }
}
