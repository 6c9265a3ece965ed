//! Having the logs' checkpoints cosigned: what is to be sent to which witness, and what its answer means. Sends nothing
//! itself; the server's job does.

use std::sync::atomic::Ordering;

use doorstep_domain::id::TenantId;
use doorstep_log::checkpoint::Checkpoint;
use doorstep_log::cosignature::Cosigner;
use doorstep_log::hash::empty_root;
use doorstep_log::leaf::Leaf;
use doorstep_log::note::text_unverified;
use doorstep_log::policy::{Policy, PolicyError, PolicyWitness};
use doorstep_log::witness::{AddCheckpoint, WitnessAnswer};
use doorstep_store::StoreError;
use doorstep_store::entry::{By, EntryKind, LogName, OPERATOR, ServerEntry};
use doorstep_store::witness::{PublishedLog, WitnessRefused, WitnessState};
use doorstep_wire::log::{CosignedItem, WitnessItem};

use crate::App;
use crate::error::AppError;

/// The policy by which logs are witnessed, as it was configured.
#[derive(Debug, Clone)]
pub struct WitnessPolicy {
    /// The file's bytes; exports carry them.
    pub bytes: Vec<u8>,
    /// What it says.
    pub policy: Policy,
}

impl WitnessPolicy {
    /// Reads a policy file.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, PolicyError> {
        let policy = Policy::parse(&bytes)?;
        Ok(Self { bytes, policy })
    }
}

/// A checkpoint that some witnesses have not cosigned.
#[derive(Debug, Clone)]
pub struct ToCosign {
    /// The log with the checkpoint.
    pub log: PublishedLog,
    /// The witnesses.
    pub witnesses: Vec<WitnessToAsk>,
}

/// A witness that is to be asked.
#[derive(Debug, Clone)]
pub struct WitnessToAsk {
    /// Its key.
    pub key: Cosigner,
    /// Its submission prefix.
    pub url: String,
    /// The size that it cosigned last, as far as is known.
    pub known: u64,
}

/// What follows from a witness's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Followed {
    /// It cosigned; the cosignature is kept.
    Cosigned,
    /// It is to be asked again at once, with a proof from this size.
    AskFrom(u64),
    /// It says that history was rewritten.
    Refused,
    /// It knows more than this checkpoint, and the log has grown meanwhile: the next checkpoint will do.
    Outrun,
    /// It has cosigned this size, which is more than the newest checkpoint here has.
    Larger(u64),
    /// It does not know the log.
    Unknown,
    /// It cannot cosign now, for the reason with this code.
    Later(&'static str),
}

impl Followed {
    /// Why it did not cosign, as a code; `None` where it did, and where it refused.
    #[must_use]
    pub const fn silence(self) -> Option<&'static str> {
        match self {
            Self::Cosigned | Self::Outrun | Self::Refused => None,
            Self::Unknown => Some("unknown-log"),
            Self::Later(code) => Some(code),
            Self::AskFrom(_) | Self::Larger(_) => Some("unsteady"),
        }
    }

    /// Whether what the witness has cosigned of the log is now known to be in it.
    #[must_use]
    pub const fn is_answer(self) -> bool {
        matches!(self, Self::Cosigned | Self::Outrun | Self::Unknown)
    }
}

impl App {
    /// The policy by which logs are witnessed, where one is configured.
    #[must_use]
    pub fn witness_policy(&self) -> Option<&WitnessPolicy> {
        self.0.parts.witness_policy.as_ref()
    }

    /// Whether the witnesses were asked what they hold before this process signs anything; true where there are none.
    #[must_use]
    pub fn witnesses_were_asked(&self) -> bool {
        self.0.witnesses_asked.load(Ordering::Acquire)
            || !self
                .witness_policy()
                .is_some_and(|policy| policy.policy.demands_witnesses())
    }

    /// From here on this process may sign.
    pub fn witnesses_asked(&self) {
        self.0.witnesses_asked.store(true, Ordering::Release);
    }

    /// Takes up that these witnesses said what they hold of a log, and all of it was found in it. Those who are silent may
    /// have cosigned more, so a restored log goes on only where they make no quorum without the others.
    pub async fn take_asked(&self, log: &PublishedLog, answered: impl Fn(&Cosigner) -> bool) -> Result<(), AppError> {
        let Some(policy) = self.witness_policy() else {
            return Ok(());
        };
        if policy.policy.demands_witnesses() && policy.policy.is_met(|witness| !answered(witness)) {
            return Ok(());
        }
        Ok(self.store().log_asked(log.tenant, log.name, self.now()).await?)
    }

    /// The newest checkpoint of every log that a witness with an address has not cosigned, as far as is known; one that
    /// was not yet asked by this process is asked anyway, because what is known of it may have gone back with the database.
    pub async fn logs_to_cosign(
        &self,
        was_asked: impl Fn(&Cosigner, &PublishedLog) -> bool,
    ) -> Result<Vec<ToCosign>, AppError> {
        let Some(policy) = self.witness_policy() else {
            return Ok(Vec::new());
        };
        let mut waiting = Vec::new();
        for (mut log, states) in self.store().log_published().await? {
            let witnesses: Vec<_> = policy
                .policy
                .witnesses()
                .iter()
                .filter_map(|witness| {
                    let state = state_of(&states, &witness.key);
                    let is_done = was_asked(&witness.key, &log) && state.is_some_and(|state| cosigned(state, &log));
                    let url = witness.url.clone().filter(|_| !is_done)?;
                    let known = state.map_or(0, |state| state.size).min(log.note_size);
                    let key = witness.key.clone();
                    Some(WitnessToAsk { key, url, known })
                })
                .collect();
            // A stop after the last cosignature was kept left them uncounted, and nobody would be asked again.
            let is_uncounted = !log.cosigned.covers(log.note_size) && states.iter().any(|state| cosigned(state, &log));
            if witnesses.is_empty() && !is_uncounted {
                continue;
            }
            if log.note.is_empty() {
                let Some(note) = self.empty_checkpoint(&log).await? else {
                    continue;
                };
                log.note = note;
            }
            if is_uncounted {
                self.count_cosignatures(&log).await?;
            }
            if !witnesses.is_empty() {
                waiting.push(ToCosign { log, witnesses });
            }
        }
        Ok(waiting)
    }

    /// The checkpoint of a log without leaves. It is shown to witnesses and in exports, so that who demands a quorum can tell
    /// a log that is empty from one that was emptied. It moves no mark: every log begins with it. None for a log that the key
    /// store knows otherwise.
    async fn empty_checkpoint(&self, log: &PublishedLog) -> Result<Option<String>, AppError> {
        let halt = self.store().log_guard(log.tenant, log.name, self.now()).await?;
        if halt.is_some() {
            return Ok(None);
        }
        let key = self.store().log_key(log.tenant, log.name).await?;
        let empty = Checkpoint {
            origin: log.origin.clone(),
            size: 0,
            root: empty_root(),
        };
        let note = empty
            .sign(&[&key])
            .map_err(|_| AppError::Fault("an empty log's checkpoint signs"))?;
        let note = String::from_utf8(note).map_err(|_| AppError::Fault("notes are UTF-8"))?;
        Ok(Some(note))
    }

    /// The request for a checkpoint, with the proof that it extends the first `old` leaves.
    pub async fn witness_request(&self, log: &PublishedLog, old: u64) -> Result<AddCheckpoint, AppError> {
        let store = self.store();
        Ok(AddCheckpoint {
            old_size: old,
            proof: store
                .log_consistency(log.tenant, log.name, (old, log.note_size))
                .await?,
            checkpoint: log.note.clone().into_bytes(),
        })
    }

    /// Takes up a witness's answer to a request from the size `old`.
    pub async fn take_witness_answer(
        &self,
        log: &PublishedLog,
        witness: &Cosigner,
        old: u64,
        answer: &WitnessAnswer,
    ) -> Result<Followed, AppError> {
        match answer {
            WitnessAnswer::Cosigned(cosignature) => {
                let cosigned = (log.note_size, cosignature.line.as_str());
                self.store()
                    .witness_cosigned(log, &witness.to_string(), cosigned, self.now())
                    .await?;
                self.count_cosignatures(log).await?;
                Ok(Followed::Cosigned)
            }
            WitnessAnswer::Latest(latest) if *latest <= log.note_size && *latest != old => {
                self.store()
                    .witness_cosigned(log, &witness.to_string(), (*latest, ""), self.now())
                    .await?;
                Ok(Followed::AskFrom(*latest))
            }
            // The same size and still no: the tree of that size is another one.
            WitnessAnswer::Latest(latest) if *latest == old => self.refused(log, witness, "other-tree", *latest).await,
            WitnessAnswer::OtherTree if old == log.note_size => self.refused(log, witness, "other-tree", old).await,
            WitnessAnswer::Latest(latest) => {
                let now = self.store().log_head(log.tenant, log.name).await?;
                if *latest <= now.note_size {
                    return Ok(Followed::Outrun);
                }
                Ok(Followed::Larger(*latest))
            }
            WitnessAnswer::Inconsistent => self.refused(log, witness, "rewritten", old).await,
            WitnessAnswer::UnknownLog => Ok(Followed::Unknown),
            WitnessAnswer::UnknownKey => Ok(Followed::Later("unknown-key")),
            WitnessAnswer::OtherTree | WitnessAnswer::Failed(_) => Ok(Followed::Later("failed")),
        }
    }

    /// Takes up the checkpoint that a witness holds and that is larger than the newest here. Only where the log does not
    /// reach it, history was cut: after a crash its leaves may be there and the note may not.
    pub async fn take_larger(
        &self,
        log: &PublishedLog,
        witness: &Cosigner,
        (latest, signed): (u64, Option<&[u8]>),
    ) -> Result<Followed, AppError> {
        match signed {
            Some(signed) if !self.take_held(log, signed).await? => Ok(Followed::Outrun),
            _ => self.refused(log, witness, "larger-tree", latest).await,
        }
    }

    /// Takes up the checkpoint that a witness holds, which the log signed. True where the log does not contain it, and is
    /// halted, and where it is no checkpoint of the log.
    pub async fn take_held(&self, log: &PublishedLog, signed: &[u8]) -> Result<bool, AppError> {
        match self.store().mark_known(signed).await {
            Ok(origin) if origin == log.origin => {}
            Ok(_) | Err(StoreError::NoCheckpoint(_)) => return Ok(true),
            Err(error) => return Err(error.into()),
        }
        let halt = self.store().log_guard(log.tenant, log.name, self.now()).await?;
        Ok(halt.is_some())
    }

    async fn refused(
        &self,
        log: &PublishedLog,
        witness: &Cosigner,
        found: &'static str,
        latest: u64,
    ) -> Result<Followed, AppError> {
        let text = text_unverified(log.note.as_bytes()).unwrap_or_default();
        let shown = Checkpoint::parse(text).map_err(|_| AppError::Fault("a published checkpoint is none"))?;
        let entry = ServerEntry::new(EntryKind::WitnessRefused, By::PROGRAM)
            .reason(found)
            .with("origin", log.origin.as_str())
            .with("witness", witness.to_string())
            .with("cosigned_size", latest as i64)
            .with("size", shown.size as i64)
            .with("root", shown.root.to_hex());
        let refused = WitnessRefused {
            at: self.now(),
            size: shown.size,
            found: found.to_owned(),
        };
        self.store()
            .witness_refused(
                log,
                &witness.to_string(),
                &refused,
                (log.tenant != OPERATOR).then_some(entry),
            )
            .await?;
        Ok(Followed::Refused)
    }

    /// Puts the kept cosignatures under the checkpoint, and keeps it where they make a quorum.
    async fn count_cosignatures(&self, log: &PublishedLog) -> Result<(), AppError> {
        let Some(policy) = self.witness_policy() else {
            return Ok(());
        };
        let states = self.store().witness_states(log.tenant, log.name).await?;
        let mut note = log.note.clone();
        for witness in policy.policy.witnesses() {
            let state = state_of(&states, &witness.key).filter(|state| state.size == log.note_size);
            note.push_str(state.map_or("", |state| &state.line));
        }
        let judged = policy.policy.judge(note.as_bytes());
        if judged.is_quorum && judged.bad.is_empty() {
            self.store().log_cosigned_set(log, &note, self.now()).await?;
        }
        Ok(())
    }

    /// Keeps why a witness did not cosign a log, as a code.
    pub async fn take_silence(&self, log: &PublishedLog, witness: &Cosigner, why: &str) -> Result<(), AppError> {
        let witness = witness.to_string();
        Ok(self.store().witness_failed(log, &witness, why, self.now()).await?)
    }

    /// What witnesses said of a log, for showing it; `None` where no policy is configured.
    pub async fn cosigned_item(&self, tenant: TenantId, name: LogName) -> Result<Option<CosignedItem>, AppError> {
        let Some(policy) = self.witness_policy() else {
            return Ok(None);
        };
        let cosigned = self.store().log_cosigned(tenant, name).await?;
        let states = self.store().witness_states(tenant, name).await?;
        let witnesses = policy.policy.witnesses();
        let next = self.store().log_leaves(tenant, name, cosigned.size, 1).await?;
        let next = next.first().filter(|_| policy.policy.demands_witnesses());
        let waiting = next.and_then(|leaf| Leaf::decode(leaf).ok());
        Ok(Some(CosignedItem {
            size: cosigned.size,
            checkpoint: cosigned.note,
            witnesses: witnesses
                .iter()
                .map(|witness| witness_item(witness, state_of(&states, &witness.key)))
                .collect(),
            waiting_since: waiting.map(|leaf| leaf.recv_ms().saturating_mul(1_000)),
        }))
    }
}

fn witness_item(witness: &PolicyWitness, state: Option<&WitnessState>) -> WitnessItem {
    let refused = state.and_then(|state| state.refused.as_ref());
    let failed = state.and_then(|state| state.failed.as_ref());
    let no_address = witness.url.is_none().then(|| "no-address".to_owned());
    WitnessItem {
        name: witness.key.name().to_owned(),
        key: witness.key.to_string(),
        size: state
            .filter(|state| !state.line.is_empty())
            .map_or(0, |state| state.size),
        refused_at: refused.map(|refused| refused.at.get()),
        refused_size: refused.map(|refused| refused.size),
        found: refused.map(|refused| refused.found.clone()),
        failed: no_address.or_else(|| failed.map(|(code, _)| code.clone())),
        failed_at: failed.map(|(_, at)| at.get()),
    }
}

/// Whether a witness cosigned the newest checkpoint.
fn cosigned(state: &WitnessState, log: &PublishedLog) -> bool {
    state.size == log.note_size && !state.line.is_empty()
}

fn state_of<'s>(states: &'s [WitnessState], key: &Cosigner) -> Option<&'s WitnessState> {
    let line = key.to_string();
    states.iter().find(|state| state.witness == line)
}
