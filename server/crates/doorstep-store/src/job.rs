//! Leases, background work and answers kept for repeats: tables that several processes share.

use doorstep_domain::codes;
use doorstep_domain::id::{JobId, StaffId, TenantId};
use doorstep_domain::measure::Micros;

use crate::db::args;
use crate::entry::Housekeeping;
use crate::error::StoreError;
use crate::store::Store;

codes!(
    /// Where a piece of background work stands.
    JobState, "state of a job" {
        /// Waits for its time or for a process.
        Waiting = "waiting",
        /// A process holds its lease.
        Running = "running",
        /// Done.
        Done = "done",
        /// Given up after the last attempt.
        Failed = "failed",
    }
);

/// How often a job is tried before it is given up.
pub const ATTEMPTS_MAX: i64 = 5;

/// A piece of background work that this process holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// The tenant.
    pub tenant: TenantId,
    /// What is to be done.
    pub kind: String,
    /// Its input, as its kind writes it.
    pub body: String,
    /// How often it was begun, this time included.
    pub attempts: i64,
}

/// A piece of background work as whoever waits for it sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobView {
    /// What is to be done.
    pub kind: String,
    /// Its input, as its kind writes it.
    pub body: String,
    /// Where it stands.
    pub state: JobState,
    /// When it was to begin.
    pub run_at: Micros,
    /// How often it was begun.
    pub attempts: i64,
    /// Until when a process holds it.
    pub lease_until: Option<Micros>,
    /// How far it is, as its kind writes it; empty before it began.
    pub progress: String,
    /// Whether it is to stop.
    pub wish: JobWish,
}

codes!(
    /// What is wanted of a piece of work that runs or waits.
    JobWish, "wish for a job" {
        /// To go on.
        GoOn = "",
        /// To end with what there is.
        Stop = "stop",
        /// To end and leave nothing.
        Discard = "discard",
    }
);

/// How long ended work can be asked about: 7 days.
const KEPT: Micros = Micros::from_seconds(7 * 86_400);

impl Store {
    /// Takes or renews a lease until `until`. Returns its epoch, or `None` where another holder has it. One that would last
    /// more than twice as long as anybody asks for was taken by a clock that was ahead, and holds nobody up.
    pub async fn lease_take(
        &self,
        name: &str,
        holder: &str,
        now: Micros,
        until: Micros,
    ) -> Result<Option<i64>, StoreError> {
        let mut tx = self.db.begin().await?;
        let row = tx
            .fetch_one(
                "INSERT INTO lease (name, holder, until, epoch) VALUES ($1, $2, $3, 1) \
                 ON CONFLICT (name) DO UPDATE SET \
                 epoch = CASE WHEN lease.holder = excluded.holder THEN lease.epoch ELSE lease.epoch + 1 END, \
                 holder = excluded.holder, until = excluded.until \
                 WHERE lease.holder = excluded.holder OR lease.until <= $4 OR lease.until > $5 RETURNING epoch",
                args![name, holder, until, now, until + (until - now)],
            )
            .await?;
        let epoch = row.map(|row| row.int(0)).transpose()?;
        tx.commit().await?;
        Ok(epoch)
    }

    /// Adds background work to be done at `run_at`.
    pub async fn job_add(
        &self,
        tenant: TenantId,
        kind: &str,
        body: &str,
        now: Micros,
        run_at: Micros,
    ) -> Result<JobId, StoreError> {
        let mut tx = self.write(tenant, now).await?;
        let id = tx.job_add(kind, body, run_at).await?;
        tx.commit_housekeeping(Housekeeping::Jobs).await?;
        Ok(id)
    }

    /// How a job stands.
    pub async fn job_get(&self, tenant: TenantId, id: JobId) -> Result<JobView, StoreError> {
        let sql = "SELECT kind, body, state, run_at, attempts, lease_until, progress, wish FROM job \
                   WHERE tenant_id = $1 AND job_id = $2";
        let row = self.db.fetch_one(sql, args![tenant.0, id.0]).await?;
        let row = row.ok_or(StoreError::NotFound)?;
        Ok(JobView {
            kind: row.text(0)?,
            body: row.text(1)?,
            state: row.code(2)?,
            run_at: Micros(row.int(3)?),
            attempts: row.int(4)?,
            lease_until: row.opt_int(5)?.map(Micros),
            progress: row.text(6)?,
            wish: row.code(7)?,
        })
    }

    /// Says that a job is to stop. One that nobody has begun ends at once; one that ended stays as it is. What is to be
    /// discarded is not kept by asking again.
    pub async fn job_wish(&self, tenant: TenantId, id: JobId, wish: JobWish) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        tx.exec(
            "UPDATE job SET wish = CASE WHEN wish = 'discard' THEN wish ELSE $1 END, \
             state = CASE WHEN state = 'waiting' THEN 'done' ELSE state END \
             WHERE tenant_id = $2 AND job_id = $3 AND state IN ('waiting', 'running')",
            args![wish.code(), tenant.0, id.0],
        )
        .await?;
        tx.commit().await
    }

    /// Renews the lease of a job that this holder has and says how far it is. `None` where another process has it by now:
    /// what is being done must not count.
    pub async fn job_beat(
        &self,
        job: &Job,
        holder: &str,
        until: Micros,
        progress: &str,
    ) -> Result<Option<JobWish>, StoreError> {
        let mut tx = self.db.begin().await?;
        let row = tx
            .fetch_one(
                "UPDATE job SET lease_until = $1, progress = $2 WHERE tenant_id = $3 AND job_id = $4 AND holder = $5 \
                 AND state = 'running' RETURNING wish",
                args![until, progress, job.tenant.0, job.id.0, holder],
            )
            .await?;
        let wish = row.map(|row| row.code(0)).transpose()?;
        tx.commit().await?;
        Ok(wish)
    }

    /// Ends a job for good that this holder has, with what is to be told of it.
    pub async fn job_close(&self, job: &Job, holder: &str, done: bool, progress: &str) -> Result<(), StoreError> {
        let state = if done { JobState::Done } else { JobState::Failed };
        let mut tx = self.db.begin().await?;
        tx.exec(CLOSE, args![state.code(), progress, job.tenant.0, job.id.0, holder])
            .await?;
        tx.commit().await
    }

    /// Takes the job that has waited longest, or one whose holder let its lease run out. A holder that dies leaves the
    /// job running; the next process takes it over when the lease is over, or where a clock that was ahead made it too long.
    pub async fn job_take(
        &self,
        kind: &str,
        holder: &str,
        now: Micros,
        until: Micros,
    ) -> Result<Option<Job>, StoreError> {
        // Most rounds find nothing, and only a transaction that may write holds others up.
        let sql = "SELECT job_id FROM job WHERE kind = $1 AND run_at <= $2 AND attempts < $3 \
                   AND (state = 'waiting' OR (state = 'running' AND (lease_until <= $2 OR lease_until > $4))) LIMIT 1";
        let beyond = until + (until - now);
        let values = args![kind, now, ATTEMPTS_MAX, beyond];
        if self.db.fetch_one(sql, values).await?.is_none() {
            return Ok(None);
        }
        let mut tx = self.db.begin().await?;
        let sql = crate::db::Sql {
            lite: "SELECT tenant_id, job_id, kind, body, attempts FROM job WHERE kind = $3 AND run_at <= $1 AND attempts < $2 \
                   AND (state = 'waiting' OR (state = 'running' AND (lease_until <= $1 OR lease_until > $4))) ORDER BY run_at LIMIT 1",
            pg: "SELECT tenant_id, job_id, kind, body, attempts FROM job WHERE kind = $3 AND run_at <= $1 AND attempts < $2 \
                 AND (state = 'waiting' OR (state = 'running' AND (lease_until <= $1 OR lease_until > $4))) ORDER BY run_at LIMIT 1 \
                 FOR UPDATE SKIP LOCKED",
        };
        let Some(row) = tx.fetch_one(sql, args![now, ATTEMPTS_MAX, kind, beyond]).await? else {
            return Ok(None);
        };
        let job = Job {
            tenant: TenantId(row.id(0)?),
            id: JobId(row.id(1)?),
            kind: row.text(2)?,
            body: row.text(3)?,
            attempts: row.int(4)? + 1,
        };
        tx.exec(
            "UPDATE job SET state = 'running', holder = $1, lease_until = $2, attempts = $3, progress = '' \
             WHERE tenant_id = $4 AND job_id = $5",
            args![holder, until, job.attempts, job.tenant.0, job.id.0],
        )
        .await?;
        tx.commit().await?;
        Ok(Some(job))
    }

    /// Ends a job that this holder has.
    pub async fn job_end(&self, job: &Job, holder: &str, done: bool, retry_at: Micros) -> Result<(), StoreError> {
        let state = match (done, job.attempts >= ATTEMPTS_MAX) {
            (true, _) => JobState::Done,
            (false, true) => JobState::Failed,
            (false, false) => JobState::Waiting,
        };
        let mut tx = self.db.begin().await?;
        tx.exec(
            "UPDATE job SET state = $1, run_at = $2, lease_until = NULL, holder = NULL \
             WHERE tenant_id = $3 AND job_id = $4 AND holder = $5",
            args![state.code(), retry_at, job.tenant.0, job.id.0, holder],
        )
        .await?;
        tx.commit().await
    }

    /// The answer given before to a request with this key, if its content was the same; `Changed` if it was another.
    pub async fn answer_get(
        &self,
        tenant: TenantId,
        staff: StaffId,
        key: &str,
        request_hash: &[u8],
    ) -> Result<Option<String>, StoreError> {
        let sql = "SELECT request_hash, sealed FROM idempotency WHERE tenant_id = $1 AND staff_id = $2 AND key = $3";
        let Some(row) = self.db.fetch_one(sql, args![tenant.0, staff.0, key]).await? else {
            return Ok(None);
        };
        if row.bytes(0)? != request_hash {
            return Err(StoreError::Changed);
        }
        let tenants = self.keys.tenant_key(tenant.0).await?;
        let opened = tenants.open(staff.0, row.bytes(1)?)?;
        String::from_utf8(opened.payload)
            .map(Some)
            .map_err(|_| StoreError::Altered)
    }
}

const CLOSE: &str = "UPDATE job SET state = $1, progress = $2, lease_until = NULL, holder = NULL \
     WHERE tenant_id = $3 AND job_id = $4 AND holder = $5 AND state = 'running'";

impl crate::write::WriteTx {
    /// Adds background work to be done at `run_at`. Ended work that nobody asks about any more goes on the way.
    pub async fn job_add(&mut self, kind: &str, body: &str, run_at: Micros) -> Result<JobId, StoreError> {
        let (tenant, now) = (self.tenant(), self.now());
        self.exec(
            "DELETE FROM job WHERE tenant_id = $1 AND state IN ('done', 'failed') AND run_at < $2",
            args![tenant, now - KEPT],
        )
        .await?;
        let id = JobId(crate::fresh_id(now));
        self.exec_one(
            "INSERT INTO job (tenant_id, job_id, kind, state, run_at, attempts, body) \
             VALUES ($1, $2, $3, 'waiting', $4, 0, $5)",
            args![tenant, id.0, kind, run_at, body],
        )
        .await?;
        Ok(id)
    }

    /// Ends a job together with what it made; `Changed` where another process has it by now.
    pub async fn job_done(&mut self, job: &Job, holder: &str, progress: &str) -> Result<(), StoreError> {
        let values = args![JobState::Done.code(), progress, self.tenant(), job.id.0, holder];
        self.exec_one(CLOSE, values).await
    }

    /// Keeps the answer to a request with an idempotency key, sealed under the tenant's key, in the transaction of the
    /// change itself. Answers whose day is over are dropped on the way.
    pub async fn answer_keep(
        &mut self,
        staff: StaffId,
        key: &str,
        request_hash: &[u8],
        answer: &str,
    ) -> Result<(), StoreError> {
        let (tenant, now) = (self.tenant(), self.now());
        self.exec(
            "DELETE FROM idempotency WHERE tenant_id = $1 AND expires < $2",
            args![tenant, now],
        )
        .await?;
        let expires = now + Micros::from_seconds(86_400);
        let (sealed, _) = self.keys().tenant_key(tenant).await?.seal(staff.0, answer.as_bytes());
        self.exec_one(
            "INSERT INTO idempotency (tenant_id, staff_id, key, request_hash, sealed, expires) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            args![tenant, staff.0, key, request_hash, sealed, expires],
        )
        .await
    }
}
