//! What strangers hold of a log: signed checkpoints from a witness, an export, a copy that somebody kept. What they hold was
//! signed, so a tree that does not contain it is not signed any more.

use doorstep_domain::id::TenantId;
use doorstep_domain::measure::Micros;
use doorstep_log::checkpoint::{Checkpoint, CheckpointError};
use doorstep_log::note::{self, SigningKey};

use crate::db::args;
use crate::entry::{Housekeeping, LogName, OPERATOR};
use crate::error::StoreError;
use crate::generation::LogGeneration;
use crate::log::LOG_KEY;
use crate::mark::Mark;
use crate::sign::{Halt, TRIES_MAX};
use crate::step::Step;
use crate::store::Store;

impl Store {
    /// Takes up a signed checkpoint that is known from elsewhere. A log that does not contain it is halted in the next round.
    /// Of a log that the main database does not hold, as before a restore, only the mark is raised, and of one that was closed
    /// nothing changes: its continuation names what was known. Says of which origin the checkpoint is.
    pub async fn mark_known(&self, signed: &[u8]) -> Result<String, StoreError> {
        let found = self.checkpoint_of(signed).await?;
        let new = Mark {
            size: found.size,
            root: found.root,
        };
        let ended = "SELECT origin FROM log_ended WHERE origin = $1";
        if self.db.fetch_one(ended, args![found.origin.as_str()]).await?.is_some() {
            return Ok(found.origin);
        }
        for _ in 0..TRIES_MAX {
            match self.keys.mark_get(&found.origin).await? {
                Some(old) if old == new => break,
                Some(old) if old.size >= new.size => {
                    self.rival_unless_contained(&found.origin, old, new).await?;
                    return Ok(found.origin);
                }
                old => _ = self.keys.mark_raise(&found.origin, old, new).await?,
            }
        }
        self.note_keep(&found.origin, new, signed).await?;
        Ok(found.origin)
    }

    /// Keeps the note of a mark together with the cosignatures that came with it before.
    async fn note_keep(&self, origin: &str, mark: Mark, signed: &[u8]) -> Result<(), StoreError> {
        let signed = String::from_utf8_lossy(signed);
        let mut note = match self.keys.mark_note(origin).await? {
            Some((known, note)) if known == mark => note,
            None if self.keys.mark_get(origin).await? == Some(mark) => String::new(),
            _ => return Err(StoreError::Changed),
        };
        if note.is_empty() {
            note = signed.to_string();
        }
        for line in signed.lines().filter(|line| line.starts_with("\u{2014} ")) {
            if !note.lines().any(|kept| kept == line) {
                note.push_str(line);
                note.push('\n');
            }
        }
        self.keys.mark_note_set(origin, mark, &note).await
    }

    /// The newest signed note that is known of a generation that was closed with less; `None` where nobody showed one.
    pub async fn generation_known(&self, of: &LogGeneration) -> Result<Option<String>, StoreError> {
        let known = self.keys.mark_note(&of.origin).await?;
        Ok(known.filter(|(mark, _)| mark.size > of.size).map(|(_, note)| note))
    }

    /// A head that is no larger than the mark: the tree that reaches the mark must contain it.
    async fn rival_unless_contained(&self, origin: &str, mark: Mark, new: Mark) -> Result<(), StoreError> {
        let sql = "SELECT tenant_id, name FROM log WHERE origin = $1";
        let Some(row) = self.db.fetch_one(sql, args![origin]).await? else {
            return if mark.size == new.size {
                Err(StoreError::TwoHistories(origin.to_owned()))
            } else {
                Ok(())
            };
        };
        let log = self.log_stored(TenantId(row.id(0)?), row.code(1)?).await?;
        match self.contradiction(log.rows, log.head, new).await? {
            None => Ok(()),
            Some(_) => self.faults.step(Step::Rival, self.keys.rival_add(origin, new)).await,
        }
    }

    /// Notes that enough witnesses were asked which head of a log they cosigned last, and that all they hold was taken up.
    /// A restored log whose tree contains it goes on.
    pub async fn log_asked(&self, tenant: TenantId, name: LogName, now: Micros) -> Result<(), StoreError> {
        let log = self.log_stored(tenant, name).await?;
        if !matches!(log.halted, Some(Halt::Restored | Halt::Unasked)) || log.note_size == 0 {
            return Ok(());
        }
        // Without a mark this head is the newest that anybody knows.
        self.mark_known(log.note.as_bytes()).await?;
        let mut tx = self.write(tenant, now).await?;
        let sql = "UPDATE log SET halted = $1 WHERE tenant_id = $2 AND name = $3 AND origin = $4 AND halted = $5";
        let (restored, unasked) = (Halt::Restored.code(), Halt::Unasked.code());
        let at = args![restored, tenant.0, name.code(), log.origin.as_str(), unasked];
        tx.exec(sql, at).await?;
        let done = tx.commit_housekeeping(Housekeeping::Witnesses);
        self.faults.step(Step::Asked, done).await?;
        self.log_guard(tenant, name, now).await.map(drop)
    }

    /// Opens a checkpoint of any log of this deployment, in any generation.
    async fn checkpoint_of(&self, signed: &[u8]) -> Result<Checkpoint, StoreError> {
        let text = note::text_unverified(signed).map_err(|error| StoreError::NoCheckpoint(error.into()))?;
        let origin = text.split('\n').next().unwrap_or_default();
        // `<deployment>/<tenant>/<log>`, or `<deployment>/meta`.
        let tenant = origin.rsplit('/').nth(1).and_then(|part| part.parse().ok());
        let owner = tenant.unwrap_or(OPERATOR.0);
        let stranger = || {
            StoreError::NoCheckpoint(CheckpointError::NotByLog {
                origin: origin.to_owned(),
            })
        };
        let seed = self
            .keys
            .signing_seed(owner, LOG_KEY)
            .await
            .map_err(|error| match error {
                StoreError::NotFound => stranger(),
                other => other,
            })?;
        let key = SigningKey::from_seed(origin, &seed).map_err(|_| stranger())?;
        Checkpoint::open(signed, &[key.verifier()]).map_err(StoreError::NoCheckpoint)
    }
}
