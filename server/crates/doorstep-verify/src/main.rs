//! The `doorstep-verify` program: arguments in, report out. Exit status 0: everything holds; 1: something does not, or
//! could not be read; 2: wrong usage.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use doorstep_verify::{Lang, VerifyArgs, verify};
use serde_json::json;

/// Verifies an export of Doorstep's log, a proof or a receipt, offline.
#[derive(Debug, Parser)]
#[command(name = "doorstep-verify", version, max_term_width = 100)]
#[command(after_help = "Exit status: 0 everything holds, 1 something does not, 2 wrong usage.")]
struct Cli {
    #[command(flatten)]
    what: VerifyArgs,
    /// One JSON document instead of text
    #[arg(long)]
    json: bool,
    /// Language: en or zh-CN [default: the system's]
    #[arg(long, value_name = "TAG")]
    lang: Option<Lang>,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let system = || std::env::var("LANG").ok().and_then(|tag| tag.parse().ok());
    let lang = cli.lang.or_else(system).unwrap_or_default();
    match verify(&cli.what, lang, &mut progress) {
        Ok(verified) => {
            let text = if cli.json {
                format!("{}\n", verified.document)
            } else {
                verified.text
            };
            // A reader that went away has what it wanted; the status still tells.
            let _ = io::stdout().lock().write_all(text.as_bytes());
            ExitCode::from(u8::from(!verified.holds))
        }
        Err(error) => {
            if cli.json {
                let problem = json!({ "code": error.code(), "text": error.text(lang) });
                let _ = writeln!(io::stdout(), "{}", json!({ "ok": false, "problem": problem }));
            } else {
                let _ = writeln!(io::stderr(), "{}", error.text(lang));
            }
            ExitCode::from(if error.is_usage() { 2 } else { 1 })
        }
    }
}

/// Shows a line in place of the one before, on a terminal only.
fn progress(line: &str) {
    let mut stderr = io::stderr().lock();
    if stderr.is_terminal() {
        let _ = write!(stderr, "\r\x1b[2K\x1b[?7l{line}\x1b[?7h").and_then(|()| stderr.flush());
    }
}
