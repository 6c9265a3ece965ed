//! Everything that opens a data folder goes through here; `inside` and `witness` are the only files that know the
//! server in this program. Without the feature `server` the same commands say so.

#[cfg(not(feature = "server"))]
mod absent;
#[cfg(feature = "server")]
mod inside;

#[cfg(feature = "server")]
mod witness;

#[cfg(not(feature = "server"))]
pub(crate) use absent::{backup, doctor, init, log_export, restore, serve, witness};
#[cfg(feature = "server")]
pub(crate) use inside::{backup, doctor, init, log_export, restore, serve};
#[cfg(feature = "server")]
pub(crate) use witness::run as witness;
