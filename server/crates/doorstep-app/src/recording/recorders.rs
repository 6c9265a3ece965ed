//! The register of body recorders: which there are, and who carries which on which days. One person a day carries one.

use doorstep_domain::id::{RecorderId, StaffId};
use doorstep_domain::measure::Micros;
use doorstep_domain::recording::is_recorder_number;
use doorstep_store::StoreError;
use doorstep_store::entry::{Entries, EntryKind, ServerEntry};
use doorstep_store::recorder::{Recorder, RecorderUse};
use doorstep_store::staff::Staff;
use doorstep_wire::Page;
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::recording::{AddRecorder, AssignRecorder, RecorderItem, RecorderUseItem};
use jiff::tz::TimeZone;

use crate::actor::Actor;
use crate::complaint::Logins;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::{App, day};

fn item(recorder: &Recorder, uses: &[RecorderUse], logins: &Logins) -> RecorderItem {
    let used = |one: &RecorderUse| RecorderUseItem {
        staff: logins.of(one.staff),
        from: day::text(one.first),
        until: one.last.map(day::text),
    };
    RecorderItem {
        number: recorder.number.clone(),
        agency: recorder.agency.map(|id| id.0),
        added_at: recorder.added_at.get(),
        ended_at: recorder.ended_at.map(Micros::get),
        uses: uses.iter().map(used).collect(),
    }
}

fn changed(actor: &Actor, recorder: RecorderId, what: &str) -> ServerEntry {
    ServerEntry::new(EntryKind::RecorderChanged, actor.by())
        .with("recorder", recorder.to_string())
        .reason(what)
}

fn taken(error: StoreError) -> AppError {
    match error {
        StoreError::Changed => {
            let detail = "A recorder has this number. `doorstep recorder list` shows those of your side.";
            AppError::at(ProblemCode::BadRequest, "number", detail)
        }
        other => other.into(),
    }
}

/// The days of an assignment: it ends the one before, and overlaps no other.
fn days(request: &AssignRecorder, uses: &[RecorderUse], now: Micros) -> Result<(i64, Option<i64>), AppError> {
    let today = || day::local(now, &TimeZone::UTC);
    let parsed = |field: &'static str, text: &Option<String>| text.as_deref().map(|text| day::parse(field, text));
    let first = day::number(parsed("from", &request.from).transpose()?.unwrap_or_else(today));
    let last = parsed("until", &request.until).transpose()?.map(day::number);
    if last.is_some_and(|last| last < first) {
        let detail = "The last day lies before the first.";
        return Err(AppError::at(ProblemCode::BadRequest, "until", detail));
    }
    let clashes = |one: &&RecorderUse| {
        let given_on = one.last.is_none() && one.first < first;
        let apart = one.last.is_some_and(|end| end < first) || last.is_some_and(|last| last < one.first);
        !given_on && !apart
    };
    if let Some(other) = uses.iter().find(clashes) {
        let until = other.last.map_or_else(|| "…".to_owned(), day::text);
        let detail = format!(
            "Somebody carries it from {} to {until}; one person a day carries a recorder. Name other days.",
            day::text(other.first)
        );
        return Err(AppError::at(ProblemCode::BadRequest, "from", detail));
    }
    Ok((first, last))
}

impl App {
    /// The recorders of the caller's side.
    pub async fn list_recorders(&self, actor: &Actor) -> Result<Page<RecorderItem>, AppError> {
        policy::check(actor, Action::SeeRecorders)?;
        let logins = self.staff_numbers(actor).await?;
        let mut items = Vec::new();
        for recorder in self.store().recorder_list(actor.tenant).await? {
            if policy::reaches(actor, recorder.agency) {
                let uses = self.store().recorder_uses(actor.tenant, recorder.id).await?;
                items.push(item(&recorder, &uses, &logins));
            }
        }
        Ok(Page { items, next: None })
    }

    /// Adds a recorder to the caller's side.
    pub async fn add_recorder(&self, actor: &Actor, request: &AddRecorder) -> Result<RecorderItem, AppError> {
        policy::check(actor, Action::ManageRecorders)?;
        let number = request.number.trim();
        if !is_recorder_number(number) {
            let detail = "A number has 1 to 32 letters, digits and hyphens, as on the recorder and its files.";
            return Err(AppError::at(ProblemCode::BadRequest, "number", detail));
        }
        let now = self.now();
        let recorder = Recorder {
            id: RecorderId(doorstep_store::fresh_id(now)),
            number: number.to_owned(),
            agency: actor.agency,
            added_by: actor.staff,
            added_at: now,
            ended_at: None,
        };
        let mut tx = self.store().write(actor.tenant, now).await?;
        tx.recorder_insert(&recorder).await.map_err(taken)?;
        tx.commit(Entries::one(changed(actor, recorder.id, "added"))).await?;
        self.recorder_item(actor, &recorder.number).await
    }

    /// Gives a recorder to a member of staff for some days.
    pub async fn assign_recorder(
        &self,
        actor: &Actor,
        number: &str,
        request: &AssignRecorder,
    ) -> Result<RecorderItem, AppError> {
        policy::check(actor, Action::ManageRecorders)?;
        let recorder = self.recorder_in_use(actor, number).await?;
        let staff = self.carrier(actor, &request.staff).await?;
        let now = self.now();
        let uses = self.store().recorder_uses(actor.tenant, recorder.id).await?;
        let (first, last) = days(request, &uses, now)?;
        let new = RecorderUse {
            id: doorstep_store::fresh_id(now),
            recorder: recorder.id,
            staff: staff.id,
            first,
            last,
            by: actor.staff,
            at: now,
        };
        let mut tx = self.store().write(actor.tenant, now).await?;
        for before in uses.iter().filter(|one| one.last.is_none() && one.first < first) {
            tx.recorder_use_until(before.id, first - 1).await?;
        }
        tx.recorder_use_insert(&new).await?;
        let mut entry = changed(actor, recorder.id, "assigned")
            .about(staff.alias)
            .with("from", day::text(first));
        if let Some(last) = last {
            entry = entry.with("until", day::text(last));
        }
        tx.commit(Entries::one(entry)).await?;
        self.recorder_item(actor, &recorder.number).await
    }

    /// Ends the use of a recorder: nothing that it records from today on is taken.
    pub async fn end_recorder(&self, actor: &Actor, number: &str) -> Result<RecorderItem, AppError> {
        policy::check(actor, Action::ManageRecorders)?;
        let recorder = self.recorder_in_use(actor, number).await?;
        let now = self.now();
        let mut tx = self.store().write(actor.tenant, now).await?;
        tx.recorder_end(recorder.id).await?;
        tx.commit(Entries::one(changed(actor, recorder.id, "ended"))).await?;
        self.recorder_item(actor, &recorder.number).await
    }

    /// A recorder of the caller's side, also one that is not used any more.
    pub(super) async fn recorder_of_side(&self, actor: &Actor, number: &str) -> Result<Option<Recorder>, AppError> {
        let found = self.store().recorder_named(actor.tenant, number).await?;
        Ok(found.filter(|one| policy::reaches(actor, one.agency)))
    }

    async fn recorder_in_use(&self, actor: &Actor, number: &str) -> Result<Recorder, AppError> {
        let found = self.recorder_of_side(actor, number).await?;
        let found = found.filter(|one| one.ended_at.is_none());
        found.ok_or_else(|| AppError::not_found("recorder in use"))
    }

    async fn recorder_item(&self, actor: &Actor, number: &str) -> Result<RecorderItem, AppError> {
        let found = self.recorder_of_side(actor, number).await?;
        let recorder = found.ok_or(AppError::Fault("a recorder that was written is there"))?;
        let uses = self.store().recorder_uses(actor.tenant, recorder.id).await?;
        Ok(item(&recorder, &uses, &self.staff_numbers(actor).await?))
    }

    async fn carrier(&self, actor: &Actor, login: &str) -> Result<Staff, AppError> {
        let staff = self.store().staff_list(actor.tenant).await?;
        let found = staff
            .into_iter()
            .find(|one| one.login == login && policy::reaches(actor, one.agency));
        found.ok_or_else(|| AppError::not_found("staff number"))
    }

    /// The staff number of somebody, as far as the caller may know it.
    pub(super) async fn login_of(&self, actor: &Actor, staff: StaffId) -> Result<Option<String>, AppError> {
        Ok(self.staff_numbers(actor).await?.of(staff))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    fn used(first: i64, last: Option<i64>) -> RecorderUse {
        RecorderUse {
            id: uuid::Uuid::nil(),
            recorder: RecorderId(uuid::Uuid::nil()),
            staff: StaffId(uuid::Uuid::nil()),
            first,
            last,
            by: StaffId(uuid::Uuid::nil()),
            at: Micros::ZERO,
        }
    }

    fn asked(from: i64, until: Option<i64>) -> AssignRecorder {
        AssignRecorder {
            staff: String::new(),
            from: Some(day::text(from)),
            until: until.map(day::text),
        }
    }

    #[test]
    fn one_person_a_day_carries_a_recorder() {
        let given = [used(10, Some(12)), used(20, None)];
        for (from, until, taken) in [
            (5, Some(9), true),
            (5, Some(10), false),
            (12, Some(12), false),
            (13, Some(19), true),
            (13, None, false),
            // Whoever has it until somebody else gets it has it until the day before.
            (21, None, true),
            (20, None, false),
            (9, Some(8), false),
        ] {
            let found = days(&asked(from, until), &given, Micros::ZERO);
            assert_eq!(found.is_ok(), taken, "{from} {until:?}: {found:?}");
        }
        let today = AssignRecorder {
            staff: String::new(),
            from: None,
            until: None,
        };
        assert_eq!(days(&today, &[], Micros::from_seconds(3 * 86_400)).unwrap(), (3, None));
    }
}
