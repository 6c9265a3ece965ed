//! The schema as the engine reports it, in the words that both engines share: what tests and `doctor` compare.

use crate::backup::Kind;
use crate::db::{Engine, Sql, args};
use crate::error::StoreError;
use crate::store::Store;

/// A column as the engine has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ColumnShape {
    /// Its table.
    pub table: String,
    /// Its name.
    pub name: String,
    /// What it holds; SQLite cannot tell ids from bytes and says `bytes` for both.
    pub kind: &'static str,
    /// Whether it may be empty.
    pub nullable: bool,
    /// Whether it is part of the primary key.
    pub key: bool,
}

const fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Id => "id",
        Kind::Int => "int",
        Kind::Text => "text",
        Kind::Bytes => "bytes",
    }
}

fn kind_of(engine: Engine, name: &str) -> Option<Kind> {
    match (engine, name) {
        (Engine::Sqlite, "INTEGER") | (Engine::Postgres, "bigint") => Some(Kind::Int),
        (Engine::Sqlite, "TEXT") | (Engine::Postgres, "text") => Some(Kind::Text),
        (Engine::Sqlite, "BLOB") | (Engine::Postgres, "bytea") => Some(Kind::Bytes),
        (Engine::Postgres, "uuid") => Some(Kind::Id),
        _ => None,
    }
}

impl Store {
    /// Every column of the main database, by table and position. A type that neither engine should have is called
    /// `other`.
    pub async fn schema(&self) -> Result<Vec<ColumnShape>, StoreError> {
        let sql = Sql {
            lite: "SELECT m.name, p.name, p.type, CASE WHEN p.\"notnull\" = 1 OR p.pk > 0 THEN 0 ELSE 1 END, \
                   CASE WHEN p.pk > 0 THEN 1 ELSE 0 END \
                   FROM sqlite_master m JOIN pragma_table_info(m.name) p \
                   WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> '_sqlx_migrations' \
                   ORDER BY m.name, p.cid",
            pg: "SELECT c.table_name::TEXT, c.column_name::TEXT, c.data_type::TEXT, \
                 CASE WHEN c.is_nullable = 'YES' THEN 1::BIGINT ELSE 0::BIGINT END, \
                 CASE WHEN EXISTS (SELECT 1 FROM information_schema.key_column_usage k \
                 JOIN information_schema.table_constraints t ON t.constraint_name = k.constraint_name \
                 AND t.constraint_schema = k.constraint_schema AND t.constraint_type = 'PRIMARY KEY' \
                 WHERE k.table_schema = c.table_schema AND k.table_name = c.table_name \
                 AND k.column_name = c.column_name) THEN 1::BIGINT ELSE 0::BIGINT END \
                 FROM information_schema.columns c \
                 WHERE c.table_schema = current_schema() AND c.table_name <> '_sqlx_migrations' \
                 ORDER BY c.table_name::TEXT COLLATE \"C\", c.ordinal_position",
        };
        let engine = self.engine();
        let rows = self.db.fetch(sql, args![]).await?;
        rows.iter()
            .map(|row| {
                Ok(ColumnShape {
                    table: row.text(0)?,
                    name: row.text(1)?,
                    kind: kind_of(engine, &row.text(2)?).map_or("other", kind_name),
                    nullable: row.int(3)? == 1,
                    key: row.int(4)? == 1,
                })
            })
            .collect()
    }
}
