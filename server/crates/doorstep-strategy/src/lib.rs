//! What a portfolio decides for itself: when a debt has which stage, and what follows from it. A strategy is a document in
//! TOML, one for each portfolio and version; this crate reads it, refuses what cannot be meant, and answers from it.
//!
//! It does no input or output and reads no clock. It never widens what a rule pack narrows: rules are asked beside it and win.
//! Start with [`Strategy::read`] and [`next()`]; each section has a file of its own.

mod authority;
mod books;
mod document;
mod letters;
mod next;
mod pauses;
mod pay;
mod plans;
mod stages;
mod steps;
mod targets;
mod worth;

pub use authority::{Authority, Grant, Limit, Limits, Reach, Scale};
pub use books::Books;
pub use document::{FORMAT, Strategy, StrategyError};
pub use letters::Letters;
pub use next::{ASIDE, Answer, CaseFacts, Forbidden, Next, Other, Past, Place, address_is_stale, next};
pub use pauses::{AddressUse, Calm, Lost, Rest};
pub use pay::{Pay, PayOf, PayTo};
pub use plans::{Plans, Promises, Rewards};
pub use stages::Stages;
pub use steps::{ReasonWanted, Step};
pub use targets::Targets;
pub use worth::{Price, Worth};

/// The strategy of a portfolio that has none of its own, as a document.
pub const DEFAULT: &str = include_str!("../../../strategy/default.toml");
