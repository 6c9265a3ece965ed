//! The step that learns chances of visits anew, once the strategies of the tenant's portfolios ask for it.

use doorstep_wire::daily::StepDone;

use super::Work;
use crate::App;
use crate::error::AppError;

impl App {
    /// Learns chances anew where that is due.
    pub(crate) async fn retrain_odds(&self, work: &Work) -> Result<StepDone, AppError> {
        let is_done = self.train_odds_when_due(work.tenant).await?;
        Ok(StepDone::of("odds", [("odds_trained", i64::from(is_done))]))
    }
}
