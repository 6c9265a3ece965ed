//! The log as the interface shows it.

mod entries;

use doorstep_store::entry::LogName;
use doorstep_wire::log::{LeafProof, LogHeadItem, LogStampItem};
use doorstep_wire::problem::ProblemCode;

use crate::App;
use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};

fn log_name(text: &str) -> Result<LogName, AppError> {
    text.parse()
        .map_err(|_| AppError::refuse(ProblemCode::NotFound, "There are two logs: `events` and `access`."))
}

impl App {
    /// The head of a log with its newest checkpoint and verifying key.
    pub async fn log_head(&self, actor: &Actor, name: &str) -> Result<LogHeadItem, AppError> {
        policy::check(actor, Action::SeeLog)?;
        let name = log_name(name)?;
        let head = self.store().log_head(actor.tenant, name).await?;
        let key = self.store().log_verifier(actor.tenant, name).await?;
        let cosigned = self.cosigned_item(actor.tenant, name).await?;
        let stamp = self.store().stamp_newest(actor.tenant, name).await?;
        Ok(LogHeadItem {
            name: name.code().to_owned(),
            origin: head.origin,
            size: head.note_size,
            checkpoint: head.note,
            key: key.to_string(),
            cosigned,
            stamp: stamp.map(|stamp| LogStampItem {
                size: stamp.size,
                at: stamp.stamped_at.get(),
            }),
        })
    }

    /// One leaf with the proof that it stands under the newest checkpoint.
    pub async fn log_proof(&self, actor: &Actor, name: &str, index: u64) -> Result<LeafProof, AppError> {
        policy::check(actor, Action::SeeLog)?;
        let name = log_name(name)?;
        let (leaf, proof) = self
            .store()
            .log_proof(actor.tenant, name, index)
            .await
            .map_err(|error| match error {
                doorstep_store::StoreError::NotFound => AppError::refuse(
                    ProblemCode::NotFound,
                    "No leaf of that number stands under a checkpoint yet. Try again in a second.",
                ),
                other => other.into(),
            })?;
        let text = |bytes| String::from_utf8(bytes).map_err(|_| AppError::Fault("leaves and proofs are text"));
        Ok(LeafProof {
            index,
            leaf: text(leaf)?,
            proof: text(proof.encode())?,
        })
    }
}
