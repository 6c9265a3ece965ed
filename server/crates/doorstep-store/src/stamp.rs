//! Time stamps of checkpoints, as an outside authority gave them. What is here was verified before; a copy of the database
//! proves nothing by holding one, the stamp itself does.

use doorstep_domain::id::TenantId;
use doorstep_domain::measure::Micros;

use crate::db::{Row, args};
use crate::entry::{Housekeeping, LogName};
use crate::error::StoreError;
use crate::generation::LogGeneration;
use crate::step::Step;
use crate::store::Store;

/// A time stamp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogStamp {
    /// Number of leaves under the stamped checkpoint.
    pub size: u64,
    /// The checkpoint as it was signed.
    pub note: String,
    /// The authority's answer, as it was sent.
    pub response: Vec<u8>,
    /// The authority's time.
    pub stamped_at: Micros,
    /// When the answer came, by the clock here.
    pub taken_at: Micros,
}

fn stamp_of(row: &Row) -> Result<LogStamp, StoreError> {
    Ok(LogStamp {
        size: row.int(0)? as u64,
        note: row.text(1)?,
        response: row.blob(2)?,
        stamped_at: Micros(row.int(3)?),
        taken_at: Micros(row.int(4)?),
    })
}

impl Store {
    /// Keeps a stamp of the log with this origin; of one that has gone on as a new log meanwhile nothing is kept. The first of
    /// a size stays: an earlier time says more.
    pub async fn stamp_add(&self, tenant: TenantId, origin: &str, stamp: &LogStamp) -> Result<(), StoreError> {
        let mut tx = self.write(tenant, stamp.taken_at).await?;
        tx.exec(
            "INSERT INTO log_stamp (tenant_id, name, generation, size, note, response, stamped_at, taken_at) \
             SELECT tenant_id, name, generation, $3, $4, $5, $6, $7 FROM log WHERE tenant_id = $1 AND origin = $2 \
             ON CONFLICT (tenant_id, name, generation, size) DO NOTHING",
            args![
                tenant.0,
                origin,
                stamp.size as i64,
                stamp.note.clone(),
                stamp.response.clone(),
                stamp.stamped_at,
                stamp.taken_at
            ],
        )
        .await?;
        let done = tx.commit_housekeeping(Housekeeping::Stamps);
        self.faults.step(Step::Stamp, done).await
    }

    /// The logs that have grown since their last stamp, where that was taken outside of `from..=until` or there is none.
    pub async fn stamps_due(&self, from: Micros, until: Micros) -> Result<Vec<(TenantId, LogName)>, StoreError> {
        let sql = "SELECT tenant_id, name FROM (SELECT tenant_id, name, note_size, \
                   (SELECT max(s.size) FROM log_stamp s WHERE s.tenant_id = log.tenant_id AND s.name = log.name \
                   AND s.generation = log.generation) AS stamped, \
                   (SELECT s.taken_at FROM log_stamp s WHERE s.tenant_id = log.tenant_id AND s.name = log.name \
                   AND s.generation = log.generation ORDER BY s.size DESC LIMIT 1) AS taken_at \
                   FROM log WHERE note_size > 0 AND name <> 'meta') AS heads \
                   WHERE stamped IS NULL OR (note_size > stamped AND (taken_at < $1 OR taken_at > $2)) \
                   ORDER BY tenant_id, name";
        let rows = self.db.fetch(sql, args![from, until]).await?;
        rows.iter()
            .map(|row| Ok((TenantId(row.id(0)?), row.code(1)?)))
            .collect()
    }

    /// The stamp of the largest tree of a log.
    pub async fn stamp_newest(&self, tenant: TenantId, name: LogName) -> Result<Option<LogStamp>, StoreError> {
        let sql = "SELECT size, note, response, stamped_at, taken_at FROM log_stamp \
                   WHERE tenant_id = $1 AND name = $2 AND generation = $3 ORDER BY size DESC LIMIT 1";
        let generation = self.log_stored(tenant, name).await?.rows.generation;
        let at = args![tenant.0, name.code(), i64::from(generation)];
        let row = self.db.fetch_one(sql, at).await?;
        row.as_ref().map(stamp_of).transpose()
    }

    /// The next stamps of trees of more than `after` leaves of a generation, as far as it was signed; smallest first.
    pub async fn stamp_page(&self, of: &LogGeneration, after: u64, count: i64) -> Result<Vec<LogStamp>, StoreError> {
        let sql = "SELECT size, note, response, stamped_at, taken_at FROM log_stamp \
                   WHERE tenant_id = $1 AND name = $2 AND generation = $3 AND size > $4 AND size <= $5 \
                   ORDER BY size LIMIT $6";
        let at = args![
            of.rows.tenant.0,
            of.rows.name.code(),
            i64::from(of.rows.generation),
            after as i64,
            of.size as i64,
            count
        ];
        self.db.fetch(sql, at).await?.iter().map(stamp_of).collect()
    }
}
