//! One database handle over two engines: SQL text is shared, values and rows are of the few types both engines have.
//!
//! Knows nothing of Doorstep's nouns. Every statement is a `&'static str`, so no value can become SQL; the builders of
//! longer statements (`insert`, `list`) only repeat placeholders. SQLite has one writing connection, and
//! writing transactions start with BEGIN IMMEDIATE, so they never fail half-way for a lock.

mod asked;
mod insert;
mod list;
mod value;

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction};
use tokio_stream::StreamExt;
use uuid::Uuid;

use self::asked::Asked;
use self::list::{IN_LIST_MAX, lite_list, pg_list};
use self::value::{lite_query, pg_query};
use crate::error::StoreError;
use crate::spent::{Moment, Part, Spent};

pub(crate) use self::list::number_list;
pub(crate) use self::value::{Row, Value, args};

/// How many readers SQLite serves at once.
const SQLITE_READERS_MAX: u32 = 4;
/// How many connections one process opens to PostgreSQL.
const POSTGRES_CONNECTIONS_MAX: u32 = 10;
/// How long a caller waits for a connection or a lock before it is told that the database is busy.
const WAIT_MAX: Duration = Duration::from_secs(30);
/// Which engine a handle speaks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file; the default.
    Sqlite,
    /// A server, 15 or later.
    Postgres,
}

/// A handle to one database.
#[derive(Debug, Clone)]
pub(crate) struct Db {
    pub(crate) pools: Pools,
    pub(crate) asked: Asked,
}

/// The connections of a handle.
#[derive(Debug, Clone)]
pub(crate) enum Pools {
    Lite { writer: SqlitePool, readers: SqlitePool },
    Pg(PgPool),
}

impl From<Pools> for Db {
    fn from(pools: Pools) -> Self {
        Self {
            pools,
            asked: Asked::default(),
        }
    }
}

/// A SQL text from this crate's own literals, with `lite` and `pg` variants where the engines differ.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sql {
    pub(crate) lite: &'static str,
    pub(crate) pg: &'static str,
}

impl From<&'static str> for Sql {
    fn from(both: &'static str) -> Self {
        Self { lite: both, pg: both }
    }
}

impl Db {
    /// Opens the database that `url` names: `sqlite:PATH` (created where missing) or `postgres://…`. What SQLite's writing
    /// thread uses is added to `spent`.
    pub(crate) async fn open(url: &str, spent: &Arc<Spent>) -> Result<Self, StoreError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            return Self::open_sqlite(Path::new(path), Arc::clone(spent)).await;
        }
        let options = PgConnectOptions::from_str(url).map_err(|_| StoreError::Url)?;
        // A plan that a statement keeps is made while its table is small, and read the whole of it until the table is next
        // analysed, minutes later; planning anew costs less than one such read.
        let options = options.options([("plan_cache_mode", "force_custom_plan")]);
        let pool = PgPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS_MAX)
            .acquire_timeout(WAIT_MAX)
            .connect_with(options)
            .await?;
        Ok(Pools::Pg(pool).into())
    }

    async fn open_sqlite(path: &Path, spent: Arc<Spent>) -> Result<Self, StoreError> {
        crate::private::touch(path)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(WAIT_MAX);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(WAIT_MAX)
            // A connection to a file neither ages nor costs anything while it is idle; without limits the pools need no
            // task that looks after them.
            .idle_timeout(None)
            .max_lifetime(None)
            .after_connect(move |writer, _| Box::pin(count(writer, Arc::clone(&spent))))
            .connect_with(options.clone())
            .await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(SQLITE_READERS_MAX)
            .acquire_timeout(WAIT_MAX)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options.read_only(true))
            .await?;
        Ok(Pools::Lite { writer, readers }.into())
    }

    pub(crate) fn engine(&self) -> Engine {
        match &self.pools {
            Pools::Lite { .. } => Engine::Sqlite,
            Pools::Pg(_) => Engine::Postgres,
        }
    }

    pub(crate) async fn close(&self) {
        match &self.pools {
            Pools::Lite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Pg(pool) => pool.close().await,
        }
    }

    /// All rows of a SELECT, outside any writing transaction.
    pub(crate) async fn fetch(&self, sql: impl Into<Sql>, values: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        self.ask(sql.into(), values, true).await
    }

    /// The same for a statement whose best plan depends on its values. PostgreSQL plans one that it keeps for any values after
    /// some uses, and what is then left open (`$4 IS NULL OR …`) can cost it minutes instead of half a second.
    pub(crate) async fn fetch_by_values(&self, sql: Sql, values: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        self.ask(sql, values, false).await
    }

    async fn ask(&self, sql: Sql, values: Vec<Value>, is_kept: bool) -> Result<Vec<Row>, StoreError> {
        let rows: Vec<Row> = match &self.pools {
            Pools::Lite { readers, .. } => {
                let rows = lite_query(AssertSqlSafe(sql.lite.to_owned()), values)
                    .fetch_all(readers)
                    .await?;
                rows.iter().map(Row::of_lite).collect::<Result<_, _>>()?
            }
            Pools::Pg(pool) => {
                let rows = pg_query(AssertSqlSafe(sql.pg.to_owned()), values)
                    .persistent(is_kept)
                    .fetch_all(pool)
                    .await?;
                rows.iter().map(Row::of_pg).collect::<Result<_, _>>()?
            }
        };
        self.asked.add(rows.len());
        Ok(rows)
    }

    /// The first row of a SELECT.
    pub(crate) async fn fetch_one(&self, sql: impl Into<Sql>, values: Vec<Value>) -> Result<Option<Row>, StoreError> {
        Ok(self.fetch(sql, values).await?.into_iter().next())
    }

    /// Rows of `sql` with `IN ({in})`, for any of `ids`; asked in slices that fit one statement. `values` are $1 and on.
    pub(crate) async fn fetch_in(
        &self,
        sql: &'static str,
        values: Vec<Value>,
        ids: &[Uuid],
    ) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::new();
        for slice in ids.chunks(IN_LIST_MAX) {
            let before = rows.len();
            match &self.pools {
                Pools::Lite { readers, .. } => {
                    for row in lite_list(sql, &values, slice).fetch_all(readers).await? {
                        rows.push(Row::of_lite(&row)?);
                    }
                }
                Pools::Pg(pool) => {
                    for row in pg_list(sql, &values, slice).fetch_all(pool).await? {
                        rows.push(Row::of_pg(&row)?);
                    }
                }
            }
            self.asked.add(rows.len() - before);
        }
        Ok(rows)
    }

    /// Begins a reading transaction that sees one moment until it ends, whatever others write.
    pub(crate) async fn snapshot(&self) -> Result<Tx, StoreError> {
        Ok(match &self.pools {
            Pools::Lite { readers, .. } => Tx::Lite(readers.begin().await?),
            Pools::Pg(pool) => Tx::Pg(
                pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                    .await?,
            ),
        })
    }

    /// Begins a writing transaction; on SQLite it holds the only writing connection until it ends.
    pub(crate) async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(match &self.pools {
            Pools::Lite { writer, .. } => Tx::Lite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Pools::Pg(pool) => Tx::Pg(pool.begin().await?),
        })
    }
}

/// A connection has a thread of its own, which tells at each commit what it has used since the one before.
async fn count(writer: &mut SqliteConnection, spent: Arc<Spent>) -> sqlx::Result<()> {
    let mut since = Moment::START;
    writer.lock_handle().await?.set_commit_hook(move || {
        spent.add(Part::Insert, since);
        since = Spent::now();
        true
    });
    Ok(())
}

/// An open transaction; dropping it rolls back.
pub(crate) enum Tx {
    Lite(Transaction<'static, Sqlite>),
    Pg(Transaction<'static, Postgres>),
}

impl Tx {
    pub(crate) fn engine(&self) -> Engine {
        match self {
            Self::Lite(_) => Engine::Sqlite,
            Self::Pg(_) => Engine::Postgres,
        }
    }

    /// Runs a statement and says how many rows it touched.
    pub(crate) async fn exec(&mut self, sql: impl Into<Sql>, values: Vec<Value>) -> Result<u64, StoreError> {
        let sql = sql.into();
        Ok(match self {
            Self::Lite(tx) => lite_query(AssertSqlSafe(sql.lite.to_owned()), values)
                .execute(&mut **tx)
                .await?
                .rows_affected(),
            Self::Pg(tx) => pg_query(AssertSqlSafe(sql.pg.to_owned()), values)
                .execute(&mut **tx)
                .await?
                .rows_affected(),
        })
    }

    pub(crate) async fn fetch(&mut self, sql: impl Into<Sql>, values: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        let sql = sql.into();
        match self {
            Self::Lite(tx) => {
                let rows = lite_query(AssertSqlSafe(sql.lite.to_owned()), values)
                    .fetch_all(&mut **tx)
                    .await?;
                rows.iter().map(Row::of_lite).collect()
            }
            Self::Pg(tx) => {
                let rows = pg_query(AssertSqlSafe(sql.pg.to_owned()), values)
                    .fetch_all(&mut **tx)
                    .await?;
                rows.iter().map(Row::of_pg).collect()
            }
        }
    }

    pub(crate) async fn fetch_one(
        &mut self,
        sql: impl Into<Sql>,
        values: Vec<Value>,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.fetch(sql, values).await?.into_iter().next())
    }

    /// As [`Db::fetch_in`], within the transaction.
    pub(crate) async fn fetch_in(
        &mut self,
        sql: &'static str,
        values: Vec<Value>,
        ids: &[Uuid],
    ) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::new();
        for slice in ids.chunks(IN_LIST_MAX) {
            match self {
                Self::Lite(tx) => {
                    for row in lite_list(sql, &values, slice).fetch_all(&mut **tx).await? {
                        rows.push(Row::of_lite(&row)?);
                    }
                }
                Self::Pg(tx) => {
                    for row in pg_list(sql, &values, slice).fetch_all(&mut **tx).await? {
                        rows.push(Row::of_pg(&row)?);
                    }
                }
            }
        }
        Ok(rows)
    }

    /// Runs a statement with a list of ids.
    pub(crate) async fn exec_in(
        &mut self,
        sql: &'static str,
        values: Vec<Value>,
        ids: &[Uuid],
    ) -> Result<(), StoreError> {
        for slice in ids.chunks(IN_LIST_MAX) {
            match self {
                Self::Lite(tx) => {
                    lite_list(sql, &values, slice).execute(&mut **tx).await?;
                }
                Self::Pg(tx) => {
                    pg_list(sql, &values, slice).execute(&mut **tx).await?;
                }
            }
        }
        Ok(())
    }

    /// Hands every row of a SELECT to `each` as it comes, so that the result need not fit in memory. `sql` is made of
    /// this crate's own names.
    pub(crate) async fn for_each(
        &mut self,
        sql: String,
        mut each: impl FnMut(Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let sql = AssertSqlSafe(sql);
        match self {
            Self::Lite(tx) => {
                let mut rows = lite_query(sql, args![]).persistent(false).fetch(&mut **tx);
                while let Some(row) = rows.try_next().await? {
                    each(Row::of_lite(&row)?)?;
                }
            }
            Self::Pg(tx) => {
                let mut rows = pg_query(sql, args![]).persistent(false).fetch(&mut **tx);
                while let Some(row) = rows.try_next().await? {
                    each(Row::of_pg(&row)?)?;
                }
            }
        }
        Ok(())
    }

    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Lite(tx) => tx.commit().await?,
            Self::Pg(tx) => tx.commit().await?,
        }
        Ok(())
    }
}
