//! Kills the server program at random moments of import, planning and sync, starts it again, and looks for anything that
//! is half done, lost or doubled. Start with `rounds`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test program stops at the first surprise and says what it found"
)]

mod child;
#[path = "../harness/client.rs"]
#[allow(dead_code, reason = "shared with the stories, which need more of it")]
mod client;
mod dice;
#[path = "../harness/export.rs"]
#[allow(dead_code, reason = "shared with the stories, which need more of it")]
mod export;
mod published;
#[path = "../harness/samples.rs"]
#[allow(dead_code, reason = "shared with the stories, which need more of it")]
mod samples;
mod twin;
mod victim;
mod way;

use dice::Dice;
use victim::Victim;

/// What is told to whoever asks wrongly.
const USAGE: &str =
    "usage: doorstep-chaos [--rounds N] [--seed S] [--servers 1|2] [--database URL --keys URL [--outage COMMAND]]

Kills doorstep-server N times (20) at moments that the seed S (1) chooses. The URLs name two empty PostgreSQL
databases, for the data and for the keys; without them everything runs on SQLite in a temporary folder. With an
outage it is not the server that is killed: the command ends the database server at once and starts it again. With
two servers on the same databases one of them is killed, and what both publish is held together.";

/// What the command line says.
struct Asked {
    rounds: u64,
    seed: u64,
    /// Two servers on one database, of which one is killed.
    twins: bool,
    /// Database and key store; both or none.
    urls: Vec<String>,
    /// What ends the database server at once and starts it again, in the place of a kill.
    outage: Option<String>,
}

fn asked() -> Asked {
    let mut asked = Asked {
        rounds: 20,
        seed: 1,
        twins: false,
        urls: Vec::new(),
        outage: None,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let value = words.next().unwrap_or_else(|| panic!("{USAGE}"));
        let number = || value.parse().unwrap_or_else(|_| panic!("{USAGE}"));
        match (word.as_str(), asked.urls.len()) {
            ("--rounds", _) => asked.rounds = number(),
            ("--seed", _) => asked.seed = number(),
            ("--servers", _) => asked.twins = number() == 2,
            ("--database", 0) | ("--keys", 1) => asked.urls.push(value),
            ("--outage", 2) => asked.outage = Some(value),
            _ => panic!("{USAGE}"),
        }
    }
    assert!(asked.urls.len() != 1, "{USAGE}");
    asked
}

#[tokio::main]
async fn main() {
    let asked = asked();
    if asked.twins {
        return twin::rounds(asked.rounds, asked.seed, &asked.urls).await;
    }
    rounds(&asked).await;
}

/// Carries out the rounds: each does one thing, kills the server meanwhile, and looks at what is left.
async fn rounds(asked: &Asked) {
    let mut dice = Dice::new(asked.seed);
    let mut victim = Victim::new(&asked.urls, asked.outage.clone()).await;
    for round in 0..asked.rounds {
        // Every kind of work gets its turn, also in a short run.
        let told = match round % 3 {
            0 => victim.killed_at_import(round, &mut dice).await,
            1 => victim.killed_at_planning(&mut dice).await,
            _ => victim.killed_at_sync(&mut dice).await,
        };
        let leaves = victim.log_holds().await;
        println!("round {}: {told}; {leaves} leaves verify", round + 1);
    }
    let cut_off = victim.cut_off();
    victim.end().await;
    println!(
        "{} rounds held (seed {}), {cut_off} kills came mid-work",
        asked.rounds, asked.seed
    );
}
