//! What operators see of the running server: lines on standard error, spans of requests, counts. Nothing here names a
//! person, a token, an address or the content of a request.

pub(crate) mod metrics;
pub(crate) mod observe;
pub(crate) mod spent;

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Why logging cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("`log_level` in doorstep.toml is no filter; write for example \"info\" or \"info,doorstep_app=debug\"")]
pub struct FilterError(#[source] tracing_subscriber::filter::ParseError);

/// Starts logging to standard error. Does nothing where the process already logs.
pub fn start(log_level: &str) -> Result<(), FilterError> {
    let filter = EnvFilter::try_new(log_level).map_err(FilterError)?;
    let started = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .try_init();
    if started.is_ok() {
        // The standard message quotes the panic's text, which may hold a value from somebody's file.
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            tracing::error!(panic.place = place, "the program panicked");
        }));
    }
    Ok(())
}

/// A random id of 16 hexadecimal digits, for requests and runs.
pub(crate) fn random_id() -> String {
    format!("{:016x}", u64::from_be_bytes(doorstep_store::random_bytes()))
}
