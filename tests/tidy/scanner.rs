//! A small reader of Rust source: what is code, where functions begin and end, which parts are unit tests.
//!
//! It masks comments and literals and then matches brackets, which is enough to count and to search; it does not
//! parse. Knows no file and no rule.

use std::ops::Range;

/// A function with a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Function {
    /// Its name.
    pub(super) name: String,
    /// The line of `fn`, counted from 1.
    pub(super) line: usize,
    /// Lines from `fn` to the closing brace, both included.
    pub(super) length: usize,
}

/// The source with every character of comments and of literals' contents turned into a blank; line breaks stay, so
/// lines and byte offsets of code stay the same (a masked character of several bytes becomes as many blanks).
pub(super) fn mask(source: &str) -> String {
    let bytes = source.as_bytes();
    let mut masked = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = skip_hidden(bytes, at);
        for byte in &mut masked[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end.max(at + 1);
    }
    String::from_utf8_lossy(&masked).into_owned()
}

/// Where the comment or literal that begins at `at` ends; `at` itself when none begins there.
fn skip_hidden(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..];
    if rest.starts_with(b"//") {
        return at + rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    }
    if rest.starts_with(b"/*") {
        return at + block_comment_length(rest);
    }
    match rest[0] {
        b'"' => at + quoted_length(rest, b'"'),
        b'\'' if is_character(rest) => at + quoted_length(rest, b'\''),
        b'r' if at == 0 || !is_name(bytes[at - 1]) || follows_prefix(bytes, at) => at + raw_length(rest),
        _ => at,
    }
}

/// True where the `r` at `at` is the second letter of `br"` or `cr"`.
fn follows_prefix(bytes: &[u8], at: usize) -> bool {
    matches!(bytes[at - 1], b'b' | b'c') && (at < 2 || !is_name(bytes[at - 2]))
}

/// The length of a block comment, which may hold others.
fn block_comment_length(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                break;
            }
        } else {
            at += 1;
        }
    }
    at
}

/// The length of a literal between two equal quotes, with escapes.
fn quoted_length(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != quote {
        at += if rest[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(rest.len())
}

/// The length of a raw string that begins here, or 0 where the letter begins a name.
fn raw_length(rest: &[u8]) -> usize {
    let hashes = rest[1..].iter().take_while(|byte| **byte == b'#').count();
    if rest.get(1 + hashes) != Some(&b'"') {
        return 0;
    }
    let mut end = vec![b'"'];
    end.resize(1 + hashes, b'#');
    let body = &rest[2 + hashes..];
    let length = body
        .windows(end.len())
        .position(|window| window == end)
        .unwrap_or(body.len());
    (2 + hashes + length + end.len()).min(rest.len())
}

/// Tells a character literal from a lifetime.
fn is_character(rest: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&rest[1..rest.len().min(6)]).into_owned();
    let mut letters = text.chars();
    letters.next() == Some('\\') || letters.next() == Some('\'')
}

/// True for the bytes of a name.
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Every place of a whole word in masked source, as byte offsets.
pub(super) fn words(masked: &str, word: &str) -> Vec<usize> {
    let bytes = masked.as_bytes();
    let is_whole = |at: &usize| {
        let end = at + word.len();
        (*at == 0 || !is_name(bytes[at - 1])) && (end == bytes.len() || !is_name(bytes[end]))
    };
    masked.match_indices(word).map(|(at, _)| at).filter(is_whole).collect()
}

/// The line of a byte offset, counted from 1.
pub(super) fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// All functions with a body, also those inside others.
pub(super) fn functions(masked: &str) -> Vec<Function> {
    let mut found = Vec::new();
    for at in words(masked, "fn") {
        let rest = &masked[at + 2..];
        let name: String = rest
            .trim_start()
            .chars()
            .take_while(|c| c.is_alphanumeric() || "_$".contains(*c))
            .collect();
        let Some(open) = body_start(rest).filter(|_| !name.is_empty()) else {
            continue;
        };
        let end = at + 2 + open + block_length(&rest[open..]);
        let line = line_of(masked, at);
        found.push(Function {
            name,
            line,
            length: line_of(masked, end - 1) - line + 1,
        });
    }
    found
}

/// The offset of the brace that opens a function's body, or nothing for a declaration.
fn body_start(rest: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth -= 1,
            b'{' if depth == 0 => return Some(at),
            b';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// The length of a bracketed part, from its opening bracket to the closing one.
pub(super) fn block_length(rest: &str) -> usize {
    let mut depth = 0;
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            b'{' | b'(' | b'[' => depth += 1,
            b'}' | b')' | b']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    rest.len()
}

/// The parts of masked source that are inline unit tests: from `#[cfg(test)]` to the end of the `mod` it marks.
pub(super) fn unit_tests(masked: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (at, mark) in masked.match_indices("#[cfg(test)]") {
        let mut item = &masked[at + mark.len()..];
        loop {
            item = item.trim_start();
            match item.strip_prefix('#') {
                Some(attribute) => item = &attribute[block_length(attribute)..],
                None => break,
            }
        }
        let start = masked.len() - item.len();
        let body = item.find(['{', ';']).filter(|end| item.as_bytes()[*end] == b'{');
        if let Some(open) = body.filter(|_| item.starts_with("mod ")) {
            found.push(at..start + open + block_length(&item[open..]));
        }
    }
    found
}

/// Masked source with its inline unit tests masked too.
pub(super) fn production(masked: &str) -> String {
    let mut bytes = masked.as_bytes().to_vec();
    for range in unit_tests(masked) {
        for byte in &mut bytes[range] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn comments_and_literals_are_masked_and_code_is_not() {
    let cases: [(&str, &[&str]); 6] = [
        ("a // unsafe\nb", &["// unsafe"]),
        ("a /* x /* y */ z */ b", &["/* x /* y */ z */"]),
        (
            r#"f("} \" {", '{', '\'', 'a')"#,
            &[r#""} \" {""#, "'{'", r"'\''", "'a'"],
        ),
        (r##"f(r#"a " { "#, br"{", r_x, r#fn)"##, &[r##"r#"a " { "#"##, "r\"{\""]),
        ("fn f<'a>(x: &'a str) {}", &[]),
        ("x('门', 1)", &["'门'"]),
    ];
    for (source, hidden) in cases {
        let blank = |text: String, part: &&str| text.replace(*part, &" ".repeat(part.len()));
        assert_eq!(
            mask(source),
            hidden.iter().fold(source.to_owned(), blank),
            "masking {source}"
        );
    }
}

#[test]
fn functions_are_measured_to_their_closing_brace() {
    let source =
        "struct S { f: fn(u8) }\nfn a(x: [u8; 2]) -> u8 {\n    let s = \"}\"; // }\n    1\n}\ntrait T { fn b(); }\n";
    let expected = Function {
        name: "a".to_owned(),
        line: 2,
        length: 4,
    };
    assert_eq!(functions(&mask(source)), [expected]);
}

#[test]
fn unit_tests_are_told_from_production() {
    let source =
        "fn a() {}\n#[cfg(test)]\n#[allow(x)]\nmod tests {\n    fn b() {}\n}\n#[cfg(test)]\nmod c_tests;\nfn c() {}\n";
    let left = production(&mask(source));
    let names: Vec<String> = functions(&left).into_iter().map(|function| function.name).collect();
    assert_eq!(names, ["a", "c"]);
    assert_eq!(left.len(), source.len(), "offsets stay");
}
