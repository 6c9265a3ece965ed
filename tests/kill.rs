//! kill -9 at random moments of import, planning and sync: nothing is half done, the log verifies; and of one of two servers
//! on the same databases: they sign one history. The rounds are run by the program `doorstep-chaos`;
//! `cargo run -p doorstep-tests --bin doorstep-chaos -- --rounds N --seed S [--servers 2]` runs more.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::process::Command;

/// Runs the rounds on SQLite, or on the databases that the options name; returns what the program said.
fn rounds_hold(rounds: u64, options: &[&str]) -> String {
    let chaos = env!("CARGO_BIN_EXE_doorstep-chaos");
    let ran = Command::new(chaos)
        .args(["--rounds", &rounds.to_string(), "--seed", "1"])
        .args(options)
        .output()
        .unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&ran.stdout),
        String::from_utf8_lossy(&ran.stderr)
    );
    assert!(ran.status.success(), "{said}");
    assert!(said.contains(&format!("{rounds} rounds held")), "{said}");
    said
}

/// How many kills come in the middle of some work is for the machine to say; where none does, the rounds show nothing.
fn nothing_is_half_done(rounds: u64, options: &[&str]) {
    let said = rounds_hold(rounds, options);
    let (before, _) = said.split_once(" kills came mid-work").unwrap();
    let mid_work: u64 = before.rsplit(' ').next().unwrap().parse().unwrap();
    assert!(mid_work > 0, "every piece of work was done before its kill: {said}");
}

/// Two servers on the same databases, of which one after the other is killed while devices send to both.
fn one_history(rounds: u64, options: &[&str]) {
    let said = rounds_hold(rounds, &[options, &["--servers", "2"]].concat());
    assert!(said.contains("checkpoints in one line"), "{said}");
}

mod sqlite {
    #[test]
    fn kills_leave_nothing_half_done() {
        super::nothing_is_half_done(12, &[]);
    }

    #[test]
    fn two_servers_of_which_one_is_killed_sign_one_history() {
        super::one_history(6, &[]);
    }
}

mod postgres {
    #[tokio::test]
    async fn kills_leave_nothing_half_done() {
        let [data, keys] = [
            crate::harness::postgres_database().await,
            crate::harness::postgres_database().await,
        ];
        super::nothing_is_half_done(8, &["--database", &data.url(), "--keys", &keys.url()]);
        for database in [data, keys] {
            database.drop().await.unwrap();
        }
    }

    #[tokio::test]
    async fn two_servers_of_which_one_is_killed_sign_one_history() {
        let [data, keys] = [
            crate::harness::postgres_database().await,
            crate::harness::postgres_database().await,
        ];
        super::one_history(6, &["--database", &data.url(), "--keys", &keys.url()]);
        for database in [data, keys] {
            database.drop().await.unwrap();
        }
    }
}
