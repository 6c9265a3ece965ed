//! Receipts, and what they say of the office: who sends crews, and where to complain.

use doorstep_domain::id::{AgencyId, Alias, EventId, PersonId, TenantId};
use doorstep_domain::measure::Micros;
use doorstep_log::leaf::Leaf;
use uuid::Uuid;

use crate::db::args;
use crate::error::StoreError;
use crate::generation::LogGeneration;
use crate::store::Store;
use crate::write::WriteTx;

/// Leaves that are read at once while one is looked for.
const PAGE: u64 = 256;
/// How far a leaf may stand from where its time says: what is queued together may be placed in another order.
pub const DISORDER_MS: i64 = 600_000;

/// Who sends crews.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Office {
    /// The agency; `None` for the creditor itself.
    pub agency: Option<AgencyId>,
    /// Its name.
    pub name: String,
    /// Where to complain; empty where nothing was named yet.
    pub complaints: String,
}

impl Store {
    /// The creditor itself, then its agencies by name.
    pub async fn office_list(&self, tenant: TenantId) -> Result<Vec<Office>, StoreError> {
        let sql = "SELECT t.name, coalesce(o.complaints, '') FROM tenant t LEFT JOIN office o \
                   ON o.tenant_id = t.tenant_id AND o.agency_id = $2 WHERE t.tenant_id = $1";
        let mut offices = Vec::new();
        for row in self.db.fetch(sql, args![tenant.0, Uuid::nil()]).await? {
            offices.push(Office {
                agency: None,
                name: row.text(0)?,
                complaints: row.text(1)?,
            });
        }
        let sql = "SELECT a.agency_id, a.name, coalesce(o.complaints, '') FROM agency a LEFT JOIN office o \
                   ON o.tenant_id = a.tenant_id AND o.agency_id = a.agency_id WHERE a.tenant_id = $1 ORDER BY a.name";
        for row in self.db.fetch(sql, args![tenant.0]).await? {
            offices.push(Office {
                agency: Some(AgencyId(row.id(0)?)),
                name: row.text(1)?,
                complaints: row.text(2)?,
            });
        }
        Ok(offices)
    }

    /// The receipt with a reference of this hash: its tenant and event.
    pub async fn receipt_find(&self, ref_hash: &[u8]) -> Result<Option<(TenantId, EventId)>, StoreError> {
        let sql = "SELECT tenant_id, event_id FROM receipt WHERE ref_hash = $1";
        let row = self.db.fetch_one(sql, args![ref_hash]).await?;
        row.map(|row| Ok((TenantId(row.id(0)?), EventId(row.id(1)?))))
            .transpose()
    }

    /// A person by alias, with the time of the erasure where there was one.
    pub async fn person_by_alias(
        &self,
        tenant: TenantId,
        alias: Alias,
    ) -> Result<Option<(PersonId, Option<Micros>)>, StoreError> {
        let sql = "SELECT person_id, erased_at FROM person WHERE tenant_id = $1 AND alias = $2";
        let row = self.db.fetch_one(sql, args![tenant.0, alias.0]).await?;
        row.map(|row| Ok((PersonId(row.id(0)?), row.opt_int(1)?.map(Micros))))
            .transpose()
    }

    /// The first leaf under a note that `wanted` takes and that was made at about `at`, with its place and generation. Looks
    /// in the newest generation first and where its time says it stands; only if it is nowhere there through all leaves.
    pub async fn log_find<'g>(
        &self,
        generations: &'g [LogGeneration],
        at: Micros,
        wanted: impl Fn(&Leaf) -> bool,
    ) -> Result<Option<(&'g LogGeneration, u64, Vec<u8>)>, StoreError> {
        let last = at.millis() + DISORDER_MS;
        for until in [Some(last), None] {
            for generation in generations.iter().rev() {
                let from = match until {
                    Some(_) => self.log_since(generation, at.millis() - DISORDER_MS).await?,
                    None => 0,
                };
                let found = self.find_between(generation, (from, until), &wanted).await?;
                if let Some((index, leaf)) = found {
                    return Ok(Some((generation, index, leaf)));
                }
            }
        }
        Ok(None)
    }

    /// The first leaf that `wanted` takes from a place on, up to a time.
    pub(crate) async fn find_between(
        &self,
        generation: &LogGeneration,
        (mut from, until): (u64, Option<i64>),
        wanted: impl Fn(&Leaf) -> bool,
    ) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
        while from < generation.size {
            let span = (from, PAGE.min(generation.size - from));
            let leaves = self.generation_leaves(generation, span).await?;
            let mut over = leaves.is_empty();
            for (index, bytes) in (from..).zip(leaves) {
                let Ok(leaf) = Leaf::decode(&bytes) else { continue };
                if wanted(&leaf) {
                    return Ok(Some((index, bytes)));
                }
                over |= until.is_some_and(|until| leaf.made_ms() > until);
            }
            if over {
                break;
            }
            from += PAGE;
        }
        Ok(None)
    }

    /// A place before which all leaves are older than `since_ms`, up to their disorder.
    pub(crate) async fn log_since(&self, generation: &LogGeneration, since_ms: i64) -> Result<u64, StoreError> {
        let (mut low, mut high) = (0, generation.size);
        while low < high {
            let middle = low + (high - low) / 2;
            let leaf = self.generation_leaves(generation, (middle, 1)).await?.pop();
            let older = leaf
                .and_then(|leaf| Leaf::decode(&leaf).ok())
                .map(|leaf| leaf.made_ms());
            if older.is_some_and(|made| made < since_ms) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }
}

impl WriteTx {
    /// Says where to complain about an agency, or about the creditor itself.
    pub async fn office_complaints(&mut self, agency: Option<AgencyId>, complaints: &str) -> Result<(), StoreError> {
        let agency = agency.map_or(Uuid::nil(), |agency| agency.0);
        let sql = "INSERT INTO office (tenant_id, agency_id, complaints) VALUES ($1, $2, $3) \
                   ON CONFLICT (tenant_id, agency_id) DO UPDATE SET complaints = excluded.complaints";
        self.exec(sql, args![self.tenant(), agency, complaints]).await.map(drop)
    }

    /// Keeps the way from a receipt's reference to its event. A reference that another device has used before leads where
    /// it led: nobody takes a receipt away from its holder.
    pub async fn receipt_insert(&mut self, event: EventId, ref_hash: &[u8]) -> Result<(), StoreError> {
        let sql = "INSERT INTO receipt (tenant_id, event_id, ref_hash) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        self.exec(sql, args![self.tenant(), event.0, ref_hash]).await.map(drop)
    }
}
