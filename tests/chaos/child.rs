//! The server program as a child process that can be killed.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A server at work in a process of its own.
pub(crate) struct ServerProcess(Child);

/// The server program, which lies beside this one.
fn program() -> PathBuf {
    let here = std::env::current_exe().unwrap();
    let path = here.with_file_name(format!("doorstep-server{}", std::env::consts::EXE_SUFFIX));
    assert!(
        path.is_file(),
        "{} is missing; ./test builds it, or `cargo build -p doorstep-server --bin doorstep-server`",
        path.display()
    );
    path
}

impl ServerProcess {
    /// Starts the server of a folder and waits until it serves.
    pub(crate) fn start(folder: &Path) -> Self {
        let mut child = Command::new(program())
            .arg("--dir")
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = String::new();
        loop {
            let Some(Ok(line)) = lines.next() else {
                panic!("the server did not start: {said}");
            };
            if line.contains("serving") {
                break;
            }
            said.push_str(&line);
            said.push('\n');
        }
        // A pipe that nobody empties would stop the server once it is full.
        std::thread::spawn(move || lines.for_each(drop));
        Self(child)
    }

    /// Ends it as `kill -9` does: it gets no chance to finish anything.
    pub(crate) fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for ServerProcess {
    /// A round that fails leaves no server behind.
    fn drop(&mut self) {
        // It may be gone already; then there is nothing left to end.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
