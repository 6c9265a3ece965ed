//! What the job of recordings does: flags visits whose recording did not come, and deletes bytes that nobody can open or that
//! never came whole.

use doorstep_domain::measure::Micros;

use crate::App;
use crate::error::AppError;

/// How long what came of a recording waits for the rest: 7 days.
const UNFINISHED: Micros = Micros::from_seconds(7 * 86_400);

impl App {
    /// Flags and sweeps. Any process may run it, also after a restart. Returns how many visits were flagged.
    pub async fn run_recordings(&self) -> Result<usize, AppError> {
        let now = self.now();
        let flagged = self.flag_missing_recordings(now).await?;
        if flagged > 0 {
            self.wake_office();
        }
        self.store().recording_erasure_finish(now).await?;
        for (tenant, recording, _) in self.store().recording_litter(now - UNFINISHED).await? {
            self.recording_drop(tenant, recording).await?;
        }
        Ok(flagged)
    }
}
