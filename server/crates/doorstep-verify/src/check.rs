//! Reads what is to be verified, verifies it, and makes a document and a text of the result.

use std::path::Path;

use doorstep_log::note::VerifierKey;
use doorstep_log::policy::Policy;
use doorstep_log::proof::Proof;
use doorstep_log::receipt::Receipt;
use doorstep_log::verify::verify_export_watched;
use serde_json::{Value, json};

use crate::given::read_option;
use crate::keys::{keys_for, keys_of};
use crate::kind::{Kind, kind_of};
use crate::proven::{proof_said, receipt_said};
use crate::text::report_text;
use crate::{ExportFolder, Given, Lang, Progress, TrustArgs, VerifyArgs, VerifyError, evidence};

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

/// Verifies an export, a device's evidence, a proof file or a receipt. `progress` gets lines, each in place of the one before.
pub fn verify(args: &VerifyArgs, lang: Lang, progress: &mut dyn FnMut(&str)) -> Result<Verified, VerifyError> {
    let given = &args.trust;
    let leaf = ("--leaf", args.leaf.is_some());
    let policy = ("--policy", given.policy.is_some());
    match kind_of(&args.path)? {
        Kind::Export(folder) => {
            refuse_useless(&[leaf])?;
            Ok(verify_folder(&folder, &Given::read(given)?, lang, progress))
        }
        Kind::Evidence(folder) => {
            refuse_useless(&[leaf, policy])?;
            refuse_useless(&of_exports(given))?;
            Ok(evidence::verify(&folder, keys_of(&given.key)?.as_deref(), lang))
        }
        Kind::Receipt(bytes) => {
            refuse_useless(&[leaf])?;
            refuse_useless(&of_exports(given))?;
            let given = Given::read(given)?;
            Ok(verify_receipt(&bytes, given.keys().as_deref(), given.policy(), lang))
        }
        Kind::Proof(bytes) => {
            refuse_useless(&of_exports(given))?;
            let given = Given::read(given)?;
            let keys = given.keys().ok_or(VerifyError::Missing { name: "--key" })?;
            verify_proof(&bytes, args.leaf.as_deref(), (&keys, given.policy()), lang)
        }
    }
}

/// The options that compare a whole log with something.
fn of_exports(args: &TrustArgs) -> [(&'static str, bool); 3] {
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

fn verify_folder(folder: &ExportFolder, given: &Given, lang: Lang, progress: &mut dyn FnMut(&str)) -> Verified {
    let mut lines = Progress::new(lang);
    let report = verify_export_watched(folder, &given.trust(), &mut |at| {
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
    let keys = keys_for(&proof, keys);
    let checkpoint = proof.verify(&leaf, &keys)?;
    let witnessed = policy.map(|policy| policy.judge(&proof.checkpoint));
    Ok(proof_said(
        lang,
        (&proof, &checkpoint),
        (&leaf, &keys),
        witnessed.as_ref(),
    ))
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
