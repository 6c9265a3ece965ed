//! Where the names of streets could stand: for each name in view a piece that runs level, near the middle. Knows no text.

use super::camera::{Camera, Size, View};
use super::grid::{Grid, Piece};
use super::lod::Choice;
use super::streets::{Class, Streets};

/// Dots along a street beyond which more length makes no better place for its name.
const RUN_ENOUGH: f64 = 40.0;
/// How many dots of length a dot towards the middle of the view is worth.
const MIDDLE_WORTH: f64 = 0.25;

/// A place for the name of a street.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Anchor {
    /// The name's number.
    pub(super) name: u32,
    class: Class,
    /// How good the place is: length from left to right, and nearness to the middle.
    worth: f64,
    /// The middle, as a cell.
    pub(super) cell: [u16; 2],
}

/// Finds places; keeps its lists between pictures.
#[derive(Debug, Clone, Default)]
pub(super) struct Anchors {
    /// By name: place in `found` and 1 more.
    by_name: Vec<u32>,
    found: Vec<Anchor>,
}

impl Anchors {
    /// The places in view, the most important streets first.
    pub(super) fn find(&mut self, streets: &Streets, camera: Camera, size: Size, choice: Choice) -> &[Anchor] {
        self.by_name.clear();
        self.by_name.resize(streets.names() + 1, 0);
        self.found.clear();
        let grid = streets.level(camera.m_per_dot());
        for class in &Class::ALL[..choice.classes] {
            for view in camera.views(size) {
                for piece in grid.pieces(*class, view.bounds).filter(|piece| piece.name > 0) {
                    self.consider(*class, piece, grid, &view, size);
                }
            }
        }
        self.found
            .sort_by(|one, other| one.class.cmp(&other.class).then(other.worth.total_cmp(&one.worth)));
        &self.found
    }

    fn consider(&mut self, class: Class, piece: &Piece, grid: &Grid, view: &View, size: Size) {
        let [width, height] = size.dots().map(|dots| dots as f64);
        let corner = |lon: i32, lat: i32| view.dot([lon, lat]);
        let ([left, low], [right, high]) = (
            corner(piece.bounds[0], piece.bounds[1]),
            corner(piece.bounds[2], piece.bounds[3]),
        );
        let run = right.min(width) - left.max(0.0) - (low - high).abs() / 2.0;
        let points = grid.points_of(piece);
        let first = view.dot(points[(points.len() - 1) / 2]);
        let second = view.dot(points[points.len() / 2]);
        let middle = [f64::midpoint(first[0], second[0]), f64::midpoint(first[1], second[1])];
        if middle[0] < 0.0 || middle[1] < 0.0 || middle[0] >= width || middle[1] >= height {
            return;
        }
        let off_middle = (middle[0] - width / 2.0).hypot(middle[1] - height / 2.0);
        let worth = run.min(RUN_ENOUGH) - off_middle * MIDDLE_WORTH;
        let slot = self.by_name[piece.name as usize] as usize;
        if slot > 0 && self.found[slot - 1].worth >= worth {
            return;
        }
        let anchor = Anchor {
            name: piece.name,
            class,
            worth,
            cell: [middle[0] as u16 / 2, middle[1] as u16 / 4],
        };
        if slot > 0 {
            self.found[slot - 1] = anchor;
        } else {
            self.found.push(anchor);
            self.by_name[piece.name as usize] = self.found.len() as u32;
        }
    }
}
