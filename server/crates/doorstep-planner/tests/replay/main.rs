//! Replays of plans: against plans that go as planned, against a day worked out by hand, and against a slow one of their own.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod by_hand;
mod exact;
mod oracle;
mod slower;
mod sums;
mod town;
