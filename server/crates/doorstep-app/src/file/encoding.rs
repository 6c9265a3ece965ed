//! What a file is (a workbook, text in which encoding, or nothing we take), and its text as UTF-8.
//!
//! The whole file is read once before anything else, so that a wrong byte is found before the first row counts.
//! Knows nothing of columns and rows.

use super::error::FileError;
use super::options::Limits;
use doorstep_domain::codes;
use encoding_rs::{Decoder, DecoderResult};
use std::io::{self, Read, Seek, SeekFrom};

codes!(
    /// The encoding of a text file.
    Encoding, "encoding" {
        /// UTF-8, with or without a byte order mark.
        Utf8 = "UTF-8",
        /// GB18030, which contains GBK and GB2312.
        Gb18030 = "GB18030",
        /// UTF-16 with a byte order mark, low byte first.
        Utf16Le = "UTF-16LE",
        /// UTF-16 with a byte order mark, high byte first.
        Utf16Be = "UTF-16BE",
    }
);

impl Encoding {
    const fn decoder_table(self) -> &'static encoding_rs::Encoding {
        match self {
            Self::Utf8 => encoding_rs::UTF_8,
            Self::Gb18030 => encoding_rs::GB18030,
            Self::Utf16Le => encoding_rs::UTF_16LE,
            Self::Utf16Be => encoding_rs::UTF_16BE,
        }
    }
}

/// What a file is by its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    /// Text in this encoding, checked to the last byte.
    Text(Encoding),
    /// A zip archive, probably an XLSX workbook.
    Zip,
}

/// First bytes of files that people send by mistake, with what they are.
const MAGICS: &[(&[u8], &str)] = &[
    (b"%PDF", "the start of a PDF"),
    (b"\x89PNG", "the start of a picture"),
    (b"\xff\xd8\xff", "the start of a picture"),
    (b"\x1f\x8b", "the start of a gzip archive"),
    (b"Rar!", "the start of a RAR archive"),
    (b"7z\xbc\xaf", "the start of a 7z archive"),
    (b"SQLite format 3", "the start of a database"),
];
const OLE: &[u8] = b"\xd0\xcf\x11\xe0";
const ZIP: &[u8] = b"PK\x03\x04";
const CHUNK_BYTES: usize = 64 * 1024;
/// UTF-8 text with this many three-byte characters is UTF-8 with an error in it, not GB18030.
const CERTAIN_UTF8: u64 = 3;

/// Looks at the whole file and leaves the reader at its start.
pub(super) fn sniff<R: Read + Seek>(reader: &mut R, limits: &Limits) -> Result<Container, FileError> {
    let bytes = reader.seek(SeekFrom::End(0))?;
    if bytes > limits.bytes_max {
        return Err(FileError::TooLarge {
            bytes,
            bytes_max: limits.bytes_max,
        });
    }
    reader.rewind()?;
    let mut head = Vec::with_capacity(16);
    reader.by_ref().take(16).read_to_end(&mut head)?;
    reader.rewind()?;
    if head.starts_with(ZIP) {
        return Ok(Container::Zip);
    }
    if head.starts_with(OLE) {
        return Err(FileError::PasswordOrOldWorkbook);
    }
    if let Some((_, found)) = MAGICS.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Err(FileError::Binary { offset: 0, found });
    }
    let encoding = match head.as_slice() {
        [0xff, 0xfe, ..] => checked(reader, Encoding::Utf16Le, 0)?,
        [0xfe, 0xff, ..] => checked(reader, Encoding::Utf16Be, 0)?,
        _ => utf8_or_gb18030(reader)?,
    };
    reader.rewind()?;
    Ok(Container::Text(encoding))
}

/// What a pass over the bytes as UTF-8 found.
#[derive(Default)]
struct Utf8Pass {
    bytes: u64,
    lines: u64,
    blank: bool,
    multibyte: u64,
    three_bytes: u64,
    first_wrong: Option<u64>,
    ends_in_character: bool,
    zero: Option<u64>,
}

fn utf8_or_gb18030<R: Read + Seek>(reader: &mut R) -> Result<Encoding, FileError> {
    let pass = utf8_pass(reader)?;
    if let Some(offset) = pass.zero {
        return Err(FileError::Binary {
            offset,
            found: "a zero byte",
        });
    }
    if pass.blank {
        return Err(FileError::Empty);
    }
    let Some(offset) = pass.first_wrong else {
        return Ok(Encoding::Utf8);
    };
    if pass.ends_in_character && pass.multibyte > 0 {
        return Err(FileError::Truncated { line: pass.lines + 1 });
    }
    if pass.three_bytes >= CERTAIN_UTF8 {
        return Err(FileError::WrongEncoding { offset });
    }
    reader.rewind()?;
    checked(reader, Encoding::Gb18030, offset)
}

fn utf8_pass<R: Read>(reader: &mut R) -> Result<Utf8Pass, FileError> {
    let mut pass = Utf8Pass {
        blank: true,
        ..Utf8Pass::default()
    };
    let mut chunk = vec![0_u8; CHUNK_BYTES];
    let mut carried = 0;
    loop {
        let read = reader.read(&mut chunk[carried..])?;
        let end = carried + read;
        let fresh = &chunk[carried..end];
        if let Some(at) = fresh.iter().position(|b| *b == 0) {
            pass.zero.get_or_insert(pass.bytes + (carried + at) as u64);
        }
        let mark = if pass.bytes == 0 && carried == 0 {
            fresh.strip_prefix(b"\xef\xbb\xbf")
        } else {
            None
        };
        pass.blank &= mark.unwrap_or(fresh).iter().all(u8::is_ascii_whitespace);
        if pass.first_wrong.is_some() || read == 0 {
            if read == 0 {
                if carried > 0 && pass.first_wrong.is_none() {
                    pass.first_wrong = Some(pass.bytes);
                    pass.ends_in_character = true;
                }
                return Ok(pass);
            }
            pass.bytes += end as u64;
            carried = 0;
            continue;
        }
        let (valid, wrong) = match std::str::from_utf8(&chunk[..end]) {
            Ok(_) => (end, false),
            Err(error) => (error.valid_up_to(), error.error_len().is_some()),
        };
        count_characters(&mut pass, &chunk[..valid]);
        if wrong {
            pass.first_wrong = Some(pass.bytes + valid as u64);
            pass.bytes += end as u64;
            carried = 0;
        } else {
            pass.bytes += valid as u64;
            chunk.copy_within(valid..end, 0);
            carried = end - valid;
        }
    }
}

fn count_characters(pass: &mut Utf8Pass, valid: &[u8]) {
    for byte in valid {
        match byte {
            b'\n' => pass.lines += 1,
            0xe0..=0xef => {
                pass.three_bytes += 1;
                pass.multibyte += 1;
            }
            0xc0..=0xff => pass.multibyte += 1,
            _ => {}
        }
    }
}

/// The encoding, where every byte fits it; otherwise an error that names `wrong_offset`.
fn checked<R: Read>(reader: &mut R, encoding: Encoding, wrong_offset: u64) -> Result<Encoding, FileError> {
    let refused = FileError::WrongEncoding { offset: wrong_offset };
    let mut decoder = encoding.decoder_table().new_decoder_with_bom_removal();
    let mut pairs = Pairs::default();
    let mut input = vec![0_u8; CHUNK_BYTES];
    let mut output = vec![0_u8; CHUNK_BYTES];
    loop {
        let read = reader.read(&mut input)?;
        let mut rest = &input[..read];
        if encoding == Encoding::Gb18030 {
            pairs.count(rest);
        }
        loop {
            let (result, used, _) = decoder.decode_to_utf8_without_replacement(rest, &mut output, read == 0);
            rest = &rest[used..];
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => return Err(refused),
            }
        }
        if read == 0 {
            return if pairs.look_like_latin() {
                Err(refused)
            } else {
                Ok(encoding)
            };
        }
    }
}

/// Counts two-byte characters. Latin text in a Windows code page often is valid GB18030 by accident and would swallow
/// the letter after every accent; it shows by its second bytes, which are ASCII letters, rare in Chinese text.
#[derive(Default)]
struct Pairs {
    open: bool,
    all: u64,
    with_letter: u64,
}

impl Pairs {
    fn count(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if self.open {
                self.open = false;
                self.all += 1;
                self.with_letter += u64::from(byte.is_ascii_alphabetic());
            } else {
                self.open = *byte >= 0x81;
            }
        }
    }

    const fn look_like_latin(&self) -> bool {
        self.with_letter * 5 > self.all
    }
}

/// A file's text as UTF-8 without a byte order mark, decoded as it is read.
pub(super) struct TextReader<R> {
    inner: R,
    decoder: Decoder,
    input: Vec<u8>,
    output: Vec<u8>,
    given: usize,
    filled: usize,
    ended: bool,
}

impl<R: Read> TextReader<R> {
    /// The text of `inner`, which stands at its start and was checked by [`sniff`].
    pub(super) fn new(inner: R, encoding: Encoding) -> Self {
        Self {
            inner,
            decoder: encoding.decoder_table().new_decoder_with_bom_removal(),
            input: vec![0; 16 * 1024],
            output: vec![0; 64 * 1024],
            given: 0,
            filled: 0,
            ended: false,
        }
    }
}

impl<R: Read> Read for TextReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.filled && !self.ended {
            let read = self.inner.read(&mut self.input)?;
            self.ended = read == 0;
            // The output has room for three bytes of UTF-8 per byte of input and more, so one call takes all of it.
            let (_, _, written, _) = self
                .decoder
                .decode_to_utf8(&self.input[..read], &mut self.output, self.ended);
            (self.given, self.filled) = (0, written);
        }
        let count = buffer.len().min(self.filled - self.given);
        buffer[..count].copy_from_slice(&self.output[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn look(bytes: &[u8]) -> Result<Container, FileError> {
        sniff(&mut Cursor::new(bytes), &Limits::default())
    }

    #[test]
    fn each_refusal_has_its_code() {
        let latin = "nome,endereço\nJoão,Praça da Ribeira São João\n"
            .chars()
            .map(|c| c as u8)
            .collect::<Vec<_>>();
        let chinese = "案件编号,姓名\n1,张三\n".as_bytes();
        let mut damaged = chinese.to_vec();
        damaged[10] = 0xff;
        let cases: [(&[u8], &str); 9] = [
            (b"", "file-empty"),
            (b"\xef\xbb\xbf \r\n \n", "file-empty"),
            (b"a,b\n1,\0\n", "file-binary"),
            (b"%PDF-1.7", "file-binary"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "workbook-password-or-old"),
            (&latin, "file-wrong-encoding"),
            (&damaged, "file-wrong-encoding"),
            (&chinese[..chinese.len() - 2], "file-truncated"),
            (b"\xff\xfea\0\x00\xd8", "file-wrong-encoding"),
        ];
        for (bytes, code) in cases {
            match look(bytes) {
                Err(error) => assert_eq!(error.code(), code, "{error}"),
                Ok(container) => panic!("{code} expected, found {container:?}"),
            }
        }
        let limits = Limits {
            bytes_max: 3,
            ..Limits::default()
        };
        let error = sniff(&mut Cursor::new(b"abcd"), &limits).unwrap_err();
        assert_eq!(error.code(), "file-too-large");
    }

    #[test]
    fn every_encoding_gives_the_same_text() {
        let text = "案件编号,姓名\n1,𠀀张三é\n".repeat(9_000);
        let (gb, _, _) = encoding_rs::GB18030.encode(&text);
        let utf16 = |pair: fn(u16) -> [u8; 2]| {
            std::iter::once(0xfeff)
                .chain(text.encode_utf16())
                .flat_map(pair)
                .collect::<Vec<u8>>()
        };
        let files = [
            (text.as_bytes().to_vec(), Encoding::Utf8),
            (format!("\u{feff}{text}").into_bytes(), Encoding::Utf8),
            (gb.to_vec(), Encoding::Gb18030),
            (utf16(u16::to_le_bytes), Encoding::Utf16Le),
            (utf16(u16::to_be_bytes), Encoding::Utf16Be),
        ];
        for (bytes, expected) in files {
            assert_eq!(look(&bytes).unwrap(), Container::Text(expected));
            let mut read = String::new();
            TextReader::new(Cursor::new(bytes), expected)
                .read_to_string(&mut read)
                .unwrap();
            assert!(read == text, "{expected}");
        }
    }
}
