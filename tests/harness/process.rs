//! The programs as processes: run to their end with what they wrote, or started, asked to stop, and waited for. Knows no
//! command.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

/// A program of this workspace; `./test` builds all of them beside one another.
pub(crate) fn program(name: &str) -> PathBuf {
    let beside = Path::new(env!("CARGO_BIN_EXE_doorstep-chaos"));
    let path = beside.with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        path.is_file(),
        "{} is missing; ./test builds it, or `cargo build --workspace --bins`",
        path.display()
    );
    path
}

/// A program with none of the surroundings of whoever runs the tests, but for what finds other programs.
pub(crate) fn command(name: &str, home: &Path) -> Command {
    let mut command = Command::new(program(name));
    command.env_clear().env("HOME", home).env("DOORSTEP_LANG", "en");
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command.stdin(Stdio::null());
    command
}

/// How a program ended and what it wrote.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) data: String,
    pub(crate) talk: String,
}

/// Runs a program to its end with something on its standard input.
pub(crate) fn run_to_end(mut command: Command, input: &str) -> Ended {
    let piped = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    // A program that needs no input may have ended already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    Ended {
        code: output.status.code(),
        data: String::from_utf8(output.stdout).unwrap(),
        talk: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A program at work.
pub(crate) struct Process {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    /// What it wrote so far.
    pub(crate) said: String,
}

impl Process {
    /// Starts a program. What it writes to its standard error goes where that of the tests goes.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self {
            child,
            lines,
            said: String::new(),
        }
    }

    /// Reads until a line holds this, and returns that line.
    pub(crate) fn line_with(&mut self, wanted: &str) -> String {
        loop {
            let Some(Ok(line)) = self.lines.next() else {
                panic!("the program ended without saying `{wanted}`: {}", self.said);
            };
            self.said.push_str(&line);
            self.said.push('\n');
            if line.contains(wanted) {
                return line;
            }
        }
    }

    /// Asks it to stop as a system does, and waits until it has ended.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(asked.success(), "process {id} is gone already: {}", self.said);
        // A pipe that nobody empties would keep it from ending.
        for line in self.lines.by_ref().map_while(Result::ok) {
            self.said.push_str(&line);
        }
        self.child.wait().unwrap()
    }
}

impl Drop for Process {
    /// A test that fails leaves no program behind.
    fn drop(&mut self) {
        // It may have ended already; then there is nothing left to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
