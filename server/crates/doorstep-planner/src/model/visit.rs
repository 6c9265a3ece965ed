//! What may be planned: visits, the spans they may happen in, and what ties them together.

use super::index::{DoorIdx, GroupIdx, ShiftIdx, VisitIdx};
use super::shift::Skills;
use doorstep_domain::measure::{MicroCost, Seconds};

/// A span in which a visit may happen and what it is worth then. The visit starts and ends inside; the law judges both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Window {
    /// Earliest start of the visit.
    pub start: Seconds,
    /// Latest end of the visit.
    pub end: Seconds,
    /// Worth of the visit in this window; below zero where it does more harm than good.
    pub value: MicroCost,
}

/// How many crews a visit needs at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CrewsNeeded {
    /// One crew.
    #[default]
    One,
    /// Two crews, who start together. The visit is then called at in two routes and its value counts once.
    Two,
}

/// What is fixed about a visit: it stays in its shift, and where stated at its start and at its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pin {
    /// The shift it stays in.
    pub shift: ShiftIdx,
    /// The exact start, inside one of the visit's windows.
    pub start: Option<Seconds>,
    /// The position from the start of the route. The pinned positions of a shift are 0, 1, 2 and so on.
    pub position: Option<u32>,
}

/// Where the published plan has the visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Published {
    /// The shift.
    pub shift: ShiftIdx,
    /// The index of the window.
    pub window: u16,
}

/// One call that may be planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// Where.
    pub door: DoorIdx,
    /// How long it takes, from 0 to a day.
    pub service: Seconds,
    /// When it may happen, over all days. Empty is legal: the visit is then left out.
    pub windows: Vec<Window>,
    /// Whether it is planned before all others, worth it or not.
    pub mandatory: bool,
    /// Skills the crew must have.
    pub skills: Skills,
    /// The group of which at most one visit is planned.
    pub group: Option<GroupIdx>,
    /// How many crews it needs.
    pub crews_needed: CrewsNeeded,
    /// What is fixed about it.
    pub pin: Option<Pin>,
    /// Where the published plan has it.
    pub published: Option<Published>,
    /// Price, from 0, of leaving a published visit out or moving it to another shift or window.
    pub change_price: MicroCost,
}

/// Visits whose shifts lie at least so many days apart from each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spacing {
    /// The visits.
    pub visits: Vec<VisitIdx>,
    /// Least difference of the days of any two of them that are planned; 1 means not on the same day.
    pub days_apart_min: u16,
}
