//! Checkpoints of the events log: a device takes one up only with a proof that it extends the one before.
//!
//! The answer to a pull brings that proof. What a push brings is only held against what is known, and not taken up. A
//! checkpoint that fails is kept beside the one that it contradicts and reported in the chain; the device goes on.

use doorstep_log::checkpoint::Checkpoint;
use doorstep_wire::sync::{PullAnswer, PushAnswer};

use crate::db::Tx;
use crate::device::Device;
use crate::error::DeviceError;
use crate::event::stored_checkpoint;
use crate::suspect::{CHECKPOINT, Suspicion};
use crate::trust::{self, Doubt};

/// The newest checkpoint that this device has verified.
pub(crate) struct Seen {
    pub(crate) note: String,
    pub(crate) checkpoint: Checkpoint,
}

impl Device {
    /// What was verified last; `None` before the first.
    pub(crate) async fn checkpoint_seen(&self) -> Result<Option<Seen>, DeviceError> {
        let sql = "SELECT checkpoint FROM sync_state";
        let note: Option<String> = sqlx::query_scalar(sql).fetch_one(self.db.pool()).await?;
        note.map(|note| {
            let checkpoint = stored_checkpoint(&note)?;
            Ok(Seen { note, checkpoint })
        })
        .transpose()
    }

    fn log<'a>(&'a self, asked: Option<&'a Seen>) -> trust::Log<'a> {
        trust::Log {
            key: &self.identity.log_key,
            tenant: self.identity.tenant,
            known: asked.map(|seen| &seen.checkpoint),
        }
    }

    /// Takes up the checkpoint of a pull, where its signature holds and its proof leads to it from `asked`, which was known
    /// when the request left. Keeps one that fails as evidence and says `true`. A log that goes on under a new origin is
    /// followed when its first leaf names the log known here; its holder is told, and the checkpoint is kept all the same.
    pub(crate) async fn take_checkpoint(
        &self,
        tx: &mut Tx,
        answer: &PullAnswer,
        asked: Option<&Seen>,
    ) -> Result<bool, DeviceError> {
        let (signed, proof) = (answer.checkpoint.as_str(), answer.consistency.as_slice());
        if signed.is_empty() && asked.is_none() {
            return Ok(false);
        }
        let log = self.log(asked);
        if let Some(moved) = log.follow(signed, &answer.continued) {
            if moved.is_ok() {
                replace_checkpoint(tx, signed, asked).await?;
            }
            let (Ok(doubt) | Err(doubt)) = moved;
            // Each ends with its newline.
            let leaves = answer.continued.concat();
            self.doubt_checkpoint(tx, signed, &doubt, (asked, Some(leaves))).await?;
            return Ok(true);
        }
        let found = log
            .checkpoint(signed)
            .and_then(|found| log.extends(&found, proof).map(|()| found));
        if let Err(doubt) = found {
            let proof = Some(proof.join("\n"));
            self.doubt_checkpoint(tx, signed, &doubt, (asked, proof)).await?;
            return Ok(true);
        }
        replace_checkpoint(tx, signed, asked).await?;
        Ok(false)
    }

    /// Holds the checkpoint of a push against what is known, without taking it up.
    pub(crate) async fn compare_checkpoint(
        &self,
        tx: &mut Tx,
        answer: &PushAnswer,
        asked: Option<&Seen>,
    ) -> Result<bool, DeviceError> {
        let signed = answer.checkpoint.as_str();
        if signed.is_empty() && asked.is_none() {
            return Ok(false);
        }
        let log = self.log(asked);
        let doubt = match log.follow(signed, &answer.continued) {
            // The next pull follows it and tells its holder.
            Some(Ok(_)) => None,
            Some(Err(doubt)) => Some(doubt),
            None => log.checkpoint(signed).err(),
        };
        let Some(doubt) = doubt else { return Ok(false) };
        self.doubt_checkpoint(tx, signed, &doubt, (asked, None)).await?;
        Ok(true)
    }

    async fn doubt_checkpoint(
        &self,
        tx: &mut Tx,
        signed: &str,
        doubt: &Doubt,
        (asked, proof): (Option<&Seen>, Option<String>),
    ) -> Result<(), DeviceError> {
        let suspicion = Suspicion {
            noun: CHECKPOINT,
            doubt,
            note: signed,
            known: asked.map(|seen| seen.note.as_str()),
            proof,
        };
        self.suspect(tx, suspicion).await.map(drop)
    }

    /// Holds what the server says in a pull that it has of this chain against what it acknowledged before. A note that
    /// does not hold is kept; doors that came with it are applied all the same.
    pub(crate) async fn compare_acknowledgement(
        &self,
        tx: &mut Tx,
        answer: &PullAnswer,
        upto_asked: i64,
    ) -> Result<bool, DeviceError> {
        let signed = answer.acknowledgement.as_str();
        if signed.is_empty() && upto_asked == 0 {
            return Ok(false);
        }
        let read = match trust::acknowledgement(signed, &self.identity.permit_key) {
            Ok(stated) => self.fits_chain(tx, &stated).await?.map(|()| stated),
            Err(doubt) => Err(doubt),
        };
        match read {
            Ok(stated) => {
                let noted = self.note_acknowledgement(tx, &stated, signed, upto_asked).await?;
                Ok(noted.withdrawn.is_some())
            }
            Err(doubt) => {
                let suspicion = Suspicion {
                    noun: "acknowledgement",
                    doubt: &doubt,
                    note: signed,
                    known: None,
                    proof: None,
                };
                self.suspect(tx, suspicion).await?;
                Ok(true)
            }
        }
    }
}

/// Another process may have taken up one in the meantime; this one was not held against that, and the next pull brings a
/// newer one.
async fn replace_checkpoint(tx: &mut Tx, signed: &str, asked: Option<&Seen>) -> Result<(), DeviceError> {
    sqlx::query("UPDATE sync_state SET checkpoint = $1 WHERE checkpoint IS $2")
        .bind(signed)
        .bind(asked.map(|seen| seen.note.as_str()))
        .execute(&mut **tx)
        .await?;
    Ok(())
}
