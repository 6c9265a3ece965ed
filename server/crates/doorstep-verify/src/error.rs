//! Why nothing could be verified. What was verified and does not hold is a finding, not an error.

use std::path::PathBuf;

use doorstep_log::policy::{PolicyError, PolicyFault};
use doorstep_log::proof::ProofError;
use serde_json::{Value, json};

use crate::{Lang, WrongKind};

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
    /// A file or folder is none that can be verified.
    #[error("{} is none that can be verified", .path.display())]
    Kind {
        /// Which.
        path: PathBuf,
        /// What it is.
        kind: WrongKind,
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
    /// The file of an option cannot be read, or is not what the option asks for.
    #[error("{name}: {} cannot be used: {problem}", .path.display())]
    Option {
        /// The option.
        name: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: OptionProblem,
    },
    /// An option says nothing about what is verified.
    #[error("{name} is only for the export of a log")]
    Useless {
        /// The option.
        name: &'static str,
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

/// Why the file of an option cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OptionProblem {
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Read(#[from] std::io::Error),
    /// It is no signed checkpoint.
    #[error("it is no signed checkpoint")]
    Checkpoint,
    /// It is the table that `log head` prints, with the checkpoint somewhere in it.
    #[error("it is what `log head` prints")]
    HeadTable,
}

impl OptionProblem {
    fn zh(&self) -> String {
        match self {
            Self::Read(cause) => format!("无法读取（{}）", system_zh(cause)),
            Self::Checkpoint => "不是已签名的检查点".to_owned(),
            Self::HeadTable => "这是 `log head` 输出的表格".to_owned(),
        }
    }

    const fn remedy(&self) -> (&'static str, &'static str) {
        match self {
            Self::Read(_) => ("Check the path and who may read it.", "请检查路径与读取权限。"),
            Self::Checkpoint => (
                "Give a file that `log head --out FILE` wrote, or `checkpoint` from the folder of a log in an older export.",
                "请给出由 `log head --out FILE` 写出的文件，或较早导出中某日志文件夹内的 `checkpoint`。",
            ),
            Self::HeadTable => (
                "Write the note alone with `log head --out FILE`, and give that file.",
                "请用 `log head --out FILE` 单独写出检查点，并给出该文件。",
            ),
        }
    }
}

impl VerifyError {
    /// Whether the command line is wrong, or a file that it names, so that nothing was verified.
    pub const fn is_usage(&self) -> bool {
        !matches!(self, Self::Proof(_))
    }

    /// For programs, as `doorstep --json` writes it.
    pub fn document(&self, lang: Lang) -> Value {
        json!({ "problem": {
            "type": format!("urn:doorstep:problem:{}", self.code()),
            "title": self.text(lang),
            "status": 0,
            "code": self.code(),
            "detail": "",
        } })
    }

    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Read { .. } => "file-not-read",
            Self::Kind { .. } => "wrong-kind",
            Self::Key { .. } | Self::Authority { .. } | Self::Option { .. } => "bad-value",
            Self::Useless { .. } => "useless-option",
            Self::Policy { .. } => "policy-malformed",
            Self::Missing { .. } => "missing-value",
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
            Self::Kind { path, kind } => kind.text(path, lang),
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
                    PolicyError::Line { line, fault } => format!("第 {line} 行有误（{}）", fault_zh(*fault)),
                    PolicyError::NoQuorum => "缺少 quorum 行".to_owned(),
                };
                let chinese = format!("策略文件 {path} 不可用：{fault}。应为 C2SP tlog-policy 格式的文件。");
                lang.pick(&english, &chinese).to_owned()
            }
            Self::Option { name, path, problem } => {
                let path = path.display();
                lang.either(
                    || format!("{name} {path}: {problem}. {}", problem.remedy().0),
                    || format!("{name} {path}：{}。{}", problem.zh(), problem.remedy().1),
                )
            }
            Self::Useless { name } => {
                let english = format!("{name} says nothing about this file: it is only for the export of a log.");
                let chinese = format!("{name} 不适用于此文件：仅用于日志的导出。");
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

/// What a line of a policy does wrong.
const fn fault_zh(fault: PolicyFault) -> &'static str {
    match fault {
        PolicyFault::Character => "含有不允许的字符",
        PolicyFault::Keyword => "行首应为 log、witness、group、quorum 或 #",
        PolicyFault::Words => "缺少或多出词项",
        PolicyFault::LogKey => "日志公钥无效",
        PolicyFault::WitnessKey => "见证方公钥无效",
        PolicyFault::Duplicate => "公钥与另一行相同",
        PolicyFault::Url => "地址不是 UTF-8",
        PolicyFault::Name => "名称已被占用，或为 none",
        PolicyFault::Unknown => "名称未在之前的行中定义",
        PolicyFault::Member => "成员重复",
        PolicyFault::Threshold => "门槛应为 all、any 或不超过成员数的正整数",
        PolicyFault::Quorum => "只能有一行 quorum",
        PolicyFault::TooMuch => "策略过大",
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
