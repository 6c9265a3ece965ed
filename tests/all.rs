//! All integration tests, one binary.

mod commands;
mod demo;
mod harness;
mod kill;
mod store;
mod story;
mod tidy;
