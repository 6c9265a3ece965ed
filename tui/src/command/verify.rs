//! `verify`: checks an export, a proof file or a receipt offline. Needs no network, no configuration and no server;
//! doorstep-verify does the work.

use crate::answer::Answer;
use crate::context::Context;
use crate::failure::Failure;
use doorstep_domain::words::Lang;
pub(crate) use doorstep_verify::VerifyArgs;
use doorstep_verify::{VerifyError, verify};

/// Verifies an export, a proof file or a receipt.
pub(crate) fn run(args: &VerifyArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let out = &mut *context.out;
    let verified = verify(args, language(context.lang), &mut |line| {
        // A terminal that is gone ends nothing here: the answer will say so.
        let _ = out.progress(line);
    })?;
    Ok(Answer::checked(&verified.document, verified.text, verified.holds))
}

/// The verifier's word for a language; it knows no crate of ours but the log's.
pub(crate) const fn language(lang: Lang) -> doorstep_verify::Lang {
    match lang {
        Lang::En => doorstep_verify::Lang::En,
        Lang::Zh => doorstep_verify::Lang::Zh,
    }
}

impl From<VerifyError> for Failure {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Read { path, source } => Self::Read { path, source },
            VerifyError::Key { given } => Self::Value {
                name: "--key",
                given,
                expected: (
                    "a key line like name+hash+base64, or a file of such lines",
                    "形如 name+hash+base64 的公钥行，或含此类行的文件",
                ),
            },
            VerifyError::Authority { given } => Self::Value {
                name: "--tsa-ca",
                given,
                expected: (
                    "a file with at least one certificate in PEM",
                    "至少含一张 PEM 证书的文件",
                ),
            },
            VerifyError::Policy { path, cause } => Self::Policy { path, cause },
            error @ (VerifyError::Option { .. } | VerifyError::Useless { .. }) => Self::Verify(Box::new(error)),
            VerifyError::Missing { name } => Self::Missing { name },
            VerifyError::Proof(cause) => Self::Proof(cause),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
#[path = "verify_tests.rs"]
mod tests;
