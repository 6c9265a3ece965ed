//! The map in a ratatui buffer: the only part that knows cells, styles and characters.

use super::camera::{Camera, Size};
use super::dots::{Cell, Dots};
use super::lod::{self, Choice};
use super::marks::{Marks, Memory};
use super::scene::Scene;
use super::street_names::{Anchor, Anchors};
use super::streets::Streets;
use super::style::{self, Colour, Part};
use doorstep_domain::place::Point;
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use ratatui_core::style::{Color, Modifier, Style};
use std::sync::Arc;

/// How the parts of the map look in this terminal.
#[derive(Debug, Clone)]
pub struct MapTheme {
    styles: [Style; Part::COUNT],
    ascii: bool,
    low_data: bool,
}

impl MapTheme {
    /// Sixteen colours.
    pub fn sixteen() -> Self {
        Self::new(true)
    }

    /// No colour: signs, weights and reversal alone.
    pub fn one_colour() -> Self {
        Self::new(false)
    }

    fn new(coloured: bool) -> Self {
        Self {
            styles: Part::ALL.map(|part| style_of(part, coloured)),
            ascii: false,
            low_data: false,
        }
    }

    /// The same with another style for a part.
    #[must_use]
    pub fn with(mut self, part: Part, style: Style) -> Self {
        self.styles[part as usize] = style;
        self
    }

    /// The same without braille.
    #[must_use]
    pub fn ascii(self) -> Self {
        Self { ascii: true, ..self }
    }

    /// The same for a slow line: all streets in one style, no names of streets. A moved map then costs few bytes.
    #[must_use]
    pub fn low_data(self) -> Self {
        Self { low_data: true, ..self }
    }

    /// The style of a part.
    pub fn style(&self, part: Part) -> Style {
        let part = if self.low_data && (part as usize) < Part::Ring as usize {
            Part::Residential
        } else {
            part
        };
        self.styles[part as usize]
    }
}

fn style_of(part: Part, coloured: bool) -> Style {
    let look = part.look();
    let modifiers = [
        (look.bold, Modifier::BOLD),
        (look.dim, Modifier::DIM),
        (look.reversed, Modifier::REVERSED),
    ];
    let mut style = Style::reset();
    for (_, modifier) in modifiers.into_iter().filter(|(set, _)| *set) {
        style = style.add_modifier(modifier);
    }
    if !coloured {
        return style;
    }
    style.fg(match look.colour {
        Colour::Default => Color::Reset,
        Colour::DarkGrey => Color::DarkGray,
        Colour::Grey => Color::Gray,
        Colour::White => Color::White,
        Colour::Red => Color::Red,
        Colour::Green => Color::Green,
        Colour::Yellow => Color::Yellow,
        Colour::Blue => Color::Blue,
        Colour::Magenta => Color::Magenta,
        Colour::Cyan => Color::Cyan,
    })
}

/// The pane: streets, where it looks, and the streets as last drawn.
///
/// The drawn streets are kept until camera, size or streets change; every other frame draws only route, stops, people and
/// labels. The pane is the view's own: a pure model keeps the camera and sets [`MapPane::camera`] before it draws.
#[derive(Debug, Clone)]
pub struct MapPane {
    streets: Arc<Streets>,
    /// Where it looks.
    pub camera: Camera,
    roads: Option<Roads>,
    choice: Option<Choice>,
    anchors: Anchors,
    picture: Dots,
    memory: Memory,
}

/// The streets as drawn for one camera and size.
#[derive(Debug, Clone)]
struct Roads {
    camera: Camera,
    size: Size,
    dots: Dots,
    anchors: Vec<Anchor>,
}

impl MapPane {
    /// A pane that looks at streets.
    pub fn new(streets: Arc<Streets>, camera: Camera) -> Self {
        Self {
            streets,
            camera,
            roads: None,
            choice: None,
            anchors: Anchors::default(),
            picture: Dots::default(),
            memory: Memory::default(),
        }
    }

    /// The streets.
    pub fn streets(&self) -> &Arc<Streets> {
        &self.streets
    }

    /// Takes other streets.
    pub fn set_streets(&mut self, streets: Arc<Streets>) {
        *self = Self::new(streets, self.camera);
    }

    /// Size of a pane that fills an area.
    pub fn size(area: Rect) -> Size {
        Size {
            cols: area.width,
            rows: area.height,
        }
    }

    /// Draws everything into the area, as far as it lies in the buffer.
    pub fn render(&mut self, scene: &Scene<'_>, area: Rect, buf: &mut Buffer, theme: &MapTheme) {
        let area = area.intersection(buf.area);
        let size = Self::size(area);
        if area.is_empty() {
            return;
        }
        self.draw_roads(size);
        let Some(roads) = &self.roads else { return };
        self.picture.copy_from(&roads.dots);
        scene.draw(self.camera, size, &mut self.picture);
        let marks = Marks {
            scene,
            streets: &self.streets,
            anchors: &roads.anchors,
            camera: self.camera,
            size,
        };
        let labels = marks.place(!theme.low_data, &mut self.memory);
        paint(&self.picture, area, buf, theme);
        for label in labels.placed() {
            let (x, y) = (area.x + label.cell[0], area.y + label.cell[1]);
            buf.set_string(x, y, &label.text, theme.style(label.part));
        }
    }

    /// The stop that a click at a place of the screen means.
    pub fn pick(&self, scene: &Scene<'_>, area: Rect, column: u16, row: u16) -> Option<usize> {
        scene.pick(self.camera, Self::size(area), inside(area, column, row)?)
    }

    /// The place on earth under a place of the screen.
    pub fn place_at(&self, area: Rect, column: u16, row: u16) -> Option<Point> {
        let cell = inside(area, column, row)?;
        Some(self.camera.position_of(cell, Self::size(area)))
    }

    fn draw_roads(&mut self, size: Size) {
        let kept = self.roads.take();
        if let Some(roads) = kept.filter(|roads| roads.camera == self.camera && roads.size == size) {
            self.roads = Some(roads);
            return;
        }
        let mut dots = Dots::new(size);
        let choice = lod::paint(&self.streets, self.camera, size, self.choice, &mut dots);
        let anchors = self.anchors.find(&self.streets, self.camera, size, choice).to_vec();
        self.choice = Some(choice);
        self.roads = Some(Roads {
            camera: self.camera,
            size,
            dots,
            anchors,
        });
    }
}

fn inside(area: Rect, column: u16, row: u16) -> Option<[u16; 2]> {
    area.contains((column, row).into())
        .then(|| [column - area.x, row - area.y])
}

fn paint(picture: &Dots, area: Rect, buf: &mut Buffer, theme: &MapTheme) {
    let width = usize::from(area.width);
    for (cells, y) in picture.cells().chunks(width).zip(area.y..) {
        let first = buf.index_of(area.x, y);
        for (cell, target) in cells.iter().zip(&mut buf.content[first..first + width]) {
            target.reset();
            let Some(part) = Part::of_layer(cell.layer) else {
                continue;
            };
            target.set_char(symbol(*cell, theme.ascii));
            target.set_style(theme.style(part));
        }
    }
}

fn symbol(cell: Cell, ascii: bool) -> char {
    if !ascii {
        return char::from_u32(0x2800 + u32::from(cell.bits)).unwrap_or(' ');
    }
    match Part::of_layer(cell.layer) {
        Some(Part::RouteAhead) => '#',
        Some(Part::RouteDone) => ':',
        _ => style::ascii(cell.bits),
    }
}
