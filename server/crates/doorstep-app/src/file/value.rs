//! Reads single cells: text, dates, whole numbers, coordinates, datums, flags, phones.
//!
//! Nothing here guesses: what can be read in two ways is not read.

use super::amount::half_width;
use doorstep_domain::case::Flag;
use doorstep_domain::measure::Micros;
use doorstep_domain::place::{Datum, parse_degrees};
use jiff::civil::{Date, DateTime};

const FLAG_WORDS: &[(&str, Flag)] = &[
    ("有异议", Flag::Disputed),
    ("异议", Flag::Disputed),
    ("困难", Flag::Hardship),
    ("经济困难", Flag::Hardship),
    ("老人", Flag::Vulnerable),
    ("老年人", Flag::Vulnerable),
    ("弱势", Flag::Vulnerable),
    ("已委托律师", Flag::Represented),
    ("委托律师", Flag::Represented),
    ("要求停止联系", Flag::CeaseContact),
    ("停止联系", Flag::CeaseContact),
    ("分期履行中", Flag::PlanPerforming),
    ("顾问协助中", Flag::AdviserPlan),
    ("已故", Flag::Deceased),
    ("死亡", Flag::Deceased),
    ("疑似失联", Flag::AddressUnverified),
    ("失联", Flag::AddressUnverified),
    ("非本人", Flag::WrongPerson),
    ("羁押", Flag::Suspended),
    ("出境", Flag::Suspended),
    ("暂停催收", Flag::Moratorium),
    ("有狗", Flag::DogAtGate),
];
const NOTHING: &[&str] = &["", "-", "none", "n/a", "无"];

/// A cell without control characters and outer spaces; true where control characters were removed.
///
/// Line breaks within a cell stay (as `\n`), and so do tabs. Direction overrides go, because they make a text look like
/// another one.
pub(super) fn cleaned(cell: &str) -> (String, bool) {
    if cell.bytes().all(|b| (b' '..0x7f).contains(&b)) {
        return (cell.trim().to_owned(), false);
    }
    let unified = cell.replace("\r\n", "\n").replace('\r', "\n");
    let mut removed = false;
    let kept: String = unified
        .chars()
        .filter(|c| {
            let bad = c.is_control() && !matches!(c, '\n' | '\t')
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
            removed |= bad;
            !bad
        })
        .collect();
    (kept.trim().to_owned(), removed)
}

/// Whether a spreadsheet would take the text for a formula, full-width signs included, which spreadsheets of East Asia
/// read like the narrow ones. Plain numbers and phone numbers are none.
pub(super) fn is_formula(text: &str) -> bool {
    let Some(first) = text.chars().next() else { return false };
    matches!(first, '=' | '+' | '-' | '@' | '\t' | '\r' | '＝' | '＋' | '－' | '＠') && !is_plain_number(text)
}

fn is_plain_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let signs = digits.bytes().filter(|b| matches!(b, b'.' | b',')).count();
    signs <= 1
        && digits.bytes().next().is_some_and(|b| b.is_ascii_digit())
        && digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','))
}

/// Whether a phone number may be one: 7 to 15 digits, as ITU E.164 has them, and the signs people write between.
pub(super) fn is_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let fits = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '(' | ')' | ' ' | '.' | '/');
    (7..=15).contains(&digits) && text.chars().all(fits)
}

/// A day as `2026-09-24`, `2026/9/24`, `2026.9.24`, `2026年9月24日` or `20260924`, with a time behind it or not.
///
/// The year always stands first: a day-month order is never guessed.
pub(super) fn day(text: &str) -> Option<Date> {
    let text: String = text.trim().chars().map(half_width).collect();
    let text = without_time(&text);
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return day_of(&text[..4], &text[4..6], &text[6..]);
    }
    if let Some((year, rest)) = text.split_once('年') {
        let (month, day) = rest.strip_suffix('日').unwrap_or(rest).split_once('月')?;
        return day_of(year, month, day);
    }
    let sign = ['-', '/', '.'].into_iter().find(|sign| text.contains(*sign))?;
    let parts: Vec<&str> = text.split(sign).collect();
    match parts.as_slice() {
        [year, month, day] => day_of(year, month, day),
        _ => None,
    }
}

fn without_time(text: &str) -> &str {
    match text.split_once([' ', 'T']) {
        Some((day, time)) if time.bytes().all(|b| b.is_ascii_digit() || b":.Z+-".contains(&b)) => day,
        _ => text,
    }
}

fn day_of(year: &str, month: &str, day: &str) -> Option<Date> {
    let number = |text: &str, digits: std::ops::RangeInclusive<usize>| -> Option<i16> {
        let fits = digits.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| text.parse().ok()).flatten()
    };
    let year = number(year, 4..=4)?;
    let month = i8::try_from(number(month, 1..=2)?).ok()?;
    let day = i8::try_from(number(day, 1..=2)?).ok()?;
    if !(1900..=2200).contains(&year) {
        return None;
    }
    Date::new(year, month, day).ok()
}

/// An instant: a time with its offset (`2026-11-23T08:00:00Z`), or a day, which counts from its start in UTC, the
/// earliest it can mean in most places, so that an amount looks older rather than newer.
pub(super) fn instant(text: &str) -> Option<Micros> {
    if let Ok(timestamp) = text.trim().parse::<jiff::Timestamp>() {
        return Some(Micros(timestamp.as_microsecond()));
    }
    let midnight = day(text)?.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(Micros(midnight.timestamp().as_microsecond()))
}

/// When something happened, as far as a file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// An instant: the file named the distance from UTC.
    Instant(Micros),
    /// What clocks on the wall showed, where the address is.
    Local(DateTime),
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Instant(at) => at.fmt(f),
            Self::Local(at) => at.fmt(f),
        }
    }
}

/// A time with its offset (`2026-11-23T08:00:00Z`), or a day as [`day`] reads it with a time of day behind it (`9:05`, `09:05:30`).
/// A day alone is no time.
pub(super) fn moment(text: &str) -> Option<Moment> {
    if let Ok(timestamp) = text.trim().parse::<jiff::Timestamp>() {
        return Some(Moment::Instant(Micros(timestamp.as_microsecond())));
    }
    let text: String = text.trim().chars().map(half_width).collect();
    let (date, time) = text.split_once([' ', 'T'])?;
    let parts: Vec<i8> = time
        .trim()
        .split(':')
        .map(|part| part.parse().ok().filter(|_| part.len() <= 2))
        .collect::<Option<_>>()?;
    let (hour, minute, second) = match parts.as_slice() {
        [hour, minute] => (*hour, *minute, 0),
        [hour, minute, second] => (*hour, *minute, *second),
        _ => return None,
    };
    let time = jiff::civil::Time::new(hour, minute, second, 0).ok()?;
    Some(Moment::Local(day(date)?.to_datetime(time)))
}

/// A whole number within ±999999.
pub(super) fn whole(text: &str) -> Option<i64> {
    let text: String = text.trim().chars().map(half_width).collect();
    let digits = text.strip_prefix('-').unwrap_or(&text);
    let fits = (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

/// A coordinate in 1e-7 degrees. No coordinate has thousands, so a single comma is a decimal comma.
pub(super) fn coordinate(text: &str) -> Option<i64> {
    let text: String = text.trim().chars().map(half_width).collect();
    if text.contains('.') {
        return parse_degrees(&text);
    }
    parse_degrees(&text.replacen(',', ".", 1))
}

/// A datum by its common names.
pub(super) fn datum(text: &str) -> Option<Datum> {
    match super::field::normalised(text).as_str() {
        "wgs84" | "epsg4326" | "gps" => Some(Datum::Wgs84),
        "gcj02" | "gcj" | "火星坐标" | "高德" | "amap" => Some(Datum::Gcj02),
        "bd09" | "bd09ll" | "百度" | "baidu" => Some(Datum::Bd09),
        _ => None,
    }
}

/// The flags of a cell, each once and in the order of declaration; true where a word is unknown.
pub(super) fn flags(text: &str) -> (Vec<Flag>, bool) {
    let mut found = Vec::new();
    let mut unknown = false;
    for piece in text.split([',', ';', '|', '，', '；', '、', '/', '\n']) {
        let piece = piece.trim();
        if NOTHING.contains(&piece.to_lowercase().as_str()) {
            continue;
        }
        let words: Option<Vec<Flag>> =
            flag(piece).map_or_else(|| piece.split_whitespace().map(flag).collect(), |flag| Some(vec![flag]));
        match words {
            Some(words) => found.extend(words),
            None => unknown = true,
        }
    }
    found.sort_unstable();
    found.dedup();
    (found, unknown)
}

fn flag(word: &str) -> Option<Flag> {
    let code = word.trim().to_lowercase().replace([' ', '-'], "_");
    let chinese = || {
        FLAG_WORDS
            .iter()
            .find(|(known, _)| *known == word.trim())
            .map(|(_, flag)| *flag)
    };
    code.parse().ok().or_else(chinese)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_in_their_shapes_and_never_guessed() {
        let expected = jiff::civil::date(2026, 9, 4);
        for text in [
            "2026-09-04",
            "2026/9/4",
            "2026.09.04",
            "2026年9月4日",
            "2026年09月04日",
            "20260904",
            "2026-09-04 00:00:00",
            "2026-09-04T10:00:00Z",
            "２０２６-09-04",
        ] {
            assert_eq!(day(text), Some(expected), "{text}");
        }
        for text in [
            "2026-02-30",
            "04/09/2026",
            "9/4/26",
            "26-09-04",
            "",
            "2026-09",
            "2026年9月",
            "46289",
            "2026-13-01",
            "tomorrow",
        ] {
            assert_eq!(day(text), None, "{text}");
        }
        assert_eq!(instant("1970-01-02"), Some(Micros(86_400_000_000)));
        assert_eq!(instant("1970-01-01T01:00:00+01:00"), Some(Micros(0)));
    }

    #[test]
    fn a_moment_has_a_time_of_day() {
        let local = Moment::Local(jiff::civil::date(2026, 9, 4).at(9, 5, 0, 0));
        for text in [
            "2026-09-04 09:05",
            "2026/9/4 9:05:00",
            "2026年9月4日 09:05",
            "20260904T09:05",
            "２０２６-09-04 ９：05",
        ] {
            assert_eq!(moment(text), Some(local), "{text}");
        }
        assert_eq!(moment("1970-01-01T01:00:00+01:00"), Some(Moment::Instant(Micros(0))));
        for text in [
            "2026-09-04",
            "09:05",
            "2026-09-04 25:00",
            "2026-09-04 9",
            "2026-09-04 -1:00",
            "04/09/2026 09:05",
            "",
        ] {
            assert_eq!(moment(text), None, "{text}");
        }
    }

    #[test]
    fn text_is_just_text() {
        assert_eq!(cleaned(" a\u{0}b\r\nc\u{202e}d\u{7}  "), ("ab\ncd".to_owned(), true));
        assert_eq!(
            cleaned("Rua da Paz, 5\nbloco B"),
            ("Rua da Paz, 5\nbloco B".to_owned(), false)
        );
        for formula in [
            "=1+1",
            "@SUM(A1)",
            "-x",
            "+cmd|' /C calc'!A0",
            "-1+2",
            "+351 900",
            "=",
            "-",
        ] {
            assert!(is_formula(formula), "{formula}");
        }
        for text in ["-8.55", "+351951202079", "a=b", "", "-8,55"] {
            assert!(!is_formula(text), "{text}");
        }
    }

    #[test]
    fn flags_never_lose_a_word() {
        assert_eq!(
            flags("disputed; Plan performing"),
            (vec![Flag::Disputed, Flag::PlanPerforming], false)
        );
        assert_eq!(flags("困难、老人"), (vec![Flag::Hardship, Flag::Vulnerable], false));
        assert_eq!(
            flags("disputed hardship disputed"),
            (vec![Flag::Disputed, Flag::Hardship], false)
        );
        assert_eq!(flags("dissputed"), (vec![], true));
        assert_eq!(flags("hardship,?"), (vec![Flag::Hardship], true));
        assert_eq!(flags("无"), (vec![], false));
    }

    #[test]
    fn numbers_and_phones() {
        assert_eq!(
            (whole("60"), whole("-3"), whole("sixty"), whole("6.5"), whole("")),
            (Some(60), Some(-3), None, None, None)
        );
        assert_eq!(
            (coordinate("-8,558420"), coordinate("41.2"), coordinate("1,2,3")),
            (Some(-85_584_200), Some(412_000_000), None)
        );
        assert!(is_phone("+351951202079") && is_phone("13246650073") && is_phone("(021) 555-1234"));
        assert!(!is_phone("12345") && !is_phone("call me 12345678"));
        assert_eq!(datum("bd-09"), Some(Datum::Bd09));
        assert_eq!(datum("ED50"), None);
    }
}
