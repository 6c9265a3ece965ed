//! All integration tests, one binary.

mod store;
mod tidy;
