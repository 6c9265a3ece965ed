//! Sentences about what a plan does with a case.

use jiff::civil::Date;

use super::{Lang, word};
use crate::measure::{MicroCost, Seconds};
use crate::plan::LeftOutReason;
use crate::step::{NextAction, NextWhy};

/// The numbers behind a reason for leaving a case out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftOutNumbers {
    /// It has none.
    None,
    /// What the visit is worth and what it would cost to add it.
    Worth {
        /// Its worth.
        value: MicroCost,
        /// Its cost.
        cost: MicroCost,
    },
    /// What the visit is worth, and what it would have to beat.
    Beaten {
        /// Its worth.
        visit: MicroCost,
        /// What it is worth not to visit, or nothing.
        no_visit: MicroCost,
    },
    /// The time that the nearest route lacks.
    Short(Seconds),
    /// How many cases were searched.
    Searched(i64),
    /// The day of another visit, or one that is calm.
    Day(Date),
    /// What comes next instead.
    Next {
        /// The action.
        action: NextAction,
        /// Why it, or why no visit.
        why: NextWhy,
    },
}

/// Why a case is not planned, as a sentence with its numbers.
#[must_use]
pub fn left_out_sentence(lang: Lang, reason: LeftOutReason, numbers: LeftOutNumbers) -> String {
    let zh = lang == Lang::Zh;
    let tail = match numbers {
        LeftOutNumbers::None => String::new(),
        LeftOutNumbers::Worth { value, cost } if zh => format!("（价值 {}，到达需 {}）", two(value), two(cost)),
        LeftOutNumbers::Worth { value, cost } => format!(": worth {}, costs {} to reach", two(value), two(cost)),
        LeftOutNumbers::Beaten { visit, no_visit } if zh => {
            format!("（外访价值至多 {}，不外访为 {}）", two(visit), two(no_visit))
        }
        LeftOutNumbers::Beaten { visit, no_visit } => {
            format!(
                ": a visit is worth {} at most, none is worth {}",
                two(visit),
                two(no_visit)
            )
        }
        LeftOutNumbers::Short(time) if zh => format!("（最接近的路线还差 {} 分钟）", minutes(time)),
        LeftOutNumbers::Short(time) => format!(": the nearest route lacks {} minutes", minutes(time)),
        LeftOutNumbers::Searched(cases) if zh => format!("（已比较 {cases} 件）"),
        LeftOutNumbers::Searched(cases) => format!(": the {cases} worth most were searched"),
        LeftOutNumbers::Next { action, why } if zh => format!("（{}：{}）", word(lang, action), word(lang, why)),
        LeftOutNumbers::Next { action, why } => format!(": {} ({})", word(lang, action), word(lang, why)),
        LeftOutNumbers::Day(day) if zh => format!("（{day}）"),
        LeftOutNumbers::Day(day) => format!(": {day}"),
    };
    let label = word(lang, reason);
    if zh {
        format!("未安排：{label}{tail}。")
    } else {
        format!("Not planned: {label}{tail}.")
    }
}

/// When a case is planned; `at` is a time with its zone.
#[must_use]
pub fn planned_sentence(lang: Lang, at: &str) -> String {
    if lang == Lang::Zh {
        format!("已安排：{at}。")
    } else {
        format!("Planned for {at}.")
    }
}

/// Whole minutes, rounded up: a route that lacks a second lacks a minute.
fn minutes(time: Seconds) -> i64 {
    (time.get() + 59) / 60
}

/// Millionths with two decimals.
fn two(amount: MicroCost) -> String {
    let cents = amount.get() / 10_000;
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_carry_their_numbers_in_both_languages() {
        let worth = LeftOutNumbers::Worth {
            value: MicroCost(3_100_000),
            cost: MicroCost(4_705_000),
        };
        let cases = [
            (
                Lang::En,
                LeftOutReason::NotWorthIt,
                worth,
                "Not planned: not worth its cost: worth 3.10, costs 4.70 to reach.",
            ),
            (
                Lang::En,
                LeftOutReason::BetterNotVisited,
                LeftOutNumbers::Beaten {
                    visit: MicroCost(-1_200_000),
                    no_visit: MicroCost::ZERO,
                },
                "Not planned: better not visited: a visit is worth -1.20 at most, none is worth 0.00.",
            ),
            (
                Lang::Zh,
                LeftOutReason::NoRoom,
                LeftOutNumbers::Short(Seconds(61)),
                "未安排：路线已满（最接近的路线还差 2 分钟）。",
            ),
            (
                Lang::En,
                LeftOutReason::TooFar,
                LeftOutNumbers::None,
                "Not planned: too far for every shift.",
            ),
        ];
        for (lang, reason, numbers, sentence) in cases {
            assert_eq!(left_out_sentence(lang, reason, numbers), sentence);
        }
    }
}
