//! Checkpoints: origin, size and root of a log as the text of a signed note (C2SP tlog-checkpoint).
//!
//! Knows no tree. Extension lines are neither written nor accepted.

use crate::hash::Hash;
use crate::note::{self, NoteError, SigningKey, VerifierKey};

/// What a log states about itself at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Name of the log, `<deployment>/<tenant>/<log>`; also the name of its key.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    /// Root of the tree with that many leaves.
    pub root: Hash,
}

/// Why a checkpoint is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The text is not exactly the three lines.
    #[error("line {line} of the checkpoint is malformed; it has origin, size and root and nothing else")]
    Body {
        /// 1-based line.
        line: usize,
    },
    /// The note around it does not hold.
    #[error("the checkpoint's note does not hold")]
    Note(#[from] NoteError),
    /// Trusted keys signed it, but none bears the log's own name.
    #[error("the checkpoint of {origin} lacks the signature of the log's own key")]
    NotByLog {
        /// Origin line.
        origin: String,
    },
}

impl Checkpoint {
    /// The three lines, each with its newline.
    pub fn body(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, self.root.to_base64())
    }

    /// Reads [`Checkpoint::body`] back; refuses every other text.
    pub fn parse(body: &str) -> Result<Self, CheckpointError> {
        let mut lines = body.split('\n');
        let mut next = |line| lines.next().ok_or(CheckpointError::Body { line });
        let origin = next(1)?;
        if origin.is_empty() {
            return Err(CheckpointError::Body { line: 1 });
        }
        let size_text = next(2)?;
        let size = size_text
            .parse::<u64>()
            .map_err(|_| CheckpointError::Body { line: 2 })?;
        if size.to_string() != size_text {
            return Err(CheckpointError::Body { line: 2 });
        }
        let root = Hash::from_base64(next(3)?).ok_or(CheckpointError::Body { line: 3 })?;
        if !next(4)?.is_empty() || lines.next().is_some() {
            return Err(CheckpointError::Body { line: 4 });
        }
        Ok(Self {
            origin: origin.to_owned(),
            size,
            root,
        })
    }

    /// Signs the checkpoint; the first signer should be the log's own key.
    pub fn sign(&self, signers: &[&SigningKey]) -> Result<Vec<u8>, CheckpointError> {
        Ok(note::sign(&self.body(), signers)?)
    }

    /// Opens a signed checkpoint; one of the signatures that hold must be the log's own.
    pub fn open(signed: &[u8], trusted: &[VerifierKey]) -> Result<Self, CheckpointError> {
        let opened = note::open(signed, trusted)?;
        let checkpoint = Self::parse(&opened.text)?;
        if opened.signers.contains(&checkpoint.origin) {
            Ok(checkpoint)
        } else {
            Err(CheckpointError::NotByLog {
                origin: checkpoint.origin,
            })
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::hash::empty_root;

    fn sample() -> Checkpoint {
        Checkpoint {
            origin: "d/t/events".to_owned(),
            size: 20,
            root: empty_root(),
        }
    }

    #[test]
    fn body_round_trips_and_other_texts_are_refused() {
        let body = sample().body();
        assert_eq!(body, "d/t/events\n20\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
        assert_eq!(Checkpoint::parse(&body), Ok(sample()));
        let refused = [
            body.replace("20", "020"),
            body.replace("20", "+20"),
            body.replace("20", "-1"),
            body.replace("FU=", "FV="),
            format!("{body}extension\n"),
            format!("{body}\n"),
            body.trim_end().to_owned(),
            format!("\n{body}"),
            String::new(),
        ];
        for text in refused {
            assert!(
                matches!(Checkpoint::parse(&text), Err(CheckpointError::Body { .. })),
                "{text:?}"
            );
        }
    }

    #[test]
    fn only_the_logs_own_key_makes_a_checkpoint() {
        let log = SigningKey::from_seed("d/t/events", &[1; 32]).unwrap();
        let witness = SigningKey::from_seed("witness", &[2; 32]).unwrap();
        let both = sample().sign(&[&log, &witness]).unwrap();
        assert_eq!(
            Checkpoint::open(&both, &[log.verifier(), witness.verifier()]),
            Ok(sample())
        );
        let origin = sample().origin;
        assert_eq!(
            Checkpoint::open(&both, &[witness.verifier()]),
            Err(CheckpointError::NotByLog { origin })
        );
    }
}
