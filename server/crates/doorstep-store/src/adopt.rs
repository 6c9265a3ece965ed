//! What is taken over from a version that knew no MACs and kept no aliases in the key store: once, at the first start, and from
//! a backup of such a version. Whoever starts it says by that that nobody else wrote these rows.

use std::collections::HashMap;

use doorstep_domain::id::TenantId;
use uuid::Uuid;

use crate::agency::listing_adopt;
use crate::approval::approval_adopt;
use crate::case_stage::stage_adopt;
use crate::consent::consent_adopt;
use crate::credential::credential_adopt;
use crate::db::{Tx, args};
use crate::device::device_adopt;
use crate::ended::ended_adopt;
use crate::error::StoreError;
use crate::keys::KeyStore;
use crate::present::present_adopt;
use crate::queue::queue_adopt;
use crate::staff::staff_adopt;
use crate::store::Store;

/// Rows that came, or bear a MAC, since the same schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rows {
    /// The queue, heads, staff and devices.
    First,
    /// Approvals.
    Approvals,
    /// What staff hold and which agencies are listed: it stood beside them.
    Credentials,
    /// Consents, and the ends of cases; with them who was at visits, which bears none.
    Consents,
    /// Since when cases have their stages, which bears none either.
    Stages,
}

impl Rows {
    pub(crate) const ALL: [Self; 5] = [
        Self::First,
        Self::Approvals,
        Self::Credentials,
        Self::Consents,
        Self::Stages,
    ];

    /// The name under which the key store remembers that they were taken over.
    const fn name(self) -> &'static str {
        match self {
            Self::First => "rows",
            Self::Approvals => "approvals",
            Self::Credentials => "credentials",
            Self::Consents => "consents",
            Self::Stages => "stages",
        }
    }

    /// The first schema in which they bear one; a backup of a later one has no rows without.
    pub(crate) const fn schema(self) -> i64 {
        match self {
            Self::First => 15,
            Self::Approvals => 18,
            Self::Credentials => 27,
            Self::Consents => 28,
            Self::Stages => 39,
        }
    }
}

impl Store {
    /// Takes over what an earlier version left. A crash in between leaves it to the next start.
    pub(crate) async fn adopt(&self) -> Result<(), StoreError> {
        for rows in Rows::ALL {
            let keys = &self.keys.db;
            let done = keys.fetch_one("SELECT what FROM adopted WHERE what = $1", args![rows.name()]);
            if done.await?.is_some() {
                continue;
            }
            let mut tx = self.db.begin().await?;
            if rows == Rows::First {
                for row in tx.fetch("SELECT tenant_id FROM tenant", args![]).await? {
                    aliases_adopt(&mut tx, &self.keys, row.id(0)?).await?;
                }
            }
            rows_adopt(&mut tx, &self.keys, rows).await?;
            tx.commit().await?;
            let mut tx = keys.begin().await?;
            let sql = "INSERT INTO adopted (what) VALUES ($1) ON CONFLICT DO NOTHING";
            tx.exec(sql, args![rows.name()]).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// How many persons and staff of a tenant have another alias in the main database than in the key store: somebody
    /// exchanged them.
    pub async fn aliases_exchanged(&self, tenant: TenantId) -> Result<usize, StoreError> {
        let known = self.keys.aliases(tenant.0).await?;
        let rows = self.db.fetch(ALIASES, args![tenant.0]).await?;
        let mut exchanged = 0;
        for row in &rows {
            let (subject, alias) = (row.id(0)?, row.id(1)?);
            exchanged += usize::from(known.get(&subject).is_some_and(|known| *known != Some(alias)));
        }
        Ok(exchanged)
    }
}

const ALIASES: &str = "SELECT person_id, alias FROM person WHERE tenant_id = $1 \
                       UNION ALL SELECT staff_id, alias FROM staff WHERE tenant_id = $1";

impl KeyStore {
    /// The aliases of all subjects of a tenant that have a key; those of imports have none.
    async fn aliases(&self, tenant: Uuid) -> Result<HashMap<Uuid, Option<Uuid>>, StoreError> {
        let sql = "SELECT subject_id, alias FROM subject_key WHERE tenant_id = $1";
        let rows = self.db.fetch(sql, args![tenant]).await?;
        rows.iter().map(|row| Ok((row.id(0)?, row.opt_id(1)?))).collect()
    }
}

/// Gives rows without a MAC theirs. Tenants whose keys are not here are left out: nothing of them can be used.
pub(crate) async fn rows_adopt(tx: &mut Tx, keys: &KeyStore, rows: Rows) -> Result<(), StoreError> {
    let sql = "SELECT tenant_id FROM tenant UNION SELECT tenant_id FROM log";
    for row in tx.fetch(sql, args![]).await? {
        let tenant = TenantId(row.id(0)?);
        match keys.tenant_key(tenant.0).await {
            Err(StoreError::NotFound) => continue,
            found => drop(found?),
        }
        match rows {
            Rows::First => {
                queue_adopt(tx, keys, tenant).await?;
                staff_adopt(tx, keys, tenant).await?;
                device_adopt(tx, keys, tenant).await?;
            }
            Rows::Approvals => approval_adopt(tx, keys, tenant).await?,
            Rows::Credentials => {
                credential_adopt(tx, keys, tenant).await?;
                listing_adopt(tx, keys, tenant).await?;
            }
            Rows::Consents => {
                consent_adopt(tx, keys, tenant).await?;
                ended_adopt(tx, keys, tenant).await?;
                present_adopt(tx, tenant).await?;
            }
            Rows::Stages => stage_adopt(tx, tenant).await?,
        }
    }
    Ok(())
}

/// Tells the key store the aliases of subjects for which it has none.
pub(crate) async fn aliases_adopt(tx: &mut Tx, keys: &KeyStore, tenant: Uuid) -> Result<(), StoreError> {
    let known = keys.aliases(tenant).await?;
    let mut missing = Vec::new();
    for row in tx.fetch(ALIASES, args![tenant]).await? {
        let (subject, alias) = (row.id(0)?, row.id(1)?);
        if known.get(&subject) == Some(&None) {
            missing.push((subject, alias));
        }
    }
    let mut tx = keys.db.begin().await?;
    for (subject, alias) in missing {
        let sql = "UPDATE subject_key SET alias = $1 WHERE tenant_id = $2 AND subject_id = $3 AND alias IS NULL";
        tx.exec(sql, args![alias, tenant, subject]).await?;
    }
    tx.commit().await
}
