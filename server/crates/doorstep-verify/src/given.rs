//! What the reader of a report holds from elsewhere, read from the files that the options name. Where one cannot be used that is
//! wrong usage: nobody is accused because of a file of one's own.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::time::SystemTime;

use doorstep_log::checkpoint::Checkpoint;
use doorstep_log::note::{VerifierKey, text_unverified};
use doorstep_log::policy::Policy;
use doorstep_log::stamp::Authorities;
use doorstep_log::verify::Trust;

use crate::keys::keys_of;
use crate::{OptionProblem, TrustArgs, VerifyError};

/// No proof, receipt or file of an option is larger.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// What an export is held against.
#[derive(Clone, Debug, Default)]
pub struct Given {
    keys: Option<Vec<VerifierKey>>,
    since: Option<Vec<u8>>,
    policy: Option<Policy>,
    authorities: Option<Authorities>,
    continued: Vec<String>,
}

impl Given {
    /// Reads all that the options name.
    pub fn read(args: &TrustArgs) -> Result<Self, VerifyError> {
        Ok(Self {
            keys: keys_of(&args.key)?,
            since: args.since.as_deref().map(since_of).transpose()?,
            policy: args.policy.as_deref().map(policy_of).transpose()?,
            authorities: args.tsa_ca.as_deref().map(authorities_of).transpose()?,
            continued: args.accept_continued.clone(),
        })
    }

    /// The same for the verifier, with the reader's clock.
    pub fn trust(&self) -> Trust<'_> {
        Trust {
            keys: self.keys.as_deref(),
            since: self.since.as_deref(),
            policy: self.policy.as_ref(),
            authorities: self.authorities.as_ref(),
            continued: &self.continued,
            now_ms: now_ms(),
            whole: false,
        }
    }

    /// The keys, or those that the policy's `log` lines name: they stand for `--key`.
    pub(crate) fn keys(&self) -> Option<Vec<VerifierKey>> {
        let of_policy = || self.policy.as_ref().and_then(keys_of_policy);
        self.keys.clone().or_else(of_policy)
    }

    /// The policy.
    pub(crate) const fn policy(&self) -> Option<&Policy> {
        self.policy.as_ref()
    }
}

fn keys_of_policy(policy: &Policy) -> Option<Vec<VerifierKey>> {
    let keys: Vec<_> = policy.logs().iter().map(|log| log.key.clone()).collect();
    (!keys.is_empty()).then_some(keys)
}

fn policy_of(path: &Path) -> Result<Policy, VerifyError> {
    Policy::parse(&read_option("--policy", path)?).map_err(|cause| VerifyError::Policy {
        path: path.to_owned(),
        cause,
    })
}

/// Certificates from the file of `--tsa-ca`.
fn authorities_of(path: &Path) -> Result<Authorities, VerifyError> {
    Authorities::from_pem(&read_option("--tsa-ca", path)?).map_err(|_| VerifyError::Authority {
        given: path.display().to_string(),
    })
}

/// The checkpoint in the file of `--since`; who signed it is judged with the export.
fn since_of(path: &Path) -> Result<Vec<u8>, VerifyError> {
    let bytes = read_option("--since", path)?;
    if is_checkpoint(&bytes) {
        return Ok(bytes);
    }
    let problem = if is_head_table(&bytes) {
        OptionProblem::HeadTable
    } else {
        OptionProblem::Checkpoint
    };
    Err(VerifyError::Option {
        name: "--since",
        path: path.to_owned(),
        problem,
    })
}

/// Whether these bytes are a checkpoint with its signature, whoever made it.
pub(crate) fn is_checkpoint(bytes: &[u8]) -> bool {
    text_unverified(bytes).is_ok_and(|text| Checkpoint::parse(text).is_ok())
}

/// Whether this is what `log head` prints: a table with the checkpoint at its end, or one JSON document with it.
pub(crate) fn is_head_table(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let is_document = || {
        let document: Option<serde_json::Value> = serde_json::from_str(text).ok();
        let note = document.and_then(|document| document.get("checkpoint")?.as_str().map(str::to_owned));
        note.is_some_and(|note| is_checkpoint(note.as_bytes()))
    };
    let mut ends = text.match_indices("\n\n").map(|(at, gap)| &text[at + gap.len()..]);
    ends.any(|end| is_checkpoint(end.as_bytes())) || is_document()
}

/// What the reader's clock says; nothing where it stands before 1970.
#[allow(
    clippy::disallowed_methods,
    reason = "a program that checks what others date needs a clock of its own"
)]
fn now_ms() -> Option<i64> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok()
}

/// A file that an option names.
pub(crate) fn read_option(name: &'static str, path: &Path) -> Result<Vec<u8>, VerifyError> {
    read(path).map_err(|source| VerifyError::Option {
        name,
        path: path.to_owned(),
        problem: OptionProblem::Read(source),
    })
}

pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}
