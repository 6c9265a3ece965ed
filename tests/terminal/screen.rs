//! A pseudo-terminal with the program on it: keys go in, the screen is kept as a terminal would show it. Waits by reading
//! until something is there, never for a time: the limit only fails the test.

use std::io::{Read as _, Write as _};
use std::num::NonZero;
use std::path::Path;
use std::process::{Child, ExitStatus};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use pty_process::blocking::{Command, Pty, open};
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{LocalModes, tcgetattr};

use crate::harness::process::program;

/// How long anything may take before the test fails.
const LIMIT: Duration = Duration::from_mins(1);
/// What stands around a frame.
const FRAME_BEGINS: &[u8] = b"\x1b[?2026h";
const FRAME_ENDS: &[u8] = b"\x1b[?2026l";

/// A time to wait at most.
struct Patience(Instant);

#[allow(
    clippy::disallowed_methods,
    reason = "how long a test reads is for no story's clock to say"
)]
impl Patience {
    fn of(time: Duration) -> Self {
        Self(Instant::now() + time)
    }

    fn left(&self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}

/// Keys as a terminal sends them.
pub(super) mod keys {
    pub(in super::super) const ENTER: &str = "\r";
    pub(in super::super) const ESC: &str = "\x1b";
    pub(in super::super) const DOWN: &str = "\x1b[B";
    pub(in super::super) const CTRL_C: &str = "\x03";
    pub(in super::super) const CTRL_Z: &str = "\x1a";
}

fn at_least_one(number: u16) -> NonZero<u16> {
    NonZero::new(number).unwrap()
}

/// The program on its terminal.
pub(super) struct Terminal {
    child: Child,
    pty: Arc<Pty>,
    pieces: Receiver<Vec<u8>>,
    /// What came and was not looked at yet: frame by frame, so that none is passed over where many come at once.
    unread: Vec<u8>,
    parser: vt100::Parser,
    /// Everything that was written, in order.
    pub(super) written: Vec<u8>,
}

impl Terminal {
    /// Starts the program at a size, with these environment variables and no others but those that find programs.
    pub(super) fn open(home: &Path, variables: &[(&str, String)], (columns, rows): (u16, u16)) -> Self {
        let (pty, its_end) = open().unwrap();
        pty.resize(pty_process::Size::new(rows, columns)).unwrap();
        let mut command = Command::new(program("doorstep"))
            .env_clear()
            .env("HOME", home)
            .env("TERM", "xterm-256color")
            .env("LANG", "C.UTF-8");
        if let Some(path) = std::env::var_os("PATH") {
            command = command.env("PATH", path);
        }
        for (name, value) in variables {
            command = command.env(name, value);
        }
        let child = command.spawn(its_end).unwrap();
        let pty = Arc::new(pty);
        let (sender, pieces) = channel();
        let reader = Arc::clone(&pty);
        std::thread::spawn(move || {
            let mut piece = [0; 8192];
            // The end of the program is an error here, not an end of the file.
            while let Ok(count @ 1..) = (&*reader).read(&mut piece) {
                if sender.send(piece[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self {
            child,
            pty,
            pieces,
            unread: Vec::new(),
            parser: vt100::Parser::new(at_least_one(rows), at_least_one(columns), 0),
            written: Vec::new(),
        }
    }

    /// Types.
    pub(super) fn types(&mut self, keys: &str) {
        (&*self.pty).write_all(keys.as_bytes()).unwrap();
    }

    /// What the screen shows, and how.
    pub(super) fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    /// The screen as text.
    pub(super) fn text(&self) -> String {
        self.screen().contents()
    }

    /// Whether the screen shows this.
    pub(super) fn shows(&self, text: &str) -> bool {
        self.text().contains(text)
    }

    /// Reads until the screen shows this.
    #[track_caller]
    pub(super) fn until(&mut self, text: &str) {
        self.until_it(&format!("`{text}`"), |terminal| terminal.shows(text));
    }

    /// Reads until the screen does not show this any more.
    #[track_caller]
    pub(super) fn until_gone(&mut self, text: &str) {
        self.until_it(&format!("no `{text}`"), |terminal| !terminal.shows(text));
    }

    /// Types something, and reads until the screen shows what follows.
    #[track_caller]
    pub(super) fn does(&mut self, keys: &str, shows: &str) {
        self.types(keys);
        self.until(shows);
    }

    /// Reads until something holds of a whole frame.
    #[track_caller]
    pub(super) fn until_it(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let patience = Patience::of(LIMIT);
        while !(self.is_whole() && holds(self)) {
            if self.takes_a_frame() {
                continue;
            }
            match self.pieces.recv_timeout(patience.left()) {
                Ok(piece) => self.unread.extend(piece),
                Err(RecvTimeoutError::Timeout) => panic!("{what} did not come:\n{}", self.text()),
                Err(RecvTimeoutError::Disconnected) => panic!("the program ended without {what}:\n{}", self.text()),
            }
        }
    }

    /// Takes what came up to the end of its first frame; says whether anything was there.
    fn takes_a_frame(&mut self) -> bool {
        let before = self.written.len().min(FRAME_ENDS.len() - 1);
        let seam = [&self.written[self.written.len() - before..], &self.unread].concat();
        let mut ends = seam.windows(FRAME_ENDS.len());
        let end = ends.position(|window| window == FRAME_ENDS);
        let count = end.map_or(self.unread.len(), |at| at + FRAME_ENDS.len() - before);
        let piece: Vec<u8> = self.unread.drain(..count).collect();
        self.take(&piece);
        !piece.is_empty()
    }

    fn take(&mut self, piece: &[u8]) {
        self.parser.process(piece);
        self.written.extend_from_slice(piece);
    }

    /// Whether no frame is half written.
    fn is_whole(&self) -> bool {
        let last = |marker: &[u8]| self.written.windows(marker.len()).rposition(|window| window == marker);
        last(FRAME_ENDS) >= last(FRAME_BEGINS)
    }

    /// Takes what was written meanwhile, without waiting.
    pub(super) fn takes_what_came(&mut self) {
        while self.takes_a_frame() {}
        while let Ok(piece) = self.pieces.try_recv() {
            self.take(&piece);
        }
    }

    /// Reads for a while; says how many bytes were written.
    pub(super) fn watched(&mut self, time: Duration) -> usize {
        self.takes_what_came();
        let (before, patience) = (self.written.len(), Patience::of(time));
        while let Ok(piece) = self.pieces.recv_timeout(patience.left()) {
            self.take(&piece);
        }
        self.written.len() - before
    }

    /// Waits until the process is stopped, as by Ctrl-Z, and has written everything.
    pub(super) fn until_stopped(&mut self) {
        let pid = Pid::from_child(&self.child);
        let options = rustix::process::WaitOptions::UNTRACED;
        let (_, status) = rustix::process::waitpid(Some(pid), options).unwrap().unwrap();
        assert!(status.stopped(), "{status:?}");
        self.until_it("the shell's screen", |now| !now.screen().alternate_screen());
        self.takes_what_came();
    }

    /// Writes on the screen as somebody else at this terminal would.
    pub(super) fn scribbles(&mut self, text: &str) {
        self.parser.process(text.as_bytes());
    }

    /// Gives the terminal another size.
    pub(super) fn resize(&mut self, columns: u16, rows: u16) {
        self.takes_what_came();
        self.parser
            .screen_mut()
            .set_size(at_least_one(rows), at_least_one(columns));
        self.pty.resize(pty_process::Size::new(rows, columns)).unwrap();
    }

    /// The number of the process.
    pub(super) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal.
    pub(super) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Ends it in the middle of whatever it does.
    pub(super) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits until it has ended by itself and reads what it wrote to the last.
    pub(super) fn ended(&mut self) -> ExitStatus {
        let patience = Patience::of(LIMIT);
        loop {
            match self.pieces.recv_timeout(patience.left()) {
                Ok(piece) => self.take(&piece),
                Err(RecvTimeoutError::Disconnected) => return self.child.wait().unwrap(),
                Err(RecvTimeoutError::Timeout) => panic!("it does not end:\n{}", self.text()),
            }
        }
    }

    /// Whether the terminal is as a shell wants it: no other screen, a cursor, no mouse, no marks around a paste, lines
    /// with echo.
    pub(super) fn is_restored(&self) -> bool {
        let screen = self.screen();
        let modes = tcgetattr(&*self.pty).unwrap().local_modes;
        !screen.alternate_screen()
            && !screen.hide_cursor()
            && !screen.bracketed_paste()
            && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
            && modes.contains(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG)
    }

    /// Whether the terminal is in the hands of the program.
    pub(super) fn is_taken(&self) -> bool {
        let screen = self.screen();
        let modes = tcgetattr(&*self.pty).unwrap().local_modes;
        screen.alternate_screen()
            && screen.hide_cursor()
            && screen.bracketed_paste()
            && screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None
            && !modes.intersects(LocalModes::ICANON | LocalModes::ECHO)
    }
}

impl Drop for Terminal {
    /// A test that fails leaves no program behind.
    fn drop(&mut self) {
        // It may have ended already; then there is nothing left to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
