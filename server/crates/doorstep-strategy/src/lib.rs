//! What a portfolio decides for itself: when a debt has which stage, and what follows from it. A strategy is a document in
//! TOML, one for each portfolio and version; this crate reads it, refuses what cannot be meant, and answers from it.
//!
//! It does no input or output and reads no clock. It never widens what a rule pack narrows: rules are asked beside it and win.
//! Start with [`Strategy::read`] and [`next()`]; each section has a file of its own.

mod books;
mod authority;
mod document;
mod pay;
mod plans;
mod next;
mod pauses;
mod stages;
mod steps;
mod worth;

pub use books::Books;
pub use authority::{Authority, Grant, Limit, Limits, Reach, Scale};
pub use document::{FORMAT, Strategy, StrategyError};
pub use pay::{Pay, PayOf, PayTo};
pub use plans::{Plans, Promises, Rewards};
pub use next::{Answer, CaseFacts, Forbidden, Next, Other, Past, Place, address_is_stale, next};
pub use pauses::{AddressUse, Calm, Lost, Rest};
pub use stages::Stages;
pub use steps::{ReasonWanted, Step};
pub use worth::{Price, Worth};

/// The strategy of a portfolio that has none of its own, as a document.
pub const DEFAULT: &str = include_str!("../../../strategy/default.toml");
