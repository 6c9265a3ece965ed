//! Why nothing could be verified. What was verified and does not hold is a finding, not an error.

use std::path::PathBuf;

use doorstep_log::policy::PolicyError;
use doorstep_log::proof::ProofError;

use crate::Lang;

/// Why nothing could be verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// A file or folder cannot be read.
    #[error("{} cannot be read: {source}", .path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Cause.
        source: std::io::Error,
    },
    /// A value of `--key` is no key.
    #[error("--key: `{given}` cannot be used")]
    Key {
        /// What was given.
        given: String,
    },
    /// The file of `--tsa-ca` holds no certificate.
    #[error("--tsa-ca: `{given}` cannot be used")]
    Authority {
        /// What was given.
        given: String,
    },
    /// The file of `--policy` is no policy.
    #[error("{}: {cause}", .path.display())]
    Policy {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        cause: PolicyError,
    },
    /// An option is missing.
    #[error("{name} is missing")]
    Missing {
        /// The option.
        name: &'static str,
    },
    /// A proof file is malformed, or does not lead from the leaf to a checkpoint of this log.
    #[error("the proof does not hold: {0}")]
    Proof(#[from] ProofError),
}

impl VerifyError {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Read { .. } => "cannot-read",
            Self::Key { .. } | Self::Authority { .. } => "bad-value",
            Self::Policy { .. } => "policy-malformed",
            Self::Missing { .. } => "missing-option",
            Self::Proof(_) => "proof-does-not-hold",
        }
    }

    /// What happened and what to do.
    pub fn text(&self, lang: Lang) -> String {
        match self {
            Self::Read { path, source } => {
                let path = path.display();
                let english = format!("{path} cannot be read: {source}. Check the path and who may read it.");
                let chinese = format!("无法读取 {path}：{source}。请检查路径与读取权限。");
                lang.pick(&english, &chinese).to_owned()
            }
            Self::Key { given } => {
                let english = format!("--key {given}: give a line like name+hash+base64, or a file of such lines.");
                let chinese = format!("--key {given}：应为 名称+哈希+base64 形式的一行，或逐行列出公钥的文件。");
                lang.pick(&english, &chinese).to_owned()
            }
            Self::Authority { given } => {
                let english = format!("--tsa-ca {given}: give a file with at least one certificate in PEM.");
                let chinese = format!("--tsa-ca {given}：应为至少含一份 PEM 证书的文件。");
                lang.pick(&english, &chinese).to_owned()
            }
            Self::Policy { path, cause } => {
                let path = path.display();
                let english = format!("--policy {path}: {cause}. Give a file as C2SP tlog-policy describes it.");
                let chinese = format!("策略文件 {path} 不可用：{cause}。应为 C2SP tlog-policy 格式的文件。");
                lang.pick(&english, &chinese).to_owned()
            }
            Self::Missing { name } => {
                let english = format!("{name} is missing; a proof file proves nothing without it.");
                let chinese = format!("缺少 {name}；没有它，证明文件不能证明任何事。");
                lang.pick(&english, &chinese).to_owned()
            }
            Self::Proof(cause) => {
                let inner = std::error::Error::source(cause).map(|inner| format!(": {inner}"));
                let detail = format!("{cause}{}", inner.unwrap_or_default());
                let english =
                    format!("NOT VERIFIED: {detail}. Keep the file and ask the operator for the proof again.");
                let chinese = format!("验证未通过：{detail}。请保留此文件，并向运营方重新索取证明。");
                lang.pick(&english, &chinese).to_owned()
            }
        }
    }
}
