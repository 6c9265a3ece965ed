//! Debriefs: after an incident a talk is due with each of the crew. Nobody is punished where it is not held; it is shown as overdue, so
//! that somebody asks how they are.

use std::collections::HashSet;

use doorstep_domain::alarm::{AlarmEnd, AlarmKind};
use doorstep_domain::contact::ContactOutcome;
use doorstep_domain::id::{DebriefId, StaffId, TenantId, VisitId};
use doorstep_domain::training::{DebriefCause, DebriefState};
use doorstep_store::alarm::Alarm;
use doorstep_store::entry::{By, Entries, Entry, EntryKind, ServerEntry};
use doorstep_store::staff::Staff;
use doorstep_store::training::Debrief;
use doorstep_wire::Page;
use doorstep_wire::daily::StepDone;
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::training::DebriefItem;
use uuid::Uuid;

use super::login_of;
use crate::actor::Actor;
use crate::daily::Work;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::{App, day};

/// How far back incidents are looked for, in days: what a device reports late is still found.
const LOOK_BACK_DAYS: i64 = 30;

/// Something after which a talk is due.
struct Incident {
    cause: DebriefCause,
    source: Uuid,
    visit: Option<VisitId>,
    /// Who called, where it is about no visit.
    staff: Option<StaffId>,
}

impl App {
    /// The step of the day that opens debriefs.
    pub(crate) async fn due_debriefs(&self, work: &Work) -> Result<StepDone, AppError> {
        let opened = self.open_debriefs(work.tenant, work.day, work.by).await?;
        Ok(StepDone::of("debriefs", [("debriefs_opened", opened as i64)]))
    }

    /// Opens the debriefs that incidents of the last days ask for, and returns how many. Again it opens none twice.
    pub async fn open_debriefs(&self, tenant: TenantId, today: i64, by: By) -> Result<usize, AppError> {
        let incidents = self.incidents(tenant, today).await?;
        let visits: Vec<Uuid> = incidents.iter().filter_map(|one| one.visit).map(|id| id.0).collect();
        let crews = self.store().visit_staff(tenant, &visits).await?;
        let staff = self.store().staff_list(tenant).await?;
        let known: HashSet<(Uuid, StaffId)> = self
            .store()
            .debrief_list(tenant)
            .await?
            .into_iter()
            .map(|one| (one.source, one.staff))
            .collect();
        let mut opened = Vec::new();
        for incident in &incidents {
            let crew = crews
                .iter()
                .filter(|(visit, _)| Some(*visit) == incident.visit)
                .map(|(_, staff)| *staff);
            let whom: HashSet<StaffId> = crew.chain(incident.staff).collect();
            let mut whom: Vec<&Staff> = staff.iter().filter(|one| whom.contains(&one.id)).collect();
            whom.sort_by(|one, other| one.login.cmp(&other.login));
            opened.extend(
                whom.into_iter()
                    .filter(|one| !known.contains(&(incident.source, one.id)))
                    .map(|one| (incident, one)),
            );
        }
        if opened.is_empty() {
            return Ok(0);
        }
        let now = self.now();
        let due_day = today + i64::from(self.training().debrief_days);
        let mut tx = self.store().write(tenant, now).await?;
        let mut entries: Vec<Entry> = Vec::new();
        for (incident, one) in opened {
            let debrief = Debrief {
                id: DebriefId(doorstep_store::fresh_id(now)),
                staff: one.id,
                cause: incident.cause,
                source: incident.source,
                opened_at: now,
                due_day,
                done: None,
            };
            if tx.debrief_insert(&debrief).await? {
                let entry = ServerEntry::new(EntryKind::DebriefOpened, by)
                    .about(one.alias)
                    .with("debrief", debrief.id.to_string())
                    .with("due", day::text(due_day))
                    .reason(incident.cause.code());
                entries.push(entry.into());
            }
        }
        let count = entries.len();
        if let Some(entries) = Entries::of(entries) {
            tx.commit(entries).await?;
        }
        Ok(count)
    }

    async fn incidents(&self, tenant: TenantId, today: i64) -> Result<Vec<Incident>, AppError> {
        let since = day::start(day::of_number(today - LOOK_BACK_DAYS), &jiff::tz::TimeZone::UTC);
        let alarms = self.store().alarm_list(tenant).await?;
        let mut incidents: Vec<Incident> = alarms
            .iter()
            .filter(|one| one.raised_at >= since)
            .filter_map(of_alarm)
            .collect();
        let visits = self
            .store()
            .visit_of_days(tenant, today - LOOK_BACK_DAYS, today)
            .await?;
        let aborted = visits
            .iter()
            .filter(|visit| visit.outcome == Some(ContactOutcome::AbortedSafety));
        incidents.extend(aborted.map(|visit| Incident {
            cause: DebriefCause::Aborted,
            source: visit.id.0,
            visit: Some(visit.id),
            staff: None,
        }));
        Ok(incidents)
    }

    /// Opens what is due now, for a supervisor who does not wait for the day's work. Again it opens none twice.
    pub async fn open_own_debriefs(&self, actor: &Actor) -> Result<Page<DebriefItem>, AppError> {
        policy::check(actor, Action::SeeTraining)?;
        self.open_debriefs(actor.tenant, self.today_number(), actor.by())
            .await?;
        self.list_debriefs(actor).await
    }

    /// The debriefs that are due or were held: a supervisor sees those of their reach, everybody else their own.
    pub async fn list_debriefs(&self, actor: &Actor) -> Result<Page<DebriefItem>, AppError> {
        policy::check(actor, Action::Train)?;
        let staff = self.store().staff_list(actor.tenant).await?;
        let sees_all = policy::check(actor, Action::SeeTraining).is_ok();
        let seen = |id: StaffId| {
            let one = staff.iter().find(|one| one.id == id);
            id == actor.staff || sees_all && one.is_some_and(|one| policy::reaches(actor, one.agency))
        };
        let today = self.today_number();
        let mut list = self.store().debrief_list(actor.tenant).await?;
        list.retain(|one| seen(one.staff));
        list.sort_by_key(|one| (one.done.is_some(), one.due_day, one.id));
        Ok(Page {
            items: list.iter().map(|one| item(one, &staff, today)).collect(),
            next: None,
        })
    }

    /// Notes that a debrief was held. Nobody notes their own.
    pub async fn hold_debrief(&self, actor: &Actor, id: Uuid) -> Result<DebriefItem, AppError> {
        policy::check(actor, Action::SeeTraining)?;
        let staff = self.store().staff_list(actor.tenant).await?;
        let found = self
            .store()
            .debrief_list(actor.tenant)
            .await?
            .into_iter()
            .find(|one| one.id.0 == id);
        let in_reach = |one: &Debrief| {
            let holder = staff.iter().find(|known| known.id == one.staff);
            holder.is_some_and(|holder| policy::reaches(actor, holder.agency))
        };
        let mut one = found.filter(in_reach).ok_or_else(|| AppError::not_found("debrief"))?;
        if one.staff == actor.staff {
            let detail = "A talk is held with somebody else, who then notes it.";
            return Err(AppError::refuse(ProblemCode::NotAllowed, detail));
        }
        if one.done.is_none() {
            let alias = staff
                .iter()
                .find(|known| known.id == one.staff)
                .map(|known| known.alias);
            let mut tx = self.store().write(actor.tenant, self.now()).await?;
            tx.debrief_done(one.id, actor.staff).await?;
            let mut entry = ServerEntry::new(EntryKind::DebriefHeld, actor.by()).with("debrief", one.id.to_string());
            if let Some(alias) = alias {
                entry = entry.about(alias);
            }
            tx.commit(Entries::one(entry)).await?;
            one.done = Some((self.now(), actor.staff));
        }
        Ok(item(&one, &staff, self.today_number()))
    }
}

/// Whether an alarm was real: somebody called for help, or a person looked after an overdue check-out and ended it.
fn of_alarm(alarm: &Alarm) -> Option<Incident> {
    let cause = match alarm.kind {
        AlarmKind::Sos => DebriefCause::Help,
        AlarmKind::CheckOutOverdue if alarm.ended_why == Some(AlarmEnd::Person) => DebriefCause::Overdue,
        AlarmKind::CheckOutOverdue | AlarmKind::OtherCrew => return None,
    };
    Some(Incident {
        cause,
        source: alarm.id,
        visit: alarm.visit,
        staff: alarm.staff,
    })
}

fn item(one: &Debrief, staff: &[Staff], today: i64) -> DebriefItem {
    let state = match one.done {
        Some(_) => DebriefState::Done,
        None if one.due_day < today => DebriefState::Overdue,
        None => DebriefState::Due,
    };
    DebriefItem {
        id: one.id.0,
        staff: login_of(staff, one.staff),
        cause: one.cause.code().to_owned(),
        source: one.source,
        opened_at: one.opened_at.get(),
        due: day::text(one.due_day),
        state: state.code().to_owned(),
        done_at: one.done.map(|(at, _)| at.get()),
    }
}
