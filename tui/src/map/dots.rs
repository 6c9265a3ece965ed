//! A grid of dots, eight to a cell, each cell with the highest layer that lit a dot in it. Knows no place and no colour.

use super::camera::Size;

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stroke {
    /// Every dot.
    Thin,
    /// Two dots thick.
    Thick,
    /// One dot of three.
    Dotted,
}

/// The bit of a braille pattern for a dot, by row and column in its cell.
const BITS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

/// The dots of a cell as the bits of its braille pattern, and its layer; 0 where nothing is lit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) bits: u8,
    pub(super) layer: u8,
}

/// The grid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Dots {
    cols: usize,
    rows: usize,
    cells: Vec<Cell>,
    lit: usize,
}

impl Dots {
    /// An empty grid.
    pub(super) fn new(size: Size) -> Self {
        let (cols, rows) = (usize::from(size.cols), usize::from(size.rows));
        Self {
            cols,
            rows,
            cells: vec![Cell::default(); cols * rows],
            lit: 0,
        }
    }

    /// How many dots are lit.
    pub(super) fn lit(&self) -> usize {
        self.lit
    }

    /// How many dots there are.
    pub(super) fn all(&self) -> usize {
        self.cells.len() * 8
    }

    /// The cells, row by row.
    pub(super) fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// Becomes the same as another grid, without a new allocation where the size is the same.
    pub(super) fn copy_from(&mut self, other: &Self) {
        self.cells.clone_from(&other.cells);
        (self.cols, self.rows, self.lit) = (other.cols, other.rows, other.lit);
    }

    /// Lights a dot that lies inside.
    fn light(&mut self, x: usize, y: usize, layer: u8) {
        let Some(cell) = self.cells.get_mut((y >> 2) * self.cols + (x >> 1)) else {
            return;
        };
        let bit = BITS[y & 3][x & 1];
        self.lit += usize::from(cell.bits & bit == 0);
        cell.bits |= bit;
        cell.layer = cell.layer.max(layer);
    }

    /// Draws a line between two places in dots; what lies outside is cut off before a dot is touched.
    pub(super) fn line(&mut self, from: [f64; 2], to: [f64; 2], layer: u8, stroke: Stroke) {
        let limit = [(self.cols * 2) as f64, (self.rows * 4) as f64];
        let Some([from, to]) = clip(from, to, limit) else {
            return;
        };
        // Inside they are not negative, so cutting off the fraction rounds down.
        let most = [self.cols * 2 - 1, self.rows * 4 - 1];
        let dot = |at: [f64; 2]| [(at[0] as usize).min(most[0]), (at[1] as usize).min(most[1])];
        self.between(dot(from), dot(to), layer, stroke);
    }

    /// Bresenham's line between two dots inside.
    fn between(&mut self, from: [usize; 2], to: [usize; 2], layer: u8, stroke: Stroke) {
        let (mut x, mut y) = (from[0] as i32, from[1] as i32);
        let (end_x, end_y) = (to[0] as i32, to[1] as i32);
        let (wide, high) = ((end_x - x).abs(), -(end_y - y).abs());
        let (right, down) = ((end_x - x).signum(), (end_y - y).signum());
        let (width, height) = (self.cols as i32 * 2, self.rows as i32 * 4);
        let mut error = wide + high;
        let mut count = 0;
        loop {
            if stroke != Stroke::Dotted || count % 3 == 0 {
                self.light(x as usize, y as usize, layer);
            }
            if stroke == Stroke::Thick {
                // The second dot stands beside the line's direction, to the other side at the rim.
                let (beside_x, beside_y) = if wide >= -high {
                    (x, if y + 1 < height { y + 1 } else { y - 1 })
                } else {
                    (if x + 1 < width { x + 1 } else { x - 1 }, y)
                };
                self.light(beside_x as usize, beside_y as usize, layer);
            }
            if x == end_x && y == end_y {
                return;
            }
            count += 1;
            let twice = 2 * error;
            if twice >= high {
                error += high;
                x += right;
            }
            if twice <= wide {
                error += wide;
                y += down;
            }
        }
    }

    /// A dotted circle; what lies outside is left out.
    pub(super) fn ring(&mut self, centre: [f64; 2], radius: f64, layer: u8) {
        let diagonal = ((self.cols * 2) as f64).hypot((self.rows * 4) as f64);
        if !(3.0..=diagonal).contains(&radius) {
            return;
        }
        let steps = (radius * 2.0) as usize;
        for step in 0..steps {
            let (sine, cosine) = (step as f64 / steps as f64 * std::f64::consts::TAU).sin_cos();
            let (x, y) = (centre[0] + radius * cosine, centre[1] + radius * sine);
            if x >= 0.0 && y >= 0.0 && x < (self.cols * 2) as f64 && y < (self.rows * 4) as f64 {
                self.light(x as usize, y as usize, layer);
            }
        }
    }
}

/// The part of a line inside `0..limit`, by Liang and Barsky. `None` where nothing is inside, or a number is none.
fn clip(from: [f64; 2], to: [f64; 2], limit: [f64; 2]) -> Option<[[f64; 2]; 2]> {
    let inside = |at: [f64; 2]| at[0] >= 0.0 && at[1] >= 0.0 && at[0] < limit[0] && at[1] < limit[1];
    if inside(from) && inside(to) {
        return Some([from, to]);
    }
    let (mut first, mut last) = (0.0_f64, 1.0_f64);
    for axis in 0..2 {
        let run = to[axis] - from[axis];
        let rim = limit[axis] - 1e-6;
        for (slope, room) in [(-run, from[axis]), (run, rim - from[axis])] {
            if slope == 0.0 {
                if room < 0.0 {
                    return None;
                }
            } else if slope < 0.0 {
                first = first.max(room / slope);
            } else {
                last = last.min(room / slope);
            }
        }
    }
    let at = |part: f64| {
        let along = |axis: usize| (from[axis] + (to[axis] - from[axis]) * part).clamp(0.0, limit[axis] - 1e-6);
        [along(0), along(1)]
    };
    (first <= last && limit[0] > 0.0 && limit[1] > 0.0).then(|| [at(first), at(last)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn drawn(cols: u16, rows: u16, draw: impl Fn(&mut Dots)) -> String {
        let mut dots = Dots::new(Size { cols, rows });
        draw(&mut dots);
        let braille = |cell: &Cell| char::from_u32(0x2800 + u32::from(cell.bits)).unwrap_or(' ');
        let lines = dots.cells.chunks(usize::from(cols));
        lines
            .map(|row| row.iter().map(braille).collect::<String>() + "\n")
            .collect()
    }

    #[test]
    fn strokes_look_as_they_are_called() {
        let across = |stroke| drawn(3, 1, |dots| dots.line([0.0, 1.0], [5.0, 1.0], 1, stroke));
        assert_eq!(across(Stroke::Thin), "⠒⠒⠒\n");
        assert_eq!(across(Stroke::Thick), "⠶⠶⠶\n");
        assert_eq!(across(Stroke::Dotted), "⠂⠐⠀\n");
        let down = drawn(1, 2, |dots| dots.line([0.0, -9.0], [0.0, 99.0], 1, Stroke::Thin));
        assert_eq!(down, "⡇\n⡇\n");
        assert_eq!(drawn(4, 2, |dots| dots.ring([4.0, 4.0], 3.0, 1)), "⠀⠂⠐⠀\n⠈⠄⠠⠈\n");
    }

    #[test]
    fn the_highest_layer_keeps_its_cell() {
        let mut dots = Dots::new(Size { cols: 1, rows: 1 });
        dots.line([0.0, 0.0], [1.0, 0.0], 5, Stroke::Thin);
        dots.line([0.0, 0.0], [0.0, 3.0], 2, Stroke::Thin);
        assert_eq!((dots.cells[0].layer, dots.lit(), dots.all()), (5, 5, 8));
    }

    proptest! {
        #[test]
        fn no_line_leaves_the_grid(
            cols in 0_u16..40, rows in 0_u16..20,
            from in (-1e9_f64..1e9, -1e9_f64..1e9), to in (-200.0_f64..200.0, -200.0_f64..200.0),
        ) {
            let mut dots = Dots::new(Size { cols, rows });
            for stroke in [Stroke::Thin, Stroke::Thick, Stroke::Dotted] {
                dots.line([from.0, from.1], [to.0, to.1], 1, stroke);
                dots.line([to.0, to.1], [to.1, to.0], 1, stroke);
            }
            dots.ring([to.0, to.1], from.0.abs() % 300.0, 1);
            prop_assert!(dots.lit() <= dots.all());
        }
    }
}
