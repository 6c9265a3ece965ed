//! What a crew is doing, as far as its devices have told. Pure: everything is an argument, the time too.

use std::collections::HashMap;

use doorstep_domain::alarm::AlarmKind;
use doorstep_domain::event::EventKind;
use doorstep_domain::id::{CaseId, CrewId, DeviceId, StaffId};
use doorstep_domain::live::{CrewState, SILENT_AFTER};
use doorstep_domain::measure::Micros;
use doorstep_domain::visit::{CHECK_OUT_GRACE, VisitState};
use doorstep_store::alarm::Alarm;
use doorstep_store::device::Device;
use doorstep_store::org::Crew;
use doorstep_store::staff::Roster;
use doorstep_store::visit::Visit;
use doorstep_wire::alarm::LastPlace;
use doorstep_wire::live::{LiveCrew, LiveStaff, LiveStop, OnSite};
use jiff::civil::Date;

use super::Shown;
use crate::day;

/// What a device said of its day, by the numbers in its chain.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Marks {
    /// Its day began, or it checked in.
    began: Option<i64>,
    closed: Option<i64>,
}

impl Marks {
    pub(super) fn note(&mut self, kind: &str, dseq: i64) {
        let place = if kind == EventKind::DayClose.code() {
            &mut self.closed
        } else {
            &mut self.began
        };
        *place = (*place).max(Some(dseq));
    }
    /// Whether it said that it works, and not since that it is done.
    fn works(self) -> bool {
        self.began.is_some() && self.closed < self.began
    }
}

/// Everything that is known of a day.
pub(super) struct Around {
    pub(super) now: Micros,
    pub(super) date: Date,
    pub(super) zones: HashMap<CrewId, String>,
    pub(super) roster: HashMap<CrewId, Vec<Roster>>,
    pub(super) staff: HashMap<StaffId, String>,
    pub(super) names: HashMap<StaffId, String>,
    pub(super) visits: Vec<Visit>,
    pub(super) cases: HashMap<CaseId, Shown>,
    pub(super) devices: Vec<Device>,
    pub(super) marks: HashMap<DeviceId, Marks>,
    pub(super) places: HashMap<DeviceId, LastPlace>,
    pub(super) alarms: Vec<Alarm>,
}

/// One crew's part of it.
struct Part<'a> {
    around: &'a Around,
    roster: &'a [Roster],
    stops: Vec<&'a Visit>,
    devices: Vec<&'a Device>,
    alarms: Vec<&'a Alarm>,
    zone: &'a str,
}

impl Around {
    pub(super) fn crew(&self, crew: &Crew) -> LiveCrew {
        let roster = self.roster.get(&crew.id).map_or(&[][..], Vec::as_slice);
        let theirs = |staff: StaffId| roster.iter().any(|line| line.staff == staff);
        let part = Part {
            around: self,
            roster,
            stops: self.visits.iter().filter(|visit| visit.crew == crew.id).collect(),
            devices: self.devices.iter().filter(|device| theirs(device.staff)).collect(),
            alarms: self.alarms.iter().filter(|alarm| alarm.crew == Some(crew.id)).collect(),
            zone: self.zones.get(&crew.id).map_or("UTC", String::as_str),
        };
        let count = |state| part.stops.iter().filter(|visit| visit.state == state).count() as u64;
        let names = roster.iter().map(|line| LiveStaff {
            id: line.staff.0,
            login: self.staff.get(&line.staff).cloned().unwrap_or_default(),
            name: self.names.get(&line.staff).cloned().unwrap_or_default(),
        });
        LiveCrew {
            crew: crew.id.0,
            crew_name: crew.name.clone(),
            staff: names.collect(),
            means: crew.travel.code().to_owned(),
            zone: part.zone.to_owned(),
            state: part.state().code().to_owned(),
            planned: part.stops.len() as u64,
            done: count(VisitState::Finished),
            skipped: count(VisitState::Cancelled),
            late_s: part.late_s(),
            on_site: part.on_site(),
            position: part.position(),
            heard_at: part.heard().map(Micros::get),
            stops: part.stops(),
        }
    }
}

impl Part<'_> {
    fn begun(&self) -> Option<&Visit> {
        let mut begun = self.stops.iter().filter(|visit| visit.state == VisitState::Started);
        begun.next_back().copied()
    }

    fn is_overdue(&self, visit: &Visit) -> bool {
        visit.due_out.is_some_and(|due| self.around.now > due + CHECK_OUT_GRACE)
    }

    fn heard(&self) -> Option<Micros> {
        self.devices.iter().map(|device| device.seen_at).max()
    }

    fn shift_ended(&self) -> bool {
        let zone = day::zone(self.zone);
        let ends = self
            .roster
            .iter()
            .map(|line| day::at(self.around.date, line.shift_end, &zone));
        ends.max().is_none_or(|end| self.around.now >= end)
    }

    /// Whether a device said that it works, within the shift.
    fn works(&self) -> bool {
        let mut marks = self
            .devices
            .iter()
            .filter_map(|device| self.around.marks.get(&device.id));
        marks.any(|marks| marks.works()) && !self.shift_ended()
    }

    fn said_done(&self) -> bool {
        let mut marks = self
            .devices
            .iter()
            .filter_map(|device| self.around.marks.get(&device.id));
        marks.any(|marks| marks.closed.is_some()) && !self.works()
    }

    fn calls(&self, kind: AlarmKind) -> bool {
        self.alarms.iter().any(|alarm| alarm.kind == kind)
    }

    fn state(&self) -> CrewState {
        let left = self.stops.iter().any(|visit| visit.state == VisitState::Planned);
        let silent = self.heard().is_none_or(|heard| self.around.now - heard > SILENT_AFTER);
        match self.begun() {
            _ if self.calls(AlarmKind::Sos) => CrewState::Sos,
            _ if self.calls(AlarmKind::CheckOutOverdue) => CrewState::Overdue,
            Some(visit) if self.is_overdue(visit) => CrewState::Overdue,
            Some(_) if silent => CrewState::Silent,
            Some(_) => CrewState::OnSite,
            None if !self.stops.is_empty() && !left || self.said_done() => CrewState::Done,
            None if self.works() && silent => CrewState::Silent,
            None if self.works() => CrewState::Travelling,
            None if self.stops.is_empty() || self.shift_ended() => CrewState::OffShift,
            None => CrewState::NotStarted,
        }
    }

    /// How far behind the plan the last check-in or check-out was.
    fn late_s(&self) -> Option<i64> {
        let told = self.stops.iter().filter_map(|visit| {
            let (at, planned) = match (visit.finished_at, visit.started_at) {
                (Some(out), _) => (out, visit.planned_end),
                (None, Some(since)) => (since, visit.planned_start),
                (None, None) => return None,
            };
            Some((at, (at - planned).seconds()))
        });
        told.max().map(|(_, late)| late)
    }

    fn on_site(&self) -> Option<OnSite> {
        let visit = self.begun()?;
        Some(OnSite {
            visit: visit.id.0,
            case_no: self.around.cases.get(&visit.case).map(|(number, _)| number.clone()),
            since: visit.started_at?.get(),
            due_out: visit.due_out.map(Micros::get),
            overdue: self.is_overdue(visit),
        })
    }

    /// Nobody is followed home: a place is shown while the crew works, is at a door, or may need help, and never one from
    /// before the day.
    fn position(&self) -> Option<LastPlace> {
        let help = self.alarms.iter().any(|alarm| alarm.kind.calls_for_help());
        if !self.works() && self.begun().is_none() && !help {
            return None;
        }
        let since = day::start(self.around.date, &day::zone(self.zone));
        let places = self
            .devices
            .iter()
            .filter_map(|device| self.around.places.get(&device.id));
        let today = places.filter(|place| place.at >= since.get());
        today.max_by_key(|place| place.at).copied()
    }

    fn stops(&self) -> Vec<LiveStop> {
        if self.around.cases.is_empty() {
            return Vec::new();
        }
        let stop = |(position, visit): (usize, &&Visit)| {
            let shown = self.around.cases.get(&visit.case);
            let point = shown.and_then(|(_, point)| *point);
            LiveStop {
                visit: visit.id.0,
                case_no: shown.map(|(number, _)| number.clone()).unwrap_or_default(),
                position_in_route: position as u64,
                planned_start: visit.planned_start.get(),
                lat_e7: point.map(|[lat, _]| lat),
                lon_e7: point.map(|[_, lon]| lon),
                state: visit.state.code().to_owned(),
            }
        };
        self.stops.iter().enumerate().map(stop).collect()
    }
}
