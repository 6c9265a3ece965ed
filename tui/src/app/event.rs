//! What can happen to the screens.

use super::action::Action;
use super::effect::{Answered, Topic, Trouble};
use super::key::Key;
use super::model::Place;

/// What was tapped. Drawing says where each one is, so that what is seen is what is hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// A button or a hint.
    Do(Action),
    /// A key's hint in a layer.
    Press(Key),
    /// A row of the screen's list.
    Row(usize),
    /// A tab.
    Tab(Place),
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Event {
    /// A key.
    Key(Key),
    /// A text was pasted.
    Paste(String),
    /// A click or a tap on something.
    Tap(Target),
    /// The wheel: down or up.
    Wheel(bool),
    /// The terminal has another size.
    Resize(u16, u16),
    /// The moment that was asked for has come, or a minute went by.
    Tick,
    /// The server says that something changed.
    Woken,
    /// Progress of something long.
    Progress {
        /// What it is about.
        topic: Topic,
        /// How far, in thousandths; what it is doing.
        permille: u16,
        /// In words.
        text: String,
    },
    /// An answer.
    Answer {
        /// The number of the request.
        request: u64,
        /// What it was about.
        topic: Topic,
        /// What came of it.
        result: Result<Answered, Trouble>,
    },
    /// The program is asked to end.
    Terminate,
}
