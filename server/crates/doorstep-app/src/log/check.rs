//! Whether a log still is what was signed.

use doorstep_domain::id::TenantId;
use doorstep_log::checkpoint::{Checkpoint, CheckpointError};
use doorstep_log::hash::leaf_hash;
use doorstep_log::note::{SigningKey, VerifierKey};
use doorstep_log::tree::Frontier;
use doorstep_store::StoreError;
use doorstep_store::generation::LogGeneration;
use doorstep_wire::problem::ProblemCode;

use crate::App;
use crate::error::AppError;

/// Leaves that are read at once.
const LEAVES_AT_ONCE: u64 = 1_000;

/// What the database holds of a log is not what was signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct LogAltered {
    /// The log's name for strangers.
    pub origin: String,
    /// The first leaf that is not the one that was signed, from 0, where that can be told.
    pub index: Option<u64>,
}

impl std::fmt::Display for LogAltered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let origin = &self.origin;
        match self.index {
            Some(index) => write!(
                f,
                "Leaf {index} of {origin} is not the one that was signed: the log was altered. "
            ),
            None => write!(
                f,
                "The leaves of {origin} no longer give its signed head: the log was altered. "
            ),
        }?;
        f.write_str(
            "Keep the database and its backups as they are, they are evidence; `doorstep doctor` says which logs it \
             concerns, and docs/operations.md, An altered log, what to do.",
        )
    }
}

impl From<LogAltered> for AppError {
    fn from(altered: LogAltered) -> Self {
        tracing::error!(log.origin = %altered.origin, "a log was altered");
        Self::refuse(ProblemCode::LogAltered, altered.to_string())
    }
}

/// Why a log does not hold.
#[derive(Debug, thiserror::Error)]
pub enum LogFault {
    /// The signed head itself cannot be believed.
    #[error("the signed head does not hold: {0}")]
    Head(#[from] CheckpointError),
    /// Leaves are not those that were signed.
    #[error("{0}")]
    Altered(#[from] LogAltered),
}

impl App {
    /// The verifying key of a generation.
    pub(crate) async fn generation_key(&self, tenant: TenantId, of: &LogGeneration) -> Result<VerifierKey, AppError> {
        let seed = self.store().log_seed(tenant).await?;
        let key = SigningKey::from_seed(&of.origin, &seed).map_err(|_| StoreError::Altered)?;
        Ok(key.verifier())
    }

    /// Computes the tree of a generation anew from its leaves and compares it with the signed head.
    pub async fn log_check(&self, tenant: TenantId, of: &LogGeneration) -> Result<Result<(), LogFault>, AppError> {
        if !of.is_signed() {
            return Ok(Ok(()));
        }
        let key = self.generation_key(tenant, of).await?;
        let signed = match Checkpoint::open(of.note.as_bytes(), &[key]) {
            Ok(signed) => signed,
            Err(error) => return Ok(Err(error.into())),
        };
        let mut tree = Frontier::new();
        while tree.size() < of.size {
            let count = LEAVES_AT_ONCE.min(of.size - tree.size());
            let leaves = self.store().generation_leaves(of, (tree.size(), count)).await?;
            for leaf in &leaves {
                tree.append(leaf_hash(leaf));
            }
            if leaves.len() as u64 != count {
                break;
            }
        }
        if (tree.size(), tree.root()) == (signed.size, signed.root) {
            return Ok(Ok(()));
        }
        Ok(Err(self.log_altered(of).await?.into()))
    }

    /// Names the first leaf of a generation that is not the one that was signed, where that can be told.
    pub(crate) async fn log_altered(&self, of: &LogGeneration) -> Result<LogAltered, AppError> {
        Ok(LogAltered {
            origin: of.origin.clone(),
            index: self.store().generation_first_altered(of).await?,
        })
    }
}
