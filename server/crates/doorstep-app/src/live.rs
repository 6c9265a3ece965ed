//! The day as it goes: one read for all crews of a scope, with one read entry and no query per crew or visit. What a
//! crew is doing is told by `crew`.

mod crew;

use std::collections::{HashMap, HashSet};

use doorstep_domain::id::{CaseId, CrewId, DeviceId, EventId, PersonId, StaffId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_domain::read::FieldClass;
use doorstep_domain::visit::VisitState;
use doorstep_store::StoreError;
use doorstep_store::case::CaseView;
use doorstep_store::grant::{Purpose, ReadGrant};
use doorstep_store::live::DayEvent;
use doorstep_store::org::Crew;
use doorstep_store::staff::{Roster, Staff, StaffFields};
use doorstep_store::visit::Visit;
use doorstep_wire::live::{LiveEvent, LiveQuery, LiveView};
use jiff::civil::Date;
use uuid::Uuid;

use crate::actor::Actor;
use crate::alarm::place;
use crate::error::AppError;
use crate::facts::open_fields;
use crate::policy::{self, Action};
use crate::{App, day};
use crew::{Around, Marks};

/// A day of the longest zone, both sides: what a device tells may be of the same day anywhere.
const DAY: Micros = Micros::from_seconds(86_400);
/// The most events of the feed.
const FEED_MAX: usize = 50;

/// What is opened of a case for the list: number and place.
pub(crate) type Shown = (String, Option<[i64; 2]>);

impl App {
    /// What all crews of the caller's scope are doing on a day.
    pub async fn live(&self, actor: &Actor, query: &LiveQuery) -> Result<LiveView, AppError> {
        policy::check(actor, Action::SeeLive)?;
        let now = self.now();
        let teams = self.teams_in_reach(actor).await?;
        let mut crews = self.store().crew_list_all(actor.tenant).await?;
        crews.retain(|crew| teams.contains(&crew.team));
        let ids: Vec<Uuid> = crews.iter().map(|crew| crew.id.0).collect();
        let zones: HashMap<CrewId, String> = self.store().crew_zones(actor.tenant, &ids).await?.into_iter().collect();
        let zone = crews
            .iter()
            .find_map(|crew| zones.get(&crew.id))
            .map_or("UTC", String::as_str);
        let zone = day::zone(zone);
        let date = query.day.as_deref().map(|text| day::parse("day", text)).transpose()?;
        let date = date.unwrap_or_else(|| day::local(now, &zone));
        let span = (day::start(date, &zone), day::start(date, &zone) + DAY);
        let around = self.around(actor, (date, span), (&crews, zones)).await?;
        let teams: Vec<Uuid> = teams.iter().map(|team| team.0).collect();
        let mut feed = self.store().events_of_teams(actor.tenant, span, &teams).await?;
        feed.truncate(FEED_MAX);
        Ok(LiveView {
            day: date.to_string(),
            as_of: now.get(),
            alarms: around.alarms.len() as u64,
            feed: feed.iter().map(|event| event_item(event, &around)).collect(),
            crews: crews.iter().map(|crew| around.crew(crew)).collect(),
        })
    }

    async fn around(
        &self,
        actor: &Actor,
        (date, span): (Date, (Micros, Micros)),
        (crews, zones): (&[Crew], HashMap<CrewId, String>),
    ) -> Result<Around, AppError> {
        let tenant = actor.tenant;
        let ours: HashSet<CrewId> = crews.iter().map(|crew| crew.id).collect();
        let mut roster = self.store().roster_list_all(tenant).await?;
        roster.retain(|line| ours.contains(&line.crew));
        let mut staff = self.store().staff_list(tenant).await?;
        staff.retain(|one| roster.iter().any(|line| line.staff == one.id));
        let visits = self.visits_shown(actor, date, &ours).await?;
        let mut devices = self.store().device_list(tenant).await?;
        devices.retain(|device| staff.iter().any(|one| one.id == device.staff));
        let mut places = self.store().device_places(tenant).await?;
        places.retain(|place| devices.iter().any(|device| device.id == place.device));
        let opened = self.open_day(actor, &visits, &staff).await?;
        let mut marks: HashMap<DeviceId, Marks> = HashMap::new();
        for (device, kind, dseq) in self.store().day_marks(tenant, span).await? {
            marks.entry(device).or_default().note(&kind, dseq);
        }
        Ok(Around {
            now: self.now(),
            date,
            zones,
            roster: by_crew(roster),
            alarms: self.open_alarms(actor).await?,
            places: opened
                .grant
                .map(|grant| place::open(&grant, &places))
                .transpose()?
                .unwrap_or_default(),
            staff: staff.into_iter().map(|one| (one.id, one.login)).collect(),
            names: opened.names,
            cases: opened.cases,
            visits,
            devices,
            marks,
        })
    }

    /// The stops of a day: without those that gave way to a later plan, but with those that a crew left out.
    async fn visits_shown(&self, actor: &Actor, date: Date, ours: &HashSet<CrewId>) -> Result<Vec<Visit>, AppError> {
        let number = day::number(date);
        let mut visits = self.store().visit_of_days(actor.tenant, number, number).await?;
        visits.retain(|visit| ours.contains(&visit.crew));
        let cancelled = visits.iter().filter(|visit| visit.state == VisitState::Cancelled);
        let cancelled: Vec<Uuid> = cancelled.map(|visit| visit.id.0).collect();
        let skipped = self.store().visits_skipped(actor.tenant, &cancelled).await?;
        let skipped: HashSet<VisitId> = skipped.into_iter().collect();
        visits.retain(|visit| visit.state != VisitState::Cancelled || skipped.contains(&visit.id));
        Ok(visits)
    }

    /// Opens what is shown of cases and colleagues under one grant. Who may see no cases gets none opened.
    async fn open_day(&self, actor: &Actor, visits: &[Visit], staff: &[Staff]) -> Result<OpenedDay, AppError> {
        let scope = policy::scope(actor);
        let mut views = Vec::new();
        if policy::may(actor.role(), Action::SeeCases) {
            let cases: Vec<Uuid> = visits.iter().map(|visit| visit.case.0).collect();
            views = self.store().case_get_many(actor.tenant, &cases).await?;
            views.retain(|view| crate::case::in_scope(view, &scope));
        }
        let mut persons: Vec<_> = views.iter().map(|view| (view.case.person, view.person_alias)).collect();
        persons.extend(staff.iter().map(|one| (PersonId(one.id.0), one.alias)));
        if persons.is_empty() {
            return Ok(OpenedDay::default());
        }
        let classes = &[FieldClass::Identity, FieldClass::Staff, FieldClass::Whereabouts];
        let request = actor.reads(Purpose::Live, classes, persons);
        let grant = self.store().grant(actor.tenant, request, self.now()).await?;
        let payloads: Vec<Uuid> = views.iter().map(|view| view.case.payload.0).collect();
        let payloads = self.store().payload_get_many(actor.tenant, &payloads).await?;
        let sealed: HashMap<EventId, Vec<u8>> = payloads.into_iter().map(|(event, _, bytes)| (event, bytes)).collect();
        Ok(OpenedDay {
            cases: open_cases(&grant, &views, &sealed)?,
            names: open_names(&grant, staff)?,
            grant: Some(grant),
        })
    }
}

/// What was opened for a day.
#[derive(Default)]
struct OpenedDay {
    cases: HashMap<CaseId, Shown>,
    names: HashMap<StaffId, String>,
    grant: Option<ReadGrant>,
}

fn open_cases(
    grant: &ReadGrant,
    views: &[CaseView],
    sealed: &HashMap<EventId, Vec<u8>>,
) -> Result<HashMap<CaseId, Shown>, AppError> {
    let mut cases = HashMap::new();
    for view in views {
        let Some(bytes) = sealed.get(&view.case.payload) else {
            continue;
        };
        if let Some(fields) = open_fields(grant, view, bytes)? {
            cases.insert(view.case.id, (fields.case_no, Some([fields.lat_e7, fields.lon_e7])));
        }
    }
    Ok(cases)
}

fn open_names(grant: &ReadGrant, staff: &[Staff]) -> Result<HashMap<StaffId, String>, AppError> {
    let mut names = HashMap::new();
    for one in staff {
        match grant.open(PersonId(one.id.0), EventId(one.id.0), &one.sealed) {
            Ok(opened) => {
                let fields: StaffFields = serde_json::from_slice(&opened.payload)
                    .map_err(|_| AppError::Fault("sealed staff fields are ours"))?;
                names.insert(one.id, fields.name);
            }
            Err(StoreError::Erased) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(names)
}

fn by_crew(roster: Vec<Roster>) -> HashMap<CrewId, Vec<Roster>> {
    let mut crews: HashMap<CrewId, Vec<Roster>> = HashMap::new();
    for line in roster {
        crews.entry(line.crew).or_default().push(line);
    }
    crews
}

fn event_item(event: &DayEvent, around: &Around) -> LiveEvent {
    let visit = event
        .visit
        .and_then(|id| around.visits.iter().find(|visit| visit.id == id));
    let case_no = visit.and_then(|visit| Some(around.cases.get(&visit.case)?.0.clone()));
    LiveEvent {
        at: event.at.get(),
        kind: event.kind.clone(),
        crew: event.crew.0,
        visit: event.visit.map(|id| id.0),
        case_no,
        flags: event
            .flags
            .split(',')
            .filter(|flag| !flag.is_empty())
            .map(str::to_owned)
            .collect(),
    }
}
