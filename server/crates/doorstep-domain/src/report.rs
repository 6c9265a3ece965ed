//! A report: what became of cases and visits in a span of days, told by staff, crew, territory, portfolio, agency or stage.
//! docs/measures.md has each figure with its formula.
//!
//! There is no sum recovered among the figures and no score, and what is told by staff or crew is in the order of names: a
//! number that ranks people buys the behaviour that Doorstep exists to prevent (docs/refused.md 19).

use crate::codes;
use crate::rate::Rate;

codes!(
    /// By what a report is told.
    ReportBy, "what a report is told by" {
        /// By member of staff.
        Staff = "staff",
        /// By crew.
        Crew = "crew",
        /// By territory of the case's team.
        Territory = "territory",
        /// By portfolio.
        Portfolio = "portfolio",
        /// By agency.
        Agency = "agency",
        /// By stage of the debt.
        Stage = "stage",
    }
);

impl ReportBy {
    /// Whether its groups are persons, who are never ordered by a figure. A crew is two of them.
    #[must_use]
    pub const fn names_persons(self) -> bool {
        matches!(self, Self::Staff | Self::Crew)
    }
}

codes!(
    /// A figure of a report.
    FigureKind, "figure" {
        /// Cases that somebody tried to reach, of those assigned.
        Coverage = "coverage",
        /// Visits at which somebody was met.
        Contact = "contact",
        /// Visits at which the debtor was met and identified.
        RightParty = "right-party",
        /// Calls in which somebody was spoken to.
        CallContact = "call-contact",
        /// Calls in which the debtor was spoken to.
        CallRightParty = "call-right-party",
        /// Visits at which the debtor was met that ended with a promise.
        Promised = "promised",
        /// Agreements that were kept, of those that payments decided about.
        Kept = "kept",
        /// Agreements that were broken.
        Broken = "broken",
        /// Cases that came back to current or were settled, of those assigned.
        Cured = "cured",
        /// Working time of a crew for each visit made, with the way.
        TimePerVisit = "time-per-visit",
        /// Planned way for each visit made.
        WayPerVisit = "way-per-visit",
        /// What a crew's time and way cost for each visit made, at the prices of the portfolio's strategy.
        CostPerVisit = "cost-per-visit",
        /// Complaints that came in and were not withdrawn.
        Complaints = "complaints",
        /// Visits that somebody complained about.
        Complained = "complained",
        /// What a rule forbade: planned visits that it took away, and contacts that were made all the same.
        RuleBlocks = "rule-blocks",
        /// Of these, those that were not made.
        BlocksRespected = "blocks-respected",
        /// Visits begun in the evening at the address.
        Evening = "evening",
    }
);

codes!(
    /// What a figure counts, or counts it by.
    FigureUnit, "unit of a figure" {
        /// A part of cases.
        OfCases = "of-cases",
        /// A part of visits.
        OfVisits = "of-visits",
        /// A part of calls.
        OfCalls = "of-calls",
        /// A part of visits at which the debtor was met.
        OfMeetings = "of-meetings",
        /// A part of agreements that payments decided about.
        OfAgreements = "of-agreements",
        /// A part of what rules forbade.
        OfBlocks = "of-blocks",
        /// A count that is no part of anything.
        Count = "count",
        /// Seconds for each visit.
        SecondsPerVisit = "seconds-per-visit",
        /// Metres for each visit.
        MetresPerVisit = "metres-per-visit",
        /// Minor units of a currency for each visit.
        MinorPerVisit = "minor-per-visit",
    }
);

impl FigureUnit {
    /// Whether the figure is a part of a whole, so that it has an interval.
    #[must_use]
    pub const fn is_share(self) -> bool {
        matches!(
            self,
            Self::OfCases | Self::OfVisits | Self::OfCalls | Self::OfMeetings | Self::OfAgreements | Self::OfBlocks
        )
    }
}

impl FigureKind {
    /// What it is counted in.
    #[must_use]
    pub const fn unit(self) -> FigureUnit {
        match self {
            Self::Coverage | Self::Cured => FigureUnit::OfCases,
            Self::Contact | Self::RightParty | Self::Complained | Self::Evening => FigureUnit::OfVisits,
            Self::CallContact | Self::CallRightParty => FigureUnit::OfCalls,
            Self::Promised => FigureUnit::OfMeetings,
            Self::Kept | Self::Broken => FigureUnit::OfAgreements,
            Self::BlocksRespected => FigureUnit::OfBlocks,
            Self::Complaints | Self::RuleBlocks => FigureUnit::Count,
            Self::TimePerVisit => FigureUnit::SecondsPerVisit,
            Self::WayPerVisit => FigureUnit::MetresPerVisit,
            Self::CostPerVisit => FigureUnit::MinorPerVisit,
        }
    }
}

codes!(
    /// What a case was when a month began, and when it ended.
    Rolled, "beginning or end of a roll" {
        /// It was not open yet, or not any more.
        New = "new",
        /// Open and not overdue.
        M0 = "M0",
        /// Open in the first stage.
        M1 = "M1",
        /// Open in the second.
        M2 = "M2",
        /// Open in the third.
        M3 = "M3",
        /// Open and older than all of them.
        M3Plus = "M3+",
        /// Settled: nothing was owed any more.
        Settled = "settled",
        /// Taken back or closed.
        Over = "over",
    }
);

/// Of fewer cases than so many no group, week or roll is told by itself: whoever knows the neighbourhood would read one person in
/// it.
pub const CASES_LEAST: u64 = 5;

/// From which hour at the address a visit counts as one in the evening.
pub const EVENING_FROM_HOUR: i8 = 19;

codes!(
    /// How a figure stands to its target.
    TargetState, "state of a target" {
        /// It is reached.
        Met = "met",
        /// It is not, and chance does not explain the difference: the whole interval lies on the wrong side.
        Missed = "missed",
        /// It is not, but lies within the interval; or too few were counted to say.
        Open = "open",
    }
);

/// What a share should be, in parts per 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// At least so many.
    Least(u32),
    /// At most so many.
    Most(u32),
}

impl Target {
    /// How a share stands to it. A difference within the interval is no miss.
    #[must_use]
    pub fn state(self, found: Option<Rate>) -> TargetState {
        let Some(found) = found else { return TargetState::Open };
        let (met, missed) = match self {
            Self::Least(percent) => (found.rate >= percent * 100, found.high < percent * 100),
            Self::Most(percent) => (found.rate <= percent * 100, found.low > percent * 100),
        };
        match (met, missed) {
            (true, _) => TargetState::Met,
            (false, true) => TargetState::Missed,
            (false, false) => TargetState::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rate::rate;

    #[test]
    fn a_difference_within_the_interval_is_no_miss() {
        for (target, count, of, state) in [
            (Target::Least(60), 12, 20, TargetState::Met),
            (Target::Least(60), 11, 20, TargetState::Open),
            (Target::Least(60), 1, 20, TargetState::Missed),
            (Target::Least(60), 550, 1_000, TargetState::Missed),
            (Target::Most(10), 2, 20, TargetState::Met),
            (Target::Most(10), 3, 20, TargetState::Open),
            (Target::Most(10), 12, 20, TargetState::Missed),
            (Target::Most(0), 0, 20, TargetState::Met),
            // Of so few nothing is told.
            (Target::Least(60), 0, 19, TargetState::Open),
        ] {
            assert_eq!(target.state(rate(count, of)), state, "{target:?}: {count} of {of}");
        }
    }

    #[test]
    fn no_figure_is_a_sum_of_money() {
        for kind in FigureKind::ALL {
            assert!(
                !kind.code().contains("recovered") && !kind.code().contains("amount"),
                "{kind}"
            );
        }
    }
}
