//! Why a command did not do what was asked, in both languages, and what to do next. Knows no command.

mod device;

use crate::answer::Exit;
use crate::text::pick;
use doorstep_device::DeviceError;
use doorstep_domain::words::Lang;
#[cfg(feature = "server")]
use doorstep_server::ServerError;
use doorstep_wire::problem::{Problem, ProblemCode, VisitRefused};
use std::path::PathBuf;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The server refused.
    #[error("{}", .0.title)]
    Problem(Box<Problem>),
    /// No connection, or it broke.
    #[error("cannot reach {server}")]
    Unreachable {
        /// The server.
        server: String,
        /// Cause.
        source: reqwest::Error,
    },
    /// The connection broke while files came.
    #[error("the connection to {server} broke after {files} files; what came was thrown away")]
    Broke {
        /// The server.
        server: String,
        /// Whole files that had come.
        files: u64,
        /// Cause; none where the answer ended too early.
        source: Option<reqwest::Error>,
    },
    /// The server of the office that gave a receipt cannot be reached.
    #[error("cannot reach {server}")]
    OfficeUnreachable {
        /// The server.
        server: String,
        /// Cause.
        source: reqwest::Error,
    },
    /// Something stands where an export broke off.
    #[error("an export broke off and left {}", .path.display())]
    BrokenOff {
        /// What it left.
        path: PathBuf,
    },
    /// What was fetched is not what the log speaks of.
    #[error("the recording has other bytes than its entry says; {} was not written", .path.display())]
    OtherBytes {
        /// Where it would have gone.
        path: PathBuf,
    },
    /// Something answered that is no Doorstep server, or one of another version.
    #[error("{server} gave an answer that is not Doorstep's (status {status})")]
    BadAnswer {
        /// The server.
        server: String,
        /// HTTP status.
        status: u16,
    },
    /// No session for this server.
    #[error("not signed in at {server}")]
    NotSignedIn {
        /// The server.
        server: String,
    },
    /// A file cannot be read.
    #[error("{} cannot be read: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Cause.
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("{} cannot be written: {source}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Cause.
        source: std::io::Error,
    },
    /// A value of the command line cannot be used.
    #[error("{name}: `{given}` cannot be used; expected {}", .expected.0)]
    Value {
        /// The option or argument.
        name: &'static str,
        /// What was given.
        given: String,
        /// What would do, in English and Chinese.
        expected: (&'static str, &'static str),
    },
    /// An option is missing.
    #[error("{name} is missing")]
    Missing {
        /// The option.
        name: &'static str,
    },
    /// Nobody can be asked.
    #[error("this needs a confirmation and nobody can be asked")]
    NobodyToAsk,
    /// No password was given and nobody can be asked for it.
    #[error("this needs a password and nobody can be asked for it")]
    NobodyToAskForPassword,
    /// No PIN was given and nobody can be asked for it.
    #[error("this needs the device's PIN and nobody can be asked for it")]
    NobodyToAskForPin,
    /// A new secret was typed differently the second time.
    #[error("what was typed differs; nothing was changed")]
    SecretsDiffer,
    /// The person said no.
    #[error("not confirmed; nothing was changed")]
    Declined,
    /// The person stopped it before there was anything to keep, or threw it away.
    #[error("stopped; nothing was kept")]
    Stopped,
    /// Nothing has that name.
    #[error("no {kind} `{given}`")]
    Unknown {
        /// Kind of thing.
        kind: &'static str,
        /// What was given.
        given: String,
    },
    /// No team has that name.
    #[error("no team `{given}`; there are: {known}")]
    UnknownTeam {
        /// What was given.
        given: String,
        /// The names that there are.
        known: String,
    },
    /// The field device refused.
    #[error(transparent)]
    Device(Box<DeviceError>),
    /// A proof file is wrong.
    #[error(transparent)]
    Proof(#[from] doorstep_log::proof::ProofError),
    /// What was fetched is no receipt.
    #[error("{0}")]
    Receipt(#[from] doorstep_log::receipt::ReceiptError),
    /// The verifier could not verify: an option, or what it was given, cannot be used, or a proof does not hold.
    #[error("{}", .0.text(doorstep_verify::Lang::En))]
    Verify(Box<doorstep_verify::VerifyError>),
    /// A rule pack, examples or facts cannot be used; says where and what to do.
    #[error("{0}")]
    Rules(String),
    /// The strategy of a portfolio cannot be used; says where and what to do.
    #[error("{0}")]
    Strategy(#[from] doorstep_strategy::StrategyError),
    /// The part that opens data folders is not in this program.
    #[cfg_attr(
        feature = "server",
        allow(dead_code, reason = "with the server inside nothing says this")
    )]
    #[error("this program was built without the server")]
    NoServerInside,
    /// The server inside, or its data folder, refused.
    #[cfg(feature = "server")]
    #[error("{}", .0.message())]
    Server(Box<ServerError>),
    /// Standard input or output failed.
    #[error("the terminal or pipe failed: {0}")]
    Terminal(#[from] std::io::Error),
}

impl Failure {
    /// How the program ends.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Unreachable { .. } | Self::Broke { .. } | Self::OfficeUnreachable { .. } => Exit::Unreachable,
            Self::Device(error) => match error.as_ref() {
                DeviceError::Network(_) => Exit::Unreachable,
                DeviceError::Input { .. } | DeviceError::ServerUrl { .. } | DeviceError::PinWeak { .. } => Exit::Usage,
                _ => Exit::Failed,
            },
            Self::Verify(error) if !error.is_usage() => Exit::Failed,
            Self::Verify(_)
            | Self::Rules(_)
            | Self::Strategy(_)
            | Self::Value { .. }
            | Self::BrokenOff { .. }
            | Self::Missing { .. }
            | Self::NobodyToAsk
            | Self::NobodyToAskForPassword
            | Self::NobodyToAskForPin => Exit::Usage,
            #[cfg(feature = "server")]
            Self::Server(error) if error.code() == "configuration" => Exit::Usage,
            _ => Exit::Failed,
        }
    }

    /// A stable code for programs.
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::Problem(problem) => &problem.code,
            Self::Unreachable { .. } | Self::OfficeUnreachable { .. } => "unreachable",
            Self::Broke { .. } => "connection-broke",
            Self::BrokenOff { .. } => "export-broke-off",
            Self::OtherBytes { .. } => "other-bytes",
            Self::BadAnswer { .. } => "bad-answer",
            Self::NotSignedIn { .. } => ProblemCode::NotSignedIn.code(),
            Self::Read { .. } => "file-not-read",
            Self::Write { .. } => "file-not-written",
            Self::Value { .. } => "bad-value",
            Self::Missing { .. } => "missing-value",
            Self::NobodyToAsk | Self::NobodyToAskForPassword | Self::NobodyToAskForPin => "nobody-to-ask",
            Self::SecretsDiffer => "passwords-differ",
            Self::Declined => "declined",
            Self::Stopped => "stopped",
            Self::Unknown { .. } | Self::UnknownTeam { .. } => ProblemCode::NotFound.code(),
            Self::Device(error) => error.code(),
            Self::Proof(_) => "proof-does-not-hold",
            Self::Receipt(error) => error.code(),
            Self::Verify(error) => error.code(),
            Self::Rules(_) => "rules-malformed",
            Self::Strategy(_) => "strategy-malformed",
            Self::NoServerInside => "no-server-inside",
            #[cfg(feature = "server")]
            Self::Server(error) => error.code(),
            Self::Terminal(_) => "terminal",
        }
    }

    /// What the failure says, over all its causes.
    fn sentence(&self, lang: Lang) -> String {
        let english = || {
            let mut text = self.to_string();
            let mut cause = std::error::Error::source(self);
            while let Some(inner) = cause {
                let inner_text = inner.to_string();
                if !text.contains(&inner_text) {
                    text.extend([": ", &inner_text]);
                }
                cause = inner.source();
            }
            text
        };
        if lang == Lang::En {
            return english();
        }
        match self {
            Self::Unreachable { server, .. } | Self::OfficeUnreachable { server, .. } => format!("无法连接 {server}"),
            Self::Broke { server, files, .. } => {
                format!("收到 {files} 个文件后与 {server} 的连接中断，已收到的均已丢弃")
            }
            Self::BrokenOff { path } => format!("上次导出中断，留下了 {}", path.display()),
            Self::OtherBytes { path } => format!("录音录像与日志记载不符，未写入 {}", path.display()),
            Self::BadAnswer { server, status } => format!("{server} 的回答不是 Doorstep 的（状态 {status}）"),
            Self::NotSignedIn { server } => format!("尚未登录 {server}"),
            Self::Read { path, source } => format!("无法读取 {}：{source}", path.display()),
            Self::Write { path, source } => format!("无法写入 {}：{source}", path.display()),
            Self::Value { name, given, expected } => format!("{name}：“{given}”不可用，应为{}", expected.1),
            Self::Missing { name } => format!("缺少 {name}"),
            Self::NobodyToAsk => "此操作需要确认，但无人可询问".to_owned(),
            Self::NobodyToAskForPassword => "需要密码，但无人可询问".to_owned(),
            Self::NobodyToAskForPin => "需要本机的 PIN 码，但无人可询问".to_owned(),
            Self::SecretsDiffer => "两次输入不一致，没有任何改动".to_owned(),
            Self::Declined => "未确认，没有任何改动".to_owned(),
            Self::Stopped => "已停止，没有保留任何结果".to_owned(),
            Self::Unknown { kind, given } => format!("没有这个 {kind}：“{given}”"),
            Self::UnknownTeam { given, known } => format!("没有团队“{given}”；现有：{known}"),
            Self::NoServerInside => "本程序编译时未包含服务器".to_owned(),
            #[cfg(feature = "server")]
            Self::Server(_) => english(),
            Self::Device(error) => device::device_zh(error).unwrap_or_else(english),
            Self::Verify(error) => error.text(doorstep_verify::Lang::Zh),
            Self::Rules(found) => format!("规则文件不可用：{found}"),
            Self::Strategy(found) => format!("策略文件不可用：{found}"),
            Self::Problem(_) | Self::Proof(_) | Self::Receipt(_) | Self::Terminal(_) => english(),
        }
    }

    /// What to do next; empty where the sentence says it already.
    fn remedy(&self, lang: Lang) -> &'static str {
        match self {
            Self::Unreachable { .. } => unreachable(lang),
            Self::Broke { .. } => pick(
                lang,
                "Is the server still running? Try again.",
                "服务器是否仍在运行？请重试。",
            ),
            Self::OfficeUnreachable { .. } => pick(
                lang,
                "Check your connection and the address: it stands on the receipt, and --server takes it. Where both are \
                 right, try again later, or ask the office that the receipt names.",
                "请检查网络和地址：地址印在回执上，用 --server 指定。若均无误，请稍后再试，或询问回执所载机构。",
            ),
            Self::BrokenOff { .. } => pick(
                lang,
                "It is no export. Delete that folder, or name another one.",
                "这不是完整的导出。请删除该文件夹，或另选名称。",
            ),
            Self::OtherBytes { .. } => pick(
                lang,
                "Try again. If it stays, tell whoever runs the server: `doorstep doctor` looks at the files.",
                "请重试。若仍如此，请告知服务器管理员：`doorstep doctor` 会检查文件。",
            ),
            Self::BadAnswer { .. } => pick(
                lang,
                "Check the address and that server and program have fitting versions.",
                "请检查地址，以及服务器与本程序的版本是否匹配。",
            ),
            Self::NotSignedIn { .. } => sign_in(lang),
            Self::Read { .. } | Self::Write { .. } => pick(
                lang,
                "Check the path, the rights and the space on the disk.",
                "请检查路径、权限和磁盘空间。",
            ),
            Self::NobodyToAsk => pick(lang, "Add --yes to confirm.", "请加 --yes 确认。"),
            Self::NobodyToAskForPassword => pick(
                lang,
                "Send it through a pipe with --password-stdin; `login` reads DOORSTEP_PASSWORD too.",
                "请通过管道并加 --password-stdin 传入；login 也读取 DOORSTEP_PASSWORD。",
            ),
            Self::NobodyToAskForPin => pick(
                lang,
                "Set DOORSTEP_PIN, or use a terminal.",
                "请设置 DOORSTEP_PIN，或在终端中使用。",
            ),
            Self::Missing { .. } => pick(lang, "See --help.", "请看 --help。"),
            Self::Unknown { .. } => pick(
                lang,
                "Look at the list first; what is outside your scope is not listed.",
                "请先查看列表；权限之外的不会列出。",
            ),
            Self::UnknownTeam { .. } => pick(
                lang,
                "`doorstep staff teams` lists them.",
                "用 `doorstep staff teams` 列出团队。",
            ),
            Self::NoServerInside => pick(
                lang,
                "Use a program built with the feature `server`.",
                "请使用带 `server` 功能编译的程序。",
            ),
            Self::Problem(problem) if problem.code == ProblemCode::NotSignedIn.code() => sign_in(lang),
            _ => "",
        }
    }

    /// The rules that a device names, each with its sentence.
    fn blocking(&self, lang: Lang) -> impl Iterator<Item = (&str, String)> {
        let blocked = match self {
            Self::Device(error) => match error.as_ref() {
                DeviceError::Blocked(blocked) => blocked.as_slice(),
                _ => &[],
            },
            _ => &[],
        };
        blocked.iter().map(move |reason| (reason.rule(), reason.sentence(lang)))
    }

    /// The failure for people: lines, each with its end.
    pub(crate) fn text(&self, lang: Lang) -> String {
        let mut lines = vec![self.sentence(lang)];
        if let Self::Problem(problem) = self {
            lines.push(problem.detail.clone());
            if let Some(place) = &problem.place {
                lines.push(format!("{}: {place}", pick(lang, "place", "位置")));
            }
            if !problem.rules.is_empty() {
                lines.push(format!("{}: {}", pick(lang, "rules", "规则"), problem.rules.join(", ")));
            }
            let visit = |one: &VisitRefused| format!("- {} [{}]", one.case_no, one.rules.join(", "));
            lines.extend(problem.visits.iter().map(visit));
            if let Some(request) = &problem.request {
                let said = pick(
                    lang,
                    "id of the request in the server's log",
                    "该请求在服务器日志中的编号",
                );
                lines.push(format!("{said}: {request}"));
            }
        }
        lines.extend(
            self.blocking(lang)
                .map(|(rule, sentence)| format!("- {sentence} [{rule}]")),
        );
        lines.push(self.remedy(lang).to_owned());
        lines.push(format!("{}: {}", pick(lang, "code", "代码"), self.code()));
        lines.retain(|line| !line.is_empty());
        lines.push(String::new());
        lines.join("\n")
    }

    /// The failure for programs: `{"problem": {…}}`.
    pub(crate) fn document(&self, lang: Lang) -> serde_json::Value {
        let problem = match self {
            Self::Problem(problem) => problem.as_ref().clone(),
            other => Problem {
                kind: format!("urn:doorstep:problem:{}", other.code()),
                title: other.sentence(lang),
                status: 0,
                code: other.code().to_owned(),
                detail: other.remedy(lang).to_owned(),
                place: None,
                rules: other.blocking(lang).map(|(rule, _)| rule.to_owned()).collect(),
                visits: Vec::new(),
                request: None,
            },
        };
        serde_json::json!({ "problem": problem })
    }
}

fn unreachable(lang: Lang) -> &'static str {
    pick(
        lang,
        "Start it with `doorstep serve`, or name another one with --server or DOORSTEP_SERVER. Where the connection broke \
         while a file was sent, the file may be larger than the server takes (64 MiB unless configured).",
        "请用 `doorstep serve` 启动服务器，或用 --server、DOORSTEP_SERVER 指定其他服务器。若在发送文件时中断，文件可能超过\
         服务器上限（默认 64 MiB）。",
    )
}

/// What to do without a session.
fn sign_in(lang: Lang) -> &'static str {
    pick(
        lang,
        "Sign in with `doorstep login --user NUMBER`.",
        "请用 `doorstep login --user 工号` 登录。",
    )
}

#[cfg(feature = "server")]
impl From<ServerError> for Failure {
    fn from(error: ServerError) -> Self {
        Self::Server(Box::new(error))
    }
}

impl From<DeviceError> for Failure {
    fn from(error: DeviceError) -> Self {
        Self::Device(Box::new(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_shows_title_detail_place_rules_and_code() {
        let mut problem = Problem::new(ProblemCode::RuleBlocked, "The person asked for contact to stop.");
        problem.place = Some("line 4".to_owned());
        problem.rules = vec!["cn.hours.1".to_owned(), "house.count.2".to_owned()];
        let failure = Failure::Problem(Box::new(problem));
        let expected = "\
A rule refuses
The person asked for contact to stop.
place: line 4
rules: cn.hours.1, house.count.2
code: rule-blocked
";
        assert_eq!(failure.text(Lang::En), expected);
        assert_eq!(failure.exit(), Exit::Failed);
        assert_eq!(failure.document(Lang::En)["problem"]["place"], "line 4");
    }

    #[test]
    fn failures_of_this_side_say_what_to_do() {
        let failure = Failure::NotSignedIn {
            server: "http://x".to_owned(),
        };
        assert_eq!(
            failure.text(Lang::En),
            "not signed in at http://x\nSign in with `doorstep login --user NUMBER`.\ncode: not-signed-in\n"
        );
        assert_eq!(
            failure.text(Lang::Zh),
            "尚未登录 http://x\n请用 `doorstep login --user 工号` 登录。\n代码: not-signed-in\n"
        );
        assert_eq!(Failure::NobodyToAsk.exit(), Exit::Usage);
        let value = Failure::Value {
            name: "--at",
            given: "x".to_owned(),
            expected: ("LAT,LON", "纬度,经度"),
        };
        assert_eq!(
            value.text(Lang::En),
            "--at: `x` cannot be used; expected LAT,LON\ncode: bad-value\n"
        );
    }
}
