//! What transactions lock on PostgreSQL, in one order, so that no two of them wait for each other. SQLite has one writer anyway.
//!
//! 1. an approval that is used, or the tenant where a plan is published;
//! 2. persons;
//! 3. visits;
//! 4. cases;
//! 5. what is reached through one of those alone: devices, alarms, addresses, notices, complaints.
//!
//! Rows of one table are locked by one statement, in the order of their ids. Whoever may come to change several visits or cases
//! of a person locks the person first: everything about a person happens in the order in which it got there. Locks are of the
//! kind that lets others refer to the row.
//!
//! An import writes its cases in the order of its file, slice by slice. Where it and another transaction wait for each other, the
//! engine breaks one of the two off; it has changed nothing and is told to try again (`StoreError::Busy`), as devices do.

use uuid::Uuid;

use crate::db::{Engine, args};
use crate::error::StoreError;
use crate::write::WriteTx;

impl WriteTx {
    /// Has whatever else is about some persons wait until the transaction ends.
    pub async fn person_lock(&mut self, persons: &[Uuid]) -> Result<(), StoreError> {
        self.rows_lock(
            "SELECT person_id FROM person WHERE tenant_id = $1 AND person_id IN ({in}) ORDER BY person_id \
             FOR NO KEY UPDATE",
            persons,
        )
        .await
        .map(drop)
    }

    /// Keeps others from changing the visits behind some aliases until the transaction ends, so that two partners' pushes
    /// come one after the other.
    pub async fn visit_lock(&mut self, aliases: &[Uuid]) -> Result<(), StoreError> {
        self.rows_lock(
            "SELECT visit_id FROM visit WHERE tenant_id = $1 AND alias IN ({in}) ORDER BY visit_id FOR NO KEY UPDATE",
            aliases,
        )
        .await
        .map(drop)
    }

    /// Keeps others from changing some cases until the transaction ends, so that the order of changes is the order of
    /// their entries.
    pub async fn case_lock(&mut self, cases: &[Uuid]) -> Result<(), StoreError> {
        self.rows_lock(
            "SELECT case_id FROM cases WHERE tenant_id = $1 AND case_id IN ({in}) ORDER BY case_id FOR NO KEY UPDATE",
            cases,
        )
        .await
        .map(drop)
    }

    /// Locks all that what some persons said may change: the persons, their visits that were not begun with those behind some
    /// aliases, and their cases.
    pub async fn ahead_lock(&mut self, persons: &[Uuid], aliases: &[Uuid]) -> Result<(), StoreError> {
        self.person_lock(persons).await?;
        let cases = "SELECT case_id FROM cases WHERE tenant_id = $1 AND person_id IN ({in})";
        let cases = self.rows_lock(cases, persons).await?;
        let ahead = "SELECT alias FROM visit WHERE tenant_id = $1 AND state = 'planned' AND case_id IN ({in})";
        let mut visits = self.rows_lock(ahead, &cases).await?;
        visits.extend(aliases);
        visits.sort_unstable();
        visits.dedup();
        self.visit_lock(&visits).await?;
        self.case_lock(&cases).await
    }

    /// The ids that a statement finds, where there is anything to lock.
    async fn rows_lock(&mut self, sql: &'static str, ids: &[Uuid]) -> Result<Vec<Uuid>, StoreError> {
        if self.engine() == Engine::Sqlite || ids.is_empty() {
            return Ok(Vec::new());
        }
        let values = args![self.tenant()];
        let rows = self.fetch_in(sql, values, ids).await?;
        rows.iter().map(|row| row.id(0)).collect()
    }
}
