//! Values and rows: the few types that both engines have. Knows nothing of connections.

use std::str::FromStr;

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{AssertSqlSafe, Column, Postgres, Row as _, Sqlite, TypeInfo, ValueRef};
use uuid::Uuid;

use crate::error::StoreError;

/// A value as both engines store it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Int(i64),
    OptInt(Option<i64>),
    Text(String),
    OptText(Option<String>),
    Blob(Vec<u8>),
    OptBlob(Option<Vec<u8>>),
    Id(Uuid),
    OptId(Option<Uuid>),
}

macro_rules! value_from {
    ($($from:ty => |$x:ident| $to:expr),* $(,)?) => { $(
        impl From<$from> for Value {
            fn from($x: $from) -> Self { $to }
        }
    )* };
}

value_from! {
    i64 => |x| Value::Int(x),
    Option<i64> => |x| Value::OptInt(x),
    bool => |x| Value::Int(i64::from(x)),
    &str => |x| Value::Text(x.to_owned()),
    String => |x| Value::Text(x),
    Option<String> => |x| Value::OptText(x),
    Option<&str> => |x| Value::OptText(x.map(str::to_owned)),
    Vec<u8> => |x| Value::Blob(x),
    &[u8] => |x| Value::Blob(x.to_vec()),
    Option<Vec<u8>> => |x| Value::OptBlob(x),
    Uuid => |x| Value::Id(x),
    Option<Uuid> => |x| Value::OptId(x),
    doorstep_domain::measure::Micros => |x| Value::Int(x.get()),
    Option<doorstep_domain::measure::Micros> => |x| Value::OptInt(x.map(doorstep_domain::measure::Micros::get)),
}

/// The arguments of a statement, in the order of its placeholders.
macro_rules! args {
    ($($x:expr),* $(,)?) => { vec![$($crate::db::Value::from($x)),*] };
}
pub(crate) use args;

/// A row with its columns in the order of the SELECT.
#[derive(Debug, Clone)]
pub(crate) struct Row(Vec<Cell>);

#[derive(Debug, Clone)]
enum Cell {
    Null,
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
    Id(Uuid),
}

impl Row {
    pub(crate) fn opt_int(&self, i: usize) -> Result<Option<i64>, StoreError> {
        match self.0.get(i) {
            Some(Cell::Int(n)) => Ok(Some(*n)),
            Some(Cell::Null) => Ok(None),
            _ => Err(StoreError::Shape {
                column: i,
                expected: "integer",
            }),
        }
    }
    pub(crate) fn int(&self, i: usize) -> Result<i64, StoreError> {
        self.opt_int(i)?.ok_or(StoreError::Shape {
            column: i,
            expected: "integer",
        })
    }
    pub(crate) fn opt_text(&self, i: usize) -> Result<Option<String>, StoreError> {
        match self.0.get(i) {
            Some(Cell::Text(s)) => Ok(Some(s.clone())),
            Some(Cell::Null) => Ok(None),
            _ => Err(StoreError::Shape {
                column: i,
                expected: "text",
            }),
        }
    }
    pub(crate) fn text(&self, i: usize) -> Result<String, StoreError> {
        self.opt_text(i)?.ok_or(StoreError::Shape {
            column: i,
            expected: "text",
        })
    }
    pub(crate) fn opt_blob(&self, i: usize) -> Result<Option<Vec<u8>>, StoreError> {
        match self.0.get(i) {
            Some(Cell::Blob(b)) => Ok(Some(b.clone())),
            Some(Cell::Null) => Ok(None),
            _ => Err(StoreError::Shape {
                column: i,
                expected: "bytes",
            }),
        }
    }
    pub(crate) fn blob(&self, i: usize) -> Result<Vec<u8>, StoreError> {
        self.opt_blob(i)?.ok_or(StoreError::Shape {
            column: i,
            expected: "bytes",
        })
    }
    /// A hash of 32 bytes; another length was not written here.
    pub(crate) fn hash(&self, i: usize) -> Result<doorstep_log::hash::Hash, StoreError> {
        let bytes = self.blob(i)?.as_slice().try_into();
        bytes.map(doorstep_log::hash::Hash).map_err(|_| StoreError::Altered)
    }
    pub(crate) fn opt_id(&self, i: usize) -> Result<Option<Uuid>, StoreError> {
        let bad = StoreError::Shape {
            column: i,
            expected: "id",
        };
        match self.0.get(i) {
            Some(Cell::Id(id)) => Ok(Some(*id)),
            Some(Cell::Blob(bytes)) => Uuid::from_slice(bytes).map(Some).map_err(|_| bad),
            Some(Cell::Null) => Ok(None),
            _ => Err(bad),
        }
    }
    pub(crate) fn id(&self, i: usize) -> Result<Uuid, StoreError> {
        self.opt_id(i)?.ok_or(StoreError::Shape {
            column: i,
            expected: "id",
        })
    }
    /// A code of a closed enum; a code that this version does not know says so.
    pub(crate) fn code<T: FromStr>(&self, i: usize) -> Result<T, StoreError> {
        self.text(i)?.parse().map_err(|_| StoreError::Shape {
            column: i,
            expected: "known code",
        })
    }
    pub(super) fn of_lite(row: &SqliteRow) -> Result<Self, StoreError> {
        (0..row.len())
            .map(|i| {
                let raw = row.try_get_raw(i)?;
                if raw.is_null() {
                    return Ok(Cell::Null);
                }
                Ok(match raw.type_info().name() {
                    "INTEGER" | "BOOLEAN" => Cell::Int(row.try_get_unchecked(i)?),
                    "BLOB" => Cell::Blob(row.try_get_unchecked(i)?),
                    _ => Cell::Text(row.try_get_unchecked(i)?),
                })
            })
            .collect::<Result<_, StoreError>>()
            .map(Self)
    }
    pub(super) fn of_pg(row: &PgRow) -> Result<Self, StoreError> {
        (0..row.len())
            .map(|i| {
                if row.try_get_raw(i)?.is_null() {
                    return Ok(Cell::Null);
                }
                Ok(match row.column(i).type_info().name() {
                    "INT8" => Cell::Int(row.try_get(i)?),
                    "INT4" => Cell::Int(i64::from(row.try_get::<i32, _>(i)?)),
                    "BYTEA" => Cell::Blob(row.try_get(i)?),
                    "UUID" => Cell::Id(row.try_get(i)?),
                    _ => Cell::Text(row.try_get(i)?),
                })
            })
            .collect::<Result<_, StoreError>>()
            .map(Self)
    }
}

macro_rules! bind {
    ($query:expr, $values:expr) => {{
        let mut query = $query;
        for value in $values {
            query = match value {
                Value::Int(x) => query.bind(x),
                Value::OptInt(x) => query.bind(x),
                Value::Text(x) => query.bind(x),
                Value::OptText(x) => query.bind(x),
                Value::Blob(x) => query.bind(x),
                Value::OptBlob(x) => query.bind(x),
                Value::Id(x) => query.bind(x),
                Value::OptId(x) => query.bind(x),
            };
        }
        query
    }};
}

pub(super) fn lite_query(
    sql: AssertSqlSafe<String>,
    values: Vec<Value>,
) -> sqlx::query::Query<'static, Sqlite, SqliteArguments> {
    bind!(sqlx::query(sql), values)
}

pub(super) fn pg_query(
    sql: AssertSqlSafe<String>,
    values: Vec<Value>,
) -> sqlx::query::Query<'static, Postgres, PgArguments> {
    bind!(sqlx::query(sql), values)
}
