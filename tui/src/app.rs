//! The screens without a terminal: what is known, what can happen, what follows. Pure: `update` takes a model, an event
//! and the time, changes the model and names effects; it reads no clock, no file and no network.

pub(crate) mod action;
pub(crate) mod actions;
pub(crate) mod checks;
pub(crate) mod day;
pub(crate) mod desk;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
pub(crate) mod desk_sample_tests;
pub(crate) mod effect;
pub(crate) mod event;
pub(crate) mod field;
pub(crate) mod form;
pub(crate) mod key;
pub(crate) mod layer;
pub(crate) mod list;
pub(crate) mod looked;
pub(crate) mod measures;
pub(crate) mod model;
pub(crate) mod office;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
pub(crate) mod office_sample_tests;
pub(crate) mod rights;
#[cfg(test)]
pub(crate) mod sample_tests;
pub(crate) mod update;
pub(crate) mod visit;
