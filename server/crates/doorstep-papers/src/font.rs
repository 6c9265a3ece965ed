//! Fonts: which one has a character, and how wide it is there.

use read_fonts::tables::cmap::Cmap;
use read_fonts::tables::hmtx::Hmtx;
use read_fonts::types::GlyphId;
use read_fonts::{FontRef, TableProvider};

use crate::error::PaperError;
use crate::measure::Length;

/// A character that every font for Chinese has, and none for Latin alone.
const CHINESE: char = '中';
/// From here on a text in Chinese takes its signs from the Chinese font: quotes and dashes are as wide as a character there.
const WIDE_FROM: char = '\u{2010}';
/// Scripts that are joined, stacked or written from the right: first and last character.
const UNSETTABLE: &[(u32, u32)] = &[
    (0x0300, 0x036F),
    (0x0590, 0x109F),
    (0x1700, 0x1AFF),
    (0x1B00, 0x1CFF),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0xA800, 0xA8FF),
    (0xA980, 0xABFF),
    (0xFB1D, 0xFDFF),
    (0xFE00, 0xFE0F),
    (0xFE20, 0xFE2F),
    (0xFE70, 0xFEFF),
    (0x1_0800, 0x1_1FFF),
    (0x1_F3FB, 0x1_F3FF),
    (0xE_0000, 0xE_0FFF),
];

/// A font file as it was read.
#[derive(Debug, Clone)]
pub struct FontFile {
    /// Where it is from, for errors.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Which font of a collection; 0 where it is a single one.
    pub index: u32,
}

/// The fonts of a deployment, in the order in which they are asked.
#[derive(Debug, Clone)]
pub struct Fonts(Vec<Font>);

/// A font that was read once.
#[derive(Debug, Clone)]
pub(crate) struct Font {
    pub(crate) file: FontFile,
    pub(crate) chinese: bool,
    pub(crate) units: i64,
    pub(crate) ascent: i64,
    pub(crate) descent: i64,
    pub(crate) bounds: [i16; 4],
    /// Whether its outlines are those of a CFF table.
    pub(crate) postscript: bool,
}

impl Fonts {
    /// Reads fonts; at least one.
    pub fn read(files: Vec<FontFile>) -> Result<Self, PaperError> {
        if files.is_empty() {
            return Err(PaperError::NoFont);
        }
        let fonts: Result<_, _> = files.into_iter().map(read_one).collect();
        Ok(Self(fonts?))
    }

    /// Whether a font for Chinese is among them.
    #[must_use]
    pub fn have_chinese(&self) -> bool {
        self.0.iter().any(|font| font.chinese)
    }

    pub(crate) fn all(&self) -> &[Font] {
        &self.0
    }

    /// Opens all for measuring.
    pub(crate) fn faces(&self, language: &str) -> Result<Faces<'_>, PaperError> {
        let faces: Result<Vec<Face<'_>>, _> = self.0.iter().map(Face::open).collect();
        Ok(Faces {
            faces: faces?,
            chinese_text: language.starts_with("zh"),
        })
    }
}

fn read_one(file: FontFile) -> Result<Font, PaperError> {
    let bad = || PaperError::Font(file.name.clone());
    let font = FontRef::from_index(&file.bytes, file.index).map_err(|_| bad())?;
    let (head, hhea) = (font.head().map_err(|_| bad())?, font.hhea().map_err(|_| bad())?);
    let units = i64::from(head.units_per_em());
    let postscript = font.cff().is_ok();
    if units == 0 || !(postscript || font.glyf().is_ok()) {
        return Err(bad());
    }
    let cmap = font.cmap().map_err(|_| bad())?;
    Ok(Font {
        chinese: cmap.map_codepoint(CHINESE).is_some(),
        units,
        ascent: i64::from(hhea.ascender().to_i16()),
        descent: i64::from(hhea.descender().to_i16()),
        bounds: [head.x_min(), head.y_min(), head.x_max(), head.y_max()],
        postscript,
        file,
    })
}

/// A font that is being measured with.
pub(crate) struct Face<'a> {
    font: &'a Font,
    cmap: Cmap<'a>,
    widths: Hmtx<'a>,
}

impl<'a> Face<'a> {
    fn open(font: &'a Font) -> Result<Self, PaperError> {
        let bad = || PaperError::Font(font.file.name.clone());
        let found = FontRef::from_index(&font.file.bytes, font.file.index).map_err(|_| bad())?;
        Ok(Self {
            font,
            cmap: found.cmap().map_err(|_| bad())?,
            widths: found.hmtx().map_err(|_| bad())?,
        })
    }

    fn glyph(&self, character: char) -> Option<u16> {
        let id = self.cmap.map_codepoint(character)?.to_u32();
        u16::try_from(id).ok().filter(|id| *id != 0)
    }

    /// The width of a glyph in thousandths of the size of type.
    pub(crate) fn width(&self, glyph: u16) -> i64 {
        let units = self.widths.advance(GlyphId::from(glyph)).map_or(0, i64::from);
        units * 1_000 / self.font.units
    }
}

/// A character as it is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Glyph {
    /// Which of the fonts.
    pub(crate) face: usize,
    /// Its number in that font.
    pub(crate) id: u16,
    /// What it stands for.
    pub(crate) character: char,
    /// Its width in thousandths of the size of type.
    pub(crate) width: i64,
}

impl Glyph {
    /// Its width at a size of type.
    pub(crate) const fn advance(self, size: Length) -> Length {
        size.part(self.width, 1_000)
    }
}

/// All fonts, for a text in a language.
pub(crate) struct Faces<'a> {
    pub(crate) faces: Vec<Face<'a>>,
    pub(crate) chinese_text: bool,
}

impl Faces<'_> {
    /// The glyph of a character, from the first font that has it.
    pub(crate) fn glyph(&self, character: char) -> Result<Glyph, PaperError> {
        let code = u32::from(character);
        if UNSETTABLE.iter().any(|(first, last)| (*first..=*last).contains(&code)) {
            return Err(PaperError::Script(code));
        }
        let chinese_first = self.chinese_text && character >= WIDE_FROM;
        let find = |only_chinese: bool| {
            let mut faces = self.faces.iter().enumerate();
            faces.find_map(|(index, face)| {
                let asked = !only_chinese || face.font.chinese;
                face.glyph(character).filter(|_| asked).map(|id| (index, id))
            })
        };
        let found = chinese_first.then(|| find(true)).flatten().or_else(|| find(false));
        let (face, id) = found.ok_or(PaperError::Glyph { character, code })?;
        Ok(Glyph {
            face,
            id,
            character,
            width: self.faces[face].width(id),
        })
    }
}
