//! The map: streets, the route, stops and people in a grid of braille dots, 2×4 to a cell.
//!
//! [`MapPane`] draws a [`Scene`] as seen by a [`Camera`]. Everything but the `widget` is pure and knows neither ratatui nor
//! the terminal; places are WGS-84 points in 1e-7 degrees. Ideas that come from the map programs mapscii and mapterm:
//! clipping before drawing, labels by a bitmap of used cells. No code is theirs.

mod camera;
mod dots;
mod geojson;
mod grid;
mod labels;
mod lod;
mod marks;
mod scene;
mod street_names;
mod streets;
mod style;
pub mod town;
mod widget;
mod words;

pub use camera::{Camera, Pan, STEPS_M, Size};
pub use scene::{Leg, LegPart, Person, PersonState, Scene, Stop, StopState, legs_between};
pub use streets::{Class, Street, Streets, StreetsError};
pub use style::{Colour, Look, Part};
pub use widget::{MapPane, MapTheme};
pub use words::{Compass, distance, distance_m, next_stop};

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
#[path = "map/tests.rs"]
mod tests;
