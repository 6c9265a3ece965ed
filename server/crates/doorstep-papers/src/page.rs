//! Lays blocks out on pages of A4, from top to bottom. A heading keeps company with what follows, a short row of a table is not cut,
//! and the heads of a table stand on every page that it reaches.

use crate::block::{Block, Column, Paper};
use crate::error::PaperError;
use crate::font::{Faces, Fonts, Glyph};
use crate::line::{Line, lines};
use crate::measure::Length;
use crate::qr;

/// A4: 210 mm by 297 mm.
pub(crate) const WIDTH: Length = Length(595_276);
/// Its height.
pub(crate) const HEIGHT: Length = Length(841_890);
/// 24 mm: a folder's holes go through it.
const LEFT: Length = Length::points(68);
const RIGHT: Length = Length::points(57);
const TOP: Length = Length::points(57);
const BOTTOM: Length = Length::points(68);
/// Where the number of the page stands.
const FOOT: Length = Length::points(40);
/// Where the window of a long envelope begins: 45 mm from the top.
const WINDOW: Length = Length::points(127);
/// How high it is, and the space under it.
const WINDOW_HEIGHT: Length = Length::points(120);
/// The most pages of a paper.
const PAGES_MAX: usize = 500;
/// The most lines of a row that is kept on one page.
const ROW_KEPT: usize = 12;
/// The side of a QR code: 28 mm can be read from a hand's distance.
const CODE: Length = Length::points(80);
const GAP: Length = Length::points(12);

const TITLE_SIZE: Length = Length::points(16);
const HEADING_SIZE: Length = Length::points(12);
const TEXT_SIZE: Length = Length(10_500);
const TABLE_SIZE: Length = Length::points(9);
const SMALL_SIZE: Length = Length(8_500);

/// Something on a page; places are those of the lower left corner, from the lower left corner of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mark {
    /// A line of text.
    Text {
        x: Length,
        y: Length,
        size: Length,
        heavy: bool,
        glyphs: Vec<Glyph>,
    },
    /// A dark rectangle.
    Ink {
        x: Length,
        y: Length,
        width: Length,
        height: Length,
    },
}

/// A page with what stands on it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Sheet {
    pub(crate) marks: Vec<Mark>,
}

/// How type is set: its size, and whether it is heavy.
#[derive(Debug, Clone, Copy)]
struct Type {
    size: Length,
    heavy: bool,
}

impl Type {
    const fn plain(size: Length) -> Self {
        Self { size, heavy: false }
    }

    const fn heavy(size: Length) -> Self {
        Self { size, heavy: true }
    }

    /// From one line to the next: enough for Chinese, whose characters fill their square.
    const fn leading(self) -> Length {
        self.size.part(3, 2)
    }
}

/// Lays a paper out.
pub(crate) fn lay_out(paper: &Paper, fonts: &Fonts) -> Result<Vec<Sheet>, PaperError> {
    let faces = fonts.faces(&paper.language)?;
    let mut flow = Flow {
        faces: &faces,
        sheets: vec![Sheet::default()],
        y: HEIGHT - TOP,
    };
    for block in &paper.blocks {
        flow.block(block)?;
    }
    flow.feet(&paper.foot)?;
    Ok(flow.sheets)
}

struct Flow<'a> {
    faces: &'a Faces<'a>,
    sheets: Vec<Sheet>,
    /// The upper edge of what comes next.
    y: Length,
}

impl Flow<'_> {
    fn block(&mut self, block: &Block) -> Result<(), PaperError> {
        match block {
            Block::Title(text) => self.paragraph(text, Type::heavy(TITLE_SIZE), Length::points(10)),
            Block::Heading(text) => {
                self.y -= Length::points(6);
                self.keep(Type::heavy(HEADING_SIZE).leading() + Type::plain(TEXT_SIZE).leading().part(4, 1))?;
                self.paragraph(text, Type::heavy(HEADING_SIZE), Length::points(3))
            }
            Block::Text(text) => self.paragraph(text, Type::plain(TEXT_SIZE), Length::points(7)),
            Block::Small(text) => self.paragraph(text, Type::plain(SMALL_SIZE), Length::points(5)),
            Block::Lines(lines) => {
                for line in lines {
                    self.paragraph(line, Type::plain(TEXT_SIZE), Length::ZERO)?;
                }
                self.y -= Length::points(7);
                Ok(())
            }
            Block::Window { sender, lines } => self.window(sender, lines),
            Block::Pairs(pairs) => self.pairs(pairs),
            Block::Table { columns, rows } => self.table(columns, rows),
            Block::Points(points) => points.iter().try_for_each(|point| self.point(point)),
            Block::Code { content, caption } => self.code(content, caption),
            Block::NewPage => self.new_page(),
        }
    }

    fn room() -> Length {
        WIDTH - LEFT - RIGHT
    }

    fn new_page(&mut self) -> Result<(), PaperError> {
        if self.sheets.len() == PAGES_MAX {
            return Err(PaperError::Pages(PAGES_MAX));
        }
        self.sheets.push(Sheet::default());
        self.y = HEIGHT - TOP;
        Ok(())
    }

    /// Goes to a new page where less than `height` is left of this one. Whether it did.
    fn keep(&mut self, height: Length) -> Result<bool, PaperError> {
        let full = self.y - height < BOTTOM;
        if full {
            self.new_page()?;
        }
        Ok(full)
    }

    fn mark(&mut self, mark: Mark) {
        if let Some(sheet) = self.sheets.last_mut() {
            sheet.marks.push(mark);
        }
    }

    /// Puts a line at a place whose upper edge is `y`.
    fn put(&mut self, line: &Line, (x, y): (Length, Length), kind: Type) {
        // The baseline stands where the lower parts of letters have room under it, in the middle of the line.
        let baseline = y - kind.size.part(23, 20);
        self.mark(Mark::Text {
            x,
            y: baseline,
            size: kind.size,
            heavy: kind.heavy,
            glyphs: line.glyphs.clone(),
        });
    }

    fn paragraph(&mut self, text: &str, kind: Type, after: Length) -> Result<(), PaperError> {
        for line in lines(self.faces, text, kind.size, Self::room())? {
            self.keep(kind.leading())?;
            self.put(&line, (LEFT, self.y), kind);
            self.y -= kind.leading();
        }
        self.y -= after;
        Ok(())
    }

    fn point(&mut self, text: &str) -> Result<(), PaperError> {
        let (kind, indent) = (Type::plain(TEXT_SIZE), Length::points(14));
        let dash = lines(self.faces, "-", kind.size, indent)?;
        for (index, line) in lines(self.faces, text, kind.size, Self::room() - indent)?
            .iter()
            .enumerate()
        {
            self.keep(kind.leading())?;
            if let Some(dash) = dash.first().filter(|_| index == 0) {
                self.put(dash, (LEFT, self.y), kind);
            }
            self.put(line, (LEFT + indent, self.y), kind);
            self.y -= kind.leading();
        }
        self.y -= Length::points(3);
        Ok(())
    }

    /// The window of an envelope; on the first page it stands where the window is.
    fn window(&mut self, sender: &str, address: &[String]) -> Result<(), PaperError> {
        let room = Length::points(230);
        let top = HEIGHT - WINDOW;
        if self.y > top {
            self.y = top;
        }
        let begun = self.y;
        let small = Type::plain(Length(7_500));
        for line in lines(self.faces, sender, small.size, room)? {
            self.put(&line, (LEFT, self.y), small);
            self.y -= small.leading();
        }
        self.y -= Length::points(6);
        let kind = Type::plain(TEXT_SIZE);
        for text in address {
            for line in lines(self.faces, text, kind.size, room)? {
                self.keep(kind.leading())?;
                self.put(&line, (LEFT, self.y), kind);
                self.y -= kind.leading();
            }
        }
        self.y = self.y.min(begun - WINDOW_HEIGHT);
        Ok(())
    }

    fn pairs(&mut self, pairs: &[(String, String)]) -> Result<(), PaperError> {
        let name_room = Self::room().part(3, 10);
        let cells = [(LEFT, name_room - GAP), (LEFT + name_room, Self::room() - name_room)];
        for (name, value) in pairs {
            self.row(&cells, &[name, value], (Type::plain(TEXT_SIZE), &[]))?;
            self.y -= Length::points(2);
        }
        self.y -= Length::points(6);
        Ok(())
    }

    fn table(&mut self, columns: &[Column], rows: &[Vec<String>]) -> Result<(), PaperError> {
        let shares: i64 = columns.iter().map(|column| i64::from(column.share.max(1))).sum();
        let mut cells = Vec::new();
        let mut x = LEFT;
        for column in columns {
            let room = Self::room().part(i64::from(column.share.max(1)), shares.max(1));
            cells.push((x, room - Length::points(6)));
            x += room;
        }
        let heads: Vec<&str> = columns.iter().map(|column| column.head.as_str()).collect();
        let kind = Type::plain(TABLE_SIZE);
        self.keep(kind.leading().part(4, 1))?;
        self.heads(&cells, &heads)?;
        for row in rows {
            let texts: Vec<&str> = row.iter().map(String::as_str).collect();
            self.row(&cells, &texts, (kind, &heads))?;
            self.y -= Length::points(3);
        }
        self.y -= Length::points(8);
        Ok(())
    }

    fn heads(&mut self, cells: &[(Length, Length)], heads: &[&str]) -> Result<(), PaperError> {
        self.row(cells, heads, (Type::heavy(TABLE_SIZE), &[]))?;
        self.mark(Mark::Ink {
            x: LEFT,
            y: self.y - Length::points(1),
            width: Self::room(),
            height: Length(500),
        });
        self.y -= Length::points(4);
        Ok(())
    }

    /// A row of cells, each with its left edge and its room. On a new page `heads` come first.
    fn row(&mut self, cells: &[(Length, Length)], texts: &[&str], style: (Type, &[&str])) -> Result<(), PaperError> {
        let (kind, heads) = style;
        let mut columns = Vec::new();
        for ((x, room), text) in cells.iter().zip(texts) {
            columns.push((*x, lines(self.faces, text, kind.size, *room)?));
        }
        let height = columns.iter().map(|(_, lines)| lines.len()).max().unwrap_or(0);
        for index in 0..height {
            let needed = if index == 0 && height <= ROW_KEPT {
                height as i64
            } else {
                1
            };
            if self.keep(kind.leading().part(needed, 1))? && !heads.is_empty() {
                self.heads(cells, heads)?;
            }
            for (x, lines) in &columns {
                if let Some(line) = lines.get(index) {
                    self.put(line, (*x, self.y), kind);
                }
            }
            self.y -= kind.leading();
        }
        Ok(())
    }

    fn code(&mut self, content: &str, caption: &str) -> Result<(), PaperError> {
        let code = qr::code(content)?;
        // Readers ask for a quiet zone around the code.
        self.y -= GAP;
        self.keep(CODE + GAP)?;
        let (top, side) = (self.y, code.side as i64);
        for (index, _) in code.dark.iter().enumerate().filter(|(_, dark)| **dark) {
            let (row, column) = (index as i64 / side, index as i64 % side);
            let (left, right) = (CODE.part(column, side), CODE.part(column + 1, side));
            let (upper, lower) = (CODE.part(row, side), CODE.part(row + 1, side));
            self.mark(Mark::Ink {
                x: LEFT + left,
                y: top - lower,
                width: right - left,
                height: lower - upper,
            });
        }
        let (kind, indent) = (Type::plain(TEXT_SIZE), CODE + GAP);
        for line in lines(self.faces, caption, kind.size, Self::room() - indent)? {
            self.put(&line, (LEFT + indent, self.y), kind);
            self.y -= kind.leading();
        }
        self.y = self.y.min(top - CODE) - GAP;
        Ok(())
    }

    /// The foot of every page: what the paper says there, and which page it is of how many.
    fn feet(&mut self, foot: &str) -> Result<(), PaperError> {
        let kind = Type::plain(Length::points(8));
        let count = self.sheets.len();
        for index in 0..count {
            let number = lines(self.faces, &format!("{} / {count}", index + 1), kind.size, Self::room())?;
            let text = lines(self.faces, foot, kind.size, Self::room().part(4, 5))?;
            let number = number
                .into_iter()
                .map(|line| (WIDTH - RIGHT - line.width(kind.size), line));
            let text = text.into_iter().map(|line| (LEFT, line));
            let placed: Vec<_> = text.take(1).chain(number).collect();
            let marks = placed.into_iter().map(|(x, line)| Mark::Text {
                x,
                y: FOOT,
                size: kind.size,
                heavy: false,
                glyphs: line.glyphs,
            });
            self.sheets[index].marks.extend(marks);
        }
        Ok(())
    }
}
