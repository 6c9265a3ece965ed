//! Pushes signed events over HTTP as fast as the server takes them, follows the checkpoints, and says how fast that was and
//! what it cost. `tests/measure-log.sh` runs it on both engines. The server runs in a process of its own, which is this
//! program again.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measuring program stops at the first surprise and says what it found"
)]

#[path = "../harness/client.rs"]
#[allow(dead_code, reason = "shared with the stories, which need more of it")]
mod client;
mod drive;
mod plain;
mod process;
#[path = "../harness/samples.rs"]
#[allow(dead_code, reason = "shared with the stories, which need more of it")]
mod samples;
mod signer;
mod stage;
mod tally;

use std::path::PathBuf;

use signer::Mix;

/// What is told to whoever asks wrongly.
const USAGE: &str =
    "usage: doorstep-load [--events N] [--devices N] [--mix chain|door] [--import yes|no] [--plain FILE]
                     [--database URL --keys URL] [--database-pid PID]

Pushes N (60000) signed events of so many devices (12) in pushes of 20 and tells events a second, times and CPU. With
`--import yes` a file of 20,000 cases is imported meanwhile. The URLs name two empty PostgreSQL databases, for the data
and for the keys; without them everything runs on SQLite in a temporary folder. The PID is that of PostgreSQL's first
process; its children's CPU counts too. `--plain` only writes the same bytes as statements of 20 rows, in the words of the
engine that the URLs name.";

/// What the command line says.
pub(crate) struct Asked {
    events: usize,
    devices: usize,
    mix: Mix,
    import: bool,
    plain: Option<PathBuf>,
    /// Database and key store; both or none.
    urls: Vec<String>,
    database_pid: Option<u32>,
}

fn asked(words: Vec<String>) -> Asked {
    let mut asked = Asked {
        events: 60_000,
        devices: 12,
        mix: Mix::Chain,
        import: false,
        plain: None,
        urls: Vec::new(),
        database_pid: None,
    };
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let value = words.next().unwrap_or_else(|| panic!("{USAGE}"));
        let number = || value.parse().unwrap_or_else(|_| panic!("{USAGE}"));
        match (word.as_str(), value.as_str()) {
            ("--events", _) => asked.events = number(),
            ("--devices", _) => asked.devices = number(),
            ("--mix", "chain") => asked.mix = Mix::Chain,
            ("--mix", "door") => asked.mix = Mix::Door,
            ("--import", "yes" | "no") => asked.import = value == "yes",
            ("--plain", _) => asked.plain = Some(PathBuf::from(value)),
            ("--database" | "--keys", _) => asked.urls.push(value),
            ("--database-pid", _) => asked.database_pid = Some(number() as u32),
            _ => panic!("{USAGE}"),
        }
    }
    assert!(asked.urls.len() != 1, "{USAGE}");
    asked
}

#[tokio::main]
async fn main() {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().is_some_and(|word| word == process::SERVE) {
        return process::serve(&words.split_off(1)).await;
    }
    measure(&asked(words)).await;
}

async fn measure(asked: &Asked) {
    if let Some(file) = &asked.plain {
        let load = signer::sign(&stage::strangers(asked.devices), stage::clock(), asked);
        return plain::write(file, !asked.urls.is_empty(), &load);
    }
    let stage = stage::Stage::new(asked).await;
    let load = signer::sign(&stage.devices, stage.clock, asked);
    let before = stage.cost(asked).await;
    let run = drive::run(&stage, load, asked.import).await;
    let after = stage.cost(asked).await;
    let order = stage.order().await;
    tally::tell(asked, &run, &order, (&before, &after));
}
