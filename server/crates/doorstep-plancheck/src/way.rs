//! The way between two points of a route: the drive, and the levels that the crew newly enters.

use doorstep_planner::model::{PlaceIdx, Problem, Shift, VisitIdx};

/// Where a crew is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Point {
    /// At the start place of the shift.
    Start,
    /// At the door of a visit.
    Visit(VisitIdx),
    /// At the end place of the shift.
    End,
}

/// Drive, access and metres of one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) drive: i64,
    pub(crate) access: i64,
    pub(crate) metres: i64,
}

impl Way {
    pub(crate) fn seconds(&self) -> i64 {
        self.drive + self.access
    }
}

/// The way from one point to the next, or none where the matrix has none.
pub(crate) fn between(problem: &Problem, shift: &Shift, from: Point, to: Point) -> Option<Way> {
    // A day without visits stays where it is.
    if (from, to) == (Point::Start, Point::End) {
        return Some(Way {
            drive: 0,
            access: 0,
            metres: 0,
        });
    }
    let arc = problem
        .matrix(shift.matrix)
        .arc(place(problem, shift, from), place(problem, shift, to));
    let (drive, metres) = arc?;
    Some(Way {
        drive: drive.get(),
        access: access(problem, from, to),
        metres: metres.get(),
    })
}

fn place(problem: &Problem, shift: &Shift, point: Point) -> PlaceIdx {
    match point {
        Point::Start => shift.start_place,
        Point::Visit(visit) => problem.door(problem.visit(visit).door).place,
        Point::End => shift.end_place,
    }
}

fn access(problem: &Problem, from: Point, to: Point) -> i64 {
    let levels = |visit: VisitIdx| {
        let door = problem.visit(visit).door;
        let building = problem.door(door).building;
        (door, building, problem.buildings()[building.get()].site)
    };
    let Point::Visit(to) = to else { return 0 };
    let (door, building, site) = levels(to);
    let inside = match from {
        Point::Visit(from) => Some(levels(from)),
        Point::Start | Point::End => None,
    };
    let mut seconds = 0;
    if inside.is_none_or(|(at, _, _)| at != door) {
        seconds += problem.door(door).access.get();
    }
    if inside.is_none_or(|(_, at, _)| at != building) {
        seconds += problem.buildings()[building.get()].access.get();
    }
    if inside.is_none_or(|(_, _, at)| at != site) {
        seconds += problem.sites()[site.get()].access.get();
    }
    seconds
}
