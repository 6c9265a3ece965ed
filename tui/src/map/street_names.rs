//! Where the names of streets could stand: for each name in view the longest piece that runs level. Knows no text.

use super::camera::{Camera, Size, View};
use super::grid::{Grid, Piece};
use super::lod::Choice;
use super::streets::{Class, Streets};

/// A place for the name of a street.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Anchor {
    /// The name's number.
    pub(super) name: u32,
    class: Class,
    /// Dots that the street takes from left to right.
    run: f64,
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
    /// The places in view, the most important streets first, then the longest.
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
            .sort_by(|one, other| one.class.cmp(&other.class).then(other.run.total_cmp(&one.run)));
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
        let slot = self.by_name[piece.name as usize] as usize;
        if slot > 0 && self.found[slot - 1].run >= run {
            return;
        }
        let points = grid.points_of(piece);
        let first = view.dot(points[(points.len() - 1) / 2]);
        let second = view.dot(points[points.len() / 2]);
        let middle = [f64::midpoint(first[0], second[0]), f64::midpoint(first[1], second[1])];
        if middle[0] < 0.0 || middle[1] < 0.0 || middle[0] >= width || middle[1] >= height {
            return;
        }
        let anchor = Anchor {
            name: piece.name,
            class,
            run,
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
