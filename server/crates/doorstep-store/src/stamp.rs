//! Time stamps of checkpoints, as an outside authority gave them. What is here was verified before; a copy of the database
//! proves nothing by holding one, the stamp itself does.

use doorstep_domain::id::TenantId;
use doorstep_domain::measure::Micros;

use crate::db::{Row, args};
use crate::entry::{Housekeeping, LogName};
use crate::error::StoreError;
use crate::generation::ended_name;
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
    /// Keeps a stamp. The first of a size stays: an earlier time says more. Nothing is kept where the log goes on as a new
    /// one by now, of which the stamp says nothing.
    pub async fn stamp_add(&self, tenant: TenantId, name: LogName, stamp: &LogStamp) -> Result<(), StoreError> {
        let origin = stamp.note.lines().next().unwrap_or_default();
        let mut tx = self.write(tenant, stamp.taken_at).await?;
        tx.exec(
            "INSERT INTO log_stamp (tenant_id, name, size, note, response, stamped_at, taken_at) \
             SELECT tenant_id, name, $3, $4, $5, $6, $7 FROM log WHERE tenant_id = $1 AND name = $2 AND origin = $8 \
             ON CONFLICT (tenant_id, name, size) DO NOTHING",
            args![
                tenant.0,
                name.code(),
                stamp.size as i64,
                stamp.note.clone(),
                stamp.response.clone(),
                stamp.stamped_at,
                stamp.taken_at,
                origin
            ],
        )
        .await?;
        let done = tx.commit_housekeeping(Housekeeping::Stamps);
        self.faults.step(Step::Stamp, done).await
    }

    /// The logs that have grown since their last stamp, where that was taken outside of `from..=until` or there is none.
    pub async fn stamps_due(&self, from: Micros, until: Micros) -> Result<Vec<(TenantId, LogName)>, StoreError> {
        let sql = "SELECT tenant_id, name FROM (SELECT tenant_id, name, note_size, \
                   (SELECT max(s.size) FROM log_stamp s WHERE s.tenant_id = log.tenant_id AND s.name = log.name) AS stamped, \
                   (SELECT s.taken_at FROM log_stamp s WHERE s.tenant_id = log.tenant_id AND s.name = log.name \
                   ORDER BY s.size DESC LIMIT 1) AS taken_at FROM log WHERE note_size > 0 AND name IN ('events', 'access')) AS heads \
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
                   WHERE tenant_id = $1 AND name = $2 ORDER BY size DESC LIMIT 1";
        let row = self.db.fetch_one(sql, args![tenant.0, name.code()]).await?;
        row.as_ref().map(stamp_of).transpose()
    }

    /// The next stamps of trees of more than `after` and at most `up_to` leaves, smallest first: of a log, or of the
    /// generation of it that was ended.
    pub async fn stamp_page(
        &self,
        tenant: TenantId,
        (name, ended): (LogName, Option<u32>),
        sizes: (u64, u64),
        count: i64,
    ) -> Result<Vec<LogStamp>, StoreError> {
        let sql = "SELECT size, note, response, stamped_at, taken_at FROM log_stamp \
                   WHERE tenant_id = $1 AND name = $2 AND size > $3 AND size <= $4 ORDER BY size LIMIT $5";
        let stored = ended.map_or_else(|| name.code().to_owned(), |generation| ended_name(name, generation));
        let at = args![tenant.0, stored, sizes.0 as i64, sizes.1 as i64, count];
        self.db.fetch(sql, at).await?.iter().map(stamp_of).collect()
    }
}
