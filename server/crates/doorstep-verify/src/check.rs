//! Reads what is to be verified, verifies it, and makes a document and a text of the result.

use std::fs;
use std::path::Path;

use doorstep_log::evidence::EVIDENCE_PATH;
use doorstep_log::note::VerifierKey;
use doorstep_log::policy::Policy;
use doorstep_log::proof::Proof;
use doorstep_log::receipt::Receipt;
use doorstep_log::stamp::Authorities;
use doorstep_log::verify::{Trust, verify_export_watched};
use serde_json::{Value, json};

use crate::keys::{keys_for, keys_of};
use crate::proven::receipt_said;
use crate::text::{clean, report_text};
use crate::{ExportFolder, Lang, Progress, VerifyArgs, VerifyError, evidence};

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

/// Verifies an export, a proof file or a receipt. `progress` gets lines, each in place of the one before.
pub fn verify(args: &VerifyArgs, lang: Lang, progress: &mut dyn FnMut(&str)) -> Result<Verified, VerifyError> {
    let about = fs::metadata(&args.path).map_err(|source| VerifyError::Read {
        path: args.path.clone(),
        source,
    })?;
    let keys = keys_of(&args.key)?;
    if args.path.join(EVIDENCE_PATH).is_file() {
        return Ok(evidence::verify(
            &ExportFolder(args.path.clone()),
            keys.as_deref(),
            lang,
        ));
    }
    if about.is_dir() {
        let since = args.since.as_deref().map(read).transpose()?;
        let policy = args.policy.as_deref().map(policy_of).transpose()?;
        let authorities = args.tsa_ca.as_deref().map(authorities_of).transpose()?;
        let trust = Trust {
            keys: keys.as_deref(),
            since: since.as_deref(),
            policy: policy.as_ref(),
            authorities: authorities.as_ref(),
        };
        return Ok(verify_folder(&args.path, &trust, lang, progress));
    }
    let bytes = read(&args.path)?;
    if is_receipt(&bytes) {
        return Ok(verify_receipt(&bytes, keys.as_deref(), lang));
    }
    let keys = keys.ok_or(VerifyError::Missing { name: "--key" })?;
    verify_proof(&bytes, args.leaf.as_deref(), &keys, lang)
}

/// Whether a file is a receipt: only then it begins so.
fn is_receipt(bytes: &[u8]) -> bool {
    bytes.starts_with(b"{")
}

/// What a receipt proves, or why it proves nothing.
fn verify_receipt(bytes: &[u8], keys: Option<&[VerifierKey]>, lang: Lang) -> Verified {
    let result = Receipt::decode(bytes).and_then(|receipt| receipt.verify(keys));
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
    Policy::parse(&read(path)?).map_err(|cause| VerifyError::Policy {
        path: path.to_owned(),
        cause,
    })
}

/// Certificates from the file of `--tsa-ca`.
fn authorities_of(path: &Path) -> Result<Authorities, VerifyError> {
    Authorities::from_pem(&read(path)?).map_err(|_| VerifyError::Authority {
        given: path.display().to_string(),
    })
}

fn verify_folder(path: &Path, trust: &Trust<'_>, lang: Lang, progress: &mut dyn FnMut(&str)) -> Verified {
    let folder = ExportFolder(path.to_owned());
    let mut lines = Progress::new(lang);
    let report = verify_export_watched(&folder, trust, &mut |at| {
        if let Some(line) = lines.line(at) {
            progress(&line);
        }
        true
    });
    progress("");
    Verified {
        holds: report.ok,
        // Reports have text keys and no failing serialisers, so this does not fail; null is an honest fallback.
        document: serde_json::to_value(&report).unwrap_or(Value::Null),
        text: report_text(lang, &report),
    }
}

fn verify_proof(proof: &[u8], leaf: Option<&Path>, keys: &[VerifierKey], lang: Lang) -> Result<Verified, VerifyError> {
    let proof = Proof::parse(proof)?;
    let leaf = match leaf {
        Some(leaf) => read(leaf)?,
        None => proof.extra.clone().ok_or(VerifyError::Missing { name: "--leaf" })?,
    };
    let checkpoint = proof.verify(&leaf, &keys_for(&proof, keys))?;
    let leaf = String::from_utf8_lossy(&leaf);
    let title = lang.pick("verified: the log holds this leaf", "已验证：日志包含此条目");
    let (log, place, root) = (
        lang.pick("log", "日志"),
        lang.pick("leaf", "条目"),
        lang.pick("root", "根哈希"),
    );
    let (index, size) = (proof.index, checkpoint.size);
    let origin = clean(&checkpoint.origin);
    let text = format!(
        "{title}\n{log}: {origin}\n{place}: {index} / {size}\n{root}: {}\n{}\n",
        checkpoint.root,
        clean(&leaf)
    );
    let document = json!({
        "ok": true,
        "origin": checkpoint.origin,
        "index": index,
        "size": size,
        "root": checkpoint.root,
        "leaf": leaf,
    });
    Ok(Verified {
        holds: true,
        document,
        text,
    })
}

fn read(path: &Path) -> Result<Vec<u8>, VerifyError> {
    fs::read(path).map_err(|source| VerifyError::Read {
        path: path.to_owned(),
        source,
    })
}
