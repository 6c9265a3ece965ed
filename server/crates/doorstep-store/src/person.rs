//! Persons, the payloads sealed under their keys, and the blind indexes that lead to them and to cases.

use std::collections::HashSet;

use doorstep_domain::id::{Alias, EventId, PersonId, TenantId};
use doorstep_domain::measure::Micros;
use uuid::Uuid;

use crate::blind::BLIND_PHONE;
use crate::db::{Engine, Tx, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

/// What changes when a scope held in memory has to go: how many files landed or were taken back, and how many persons were
/// erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScopeStamp {
    landed: i64,
    taken_back: i64,
    erased: i64,
}

impl Store {
    /// Whether a phone number of a person is on file, as their blind indexes say.
    pub async fn has_phone(&self, tenant: TenantId, person: PersonId) -> Result<bool, StoreError> {
        let sql = "SELECT count(*) FROM blind WHERE tenant_id = $1 AND owner_id = $2 AND kind = $3";
        let row = self.db.fetch_one(sql, args![tenant.0, person.0, BLIND_PHONE]).await?;
        Ok(row.ok_or(StoreError::NotFound)?.int(0)? > 0)
    }

    /// The stamp of a tenant's scopes, as every process sees it.
    pub async fn scope_stamp(&self, tenant: TenantId) -> Result<ScopeStamp, StoreError> {
        let sql = "SELECT (SELECT count(*) FROM import WHERE tenant_id = $1), \
                   (SELECT count(*) FROM import WHERE tenant_id = $1 AND state = 'taken-back'), \
                   (SELECT count(*) FROM person WHERE tenant_id = $1 AND erased_at IS NOT NULL)";
        let row = self.db.fetch_one(sql, args![tenant.0]).await?;
        let row = row.ok_or(StoreError::NotFound)?;
        Ok(ScopeStamp {
            landed: row.int(0)?,
            taken_back: row.int(1)?,
            erased: row.int(2)?,
        })
    }

    /// Owners behind blind indexes: cases by number, persons by phone.
    pub async fn blind_find(
        &self,
        tenant: TenantId,
        kind: &str,
        digests: &[Uuid],
    ) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
        let sql = "SELECT digest, owner_id FROM blind WHERE tenant_id = $1 AND kind = $2 AND digest IN ({in})";
        let rows = self.db.fetch_in(sql, args![tenant.0, kind], digests).await?;
        rows.iter().map(|row| Ok((row.id(0)?, row.id(1)?))).collect()
    }

    /// Sealed payloads: event, subject and bytes.
    pub async fn payload_get_many(
        &self,
        tenant: TenantId,
        events: &[Uuid],
    ) -> Result<Vec<(EventId, PersonId, Vec<u8>)>, StoreError> {
        let sql = "SELECT event_id, subject_id, sealed FROM payload WHERE tenant_id = $1 AND event_id IN ({in})";
        let rows = self.db.fetch_in(sql, args![tenant.0], events).await?;
        rows.iter()
            .map(|row| Ok((EventId(row.id(0)?), PersonId(row.id(1)?), row.blob(2)?)))
            .collect()
    }

    /// Alias of a person, and whether the person was erased.
    pub async fn person_get(&self, tenant: TenantId, person: PersonId) -> Result<(Alias, bool), StoreError> {
        let sql = "SELECT alias, erased_at FROM person WHERE tenant_id = $1 AND person_id = $2";
        let row = self
            .db
            .fetch_one(sql, args![tenant.0, person.0])
            .await?
            .ok_or(StoreError::NotFound)?;
        Ok((Alias(row.id(0)?), row.opt_int(1)?.is_some()))
    }
}

impl WriteTx {
    /// Owners behind blind indexes, within the transaction.
    pub async fn blind_read(&mut self, kind: &str, digests: &[Uuid]) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
        let tenant = self.tenant();
        let sql = "SELECT digest, owner_id FROM blind WHERE tenant_id = $1 AND kind = $2 AND digest IN ({in})";
        let rows = self.fetch_in(sql, args![tenant, kind], digests).await?;
        rows.iter().map(|row| Ok((row.id(0)?, row.id(1)?))).collect()
    }

    /// Adds blind indexes: kind, digest, owner.
    pub async fn blind_insert(&mut self, indexes: &[(&str, Uuid, Uuid)]) -> Result<(), StoreError> {
        let tenant = self.tenant();
        let rows = indexes
            .iter()
            .map(|(kind, digest, owner)| args![tenant, *kind, *digest, *owner])
            .collect();
        let head = "INSERT INTO blind (tenant_id, kind, digest, owner_id)";
        self.insert_many(head, "ON CONFLICT DO NOTHING", rows).await.map(drop)
    }

    /// Aliases of some persons, those made within the transaction too.
    pub async fn person_aliases(&mut self, persons: &[Uuid]) -> Result<Vec<(PersonId, Alias)>, StoreError> {
        let tenant = self.tenant();
        let sql = "SELECT person_id, alias FROM person WHERE tenant_id = $1 AND person_id IN ({in})";
        let rows = self.fetch_in(sql, args![tenant], persons).await?;
        rows.iter()
            .map(|row| Ok((PersonId(row.id(0)?), Alias(row.id(1)?))))
            .collect()
    }

    /// Adds persons: id and alias.
    pub async fn person_insert(&mut self, persons: &[(PersonId, Alias)]) -> Result<(), StoreError> {
        let (tenant, now) = (self.tenant(), self.now());
        let rows = persons
            .iter()
            .map(|(id, alias)| args![tenant, id.0, alias.0, now])
            .collect();
        self.insert_many("INSERT INTO person (tenant_id, person_id, alias, created_at)", "", rows)
            .await
            .map(drop)
    }

    /// Adds sealed payloads: event, subject and bytes.
    pub async fn payload_insert(&mut self, payloads: Vec<(Uuid, Uuid, Vec<u8>)>) -> Result<(), StoreError> {
        let tenant = self.tenant();
        let rows = payloads
            .into_iter()
            .map(|(event, subject, sealed)| args![tenant, event, subject, sealed])
            .collect();
        self.insert_many(
            "INSERT INTO payload (tenant_id, event_id, subject_id, sealed)",
            "",
            rows,
        )
        .await
        .map(drop)
    }

    /// Marks a person as erased and drops the blind indexes that lead to the person. Returns whether it was not before.
    /// The key is destroyed after the commit; a crash between the two is finished at the next start.
    pub async fn person_erase(&mut self, person: PersonId) -> Result<bool, StoreError> {
        let (tenant, now) = (self.tenant(), self.now());
        person_erase(self.inner(), tenant, person.0, now).await
    }

    /// Whether a person was not erased, as it stands within the transaction; on PostgreSQL nobody can erase them until its
    /// end. Asked before something of them is written that erasing would have removed.
    pub async fn person_kept(&mut self, person: PersonId) -> Result<bool, StoreError> {
        let sql = crate::db::Sql {
            lite: "SELECT person_id FROM person WHERE tenant_id = $1 AND person_id = $2 AND erased_at IS NULL",
            pg: "SELECT person_id FROM person WHERE tenant_id = $1 AND person_id = $2 AND erased_at IS NULL FOR SHARE",
        };
        let values = args![self.tenant(), person.0];
        Ok(self.fetch_one(sql, values).await?.is_some())
    }

    /// As [`WriteTx::person_kept`], of several: those who were not erased.
    pub async fn persons_kept(&mut self, persons: &[Uuid]) -> Result<HashSet<PersonId>, StoreError> {
        let values = args![self.tenant()];
        let sql = match self.engine() {
            Engine::Sqlite => {
                "SELECT person_id FROM person WHERE tenant_id = $1 AND erased_at IS NULL AND person_id IN ({in})"
            }
            Engine::Postgres => {
                "SELECT person_id FROM person WHERE tenant_id = $1 AND erased_at IS NULL AND person_id IN ({in}) \
                 ORDER BY person_id FOR SHARE"
            }
        };
        let rows = self.fetch_in(sql, values, persons).await?;
        rows.iter().map(|row| row.id(0).map(PersonId)).collect()
    }
}

/// Marks a person as erased at `now` and drops what leads to the person; what [`WriteTx::person_erase`] and a restore do.
pub(crate) async fn person_erase(tx: &mut Tx, tenant: Uuid, person: Uuid, now: Micros) -> Result<bool, StoreError> {
    let sql = "DELETE FROM blind WHERE tenant_id = $1 AND owner_id = $2";
    tx.exec(sql, args![tenant, person]).await?;
    // The keyed hashes of the case numbers stay as tombstones, so that the next file does not bring the person back.
    // Without the index's name SQLite walks through the case numbers of the whole tenant.
    let sql = crate::db::Sql {
        lite: "UPDATE blind INDEXED BY blind_by_owner SET kind = 'erased' \
               WHERE tenant_id = $1 AND kind = 'case' AND owner_id IN \
               (SELECT case_id FROM cases WHERE tenant_id = $1 AND person_id = $2)",
        pg: "UPDATE blind SET kind = 'erased' WHERE tenant_id = $1 AND kind = 'case' AND owner_id IN \
             (SELECT case_id FROM cases WHERE tenant_id = $1 AND person_id = $2)",
    };
    tx.exec(sql, args![tenant, person]).await?;
    let sql = "INSERT INTO blind (tenant_id, kind, digest, owner_id) SELECT tenant_id, 'erased', number_digest, case_id \
               FROM loan WHERE tenant_id = $1 AND person_id = $2 AND number_digest IS NOT NULL ON CONFLICT DO NOTHING";
    tx.exec(sql, args![tenant, person]).await?;
    let sql = "DELETE FROM payload WHERE tenant_id = $1 AND subject_id = $2";
    tx.exec(sql, args![tenant, person]).await?;
    let sql = "DELETE FROM device_place WHERE tenant_id = $1 AND visit_id IN (SELECT v.visit_id FROM visit v \
               JOIN cases c ON c.tenant_id = v.tenant_id AND c.case_id = v.case_id \
               WHERE v.tenant_id = $1 AND c.person_id = $2)";
    tx.exec(sql, args![tenant, person]).await?;
    let sql = "UPDATE address SET place_digest = NULL WHERE tenant_id = $1 AND person_id = $2";
    tx.exec(sql, args![tenant, person]).await?;
    let sql = "UPDATE loan SET number_digest = NULL WHERE tenant_id = $1 AND person_id = $2";
    tx.exec(sql, args![tenant, person]).await?;
    let sql = "UPDATE contact_edit SET value_digest = NULL WHERE tenant_id = $1 AND person_id = $2";
    tx.exec(sql, args![tenant, person]).await?;
    let sql = "UPDATE contact SET number_digest = NULL WHERE tenant_id = $1 AND person_id = $2";
    tx.exec(sql, args![tenant, person]).await?;
    let sql = "UPDATE conflict SET state = 'erased' WHERE tenant_id = $1 AND state = 'open' AND \
               (case_id IN (SELECT case_id FROM cases WHERE tenant_id = $1 AND person_id = $2) OR visit_id IN \
               (SELECT v.visit_id FROM visit v JOIN cases c ON c.tenant_id = v.tenant_id AND c.case_id = v.case_id \
               WHERE c.tenant_id = $1 AND c.person_id = $2))";
    tx.exec(sql, args![tenant, person]).await?;
    let sql = "UPDATE complaint SET state = 'erased' WHERE tenant_id = $1 AND person_id = $2 \
               AND state IN ('received', 'in-progress')";
    tx.exec(sql, args![tenant, person]).await?;
    let sql = "UPDATE agreement SET state = 'ended', end_reason = 'void', ended_at = $1, version = version + 1 \
               WHERE tenant_id = $2 AND person_id = $3 AND state IN ('proposed', 'promised')";
    tx.exec(sql, args![now, tenant, person]).await?;
    let sql = "UPDATE wish SET state = 'erased' WHERE tenant_id = $1 AND person_id = $2 AND state = 'open'";
    tx.exec(sql, args![tenant, person]).await?;
    // The bytes go with the next sweep; nobody can open them from here on.
    let sql = "UPDATE recording SET state = 'gone', gone_at = $1, hashing = NULL WHERE tenant_id = $2 \
               AND person_id = $3 AND state <> 'gone'";
    tx.exec(sql, args![now, tenant, person]).await?;
    let sql = "DELETE FROM recording_due WHERE tenant_id = $1 AND person_id = $2 AND state IN ('pending', 'missing')";
    tx.exec(sql, args![tenant, person]).await?;
    let sql = "UPDATE person SET erased_at = $1 WHERE tenant_id = $2 AND person_id = $3 AND erased_at IS NULL";
    Ok(tx.exec(sql, args![now, tenant, person]).await? == 1)
}
