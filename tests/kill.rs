//! kill -9 at random moments of import, planning and sync: nothing is half done, the log verifies. The rounds are run by
//! the program `doorstep-chaos`; `cargo run -p doorstep-tests --bin doorstep-chaos -- --rounds N --seed S` runs more.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::process::Command;

#[test]
fn twenty_kills_leave_nothing_half_done() {
    let chaos = env!("CARGO_BIN_EXE_doorstep-chaos");
    let ran = Command::new(chaos)
        .args(["--rounds", "20", "--seed", "1"])
        .output()
        .unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&ran.stdout),
        String::from_utf8_lossy(&ran.stderr)
    );
    assert!(ran.status.success(), "{said}");
    assert!(said.contains("20 rounds held"), "{said}");
}
