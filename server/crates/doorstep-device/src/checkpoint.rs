//! Checkpoints of the events log: a device takes one up only with a proof that it extends the one before.
//!
//! The answer to a pull brings that proof. What a push brings is only held against what is known, and not taken up. A
//! checkpoint that fails is kept beside the one that it contradicts and reported in the chain; the device goes on.

use doorstep_log::checkpoint::Checkpoint;
use doorstep_wire::sync::PullAnswer;

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

    /// Takes up the checkpoint of a pull, where its signature holds and `proof` leads to it from `asked`, which was known
    /// when the request left. Keeps one that fails as evidence and says `true`.
    pub(crate) async fn take_checkpoint(
        &self,
        tx: &mut Tx,
        signed: &str,
        proof: &[String],
        asked: Option<&Seen>,
    ) -> Result<bool, DeviceError> {
        if signed.is_empty() && asked.is_none() {
            return Ok(false);
        }
        let known = asked.map(|seen| &seen.checkpoint);
        let found = trust::checkpoint(signed, &self.identity.log_key, known)
            .and_then(|found| trust::extends(known, &found, proof).map(|()| found));
        if let Err(doubt) = found {
            self.doubt_checkpoint(tx, signed, &doubt, (asked, Some(proof))).await?;
            return Ok(true);
        }
        // Another process may have taken up one in the meantime; this one was not held against that, and the next pull
        // brings a newer one.
        sqlx::query("UPDATE sync_state SET checkpoint = $1 WHERE checkpoint IS $2")
            .bind(signed)
            .bind(asked.map(|seen| seen.note.as_str()))
            .execute(&mut **tx)
            .await?;
        Ok(false)
    }

    /// Holds the checkpoint of a push against what is known, without taking it up.
    pub(crate) async fn compare_checkpoint(
        &self,
        tx: &mut Tx,
        signed: &str,
        asked: Option<&Seen>,
    ) -> Result<bool, DeviceError> {
        if signed.is_empty() && asked.is_none() {
            return Ok(false);
        }
        let known = asked.map(|seen| &seen.checkpoint);
        match trust::checkpoint(signed, &self.identity.log_key, known) {
            Ok(_) => Ok(false),
            Err(doubt) => {
                self.doubt_checkpoint(tx, signed, &doubt, (asked, None)).await?;
                Ok(true)
            }
        }
    }

    async fn doubt_checkpoint(
        &self,
        tx: &mut Tx,
        signed: &str,
        doubt: &Doubt,
        (asked, proof): (Option<&Seen>, Option<&[String]>),
    ) -> Result<(), DeviceError> {
        let suspicion = Suspicion {
            noun: CHECKPOINT,
            doubt,
            note: signed,
            known: asked.map(|seen| seen.note.as_str()),
            proof: proof.map(|proof| proof.join("\n")),
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
