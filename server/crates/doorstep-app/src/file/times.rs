//! Reads the times that a person stated: `18:00-20:00`, `sat`, `weekdays 09:00-12:00; sat`, 周六, 工作日 18:00-20:00.

use super::amount::half_width;
use doorstep_domain::measure::Seconds;
use doorstep_domain::staff::time_of_day;

/// Days of the week: bit 0 is Monday, bit 6 is Sunday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Weekdays(u8);

impl Weekdays {
    /// Every day.
    pub const ALL: Self = Self(0x7f);
    /// Monday to Friday.
    pub const WORKING: Self = Self(0x1f);
    /// Saturday and Sunday.
    pub const WEEKEND: Self = Self(0x60);

    /// The bits: Monday is 1, Sunday is 64.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }
    /// Whether a day belongs to it.
    #[must_use]
    pub fn contains(self, day: jiff::civil::Weekday) -> bool {
        self.0 & (1 << day.to_monday_zero_offset()) != 0
    }

    fn range(from: u8, to: u8) -> Self {
        let mut bits = 0;
        let mut day = from;
        loop {
            bits |= 1 << day;
            if day == to {
                return Self(bits);
            }
            day = (day + 1) % 7;
        }
    }
}

/// A time in which the person may be visited: on these days, between these times of day. Several of them are
/// alternatives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatedTime {
    /// The days.
    pub days: Weekdays,
    /// Seconds since local midnight, from 0.
    pub from: Seconds,
    /// Seconds since local midnight, after `from` and at most 86,400.
    pub to: Seconds,
}

const ENGLISH_DAYS: [&[&str]; 7] = [
    &["mon", "monday", "mondays"],
    &["tue", "tues", "tuesday", "tuesdays"],
    &["wed", "wednesday", "wednesdays"],
    &["thu", "thur", "thurs", "thursday", "thursdays"],
    &["fri", "friday", "fridays"],
    &["sat", "saturday", "saturdays"],
    &["sun", "sunday", "sundays"],
];
const CHINESE_DAYS: [&str; 7] = ["一", "二", "三", "四", "五", "六", "日"];
const ANY_TIME: &[&str] = &["", "-", "any", "anytime", "any time", "always", "随时", "无"];

/// The stated times; none means any lawful time. `None` where any part cannot be read, because a wish may hide in it.
///
/// Parts are separated by `;` and are alternatives; days and a time range within a part belong together.
pub(super) fn parse(text: &str) -> Option<Vec<StatedTime>> {
    let text: String = text.trim().to_lowercase().chars().map(half_width).collect();
    if ANY_TIME.contains(&text.as_str()) {
        return Some(Vec::new());
    }
    let mut times = Vec::new();
    for part in text.split([';', '\n', '、', '|']) {
        if !part.trim().is_empty() {
            times.extend(part_times(part.trim())?);
        }
    }
    times.sort_unstable();
    times.dedup();
    (!times.is_empty()).then_some(times)
}

fn part_times(part: &str) -> Option<Vec<StatedTime>> {
    let unified = part.replace(['–', '—', '~', '至', '到'], "-").replace(" - ", "-");
    let mut days: Option<u8> = None;
    let mut ranges = Vec::new();
    for word in unified.split([' ', ',']).filter(|word| !word.is_empty()) {
        let (day_text, time_text) = split_glued(word);
        if !day_text.is_empty() {
            days = Some(days.unwrap_or(0) | days_of(day_text)?.0);
        }
        if !time_text.is_empty() {
            ranges.push(range_of(time_text)?);
        }
    }
    if ranges.is_empty() {
        ranges.push((Seconds::ZERO, Seconds(86_400)));
    }
    let days = days.map_or(Weekdays::ALL, Weekdays);
    Some(
        ranges
            .into_iter()
            .map(|(from, to)| StatedTime { days, from, to })
            .collect(),
    )
}

/// Chinese writes days and times without a space: `周六18:00-20:00`.
fn split_glued(word: &str) -> (&str, &str) {
    match word.find(|c: char| c.is_ascii_digit()) {
        Some(at) => word.split_at(at),
        None => (word, ""),
    }
}

fn range_of(text: &str) -> Option<(Seconds, Seconds)> {
    let (from, to) = text.split_once('-')?;
    let (from, to) = (time_of_day(from)?, time_of_day(to)?);
    (from < to).then_some((from, to))
}

fn days_of(text: &str) -> Option<Weekdays> {
    match text {
        "weekdays" | "weekday" | "workdays" | "工作日" => return Some(Weekdays::WORKING),
        "weekend" | "weekends" | "周末" | "双休日" => return Some(Weekdays::WEEKEND),
        "daily" | "every" | "每天" => return Some(Weekdays::ALL),
        _ => {}
    }
    match text.split_once('-') {
        Some((from, to)) => Some(Weekdays::range(day_of(from)?, day_of(to)?)),
        None => day_of(text).map(|day| Weekdays(1 << day)),
    }
}

fn day_of(text: &str) -> Option<u8> {
    let english = ENGLISH_DAYS.iter().position(|names| names.contains(&text));
    let chinese = || {
        let day = text
            .strip_prefix("周")
            .or_else(|| text.strip_prefix("星期"))
            .or_else(|| text.strip_prefix("礼拜"))?;
        let day = if day == "天" { "日" } else { day };
        CHINESE_DAYS.iter().position(|name| *name == day)
    };
    english.or_else(chinese).and_then(|day| u8::try_from(day).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stated_times_in_both_languages() {
        let time = |days: u8, from: i64, to: i64| StatedTime {
            days: Weekdays(days),
            from: Seconds(from * 3600),
            to: Seconds(to * 3600),
        };
        let cases = [
            ("18:00-20:00", vec![time(0x7f, 18, 20)]),
            ("sat", vec![time(0x20, 0, 24)]),
            ("weekdays 09:00-12:00; sat", vec![time(0x1f, 9, 12), time(0x20, 0, 24)]),
            ("mon,wed 18:00-20:00", vec![time(0x05, 18, 20)]),
            ("Fri-Mon", vec![time(0x71, 0, 24)]),
            ("周六", vec![time(0x20, 0, 24)]),
            ("周一至周五 18:00—20:00", vec![time(0x1f, 18, 20)]),
            ("星期天18:00-20:00", vec![time(0x40, 18, 20)]),
            ("09:00-12:00,18:00-20:00", vec![time(0x7f, 9, 12), time(0x7f, 18, 20)]),
            ("", vec![]),
            ("随时", vec![]),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
        for text in [
            "evenings",
            "20:00-18:00",
            "after 18",
            "sat or so",
            "18:00",
            "not sat",
            ";",
            "25:00-26:00",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
