//! The server as a process of its own, at an hour of the sample files' day, and what processes cost.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use doorstep_domain::measure::{Clock, Micros};
use doorstep_server::{Config, Server, Start, SystemClock};

/// The word with which this program becomes the server.
pub(crate) const SERVE: &str = "--serve";
/// Ticks of the kernel's CPU times are 10 ms on every Linux that this runs on.
const MICROS_A_TICK: u64 = 10_000;

/// A clock that runs with the machine's, some time apart from it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shifted(pub(crate) i64);

impl Clock for Shifted {
    fn now(&self) -> Micros {
        Micros(SystemClock.now().get() + self.0)
    }
}

/// Serves a folder (`FOLDER SHIFT`) until it is killed.
pub(crate) async fn serve(words: &[String]) {
    let [folder, shift] = words else {
        panic!("{SERVE} FOLDER SHIFT");
    };
    let config = Config::load(Path::new(folder)).unwrap();
    doorstep_server::telemetry::start(&config.log_level).unwrap();
    let start = Start {
        folder: folder.into(),
        config,
        clock: Arc::new(Shifted(shift.parse().unwrap())),
        listener: None,
    };
    Server::start(start).await.unwrap().until_signal().await.unwrap();
}

/// The server at work.
pub(crate) struct ServerProcess(Child);

impl ServerProcess {
    /// Starts it and waits until it serves.
    pub(crate) fn start(folder: &Path, shift: i64) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .arg(SERVE)
            .arg(folder)
            .arg(shift.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let served = lines.any(|line| line.unwrap().contains("serving"));
        assert!(served, "the server did not start");
        // A pipe that nobody empties would stop the server once it is full.
        std::thread::spawn(move || lines.for_each(drop));
        Self(child)
    }

    /// CPU that it has used, in microseconds.
    pub(crate) fn cpu_us(&self) -> u64 {
        cpu_us(self.0.id()).unwrap()
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // It may be gone already; then there is nothing left to end.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// User and system time of a process, with that of its children that have ended.
fn cpu_us(pid: u32) -> Option<u64> {
    let fields = stat(pid)?;
    let ticks: u64 = fields[11..15].iter().map(|field| field.parse::<u64>().unwrap()).sum();
    Some(ticks * MICROS_A_TICK)
}

/// The fields of a process from its state on; the name before them may hold anything.
fn stat(pid: u32) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = text.rsplit_once(") ")?;
    Some(fields.split(' ').map(str::to_owned).collect())
}

/// CPU of a process and all its children, in microseconds.
pub(crate) fn family_cpu_us(parent: u32) -> u64 {
    let mut sum = cpu_us(parent).unwrap_or(0);
    for entry in std::fs::read_dir("/proc").unwrap() {
        let name = entry.unwrap().file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        if stat(pid).is_some_and(|fields| fields[1] == parent.to_string()) {
            sum += cpu_us(pid).unwrap_or(0);
        }
    }
    sum
}
