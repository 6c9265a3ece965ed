//! QR codes as lines of a terminal and as SVG for paper. Knows nothing of what they say.

use doorstep_domain::words::Lang;
use qrcode::{Color, EcLevel};
use std::fmt::Write as _;

/// Light modules round a code on a screen. The standard asks for four; readers take two, and a small screen has no more.
const QUIET_ON_SCREEN: usize = 2;
/// Light modules round a code on paper.
const QUIET_ON_PAPER: usize = 4;

/// How a code is drawn in a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QrStyle {
    /// Half blocks for light text on a dark ground: what is light is drawn.
    OnDark,
    /// Half blocks for dark text on a light ground: what is dark is drawn.
    OnLight,
    /// `##` for every dark module, for terminals without blocks; dark text on a light ground.
    Ascii,
}

/// Why there is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QrError {
    /// The text is longer than the largest code holds.
    #[error("{bytes} bytes are too many for a QR code; show the link as text")]
    TooLong {
        /// Length of the text.
        bytes: usize,
    },
}

impl QrError {
    /// A stable code for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooLong { .. } => "qr-too-long",
        }
    }

    /// What to say to a person.
    pub fn sentence(self, lang: Lang) -> String {
        match (lang, self) {
            (Lang::En, _) => self.to_string(),
            (Lang::Zh, Self::TooLong { bytes }) => format!("{bytes} 字节，超出二维码容量；请直接显示链接"),
        }
    }
}

/// A QR code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QrCode {
    side: usize,
    dark: Vec<bool>,
}

impl QrCode {
    /// The smallest code that holds a text. A screen neither smudges nor tears, so the weakest correction does.
    pub fn new(text: &str) -> Result<Self, QrError> {
        let code = qrcode::QrCode::with_error_correction_level(text, EcLevel::L);
        let code = code.map_err(|_| QrError::TooLong { bytes: text.len() })?;
        Ok(Self {
            side: code.width(),
            dark: code
                .into_colors()
                .into_iter()
                .map(|color| color == Color::Dark)
                .collect(),
        })
    }

    /// Modules along a side, without the light rim.
    pub fn side(&self) -> usize {
        self.side
    }

    /// Columns and rows that [`QrCode::lines`] take.
    pub fn cells(&self, style: QrStyle) -> [usize; 2] {
        let whole = self.side + 2 * QUIET_ON_SCREEN;
        match style {
            QrStyle::OnDark | QrStyle::OnLight => [whole, whole.div_ceil(2)],
            QrStyle::Ascii => [whole * 2, whole],
        }
    }

    /// The code as lines of equal width, with its light rim.
    pub fn lines(&self, style: QrStyle) -> Vec<String> {
        let whole = self.side + 2 * QUIET_ON_SCREEN;
        let drawn = |x: usize, y: usize| y < whole && self.is_dark(x, y, QUIET_ON_SCREEN) != (style == QrStyle::OnDark);
        let line = |y: usize| -> String {
            let symbol = |x: usize| match (style, drawn(x, y), drawn(x, y + 1)) {
                (QrStyle::Ascii, true, _) => "##",
                (QrStyle::Ascii, false, _) => "  ",
                (_, true, true) => "█",
                (_, true, false) => "▀",
                (_, false, true) => "▄",
                (_, false, false) => " ",
            };
            (0..whole).map(symbol).collect()
        };
        let step = if style == QrStyle::Ascii { 1 } else { 2 };
        (0..whole).step_by(step).map(line).collect()
    }

    /// The code as an SVG element of so many millimetres, with its light rim.
    pub fn svg(&self, millimetres: u32) -> String {
        let whole = self.side + 2 * QUIET_ON_PAPER;
        let mut path = String::new();
        for y in 0..whole {
            for x in 0..whole {
                if self.is_dark(x, y, QUIET_ON_PAPER) {
                    let _ = write!(path, "M{x} {y}h1v1h-1z");
                }
            }
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{millimetres}mm\" height=\"{millimetres}mm\" \
             viewBox=\"0 0 {whole} {whole}\" shape-rendering=\"crispEdges\"><path d=\"{path}\"/></svg>"
        )
    }

    /// Whether a module is dark; what lies in the rim or beyond is light.
    fn is_dark(&self, x: usize, y: usize, rim: usize) -> bool {
        let inside = |at: usize| at.checked_sub(rim).filter(|at| *at < self.side);
        inside(x)
            .zip(inside(y))
            .is_some_and(|(x, y)| self.dark[y * self.side + x])
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    const LINK: &str = "https://uri.amap.com/navigation?to=119.954812,30.047612&mode=car&coordinate=gaode&callnative=1";

    /// Reads lines back with a decoder by other hands.
    fn read(lines: &[String], style: QrStyle) -> String {
        let modules: Vec<Vec<bool>> = match style {
            QrStyle::Ascii => lines
                .iter()
                .map(|line| line.as_bytes().chunks(2).map(|two| two == b"##").collect())
                .collect(),
            _ => lines
                .iter()
                .flat_map(|line| {
                    let half = |drawn: &'static str| line.chars().map(move |symbol| drawn.contains(symbol));
                    let ink = |drawn: bool| drawn != (style == QrStyle::OnDark);
                    [
                        half("█▀").map(ink).collect::<Vec<bool>>(),
                        half("█▄").map(ink).collect(),
                    ]
                })
                .collect(),
        };
        let size = modules[0].len();
        // A decoder looks for a code in a picture, so every module becomes a few points.
        let point = |x: usize, y: usize| modules.get(y / 4).is_some_and(|row| row[x / 4]);
        let shade = |x, y| if point(x, y) { 0 } else { 255 };
        let mut picture = rqrr::PreparedImage::prepare_from_greyscale(size * 4, size * 4, shade);
        picture.detect_grids()[0].decode().unwrap().1
    }

    #[test]
    fn a_stranger_reads_every_style() {
        for text in ["geo:30.0500000,119.9500000", LINK, "石桥街 12 号"] {
            let code = QrCode::new(text).unwrap();
            for style in [QrStyle::OnDark, QrStyle::OnLight, QrStyle::Ascii] {
                let lines = code.lines(style);
                assert_eq!(read(&lines, style), text);
                let columns = crate::table::width(&lines[0]);
                assert_eq!([columns, lines.len()], code.cells(style));
            }
        }
    }

    #[test]
    fn the_longest_link_fits_a_small_terminal() {
        let [columns, rows] = QrCode::new(LINK).unwrap().cells(QrStyle::OnDark);
        assert!(columns <= 48 && rows <= 24, "{columns}x{rows}");
        let long = "x".repeat(4_000);
        assert_eq!(QrCode::new(&long), Err(QrError::TooLong { bytes: 4_000 }));
    }

    #[test]
    fn paper_has_the_whole_rim() {
        let code = QrCode::new("geo:30.05,119.95").unwrap();
        let svg = code.svg(22);
        let whole = code.side() + 8;
        assert!(svg.contains(&format!("viewBox=\"0 0 {whole} {whole}\"")), "{svg}");
        let dark = code.dark.iter().filter(|dark| **dark).count();
        assert_eq!(svg.matches("h1v1h-1z").count(), dark);
        assert!(svg.contains("M4 4h1"), "the first finder begins right after the rim");
    }
}
