//! Reads numbers that people type, exactly: degrees and amounts never go through floats.

use doorstep_domain::money::Currency;
use doorstep_wire::sync::PromiseMade;

/// `LAT,LON` in degrees as 1e-7 degrees.
pub(crate) fn lat_lon(text: &str) -> Option<[i64; 2]> {
    let (lat, lon) = text.split_once(',')?;
    let (lat, lon) = (decimal(lat.trim(), 7)?, decimal(lon.trim(), 7)?);
    (lat.abs() <= 900_000_000 && lon.abs() <= 1_800_000_000).then_some([lat, lon])
}

/// `DAY:AMOUNT` or `DAY:AMOUNT:CURRENCY`; `currency` is the one of the amount due.
pub(crate) fn promise(text: &str, currency: Option<&str>) -> Option<PromiseMade> {
    let mut parts = text.split(':');
    let (day, amount) = (parts.next()?, parts.next()?);
    let currency = Currency::of(parts.next().or(currency)?)?;
    if parts.next().is_some() {
        return None;
    }
    let day: jiff::civil::Date = day.parse().ok()?;
    let amount = decimal(amount, usize::from(currency.exponent())).filter(|amount| *amount > 0)?;
    Some(PromiseMade {
        day: day.to_string(),
        amount,
        currency: currency.code().to_owned(),
    })
}

/// An amount in main units, as minor units.
pub(crate) fn amount(text: &str, currency: Currency) -> Option<i64> {
    decimal(text, usize::from(currency.exponent()))
}

/// A decimal number as a whole number of units of which `decimals` places make one; `None` where it is finer.
fn decimal(text: &str, decimals: usize) -> Option<i64> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.len() > decimals || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let units: i64 = format!("{whole}{fraction:0<decimals$}").parse().ok()?;
    Some(if negative { -units } else { units })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn degrees_are_exact() {
        assert_eq!(lat_lon("41.1579438,-8.6291053"), Some([411_579_438, -86_291_053]));
        assert_eq!(lat_lon("30, 120.5"), Some([300_000_000, 1_205_000_000]));
        for wrong in [
            "",
            "1",
            "1,",
            "91,0",
            "0,181",
            "1.12345678,0",
            "a,b",
            "1e3,0",
            "--1,0",
            "+1,0",
            ".5,0",
        ] {
            assert_eq!(lat_lon(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn promises_follow_the_currency() {
        let made = promise("2026-12-01:250.5", Some("EUR")).unwrap();
        assert_eq!(
            (made.day.as_str(), made.amount, made.currency.as_str()),
            ("2026-12-01", 25_050, "EUR")
        );
        assert_eq!(promise("2026-12-01:250:JPY", Some("EUR")).unwrap().amount, 250);
        let wrong = [
            "2026-12-01",
            "2026-02-30:1",
            "2026-12-01:0",
            "2026-12-01:-5",
            "2026-12-01:1.001",
            "2026-12-01:1:XX",
        ];
        for wrong in wrong {
            assert_eq!(promise(wrong, Some("EUR")), None, "{wrong}");
        }
        assert_eq!(promise("2026-12-01:1", None), None);
    }
}
