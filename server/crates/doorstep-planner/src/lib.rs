//! Visit planning: a [`model::Problem`] goes in, a [`model::Plan`] comes out.
//!
//! Pure, integer and deterministic: the same problem, seed and number of iterations give the same plan on every
//! machine. The crate must not know where travel times come from, what a rule pack says, who is visited, or what time
//! it is; the caller decides when to stop. Start reading at [`model`], then [`propose`]; [`replay`] says what becomes of a plan
//! on real days.

pub mod model;
pub mod replay;
mod search;

pub use search::{Budget, Progress, Step, Wish, propose, propose_for};
