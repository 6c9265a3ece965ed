//! All integration tests, one binary.

mod commands;
mod demo;
mod harness;
mod kill;
mod life;
mod rules;
mod stamp;
mod store;
mod story;
#[cfg(unix)]
mod terminal;
mod tidy;
