//! What a command hands back: a document for programs, a text for people, and whether the check it made held.

use serde::Serialize;
use serde_json::Value;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It did what was asked.
    Done,
    /// It was refused, or what it checked does not hold.
    Failed,
    /// The command line or a value in it is wrong; nothing was sent.
    Usage,
    /// The server cannot be reached.
    Unreachable,
}

impl Exit {
    /// The number that the program ends with.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Unreachable => 3,
        }
    }
}

/// The outcome of a command that was carried out.
#[derive(Debug)]
pub(crate) enum Answer {
    /// A document and the same as text.
    Document {
        /// For programs.
        document: Value,
        /// For people.
        text: String,
        /// Whether the check held; `true` where the command checks nothing.
        holds: bool,
    },
    /// The data was written already, for example a file to the standard output.
    Written,
    /// The data was written already, and it says that a check did not hold.
    #[cfg(feature = "server")]
    NotHeld,
}

impl Answer {
    /// An answer with its document and text.
    pub(crate) fn new(document: &impl Serialize, text: String) -> Self {
        Self::checked(document, text, true)
    }

    /// The result of a check.
    pub(crate) fn checked(document: &impl Serialize, text: String, holds: bool) -> Self {
        // Our documents have text keys and no failing serialisers, so this does not fail; null is an honest fallback.
        let document = serde_json::to_value(document).unwrap_or(Value::Null);
        Self::Document { document, text, holds }
    }
}
