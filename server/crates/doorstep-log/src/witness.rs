//! The protocol between a log and a witness (C2SP tlog-witness v1.0.0): request, decision, answer.
//!
//! Pure: what a witness remembers is an argument, and what it is to remember comes back. Neither HTTP nor files are known
//! here; statuses are plain numbers.

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::cosignature::{Cosignature, CosignatureError, Cosigner, CosignerKey};
use crate::hash::{Hash, empty_root, sha256};
use crate::note::{self, VerifierKey};
use crate::tree::verify_consistency;

/// Where checkpoints are handed in, after the submission prefix.
pub const ADD_CHECKPOINT: &str = "/add-checkpoint";
/// The media type of the size in an answer 409.
pub const SIZE_TYPE: &str = "text/x.tlog.size";
/// The longest request body: 63 hashes and a checkpoint with many signatures fit.
pub const REQUEST_BYTES_MAX: usize = 64 * 1024;
/// The longest answer that a log reads.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// No tree of 64-bit size has a longer proof.
const HASHES_MAX: usize = 63;

/// Where the newest cosigned checkpoint of a log is read, after the monitoring prefix.
pub fn checkpoint_path(origin: &str) -> String {
    format!("/{}/checkpoint", origin_hash(origin))
}

/// How a log is called in paths: SHA-256 of its origin, in lower-case hex.
pub fn origin_hash(origin: &str) -> String {
    sha256(origin.as_bytes()).to_hex()
}

/// What a log asks a witness to cosign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size of the tree that the witness cosigned last; 0 where it never did.
    pub old_size: u64,
    /// Proof that the new tree extends it; empty for 0 and for the same size.
    pub proof: Vec<Hash>,
    /// The signed checkpoint, the note as published.
    pub checkpoint: Vec<u8>,
}

/// The request body is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the request is malformed; it is `old SIZE`, hashes, an empty line and a signed checkpoint")]
pub struct RequestError {
    /// 1-based line.
    pub line: usize,
}

impl AddCheckpoint {
    /// The request body.
    pub fn encode(&self) -> Vec<u8> {
        let mut text = format!("old {}\n", self.old_size);
        for hash in &self.proof {
            text.push_str(&hash.to_base64());
            text.push('\n');
        }
        text.push('\n');
        [text.as_bytes(), &self.checkpoint].concat()
    }

    /// Reads a request body; the checkpoint is judged by [`decide`].
    pub fn parse(body: &[u8]) -> Result<Self, RequestError> {
        let mut rest = body;
        let first = take_line(&mut rest).and_then(|line| line.strip_prefix("old "));
        let old_size = first.and_then(decimal).ok_or(RequestError { line: 1 })?;
        let mut proof = Vec::new();
        loop {
            let malformed = RequestError { line: proof.len() + 2 };
            match take_line(&mut rest).ok_or(malformed)? {
                "" => break,
                _ if proof.len() == HASHES_MAX => return Err(malformed),
                line => proof.push(Hash::from_base64(line).ok_or(malformed)?),
            }
        }
        Ok(Self {
            old_size,
            proof,
            checkpoint: rest.to_vec(),
        })
    }
}

/// Takes a line off; its newline must be there.
fn take_line<'b>(rest: &mut &'b [u8]) -> Option<&'b str> {
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    let (line, after) = rest.split_at(end);
    *rest = &after[1..];
    std::str::from_utf8(line).ok()
}

/// A number without sign and leading zeros.
fn decimal(digits: &str) -> Option<u64> {
    digits.parse().ok().filter(|number: &u64| number.to_string() == digits)
}

/// What a witness remembers of a log: the newest checkpoint it cosigned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witnessed {
    /// What it states.
    pub checkpoint: Checkpoint,
    /// The time of the cosignature, seconds since 1970 UTC.
    pub time_s: u64,
    /// The note with the log's signature and the witness's own, and no other.
    pub note: Vec<u8>,
}

/// What a witness does with a request that it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// What is to be remembered, on the disk, before the answer leaves.
    pub witnessed: Witnessed,
    /// The answer: the cosignature line.
    pub line: String,
}

/// Why a witness does not cosign.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WitnessRefusal {
    /// The request is malformed.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The checkpoint in it is malformed.
    #[error("the checkpoint is malformed")]
    Checkpoint,
    /// The witness knows no such log.
    #[error("this witness does not know the log {0}; its operator has to add the log's key")]
    UnknownLog(String),
    /// The log's key did not sign.
    #[error("no key that this witness knows for the log signed the checkpoint")]
    NotByLog,
    /// The older tree is larger than the newer one.
    #[error("the old size is larger than the checkpoint's")]
    OldSize,
    /// The witness remembers another size.
    #[error("the old size is not the {latest} that this witness cosigned last")]
    Conflict {
        /// The size that the witness cosigned last.
        latest: u64,
        /// The log signed two different trees of that size.
        two_heads: bool,
    },
    /// The log signed two different trees of the size that the witness cosigned last.
    #[error("the log shows another tree of the {size} leaves that this witness cosigned last: history was rewritten")]
    OtherTree {
        /// The size that the witness cosigned last.
        size: u64,
    },
    /// The new tree is not shown to extend the one that was cosigned last.
    #[error(
        "the log is not consistent with the {latest} leaves that this witness cosigned last: history was rewritten"
    )]
    Inconsistent {
        /// The size that the witness cosigned last.
        latest: u64,
        /// The log signed two different trees of that size.
        two_heads: bool,
    },
    /// The witness's clock stands before its last cosignature.
    #[error("the clock of this witness stands before its last cosignature; its operator has to set it")]
    Clock,
}

impl WitnessRefusal {
    /// The HTTP status.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Request(_) | Self::Checkpoint | Self::OldSize => 400,
            Self::NotByLog => 403,
            Self::UnknownLog(_) => 404,
            Self::Conflict { .. } | Self::OtherTree { .. } => 409,
            Self::Inconsistent { .. } => 422,
            Self::Clock => 503,
        }
    }

    /// The size that goes into an answer 409, with [`SIZE_TYPE`].
    pub fn size_body(&self) -> Option<String> {
        match self {
            Self::Conflict { latest, .. } => Some(format!("{latest}\n")),
            _ => None,
        }
    }

    /// Whether the request is worth keeping as evidence against the log.
    pub const fn is_evidence(&self) -> bool {
        matches!(self, Self::Inconsistent { .. }) || self.is_proof()
    }

    /// Whether it proves by itself, without further questions, that the log shows two histories: its key signed both.
    pub const fn is_proof(&self) -> bool {
        matches!(
            self,
            Self::OtherTree { .. }
                | Self::Inconsistent { two_heads: true, .. }
                | Self::Conflict { two_heads: true, .. }
        )
    }
}

/// The origin that the checkpoint of a request claims, unverified: by it a witness finds what it knows of the log.
pub fn claimed_origin(request: &AddCheckpoint) -> Result<String, WitnessRefusal> {
    let text = note::text_unverified(&request.checkpoint).map_err(|_| WitnessRefusal::Checkpoint)?;
    Ok(Checkpoint::parse(text).map_err(|_| WitnessRefusal::Checkpoint)?.origin)
}

/// Decides about a request at `now_s` (seconds since 1970 UTC). `log` is the key the witness knows for the claimed
/// origin, `latest` what it remembers. Between reading `latest` and writing the result nothing else may be decided.
pub fn decide(
    request: &AddCheckpoint,
    log: &VerifierKey,
    latest: Option<&Witnessed>,
    key: &CosignerKey,
    now_s: u64,
) -> Result<Accepted, WitnessRefusal> {
    let checkpoint = match Checkpoint::open(&request.checkpoint, std::slice::from_ref(log)) {
        Ok(checkpoint) => checkpoint,
        Err(CheckpointError::Body { .. }) => return Err(WitnessRefusal::Checkpoint),
        Err(CheckpointError::Note(_) | CheckpointError::NotByLog { .. }) => return Err(WitnessRefusal::NotByLog),
    };
    if request.old_size > checkpoint.size {
        return Err(WitnessRefusal::OldSize);
    }
    let (old_size, old_root) = latest.map_or((0, empty_root()), |latest| {
        (latest.checkpoint.size, latest.checkpoint.root)
    });
    let two_heads = latest.is_some() && checkpoint.size == old_size && checkpoint.root != old_root;
    if request.old_size != old_size {
        return Err(WitnessRefusal::Conflict {
            latest: old_size,
            two_heads,
        });
    }
    if two_heads && request.proof.is_empty() {
        return Err(WitnessRefusal::OtherTree { size: old_size });
    }
    let (old, new) = ((old_size, old_root), (checkpoint.size, checkpoint.root));
    // RFC 6962 knows no proof from nothing, so a first tree is taken as it is; without leaves it has one root only.
    let is_sound = checkpoint.size > 0 || checkpoint.root == empty_root();
    if !is_sound || verify_consistency(old, new, &request.proof).is_err() {
        return Err(WitnessRefusal::Inconsistent {
            latest: old_size,
            two_heads,
        });
    }
    if latest.is_some_and(|latest| now_s < latest.time_s) {
        return Err(WitnessRefusal::Clock);
    }
    let refused = |_| WitnessRefusal::Checkpoint;
    let text = checkpoint.body();
    let line = key.cosign(&text, now_s).map_err(refused)?;
    let own = note::lines_of(&request.checkpoint, log).map_err(|_| WitnessRefusal::Checkpoint)?;
    Ok(Accepted {
        witnessed: Witnessed {
            checkpoint,
            time_s: now_s,
            note: format!("{text}\n{own}{line}").into_bytes(),
        },
        line,
    })
}

impl Witnessed {
    /// Reads a remembered note back: the log's key and the witness's own must have signed it.
    pub fn open(signed: &[u8], log: &VerifierKey, witness: &Cosigner) -> Result<Self, WitnessedError> {
        let checkpoint = Checkpoint::open(signed, std::slice::from_ref(log))?;
        let own = witness.find(signed)?.ok_or(WitnessedError::NotCosigned)?;
        Ok(Self {
            checkpoint,
            time_s: own.time_s,
            note: signed.to_vec(),
        })
    }
}

/// Why a remembered note is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WitnessedError {
    /// The log's part does not hold.
    #[error("the log's signature does not hold")]
    Checkpoint(#[from] CheckpointError),
    /// The witness's part does not hold.
    #[error("the cosignature does not hold")]
    Cosignature(#[from] CosignatureError),
    /// The witness did not sign.
    #[error("the witness's own cosignature is missing")]
    NotCosigned,
}

/// What a witness answered, as its client understands it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WitnessAnswer {
    /// It cosigned.
    Cosigned(Cosignature),
    /// It remembers another size; ask again from there.
    Latest(u64),
    /// A conflict without a size: where it was asked from the size of the checkpoint, it cosigned another tree of that size.
    OtherTree,
    /// It found that the log does not extend what it cosigned.
    Inconsistent,
    /// It knows no such log.
    UnknownLog,
    /// It does not know the key that signed.
    UnknownKey,
    /// Anything else: a fault of the witness, of the way to it, or of the request.
    Failed(u16),
}

/// Reads the answer to a request that carried `checkpoint`. Lines of other keys are passed over.
pub fn read_answer(status: u16, body: &[u8], checkpoint: &[u8], witness: &Cosigner) -> WitnessAnswer {
    match status {
        200 => match witness.find(&[checkpoint, body].concat()) {
            Ok(Some(cosignature)) => WitnessAnswer::Cosigned(cosignature),
            Ok(None) | Err(_) => WitnessAnswer::Failed(status),
        },
        409 => {
            let text = std::str::from_utf8(body).unwrap_or_default();
            // The newline is prescribed, but nothing hangs on it.
            match decimal(text.strip_suffix('\n').unwrap_or(text)) {
                Some(size) => WitnessAnswer::Latest(size),
                None => WitnessAnswer::OtherTree,
            }
        }
        422 => WitnessAnswer::Inconsistent,
        404 => WitnessAnswer::UnknownLog,
        403 => WitnessAnswer::UnknownKey,
        other => WitnessAnswer::Failed(other),
    }
}

#[cfg(test)]
#[path = "witness_tests.rs"]
mod tests;
