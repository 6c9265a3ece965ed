//! The system's clock. The only place of the server that reads the present; everything else is handed a `Clock`.

use doorstep_domain::measure::{Clock, Micros};

/// The time of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the clock that the ban points to")]
    fn now(&self) -> Micros {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        // A machine whose clock stands before 1970 gets the oldest time there is; devices' clocks show the doubt.
        Micros(since.map_or(0, |span| i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_present_is_after_this_was_written() {
        assert!(SystemClock.now() > Micros::from_seconds(1_750_000_000));
    }
}
