//! What screens are drawn with: texts that stay in their cells, frames, lists of which only the visible rows are built.

pub(crate) mod frame;
pub(crate) mod paint;
pub(crate) mod rows;
