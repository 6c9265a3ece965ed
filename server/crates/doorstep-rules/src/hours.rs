//! Times of day on some days of the week, in the time zone of an address.

use crate::spans::Spans;
use doorstep_domain::measure::Micros;
use doorstep_domain::staff::{ShiftHours, time_of_day};
use doorstep_domain::words::Weekday;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A time of day in seconds since local midnight, 0 to 86 400; written `HH:MM`, up to `24:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClockTime(i64);

impl ClockTime {
    /// The first instant of a day.
    pub const MIDNIGHT: Self = Self(0);
    /// The end of a day.
    pub const DAY_END: Self = Self(86_400);

    /// Reads `HH:MM`; `None` where the text is no time of day.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        time_of_day(text).map(|seconds| Self(seconds.get()))
    }
    /// Seconds since local midnight.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0
    }
}

impl std::fmt::Display for ClockTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 3600, self.0 % 3600 / 60)
    }
}

impl Serialize for ClockTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ClockTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no time of day; write it like 09:30")))
    }
}

/// Hours on some days of the week: `{"days": ["sat"], "from": "10:00", "to": "12:00"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayHours {
    /// The days of the week; empty means every day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Weekday>,
    /// When the hours begin, local time.
    pub from: ClockTime,
    /// When they end, local time; later than `from`.
    pub to: ClockTime,
}

/// A time that the person stated: a hard window.
pub type StatedTime = DayHours;

impl DayHours {
    /// Whether the hours hold on this weekday.
    #[must_use]
    pub fn holds_on(&self, weekday: Weekday) -> bool {
        self.days.is_empty() || self.days.contains(&weekday)
    }
}

/// The instant at which a local time begins (`opens`) or ends. Where the clocks make it doubtful, the span is the
/// shorter: an opening takes the later reading, a closing the earlier. `None` outside the calendar.
pub(crate) fn instant(zone: &TimeZone, day: Date, time: ClockTime, opens: bool) -> Option<Micros> {
    let day = if time == ClockTime::DAY_END {
        day.tomorrow().ok()?
    } else {
        day
    };
    let seconds = time.seconds() % 86_400;
    let local = day.at((seconds / 3600) as i8, (seconds % 3600 / 60) as i8, 0, 0);
    let reading = zone.to_ambiguous_timestamp(local);
    let exact = if opens { reading.later() } else { reading.earlier() };
    exact.ok().map(|timestamp| Micros(timestamp.as_microsecond()))
}

/// The spans of a day in which one of the hours holds.
pub(crate) fn spans_of(hours: &[DayHours], zone: &TimeZone, day: Date) -> Spans {
    Spans::of(between(hours, zone, day, true))
}

/// The same for hours that forbid: where the clocks make them doubtful they are the longer.
pub(crate) fn longest_of(hours: &[DayHours], zone: &TimeZone, day: Date) -> Vec<(Micros, Micros)> {
    between(hours, zone, day, false).collect()
}

fn between(hours: &[DayHours], zone: &TimeZone, day: Date, allow: bool) -> impl Iterator<Item = (Micros, Micros)> {
    let weekday = Weekday::of(day);
    let holding = hours.iter().filter(move |hours| hours.holds_on(weekday));
    holding.filter_map(move |hours| {
        Some((
            instant(zone, day, hours.from, allow)?,
            instant(zone, day, hours.to, !allow)?,
        ))
    })
}

/// Stated times that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no stated time; write it like 18:00-20:00, sat, mon-fri 18:00-20:00, several separated by `;`")]
pub struct StatedTimesError(pub String);

/// Reads stated times as they stand in case files: `18:00-20:00`, `sat`, `mon-fri 18:00-20:00; 周六`. Empty means any
/// lawful time.
pub fn parse_stated_times(text: &str) -> Result<Vec<StatedTime>, StatedTimesError> {
    let parts = text
        .split([';', '；', ',', '，'])
        .map(str::trim)
        .filter(|part| !part.is_empty());
    parts
        .map(|part| parse_one(part).ok_or_else(|| StatedTimesError(part.chars().take(40).collect())))
        .collect()
}

fn parse_one(part: &str) -> Option<StatedTime> {
    let mut stated = StatedTime {
        days: Vec::new(),
        from: ClockTime::MIDNIGHT,
        to: ClockTime::DAY_END,
    };
    let mut has_hours = false;
    for word in part.split_whitespace() {
        if let Some(days) = parse_days(word).filter(|_| stated.days.is_empty() && !has_hours) {
            stated.days = days;
        } else if has_hours {
            return None;
        } else {
            let hours: ShiftHours = word.parse().ok()?;
            (stated.from, stated.to) = (ClockTime(hours.start().get()), ClockTime(hours.end().get()));
            has_hours = true;
        }
    }
    Some(stated)
}

fn parse_days(word: &str) -> Option<Vec<Weekday>> {
    let (first, last) = word.split_once(['-', '–', '至']).unwrap_or((word, word));
    let (first, last) = (parse_day(first)? as usize, parse_day(last)? as usize);
    (first <= last).then(|| Weekday::ALL[first..=last].to_vec())
}

fn parse_day(word: &str) -> Option<Weekday> {
    const CHINESE: [char; 7] = ['一', '二', '三', '四', '五', '六', '日'];
    let chinese = word.strip_prefix("星期").or_else(|| word.strip_prefix('周'));
    if let Some(rest) = chinese {
        let mut characters = rest.chars();
        let day = characters.next().filter(|_| characters.next().is_none())?;
        let day = if day == '天' { '日' } else { day };
        return CHINESE
            .iter()
            .position(|known| *known == day)
            .map(|index| Weekday::ALL[index]);
    }
    let lower = word.to_ascii_lowercase();
    let long = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    long.iter()
        .position(|name| lower == *name || lower == name[..3])
        .map(|index| Weekday::ALL[index])
}
