//! The program as people use it: the built program on a pseudo-terminal, its keys typed, its screen read back cell by
//! cell, its server and its own process stopped and killed on the way. What each screen shows is tested in `tui`; here
//! it is that the whole holds together. Start with `terminal/screen.rs`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod conflict;
mod crew;
mod day;
mod desk;
mod kill;
mod measures;
mod modes;
mod own;
mod pin;
mod quiet;
mod rough;
mod screen;
mod sos;
