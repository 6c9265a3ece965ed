//! The `doorstep` program as a library: every command can be run in process, with its surroundings and outputs given.
//!
//! Start with [`run`]. Commands talk to a server under `/v1` with the user's rights; only those in `local` open a data
//! folder. Nothing here prints: data and talk go through [`Out`].

mod answer;
mod app;
mod cli;
mod client;
mod clock;
mod command;
mod context;
mod demo;
mod env;
mod failure;
mod files;
mod geo;
mod input;
mod local;
pub mod map;
pub mod measure;
pub mod navigate;
mod out;
mod picture;
pub mod qr;
pub mod receipt;
mod said;
mod screens;
mod session;
pub mod sheet;
mod table;
mod term;
mod text;
mod theme;
mod times;
mod widgets;
mod work;

pub use answer::Exit;
pub use clock::SystemClock;
pub use env::{Env, Machine, SERVER_DEFAULT};
pub use out::{Captured, Out};

use answer::Answer;
use clap::Parser;
use cli::Cli;
use context::Context;
use failure::Failure;

/// Runs one command line; `args` come without the program's name.
///
/// Data goes to `out.data`, refusals to `out.talk`. With `--json` the data is exactly one document, also where the
/// command fails: then it is `{"problem": {…}}`.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use doorstep::{Captured, Env, Exit, run};
/// let mut out = Captured::default();
/// assert_eq!(run(["verify", "/nowhere"], &Env::read(|_| None), &mut out).await, Exit::Usage);
/// assert!(out.talk.contains("/nowhere cannot be read"));
/// # });
/// ```
pub async fn run<I, T>(args: I, env: &Env, out: &mut dyn Out) -> Exit
where
    I: IntoIterator<Item = T>,
    T: Into<std::ffi::OsString>,
{
    let args = std::iter::once("doorstep".into()).chain(args.into_iter().map(Into::into));
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => return usage(&error, out),
    };
    let (globals, command) = (cli.globals, cli.command);
    let command = match command {
        Some(command) => command,
        // Alone on a terminal the program is its screens; in a pipe it says what it can do.
        None if out.is_terminal() => cli::Command::Screen(command::screen::ScreenArgs::default()),
        None => return help(out),
    };
    let (lang, json) = (globals.lang.unwrap_or(env.lang), globals.json);
    let outcome = match Context::new(&globals, env, out) {
        Ok(mut context) => Box::pin(command::run(command, &mut context)).await,
        Err(failure) => Err(failure),
    };
    let written = match &outcome {
        Ok(answer) => write_answer(answer, json, out),
        Err(failure) => write_failure(failure, lang, json, out),
    };
    match (outcome, written) {
        // Whoever reads the pipe has seen enough; what a check found still counts.
        (Ok(Answer::Document { holds: true, .. } | Answer::Written), Err(error))
            if error.kind() == std::io::ErrorKind::BrokenPipe =>
        {
            Exit::Done
        }
        (_, Err(_)) | (Ok(Answer::Document { holds: false, .. }), _) => Exit::Failed,
        #[cfg(feature = "server")]
        (Ok(Answer::NotHeld), _) => Exit::Failed,
        (Ok(_), _) => Exit::Done,
        (Err(failure), _) => failure.exit(),
    }
}

fn help(out: &mut dyn Out) -> Exit {
    let text = <Cli as clap::CommandFactory>::command().render_help().to_string();
    // Nobody who reads this is served by a second message.
    let _ = out.talk(&text);
    Exit::Usage
}

fn usage(error: &clap::Error, out: &mut dyn Out) -> Exit {
    let text = error.render().to_string();
    let written = if error.use_stderr() {
        out.talk(&text)
    } else {
        out.data(text.as_bytes())
    };
    if error.use_stderr() || written.is_err() {
        Exit::Usage
    } else {
        Exit::Done
    }
}

fn write_answer(answer: &Answer, json: bool, out: &mut dyn Out) -> std::io::Result<()> {
    match answer {
        Answer::Document { document, .. } if json => write_document(document, out),
        Answer::Document { text, .. } => out.data(text::harmless(text).as_bytes()),
        Answer::Written => Ok(()),
        #[cfg(feature = "server")]
        Answer::NotHeld => Ok(()),
    }
}

fn write_failure(
    failure: &Failure,
    lang: doorstep_domain::words::Lang,
    json: bool,
    out: &mut dyn Out,
) -> std::io::Result<()> {
    if json {
        write_document(&failure.document(lang), out)?;
    }
    out.talk(&text::harmless(&failure.text(lang)))
}

fn write_document(document: &serde_json::Value, out: &mut dyn Out) -> std::io::Result<()> {
    let text = serde_json::to_string_pretty(document)?;
    out.data(format!("{text}\n").as_bytes())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
#[path = "run_tests.rs"]
mod tests;
