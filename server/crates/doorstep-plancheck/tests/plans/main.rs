//! Plans and their checker together: every plan made is accepted, every broken plan is noticed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod bad_input;
mod broken_routes;
mod broken_wholes;
mod mutations;
mod proposed;
mod town;
