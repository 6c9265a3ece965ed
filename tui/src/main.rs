//! The `doorstep` program: standard input and outputs around the library. Must not know any command.

use doorstep::{Env, Exit, Out, run};
use std::io::{self, IsTerminal, Read, Write};
use std::process::{Command, ExitCode};
use std::time::Duration;

fn main() -> ExitCode {
    let env = Env::read(|name| std::env::var(name).ok());
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = writeln!(io::stderr(), "cannot start: {error}");
            return ExitCode::from(Exit::Failed.code());
        }
    };
    let exit = runtime.block_on(run(std::env::args_os().skip(1), &env, &mut Terminal));
    // A program of the machine that does not answer, as one for the position may, keeps nobody from leaving.
    runtime.shutdown_timeout(Duration::from_millis(500));
    ExitCode::from(exit.code())
}

/// Standard input, output and error.
struct Terminal;

impl Out for Terminal {
    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes)?;
        stdout.flush()
    }

    fn talk(&mut self, text: &str) -> io::Result<()> {
        io::stderr().lock().write_all(text.as_bytes())
    }

    fn progress(&mut self, text: &str) -> io::Result<()> {
        let mut stderr = io::stderr().lock();
        if !stderr.is_terminal() {
            return Ok(());
        }
        // To the start of the line, which is emptied. A line that is wider than the terminal would pile up.
        write!(stderr, "\r\x1b[2K\x1b[?7l{text}\x1b[?7h")?;
        stderr.flush()
    }

    fn ask(&mut self, question: &str, secret: bool) -> io::Result<Option<String>> {
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return Ok(None);
        }
        self.talk(&format!("{question} "))?;
        let hidden = secret && echo(false);
        let mut line = String::new();
        let outcome = io::stdin().read_line(&mut line);
        if hidden {
            echo(true);
            self.talk("\n")?;
        }
        let read = outcome?;
        Ok((read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned()))
    }

    fn input(&mut self) -> io::Result<String> {
        let mut text = String::new();
        io::stdin().lock().read_to_string(&mut text)?;
        Ok(text)
    }

    fn is_terminal(&self) -> bool {
        io::stdin().is_terminal() && io::stdout().is_terminal()
    }
}

/// Shows or hides what is typed. Says whether it could: where there is no `stty`, the secret shows.
fn echo(shown: bool) -> bool {
    let mode = if shown { "echo" } else { "-echo" };
    Command::new("stty")
        .arg(mode)
        .status()
        .is_ok_and(|status| status.success())
}
