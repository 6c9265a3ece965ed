//! Everything that opens a data folder goes through here; `inside` is the only file that knows the server in this
//! program. Without the feature `server` the same commands say so.

#[cfg(not(feature = "server"))]
mod absent;
#[cfg(feature = "server")]
mod inside;

#[cfg(not(feature = "server"))]
pub(crate) use absent::{backup, doctor, init, log_export, restore, serve};
#[cfg(feature = "server")]
pub(crate) use inside::{backup, doctor, init, log_export, restore, serve};
