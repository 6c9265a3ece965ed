//! Which notes of the server are believed: acknowledgements, permits and checkpoints, each by its key.
//!
//! Pure: text and keys in, content or a reason out. Knows no database.

use doorstep_log::canonical;
use doorstep_log::checkpoint::Checkpoint;
use doorstep_log::export::Continuation;
use doorstep_log::hash::Hash;
use doorstep_log::note::{self, VerifierKey};
use doorstep_log::tree::{TreeError, verify_consistency};
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
    /// A log that goes on as a new one, as its first leaf says; what was lost is gone for everybody.
    #[error("the log was closed at {left} of {known} leaves and goes on as {origin}")]
    Continued {
        /// Leaves that had been signed.
        known: u64,
        /// Leaves that are left.
        left: u64,
        /// Its new name.
        origin: String,
    },
    /// A log under another name that does not say that it continues the one known here.
    #[error("the log is now called {0} and does not show that it continues the one known here")]
    Renamed(String),
    /// Two roots for one size.
    #[error("the log has two roots at {size} leaves")]
    TwoRoots {
        /// The size.
        size: u64,
    },
    /// Nothing proves that the longer log holds the shorter one.
    #[error("the log of {found} leaves does not extend the {known} that were verified: {cause}")]
    NotExtended {
        /// Size verified before.
        known: u64,
        /// Size stated now.
        found: u64,
        /// What is wrong with the proof.
        cause: TreeError,
    },
    /// A proof that is no list of hashes.
    #[error("what should prove that the log only grew is no list of hashes")]
    ProofUnreadable,
}

impl Doubt {
    /// The stable code.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Note(_) | Self::Checkpoint(_) => "bad-signature",
            Self::Content | Self::Format(_) => "unreadable",
            Self::Foreign => "foreign",
            Self::OtherChain => "other-chain",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Smaller { .. } => "smaller",
            Self::TwoRoots { .. } => "two-roots",
            Self::NotExtended { .. } | Self::ProofUnreadable => "not-extended",
            Self::Continued { .. } => "continued",
            Self::Renamed(_) => "renamed",
        }
    }
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

/// The events log, as a device knew it when its request left.
pub(crate) struct Log<'a> {
    /// The deployment's key, as enrolment gave it.
    pub(crate) key: &'a VerifierKey,
    /// The tenant.
    pub(crate) tenant: uuid::Uuid,
    /// The newest checkpoint that was verified.
    pub(crate) known: Option<&'a Checkpoint>,
}

impl Log<'_> {
    fn origin(&self) -> &str {
        self.known.map_or(self.key.name(), |known| &known.origin)
    }

    /// Opens a checkpoint and holds it against the known one: it must be no smaller, and no other of the same size. Says
    /// nothing of a longer one.
    pub(crate) fn checkpoint(&self, signed: &str) -> Result<Checkpoint, Doubt> {
        let found = self.open(signed.as_bytes(), self.origin())?;
        match self.known {
            Some(known) if found.size < known.size => Err(Doubt::Smaller {
                known: known.size,
                found: found.size,
            }),
            Some(known) if found.size == known.size && found.root != known.root => {
                Err(Doubt::TwoRoots { size: found.size })
            }
            _ => Ok(found),
        }
    }

    /// Whether the checkpoint is of a log under a new name; then what was lost between the known one and it, as the first
    /// leaves of all logs between say under the deployment's key, or why it is not believed.
    pub(crate) fn follow(&self, signed: &str, continued: &[String]) -> Option<Result<Doubt, Doubt>> {
        let text = note::text_unverified(signed.as_bytes()).ok()?;
        let claimed = text.split('\n').next().unwrap_or_default();
        (claimed != self.origin()).then(|| self.followed(signed, claimed, continued))
    }

    fn followed(&self, signed: &str, claimed: &str, continued: &[String]) -> Result<Doubt, Doubt> {
        self.open(signed.as_bytes(), claimed)?;
        let renamed = || Doubt::Renamed(claimed.to_owned());
        let mut origin = self.origin().to_owned();
        let (mut known, mut left) = (0, 0);
        for text in continued {
            let (at, found) = self.continuation(text).ok_or_else(renamed)?;
            if found.origin != origin {
                continue;
            }
            if let Some(seen) = self.known.filter(|seen| seen.origin == origin) {
                if seen.size > found.known.0 {
                    return Err(Doubt::Smaller {
                        known: seen.size,
                        found: found.known.0,
                    });
                }
                let heads = [found.known, found.left];
                if heads
                    .iter()
                    .any(|(size, root)| *size == seen.size && *root != seen.root)
                {
                    return Err(Doubt::TwoRoots { size: seen.size });
                }
            }
            known += found.known.0;
            left += found.left.0;
            origin = at;
        }
        if origin != claimed {
            return Err(renamed());
        }
        Ok(Doubt::Continued { known, left, origin })
    }

    /// What one of the first leaves of a log continues, and that log's origin, where the proof holds under the deployment's
    /// key.
    fn continuation(&self, text: &str) -> Option<(String, Continuation)> {
        let proven = Continuation::proven(text.as_bytes(), self.key);
        proven.filter(|(_, found)| found.ten == self.tenant.to_string())
    }

    /// Whether the proof leads from the known checkpoint to the one that came. Nothing comes before the first.
    pub(crate) fn extends(&self, found: &Checkpoint, proof: &[String]) -> Result<(), Doubt> {
        let Some(known) = self.known else { return Ok(()) };
        let hashes: Option<Vec<Hash>> = proof.iter().map(|hash| Hash::from_base64(hash)).collect();
        let hashes = hashes.ok_or(Doubt::ProofUnreadable)?;
        let verified = verify_consistency((known.size, known.root), (found.size, found.root), &hashes);
        verified.map_err(|cause| Doubt::NotExtended {
            known: known.size,
            found: found.size,
            cause,
        })
    }

    fn open(&self, signed: &[u8], origin: &str) -> Result<Checkpoint, Doubt> {
        let key = self.key.renamed(origin)?;
        Ok(Checkpoint::open(signed, &[key])?)
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
