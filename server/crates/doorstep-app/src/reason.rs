//! Why a case is not in a plan: what the rules said or what the planner found, kept as data and said in words.

use doorstep_domain::id::CaseId;
use doorstep_domain::measure::Micros;
use doorstep_domain::words::Lang;
use doorstep_planner::model::{Reason, VisitIdx};
use doorstep_rules::Verdict;
use serde::{Deserialize, Serialize};

use crate::day;

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
    },
    /// The routes are full.
    NoRoom {
        /// Seconds that the nearest route lacks.
        short_by: i64,
    },
}

impl Left {
    /// The planner's reason, with visits turned back into cases.
    pub(crate) fn of_plan(reason: Reason, case: impl Fn(VisitIdx) -> CaseId) -> Self {
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
            },
            Reason::NoRoomLeft { short_by, .. } => Self::NoRoom {
                short_by: short_by.get(),
            },
        }
    }

    /// The stable code, or the id of the strictest rule.
    pub(crate) fn code(&self) -> String {
        let code = match self {
            Self::Rules { verdict } => {
                let strictest = verdict.findings.first();
                return strictest.map_or_else(|| "rules".to_owned(), |finding| finding.rule.to_string());
            }
            Self::Erased => "erased",
            Self::BeyondReach { .. } => "beyond-reach",
            Self::NeedsSecondCrew => "needs-second-crew",
            Self::NoWindow => "no-window",
            Self::NoShift => "no-shift",
            Self::MissingSkill => "missing-skill",
            Self::WindowsTooNarrow => "windows-too-narrow",
            Self::Unreachable => "unreachable",
            Self::TooFar => "too-far",
            Self::PersonServed { .. } => "person-served",
            Self::Spacing { .. } => "spacing",
            Self::PinImpossible => "pin-impossible",
            Self::NotWorthIt { .. } => "not-worth-it",
            Self::NoRoom { .. } => "no-room",
        };
        code.to_owned()
    }

    /// The reason without its numbers, for counting.
    pub(crate) fn title(&self, lang: Lang) -> String {
        let [english, chinese] = match self {
            Self::Rules { verdict } => {
                let strictest = verdict.findings.first();
                return strictest.map_or_else(String::new, |finding| finding.sentence.render(lang));
            }
            Self::Erased => ["the person was erased", "当事人信息已删除"],
            Self::BeyondReach { .. } => ["more cases than all crews can visit", "案件数超过各组可外访的数量"],
            Self::NeedsSecondCrew => ["a second crew would be needed at the same time", "需要另一组同时到场"],
            Self::NoWindow => ["nothing is left of the allowed times", "允许的时间已无剩余"],
            Self::NoShift => ["no crew works at the allowed times", "允许的时间内没有组值班"],
            Self::MissingSkill => [
                "no crew then has two staff with valid certificates",
                "该时段没有两名持有效证书的外访员",
            ],
            Self::WindowsTooNarrow => ["shifts and allowed times share too little", "班次与允许时间重叠过短"],
            Self::Unreachable => ["no way leads there and back", "无法往返到达"],
            Self::TooFar => ["too far for every shift", "对任何班次都太远"],
            Self::PersonServed { .. } => [
                "the same person is visited for another case",
                "同一人已安排另一案件的外访",
            ],
            Self::Spacing { .. } => ["another visit is too few days away", "与另一次外访间隔天数不足"],
            Self::PinImpossible => ["its fixed place cannot be kept", "固定的安排无法保留"],
            Self::NotWorthIt { .. } => ["not worth its cost", "成本高于价值"],
            Self::NoRoom { .. } => ["the routes are full", "路线已满"],
        };
        if lang == Lang::Zh {
            chinese.to_owned()
        } else {
            english.to_owned()
        }
    }

    /// The reason as a sentence with its numbers.
    pub(crate) fn sentence(&self, lang: Lang) -> String {
        let zh = lang == Lang::Zh;
        let tail = match self {
            Self::NotWorthIt { value, cost } => {
                let (value, cost) = (money(*value), money(*cost));
                if zh {
                    format!("（价值 {value}，到达需 {cost}）")
                } else {
                    format!(": worth {value}, costs {cost} to reach")
                }
            }
            Self::NoRoom { short_by } => {
                let minutes = (short_by + 59) / 60;
                if zh {
                    format!("（最接近的路线还差 {minutes} 分钟）")
                } else {
                    format!(": the nearest route lacks {minutes} minutes")
                }
            }
            Self::BeyondReach { searched } => {
                if zh {
                    format!("（已比较 {searched} 件）")
                } else {
                    format!(": the {searched} worth most were searched")
                }
            }
            _ => String::new(),
        };
        match self {
            Self::Rules { .. } => self.title(lang),
            _ if zh => format!("未安排：{}{tail}。", self.title(lang)),
            _ => format!("Not planned: {}{tail}.", self.title(lang)),
        }
    }
}

/// Millionths of a main unit with two decimals.
fn money(micro: i64) -> String {
    let cents = micro / 10_000;
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100)
}

/// What is said of a planned case, with the time in the plan's zone.
pub(crate) fn planned(starts: Micros, zone: &str, lang: Lang) -> String {
    let zone = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let at = day::timestamp(starts)
        .to_zoned(zone)
        .strftime("%Y-%m-%d %H:%M (%Q)")
        .to_string();
    if lang == Lang::Zh {
        format!("已安排：{at}。")
    } else {
        format!("Planned for {at}.")
    }
}
