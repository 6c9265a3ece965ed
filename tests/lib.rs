//! The tests that start real parts of Doorstep; see `all.rs`.
