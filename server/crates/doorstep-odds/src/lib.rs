//! The chances of a visit, learned from the visits that were made: that somebody is met, and that something is agreed once
//! somebody came to the door.
//!
//! A small method that can be followed by hand: an assumed chance, times the ratio of what happened to what was expected, coarse
//! to fine, each ratio drawn towards 1 while little is known (docs/odds.md). It knows kinds of places, classes of days, bands of
//! hours, stages and amounts; it must not know persons, addresses, cases or anything that protects somebody, and there is no
//! field here that could hold it. Nothing is read or written here, and no clock is asked.
//!
//! Start reading at [`Model`], then [`Report`] says how good one is. [`Trial`] is what both are made from.

mod ladder;
mod model;
mod prior;
mod report;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
mod trial;

pub use ladder::{Group, Ladder};
pub use model::{Factor, Model, Span};
pub use report::{Bin, GroupLine, HourCell, Judged, Report};
pub use trial::{Place, Scene, Slot, Trial};

/// Cells with fewer visits are not kept: they count in the coarser cell alone, and nothing is shown of them. So no figure rests on
/// a handful of visits, which somebody could know by name.
pub const VISITS_LEAST: u64 = 10;
