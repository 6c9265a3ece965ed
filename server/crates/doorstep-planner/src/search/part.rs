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
