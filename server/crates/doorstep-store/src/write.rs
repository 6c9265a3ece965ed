//! The only way to change anything: a transaction that ends with its log entries, or as housekeeping of a closed list.

use std::sync::Arc;

use doorstep_domain::id::TenantId;
use doorstep_domain::measure::Micros;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::db::{Row, Sql, Tx, Value};
use crate::entry::{Entries, Entry, Housekeeping};
use crate::error::StoreError;
use crate::keys::KeyStore;
use crate::log::leaf_of;
use crate::mac::MacKey;
use crate::queue::QUEUE_INSERT;
use crate::reads::Reads;
use crate::spent::{Part, Spent};
use crate::step::{Faults, Step};

/// An open writing transaction. Dropping it changes nothing.
///
/// There is no commit without entries, so a change that nobody can see in the log does not compile:
///
/// ```compile_fail
/// async fn silent(tx: doorstep_store::WriteTx) {
///     let _ = tx.commit().await;
/// }
/// ```
pub struct WriteTx {
    tx: Tx,
    tenant: TenantId,
    now: Micros,
    keys: KeyStore,
    queued: Arc<Notify>,
    spent: Arc<Spent>,
    faults: Faults,
    later: Later,
}

/// Rows that are added together, before anything of the transaction looks at their tables and at its end.
#[derive(Default)]
pub(crate) struct Later {
    pub(crate) events: Vec<Vec<Value>>,
    pub(crate) payloads: Vec<Vec<Value>>,
}

impl WriteTx {
    pub(crate) fn new(
        tx: Tx,
        tenant: TenantId,
        now: Micros,
        keys: KeyStore,
        (queued, spent, faults): (Arc<Notify>, Arc<Spent>, Faults),
    ) -> Self {
        Self {
            tx,
            tenant,
            now,
            keys,
            queued,
            spent,
            faults,
            later: Later::default(),
        }
    }

    pub(crate) fn later(&mut self) -> &mut Later {
        &mut self.later
    }

    /// Whose data it changes.
    #[must_use]
    pub const fn of_tenant(&self) -> TenantId {
        self.tenant
    }

    pub(crate) fn tenant(&self) -> Uuid {
        self.tenant.0
    }

    pub(crate) const fn keys(&self) -> &KeyStore {
        &self.keys
    }

    /// A key of the tenant that vouches for rows of one kind.
    pub(crate) async fn mac_key(&self, kind: &str) -> Result<MacKey, StoreError> {
        self.keys.mac_key(self.tenant, kind).await
    }

    pub(crate) fn inner(&mut self) -> &mut Tx {
        &mut self.tx
    }

    pub(crate) fn engine(&self) -> crate::db::Engine {
        self.tx.engine()
    }

    /// The instant of the transaction.
    #[must_use]
    pub fn now(&self) -> Micros {
        self.now
    }

    pub(crate) async fn exec(&mut self, sql: impl Into<Sql>, values: Vec<Value>) -> Result<u64, StoreError> {
        self.spent.of(Part::Insert, self.tx.exec(sql, values)).await
    }

    /// Runs a statement that must touch exactly one row; `Changed` where it did not.
    /// Has this transaction be the one that gives places, after another's that does.
    pub(crate) async fn lead(&mut self) -> Result<(), StoreError> {
        crate::sequence::lead(&mut self.tx, true).await.map(drop)
    }

    pub(crate) async fn exec_one(&mut self, sql: &'static str, values: Vec<Value>) -> Result<(), StoreError> {
        match self.exec(sql, values).await? {
            1 => Ok(()),
            _ => Err(StoreError::Changed),
        }
    }

    pub(crate) async fn fetch(&mut self, sql: impl Into<Sql>, values: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        self.tx.fetch(sql, values).await
    }

    pub(crate) async fn fetch_one(
        &mut self,
        sql: impl Into<Sql>,
        values: Vec<Value>,
    ) -> Result<Option<Row>, StoreError> {
        self.tx.fetch_one(sql, values).await
    }

    pub(crate) async fn fetch_in(
        &mut self,
        sql: &'static str,
        values: Vec<Value>,
        ids: &[Uuid],
    ) -> Result<Vec<Row>, StoreError> {
        self.tx.fetch_in(sql, values, ids).await
    }

    pub(crate) async fn insert_many(
        &mut self,
        head: &'static str,
        tail: &'static str,
        rows: Vec<Vec<Value>>,
    ) -> Result<u64, StoreError> {
        self.spent.of(Part::Insert, self.tx.insert_many(head, tail, rows)).await
    }

    /// Queues entries within the transaction, for changes of very many rows. The transaction still commits only with
    /// its own entry, and without the commit none of these exists.
    pub async fn entries_add(&mut self, entries: Vec<Entry>) -> Result<(), StoreError> {
        let tenant = self.tenant();
        let key = self.keys.log_key(self.tenant).await?;
        let mut rows = Vec::with_capacity(entries.len());
        let writing = Spent::now();
        let mut reads = Reads::default();
        for entry in &entries {
            let leaf = leaf_of(self.tenant, self.now, entry);
            let bytes = leaf.encode().map_err(StoreError::Leaf)?;
            reads.note(entry.log().code(), &leaf, &bytes);
            rows.push(key.row(entry.log(), bytes));
        }
        self.spent.add(Part::Leaf, writing);
        self.spent.of(Part::Insert, reads.insert(&mut self.tx, tenant)).await?;
        self.insert_many(QUEUE_INSERT, "", rows).await.map(drop)
    }

    /// Commits the change together with its entries, both or neither. A crash before the commit leaves nothing; a crash
    /// after it leaves the entries queued, and the next sequencer gives them their places.
    pub async fn commit(mut self, entries: Entries) -> Result<(), StoreError> {
        self.event_flush().await?;
        self.entries_add(entries.into_vec()).await?;
        let done = self.spent.of(Part::Insert, self.tx.commit());
        self.faults.step(Step::Commit, done).await?;
        self.queued.notify_one();
        Ok(())
    }

    /// Commits what is nobody's data.
    pub async fn commit_housekeeping(mut self, _kind: Housekeeping) -> Result<(), StoreError> {
        self.event_flush().await?;
        self.spent.of(Part::Insert, self.tx.commit()).await
    }
}
