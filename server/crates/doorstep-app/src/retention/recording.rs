//! How long recordings are kept: their rules are stricter than those of the record of contacts, at both ends. A recording goes
//! by itself, while the person stays; and whoever must be shown on one stays as long as it must.

use std::collections::HashMap;

use doorstep_domain::approval::ApprovalReason;
use doorstep_domain::id::{ApprovalId, PersonId, RecordingId, TenantId};
use doorstep_domain::measure::Micros;
use doorstep_domain::retention::RetentionState;
use doorstep_rules::{PackSet, Retention, RetentionFacts, RetentionOf, retention};
use doorstep_store::entry::{By, Detail, Entries, EntryKind, ServerEntry};
use doorstep_store::erasure::ErasureCause;
use doorstep_store::recording::KeptRecording;
use doorstep_store::retention::KeptCase;
use doorstep_wire::Page;
use doorstep_wire::retention::RetentionRecording;
use uuid::Uuid;

use super::{ORDER, facts, in_scope, until};
use crate::App;
use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};

/// A recording with what keeps it.
pub(super) struct Judged {
    pub(super) recording: KeptRecording,
    pub(super) found: Retention,
    case: KeptCase,
}

/// What follows for a recording from the cases of the visits that it shows: whatever keeps it the longest.
fn judged(
    packs: &PackSet,
    recording: KeptRecording,
    cases: &[KeptCase],
    (waits, now): (Option<RetentionState>, Micros),
) -> Option<Judged> {
    let held = cases.iter().any(|case| case.held);
    let of_it = cases.iter().filter(|case| recording.cases.contains(&case.case));
    let asked = of_it.map(|case| (retention(packs, &facts_of(case, &recording, (held, now))), case));
    let place = |found: &Retention| {
        ORDER
            .iter()
            .position(|state| *state == found.state)
            .unwrap_or(ORDER.len())
    };
    let (mut found, case) = asked.min_by_key(|(found, _)| {
        let end = found.keep_until.as_ref().map(|bound| bound.until);
        (place(found), std::cmp::Reverse(end))
    })?;
    // What somebody complains of may be seen on it.
    if found.state == RetentionState::Over && waits == Some(RetentionState::Complaint) {
        found.state = RetentionState::Complaint;
    }
    let case = case.clone();
    Some(Judged { recording, found, case })
}

/// A recording is whole when it was made: it waits for the end of no case, unless a rule says so.
fn facts_of(case: &KeptCase, recording: &KeptRecording, (held, now): (bool, Micros)) -> RetentionFacts {
    let whole = facts(case, held, now);
    let made = crate::day::local(recording.made, &crate::day::zone(&case.zone));
    let last = case.last.map_or(made, |_| whole.last_activity);
    RetentionFacts {
        of: RetentionOf::Recording,
        made,
        last_activity: last.max(made),
        ended: Some(made),
        ..whole
    }
}

/// What keeps recordings, where something must.
pub(super) fn judged_all(
    packs: &PackSet,
    recordings: Vec<KeptRecording>,
    cases: &[KeptCase],
    (waits, now): (Option<RetentionState>, Micros),
) -> Vec<Judged> {
    let judged = recordings
        .into_iter()
        .filter_map(|one| judged(packs, one, cases, (waits, now)));
    judged.collect()
}

fn item(one: &Judged) -> RetentionRecording {
    let rule = |bound: Option<&doorstep_rules::RetentionBound>| bound.map(|bound| bound.rule.to_string());
    let (keep, may) = (one.found.keep_until.as_ref(), one.found.may_until.as_ref());
    RetentionRecording {
        recording: one.recording.id.0,
        person: one.case.person_alias.0,
        case: one.case.case.0,
        made: crate::day::local(one.recording.made, &crate::day::zone(&one.case.zone)).to_string(),
        state: one.found.state.code().to_owned(),
        keep_until: until(keep),
        keep_rule: rule(keep),
        may_until: until(may),
        may_rule: rule(may),
    }
}

/// The rules that decided, each once.
fn rules_of(found: &Retention) -> Detail {
    let bounds = [&found.keep_until, &found.may_until].into_iter().flatten();
    let mut rules: Vec<String> = bounds.map(|bound| bound.rule.to_string()).collect();
    rules.sort_unstable();
    rules.dedup();
    Detail::List(rules)
}

impl App {
    /// What becomes of every recording in the caller's scope, and why; what goes first, first. Erases nothing.
    pub async fn list_retention_recordings(&self, actor: &Actor) -> Result<Page<RetentionRecording>, AppError> {
        policy::check(actor, Action::SeeRetention)?;
        let scope = policy::scope(actor);
        let mut found = self.judged_recordings(actor.tenant, self.now()).await?;
        found.retain(|one| in_scope(&one.case, &scope));
        found.sort_by_key(|one| {
            let end = one.found.may_until.as_ref().map(|bound| bound.until);
            (end.unwrap_or(jiff::civil::Date::MAX), one.recording.id)
        });
        Ok(Page {
            items: found.iter().map(item).collect(),
            next: None,
        })
    }

    async fn judged_recordings(&self, tenant: TenantId, now: Micros) -> Result<Vec<Judged>, AppError> {
        let persons = self.store().recorded_persons(tenant).await?;
        let ids: Vec<Uuid> = persons.iter().map(|person| person.0).collect();
        let mut cases: HashMap<PersonId, Vec<KeptCase>> = HashMap::new();
        for case in self.store().retention_cases(tenant, &ids, now).await? {
            cases.entry(case.person).or_default().push(case);
        }
        let waits = complaints(self.store().retention_waits(tenant, &ids, now).await?);
        let found = self.store().retention_recordings(tenant, &ids).await?;
        let judged = found.into_iter().filter_map(|one| {
            let of_person = cases.get(&one.person)?;
            let waits = waits.get(&one.person).copied();
            judged(self.packs(), one, of_person, (waits, now))
        });
        Ok(judged.collect())
    }

    /// Recordings whose time for keeping is over, but for those that go with their persons.
    pub(super) async fn recordings_due(
        &self,
        tenant: TenantId,
        persons: &[PersonId],
        now: Micros,
    ) -> Result<Vec<RecordingId>, AppError> {
        let found = self.judged_recordings(tenant, now).await?.into_iter();
        let due = found.filter(|one| one.found.state == RetentionState::Over);
        let due = due.filter(|one| !persons.contains(&one.recording.person));
        Ok(due.map(|one| one.recording.id).collect())
    }

    /// Destroys the key of a recording, if nothing keeps it now. Returns whether nothing did.
    pub(super) async fn purge_recording(
        &self,
        tenant: TenantId,
        id: RecordingId,
        (by, approval): (By, Option<ApprovalId>),
    ) -> Result<bool, AppError> {
        let (now, store) = (self.now(), self.store());
        let person = store.recording_get(tenant, id).await?.person;
        let mut tx = store.write(tenant, now).await?;
        let cases = tx.retention_cases(person).await?;
        let waits = complaints(tx.retention_waits(person).await?).remove(&person);
        let mut of_person = tx.retention_recordings(person).await?;
        of_person.retain(|one| one.id == id);
        let found = judged_all(self.packs(), of_person, &cases, (waits, now)).pop();
        let Some(one) = found.filter(|one| one.found.state == RetentionState::Over) else {
            return Ok(false);
        };
        tx.recording_go(id).await?;
        let mut entry = ServerEntry::new(EntryKind::RecordingErased, by)
            .about(one.case.person_alias)
            .with("recording", id.to_string())
            .with("rules", rules_of(&one.found))
            .reason(ApprovalReason::RetentionOver.code());
        if let Some(approval) = approval {
            entry = entry.with("approval", approval.to_string());
        }
        // As with a person: the key store is told first, then the database says it, then the key goes, and then the bytes.
        let cause = approval.map_or(ErasureCause::PurgeDue, ErasureCause::PurgeApproved);
        store.recording_erasure_allow(tenant, id, cause, now).await?;
        tx.commit(Entries::one(entry)).await?;
        store.recording_key_destroy(tenant, id, now).await?;
        self.recording_drop(tenant, id).await?;
        Ok(true)
    }
}

/// Whose complaint waits for its answer.
fn complaints(waits: Vec<(PersonId, RetentionState)>) -> HashMap<PersonId, RetentionState> {
    let waits = waits.into_iter();
    waits.filter(|(_, state)| *state == RetentionState::Complaint).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use doorstep_domain::case::CaseStatus;
    use doorstep_domain::id::{Alias, CaseId, TeamId};

    const DAY: i64 = 86_400;

    fn at(day: i64) -> Micros {
        Micros::from_seconds(day * DAY)
    }

    fn case(country: &str, status: CaseStatus, ended: Option<i64>) -> KeptCase {
        KeptCase {
            case: CaseId(Uuid::from_u128(1)),
            alias: Alias(Uuid::nil()),
            person: PersonId(Uuid::from_u128(2)),
            person_alias: Alias(Uuid::nil()),
            agency: None,
            team: TeamId(Uuid::nil()),
            portfolio_kind: "card".to_owned(),
            status,
            flags: 0,
            days_past_due: 90,
            place: (Some(country.to_owned()), None),
            zone: "UTC".to_owned(),
            ended: ended.map(at),
            last: Some(at(20_000)),
            held: false,
        }
    }

    fn state(case: &KeptCase, today: i64, waits: Option<RetentionState>) -> RetentionState {
        let recording = KeptRecording {
            id: RecordingId(Uuid::from_u128(3)),
            person: case.person,
            made: at(20_000),
            cases: vec![case.case],
        };
        let cases = std::slice::from_ref(case);
        let found = judged(&PackSet::builtin(), recording, cases, (waits, at(today)));
        found.unwrap().found.state
    }

    #[test]
    fn a_recording_goes_by_itself_where_no_rule_asks_for_it() {
        let open = case("PT", CaseStatus::Open, None);
        assert_eq!(state(&open, 20_092, None), RetentionState::Margin);
        assert_eq!(state(&open, 20_093, None), RetentionState::Over, "the case goes on");
        let waits = Some(RetentionState::Complaint);
        assert_eq!(state(&open, 20_093, waits), RetentionState::Complaint);
        let held = KeptCase { held: true, ..open };
        assert_eq!(state(&held, 20_093, None), RetentionState::Held);
    }

    #[test]
    fn the_law_keeps_a_recording_for_two_years_and_until_the_debt_is_settled() {
        let open = case("CN", CaseStatus::Open, None);
        assert_eq!(state(&open, 30_000, None), RetentionState::Minimum);
        let settled = case("CN", CaseStatus::Settled, Some(20_100));
        assert_eq!(state(&settled, 20_731, None), RetentionState::Minimum);
        assert_eq!(state(&settled, 20_732, None), RetentionState::Margin);
        assert_eq!(state(&settled, 20_731 + 92, None), RetentionState::Margin);
        assert_eq!(state(&settled, 20_731 + 93, None), RetentionState::Over);
    }
}
