//! The crew's stops of the day, in order, one person at a time.
//!
//! Visits of different persons behind one door share travel only. They are one stop, and the stop is of exactly one of
//! them: the next one's visit appears when the former is finished or left out, and nothing before tells that it exists –
//! no count, no number left out, and asking for it by its id answers as if it were not on the device. What a stop shows can
//! be seen over a shoulder: no amount and no phone.

use std::collections::{HashMap, HashSet};

use doorstep_domain::measure::Micros;
use doorstep_wire::sync::{Door, Permit};
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;
use uuid::Uuid;

use crate::db::id_of;
use crate::device::Device;
use crate::door::deciding;
use crate::error::DeviceError;
use crate::gate::{Blocked, Question, judge};
use crate::packs::Packs;
use crate::visit::VisitState;

/// Points this near each other count as one door.
const ONE_DOOR_M: f64 = 15.0;
/// Half a turn around the earth in 1e-7 degrees.
const HALF_TURN_E7: i64 = 1_800_000_000;
/// Metres of 1e-7 degrees of latitude.
const METRES_PER_E7: f64 = 0.011_131_95;

/// The stops of a day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Route {
    /// The day where the first stop is, ISO; `None` where there is no stop.
    pub day: Option<String>,
    /// Its stops in order.
    pub stops: Vec<Stop>,
    /// Visits that were withdrawn since they were planned; whom they were to is not on this device any more.
    pub withdrawn: Vec<Withdrawn>,
}

/// A visit that was withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawn {
    /// The visit.
    pub visit: Uuid,
    /// The lender's number.
    pub case_no: String,
    /// IANA time zone of the address.
    pub zone: String,
    /// When it was planned.
    pub starts: Micros,
    /// The rule for which.
    pub rule: String,
}

/// A stop: one person's visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// From 1, without a gap.
    pub number: usize,
    /// The visit.
    pub visit: Uuid,
    /// The lender's number.
    pub case_no: String,
    /// Name of the person.
    pub name: String,
    /// Address text.
    pub address: String,
    /// Latitude and longitude in 1e-7 degrees, WGS-84.
    pub point: [i64; 2],
    /// IANA time zone of the address.
    pub zone: String,
    /// Planned start.
    pub starts: Micros,
    /// Planned end.
    pub ends: Micros,
    /// How far it has come on this device.
    pub state: Option<VisitState>,
    /// What permit and rules say of it now, with the device's owner and the crew there.
    pub gate: Gate,
    /// Notes for the staff's safety, as codes of flags.
    pub notes: Vec<String>,
    /// Language tag of the person.
    pub language: String,
    /// The rule for which it was withdrawn after it had begun: it is to be ended, and whom it is to is not here any more.
    pub withdrawn: Option<String>,
}

/// What permit and rules say of a visit at this moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gate {
    /// Why it may not begin; empty where it may.
    pub blocked: Vec<Blocked>,
    /// What must be done before check-out, by code.
    pub required: Vec<String>,
    /// What may not be said, by code.
    pub not_said: Vec<String>,
    /// Intervals in which it must begin and end, in milliseconds.
    pub allowed_ms: Vec<[i64; 2]>,
    /// How many staff must be there; 0 where no permit says so.
    pub staff_min: u8,
    /// The rule packs that apply there, as `id@version`; empty where no permit says so.
    pub packs: Vec<String>,
}

impl Gate {
    /// Whether it may begin now.
    pub fn is_open(&self) -> bool {
        self.blocked.is_empty()
    }
}

/// How far a visit has come, and since when.
#[derive(Clone, Copy)]
struct Progress {
    state: VisitState,
    changed_at: i64,
}

/// A door with what became of it.
struct Held {
    door: Door,
    progress: Option<Progress>,
    day: String,
    /// Whether something heard at an earlier visit stops visits to the person.
    stopped: bool,
}

impl Held {
    fn state(&self) -> Option<VisitState> {
        self.progress.map(|progress| progress.state)
    }
}

impl Device {
    /// Today's stops, and visits of another day that have begun and not ended.
    pub async fn route(&self) -> Result<Route, DeviceError> {
        self.enforce_lease().await?;
        let mut connection = self.db.pool().acquire().await?;
        let held = self.held(&mut connection).await?;
        let mut off = self.withdrawn(&mut connection).await?;
        off.retain(|door| held.iter().all(|held| held.door.visit != door.visit));
        let (permits, packs) = (self.permits(&mut connection).await?, self.packs(&mut connection).await?);
        drop(connection);
        let mut shown = shown_in_order(&held);
        shown.retain(|held| self.is_in_sight(held));
        let stops = shown.iter().enumerate();
        Ok(Route {
            day: shown.first().map(|held| self.clock.day(&held.door.zone, self.now())),
            stops: stops
                .map(|(index, held)| self.stop(index + 1, held, (&permits, &packs)))
                .collect(),
            withdrawn: off.into_iter().filter_map(withdrawn).collect(),
        })
    }

    /// Whether it belongs to the route of today: planned for today, or begun and not ended.
    fn is_in_sight(&self, held: &Held) -> bool {
        held.day == self.clock.day(&held.door.zone, self.now()) || held.state() == Some(VisitState::Started)
    }

    /// How many stops this device holds, of all days: what may be counted aloud.
    pub async fn stops_held(&self) -> Result<usize, DeviceError> {
        self.enforce_lease().await?;
        let mut connection = self.db.pool().acquire().await?;
        Ok(one_per_door(&self.held(&mut connection).await?).len())
    }

    /// The stop of a visit, where it is the one that its door shows.
    pub(crate) async fn stop_shown(
        &self,
        connection: &mut SqliteConnection,
        visit: Uuid,
    ) -> Result<Option<Stop>, DeviceError> {
        let held = self.held(connection).await?;
        let (permits, packs) = (self.permits(connection).await?, self.packs(connection).await?);
        let shown = shown_in_order(&held);
        let Some(place) = shown.iter().position(|held| held.door.visit == visit) else {
            return Ok(None);
        };
        let mine = shown[place];
        let same_list = |other: &&&Held| {
            if self.is_in_sight(mine) {
                self.is_in_sight(other)
            } else {
                other.day == mine.day
            }
        };
        let number = 1 + shown[..place].iter().filter(same_list).count();
        Ok(Some(self.stop(number, mine, (&permits, &packs))))
    }

    /// The door of a visit that may be opened: the one that its stop shows, or one that was left out while nobody else
    /// behind that door is being visited.
    pub(crate) async fn door_to_open(
        &self,
        connection: &mut SqliteConnection,
        visit: Uuid,
    ) -> Result<Door, DeviceError> {
        let held = self.held(connection).await?;
        let doors = one_per_door(&held);
        let of_visit = doors.iter().find_map(|door| {
            let mine = door.all.iter().find(|held| held.door.visit == visit)?;
            let left_out = mine.state() == Some(VisitState::Skipped) && !door.is_busy();
            (door.shown.door.visit == visit || left_out).then(|| mine.door.clone())
        });
        if let Some(door) = of_visit {
            return Ok(door);
        }
        // It is off; whoever asks for it by its id is told for which rule.
        let mut off = self.withdrawn(connection).await?.into_iter();
        off.find(|door| door.visit == visit)
            .ok_or(DeviceError::NoSuchVisit { visit })
    }

    /// The visits of which a screen may speak: the one that a door shows, and those that were begun or left out there
    /// while nobody behind that door is being visited.
    pub(crate) async fn in_turn(&self, connection: &mut SqliteConnection) -> Result<HashSet<Uuid>, DeviceError> {
        let held = self.held(connection).await?;
        let doors = one_per_door(&held).into_iter();
        let visits = doors.flat_map(|door| {
            let (shown, is_busy) = (door.shown.door.visit, door.is_busy());
            let touched = door
                .all
                .into_iter()
                .filter(move |held| held.state().is_some() && !is_busy);
            touched.map(|held| held.door.visit).chain([shown])
        });
        Ok(visits.collect())
    }

    async fn held(&self, connection: &mut SqliteConnection) -> Result<Vec<Held>, DeviceError> {
        let rows = sqlx::query("SELECT visit, state, changed_at FROM visit")
            .fetch_all(&mut *connection)
            .await?;
        let stopped = stopped(connection).await?;
        let mut known = HashMap::new();
        for row in rows {
            let state: String = row.try_get(1)?;
            let progress = Progress {
                state: state.parse().map_err(|_| DeviceError::Corrupt { what: "visit" })?,
                changed_at: row.try_get(2)?,
            };
            known.insert(id_of(row.try_get(0)?, "visit")?, progress);
        }
        let doors = self.doors_held(connection).await?;
        // A visit that has begun has to be ended, also where it was withdrawn meanwhile.
        let started = |door: &Door| {
            known
                .get(&door.visit)
                .is_some_and(|one| one.state == VisitState::Started)
        };
        let on = doors
            .into_iter()
            .filter(|door| door.withdrawn.is_none() || started(door));
        let held = on.map(|door| Held {
            progress: known.get(&door.visit).copied(),
            stopped: is_stopped(&stopped, &door),
            day: self.clock.day(&door.zone, Micros(door.starts)),
            door,
        });
        Ok(held.collect())
    }

    /// The doors of visits that were withdrawn.
    async fn withdrawn(&self, connection: &mut SqliteConnection) -> Result<Vec<Door>, DeviceError> {
        let mut doors = self.doors_held(connection).await?;
        doors.retain(|door| door.withdrawn.is_some());
        doors.sort_by_key(|door| (door.starts, door.visit));
        Ok(doors)
    }

    /// Whether something heard at an earlier visit stops this one.
    pub(crate) async fn is_stopped(&self, connection: &mut SqliteConnection, door: &Door) -> Result<bool, DeviceError> {
        Ok(is_stopped(&stopped(connection).await?, door))
    }

    fn stop(&self, number: usize, held: &Held, (permits, packs): (&[Permit], &Packs)) -> Stop {
        let door = &held.door;
        Stop {
            number,
            visit: door.visit,
            case_no: door.case_no.clone(),
            name: door.name.clone(),
            address: door.address.clone(),
            point: door.point,
            zone: door.zone.clone(),
            starts: Micros(door.starts),
            ends: Micros(door.ends),
            state: held.state(),
            gate: self.gate(held, deciding(permits, door.visit_alias), packs),
            notes: door.notes.clone(),
            language: door.language.clone(),
            withdrawn: door.withdrawn.clone(),
        }
    }

    fn gate(&self, held: &Held, permit: Option<&Permit>, packs: &Packs) -> Gate {
        let door = &held.door;
        let mut staff = vec![self.me().staff];
        staff.extend(permit.iter().flat_map(|permit| permit.staff.iter().map(|one| one.id)));
        staff.sort_unstable();
        staff.dedup();
        let judgement = judge(&Question {
            permit,
            door,
            packs,
            now: self.now(),
            staff: &staff,
            stopped: held.stopped,
            // Whoever looks at a list is not at the door.
            position: None,
        });
        let listed = permit.and_then(|permit| permit.doors.iter().find(|listed| listed.visit == door.visit_alias));
        Gate {
            blocked: judgement.blocked,
            required: judgement.required,
            not_said: judgement.not_said,
            allowed_ms: listed.map_or(Vec::new(), |listed| listed.allowed_ms.clone()),
            staff_min: listed.map_or(0, |listed| listed.staff_min),
            packs: listed.map_or(Vec::new(), |listed| listed.packs.clone()),
        }
    }
}

/// The visits at which something was heard that stops further ones, each with what stands for its person.
async fn stopped(connection: &mut SqliteConnection) -> Result<Vec<(Uuid, Uuid)>, DeviceError> {
    let sql = "SELECT visit, subject_alias FROM visit WHERE stops IS NOT NULL";
    let rows = sqlx::query(sql).fetch_all(connection).await?;
    rows.iter()
        .map(|row| Ok((id_of(row.try_get(0)?, "visit")?, id_of(row.try_get(1)?, "visit")?)))
        .collect()
}

fn is_stopped(stopped: &[(Uuid, Uuid)], door: &Door) -> bool {
    stopped
        .iter()
        .any(|(visit, subject)| *subject == door.subject_alias && *visit != door.visit)
}

fn withdrawn(door: Door) -> Option<Withdrawn> {
    Some(Withdrawn {
        visit: door.visit,
        case_no: door.case_no,
        zone: door.zone,
        starts: Micros(door.starts),
        rule: door.withdrawn?,
    })
}

/// One door on one day: all visits behind it in the order of the route, and the one that is shown.
struct OneDoor<'a> {
    all: Vec<&'a Held>,
    shown: &'a Held,
}

impl<'a> OneDoor<'a> {
    /// `None` where there is no visit.
    fn of(all: Vec<&'a Held>) -> Option<Self> {
        let begun = all.iter().find(|held| held.state() == Some(VisitState::Started));
        let next = all.iter().find(|held| held.state().is_none());
        let last = all
            .iter()
            .max_by_key(|held| held.progress.map(|progress| progress.changed_at));
        let shown: &'a Held = begun.or(next).or(last)?;
        Some(Self { all, shown })
    }

    fn is_busy(&self) -> bool {
        self.all.iter().any(|held| held.state() == Some(VisitState::Started))
    }
}

/// What the doors show, in the order of the route.
fn shown_in_order(held: &[Held]) -> Vec<&Held> {
    let mut shown: Vec<&Held> = one_per_door(held).into_iter().map(|door| door.shown).collect();
    shown.sort_by_key(|held| (held.door.starts, held.door.position, held.door.visit));
    shown
}

/// The doors behind which the visits are. Whoever is near one of a group is of that group, so that no two stops that
/// are shown side by side are behind one door.
fn one_per_door(held: &[Held]) -> Vec<OneDoor<'_>> {
    let mut groups: Vec<Vec<&Held>> = Vec::new();
    for one in held {
        let (mine, mut others): (Vec<_>, Vec<_>) = groups
            .into_iter()
            .partition(|group| group.iter().any(|other| behind_one_door(one, other)));
        let mut merged: Vec<&Held> = mine.into_iter().flatten().collect();
        merged.push(one);
        merged.sort_by_key(|held| (held.door.starts, held.door.position, held.door.visit));
        others.push(merged);
        groups = others;
    }
    groups.into_iter().filter_map(OneDoor::of).collect()
}

fn behind_one_door(one: &Held, other: &Held) -> bool {
    let same_text = || {
        let text = normalised(&one.door.address);
        !text.is_empty() && text == normalised(&other.door.address)
    };
    // A visit that has begun holds its door, whatever its day.
    let begun = |held: &Held| held.state() == Some(VisitState::Started);
    let together = one.day == other.day || begun(one) || begun(other);
    together && (metres_apart(one.door.point, other.door.point) <= ONE_DOOR_M || same_text())
}

/// Flat-earth distance: exact enough for what is near.
pub(crate) fn metres_apart(one: [i64; 2], other: [i64; 2]) -> f64 {
    let degrees = |e7: i64| e7 as f64 / 1e7;
    let north = (one[0] - other[0]) as f64 * METRES_PER_E7;
    // The shorter way around, also where the date changes.
    let around = (one[1] - other[1] + HALF_TURN_E7).rem_euclid(2 * HALF_TURN_E7) - HALF_TURN_E7;
    let east = around as f64 * METRES_PER_E7 * degrees(one[0]).to_radians().cos();
    north.hypot(east)
}

/// Letters and digits only, in lower case; full-width ones as the plain ones that they stand for.
fn normalised(address: &str) -> String {
    let plain = |char: char| match u32::from(char) {
        wide @ 0xFF01..=0xFF5E => char::from_u32(wide - 0xFEE0).unwrap_or(char),
        _ => char,
    };
    let letters = address.chars().map(plain).filter(|char| char.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_by_letters_and_digits() {
        assert_eq!(normalised("１２ Ａbc-路, 3"), normalised("12 abc 路3"));
        assert_ne!(normalised("12 abc"), normalised("13 abc"));
        assert_eq!(normalised(" -,"), "");
    }

    #[test]
    fn fifteen_metres_are_fifteen_metres() {
        let here = [411_579_438, -86_291_053];
        // A thousandth of a degree of latitude is 111 m.
        let north = metres_apart(here, [411_589_438, -86_291_053]);
        assert!((north - 111.3).abs() < 0.1, "{north}");
        let east = metres_apart(here, [411_579_438, -86_281_053]);
        assert!((east - 83.8).abs() < 0.1, "{east}");
        let around = metres_apart([0, 1_799_999_000], [0, -1_799_999_000]);
        assert!((around - 22.3).abs() < 0.1, "{around}");
    }
}
