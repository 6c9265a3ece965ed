//! What can be wrong with a paper or its fonts; each message says what to do.

/// Why a paper cannot be printed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaperError {
    /// There is no font at all.
    #[error("no font was given; install a font package such as fonts-wqy-microhei, or name font files in papers.fonts")]
    NoFont,
    /// The bytes are no font that can be embedded.
    #[error("{0} is no TrueType or OpenType font that can be embedded; name another in papers.fonts")]
    Font(String),
    /// No font has a character.
    #[error(
        "no font has the character `{character}` (U+{code:04X}); install a font package that has it, such as \
         fonts-noto-cjk, or name its file in papers.fonts"
    )]
    Glyph {
        /// The character.
        character: char,
        /// Its number in Unicode.
        code: u32,
    },
    /// A character needs a way of setting that this program does not have.
    #[error(
        "the character U+{0:04X} belongs to a script that is joined, stacked or written from the right, which this program \
         cannot set; write the text in another script"
    )]
    Script(u32),
    /// A QR code does not hold so much.
    #[error("the QR code has no room for {0} bytes; give it a shorter text")]
    Code(usize),
    /// Too long.
    #[error("the paper has more than {0} pages; make it of less")]
    Pages(usize),
}

impl PaperError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoFont => "font-missing",
            Self::Font(_) => "font-unreadable",
            Self::Glyph { .. } => "glyph-missing",
            Self::Script(_) => "script-unknown",
            Self::Code(_) => "code-too-long",
            Self::Pages(_) => "paper-too-long",
        }
    }
}
