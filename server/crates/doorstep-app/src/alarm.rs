//! Alarms as the office sees and answers them. How they are raised is in `raise`, what colleagues' devices get in
//! `notice`.

mod notice;
pub(crate) mod place;
pub(crate) mod raise;

use std::collections::HashMap;

use doorstep_domain::alarm::{AlarmEnd, AlarmKind, AlarmState, EXTEND_MINUTES_MAX};
use doorstep_domain::id::{Alias, CrewId, DeviceId, EventId, PersonId, StaffId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_domain::read::FieldClass;
use doorstep_store::StoreError;
use doorstep_store::alarm::Alarm;
use doorstep_store::entry::{Entries, EntryKind, ServerEntry};
use doorstep_store::grant::{Purpose, ReadGrant};
use doorstep_store::org::Crew;
use doorstep_store::staff::Staff;
use doorstep_wire::Page;
use doorstep_wire::alarm::{AcknowledgeAlarm, AlarmItem, EndAlarm, ExtendAlarm, LastPlace};
use doorstep_wire::problem::ProblemCode;
use uuid::Uuid;

use crate::App;
use crate::actor::Actor;
use crate::error::AppError;
use crate::note;
use crate::policy::{self, Action};

/// What alarms are shown with.
struct Around {
    crews: HashMap<CrewId, Crew>,
    staff: HashMap<StaffId, Staff>,
    /// The zones of visits whose cases the caller may see.
    zones: HashMap<VisitId, String>,
    crew_zones: HashMap<CrewId, String>,
}

impl App {
    /// Alarms in the caller's scope: those that are not over first, then the newest.
    pub async fn list_alarms(&self, actor: &Actor) -> Result<Page<AlarmItem>, AppError> {
        policy::check(actor, Action::SeeAlarms)?;
        let alarms = self.store().alarm_list(actor.tenant).await?;
        let items = self.alarm_items(actor, alarms).await?;
        Ok(Page { items, next: None })
    }

    /// How many alarms in the caller's scope are open.
    pub(crate) async fn open_alarms(&self, actor: &Actor) -> Result<Vec<Alarm>, AppError> {
        let alarms = self.store().alarm_list_open(actor.tenant).await?;
        let (alarms, _) = self.in_reach(actor, alarms).await?;
        Ok(alarms)
    }

    /// Takes an alarm up, so that others know that somebody is looking after it.
    pub async fn acknowledge_alarm(
        &self,
        actor: &Actor,
        id: Uuid,
        request: &AcknowledgeAlarm,
    ) -> Result<AlarmItem, AppError> {
        let note = request
            .note
            .as_deref()
            .map(|text| note::checked("note", text))
            .transpose()?;
        let change = |alarm: &mut Alarm, now: Micros| {
            alarm.state = AlarmState::Acknowledged;
            alarm.quiet_until = None;
            alarm.acknowledged = Some((actor.staff, now));
        };
        self.answer_alarm(actor, id, (EntryKind::AlarmAcknowledged, note), change)
            .await
    }

    /// Ends an alarm. A call for help ends only so.
    pub async fn end_alarm(&self, actor: &Actor, id: Uuid, request: &EndAlarm) -> Result<AlarmItem, AppError> {
        let note = note::checked("note", &request.note)?;
        let change = |alarm: &mut Alarm, now: Micros| {
            alarm.state = AlarmState::Ended;
            alarm.quiet_until = None;
            alarm.ended_at = Some(now);
            alarm.ended_by = Some(actor.staff);
            alarm.ended_why = Some(AlarmEnd::Person);
        };
        self.answer_alarm(actor, id, (EntryKind::AlarmEnded, Some(note)), change)
            .await
    }

    /// Leaves an overdue check-out quiet for some minutes; if the crew has not left by then, the alarm opens again.
    pub async fn extend_alarm(&self, actor: &Actor, id: Uuid, request: &ExtendAlarm) -> Result<AlarmItem, AppError> {
        let note = note::checked("reason", &request.reason)?;
        if !(1..=EXTEND_MINUTES_MAX).contains(&request.minutes) {
            let detail = format!("`minutes` must be from 1 to {EXTEND_MINUTES_MAX}; extend again when they are over.");
            return Err(AppError::at(ProblemCode::BadRequest, "minutes", detail));
        }
        let quiet = Micros::from_seconds(i64::from(request.minutes) * 60);
        let change = |alarm: &mut Alarm, now: Micros| {
            alarm.state = AlarmState::Acknowledged;
            alarm.acknowledged = Some((actor.staff, now));
            alarm.quiet_until = Some(now + quiet);
        };
        self.answer_alarm(actor, id, (EntryKind::AlarmExtended, Some(note)), change)
            .await
    }

    async fn answer_alarm(
        &self,
        actor: &Actor,
        id: Uuid,
        (kind, note): (EntryKind, Option<String>),
        change: impl FnOnce(&mut Alarm, Micros),
    ) -> Result<AlarmItem, AppError> {
        policy::check(actor, Action::AnswerAlarms)?;
        self.alarm_in_reach(actor, id).await?;
        let now = self.now();
        let key = self.store().sealing_keys(actor.tenant, &[actor.staff.0]).await?;
        let mut tx = self.store().write(actor.tenant, now).await?;
        let mut alarm = tx.alarm_lock(id).await?;
        if alarm.state == AlarmState::Ended {
            let detail = "The alarm is over. A new one is raised when there is a reason.";
            return Err(AppError::refuse(ProblemCode::Changed, detail));
        }
        if kind == EntryKind::AlarmExtended && alarm.kind != AlarmKind::CheckOutOverdue {
            let detail = "Only overdue check-outs can be extended. Acknowledge the alarm, or end it with a note.";
            return Err(AppError::at(ProblemCode::BadRequest, "id", detail));
        }
        change(&mut alarm, now);
        let mut entry = ServerEntry::new(kind, actor.by())
            .with("alarm", id.to_string())
            .reason(alarm.kind.code());
        if let Some(until) = alarm.quiet_until {
            entry = entry.with("until_ms", until.millis());
        }
        if let Some(text) = note {
            let (event, commitment) = note::keep(&mut tx, actor.staff, &text, &key).await?;
            alarm.note = Some(event);
            entry = entry.payload(event, commitment);
        }
        tx.alarm_update(&alarm).await?;
        tx.commit(Entries::one(visit_of(self, actor, &alarm, entry).await?))
            .await?;
        self.wake_devices();
        let item = self.alarm_items(actor, vec![alarm]).await?.pop();
        item.ok_or(AppError::Fault("the alarm was in reach"))
    }

    async fn alarm_in_reach(&self, actor: &Actor, id: Uuid) -> Result<Alarm, AppError> {
        let alarm = match self.store().alarm_get(actor.tenant, id).await {
            Ok(alarm) => alarm,
            Err(StoreError::NotFound) => return Err(AppError::not_found("alarm")),
            Err(other) => return Err(other.into()),
        };
        let (mut alarms, _) = self.in_reach(actor, vec![alarm]).await?;
        alarms.pop().ok_or_else(|| AppError::not_found("alarm"))
    }

    /// The alarms that the caller may see: about a crew or staff of theirs, or about a visit of one of their cases.
    async fn in_reach(&self, actor: &Actor, mut alarms: Vec<Alarm>) -> Result<(Vec<Alarm>, Around), AppError> {
        let tenant = actor.tenant;
        let scope = policy::scope(actor);
        let visits: Vec<Uuid> = alarms.iter().filter_map(|alarm| Some(alarm.visit?.0)).collect();
        let visits = self.store().visit_get_many(tenant, &visits).await?;
        let cases: Vec<Uuid> = visits.iter().map(|visit| visit.case.0).collect();
        let views = self.store().case_get_many(tenant, &cases).await?;
        let views = views.into_iter().filter(|view| crate::case::in_scope(view, &scope));
        let by_case: HashMap<_, _> = views.map(|view| (view.case.id, view.address.zone)).collect();
        let zones = visits
            .iter()
            .filter_map(|visit| Some((visit.id, by_case.get(&visit.case)?.clone())));
        let crews = self.store().crew_list_all(tenant).await?.into_iter();
        let staff = self.store().staff_list(tenant).await?.into_iter();
        let teams = self.teams_in_reach(actor).await?;
        let mut around = Around {
            crews: crews.map(|crew| (crew.id, crew)).collect(),
            staff: staff.map(|one| (one.id, one)).collect(),
            zones: zones.collect(),
            crew_zones: HashMap::new(),
        };
        alarms.retain(|alarm| {
            let crew = alarm.crew.and_then(|id| around.crews.get(&id)).map(|crew| crew.team);
            let staff = alarm.staff.and_then(|id| around.staff.get(&id));
            let ours = match crew.or_else(|| staff?.team) {
                Some(team) => teams.contains(&team),
                // Of no team: whoever may see all teams of their side hears of it.
                None => scope.team.is_none() && staff.is_some_and(|one| policy::reaches(actor, one.agency)),
            };
            ours || alarm.visit.is_some_and(|visit| around.zones.contains_key(&visit))
        });
        let homeless: Vec<Uuid> = alarms.iter().filter_map(|alarm| Some(alarm.crew?.0)).collect();
        around.crew_zones = self.store().crew_zones(tenant, &homeless).await?.into_iter().collect();
        Ok((alarms, around))
    }

    async fn alarm_items(&self, actor: &Actor, alarms: Vec<Alarm>) -> Result<Vec<AlarmItem>, AppError> {
        let (alarms, around) = self.in_reach(actor, alarms).await?;
        let notes: Vec<Uuid> = alarms.iter().filter_map(|alarm| Some(alarm.note?.0)).collect();
        let notes = self.store().payload_get_many(actor.tenant, &notes).await?;
        let going = alarms.iter().filter(|alarm| alarm.state != AlarmState::Ended);
        let told: Vec<DeviceId> = going.filter_map(|alarm| alarm.device).collect();
        let mut places = self.store().device_places(actor.tenant).await?;
        places.retain(|place| told.contains(&place.device));
        let mut owners: Vec<StaffId> = places.iter().map(|place| place.staff).collect();
        owners.extend(notes.iter().map(|(_, subject, _)| StaffId(subject.0)));
        let Some(grant) = self
            .grant_of_staff(actor, Purpose::Safety, &owners, &around.staff)
            .await?
        else {
            let shown = Opened::default();
            return Ok(alarms.iter().map(|alarm| item(alarm, &around, &shown)).collect());
        };
        let shown = Opened {
            places: place::open(&grant, &places)?,
            notes: note::open(&grant, &notes)?,
        };
        Ok(alarms.iter().map(|alarm| item(alarm, &around, &shown)).collect())
    }

    /// Leave to open what is sealed under the keys of some staff, with its read entry; nothing where there are none.
    pub(crate) async fn grant_of_staff(
        &self,
        actor: &Actor,
        purpose: Purpose,
        owners: &[StaffId],
        staff: &HashMap<StaffId, Staff>,
    ) -> Result<Option<ReadGrant>, AppError> {
        let persons: Vec<(PersonId, Alias)> = owners
            .iter()
            .filter_map(|owner| Some((PersonId(owner.0), staff.get(owner)?.alias)))
            .collect();
        if persons.is_empty() {
            return Ok(None);
        }
        let request = actor.reads(purpose, &[FieldClass::Whereabouts, FieldClass::Words], persons);
        Ok(Some(self.store().grant(actor.tenant, request, self.now()).await?))
    }
}

/// What was opened to show alarms.
#[derive(Default)]
struct Opened {
    places: HashMap<DeviceId, LastPlace>,
    notes: HashMap<EventId, String>,
}

/// The entry with the alias of the alarm's visit, where it has one.
async fn visit_of(app: &App, actor: &Actor, alarm: &Alarm, entry: ServerEntry) -> Result<ServerEntry, AppError> {
    let Some(visit) = alarm.visit else { return Ok(entry) };
    let found = app.store().visit_get_many(actor.tenant, &[visit.0]).await?;
    Ok(found.iter().fold(entry, |entry, visit| entry.visit(visit.alias)))
}

fn item(alarm: &Alarm, around: &Around, opened: &Opened) -> AlarmItem {
    let login = |id: StaffId| around.staff.get(&id).map(|staff| staff.login.clone());
    let crew = alarm.crew.and_then(|id| around.crews.get(&id));
    let zone = alarm.visit.and_then(|visit| around.zones.get(&visit));
    let zone = zone.or_else(|| around.crew_zones.get(&alarm.crew?));
    let going = alarm.state != AlarmState::Ended;
    AlarmItem {
        id: alarm.id,
        visit: alarm.visit.map(|visit| visit.0),
        kind: alarm.kind.code().to_owned(),
        state: alarm.state.code().to_owned(),
        raised_at: alarm.raised_at.get(),
        zone: zone.map_or_else(|| "UTC".to_owned(), Clone::clone),
        crew: alarm.crew.map(|crew| crew.0),
        crew_name: crew.map(|crew| crew.name.clone()),
        staff: alarm.staff.and_then(login),
        acknowledged_by: alarm.acknowledged.and_then(|(by, _)| login(by)),
        acknowledged_at: alarm.acknowledged.map(|(_, at)| at.get()),
        quiet_until: alarm.quiet_until.map(Micros::get),
        ended_by: alarm.ended_by.and_then(login),
        ended_at: alarm.ended_at.map(Micros::get),
        ended_why: alarm.ended_why.map(|why| why.code().to_owned()),
        position: alarm
            .device
            .filter(|_| going)
            .and_then(|device| opened.places.get(&device).copied()),
        note: alarm.note.and_then(|note| opened.notes.get(&note).cloned()),
    }
}
