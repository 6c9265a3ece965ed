//! What the checker reports.

use doorstep_planner::model::{ShiftIdx, VisitIdx};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The plan is sound, but a person must see this.
    Notice,
    /// The plan breaks a rule or states something false; it must not be published.
    Breach,
}

/// What was found. The list is closed; each code has one meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// A route names a shift that the problem does not have.
    UnknownShift,
    /// A call, a left-out entry or a reason names a visit or shift that the problem does not have.
    UnknownVisit,
    /// A call names a window that its visit does not have.
    UnknownWindow,
    /// A time of the plan lies outside any day a plan can have.
    TimeOutOfRange,
    /// A shift has two routes, or routes or left-out visits are not in order.
    OutOfOrder,
    /// A route has no call.
    EmptyRoute,
    /// A visit is called at more often than it needs crews.
    ServedTwice,
    /// A visit is neither planned nor left out.
    NotAccounted,
    /// A visit is planned and left out, or left out twice.
    ServedAndLeftOut,
    /// A visit that needs two crews has one.
    SecondCrewMissing,
    /// Two crews at one visit are the same staff or do not start together.
    CrewsApart,
    /// Two visits of one group are planned.
    GroupTwice,
    /// Two planned visits are too few days apart.
    SpacingBroken,
    /// The crew lacks a skill.
    SkillMissing,
    /// There is no way between two stops in order.
    NoWay,
    /// The arrival is not the end before it, the drive and the access.
    WrongArrival,
    /// The start is not the later of arrival and window.
    WrongStart,
    /// The end is not the start and the service.
    WrongEnd,
    /// The visit starts before its window.
    BeforeWindow,
    /// The visit ends after its window.
    AfterWindow,
    /// The route leaves before the shift.
    LeavesEarly,
    /// The route comes back after the shift.
    BackLate,
    /// The departure is not the latest that keeps the return.
    WrongDeparture,
    /// The return is not the last end and the drive.
    WrongBack,
    /// The driving is not the sum of the drives.
    WrongDriving,
    /// The metres are not the sum of the metres.
    WrongMetres,
    /// The work is not the time from departure to return.
    WrongWork,
    /// The waiting is not the sum of the waits.
    WrongWaiting,
    /// The cost is not metres and work at the shift's costs.
    WrongCost,
    /// The route works longer than the shift allows.
    WorksTooLong,
    /// The route drives longer than the shift allows.
    DrivesTooLong,
    /// A break that is due is not taken.
    BreakMissing,
    /// A break is taken that is not due.
    BreakNotDue,
    /// A break is at a wrong time or of a wrong length.
    BreakMisplaced,
    /// A pinned visit is in another shift, at another time or at another position.
    PinMoved,
    /// A pinned visit is left out, with a true reason.
    PinLeftOut,
    /// A mandatory visit is left out, with a true reason.
    MandatoryLeftOut,
    /// The value of the plan is not the sum of its windows' values.
    WrongValue,
    /// The travel cost of the plan is wrong.
    WrongTravel,
    /// The time cost of the plan is wrong.
    WrongTime,
    /// The price of changes of the plan is wrong.
    WrongChange,
    /// The reason of a left-out visit does not hold, or another one comes first.
    FalseReason,
}

impl Code {
    /// How bad the finding is.
    pub fn severity(self) -> Severity {
        match self {
            Self::PinLeftOut | Self::MandatoryLeftOut => Severity::Notice,
            _ => Severity::Breach,
        }
    }
}

/// One finding, with the place it concerns and, for a wrong number, both numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What it is.
    pub code: Code,
    /// The shift of the route it concerns.
    pub route: Option<ShiftIdx>,
    /// The visit it concerns.
    pub visit: Option<VisitIdx>,
    /// What the checker derived or the rule allows, in the unit of the code.
    pub expected: Option<i64>,
    /// What the plan states.
    pub found: Option<i64>,
}

impl Finding {
    pub(crate) fn new(code: Code) -> Self {
        Self {
            severity: code.severity(),
            code,
            route: None,
            visit: None,
            expected: None,
            found: None,
        }
    }

    pub(crate) fn route(self, route: ShiftIdx) -> Self {
        Self {
            route: Some(route),
            ..self
        }
    }

    pub(crate) fn visit(self, visit: VisitIdx) -> Self {
        Self {
            visit: Some(visit),
            ..self
        }
    }

    pub(crate) fn numbers(self, expected: i64, found: i64) -> Self {
        Self {
            expected: Some(expected),
            found: Some(found),
            ..self
        }
    }
}
