//! A fresh yes before a check-in: what the office learned a minute ago protects the person at the door, if any network
//! answers soon. Without one the day's permit decides, and whoever checks in sees how old its facts are.

use std::time::Duration;

use doorstep_domain::measure::Micros;
use doorstep_wire::sync::LEASE_S;

use crate::device::Device;
use crate::error::DeviceError;

/// How long somebody at a door waits for the server.
const WAIT: Duration = Duration::from_secs(2);

/// How fresh the facts are by which a check-in is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fresh {
    /// Whether the server answered just now.
    pub confirmed: bool,
    /// When the server last answered; `None` before it ever did.
    pub as_of: Option<Micros>,
}

impl Device {
    /// Fetches what changed, if the server answers within two seconds. Nothing that is there is lost where it does not.
    pub async fn ask_fresh(&self) -> Result<Fresh, DeviceError> {
        let answered = tokio::time::timeout(WAIT, self.pull()).await;
        let lease = self.sync_status().await?.lease_until;
        Ok(Fresh {
            confirmed: matches!(answered, Ok(Ok(_))),
            // A lease runs from the answer that gave it.
            as_of: (lease > Micros::ZERO).then(|| lease - Micros::from_seconds(LEASE_S)),
        })
    }
}
