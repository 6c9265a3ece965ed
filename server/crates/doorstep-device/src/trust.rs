//! Which notes of the server are believed: acknowledgements, permits and checkpoints, each by its key.
//!
//! Pure: text and keys in, content or a reason out. Knows no database.

use doorstep_log::canonical;
use doorstep_log::checkpoint::Checkpoint;
use doorstep_log::note::{self, VerifierKey};
use doorstep_wire::sync::{Acknowledgement, Permit};
use serde::de::DeserializeOwned;

/// The format of permits and acknowledgements that this program reads.
const FORMAT: u32 = 1;

/// Why a note is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Doubt {
    /// The note around it does not hold.
    #[error("{0}")]
    Note(#[from] note::NoteError),
    /// The checkpoint does not hold.
    #[error("{0}")]
    Checkpoint(#[from] doorstep_log::checkpoint::CheckpointError),
    /// The signed text is not the canonical JSON of what it should be.
    #[error("the signed text is not the expected canonical JSON")]
    Content,
    /// Another format.
    #[error("format {0} is not known here; update the program")]
    Format(u32),
    /// It is about another device, tenant or permit.
    #[error("it is meant for somebody else")]
    Foreign,
    /// It states events that this device did not make.
    #[error("it states other events than this device made")]
    OtherChain,
    /// A newer acknowledgement that covers less than an older one.
    #[error("it takes back what was acknowledged: {known} events before, {found} now")]
    Withdrawn {
        /// Number acknowledged before.
        known: i64,
        /// Number acknowledged now.
        found: i64,
    },
    /// A checkpoint that leaves out leaves that were signed before.
    #[error("the log shrank from {known} to {found} leaves")]
    Smaller {
        /// Size known before.
        known: u64,
        /// Size stated now.
        found: u64,
    },
    /// Two roots for one size.
    #[error("the log has two roots at {size} leaves")]
    TwoRoots {
        /// The size.
        size: u64,
    },
}

/// Opens an acknowledgement; whom and what it is about is judged by the caller, who knows the chain.
pub(crate) fn acknowledgement(signed: &str, key: &VerifierKey) -> Result<Acknowledgement, Doubt> {
    let content: Acknowledgement = signed_json(signed, key)?;
    of_format(content.v).map(|()| content)
}

/// Opens a permit of this tenant.
pub(crate) fn permit(signed: &str, key: &VerifierKey, tenant: uuid::Uuid) -> Result<Permit, Doubt> {
    let content: Permit = signed_json(signed, key)?;
    of_format(content.v)?;
    if content.ten == tenant {
        Ok(content)
    } else {
        Err(Doubt::Foreign)
    }
}

/// Opens a checkpoint of the events log and holds it against the one known now. `size_asked` is the size that was known
/// when the request left: a smaller one contradicts it, one between the two was only overtaken by another answer.
pub(crate) fn checkpoint(
    signed: &str,
    key: &VerifierKey,
    known: Option<&Checkpoint>,
    size_asked: u64,
) -> Result<Checkpoint, Doubt> {
    let found = Checkpoint::open(signed.as_bytes(), std::slice::from_ref(key))?;
    match known {
        _ if found.size < size_asked => Err(Doubt::Smaller {
            known: size_asked,
            found: found.size,
        }),
        Some(known) if found.size == known.size && found.root != known.root => {
            Err(Doubt::TwoRoots { size: found.size })
        }
        _ => Ok(found),
    }
}

fn signed_json<T: DeserializeOwned>(signed: &str, key: &VerifierKey) -> Result<T, Doubt> {
    let opened = note::open(signed.as_bytes(), std::slice::from_ref(key))?;
    let text = opened.text.strip_suffix('\n').ok_or(Doubt::Content)?;
    canonical::decode(text.as_bytes()).map_err(|_| Doubt::Content)?;
    serde_json::from_str(text).map_err(|_| Doubt::Content)
}

fn of_format(found: u32) -> Result<(), Doubt> {
    if found == FORMAT {
        Ok(())
    } else {
        Err(Doubt::Format(found))
    }
}
