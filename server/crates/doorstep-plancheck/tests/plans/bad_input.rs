//! Bad input: a typed error that names the field, or a plan with reasons; never a panic, never a silent repair.

use crate::town::{DAY, HOUR, Size, UNIT, line, plan, random, shift, visit, window};
use doorstep_domain::measure::{MicroCost, Seconds};
use doorstep_plancheck::{Severity, check};
use doorstep_planner::model::{
    CrewsNeeded, Day, DoorIdx, Field, GroupIdx, Matrix, MatrixIdx, MatrixLabel, MatrixParts, Pin, PlaceIdx, Problem,
    ProblemError, ProblemParts, Profile, Published, Reason, ShiftIdx, Skills, Spacing, UNREACHABLE, VisitIdx,
};
use std::collections::BTreeSet;

/// What is done to a good problem.
type Change = fn(&mut ProblemParts);

fn matrix(n: usize, seconds: Vec<u32>, metres: Vec<u32>) -> Result<Matrix, ProblemError> {
    let profile = Profile {
        travel_mode: 0,
        band: 0,
    };
    Matrix::new(MatrixParts {
        n,
        seconds,
        metres,
        profile,
        label: MatrixLabel::Roads,
    })
}

fn town() -> ProblemParts {
    let mut parts = line(3);
    parts.shifts = vec![shift(0, 0), shift(1, 0)];
    parts.visits = vec![visit(1, 8, 18), visit(2, 8, 18)];
    parts
}

fn reasons(parts: ProblemParts) -> Vec<Reason> {
    let problem = Problem::new(parts).unwrap();
    let plan = plan(&problem, 1, 100);
    let findings = check(&problem, &plan);
    assert!(
        findings.iter().all(|finding| finding.severity == Severity::Notice),
        "{findings:?}"
    );
    plan.left_out.iter().map(|left| left.reason).collect()
}

#[test]
fn a_bad_matrix_is_a_typed_error() {
    let size = |field, found| ProblemError::WrongSize {
        field,
        index: 0,
        found,
        expected: 4,
    };
    assert_eq!(
        matrix(2, vec![0; 3], vec![0; 4]).unwrap_err(),
        size(Field::MatrixSeconds, 3)
    );
    assert_eq!(
        matrix(2, vec![0; 4], vec![0; 5]).unwrap_err(),
        size(Field::MatrixMetres, 5)
    );
    let diagonal = ProblemError::DiagonalNotZero {
        field: Field::MatrixSeconds,
        index: 1,
        found: 7,
    };
    assert_eq!(matrix(2, vec![0, 1, 1, 7], vec![0; 4]).unwrap_err(), diagonal);
    let half = ProblemError::HalfUnreachable {
        field: Field::MatrixSeconds,
        index: 1,
    };
    assert_eq!(matrix(2, vec![0, UNREACHABLE, 1, 0], vec![0; 4]).unwrap_err(), half);
    // What was negative before it became unsigned is far out of range.
    let error = matrix(2, vec![0, u32::MAX - 1, 1, 0], vec![0; 4]).unwrap_err();
    assert!(matches!(
        error,
        ProblemError::OutOfRange {
            field: Field::MatrixSeconds,
            index: 1,
            ..
        }
    ));
    let error = matrix(usize::MAX, vec![], vec![]).unwrap_err();
    assert!(matches!(
        error,
        ProblemError::OutOfRange {
            field: Field::MatrixSeconds,
            ..
        }
    ));
}

/// Ways to make a problem that cannot be built, and the field the error must name.
const BAD_FIELDS: &[(Field, Change)] = &[
    (Field::Matrices, |parts| {
        parts.matrices.push(matrix(1, vec![0], vec![0]).unwrap());
    }),
    (Field::SiteAccess, |parts| parts.sites[0].access = Seconds(-1)),
    (Field::BuildingSite, |parts| parts.buildings[0].site.0 = 3),
    (Field::BuildingAccess, |parts| parts.buildings[0].access = Seconds::MAX),
    (Field::DoorPlace, |parts| parts.doors[0].place = PlaceIdx(3)),
    (Field::DoorBuilding, |parts| parts.doors[0].building.0 = u32::MAX),
    (Field::DoorAccess, |parts| parts.doors[0].access = Seconds(DAY + 1)),
    (Field::Shifts, |parts| parts.shifts[1].crew.0 = 0),
    (Field::ShiftWindow, |parts| parts.shifts[0].end = Seconds(HOUR)),
    (Field::ShiftWindow, |parts| parts.shifts[0].end = Seconds::MAX),
    (Field::ShiftDay, |parts| parts.shifts[0].day = Day(1)),
    (Field::ShiftStartPlace, |parts| {
        parts.shifts[0].start_place = PlaceIdx(3);
    }),
    (Field::ShiftEndPlace, |parts| parts.shifts[0].end_place = PlaceIdx(3)),
    (Field::ShiftLongestWork, |parts| {
        parts.shifts[0].longest_work = Seconds(-1);
    }),
    (Field::ShiftLongestDriving, |parts| {
        parts.shifts[0].longest_driving = Seconds::MAX;
    }),
    (Field::ShiftCostPerMetre, |parts| {
        parts.shifts[0].cost_per_metre = MicroCost::MAX;
    }),
    (Field::ShiftCostPerSecond, |parts| {
        parts.shifts[0].cost_per_second = MicroCost(-1);
    }),
    (Field::ShiftMatrix, |parts| parts.shifts[0].matrix = MatrixIdx(1)),
    (Field::VisitDoor, |parts| parts.visits[0].door = DoorIdx(3)),
    (Field::VisitService, |parts| parts.visits[0].service = Seconds(-1)),
    (Field::VisitWindows, |parts| parts.visits[0].windows[0].end = Seconds(0)),
    (Field::VisitValue, |parts| {
        parts.visits[0].windows[0].value = MicroCost::MAX;
    }),
    (Field::VisitGroup, |parts| parts.visits[0].group = Some(GroupIdx(0))),
    (Field::VisitPin, |parts| {
        parts.visits[0].pin = Some(Pin {
            shift: ShiftIdx(2),
            start: None,
            position: None,
        });
    }),
    (Field::VisitPin, |parts| {
        parts.visits[0].pin = Some(Pin {
            shift: ShiftIdx(0),
            start: Some(Seconds(0)),
            position: None,
        });
    }),
    (Field::VisitPin, |parts| {
        parts.visits[0].pin = Some(Pin {
            shift: ShiftIdx(0),
            start: None,
            position: Some(1),
        });
    }),
    (Field::VisitPublished, |parts| {
        parts.visits[0].published = Some(Published {
            shift: ShiftIdx(0),
            window: 1,
        });
    }),
    (Field::VisitChangePrice, |parts| {
        parts.visits[0].change_price = MicroCost(-1);
    }),
    (Field::SpacingVisits, |parts| {
        parts.spacings.push(Spacing {
            visits: vec![VisitIdx(2)],
            days_apart_min: 1,
        });
    }),
    (Field::SpacingVisits, |parts| {
        parts.spacings.push(Spacing {
            visits: vec![VisitIdx(0), VisitIdx(0)],
            days_apart_min: 1,
        });
    }),
];

#[test]
fn every_bad_field_is_named() {
    for (field, break_it) in BAD_FIELDS {
        let mut parts = town();
        break_it(&mut parts);
        let message = Problem::new(parts).unwrap_err().to_string();
        assert!(message.starts_with(&format!("{field} at ")), "{field:?}: {message}");
        assert!(message.contains(';'), "no remedy in {message}");
    }
}

#[test]
fn without_crews_every_visit_has_a_reason() {
    let mut parts = town();
    parts.shifts.clear();
    assert_eq!(reasons(parts.clone()), [Reason::NoShiftOnDay; 2]);
    parts.matrices.clear();
    assert_eq!(reasons(parts), [Reason::NoShiftOnDay; 2]);
    assert_eq!(reasons(ProblemParts::default()), []);
}

/// Ways to make the first visit impossible, and the reason the plan must give.
const NEVER_PLANNED: &[(Reason, Change)] = &[
    (Reason::NoWindow, |parts| parts.visits[0].windows.clear()),
    (Reason::NoShiftOnDay, |parts| {
        parts.visits[0].windows = vec![window(1, 8, 18)];
    }),
    (Reason::MissingSkill { mask: Skills(0b100) }, |parts| {
        parts.visits[0].skills = Skills(0b101);
    }),
    (Reason::WindowsTooNarrow, |parts| {
        parts.visits[0].windows = vec![window(0, 9, 9)];
    }),
    (Reason::WindowsTooNarrow, |parts| {
        parts.visits[0].windows = vec![window(0, 7, 8)];
    }),
    (Reason::Unreachable, |parts| {
        parts.matrices[0] = crate::town::matrix(3, |from, to| {
            if from == 1 && to == 0 {
                (UNREACHABLE, UNREACHABLE)
            } else {
                (0, 0)
            }
        });
    }),
    (Reason::TooFarForShift, |parts| {
        for shift in &mut parts.shifts {
            shift.longest_driving = Seconds(1_199);
        }
        parts.visits.pop();
    }),
    (Reason::TooFarForShift, |parts| {
        parts.visits[0].windows[0].end = Seconds(8 * HOUR + HOUR / 2 + 600);
    }),
    (Reason::NoWayInRoutes, |parts| {
        parts.shifts.pop();
        parts.visits[1].mandatory = true;
        parts.matrices[0] = crate::town::matrix(3, |from, to| {
            if from.abs_diff(to) == 1 && from + to == 3 {
                (UNREACHABLE, UNREACHABLE)
            } else {
                (0, 0)
            }
        });
    }),
    (Reason::NeedsSecondCrew, |parts| {
        parts.visits[0].crews_needed = CrewsNeeded::Two;
    }),
    (Reason::GroupServed { by: VisitIdx(1) }, |parts| {
        parts.groups = 1;
        parts.visits[1].windows[0].value = MicroCost(200 * UNIT);
        parts.visits[0].group = Some(GroupIdx(0));
        parts.visits[1].group = Some(GroupIdx(0));
    }),
    (Reason::SpacingConflict { with: VisitIdx(1) }, |parts| {
        parts.visits[1].mandatory = true;
        parts.spacings.push(Spacing {
            visits: vec![VisitIdx(0), VisitIdx(1)],
            days_apart_min: 1,
        });
    }),
    (Reason::PinImpossible, |parts| {
        let pin = Pin {
            shift: ShiftIdx(0),
            start: Some(Seconds(9 * HOUR)),
            position: None,
        };
        parts.visits[0].pin = Some(pin);
        parts.visits[1].pin = Some(Pin {
            position: Some(0),
            ..pin
        });
    }),
];

#[test]
fn what_cannot_be_planned_says_why() {
    for (reason, change) in NEVER_PLANNED {
        let mut parts = town();
        change(&mut parts);
        assert_eq!(reasons(parts), [*reason]);
    }
}

#[test]
fn ten_thousand_visits_at_one_door_come_back_as_a_plan() {
    let mut parts = line(2);
    parts.shifts = vec![shift(0, 0), shift(1, 0)];
    parts.visits = vec![visit(1, 8, 18); 10_000];
    let problem = Problem::new(parts.clone()).unwrap();
    let half_hours = plan(&problem, 1, 64);
    assert_eq!(check(&problem, &half_hours), vec![]);
    // Ten hours less two drives and one entry hold nineteen half hours for each crew.
    assert_eq!(half_hours.left_out.len(), 10_000 - 2 * 19);
    for visit in &mut parts.visits {
        visit.service = Seconds(0);
    }
    let problem = Problem::new(parts).unwrap();
    let instant = plan(&problem, 1, 4);
    assert_eq!(check(&problem, &instant), vec![]);
    assert_eq!(instant.left_out, vec![]);
}

#[test]
fn the_largest_legal_values_do_not_overflow() {
    use doorstep_planner::model::{ARC_METRES_MAX, COST_PER_METRE_MAX, COST_PER_SECOND_MAX, MONEY_MAX};
    let mut parts = town();
    parts.matrices[0] = crate::town::matrix(3, |from, to| if from == to { (0, 0) } else { (60, ARC_METRES_MAX) });
    for shift in &mut parts.shifts {
        shift.cost_per_metre = MicroCost(COST_PER_METRE_MAX);
        shift.cost_per_second = MicroCost(COST_PER_SECOND_MAX);
    }
    for visit in &mut parts.visits {
        visit.mandatory = true;
        visit.windows[0].value = MicroCost(-MONEY_MAX);
        visit.change_price = MicroCost(MONEY_MAX);
        visit.published = Some(Published {
            shift: ShiftIdx(0),
            window: 0,
        });
    }
    assert_eq!(reasons(parts), []);
}

/// Keeps the random towns honest: they must reach breaks and the reasons that arise from full days.
#[test]
fn random_towns_reach_breaks_and_full_days() {
    let (mut seen, mut breaks) = (BTreeSet::new(), 0);
    for seed in 0..300 {
        let problem = Problem::new(random(
            seed,
            Size {
                places: 6,
                shifts: 5,
                visits: 30,
            },
        ))
        .unwrap();
        let plan = plan(&problem, seed, 50);
        breaks += plan.routes.iter().filter(|route| route.rest.is_some()).count();
        seen.extend(plan.left_out.iter().map(|left| match left.reason {
            Reason::NeedsSecondCrew => "NeedsSecondCrew",
            Reason::NoWindow => "NoWindow",
            Reason::NoShiftOnDay => "NoShiftOnDay",
            Reason::MissingSkill { .. } => "MissingSkill",
            Reason::WindowsTooNarrow => "WindowsTooNarrow",
            Reason::Unreachable => "Unreachable",
            Reason::TooFarForShift => "TooFarForShift",
            Reason::GroupServed { .. } => "GroupServed",
            Reason::SpacingConflict { .. } => "SpacingConflict",
            Reason::PinImpossible => "PinImpossible",
            Reason::NotWorthIt { .. } => "NotWorthIt",
            Reason::NoWayInRoutes => "NoWayInRoutes",
            Reason::NoRoomLeft { .. } => "NoRoomLeft",
            Reason::Stopped => "Stopped",
        }));
    }
    assert!(breaks > 20, "{breaks} breaks");
    let missing: Vec<_> = [
        "NotWorthIt",
        "NoRoomLeft",
        "SpacingConflict",
        "GroupServed",
        "TooFarForShift",
    ]
    .into_iter()
    .filter(|reason| !seen.contains(reason))
    .collect();
    assert!(missing.is_empty(), "not reached: {missing:?}");
}
