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
        Self::Verify(Box::new(error))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
#[path = "verify_tests.rs"]
mod tests;
