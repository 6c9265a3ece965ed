//! The nouns of Doorstep, their invariants and units. No I/O, no clock, no other Doorstep crate.
//!
//! Start with [`id`] and [`measure`], then the noun you need. One file holds one noun; [`words`] holds what every code
//! is called in English and Chinese.

pub mod id;
pub mod measure;
