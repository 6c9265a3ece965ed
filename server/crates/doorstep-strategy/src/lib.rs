//! What a portfolio decides for itself: when a debt has which stage, and what follows from it. A strategy is a document in
//! TOML, one for each portfolio and version; this crate reads it, refuses what cannot be meant, and answers from it.
//!
//! It does no input or output and reads no clock. It never widens what a rule pack narrows: rules are asked beside it and win.
//! Start with [`Strategy::read`]; each section has a file of its own.

mod document;
mod stages;

pub use document::{FORMAT, Strategy, StrategyError};
pub use stages::Stages;

/// The strategy of a portfolio that has none of its own, as a document.
pub const DEFAULT: &str = include_str!("../../../strategy/default.toml");
