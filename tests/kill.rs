//! kill -9 at random moments of import, planning and sync: nothing is half done, the log verifies. The rounds are run by
//! the program `doorstep-chaos`; `cargo run -p doorstep-tests --bin doorstep-chaos -- --rounds N --seed S` runs more.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::process::Command;

/// Runs the rounds on SQLite, or on the databases that the options name. How many kills come in the middle of some work
/// is for the machine to say; where none does, the rounds show nothing.
fn nothing_is_half_done(rounds: u64, options: &[&str]) {
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
    let (before, _) = said.split_once(" kills came mid-work").unwrap();
    let mid_work: u64 = before.rsplit(' ').next().unwrap().parse().unwrap();
    assert!(mid_work > 0, "every piece of work was done before its kill: {said}");
}

mod sqlite {
    #[test]
    fn kills_leave_nothing_half_done() {
        super::nothing_is_half_done(12, &[]);
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
}
