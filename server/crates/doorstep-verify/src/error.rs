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
                let chinese = format!("无法读取 {path}：{}。请检查路径与读取权限。", system_zh(source));
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
                let fault = match cause {
                    PolicyError::Line { line, .. } => format!("第 {line} 行有误"),
                    PolicyError::NoQuorum => "缺少 quorum 行".to_owned(),
                };
                let chinese = format!("策略文件 {path} 不可用：{fault}。应为 C2SP tlog-policy 格式的文件。");
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
                let fault = match cause {
                    ProofError::Line { line } => format!("证明文件第 {line} 行格式不符"),
                    ProofError::Checkpoint(_) => "其中的检查点无效：被改动，或由其他密钥签名".to_owned(),
                    ProofError::Tree(_) => "由条目无法通向检查点".to_owned(),
                };
                let chinese = format!("验证未通过：{fault}。请保留此文件，并向运营方重新索取证明。");
                lang.pick(&english, &chinese).to_owned()
            }
        }
    }
}

/// What the system says of a file.
fn system_zh(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "不存在".to_owned(),
        std::io::ErrorKind::PermissionDenied => "没有权限".to_owned(),
        std::io::ErrorKind::IsADirectory => "是文件夹".to_owned(),
        std::io::ErrorKind::NotADirectory => "路径中的某一级不是文件夹".to_owned(),
        _ => error
            .raw_os_error()
            .map_or_else(|| "读取出错".to_owned(), |code| format!("系统错误 {code}")),
    }
}
