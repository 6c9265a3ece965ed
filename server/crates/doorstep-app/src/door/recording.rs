//! What a visit's events say for its recording: whether one is to come.

use doorstep_domain::recording::{RECORDING_TIME, RecordingDue};
use doorstep_rules::Requirement;
use doorstep_store::WriteTx;
use doorstep_store::recording::Due;
use doorstep_store::visit::Visit;

use super::Apply;
use crate::error::AppError;
use crate::facts::Known;

impl Apply<'_> {
    /// Notes that a recording is to come, where a rule requires one and the crew says that it was made.
    pub(super) async fn owe_recording(&self, tx: &mut WriteTx, visit: &Visit, known: &Known) -> Result<(), AppError> {
        let said = Requirement::Recording.code();
        let Some(finished) = visit.finished_at else {
            return Ok(());
        };
        if !self.event.payload.done.iter().any(|done| done == said)
            || !self.verdict(visit, known).required.contains(&Requirement::Recording)
        {
            return Ok(());
        }
        let due = Due {
            visit: visit.id,
            case: visit.case,
            person: known.view.case.person,
            due_at: finished + RECORDING_TIME,
            state: RecordingDue::Pending,
            missing_at: None,
            settled_at: None,
            settled_by: None,
            words: None,
        };
        Ok(tx.recording_due_add(&due).await?)
    }
}
