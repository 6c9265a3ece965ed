//! Why a case is not in a plan: what the rules said or what the planner found, kept as data and said in words.

use doorstep_domain::id::CaseId;
use doorstep_domain::measure::{MicroCost, Micros, Seconds};
use doorstep_domain::plan::LeftOutReason;
use doorstep_domain::step::{NextAction, NextWhy};
use doorstep_domain::words::{Lang, LeftOutNumbers, left_out_sentence, planned_sentence, word};
use doorstep_planner::model::{Reason, VisitIdx};
use doorstep_rules::{Finding, Verdict};
use serde::{Deserialize, Serialize};

use crate::day;
use crate::worth::Weighing;

/// Why a case is not planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "kebab-case")]
pub(crate) enum Left {
    /// The rules leave no time for a visit.
    Rules {
        /// What they said on the strictest day.
        verdict: Verdict,
    },
    /// The person was erased.
    Erased,
    /// Worth less than all the cases that were searched, which are already more than the crews can visit.
    BeyondReach {
        /// How many cases were searched.
        searched: i64,
    },
    /// A second crew would be needed at the same time.
    NeedsSecondCrew,
    /// Nothing is left of the allowed times on these days.
    NoWindow,
    /// No crew works at the allowed times.
    NoShift,
    /// The rules ask for two certified staff; no crew at that time has them.
    MissingSkill,
    /// The visit does not fit into what shifts and allowed times share.
    WindowsTooNarrow,
    /// No way leads there and back.
    Unreachable,
    /// Too far for every shift.
    TooFar,
    /// A published plan has a visit to the person that the rules count.
    VisitAhead {
        /// Its day, in days since 1970-01-01.
        day: i64,
    },
    /// The same person is visited for another case.
    PersonServed {
        /// That case.
        by: CaseId,
    },
    /// Another visit is too few days away.
    Spacing {
        /// The case of that visit.
        with: CaseId,
    },
    /// Its pinned place cannot be kept.
    PinImpossible,
    /// It costs at least as much as it is worth.
    NotWorthIt {
        /// What it is worth, in millionths.
        value: i64,
        /// What it would add, in millionths.
        cost: i64,
        /// What its worth is made of; plans from before do not say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        worth: Option<Weighing>,
    },
    /// Even at the best of the allowed times and without a way to go, a visit is worth no more than not visiting.
    BetterNotVisited {
        /// What it is worth then.
        worth: Weighing,
    },
    /// The routes are full.
    NoRoom {
        /// Seconds that the nearest route lacks.
        short_by: i64,
    },
    /// The search was stopped before it was looked at to the end.
    Stopped,
    /// The strategy of its portfolio makes no visits.
    NoVisits,
    /// By the strategy another action comes next.
    NotNext {
        /// Which.
        action: NextAction,
        /// Why.
        by: NextWhy,
    },
    /// Its portfolio or region is calm.
    Calm {
        /// On this day, in days since 1970-01-01.
        day: i64,
    },
    /// Its address has to be confirmed first.
    AddressStale,
}

impl Left {
    /// The planner's reason, with visits turned back into cases; `worth` says what a value is made of.
    pub(crate) fn of_plan(
        reason: Reason,
        case: impl Fn(VisitIdx) -> CaseId,
        worth: impl Fn(MicroCost) -> Option<Weighing>,
    ) -> Self {
        match reason {
            Reason::NeedsSecondCrew => Self::NeedsSecondCrew,
            Reason::NoWindow => Self::NoWindow,
            Reason::NoShiftOnDay => Self::NoShift,
            Reason::MissingSkill { .. } => Self::MissingSkill,
            Reason::WindowsTooNarrow => Self::WindowsTooNarrow,
            Reason::Unreachable | Reason::NoWayInRoutes => Self::Unreachable,
            Reason::TooFarForShift => Self::TooFar,
            Reason::GroupServed { by } => Self::PersonServed { by: case(by) },
            Reason::SpacingConflict { with } => Self::Spacing { with: case(with) },
            Reason::PinImpossible => Self::PinImpossible,
            Reason::NotWorthIt { value, cost } => Self::NotWorthIt {
                value: value.get(),
                cost: cost.get(),
                worth: worth(value),
            },
            Reason::Stopped => Self::Stopped,
            Reason::NoRoomLeft { short_by, .. } => Self::NoRoom {
                short_by: short_by.get(),
            },
        }
    }

    /// The reason as a code with its numbers; `None` where rules decided.
    fn plain(&self) -> Option<(LeftOutReason, LeftOutNumbers)> {
        let numbers = match self {
            Self::NotWorthIt { value, cost, .. } => LeftOutNumbers::Worth {
                value: MicroCost(*value),
                cost: MicroCost(*cost),
            },
            Self::BetterNotVisited { worth } => LeftOutNumbers::Beaten {
                visit: worth.visit.total(),
                no_visit: worth.no_visit.to_beat(),
            },
            Self::NoRoom { short_by } => LeftOutNumbers::Short(Seconds(*short_by)),
            Self::BeyondReach { searched } => LeftOutNumbers::Searched(*searched),
            Self::VisitAhead { day } | Self::Calm { day } => LeftOutNumbers::Day(day::of_number(*day)),
            Self::NotNext { action, by } => LeftOutNumbers::Next {
                action: *action,
                why: *by,
            },
            _ => LeftOutNumbers::None,
        };
        let reason = match self {
            Self::Rules { .. } => return None,
            Self::Erased => LeftOutReason::Erased,
            Self::BeyondReach { .. } => LeftOutReason::BeyondReach,
            Self::NeedsSecondCrew => LeftOutReason::NeedsSecondCrew,
            Self::NoWindow => LeftOutReason::NoWindow,
            Self::NoShift => LeftOutReason::NoShift,
            Self::MissingSkill => LeftOutReason::MissingSkill,
            Self::WindowsTooNarrow => LeftOutReason::WindowsTooNarrow,
            Self::Unreachable => LeftOutReason::Unreachable,
            Self::TooFar => LeftOutReason::TooFar,
            Self::VisitAhead { .. } => LeftOutReason::VisitAhead,
            Self::PersonServed { .. } => LeftOutReason::PersonServed,
            Self::Spacing { .. } => LeftOutReason::Spacing,
            Self::PinImpossible => LeftOutReason::PinImpossible,
            Self::NotWorthIt { .. } => LeftOutReason::NotWorthIt,
            Self::BetterNotVisited { .. } => LeftOutReason::BetterNotVisited,
            Self::NoRoom { .. } => LeftOutReason::NoRoom,
            Self::Stopped => LeftOutReason::Stopped,
            Self::NoVisits => LeftOutReason::NoVisits,
            Self::NotNext { .. } => LeftOutReason::NotNext,
            Self::Calm { .. } => LeftOutReason::Calm,
            Self::AddressStale => LeftOutReason::AddressStale,
        };
        Some((reason, numbers))
    }

    /// What a visit is worth and what not visiting is, where that decided.
    pub(crate) const fn worth(&self) -> Option<&Weighing> {
        match self {
            Self::NotWorthIt { worth, .. } => worth.as_ref(),
            Self::BetterNotVisited { worth } => Some(worth),
            _ => None,
        }
    }

    /// The first of the strictest rules, where rules decided.
    fn strictest(&self) -> Option<&Finding> {
        match self {
            Self::Rules { verdict } => verdict.findings.first(),
            _ => None,
        }
    }

    /// From when the rules would allow a visit: the latest end that a rule which forbids it names, where all of them do.
    pub(crate) fn until(&self) -> Option<Micros> {
        let Self::Rules { verdict } = self else { return None };
        let forbid = verdict.findings.iter().filter(|finding| finding.effect.forbids());
        let ends: Option<Vec<Micros>> = forbid.map(|finding| finding.until).collect();
        ends?.into_iter().max()
    }

    /// The stable code, or the id of the strictest rule.
    pub(crate) fn code(&self) -> String {
        match self.plain() {
            Some((reason, _)) => reason.code().to_owned(),
            None => self
                .strictest()
                .map_or_else(|| "rules".to_owned(), |finding| finding.rule.to_string()),
        }
    }

    /// The reason without its numbers, for counting.
    pub(crate) fn title(&self, lang: Lang) -> String {
        match self.plain() {
            Some((reason, _)) => word(lang, reason).to_owned(),
            None => self
                .strictest()
                .map_or_else(String::new, |finding| finding.sentence.render(lang)),
        }
    }

    /// The reason as a sentence with its numbers.
    pub(crate) fn sentence(&self, lang: Lang) -> String {
        match self.plain() {
            Some((reason, numbers)) => left_out_sentence(lang, reason, numbers),
            None => self.title(lang),
        }
    }
}

/// What is said of a planned case, with the time in the plan's zone.
pub(crate) fn planned(starts: Micros, zone: &str, lang: Lang) -> String {
    let at = day::timestamp(starts).to_zoned(day::zone(zone));
    planned_sentence(lang, &at.strftime("%Y-%m-%d %H:%M (%Q)").to_string())
}
