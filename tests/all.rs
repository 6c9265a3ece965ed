//! All integration tests, one binary.

mod harness;
mod store;
mod story;
mod tidy;
