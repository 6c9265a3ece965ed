//! The log as the interface shows it.

mod check;
mod entries;

use doorstep_domain::id::TenantId;
use doorstep_store::StoreError;
use doorstep_store::entry::{LogName, OPERATOR};
use doorstep_store::generation::{HaltedLog, LogGeneration};
use doorstep_wire::log::{
    LeafProof, LogContinueRequest, LogEndedItem, LogHaltedItem, LogHeadItem, LogStampItem, MetaLogItem,
};
use doorstep_wire::problem::ProblemCode;

use crate::App;
use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};

pub use check::{LogAltered, LogFault};

fn log_name(text: &str) -> Result<LogName, AppError> {
    let found: Option<LogName> = text.parse().ok().filter(|name| LogName::OF_TENANT.contains(name));
    found.ok_or_else(|| AppError::refuse(ProblemCode::NotFound, "There are two logs: `events` and `access`."))
}

fn halted_item(log: HaltedLog) -> LogHaltedItem {
    LogHaltedItem {
        reason: log.halt.code().to_owned(),
        known_size: log.known.map(|known| known.size),
        known_root: log.known.map(|known| known.root.to_string()),
        left_size: log.left.size,
        left_root: log.left.root.to_string(),
        next_origin: log.next,
    }
}

impl App {
    /// The head of a log with its newest checkpoint and verifying key.
    pub async fn log_head(&self, actor: &Actor, name: &str) -> Result<LogHeadItem, AppError> {
        policy::check(actor, Action::SeeLog)?;
        self.head_item(actor, log_name(name)?).await
    }

    async fn head_item(&self, actor: &Actor, name: LogName) -> Result<LogHeadItem, AppError> {
        let head = self.store().log_head(actor.tenant, name).await?;
        let key = self.store().log_verifier(actor.tenant, name).await?;
        let cosigned = self.cosigned_item(actor.tenant, name).await?;
        let stamp = self.store().stamp_newest(actor.tenant, name).await?;
        let halted = self.store().log_halted(actor.tenant, name).await?;
        let ended = self.ended_items(actor.tenant, name).await?;
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
            generation: head.generation,
            halted: halted.map(halted_item),
            ended,
            meta: self.meta_item().await?,
        })
    }

    /// The operator's log, as far as every tenant may know of it.
    async fn meta_item(&self) -> Result<Option<MetaLogItem>, AppError> {
        let head = match self.store().log_head(OPERATOR, LogName::Meta).await {
            Err(StoreError::NotFound) => return Ok(None),
            head => head?,
        };
        let key = self.store().log_verifier(OPERATOR, LogName::Meta).await?;
        Ok(Some(MetaLogItem {
            origin: head.origin,
            size: head.note_size,
            key: key.to_string(),
            cosigned: self.cosigned_item(OPERATOR, LogName::Meta).await?,
            ended: self.ended_items(OPERATOR, LogName::Meta).await?,
        }))
    }

    async fn ended_items(&self, tenant: TenantId, name: LogName) -> Result<Vec<LogEndedItem>, AppError> {
        let mut ended = Vec::new();
        for generation in self.store().log_ended(tenant, name).await? {
            ended.push(self.ended_item(tenant, &generation).await?);
        }
        Ok(ended)
    }

    async fn ended_item(&self, tenant: TenantId, of: &LogGeneration) -> Result<LogEndedItem, AppError> {
        let key = self.generation_key(tenant, of).await?;
        Ok(LogEndedItem {
            generation: of.generation,
            origin: of.origin.clone(),
            size: of.size,
            key: key.to_string(),
        })
    }

    /// Has a halted log go on as a new one, which names the old in its first leaf. The operator's meta log, which went back
    /// with the same database, goes on with it: nobody else could decide about it.
    pub async fn continue_log(
        &self,
        actor: &Actor,
        name: &str,
        request: &LogContinueRequest,
    ) -> Result<LogHeadItem, AppError> {
        policy::check(actor, Action::ContinueLog)?;
        let (store, name, now) = (self.store(), log_name(name)?, self.now());
        let halted = store.log_halted(actor.tenant, name).await?;
        if halted.is_some_and(|halted| halted.left.size == request.left_size) {
            // First, so that a stop between the two leaves this log halted, and whoever asks again finishes both.
            store.meta_continue(now).await?;
        }
        store
            .log_continue(actor.tenant, name, request.left_size, actor.by(), now)
            .await?;
        self.run_sequencer().await?;
        self.wake_devices();
        self.head_item(actor, name).await
    }

    /// The generations of a log up to the one that was asked for, which is the last of them; the present one where none was.
    async fn generations(
        &self,
        tenant: TenantId,
        name: LogName,
        asked: Option<u32>,
    ) -> Result<Vec<LogGeneration>, AppError> {
        let mut all = self.store().log_generations(tenant, name).await?;
        let present = all.len() as u32;
        let asked = asked.unwrap_or(present);
        if asked == 0 || asked > present {
            let detail = format!("This log has the generations 1 to {present}. Name one of them.");
            return Err(AppError::refuse(ProblemCode::NotFound, detail));
        }
        all.truncate(asked as usize);
        Ok(all)
    }

    /// One leaf of a generation with the proof that it stands under the newest checkpoint of that generation. A proof that
    /// does not hold is never handed out: the log was altered.
    pub async fn log_proof(
        &self,
        actor: &Actor,
        name: &str,
        (generation, index): (Option<u32>, u64),
    ) -> Result<LeafProof, AppError> {
        policy::check(actor, Action::SeeLog)?;
        let mut generations = self.generations(actor.tenant, log_name(name)?, generation).await?;
        let of = generations.pop().ok_or(AppError::Fault("a log has a generation"))?;
        let altered = || LogAltered {
            origin: of.origin.clone(),
            index: Some(index),
        };
        if index >= of.size {
            return Err(no_leaf(&of, generations.last()));
        }
        let (leaf, proof) = match self.store().generation_proof(&of, index).await {
            Err(StoreError::NotFound | StoreError::Altered) => return Err(altered().into()),
            found => found?,
        };
        let key = self.generation_key(actor.tenant, &of).await?;
        if proof.verify(&leaf, &[key]).is_err() {
            return Err(altered().into());
        }
        let text = |bytes| String::from_utf8(bytes).map_err(|_| AppError::Fault("leaves and proofs are text"));
        Ok(LeafProof {
            index,
            leaf: text(leaf)?,
            proof: text(proof.encode())?,
        })
    }
}

/// Says which leaves there are.
fn no_leaf(of: &LogGeneration, earlier: Option<&LogGeneration>) -> AppError {
    let mut detail = format!(
        "{} leaves of {} stand under a checkpoint, numbered from 0; what was just written follows within a second.",
        of.size, of.origin
    );
    if let Some(earlier) = earlier {
        let (origin, size, number) = (&earlier.origin, earlier.size, earlier.generation);
        detail = format!("{detail} {origin} ended with {size} leaves: ask for generation {number}.");
    }
    AppError::refuse(ProblemCode::NotFound, detail)
}
