//! Which rule packs were in force since when.

use doorstep_domain::id::TenantId;

use crate::db::args;
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

/// The name under which the set of all packs in force is kept.
const IN_FORCE: &str = "in-force";

impl Store {
    /// The packs that a tenant's decisions rest on since the last change: number of the change, and what they are.
    pub async fn rules_in_force(&self, tenant: TenantId) -> Result<Option<(i64, String)>, StoreError> {
        let sql =
            "SELECT version, body FROM rule_pack WHERE tenant_id = $1 AND name = $2 ORDER BY version DESC LIMIT 1";
        let row = self.db.fetch_one(sql, args![tenant.0, IN_FORCE]).await?;
        row.map(|row| Ok((row.int(0)?, row.text(1)?))).transpose()
    }
}

impl WriteTx {
    /// Notes that other packs came into force; `version` counts the changes from 1.
    pub async fn rules_activate(&mut self, version: i64, packs: &str) -> Result<(), StoreError> {
        let values = args![self.tenant(), IN_FORCE, version, packs, self.now()];
        let sql = "INSERT INTO rule_pack (tenant_id, name, version, body, active_from) VALUES ($1, $2, $3, $4, $5) \
                   ON CONFLICT (tenant_id, name, version) DO NOTHING";
        match self.exec(sql, values).await? {
            1 => Ok(()),
            _ => Err(StoreError::Changed),
        }
    }
}
