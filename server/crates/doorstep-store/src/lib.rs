//! Everything Doorstep keeps: SQL for SQLite and PostgreSQL behind one facade, the key store, sealing, the log's tables.
//!
//! The only crate of the server that knows SQL. It decides nothing: use cases (doorstep-app) do. Two things hold by type:
//! a writing transaction ends only with entries for the log ([`write::WriteTx::commit`]) or a kind from a closed list of
//! housekeeping, and nothing sealed opens without a [`grant::ReadGrant`], which is made together with its read entry.
//!
//! Start with [`store::Store`]; each noun has a file with its rows and its statements, named noun first, verb second.

mod db;

pub mod address;
mod adopt;
pub mod agency;
pub mod agreement;
pub mod alarm;
pub mod approval;
pub mod backup;
pub mod blind;
pub mod blobs;
pub mod calm;
pub mod case;
mod case_stage;
pub mod check;
pub mod complaint;
pub mod conflict;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod consent;
pub mod contact;
pub mod contact_edit;
pub mod credential;
pub mod device;
mod ended;
pub mod entry;
pub mod erasure;
pub mod error;
pub mod event;
pub mod flag;
mod fold;
pub mod generation;
pub mod grant;
pub mod import;
pub mod job;
pub mod keys;
pub mod leaflet;
pub mod letter;
pub mod live;
pub mod loan;
mod lock;
pub mod log;
mod mac;
pub mod mark;
pub mod meta;
pub mod notice;
pub mod odds;
pub mod org;
mod outside;
pub mod partner;
pub mod payment;
pub mod pending;
pub mod person;
pub mod place;
pub mod plan;
pub mod present;
mod private;
pub mod quality;
mod queue;
pub mod rates;
pub mod reads;
pub mod recall;
pub mod receipt;
pub mod recorder;
pub mod recording;
pub mod report;
pub mod restriction;
pub mod retention;
pub mod review;
pub mod rules;
pub mod schema;
pub mod seal;
pub mod sequence;
pub mod session;
pub mod sign;
pub mod spent;
pub mod staff;
pub mod stamp;
#[cfg_attr(
    not(feature = "conformance"),
    allow(dead_code, reason = "only tests make steps fail")
)]
pub mod step;
pub mod stop;
pub mod store;
pub mod strategy;
pub mod training;
pub mod visit;
pub mod wish;
pub mod witness;
pub mod work;
pub mod write;

pub use db::Engine;
pub use error::StoreError;
pub use store::{Store, StoreConfig};
pub use write::WriteTx;

/// A new time-ordered id (RFC 9562, version 7) for something made at `now`.
#[must_use]
pub fn fresh_id(now: doorstep_domain::measure::Micros) -> uuid::Uuid {
    let millis = u64::try_from(now.millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &seal::random()).into_uuid()
}

/// A new random alias: it says nothing, not even when it was made.
#[must_use]
pub fn fresh_alias() -> doorstep_domain::id::Alias {
    doorstep_domain::id::Alias(uuid::Builder::from_random_bytes(seal::random()).into_uuid())
}

/// Random bytes from the system, for codes and tokens.
#[must_use]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    seal::random()
}
