//! The terminal: modes and their end, keys in, cells out, the loop between them. Knows no screen.

mod guard;
mod input;
mod run;
mod surface;

pub(crate) use run::{Stage, Worker, run};
pub(crate) use surface::Surface;
