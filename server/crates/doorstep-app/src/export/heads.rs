//! Which heads an export carries: signed after its own entry, cosigned where witnesses are asked, and entered in the
//! operator's meta log. Waits for each of them, but for nobody for long.

use std::time::Duration;

use doorstep_domain::id::TenantId;
use doorstep_log::checkpoint::Checkpoint;
use doorstep_log::note;
use doorstep_store::entry::LogName;
use doorstep_store::log::LogHead;
use doorstep_store::meta::{MetaProof, MetaSearch};
use doorstep_wire::problem::ProblemCode;

use super::ExportError;
use crate::App;
use crate::error::AppError;

/// How often an export looks whether its own entry was signed, and how long it waits between.
const PLACE_TRIES: usize = 1_500;
/// How often it looks whether the operator's meta log has its checkpoints: another process that holds the sequencer's lock
/// enters them within a second or two, and witnesses take as long again.
const META_TRIES: usize = 250;
/// How often it looks whether a quorum of witnesses cosigned, before it goes out with what there is.
const QUORUM_TRIES: usize = 250;
const WAIT: Duration = Duration::from_millis(20);

/// A head that is exported, and where it stands in the operator's meta log.
pub(super) struct Pinned {
    pub(super) head: LogHead,
    pub(super) proof: Option<MetaProof>,
}

/// What is being done to prove a head.
#[derive(Default)]
struct Proving {
    /// For the head that was seen last.
    search: Option<MetaSearch>,
    /// The size of the last head that was entered because the meta log had passed it over.
    entered: u64,
}

impl Pinned {
    /// Whether nothing better can be had: a log without leaves is nowhere in the meta log.
    fn is_proven(&self, is_witnessed: bool) -> bool {
        let enough = |proof: &MetaProof| proof.is_cosigned || !is_witnessed;
        self.head.note_size == 0 || self.proof.as_ref().is_some_and(enough)
    }
}

impl App {
    /// Has what was just entered placed and signed; a log that is halted is exported as far as it was signed, and the entry
    /// stays queued. On PostgreSQL another process may hold the sequencer's lock, which
    /// then does it; so this waits for the leaves that were there when it began, however many follow.
    pub(super) async fn place_now(&self, tenant: TenantId, name: LogName) -> Result<(), ExportError> {
        let newest = self.store().log_newest_waiting(tenant, name).await?;
        let mut wanted = None;
        for _ in 0..PLACE_TRIES {
            self.run_sequencer().await?;
            if wanted.is_none() {
                wanted = self.store().log_placed(tenant, name, newest).await?;
            }
            let head = self.store().log_head(tenant, name).await?;
            if head.halted.is_some() {
                return Ok(());
            }
            let signed = head.note_size;
            if wanted.is_some_and(|size| size as u64 <= signed) {
                return Ok(());
            }
            tokio::time::sleep(WAIT).await;
        }
        let detail =
            "The export's own entry was not signed within 30 seconds. Try again when the server has less to do.";
        Err(AppError::refuse(ProblemCode::Busy, detail).into())
    }

    fn is_witnessed(&self) -> bool {
        self.witness_policy()
            .is_some_and(|policy| policy.policy.demands_witnesses())
    }

    /// The size that an export must cover, after a quorum of witnesses cosigned it. Witnesses never keep a log back: where
    /// they do not answer, who verifies with a policy is told that the quorum is missing.
    async fn size_to_export(&self, tenant: TenantId, name: LogName) -> Result<u64, ExportError> {
        let least = self.store().log_head(tenant, name).await?.note_size;
        if self.is_witnessed() {
            for _ in 0..QUORUM_TRIES {
                if self.store().log_cosigned(tenant, name).await?.covers(least) {
                    break;
                }
                tokio::time::sleep(WAIT).await;
            }
        }
        Ok(least)
    }

    /// The newest head that a quorum cosigned, if it covers `least` leaves; otherwise the newest of the log's own.
    async fn newest_head(&self, tenant: TenantId, name: LogName, least: u64) -> Result<LogHead, ExportError> {
        let mut head = self.store().log_head(tenant, name).await?;
        if self.is_witnessed() {
            let cosigned = self.store().log_cosigned(tenant, name).await?;
            if cosigned.covers(least) {
                (head.note, head.note_size) = (cosigned.note, cosigned.size);
            }
        }
        Ok(head)
    }

    /// The head of a log that an export of some of its leaves carries.
    pub(super) async fn head_to_export(&self, tenant: TenantId, name: LogName) -> Result<LogHead, ExportError> {
        let least = self.size_to_export(tenant, name).await?;
        self.newest_head(tenant, name, least).await
    }

    /// The heads to export, each with the proof that the operator's meta log has it, cosigned where witnesses are asked.
    /// Where that log cannot be had soon, because it is halted, another process is at it or its witnesses are silent, the
    /// export goes with what there is, and who verifies it is told.
    pub(super) async fn pin(&self, tenant: TenantId) -> Result<[Pinned; 2], ExportError> {
        let events = self.size_to_export(tenant, LogName::Events).await?;
        let access = self.size_to_export(tenant, LogName::Access).await?;
        let (is_witnessed, mut proving) = (self.is_witnessed(), [Proving::default(), Proving::default()]);
        let mut left = META_TRIES;
        loop {
            let heads = (
                self.newest_head(tenant, LogName::Events, events).await?,
                self.newest_head(tenant, LogName::Access, access).await?,
            );
            if self.witnesses_were_asked() {
                self.store().meta_round_now(self.now()).await?;
            }
            let pinned = [
                self.pinned((tenant, LogName::Events), heads.0, &mut proving[0]).await?,
                self.pinned((tenant, LogName::Access), heads.1, &mut proving[1]).await?,
            ];
            left -= 1;
            if left == 0 || pinned.iter().all(|pinned| pinned.is_proven(is_witnessed)) {
                return Ok(pinned);
            }
            tokio::time::sleep(WAIT).await;
        }
    }

    /// Looks a head up in the meta log. One that was passed over is entered now.
    async fn pinned(
        &self,
        log: (TenantId, LogName),
        head: LogHead,
        proving: &mut Proving,
    ) -> Result<Pinned, ExportError> {
        let text = note::text_unverified(head.note.as_bytes()).unwrap_or_default();
        // The checkpoint of a log without leaves is not entered there.
        let published = Checkpoint::parse(text).ok().filter(|published| published.size > 0);
        let Some(published) = published else {
            return Ok(Pinned { head, proof: None });
        };
        let (size, entered) = (published.size, &mut proving.entered);
        let search = match &mut proving.search {
            Some(search) if *search.published() == published => search,
            search => search.insert(MetaSearch::new(log.0, published.clone())),
        };
        let mut proof = self.store().meta_proof(search).await?;
        let may_enter = proof.is_none() && *entered < size && self.witnesses_were_asked();
        if may_enter && self.store().meta_enter(log, published, self.now()).await? {
            *entered = size;
            proof = self.store().meta_proof(search).await?;
        }
        Ok(Pinned { head, proof })
    }
}
