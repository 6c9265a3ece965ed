//! Modes of the terminal while the screens are shown. However the program ends, they are taken back: dropped at the end,
//! before the message of a panic, and around a stop by Ctrl-Z.

use std::io::{self, Write, stdout};
use std::sync::Once;

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::style::Print;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use crossterm::{execute, queue};
use tokio::sync::Notify;

/// Buttons, drags and the wheel in SGR form; not every motion, which would wake a telephone for nothing.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1002l\x1b[?1000l";

/// Told by a panic in whichever thread.
static FAILURE: Notify = Notify::const_new();

/// Waits until a part of the program has failed. What it said stands on the terminal then, so nothing may be drawn any
/// more.
pub(super) async fn failure() {
    FAILURE.notified().await;
}

/// The modes are on while this lives.
#[derive(Debug)]
pub(super) struct Guard(());

impl Guard {
    /// Switches the modes on.
    pub(super) fn enter() -> io::Result<Self> {
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |info| {
                leave();
                before(info);
                FAILURE.notify_one();
            }));
        });
        enable_raw_mode()?;
        let guard = Self(());
        let mut out = stdout();
        queue!(out, EnterAlternateScreen, Hide, EnableBracketedPaste, Print(MOUSE_ON))?;
        out.flush()?;
        Ok(guard)
    }

    /// Stops the process as Ctrl-Z does elsewhere, with the terminal as it was; goes on when the process is continued.
    #[cfg(unix)]
    pub(super) fn stop_process(self) -> io::Result<Self> {
        drop(self);
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP)?;
        Self::enter()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        leave();
    }
}

/// Takes the modes back. What cannot be written any more is nobody's loss.
fn leave() {
    let _ = execute!(
        stdout(),
        Print(MOUSE_OFF),
        DisableBracketedPaste,
        Show,
        LeaveAlternateScreen
    );
    let _ = disable_raw_mode();
}

#[cfg(all(test, unix))]
#[path = "guard_tests.rs"]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]
mod tests;
