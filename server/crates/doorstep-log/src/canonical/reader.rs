//! Reads canonical JSON and nothing else: what it takes is byte for byte what the writer makes of the value.
//!
//! Knows one encoding of each value, so nothing has to be encoded again to compare. Who wants to know why bytes are
//! refused asks a general reader.

use std::collections::BTreeMap;

use super::{INTEGER_MAX, Value};

/// Arrays and objects inside each other.
const DEPTH_MAX: usize = 127;

/// The value whose canonical encoding `bytes` is; `None` when it is that of none.
pub(super) fn read(bytes: &[u8]) -> Option<Value> {
    let mut reader = Reader {
        text: std::str::from_utf8(bytes).ok()?,
        at: 0,
    };
    let value = reader.value(DEPTH_MAX)?;
    (reader.at == bytes.len()).then_some(value)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn value(&mut self, depth: usize) -> Option<Value> {
        match self.peek()? {
            b'"' => Some(Value::Text(self.text()?)),
            b'{' => self.object(depth.checked_sub(1)?),
            b'[' => self.array(depth.checked_sub(1)?),
            b't' => self.word("true").then_some(Value::Bool(true)),
            b'f' => self.word("false").then_some(Value::Bool(false)),
            _ => self.integer(),
        }
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        let mut members: Vec<(String, Value)> = Vec::with_capacity(20);
        self.expect(b'{')?;
        if self.expect(b'}').is_some() {
            return Some(Value::Object(BTreeMap::new()));
        }
        loop {
            let name = self.text()?;
            if members.last().is_some_and(|(last, _)| !comes_before(last, &name)) {
                return None;
            }
            self.expect(b':')?;
            members.push((name, self.value(depth)?));
            match self.next()? {
                b',' => {}
                b'}' => return Some(Value::Object(members.into_iter().collect())),
                _ => return None,
            }
        }
    }

    fn array(&mut self, depth: usize) -> Option<Value> {
        let mut items = Vec::new();
        self.expect(b'[')?;
        if self.expect(b']').is_some() {
            return Some(Value::Array(items));
        }
        loop {
            items.push(self.value(depth)?);
            match self.next()? {
                b',' => {}
                b']' => return Some(Value::Array(items)),
                _ => return None,
            }
        }
    }

    fn integer(&mut self) -> Option<Value> {
        let rest = &self.text.as_bytes()[self.at..];
        let sign = usize::from(rest.first() == Some(&b'-'));
        let digits = rest[sign..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let starts_with_zero = rest.get(sign) == Some(&b'0');
        if starts_with_zero && sign + digits != 1 {
            return None;
        }
        let number: i64 = self.text[self.at..self.at + sign + digits].parse().ok()?;
        self.at += sign + digits;
        (number.unsigned_abs() <= INTEGER_MAX.unsigned_abs()).then_some(Value::Integer(number))
    }

    fn text(&mut self) -> Option<String> {
        self.expect(b'"')?;
        let mut text = String::new();
        loop {
            let rest = &self.text[self.at..];
            let plain = rest
                .bytes()
                .position(|byte| byte == b'"' || byte == b'\\' || byte < 0x20)?;
            text.push_str(&rest[..plain]);
            self.at += plain;
            match self.next()? {
                b'"' => return Some(text),
                b'\\' => text.push(self.escaped()?),
                _ => return None,
            }
        }
    }

    /// Only what must be escaped may be, and in its shortest form.
    fn escaped(&mut self) -> Option<char> {
        let symbol = match self.next()? {
            same @ (b'"' | b'\\') => same,
            b'b' => 0x08,
            b't' => 0x09,
            b'n' => 0x0A,
            b'f' => 0x0C,
            b'r' => 0x0D,
            b'u' => {
                let digits = self.text.get(self.at..self.at + 4)?;
                self.at += 4;
                let number = u8::from_str_radix(digits.strip_prefix("00")?, 16).ok()?;
                let has_short_form = matches!(number, 0x08..=0x0A | 0x0C | 0x0D);
                let same = crate::hash::hex(&[number]) == digits[2..];
                (number < 0x20 && !has_short_form && same).then_some(number)?
            }
            _ => return None,
        };
        Some(char::from(symbol))
    }

    fn word(&mut self, word: &str) -> bool {
        let found = self.text[self.at..].starts_with(word);
        self.at += if found { word.len() } else { 0 };
        found
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }
}

/// The order of names: by UTF-16 code units, which for plain ones is that of bytes.
fn comes_before(first: &str, second: &str) -> bool {
    if first.is_ascii() && second.is_ascii() {
        first < second
    } else {
        first.encode_utf16().lt(second.encode_utf16())
    }
}
