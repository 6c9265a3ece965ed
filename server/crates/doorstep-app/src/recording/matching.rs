//! What a recording matches: the recorder's number and day say who carried it, the check-ins say where they were. Guesses
//! nothing: where it is not clear whose visit it is, nothing is taken.

use std::collections::HashSet;

use doorstep_domain::id::{PersonId, StaffId};
use doorstep_domain::measure::Micros;
use doorstep_domain::recording::RecordingMatch;
use doorstep_store::recorder::{Recorder, RecorderUse};
use doorstep_store::visit::Visit;
use uuid::Uuid;

use crate::App;
use crate::actor::Actor;
use crate::error::AppError;

/// For so long after its expected check-out a visit without one may still be under way: 2 hours.
const STILL: Micros = Micros::from_seconds(2 * 3_600);

/// What a recording matches.
pub(super) struct Matched {
    pub(super) result: RecordingMatch,
    /// The recorder, who carried it, and who was visited; where it matches.
    pub(super) found: Option<(Recorder, StaffId, PersonId)>,
    /// The visits into which it falls, each with whether the caller may see it.
    pub(super) visits: Vec<(Visit, bool)>,
}

impl Matched {
    fn nothing(result: RecordingMatch) -> Self {
        Self {
            result,
            found: None,
            visits: Vec::new(),
        }
    }
}

/// Whether a visit was under way after `from`; one that was never checked out ends some time after it was expected to.
fn reaches(visit: &Visit, from: Micros) -> bool {
    let expected = visit.due_out.unwrap_or(visit.planned_end) + STILL;
    visit.finished_at.unwrap_or(expected) > from
}

/// Whether somebody may have carried the recorder: a day at an address is at most a day off that of UTC.
fn was_carried(uses: &[RecorderUse], (from, to): (Micros, Micros)) -> bool {
    let utc = |at: Micros| at.seconds().div_euclid(86_400);
    (utc(from) - 1..=utc(to) + 1).any(|day| uses.iter().any(|one| one.holds_on(day)))
}

impl App {
    /// What a recording of a recorder in an interval matches.
    pub(super) async fn recording_match(
        &self,
        actor: &Actor,
        number: &str,
        (from, to): (Micros, Micros),
    ) -> Result<Matched, AppError> {
        let recorder = self.recorder_of_side(actor, number).await?;
        let Some(recorder) = recorder.filter(|one| one.ended_at.is_none_or(|ended| from < ended)) else {
            return Ok(Matched::nothing(RecordingMatch::UnknownRecorder));
        };
        let uses = self.store().recorder_uses(actor.tenant, recorder.id).await?;
        if !was_carried(&uses, (from, to)) {
            return Ok(Matched::nothing(RecordingMatch::NotAssigned));
        }
        let staff: HashSet<Uuid> = uses.iter().map(|one| one.staff.0).collect();
        let staff: Vec<Uuid> = staff.into_iter().collect();
        let near = self.store().visits_with(actor.tenant, (from, to), &staff).await?;
        let carried =
            |visit: &Visit, staff: StaffId| uses.iter().any(|one| one.staff == staff && one.holds_on(visit.day));
        let mut found: Vec<(Visit, StaffId)> = near
            .into_iter()
            .filter(|(visit, staff)| reaches(visit, from) && carried(visit, *staff))
            .collect();
        found.sort_by_key(|(visit, _)| (visit.started_at, visit.id));
        found.dedup_by_key(|(visit, _)| visit.id);
        self.judged_match(actor, recorder, found).await
    }

    async fn judged_match(
        &self,
        actor: &Actor,
        recorder: Recorder,
        found: Vec<(Visit, StaffId)>,
    ) -> Result<Matched, AppError> {
        let Some(staff) = found.first().map(|(_, staff)| *staff) else {
            return Ok(Matched::nothing(RecordingMatch::NoVisit));
        };
        let cases: Vec<Uuid> = found.iter().map(|(visit, _)| visit.case.0).collect();
        let all = self.store().case_get_many(actor.tenant, &cases).await?;
        let persons: HashSet<PersonId> = all.iter().map(|view| view.case.person).collect();
        let seen = self.seen_cases(actor, found.iter().map(|(visit, _)| visit)).await?;
        let visits: Vec<(Visit, bool)> = found
            .into_iter()
            .map(|(visit, _)| {
                let is_seen = seen.contains_key(&visit.case);
                (visit, is_seen)
            })
            .collect();
        let result = if persons.len() > 1 {
            RecordingMatch::SeveralVisits
        } else if visits.iter().any(|(_, seen)| !seen) {
            return Ok(Matched::nothing(RecordingMatch::NoVisit));
        } else if visits.iter().any(|(visit, _)| visit.finished_at.is_none()) {
            RecordingMatch::NotFinished
        } else {
            RecordingMatch::Matched
        };
        let person = persons.into_iter().next();
        let person = person.ok_or(AppError::Fault("a visit has its case"))?;
        Ok(Matched {
            found: (result == RecordingMatch::Matched).then_some((recorder, staff, person)),
            result,
            visits,
        })
    }
}
