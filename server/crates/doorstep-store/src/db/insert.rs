//! Inserting many rows with few statements. Both engines keep what they prepared, so one text must serve many numbers of
//! rows: PostgreSQL takes an array for each column, SQLite slices of a power of two.

use std::fmt::Write as _;

use sqlx::AssertSqlSafe;
use sqlx::Postgres;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use uuid::Uuid;

use super::value::{Value, lite_query};
use super::{StoreError, Tx};

/// Rows of one statement at most.
const ROWS_MAX: usize = 1_000;
/// Placeholders in one statement of SQLite: below its limit of 32,766.
const PLACEHOLDERS_MAX: usize = 30_000;
/// Up to so many rows SQLite's statement is kept prepared: such come with every push, others with rare work.
const KEPT_MAX: usize = 64;

impl Tx {
    /// As `insert_many`, for a `head` that was put together from this crate's own names.
    pub(crate) async fn insert_rows(&mut self, head: &str, rows: Vec<Vec<Value>>) -> Result<u64, StoreError> {
        self.insert_slices(head, "", rows).await
    }

    /// Inserts rows of one width with as few statements as the engines allow. `head` is the statement up to VALUES,
    /// `tail` what follows (for example `ON CONFLICT DO NOTHING`). Returns the number of rows that were inserted.
    pub(crate) async fn insert_many(
        &mut self,
        head: &'static str,
        tail: &'static str,
        rows: Vec<Vec<Value>>,
    ) -> Result<u64, StoreError> {
        self.insert_slices(head, tail, rows).await
    }

    async fn insert_slices(&mut self, head: &str, tail: &str, rows: Vec<Vec<Value>>) -> Result<u64, StoreError> {
        let Some(width) = rows.first().map(Vec::len) else {
            return Ok(0);
        };
        let mut inserted = 0;
        let mut rows = rows.into_iter();
        while rows.len() > 0 {
            inserted += match self {
                Self::Lite(tx) => {
                    let count = slice_of(rows.len(), width);
                    let text = AssertSqlSafe(values_list((head, tail), width, count));
                    let flat: Vec<Value> = rows.by_ref().take(count).flatten().collect();
                    let query = lite_query(text, flat).persistent(count <= KEPT_MAX || count == ROWS_MAX);
                    query.execute(&mut **tx).await?.rows_affected()
                }
                Self::Pg(tx) => {
                    let columns = columns_of(rows.by_ref().take(ROWS_MAX), width)?;
                    let query = unnested((head, tail), columns);
                    query.execute(&mut **tx).await?.rows_affected()
                }
            };
        }
        Ok(inserted)
    }
}

/// How many of `left` rows the next statement of SQLite takes: as many as fit, otherwise the largest power of two, so
/// that there are few texts to prepare.
fn slice_of(left: usize, width: usize) -> usize {
    let most = (PLACEHOLDERS_MAX / width.max(1)).clamp(1, ROWS_MAX);
    if left >= most { most } else { 1 << left.ilog2() }
}

/// The places have no numbers: SQLite looks up each numbered one among all before it, which made landing 20,000 cases 15
/// times slower (measured).
fn values_list((head, tail): (&str, &str), width: usize, count: usize) -> String {
    let row = format!("({})", vec!["?"; width].join(","));
    format!("{head} VALUES {} {tail}", vec![row.as_str(); count].join(","))
}

/// The values of one column, as PostgreSQL takes them.
enum Column {
    Ints(Vec<Option<i64>>),
    Texts(Vec<Option<String>>),
    Blobs(Vec<Option<Vec<u8>>>),
    Ids(Vec<Option<Uuid>>),
}

impl Column {
    /// An empty column for values of this kind.
    const fn like(value: &Value) -> Self {
        match value {
            Value::Int(_) | Value::OptInt(_) => Self::Ints(Vec::new()),
            Value::Text(_) | Value::OptText(_) => Self::Texts(Vec::new()),
            Value::Blob(_) | Value::OptBlob(_) => Self::Blobs(Vec::new()),
            Value::Id(_) | Value::OptId(_) => Self::Ids(Vec::new()),
        }
    }

    const fn kind(&self) -> &'static str {
        match self {
            Self::Ints(_) => "BIGINT",
            Self::Texts(_) => "TEXT",
            Self::Blobs(_) => "BYTEA",
            Self::Ids(_) => "UUID",
        }
    }

    /// Adds a value; false where it is of another kind than those before.
    fn add(&mut self, value: Value) -> bool {
        match (self, value) {
            (Self::Ints(all), Value::Int(one)) => all.push(Some(one)),
            (Self::Ints(all), Value::OptInt(one)) => all.push(one),
            (Self::Texts(all), Value::Text(one)) => all.push(Some(one)),
            (Self::Texts(all), Value::OptText(one)) => all.push(one),
            (Self::Blobs(all), Value::Blob(one)) => all.push(Some(one)),
            (Self::Blobs(all), Value::OptBlob(one)) => all.push(one),
            (Self::Ids(all), Value::Id(one)) => all.push(Some(one)),
            (Self::Ids(all), Value::OptId(one)) => all.push(one),
            _ => return false,
        }
        true
    }
}

fn columns_of(rows: impl Iterator<Item = Vec<Value>>, width: usize) -> Result<Vec<Column>, StoreError> {
    let mut columns: Vec<Column> = Vec::with_capacity(width);
    for row in rows {
        if columns.is_empty() {
            columns.extend(row.iter().map(Column::like));
        }
        for (number, (column, value)) in columns.iter_mut().zip(row).enumerate() {
            if !column.add(value) {
                return Err(StoreError::Shape {
                    column: number,
                    expected: column.kind(),
                });
            }
        }
    }
    Ok(columns)
}

/// The rows come in their order, so that what the engine numbers is numbered in it.
fn unnested((head, tail): (&str, &str), columns: Vec<Column>) -> Query<'static, Postgres, PgArguments> {
    let mut text = format!("{head} SELECT * FROM unnest(");
    for (number, column) in (1..).zip(&columns) {
        let comma = if number == 1 { "" } else { "," };
        let _ = write!(text, "{comma}${number}::{}[]", column.kind());
    }
    let _ = write!(text, ") {tail}");
    let mut query = sqlx::query(AssertSqlSafe(text));
    for column in columns {
        query = match column {
            Column::Ints(all) => query.bind(all),
            Column::Texts(all) => query.bind(all),
            Column::Blobs(all) => query.bind(all),
            Column::Ids(all) => query.bind(all),
        };
    }
    query
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_are_few_and_take_every_row() {
        let slices = |mut left: usize, width| {
            let mut sizes = Vec::new();
            while left > 0 {
                sizes.push(slice_of(left, width));
                left -= sizes[sizes.len() - 1];
            }
            sizes
        };
        assert_eq!(slices(20, 12), [16, 4]);
        assert_eq!(slices(2_001, 12), [1_000, 1_000, 1]);
        assert_eq!(slices(1_500, 40), [750, 750]);
        assert_eq!(slices(1, 12), [1]);
    }

    #[test]
    fn a_column_takes_one_kind_of_value() {
        let rows = vec![vec![Value::Int(1)], vec![Value::OptInt(None)]];
        assert!(columns_of(rows.into_iter(), 1).is_ok());
        let rows = vec![vec![Value::Int(1)], vec![Value::Text(String::new())]];
        assert!(columns_of(rows.into_iter(), 1).is_err());
    }
}
