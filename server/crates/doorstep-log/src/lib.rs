//! The tamper-evident log: what its leaves look like, how they form a tree, how a tree is signed, cut
//! into tiles, proven, exported and verified by a stranger without network.
//!
//! Pure: no I/O, no clock, no randomness; bytes, keys and times are arguments. Knows no other Doorstep
//! crate; identifiers are plain strings here. Hashing follows RFC 6962, text formats follow the C2SP
//! specifications (signed-note, tlog-checkpoint, tlog-tiles, tlog-proof, tlog-cosignature, tlog-policy,
//! tlog-witness), leaves are RFC 8785 JSON.

pub mod canonical;
pub mod chain;
pub mod checkpoint;
pub mod cosignature;
pub mod device_key;
pub mod evidence;
pub mod export;
pub mod hash;
pub mod hashing;
pub mod joined;
pub mod leaf;
pub mod note;
pub mod policy;
pub mod proof;
pub mod receipt;
pub mod signature;
pub mod stamp;
pub mod stop;
pub mod tile;
pub mod tree;
pub mod verify;
pub mod witness;

#[cfg(test)]
mod every_change_tests;
#[cfg(test)]
mod fuzz_tests;
