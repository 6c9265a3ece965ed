//! Where commands write and whom they ask: data on one side, talk on the other. Commands never print by themselves.

use std::io;

/// The two ends of a command.
pub trait Out: Send {
    /// Takes data: what a program behind a pipe wants to read.
    fn data(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Takes talk: previews, warnings, refusals. Whole lines.
    fn talk(&mut self, text: &str) -> io::Result<()>;
    /// Shows how far long work is, in place of what was shown before; an empty text takes it away. Only a terminal shows it.
    fn progress(&mut self, _text: &str) -> io::Result<()> {
        Ok(())
    }
    /// Asks a person; `secret` hides what is typed. `None` where nobody can be asked.
    fn ask(&mut self, question: &str, secret: bool) -> io::Result<Option<String>>;
    /// All of the standard input, for secrets from a pipe.
    fn input(&mut self) -> io::Result<String>;
    /// Whether both ends are a terminal, on which screens can be shown.
    fn is_terminal(&self) -> bool {
        false
    }
}

/// Keeps what commands write, and answers from a list: for tests and the demo.
#[derive(Debug, Default)]
pub struct Captured {
    /// Data so far.
    pub data: Vec<u8>,
    /// Talk so far.
    pub talk: String,
    /// Answers to questions, the next one first. Empty: nobody can be asked.
    pub answers: std::collections::VecDeque<String>,
    /// The standard input.
    pub input: String,
}

impl Captured {
    /// The data as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.data).into_owned()
    }
}

impl Out for Captured {
    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.data.extend_from_slice(bytes);
        Ok(())
    }

    fn talk(&mut self, text: &str) -> io::Result<()> {
        self.talk.push_str(text);
        Ok(())
    }

    fn ask(&mut self, question: &str, _secret: bool) -> io::Result<Option<String>> {
        self.talk.push_str(question);
        self.talk.push('\n');
        Ok(self.answers.pop_front())
    }

    fn input(&mut self) -> io::Result<String> {
        Ok(std::mem::take(&mut self.input))
    }
}
