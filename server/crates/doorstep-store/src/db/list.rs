//! Statements with a list of ids. Both engines keep what they prepared, so one text must serve lists of many lengths.

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Postgres, Sqlite};
use uuid::Uuid;

use super::value::{Value, lite_query, pg_query};

/// Ids in one list of a statement; SQLite looks up each numbered place among all before it, so longer lists are slower.
pub(super) const IN_LIST_MAX: usize = 1_000;
/// Up to so many ids a statement is kept prepared: such lists come with every push, longer ones with rare work.
const KEPT_MAX: usize = 64;

/// On SQLite the list is filled up to a power of two with its last id, which changes nothing.
pub(super) fn lite_list(sql: &'static str, before: &[Value], ids: &[Uuid]) -> Query<'static, Sqlite, SqliteArguments> {
    let kept = ids.len() <= KEPT_MAX;
    let places = if kept { ids.len().next_power_of_two() } else { ids.len() };
    let list: Vec<String> = (1..=places).map(|i| format!("${}", before.len() + i)).collect();
    let last = ids.last().into_iter().cycle();
    let mut values = before.to_vec();
    values.extend(ids.iter().chain(last).take(places).map(|id| Value::Id(*id)));
    lite_query(AssertSqlSafe(sql.replace("{in}", &list.join(","))), values).persistent(kept)
}

/// Numbers as one value, from which PostgreSQL makes an array (`string_to_array`) and SQLite a table (`json_each`).
pub(crate) fn number_list(numbers: &[i64]) -> String {
    let list: Vec<String> = numbers.iter().map(i64::to_string).collect();
    list.join(",")
}

/// On PostgreSQL the list is one array.
pub(super) fn pg_list(sql: &'static str, before: &[Value], ids: &[Uuid]) -> Query<'static, Postgres, PgArguments> {
    let any = format!("= ANY (${})", before.len() + 1);
    let text = sql.replace("IN ({in})", &any);
    pg_query(AssertSqlSafe(text), before.to_vec()).bind(ids.to_vec())
}
