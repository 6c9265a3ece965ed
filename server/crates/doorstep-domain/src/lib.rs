//! The nouns of Doorstep, their invariants and units. No I/O, no clock, no other Doorstep crate.
//!
//! Start with [`id`] and [`measure`], then the noun you need. One file holds one noun; [`words`] holds what every code
//! is called in English and Chinese.

pub mod address;
pub mod agency;
pub mod agreement;
pub mod alarm;
pub mod approval;
pub mod case;
pub mod code;
pub mod complaint;
pub mod conflict;
pub mod contact;
pub mod credential;
pub mod datum;
pub mod door;
pub mod event;
pub mod id;
pub mod import;
pub mod live;
pub mod loan;
pub mod measure;
pub mod money;
pub mod notice;
pub mod org;
pub mod person;
pub mod place;
pub mod plan;
pub mod pressure;
pub mod quality;
pub mod rate;
pub mod read;
pub mod receipt;
pub mod recording;
pub mod restriction;
pub mod retention;
pub mod review;
pub mod staff;
pub mod visit;
pub mod wish;
pub mod words;
