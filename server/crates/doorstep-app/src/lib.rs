//! Use cases: authorise, decide, write, audit. Knows storage and rules, but no HTTP and no screen.
//!
//! Start with [`file`], which turns an uploaded file into rows.

pub mod file;
