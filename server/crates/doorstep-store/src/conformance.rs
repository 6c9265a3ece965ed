//! What tests of storage need and nothing else may have: databases of their own, and statements past every rule.
//!
//! Only with the feature `conformance`, which the test package switches on.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use uuid::Uuid;

use crate::db::args;
use crate::error::StoreError;
use crate::store::Store;

/// A database on a PostgreSQL server that lives as long as one test.
#[derive(Debug, Clone)]
pub struct TestDatabase {
    server: String,
    name: String,
}

impl TestDatabase {
    /// Makes an empty database on the server of `server`, an address of a database in which databases may be made.
    pub async fn create(server: &str) -> Result<Self, StoreError> {
        let made = Self {
            server: server.to_owned(),
            name: format!("doorstep_{}", Uuid::from_bytes(crate::random_bytes()).simple()),
        };
        made.admin(format!("CREATE DATABASE {}", made.name)).await?;
        Ok(made)
    }

    /// Makes a copy of this one on the same server, as a dump that is loaded again is. Nobody may be connected.
    pub async fn copy(&self) -> Result<Self, StoreError> {
        let made = Self {
            server: self.server.clone(),
            name: format!("doorstep_{}", Uuid::from_bytes(crate::random_bytes()).simple()),
        };
        made.admin(format!("CREATE DATABASE {} TEMPLATE {}", made.name, self.name))
            .await?;
        Ok(made)
    }

    /// The database's address.
    #[must_use]
    pub fn url(&self) -> String {
        let (address, options) = match self.server.split_once('?') {
            Some((address, options)) => (address, format!("?{options}")),
            None => (self.server.as_str(), String::new()),
        };
        // After `postgres://` the next slash begins the name of the database.
        let host = address
            .get(13..)
            .and_then(|rest| rest.find('/'))
            .map_or(address, |at| &address[..13 + at]);
        format!("{host}/{}{options}", self.name)
    }

    /// Removes the database, whoever is still connected to it.
    pub async fn drop(self) -> Result<(), StoreError> {
        self.admin(format!("DROP DATABASE {} WITH (FORCE)", self.name)).await
    }

    async fn admin(&self, sql: String) -> Result<(), StoreError> {
        let mut connection = PgConnection::connect(&self.server).await?;
        connection.execute(AssertSqlSafe(sql)).await?;
        connection.close().await?;
        Ok(())
    }
}

impl Store {
    /// Runs a statement in the main database past all entries, to see what the store makes of a state that it never
    /// writes itself. Returns how many rows it touched.
    pub async fn tamper(&self, sql: &'static str) -> Result<u64, StoreError> {
        let mut tx = self.db.begin().await?;
        let touched = tx.exec(sql, args![]).await?;
        tx.commit().await?;
        Ok(touched)
    }

    /// How many reading statements outside of transactions this store and its clones have sent to the main database, and how
    /// many rows they were answered with.
    #[must_use]
    pub fn asked(&self) -> (u64, u64) {
        self.db.asked.counts()
    }

    /// Vouches for whatever the main database holds, as somebody can who has the keys too.
    pub async fn vouch_for_all(&self) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        for sql in [
            "UPDATE log_queue SET mac = $1",
            "UPDATE log SET mac = $1",
            "UPDATE staff SET mac = $1",
            "UPDATE device SET mac = $1",
            "UPDATE approval SET mac = $1",
            "UPDATE consent SET mac = $1",
            "UPDATE cases SET ended_mac = $1",
        ] {
            tx.exec(sql, args![Vec::<u8>::new()]).await?;
        }
        for rows in crate::adopt::Rows::ALL {
            crate::adopt::rows_adopt(&mut tx, &self.keys, rows).await?;
        }
        tx.commit().await
    }

    /// The number in the first column that a statement on the main database returns.
    pub async fn number(&self, sql: &'static str) -> Result<i64, StoreError> {
        let row = self.db.fetch_one(sql, args![]).await?;
        row.ok_or(StoreError::NotFound)?.int(0)
    }

    /// Runs a statement in the key store, as [`Store::tamper`] does in the main database.
    pub async fn tamper_keys(&self, sql: &'static str) -> Result<u64, StoreError> {
        let mut tx = self.keys.db.begin().await?;
        let touched = tx.exec(sql, args![]).await?;
        tx.commit().await?;
        Ok(touched)
    }
}
