//! RFC 8785 JSON, restricted to what every language re-creates byte for byte.
//!
//! Strings, booleans, arrays, objects and integers within ±(2^53 − 1 … 2^53); no null, no fraction. Knows
//! nothing of leaves. Text is expected in Unicode NFC; that is the writer's duty and is not checked here.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap as _, SerializeSeq as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

mod reader;

/// Largest integer, and with a minus sign the smallest, that every JSON reader keeps exact.
pub const INTEGER_MAX: i64 = 1 << 53;

/// A JSON value that has exactly one encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// Whole number; `encode` refuses it outside ±[`INTEGER_MAX`].
    Integer(i64),
    /// Unicode text.
    Text(String),
    /// Ordered list.
    Array(Vec<Value>),
    /// Members by name; the encoder orders them by UTF-16 code units.
    Object(BTreeMap<String, Value>),
}

/// Why bytes or a value are not canonical JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    /// Not JSON, or JSON with a null, a fraction, a doubled name or an integer out of range.
    #[error("byte {column}: not JSON made of strings, booleans, integers, arrays and objects; write it again")]
    Syntax {
        /// 1-based position at which reading stopped.
        column: usize,
    },
    /// Allowed JSON in another encoding than the canonical one.
    #[error("the JSON is not in its canonical encoding (RFC 8785); encode the value again")]
    NotCanonical,
    /// An integer that JSON readers would round.
    #[error("integer {0} is outside ±2^53; carry it as a string")]
    IntegerRange(i64),
}

impl Value {
    /// The text, when this is text.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The number, when this is an integer.
    pub fn as_integer(&self) -> Option<i64> {
        if let Self::Integer(number) = self {
            Some(*number)
        } else {
            None
        }
    }

    /// The items, when this is an array.
    pub fn as_array(&self) -> Option<&[Value]> {
        if let Self::Array(items) = self {
            Some(items)
        } else {
            None
        }
    }

    /// The members, when this is an object.
    pub fn as_object(&self) -> Option<&BTreeMap<String, Value>> {
        if let Self::Object(members) = self {
            Some(members)
        } else {
            None
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

/// The one encoding of `value`.
pub fn encode(value: &Value) -> Result<Vec<u8>, CanonicalError> {
    let mut out = Vec::with_capacity(256);
    write_value(value, &mut out)?;
    Ok(out)
}

/// Reads `bytes` and refuses every encoding but the canonical one.
pub fn decode(bytes: &[u8]) -> Result<Value, CanonicalError> {
    reader::read(bytes).ok_or_else(|| refusal(bytes))
}

/// Why bytes are not canonical.
fn refusal(bytes: &[u8]) -> CanonicalError {
    match serde_json::from_slice::<Value>(bytes) {
        Ok(_) => CanonicalError::NotCanonical,
        Err(cause) => CanonicalError::Syntax { column: cause.column() },
    }
}

fn write_value(value: &Value, out: &mut Vec<u8>) -> Result<(), CanonicalError> {
    match value {
        Value::Bool(flag) => out.extend_from_slice(if *flag { b"true" } else { b"false" }),
        Value::Integer(number) => {
            if number.unsigned_abs() > INTEGER_MAX.unsigned_abs() {
                return Err(CanonicalError::IntegerRange(*number));
            }
            out.extend_from_slice(number.to_string().as_bytes());
        }
        Value::Text(text) => write_text(text, out),
        Value::Array(items) => {
            out.push(b'[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                write_value(item, out)?;
            }
            out.push(b']');
        }
        Value::Object(members) => write_object(members, out)?,
    }
    Ok(())
}

fn write_object(members: &BTreeMap<String, Value>, out: &mut Vec<u8>) -> Result<(), CanonicalError> {
    let mut ordered: Vec<(&String, &Value)> = members.iter().collect();
    // The map orders by code point. That differs from UTF-16 order only when a name holds a character
    // from U+E000 on, whose first UTF-8 byte is at least 0xEE.
    if members.keys().any(|name| name.bytes().any(|byte| byte >= 0xEE)) {
        ordered.sort_by(|left, right| left.0.encode_utf16().cmp(right.0.encode_utf16()));
    }
    out.push(b'{');
    for (place, (name, value)) in ordered.into_iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        write_text(name, out);
        out.push(b':');
        write_value(value, out)?;
    }
    out.push(b'}');
    Ok(())
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x09 => out.extend_from_slice(b"\\t"),
            0x0A => out.extend_from_slice(b"\\n"),
            0x0C => out.extend_from_slice(b"\\f"),
            0x0D => out.extend_from_slice(b"\\r"),
            0x00..=0x1F => {
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(crate::hash::hex(&[byte]).as_bytes());
            }
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bool(flag) => serializer.serialize_bool(*flag),
            Self::Integer(number) => serializer.serialize_i64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Array(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a string, boolean, integer within ±2^53, array or object")
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Value, E> {
        if number.unsigned_abs() > INTEGER_MAX.unsigned_abs() {
            return Err(E::custom("integer outside ±2^53"));
        }
        Ok(Value::Integer(number))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Value, E> {
        let number = i64::try_from(number).map_err(|_| E::custom("integer outside ±2^53"))?;
        self.visit_i64(number)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = BTreeMap::new();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            if members.insert(name, value).is_some() {
                return Err(de::Error::custom("doubled name"));
            }
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rfc_8785_sorting_sample_orders_by_utf16() {
        // RFC 8785 section 3.2.3: the emoji (surrogates D83D...) sorts before U+FB33.
        let names = ["\u{20ac}", "\r", "\u{fb33}", "1", "\u{1f600}", "\u{80}", "\u{f6}"];
        let members = names
            .iter()
            .map(|name| ((*name).to_owned(), Value::Bool(true)))
            .collect();
        let text = String::from_utf8(encode(&Value::Object(members)).unwrap()).unwrap();
        let expected = "{\"\\r\":true,\"1\":true,\"\u{80}\":true,\"\u{f6}\":true,\"\u{20ac}\":true,\"\u{1f600}\":true,\"\u{fb33}\":true}";
        assert_eq!(text, expected);
        assert_eq!(
            decode(text.as_bytes()).map(|value| encode(&value).unwrap()),
            Ok(text.into_bytes())
        );
    }

    #[test]
    fn strings_escape_only_what_must_be() {
        let text = "\u{20ac}$\u{f}\nA'B\"\\\u{7f}/";
        let bytes = encode(&Value::from(text)).unwrap();
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\u{7f}/\""
        );
    }

    /// A general reader and a comparison with the writer: what the strict reader must agree with.
    fn by_comparison(bytes: &[u8]) -> Option<Value> {
        let value = serde_json::from_slice(bytes).ok()?;
        (encode(&value).ok()? == bytes).then_some(value)
    }

    #[test]
    fn deep_nesting_is_refused_by_both_readers() {
        for depth in [1, 126, 127, 128, 129, 10_000] {
            let text = "[".repeat(depth) + &"]".repeat(depth);
            assert_eq!(decode(text.as_bytes()).ok(), by_comparison(text.as_bytes()), "{depth}");
            assert_eq!(decode(text.as_bytes()).is_ok(), depth < 128, "{depth}");
        }
    }

    #[test]
    fn every_escape_is_read_as_it_is_written() {
        for number in 0..=0x80_u8 {
            for text in [
                format!("\"\\u{number:04x}\""),
                format!("\"\\u{number:04X}\""),
                format!("\"\\{}\"", char::from(number)),
                format!("\"{}\"", char::from(number)),
            ] {
                assert_eq!(decode(text.as_bytes()).ok(), by_comparison(text.as_bytes()), "{text:?}");
            }
        }
    }

    #[test]
    fn other_encodings_are_refused() {
        let refused = [
            "null",
            "1.0",
            "1e3",
            "-0",
            "01",
            "{\"b\":1,\"a\":1}",
            "{\"a\":1,\"a\":1}",
            "[1, 2]",
            " 1",
            "1\n",
            "\"\\/\"",
            "\"\\u0041\"",
            "9007199254740993",
            "-9007199254740993",
            "18446744073709551615",
            "[null]",
            "",
            "\"\\ud800\"",
        ];
        for text in refused {
            assert!(decode(text.as_bytes()).is_err(), "{text} must be refused");
        }
        assert_eq!(decode(b"9007199254740992"), Ok(Value::Integer(INTEGER_MAX)));
        assert_eq!(
            encode(&Value::Integer(i64::MIN)),
            Err(CanonicalError::IntegerRange(i64::MIN))
        );
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::Bool),
            (-INTEGER_MAX..=INTEGER_MAX).prop_map(Value::Integer),
            any::<String>().prop_map(Value::Text),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
                prop::collection::btree_map(any::<String>(), inner, 0..6).prop_map(Value::Object),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_value_round_trips(value in any_value()) {
            prop_assert_eq!(decode(&encode(&value).unwrap()), Ok(value));
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            prop_assert_eq!(decode(&bytes).ok(), by_comparison(&bytes));
        }

        #[test]
        fn a_bent_encoding_is_judged_as_by_comparison(value in any_value(), place in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut bytes = encode(&value).unwrap();
            let place = place.index(bytes.len());
            bytes[place] = byte;
            prop_assert_eq!(decode(&bytes).ok(), by_comparison(&bytes));
            bytes.remove(place);
            prop_assert_eq!(decode(&bytes).ok(), by_comparison(&bytes));
        }
    }
}
