//! Reads amounts of money as people write them, and refuses what can be read in two ways.

use doorstep_domain::import::RowReason;
use doorstep_domain::measure::Minor;
use doorstep_domain::money::Currency;

/// Currencies whose users write the decimals after a point, so that a comma before three digits is a thousands comma.
const POINT_CURRENCIES: &[&str] = &[
    "AUD", "CNY", "GBP", "HKD", "INR", "MOP", "MYR", "NZD", "SGD", "THB", "TWD", "USD",
];
/// Signs that may stand beside a number, with the currencies they fit.
const SIGNS: &[(&str, &[&str])] = &[
    ("€", &["EUR"]),
    ("£", &["GBP"]),
    ("¥", &["CNY", "JPY"]),
    ("￥", &["CNY", "JPY"]),
    ("元", &["CNY"]),
    ("$", &["USD", "AUD", "CAD", "HKD", "NZD", "SGD", "TWD", "MXN"]),
];
/// More digits than any debt has; keeps the arithmetic far from its limits.
const DIGITS_MAX: usize = 15;

/// The amount in minor units of `currency`.
///
/// Where point and comma both occur, the later one is the decimal sign: `1.234,56` and `1,234.56` are the same. A
/// single sign before three digits (`1,234`) may be either, so it is refused, unless the currency has no decimals or
/// its users write a decimal point. Excess decimals are refused unless they are zeros: nothing is rounded silently.
///
/// # Errors
/// [`RowReason::AmountNegative`] or [`RowReason::AmountUnreadable`].
pub(crate) fn parse(text: &str, currency: Currency) -> Result<Minor, RowReason> {
    let plain: String = text.chars().map(half_width).filter(|c| !is_group_space(*c)).collect();
    let mut plain = plain.as_str();
    for (sign, currencies) in SIGNS {
        if currencies.contains(&currency.code()) {
            plain = plain
                .strip_prefix(sign)
                .or_else(|| plain.strip_suffix(sign))
                .unwrap_or(plain);
        }
    }
    plain = plain
        .strip_suffix(currency.code())
        .or_else(|| plain.strip_prefix(currency.code()))
        .unwrap_or(plain);
    let (negative, digits) = without_sign(plain);
    let minor = unsigned(digits, currency).ok_or(RowReason::AmountUnreadable)?;
    if negative && minor != 0 {
        return Err(RowReason::AmountNegative);
    }
    Ok(Minor(minor))
}

fn without_sign(text: &str) -> (bool, &str) {
    let in_brackets = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let minus = |c: char| c == '-' || c == '\u{2212}';
    if let Some(rest) = in_brackets
        .or_else(|| text.strip_prefix(minus))
        .or_else(|| text.strip_suffix(minus))
    {
        return (true, rest);
    }
    (false, text.strip_prefix('+').unwrap_or(text))
}

/// Full-width digits and signs of Chinese input methods as their ASCII forms.
pub(super) fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        other => other,
    }
}

fn is_group_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\'' | '\u{2019}')
}

fn unsigned(text: &str, currency: Currency) -> Option<i64> {
    let exponent = usize::from(currency.exponent());
    let (whole, fraction) = match (text.rfind('.'), text.rfind(',')) {
        (None, None) => (ungrouped(text, None)?, ""),
        (Some(point), Some(comma)) => {
            let (decimal, group) = if point > comma { (point, ',') } else { (comma, '.') };
            (ungrouped(&text[..decimal], Some(group))?, &text[decimal + 1..])
        }
        (Some(at), None) => one_sign(text, at, '.', currency)?,
        (None, Some(at)) => one_sign(text, at, ',', currency)?,
    };
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (kept, excess) = fraction.split_at(fraction.len().min(exponent));
    if excess.bytes().any(|b| b != b'0') || whole.len() + exponent > DIGITS_MAX {
        return None;
    }
    format!("{whole}{kept:0<exponent$}").parse().ok()
}

/// Whole part and fraction of a text in which only one of point and comma occurs.
fn one_sign(text: &str, last: usize, sign: char, currency: Currency) -> Option<(String, &str)> {
    let after = &text[last + 1..];
    let before = &text[..last];
    if before.contains(sign) {
        return Some((ungrouped(text, Some(sign))?, ""));
    }
    let may_group = after.len() == 3 && (1..=3).contains(&before.len()) && !before.starts_with('0');
    if may_group {
        let groups = currency.exponent() == 0 || (sign == ',' && POINT_CURRENCIES.contains(&currency.code()));
        return groups
            .then(|| ungrouped(text, Some(sign)))
            .flatten()
            .map(|whole| (whole, ""));
    }
    if after.is_empty() {
        return None;
    }
    let whole = if before.is_empty() {
        "0".to_owned()
    } else {
        ungrouped(before, None)?
    };
    Some((whole, after))
}

/// Digits without their group signs; groups have three digits, or two before the last three as in India.
fn ungrouped(text: &str, group: Option<char>) -> Option<String> {
    let parts: Vec<&str> = group.map_or_else(|| vec![text], |sign| text.split(sign).collect());
    if parts
        .iter()
        .any(|part| part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()))
    {
        return None;
    }
    if let [first, middle @ .., last] = parts.as_slice() {
        let same = |length: usize| middle.iter().all(|part| part.len() == length);
        if first.len() > 3 || last.len() != 3 || !(same(3) || same(2) && first.len() <= 2) {
            return None;
        }
    }
    Some(parts.concat())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_way_of_writing_has_one_meaning() {
        let unreadable = Err(RowReason::AmountUnreadable);
        let negative = Err(RowReason::AmountNegative);
        let cases = [
            ("1542.29", "EUR", Ok(154_229)),
            ("1.234,56", "EUR", Ok(123_456)),
            ("11,898.30", "CNY", Ok(1_189_830)),
            ("1 234,56", "EUR", Ok(123_456)),
            ("1\u{a0}234,56 €", "EUR", Ok(123_456)),
            ("1'234.50", "CHF", Ok(123_450)),
            ("12,5", "EUR", Ok(1_250)),
            ("1,234", "EUR", unreadable),
            ("1.234", "EUR", unreadable),
            ("1,234", "CNY", Ok(123_400)),
            ("1,234", "JPY", Ok(1_234)),
            ("1.234", "KWD", unreadable),
            ("0.234", "KWD", Ok(234)),
            ("1.234.567", "EUR", Ok(123_456_700)),
            ("1,23,456.70", "INR", Ok(12_345_670)),
            ("12.3456", "EUR", unreadable),
            ("12.3400", "EUR", Ok(1_234)),
            ("￥１２.３", "CNY", Ok(1_230)),
            ("-50", "EUR", negative),
            ("(50.00)", "EUR", negative),
            ("50-", "EUR", negative),
            ("$50", "EUR", unreadable),
            ("EUR 50", "EUR", Ok(5_000)),
            ("", "EUR", unreadable),
            ("1.2,3.4", "EUR", unreadable),
            ("12,34,56", "EUR", unreadable),
            ("1e3", "EUR", unreadable),
            ("9999999999999999", "EUR", unreadable),
        ];
        for (text, code, expected) in cases {
            assert_eq!(
                parse(text, Currency::of(code).unwrap()),
                expected.map(Minor),
                "{text} {code}"
            );
        }
    }

    proptest! {
        #[test]
        fn plain_text_is_read_back(minor in 0_i64..1_000_000_000_000, code in prop::sample::select(vec!["EUR", "JPY"])) {
            let currency = Currency::of(code).unwrap();
            prop_assert_eq!(parse(&currency.plain(Minor(minor)), currency), Ok(Minor(minor)));
        }

        #[test]
        fn any_text_ends(text in "\\PC{0,20}|[0-9.,' -]{0,12}") {
            if let Ok(minor) = parse(&text, Currency::of("EUR").unwrap()) {
                prop_assert!(minor >= Minor::ZERO);
            }
        }
    }
}
