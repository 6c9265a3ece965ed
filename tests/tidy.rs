//! The house rules that a compiler does not hold: layout, dependency directions, sizes, headers, forbidden words.
//!
//! Each check reads the files of this checkout and collects findings; a finding names the file, the line and what
//! to do. Every check is a function from texts to findings, and is itself tested on a planted violation, because
//! a check that cannot fail is worth nothing. Knows no Doorstep crate. Start in `tidy/checkout.rs`.

#![allow(clippy::panic, reason = "a test that cannot read its input has nothing else to do")]

mod checkout;
mod dependencies;
mod layout;
mod scanner;
mod size;
mod sources;
