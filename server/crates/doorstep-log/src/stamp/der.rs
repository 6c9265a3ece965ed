//! DER (X.690), as much as time stamps need: one encoding of each value, no indefinite lengths, low tags only.
//!
//! Knows no ASN.1 type. `None` stands for malformed; the caller knows what it was reading.

/// Tags of universal and of context-specific types.
pub(super) mod tag {
    pub(in super::super) const BOOLEAN: u8 = 0x01;
    pub(in super::super) const INTEGER: u8 = 0x02;
    pub(in super::super) const BIT_STRING: u8 = 0x03;
    pub(in super::super) const OCTETS: u8 = 0x04;
    pub(in super::super) const NULL: u8 = 0x05;
    pub(in super::super) const OID: u8 = 0x06;
    pub(in super::super) const TIME: u8 = 0x18;
    pub(in super::super) const SEQUENCE: u8 = 0x30;
    pub(in super::super) const SET: u8 = 0x31;

    /// `[number]` around another type, or in place of a constructed one.
    pub(in super::super) const fn constructed(number: u8) -> u8 {
        0xa0 | number
    }

    /// `[number]` in place of a primitive type.
    pub(in super::super) const fn primitive(number: u8) -> u8 {
        0x80 | number
    }
}

/// One value with its tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    /// What the tag and length announce.
    pub(super) value: &'a [u8],
    /// The same with tag and length.
    pub(super) whole: &'a [u8],
}

/// Takes values off the front.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next value.
    pub(super) fn any(&mut self) -> Option<Element<'a>> {
        let bytes = self.0;
        let (&tag, after_tag) = bytes.split_first()?;
        // A tag whose low bits are all set goes on in further bytes; no type here has one.
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (length, rest) = length(after_tag)?;
        let value = rest.get(..length)?;
        self.0 = &rest[length..];
        Some(Element {
            tag,
            value,
            whole: &bytes[..bytes.len() - self.0.len()],
        })
    }

    /// The next value, which must have this tag.
    pub(super) fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.any().filter(|found| found.tag == tag).map(|found| found.value)
    }

    /// The next value if it has this tag. One that is malformed stays, so that whatever is read next fails.
    pub(super) fn optional(&mut self, tag: u8) -> Option<&'a [u8]> {
        if self.0.first() == Some(&tag) {
            self.expect(tag)
        } else {
            None
        }
    }

    /// The inside of the next value, which must be a SEQUENCE.
    pub(super) fn sequence(&mut self) -> Option<Self> {
        self.expect(tag::SEQUENCE).map(Self)
    }

    /// Something only if nothing is left.
    pub(super) fn end(self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// Reads a length: short form below 128, otherwise as few bytes as it needs, at most four.
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    if first < 0x80 {
        return Some((usize::from(first), rest));
    }
    let count = usize::from(first & 0x7f);
    if !(1..=4).contains(&count) || rest.len() < count {
        return None;
    }
    let (digits, rest) = rest.split_at(count);
    let length = digits.iter().fold(0_usize, |sum, digit| sum << 8 | usize::from(*digit));
    (digits[0] != 0 && length >= 0x80).then_some((length, rest))
}

/// The only value in `bytes`, which must have this tag.
pub(super) fn only(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let mut reader = Reader::new(bytes);
    let value = reader.expect(tag)?;
    reader.end().map(|()| value)
}

/// The content of an INTEGER as a number that is not negative and has at most 64 bits.
pub(super) fn unsigned(value: &[u8]) -> Option<u64> {
    let digits = match integer(value)? {
        [0, rest @ ..] => rest,
        [first, ..] if *first >= 0x80 => return None,
        digits => digits,
    };
    (digits.len() <= 8).then(|| digits.iter().fold(0, |sum, digit| sum << 8 | u64::from(*digit)))
}

/// The content of an INTEGER, which must have no byte too many.
pub(super) fn integer(value: &[u8]) -> Option<&[u8]> {
    match value {
        [] | [0, 0..=0x7f, ..] | [0xff, 0x80..=0xff, ..] => None,
        _ => Some(value),
    }
}

/// A value with its tag and length.
pub(super) fn encode(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len();
    let mut bytes = vec![tag];
    if length < 0x80 {
        bytes.push(length as u8);
    } else {
        let digits = length.to_be_bytes();
        let digits = &digits[digits.iter().take_while(|digit| **digit == 0).count()..];
        bytes.push(0x80 | digits.len() as u8);
        bytes.extend(digits);
    }
    bytes.extend(value);
    bytes
}

/// An INTEGER that is not negative.
pub(super) fn encode_unsigned(number: u64) -> Vec<u8> {
    let digits = number.to_be_bytes();
    let digits = &digits[digits.iter().take(7).take_while(|digit| **digit == 0).count()..];
    let sign: &[u8] = if digits[0] >= 0x80 { &[0] } else { &[] };
    encode(tag::INTEGER, &[sign, digits].concat())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_one_encoding() {
        for size in [0, 1, 127, 128, 255, 256, 65_535, 65_536] {
            let bytes = encode(tag::OCTETS, &vec![7; size]);
            assert_eq!(only(&bytes, tag::OCTETS).unwrap().len(), size);
        }
        let refused: [&[u8]; 6] = [
            &[4, 0x81, 1, 7],
            &[4, 0x82, 0, 0x80],
            &[4, 0x80, 7, 0, 0],
            &[4, 0x85, 0, 0, 0, 0, 1, 7],
            &[4, 2, 7],
            &[0x1f, 1, 7],
        ];
        for bytes in refused {
            assert_eq!(Reader::new(bytes).any(), None, "{bytes:?}");
        }
        assert_eq!(only(&[4, 1, 7, 0], tag::OCTETS), None, "something follows");
    }

    #[test]
    fn numbers_have_one_encoding() {
        for number in [0, 1, 127, 128, 255, 256, u64::MAX >> 1, u64::MAX] {
            let bytes = encode_unsigned(number);
            assert_eq!(unsigned(only(&bytes, tag::INTEGER).unwrap()), Some(number));
        }
        let refused: [&[u8]; 5] = [&[], &[0, 1], &[0xff], &[0xff, 0x80], &[1; 9]];
        for value in refused {
            assert_eq!(unsigned(value), None, "{value:?}");
        }
    }
}
