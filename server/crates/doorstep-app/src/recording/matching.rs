//! What a recording matches: the recorder's number and day say who carried it, the check-ins say where they were. Guesses
//! nothing: where it is not clear whose visit it is, nothing is taken.

use std::collections::HashSet;

use doorstep_domain::id::{PersonId, StaffId, TenantId, VisitId};
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

/// The day in UTC, in days since 1970-01-01.
fn utc_day(at: Micros) -> i64 {
    at.seconds().div_euclid(86_400)
}

/// Whether somebody may have carried the recorder: a day at an address is at most a day off that of UTC.
fn was_carried(uses: &[RecorderUse], (from, to): (Micros, Micros)) -> bool {
    (utc_day(from) - 1..=utc_day(to) + 1).any(|day| uses.iter().any(|one| one.holds_on(day)))
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
        let found = self.visits_of_carrier(actor.tenant, &uses, (from, to)).await?;
        self.judged_match(actor, recorder, found).await
    }

    /// The visits of an interval at which somebody was who carried the recorder on their day.
    async fn visits_of_carrier(
        &self,
        tenant: TenantId,
        uses: &[RecorderUse],
        (from, to): (Micros, Micros),
    ) -> Result<Vec<(Visit, StaffId)>, AppError> {
        let days = (utc_day(from) - 1, utc_day(to) + 1);
        let mut near = self.store().visits_during(tenant, days, (from, to)).await?;
        near.retain(|visit| reaches(visit, from));
        let ids: Vec<Uuid> = near.iter().map(|visit| visit.id.0).collect();
        let there: HashSet<(VisitId, StaffId)> = self.store().visit_staff(tenant, &ids).await?.into_iter().collect();
        let carrier = |visit: &Visit| {
            let mut on_day = uses.iter().filter(|one| one.holds_on(visit.day));
            on_day
                .find(|one| there.contains(&(visit.id, one.staff)))
                .map(|one| one.staff)
        };
        let found = near.into_iter().filter_map(|visit| {
            let staff = carrier(&visit)?;
            Some((visit, staff))
        });
        Ok(found.collect())
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
        let seen = self
            .cases_in_scope(actor, found.iter().map(|(visit, _)| visit.case))
            .await?;
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
