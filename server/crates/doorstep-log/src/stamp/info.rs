//! What an authority states: `TSTInfo` (RFC 3161, 2.4.2). Whether it may state it is `verify`'s matter.

use super::der::{self, Reader, integer, only, tag, unsigned};
use super::oid;
use crate::hash::{Hash, hex};

/// What was stamped, when, under which policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Info {
    pub(super) policy: String,
    pub(super) imprint: Hash,
    pub(super) serial: String,
    pub(super) at_ms: i64,
    pub(super) accuracy_ms: Option<u64>,
    pub(super) nonce: Option<u64>,
}

impl Info {
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut info = Reader::new(only(bytes, tag::SEQUENCE)?);
        if unsigned(info.expect(tag::INTEGER)?)? != 1 {
            return None;
        }
        let policy = oid::dotted(info.expect(tag::OID)?)?;
        let imprint = imprint(info.sequence()?)?;
        let serial = hex(integer(info.expect(tag::INTEGER)?)?);
        let at_ms = time_ms(info.expect(tag::TIME)?)?;
        let accuracy_ms = match info.optional(tag::SEQUENCE) {
            Some(value) => Some(accuracy_ms(Reader::new(value))?),
            None => None,
        };
        // Whether two stamps of the authority are ordered by their times; nothing here asks that. False is left out.
        if info.optional(tag::BOOLEAN).is_some_and(|ordering| ordering != [0xff]) {
            return None;
        }
        let nonce = match info.optional(tag::INTEGER) {
            Some(value) => Some(unsigned(value)?),
            None => None,
        };
        // The authority's name is a hint: who signed is told by the certificate alone.
        info.optional(tag::constructed(0));
        if let Some(extensions) = info.optional(tag::constructed(1)) {
            refuse_critical(Reader::new(extensions))?;
        }
        info.end()?;
        Some(Self {
            policy,
            imprint,
            serial,
            at_ms,
            accuracy_ms,
            nonce,
        })
    }
}

/// `MessageImprint`; only SHA-256 is ever asked for.
fn imprint(mut imprint: Reader<'_>) -> Option<Hash> {
    let algorithm = imprint.sequence()?;
    if digest_oid(algorithm)? != oid::SHA256 {
        return None;
    }
    let hash = imprint.expect(tag::OCTETS)?;
    imprint.end()?;
    hash.try_into().ok().map(Hash)
}

/// The identifier of a hash algorithm; parameters are NULL or absent.
pub(super) fn digest_oid(mut algorithm: Reader<'_>) -> Option<&[u8]> {
    let found = algorithm.expect(tag::OID)?;
    if algorithm.optional(tag::NULL).is_some_and(|null| !null.is_empty()) {
        return None;
    }
    algorithm.end().map(|()| found)
}

/// Accuracy, rounded up to whole milliseconds.
fn accuracy_ms(mut accuracy: Reader<'_>) -> Option<u64> {
    let part = |value: Option<&[u8]>| value.map_or(Some(0), unsigned);
    let seconds = part(accuracy.optional(tag::INTEGER))?;
    let millis = part(accuracy.optional(tag::primitive(0)))?;
    let micros = part(accuracy.optional(tag::primitive(1)))?;
    accuracy.end()?;
    if millis > 999 || micros > 999 {
        return None;
    }
    seconds.checked_mul(1_000)?.checked_add(millis + micros.div_ceil(1_000))
}

/// An extension that must be understood is not understood here.
fn refuse_critical(mut extensions: Reader<'_>) -> Option<()> {
    while !extensions.is_empty() {
        let mut extension = extensions.sequence()?;
        extension.expect(tag::OID)?;
        if extension.optional(tag::BOOLEAN).is_some() {
            return None;
        }
        extension.expect(tag::OCTETS)?;
        extension.end()?;
    }
    Some(())
}

/// `GeneralizedTime` `YYYYMMDDhhmmss[.f…]Z` as milliseconds since 1970 UTC; what is finer is cut off.
fn time_ms(value: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(value).ok()?.strip_suffix('Z')?;
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    if whole.len() != 14 || !whole.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let number = |from: usize, to: usize| whole[from..to].parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
    let (hour, minute, second) = (number(8, 10)?, number(10, 12)?, number(12, 14)?);
    if year < 1970 || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = days_since_1970(year, month, day)?;
    let millis = fraction.map_or(Some(0), fraction_ms)?;
    Some((((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000 + millis)
}

/// The first three digits of a fraction; DER has no zeros at its end.
fn fraction_ms(fraction: &str) -> Option<i64> {
    let digits = !fraction.is_empty() && fraction.bytes().all(|digit| digit.is_ascii_digit());
    if !digits || fraction.ends_with('0') {
        return None;
    }
    format!("{fraction:0<3}")[..3].parse().ok()
}

/// Days from 1970-01-01 to a day of the Gregorian calendar; `None` where there is no such day.
fn days_since_1970(year: i64, month: i64, day: i64) -> Option<i64> {
    const BEFORE: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    const LENGTH: [i64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let at = usize::try_from(month - 1).ok().filter(|at| *at < 12)?;
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let length = LENGTH[at] + i64::from(leap && month == 2);
    if !(1..=length).contains(&day) {
        return None;
    }
    let leaps = |year: i64| year / 4 - year / 100 + year / 400;
    let years = (year - 1970) * 365 + leaps(year - 1) - leaps(1969);
    Some(years + BEFORE[at] + i64::from(leap && month > 2) + day - 1)
}

/// `TimeStampReq` (RFC 3161, 2.4.1) for a SHA-256: with a nonce, and the authority's certificate wanted in the answer.
pub(super) fn request(imprint: &Hash, nonce: u64) -> Vec<u8> {
    let imprint = [oid::algorithm(oid::SHA256), der::encode(tag::OCTETS, &imprint.0)].concat();
    let members = [
        der::encode_unsigned(1),
        der::encode(tag::SEQUENCE, &imprint),
        der::encode_unsigned(nonce),
        der::encode(tag::BOOLEAN, &[0xff]),
    ];
    der::encode(tag::SEQUENCE, &members.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_what_is_no_time_is_not() {
        for (text, ms) in [
            ("19700101000000Z", 0),
            ("20000229120000Z", 951_825_600_000),
            ("20261122063036Z", 1_795_329_036_000),
            ("20261122063036.5Z", 1_795_329_036_500),
            ("20261122063036.123456Z", 1_795_329_036_123),
            ("21000301000000Z", 4_107_542_400_000),
        ] {
            assert_eq!(time_ms(text.as_bytes()), Some(ms), "{text}");
        }
        for text in [
            "20261122063036",
            "20261122063036+0100",
            "202611220630Z",
            "20261122063036.Z",
            "20261122063036.50Z",
            "20260229000000Z",
            "21000229000000Z",
            "20261322063036Z",
            "20261100063036Z",
            "20261122240000Z",
            "20261122236000Z",
            "20261122235960Z",
            "19691231235959Z",
            "2026112206303\u{b2}Z",
        ] {
            assert_eq!(time_ms(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn accuracy_is_rounded_up() {
        let accuracy = |bytes: &[u8]| accuracy_ms(Reader::new(bytes));
        assert_eq!(accuracy(&[]), Some(0));
        assert_eq!(accuracy(&[2, 1, 1, 0x80, 2, 1, 0xf4, 0x81, 1, 100]), Some(1_501));
        assert_eq!(
            accuracy(&[0x80, 2, 3, 0xe8]),
            None,
            "a thousand milliseconds are a second"
        );
        assert_eq!(accuracy(&[0x81, 1, 1, 0x80, 1, 1]), None, "out of order");
    }
}
