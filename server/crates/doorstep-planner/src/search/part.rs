//! Parts of a route that can be joined in constant time: duration, lateness and the span of departures that give them.
//! Must not know what a visit is.

/// A stretch of a route. Lateness is taken back at the place where it arises, so that it adds up over a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Part {
    /// Least seconds from its start to its end, waiting included.
    pub(super) duration: i64,
    /// Least sum of lateness.
    pub(super) late: i64,
    /// Earliest start that gives the least duration and lateness.
    pub(super) earliest: i64,
    /// Latest start that gives the least duration and lateness.
    pub(super) latest: i64,
    /// Seconds driven.
    pub(super) drive: i64,
    /// Metres driven.
    pub(super) metres: i64,
}

/// The way between two parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Leg {
    /// Seconds driven.
    pub(super) drive: i64,
    /// Seconds of access after the drive.
    pub(super) access: i64,
    /// Metres driven.
    pub(super) metres: i64,
}

impl Part {
    /// Something that lasts `duration` and must start in the span.
    pub(super) fn at(earliest: i64, latest: i64, duration: i64) -> Self {
        Self {
            duration,
            earliest,
            latest,
            ..Self::default()
        }
    }

    /// This part, the way, and the next part.
    #[inline]
    pub(super) fn join(&self, leg: Leg, next: &Self) -> Self {
        let way = leg.drive + leg.access;
        let offset = self.duration - self.late + way;
        let wait = (next.earliest - offset - self.latest).max(0);
        let late = (self.earliest + offset - next.latest).max(0);
        Self {
            duration: self.duration + next.duration + way + wait,
            late: self.late + next.late + late,
            earliest: (next.earliest - offset).max(self.earliest) - wait,
            latest: (next.latest - offset).min(self.latest) + late,
            drive: self.drive + next.drive + leg.drive,
            metres: self.metres + next.metres + leg.metres,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Leg, Part};
    use proptest::prelude::*;

    /// Visits as (earliest start, room until the latest start, service, drive to it).
    type Visits = Vec<(i64, i64, i64, i64)>;

    /// Leaves at `depart` and walks from visit to visit: seconds until the end, and lateness taken back where it arises.
    fn walk(visits: &Visits, depart: i64) -> (i64, i64) {
        let (mut now, mut late) = (depart, 0);
        for &(earliest, room, service, drive) in visits {
            now += drive;
            late += (now - earliest - room).max(0);
            now = now.clamp(earliest, earliest + room) + service;
        }
        (now - depart, late)
    }

    fn joined(visits: &[(i64, i64, i64, i64)]) -> Part {
        let mut whole = Part::at(0, 10_000, 0);
        for &(earliest, room, service, drive) in visits {
            whole = whole.join(
                Leg {
                    drive,
                    ..Leg::default()
                },
                &Part::at(earliest, earliest + room, service),
            );
        }
        whole
    }

    proptest! {
        #[test]
        fn a_joined_part_knows_the_best_departure(
            visits in prop::collection::vec((0_i64..900, 0_i64..400, 0_i64..90, 0_i64..90), 1..7),
        ) {
            let whole = joined(&visits);
            let least_late = (0..=1_400).map(|depart| walk(&visits, depart).1).min();
            prop_assert_eq!(Some(whole.late), least_late);
            if whole.late == 0 {
                let on_time = (0..=1_400).map(|depart| (walk(&visits, depart), depart)).filter(|((_, late), _)| *late == 0);
                let shortest = on_time.map(|((seconds, _), depart)| (seconds, depart)).min();
                prop_assert_eq!(Some((whole.duration, whole.earliest)), shortest);
            }
            let drive: i64 = visits.iter().map(|visit| visit.3).sum();
            prop_assert_eq!(whole.drive, drive);
        }

        #[test]
        fn the_order_of_joining_does_not_matter(
            visits in prop::collection::vec((0_i64..900, 0_i64..400, 0_i64..90, 0_i64..90), 3),
        ) {
            let part = |at: usize| Part::at(visits[at].0, visits[at].0 + visits[at].1, visits[at].2);
            let leg = |at: usize| Leg { drive: visits[at].3, access: visits[at].2, metres: visits[at].0 };
            let left = part(0).join(leg(1), &part(1)).join(leg(2), &part(2));
            let right = part(0).join(leg(1), &part(1).join(leg(2), &part(2)));
            prop_assert_eq!(left, right);
        }
    }
}
