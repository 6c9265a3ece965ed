//! The server: the interface under `/v1` (axum), configuration, telemetry, background jobs, and the commands that hold a
//! data folder. Knows no SQL and decides nothing: use cases are in `doorstep-app`.
//!
//! Start with [`Server::start`], which a test or a demonstration can call in its own process, and [`folder`], which holds
//! what the `doorstep` program does with a data folder. Handlers are in `http`, one file per noun; jobs in `jobs`.

pub mod clock;
pub mod config;
pub mod error;
pub mod folder;
pub mod http;
pub mod serve;
pub mod telemetry;
pub mod witness;

mod jobs;

pub use clock::SystemClock;
pub use config::Config;
pub use error::ServerError;
pub use serve::{Running, Server, Start};
