//! A panic on a real terminal: this test starts itself on a pseudo-terminal and panics there with the modes on.

use std::io::Read as _;

use pty_process::blocking::{Command, open};
use rustix::termios::{LocalModes, tcgetattr};

use super::{Guard, failure};

/// Says what the started test does.
const PART: &str = "DOORSTEP_TEST_GUARD";
const NAME: &str = "term::guard::tests::a_panic_is_read_on_the_terminal_as_it_was";
/// What the panic says.
const SAID: &str = "the roof fell in";

/// On the terminal: the modes are on, then something panics.
fn panics(part: &str) {
    let guard = Guard::enter().unwrap();
    assert!(part != "loop", "{SAID}");
    let thread = std::thread::spawn(|| panic!("{SAID}"));
    assert!(thread.join().is_err());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(failure());
    drop(guard);
}

/// Starts this test as one of its parts; what it wrote, and whether the terminal has lines and echo afterwards.
fn written(part: &str) -> (String, bool) {
    let (mut pty, its_end) = open().unwrap();
    pty.resize(pty_process::Size::new(24, 80)).unwrap();
    let program = std::env::current_exe().unwrap();
    let command = Command::new(program).args([NAME, "--exact", "--nocapture"]);
    let mut child = command.env(PART, part).spawn(its_end).unwrap();
    let (mut written, mut piece) = (Vec::new(), [0; 4096]);
    while let Ok(count @ 1..) = pty.read(&mut piece) {
        written.extend_from_slice(&piece[..count]);
    }
    child.wait().unwrap();
    let modes = tcgetattr(&pty).unwrap().local_modes;
    let restored = modes.contains(LocalModes::ICANON | LocalModes::ECHO);
    (String::from_utf8_lossy(&written).into_owned(), restored)
}

#[test]
fn a_panic_is_read_on_the_terminal_as_it_was() {
    if let Ok(part) = std::env::var(PART) {
        panics(&part);
        return;
    }
    for part in ["loop", "thread"] {
        let (text, restored) = written(part);
        let at = |what: &str| text.find(what).unwrap_or_else(|| panic!("no {what:?} in {text:?}"));
        let said = at(SAID);
        assert!(at("\x1b[?1049h") < said, "the modes were on");
        for off in [
            "\x1b[?1049l",
            "\x1b[?25h",
            "\x1b[?2004l",
            "\x1b[?1000l",
            "\x1b[?1002l",
            "\x1b[?1006l",
        ] {
            assert!(at(off) < said, "{off:?} comes before the message");
        }
        assert!(restored, "{part}: the terminal has lines and echo again");
    }
}
