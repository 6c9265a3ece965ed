//! Reads what is to be verified, verifies it, and makes a document and a text of the result.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;
use std::time::SystemTime;

use doorstep_log::checkpoint::Checkpoint;
use doorstep_log::evidence::EVIDENCE_PATH;
use doorstep_log::export::MANIFEST_PATH;
use doorstep_log::note::{VerifierKey, text_unverified};
use doorstep_log::policy::Policy;
use doorstep_log::proof::Proof;
use doorstep_log::receipt::Receipt;
use doorstep_log::stamp::Authorities;
use doorstep_log::verify::{Trust, verify_export_watched};
use serde_json::{Value, json};

use crate::keys::{keys_for, keys_of};
use crate::proven::{proof_said, receipt_said};
use crate::text::report_text;
use crate::{ExportFolder, Lang, OptionProblem, Progress, VerifyArgs, VerifyError, evidence};

/// The result for programs and for people.
#[derive(Clone, Debug)]
pub struct Verified {
    /// Whether everything holds.
    pub holds: bool,
    /// The report as JSON.
    pub document: Value,
    /// The report as text.
    pub text: String,
}

/// No proof, receipt or file of an option is larger.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Verifies an export, a device's evidence, a proof file or a receipt. `progress` gets lines, each in place of the one before.
pub fn verify(args: &VerifyArgs, lang: Lang, progress: &mut dyn FnMut(&str)) -> Result<Verified, VerifyError> {
    let about = fs::metadata(&args.path).map_err(|source| unreadable(&args.path, source))?;
    let keys = keys_of(&args.key)?;
    if about.is_dir() {
        refuse_useless(&[("--leaf", args.leaf.is_some())])?;
        let folder = ExportFolder(args.path.clone());
        // A list of evidence beside a manifest was put there: what is signed decides what the folder is.
        return if folder.has(EVIDENCE_PATH) && !folder.has(MANIFEST_PATH) {
            refuse_useless(&[("--policy", args.policy.is_some())])?;
            refuse_useless(&of_exports(args))?;
            Ok(evidence::verify(&folder, keys.as_deref(), lang))
        } else {
            verify_folder(&folder, keys.as_deref(), args, lang, progress)
        };
    }
    if !about.is_file() {
        // A pipe would be waited for, a device has no end.
        return Err(unreadable(&args.path, io::Error::other("neither a file nor a folder")));
    }
    refuse_useless(&of_exports(args))?;
    let bytes = read(&args.path).map_err(|source| unreadable(&args.path, source))?;
    let policy = args.policy.as_deref().map(policy_of).transpose()?;
    let keys = keys.or_else(|| policy.as_ref().and_then(keys_of_policy));
    if is_receipt(&bytes) {
        refuse_useless(&[("--leaf", args.leaf.is_some())])?;
        return Ok(verify_receipt(&bytes, keys.as_deref(), policy.as_ref(), lang));
    }
    let keys = keys.ok_or(VerifyError::Missing { name: "--key" })?;
    verify_proof(&bytes, args.leaf.as_deref(), (&keys, policy.as_ref()), lang)
}

/// The options that compare a whole log with something.
fn of_exports(args: &VerifyArgs) -> [(&'static str, bool); 3] {
    [
        ("--since", args.since.is_some()),
        ("--tsa-ca", args.tsa_ca.is_some()),
        ("--accept-continued", !args.accept_continued.is_empty()),
    ]
}

/// Refuses options that would be passed over: whoever gives one believes that it was heeded.
fn refuse_useless(given: &[(&'static str, bool)]) -> Result<(), VerifyError> {
    match given.iter().find(|(_, is_given)| *is_given) {
        Some((name, _)) => Err(VerifyError::Useless { name }),
        None => Ok(()),
    }
}

fn unreadable(path: &Path, source: io::Error) -> VerifyError {
    let path = path.to_owned();
    VerifyError::Read { path, source }
}

/// Whether a file is a receipt: only then it begins so.
fn is_receipt(bytes: &[u8]) -> bool {
    bytes.starts_with(b"{")
}

/// What a receipt proves, or why it proves nothing.
fn verify_receipt(bytes: &[u8], keys: Option<&[VerifierKey]>, policy: Option<&Policy>, lang: Lang) -> Verified {
    let result = Receipt::decode(bytes).and_then(|receipt| receipt.verify_witnessed(keys, policy));
    Verified {
        holds: result.is_ok(),
        text: receipt_said(lang, result.as_ref()),
        document: match &result {
            Ok(proven) => json!({ "ok": true, "receipt": proven }),
            Err(error) => json!({ "ok": false, "code": error.code(), "message": error.to_string() }),
        },
    }
}

/// The policy in a file.
fn policy_of(path: &Path) -> Result<Policy, VerifyError> {
    Policy::parse(&read_option("--policy", path)?).map_err(|cause| VerifyError::Policy {
        path: path.to_owned(),
        cause,
    })
}

/// The keys that a policy's `log` lines name; they stand for `--key`.
fn keys_of_policy(policy: &Policy) -> Option<Vec<VerifierKey>> {
    let keys: Vec<_> = policy.logs().iter().map(|log| log.key.clone()).collect();
    (!keys.is_empty()).then_some(keys)
}

/// Certificates from the file of `--tsa-ca`.
fn authorities_of(path: &Path) -> Result<Authorities, VerifyError> {
    Authorities::from_pem(&read_option("--tsa-ca", path)?).map_err(|_| VerifyError::Authority {
        given: path.display().to_string(),
    })
}

/// The checkpoint in the file of `--since`; who signed it is judged with the export.
fn since_of(path: &Path) -> Result<Vec<u8>, VerifyError> {
    let signed = read_option("--since", path)?;
    let is_checkpoint = text_unverified(&signed).is_ok_and(|text| Checkpoint::parse(text).is_ok());
    if is_checkpoint {
        return Ok(signed);
    }
    Err(VerifyError::Option {
        name: "--since",
        path: path.to_owned(),
        problem: OptionProblem::Checkpoint,
    })
}

fn verify_folder(
    folder: &ExportFolder,
    keys: Option<&[VerifierKey]>,
    args: &VerifyArgs,
    lang: Lang,
    progress: &mut dyn FnMut(&str),
) -> Result<Verified, VerifyError> {
    let since = args.since.as_deref().map(since_of).transpose()?;
    let policy = args.policy.as_deref().map(policy_of).transpose()?;
    let authorities = args.tsa_ca.as_deref().map(authorities_of).transpose()?;
    let trust = Trust {
        keys,
        since: since.as_deref(),
        policy: policy.as_ref(),
        authorities: authorities.as_ref(),
        continued: &args.accept_continued,
        now_ms: now_ms(),
        whole: false,
    };
    let mut lines = Progress::new(lang);
    let report = verify_export_watched(folder, &trust, &mut |at| {
        if let Some(line) = lines.line(at) {
            progress(&line);
        }
        true
    });
    progress("");
    Ok(Verified {
        holds: report.ok,
        // Reports have text keys and no failing serialisers, so this does not fail; null is an honest fallback.
        document: serde_json::to_value(&report).unwrap_or(Value::Null),
        text: report_text(lang, &report),
    })
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

fn verify_proof(
    proof: &[u8],
    leaf: Option<&Path>,
    (keys, policy): (&[VerifierKey], Option<&Policy>),
    lang: Lang,
) -> Result<Verified, VerifyError> {
    let proof = Proof::parse(proof)?;
    let leaf = match leaf {
        Some(leaf) => read_option("--leaf", leaf)?,
        None => proof.extra.clone().ok_or(VerifyError::Missing { name: "--leaf" })?,
    };
    let checkpoint = proof.verify(&leaf, &keys_for(&proof, keys))?;
    let witnessed = policy.map(|policy| policy.judge(&proof.checkpoint));
    Ok(proof_said(lang, (&proof, &checkpoint), &leaf, witnessed.as_ref()))
}

/// A file that an option names.
fn read_option(name: &'static str, path: &Path) -> Result<Vec<u8>, VerifyError> {
    read(path).map_err(|source| VerifyError::Option {
        name,
        path: path.to_owned(),
        problem: OptionProblem::Read(source),
    })
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
