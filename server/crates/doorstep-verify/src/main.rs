//! The `doorstep-verify` program: arguments in, report out. Exit status 0: everything holds; 1: something does not;
//! 2: wrong usage, also where a file cannot be read or is none that can be verified.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use doorstep_verify::{Lang, VerifyArgs, verify};
use serde_json::Value;

/// Verifies an export of Doorstep's log, a proof or a receipt, offline.
#[derive(Debug, Parser)]
#[command(name = "doorstep-verify", version, max_term_width = 100)]
#[command(
    after_help = "Exit status: 0 everything holds, 1 something does not, 2 wrong usage or nothing that can be verified."
)]
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
    let system = || Lang::of_system(|name| std::env::var(name).ok());
    let lang = cli.lang.unwrap_or_else(system);
    match verify(&cli.what, lang, &mut progress) {
        Ok(verified) => {
            let text = if cli.json {
                pretty(&verified.document)
            } else {
                verified.text
            };
            write(&text);
            ExitCode::from(u8::from(!verified.holds))
        }
        Err(error) => {
            if cli.json {
                write(&pretty(&error.document(lang)));
            }
            let _ = writeln!(io::stderr(), "{}", error.text(lang));
            ExitCode::from(if error.is_usage() { 2 } else { 1 })
        }
    }
}

/// One document, as `doorstep --json` writes it.
fn pretty(document: &Value) -> String {
    format!("{document:#}\n")
}

/// A reader that went away has what it wanted; the status still tells.
fn write(text: &str) {
    let _ = io::stdout().lock().write_all(text.as_bytes());
}

/// Shows a line in place of the one before, on a terminal only.
fn progress(line: &str) {
    let mut stderr = io::stderr().lock();
    if stderr.is_terminal() {
        let _ = write!(stderr, "\r\x1b[2K\x1b[?7l{line}\x1b[?7h").and_then(|()| stderr.flush());
    }
}
