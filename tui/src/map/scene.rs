//! What the map shows besides streets: stops, the route, people; and how they become dots and labels. Pure.

use super::camera::{Camera, Size};
use super::dots::{Dots, Stroke};
use super::style::Part;
use doorstep_domain::place::Point;
use doorstep_domain::words::Lang;

/// How far from a stop a click may be, in cells.
const PICK_CELLS: i32 = 3;

/// How a stop stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopState {
    /// It waits: `07`.
    Ahead,
    /// It is done: weak.
    Done,
    /// It must not be visited: `x07`.
    Blocked,
    /// Something is to be minded: `!07`.
    Flagged,
}

/// A stop of the route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    /// Where it is.
    pub place: Point,
    /// Its number in the planned order.
    pub number: u32,
    /// How it stands.
    pub state: StopState,
}

/// How a leg of the route is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegPart {
    /// Behind: dotted.
    Done,
    /// Ahead: two dots thick.
    Ahead,
    /// Another way: dotted, below the route.
    Other,
}

/// A leg of the route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// Where it runs.
    pub points: Vec<Point>,
    /// How it is drawn.
    pub part: LegPart,
}

/// How a person on the map stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonState {
    /// The owner of the device: `@`, with a ring of this radius in metres.
    Me {
        /// Radius within which the position lies.
        accuracy_m: u32,
    },
    /// One of the team: the name.
    Team,
    /// Should have checked out: `!Name`.
    Overdue,
    /// Nothing is heard: `~Name`.
    Silent,
}

/// A person on the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person<'a> {
    /// Where they are.
    pub place: Point,
    /// A short name.
    pub name: &'a str,
    /// How they stand.
    pub state: PersonState,
}

/// What is shown on the streets.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The stops, in the order of the route.
    pub stops: &'a [Stop],
    /// Which stop is chosen, by place in `stops`.
    pub chosen: Option<usize>,
    /// The legs of the route.
    pub legs: &'a [Leg],
    /// People, the most important first.
    pub people: &'a [Person<'a>],
    /// The language of names and marks.
    pub lang: Lang,
}

impl Scene<'_> {
    /// The stop that a click on a cell means: the nearest within three cells. Where several lie under it, the one after
    /// the chosen one, so that every stop of a cluster can be reached.
    pub fn pick(&self, camera: Camera, size: Size, cell: [u16; 2]) -> Option<usize> {
        let centre = [f64::from(cell[0]) * 2.0 + 1.0, f64::from(cell[1]) * 4.0 + 2.0];
        let near = |stop: &Stop| {
            let at = camera.cell_of(stop.place, size)?;
            let apart = |axis: usize| (i32::from(at[axis]) - i32::from(cell[axis])).abs();
            (apart(0).max(apart(1)) <= PICK_CELLS).then(|| {
                let dot = camera.dot_of(stop.place, size);
                ((dot[0] - centre[0]).hypot(dot[1] - centre[1]) * 4.0) as u32
            })
        };
        let found = |from: usize, to: usize| {
            let places = self.stops.iter().enumerate().take(to).skip(from);
            places.filter_map(|(index, stop)| Some((near(stop)?, index)))
        };
        let after = self.chosen.map_or(0, |chosen| chosen + 1);
        let ordered = found(after, self.stops.len()).chain(found(0, after));
        ordered.min_by_key(|(distance, _)| *distance).map(|(_, index)| index)
    }

    /// Draws the route and the ring of the own position over the streets.
    pub(super) fn draw(&self, camera: Camera, size: Size, dots: &mut Dots) {
        for leg in self.legs {
            let (part, stroke) = match leg.part {
                LegPart::Done => (Part::RouteDone, Stroke::Dotted),
                LegPart::Ahead => (Part::RouteAhead, Stroke::Thick),
                LegPart::Other => (Part::RouteOther, Stroke::Dotted),
            };
            for pair in leg.points.windows(2) {
                let [from, to] = [camera.dot_of(pair[0], size), camera.dot_of(pair[1], size)];
                dots.line(from, to, part.layer(), stroke);
            }
        }
        for person in self.people {
            if let PersonState::Me { accuracy_m } = person.state {
                let radius = f64::from(accuracy_m) / f64::from(camera.m_per_dot());
                dots.ring(camera.dot_of(person.place, size), radius, Part::Ring.layer());
            }
        }
    }
}

/// The legs between stops as straight lines, for as long as there are no road paths. A stop that must not be visited is
/// passed over; `start` is where the route begins, if it is to be drawn.
pub fn legs_between(start: Option<Point>, stops: &[Stop]) -> Vec<Leg> {
    let driven = || stops.iter().filter(|stop| stop.state != StopState::Blocked);
    let from = start.into_iter().chain(driven().map(|stop| stop.place));
    let to = driven().skip(usize::from(start.is_none()));
    let leg = |(from, to): (Point, &Stop)| Leg {
        points: vec![from, to.place],
        part: if to.state == StopState::Done {
            LegPart::Done
        } else {
            LegPart::Ahead
        },
    };
    from.zip(to).map(leg).collect()
}
