//! QR codes as squares.

use qrcode::{Color, EcLevel, QrCode};

use crate::error::PaperError;

/// A QR code: its side in modules, and which of them are dark, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Code {
    pub(crate) side: usize,
    pub(crate) dark: Vec<bool>,
}

/// The QR code of a text.
pub(crate) fn code(content: &str) -> Result<Code, PaperError> {
    let code = QrCode::with_error_correction_level(content, EcLevel::M).map_err(|_| PaperError::Code(content.len()))?;
    Ok(Code {
        side: code.width(),
        dark: code.to_colors().into_iter().map(|color| color == Color::Dark).collect(),
    })
}
