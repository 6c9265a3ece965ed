//! What server and clients say to each other under `/v1`: requests, answers, sync and problems.
//!
//! Ids are UUIDs, codes are text (a client keeps codes that it does not know), instants are microseconds since
//! 1970-01-01T00:00Z, days are ISO dates, money is minor units beside its currency. Unknown fields are ignored, so that
//! a newer side can say more. Knows no storage and no transport.

pub mod agency;
pub mod alarm;
pub mod case;
pub mod complaint;
pub mod conflict;
pub mod contact;
pub mod credential;
pub mod device;
pub mod flag;
pub mod import;
pub mod live;
pub mod log;
pub mod notice;
pub mod org;
pub mod person;
pub mod plan;
pub mod problem;
pub mod quality;
pub mod rate;
pub mod read;
pub mod recall;
pub mod recording;
pub mod retention;
pub mod review;
pub mod right;
pub mod rules;
pub mod session;
pub mod strategy;
pub mod sync;
pub mod visit;
pub mod wish;

/// The version of the interface; part of every path.
pub const API: &str = "v1";
/// The version of the sync protocol that this program speaks. From 2 on a pull proves that the log only grew; a device
/// that speaks 2 takes up no checkpoint without that proof.
pub const SYNC_VERSION: u32 = 2;
/// The oldest sync version that a server of this version takes from a device.
pub const SYNC_VERSION_MIN: u32 = 1;

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// What to ask with for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}
