//! How far a long verification is, as one line of text that is replaced.

use doorstep_log::verify::{VerifyProgress, VerifyStep};

use crate::Lang;

/// What a verification is busy with.
pub fn step_text(lang: Lang, step: VerifyStep) -> &'static str {
    match step {
        VerifyStep::Events => lang.pick("verifying: entries of events", "验证：变更日志条目"),
        VerifyStep::Access => lang.pick("verifying: entries of access", "验证：访问日志条目"),
        VerifyStep::Payloads => lang.pick("verifying: payloads", "验证：内容"),
    }
}

/// Makes lines of what a verification tells; a line for each hundredth of a step is enough for anybody.
#[derive(Debug, Default)]
pub struct Progress {
    lang: Lang,
    told: Option<(VerifyStep, u64)>,
}

impl Progress {
    /// Nothing told yet.
    pub fn new(lang: Lang) -> Self {
        Self { lang, told: None }
    }

    /// The next line, where there is something new.
    pub fn line(&mut self, at: &VerifyProgress) -> Option<String> {
        let percent = at.done.saturating_mul(100) / at.total.max(1);
        let new = self.told.replace((at.step, percent)) != Some((at.step, percent));
        new.then(|| format!("{} {} / {}", step_text(self.lang, at.step), at.done, at.total))
    }
}
