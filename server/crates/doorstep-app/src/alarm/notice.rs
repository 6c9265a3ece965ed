//! What colleagues' devices get of alarms: who may need help and where, and nothing of whom they visit.

use std::collections::HashMap;

use doorstep_domain::alarm::AlarmState;
use doorstep_domain::id::{CrewId, StaffId, TeamId};
use doorstep_domain::measure::Micros;
use doorstep_store::alarm::Alarm;
use doorstep_store::grant::Purpose;
use doorstep_store::staff::Roster;
use doorstep_wire::alarm::AlarmNotice;

use super::place;
use crate::App;
use crate::actor::Actor;
use crate::error::AppError;

/// So long after somebody took an alarm up it stays on colleagues' devices: an hour.
const SHOWN_FOR: Micros = Micros::from_seconds(3_600);

impl App {
    /// The alarms that a device gets: of the other staff of its owner's crew; and of crews of one, where its owner works
    /// in the same team that day.
    pub(crate) async fn notices(
        &self,
        actor: &Actor,
        roster: &Roster,
        on_shift: bool,
    ) -> Result<Vec<AlarmNotice>, AppError> {
        let now = self.now();
        let mut alarms = self.store().alarm_list_open(actor.tenant).await?;
        alarms.retain(|alarm| alarm.kind.calls_for_help() && alarm.staff != Some(actor.staff) && is_shown(alarm, now));
        if alarms.is_empty() {
            return Ok(Vec::new());
        }
        let crews = self.store().crew_list_all(actor.tenant).await?.into_iter();
        let teams: HashMap<CrewId, TeamId> = crews.map(|crew| (crew.id, crew.team)).collect();
        let lines = self.store().roster_list_all(actor.tenant).await?;
        alarms.retain(|alarm| {
            let Some(crew) = alarm.crew else { return false };
            let alone = lines.iter().filter(|line| line.crew == crew).count() <= 1;
            let near = on_shift && teams.get(&crew) == teams.get(&roster.crew);
            crew == roster.crew || alone && near
        });
        let staff = self.store().staff_list(actor.tenant).await?.into_iter();
        let staff: HashMap<_, _> = staff.map(|one| (one.id, one)).collect();
        let mut places = self.store().device_places(actor.tenant).await?;
        places.retain(|place| alarms.iter().any(|alarm| alarm.device == Some(place.device)));
        let owners: Vec<StaffId> = places.iter().map(|place| place.staff).collect();
        let grant = self.grant_of_staff(actor, Purpose::Safety, &owners, &staff).await?;
        let places = grant
            .map(|grant| place::open(&grant, &places))
            .transpose()?
            .unwrap_or_default();
        let notice = |alarm: &Alarm| {
            let place = alarm.device.and_then(|device| places.get(&device));
            AlarmNotice {
                id: alarm.id,
                kind: alarm.kind.code().to_owned(),
                state: alarm.state.code().to_owned(),
                raised_at: alarm.raised_at.get(),
                visit: alarm
                    .visit
                    .filter(|_| alarm.crew == Some(roster.crew))
                    .map(|visit| visit.0),
                staff: alarm.staff.and_then(|id| Some(staff.get(&id)?.login.clone())),
                lat_e7: place.map(|place| place.lat_e7),
                lon_e7: place.map(|place| place.lon_e7),
            }
        };
        Ok(alarms.iter().map(notice).collect())
    }
}

fn is_shown(alarm: &Alarm, now: Micros) -> bool {
    match alarm.state {
        AlarmState::Open => true,
        AlarmState::Acknowledged => alarm.acknowledged.is_some_and(|(_, at)| now < at + SHOWN_FOR),
        AlarmState::Ended => false,
    }
}
