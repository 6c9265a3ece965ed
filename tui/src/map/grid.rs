//! Lines of one degree of detail, cut into short pieces and sorted by class and cell, so that what a view shows lies
//! in a few unbroken runs. Knows neither names nor dots.

use super::camera::METRES_PER_E7;
use super::streets::Class;

/// The side of a cell that suits streets, in 1e-7 degrees: about 550 m.
const CELL_E7: i64 = 50_000;
/// Cells along a side at most; a large area has larger cells.
const CELLS_MAX: i64 = 192;

/// A short run of points with its box.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    /// West, south, east, north in 1e-7 degrees.
    pub(super) bounds: [i32; 4],
    /// Its first point.
    pub(super) first: u32,
    /// How many points it has, at least 2.
    pub(super) count: u32,
    /// Its name: place in the list of names and 1 more; 0 without a name.
    pub(super) name: u32,
}

/// A box in 1e-7 degrees: west, south, east, north.
pub(super) type Bounds = [i64; 4];

/// A line on its way into a grid: class, name and points as longitude and latitude.
pub(super) struct Line<'a> {
    pub(super) class: Class,
    pub(super) name: u32,
    pub(super) points: &'a [[i32; 2]],
}

/// The pieces of all lines.
#[derive(Debug, Clone, Default)]
pub(super) struct Grid {
    points: Vec<[i32; 2]>,
    pieces: Vec<Piece>,
    /// Metres of the pieces before this one; one more than there are pieces.
    metres: Vec<u32>,
    /// Where the pieces of a class and cell begin: classes outside, then rows, then columns; one more at the end.
    starts: Vec<u32>,
    origin: [i64; 2],
    cell: i64,
    cols: i64,
    rows: i64,
}

impl Grid {
    /// Sorts lines into a grid over the box.
    pub(super) fn new<'a>(bounds: Bounds, lines: impl Iterator<Item = Line<'a>>) -> Self {
        let [west, south, east, north] = bounds;
        let widest = (east - west).max(north - south).max(1);
        let cell = CELL_E7.max(widest / CELLS_MAX + 1);
        let mut grid = Self {
            origin: [west, south],
            cell,
            cols: (east - west) / cell + 1,
            rows: (north - south) / cell + 1,
            ..Self::default()
        };
        let mut loose = Vec::new();
        for line in lines {
            grid.cut(&line, &mut loose);
        }
        loose.sort_by_key(|(slot, _)| *slot);
        grid.fill(&loose);
        grid
    }

    /// Cuts a line into pieces whose boxes are no larger than a cell, except where one step alone is.
    fn cut(&mut self, line: &Line<'_>, loose: &mut Vec<(usize, Piece)>) {
        let mut from = 0;
        while from + 1 < line.points.len() {
            let mut bounds = around(line.points[from], line.points[from + 1]);
            let mut to = from + 2;
            while let Some(next) = line.points.get(to) {
                let larger = wider(bounds, *next);
                if i64::from(larger[2]) - i64::from(larger[0]) > self.cell
                    || i64::from(larger[3]) - i64::from(larger[1]) > self.cell
                {
                    break;
                }
                bounds = larger;
                to += 1;
            }
            let first = self.points.len() as u32;
            self.points.extend_from_slice(&line.points[from..to]);
            let piece = Piece {
                bounds,
                first,
                count: (to - from) as u32,
                name: line.name,
            };
            loose.push((self.slot(line.class, bounds), piece));
            from = to - 1;
        }
    }

    /// The class and cell of a piece: that of its middle.
    fn slot(&self, class: Class, bounds: [i32; 4]) -> usize {
        let middle = |axis: usize| i64::midpoint(i64::from(bounds[axis]), i64::from(bounds[axis + 2]));
        let col = ((middle(0) - self.origin[0]) / self.cell).clamp(0, self.cols - 1);
        let row = ((middle(1) - self.origin[1]) / self.cell).clamp(0, self.rows - 1);
        self.start(class, row, col)
    }

    fn start(&self, class: Class, row: i64, col: i64) -> usize {
        ((class as i64 * self.rows + row) * self.cols + col) as usize
    }

    fn fill(&mut self, sorted: &[(usize, Piece)]) {
        let slots = Class::ALL.len() * (self.rows * self.cols) as usize;
        self.starts = vec![0; slots + 1];
        for (slot, _) in sorted {
            self.starts[slot + 1] += 1;
        }
        for slot in 0..slots {
            self.starts[slot + 1] += self.starts[slot];
        }
        self.pieces = sorted.iter().map(|(_, piece)| *piece).collect();
        let mut sum = 0.0;
        self.metres = vec![0];
        for piece in &self.pieces {
            sum += length_m(self.points_of(piece));
            self.metres.push(sum as u32);
        }
    }

    /// The points of a piece.
    pub(super) fn points_of(&self, piece: &Piece) -> &[[i32; 2]] {
        let first = piece.first as usize;
        &self.points[first..first + piece.count as usize]
    }

    /// Runs of pieces of a class that may touch the box.
    fn runs(&self, class: Class, bounds: Bounds) -> impl Iterator<Item = std::ops::Range<usize>> {
        // A piece is kept in the cell of its middle, and reaches at most half a cell beyond it.
        let reach = self.cell / 2 + 1;
        let cell = |value: i64, axis: usize| (value - self.origin[axis]).div_euclid(self.cell);
        let (first, last) = (
            cell(bounds[0] - reach, 0).max(0),
            cell(bounds[2] + reach, 0).min(self.cols - 1),
        );
        let (low, high) = (
            cell(bounds[1] - reach, 1).max(0),
            cell(bounds[3] + reach, 1).min(self.rows - 1),
        );
        let high = if first > last || self.starts.is_empty() {
            low - 1
        } else {
            high
        };
        (low..=high).map(move |row| {
            let from = self.starts[self.start(class, row, first)];
            let to = self.starts[self.start(class, row, last) + 1];
            from as usize..to as usize
        })
    }

    /// The pieces of a class whose boxes touch the given one.
    pub(super) fn pieces(&self, class: Class, bounds: Bounds) -> impl Iterator<Item = &Piece> {
        let touches = move |piece: &&Piece| {
            let [west, south, east, north] = piece.bounds.map(i64::from);
            west <= bounds[2] && east >= bounds[0] && south <= bounds[3] && north >= bounds[1]
        };
        self.runs(class, bounds)
            .flat_map(|run| &self.pieces[run])
            .filter(touches)
    }

    /// About how many metres of a class the box holds: never less than what it shows.
    pub(super) fn metres(&self, class: Class, bounds: Bounds) -> u64 {
        self.runs(class, bounds)
            .map(|run| u64::from(self.metres[run.end] - self.metres[run.start]))
            .sum()
    }
}

/// Adds a point wherever a step is longer than a cell can be, so that no piece outgrows its cell.
pub(super) fn with_short_steps(points: &[[i32; 2]], longest: i64, out: &mut Vec<[i32; 2]>) {
    out.clear();
    for pair in points.windows(2) {
        let [from, to] = [pair[0].map(i64::from), pair[1].map(i64::from)];
        let (east, north) = (to[0] - from[0], to[1] - from[1]);
        let parts = east.abs().max(north.abs()) / longest + 1;
        let along = |part: i64| {
            [
                (from[0] + east * part / parts) as i32,
                (from[1] + north * part / parts) as i32,
            ]
        };
        out.extend((0..parts).map(along));
    }
    out.extend(points.last());
}

/// The longest step of a grid over the box.
pub(super) fn longest_step(bounds: Bounds) -> i64 {
    let widest = (bounds[2] - bounds[0]).max(bounds[3] - bounds[1]).max(1);
    CELL_E7.max(widest / CELLS_MAX + 1)
}

/// Leaves out points that lie within `tolerance_m` of the line without them (Douglas and Peucker).
pub(super) fn simplified(points: &[[i32; 2]], tolerance_m: f64, kept: &mut Vec<[i32; 2]>) {
    kept.clear();
    let Some((first, last)) = points.first().zip(points.last()) else {
        return;
    };
    let cosine = (f64::from(first[1]) / 1e7).to_radians().cos();
    let metres = |at: [i32; 2]| {
        let east = (i64::from(at[0]) - i64::from(first[0])) as f64 * cosine;
        [
            east * METRES_PER_E7,
            (i64::from(at[1]) - i64::from(first[1])) as f64 * METRES_PER_E7,
        ]
    };
    kept.push(*first);
    let mut open = vec![(0, points.len() - 1)];
    while let Some((from, to)) = open.pop() {
        let farthest = (from + 1..to)
            .map(|at| {
                (
                    off_line(metres(points[at]), metres(points[from]), metres(points[to])),
                    at,
                )
            })
            .max_by(|one, other| one.0.total_cmp(&other.0));
        match farthest {
            Some((off, at)) if off > tolerance_m => open.extend([(at, to), (from, at)]),
            _ => kept.push(points[to]),
        }
    }
    // A ring that shrinks to its first point is nothing to draw; the smallest keeps its ends all the same.
    if kept.len() == 1 {
        kept.push(*last);
    }
}

/// How far a place lies from a line between two others, all in metres.
fn off_line(at: [f64; 2], from: [f64; 2], to: [f64; 2]) -> f64 {
    let (east, north) = (to[0] - from[0], to[1] - from[1]);
    let length = east.hypot(north);
    let (x, y) = (at[0] - from[0], at[1] - from[1]);
    if length < 1e-9 {
        return x.hypot(y);
    }
    let along = ((x * east + y * north) / (length * length)).clamp(0.0, 1.0);
    (x - east * along).hypot(y - north * along)
}

fn length_m(points: &[[i32; 2]]) -> f64 {
    let step = |pair: &[[i32; 2]]| {
        let cosine = (f64::from(pair[0][1]) / 1e7).to_radians().cos();
        let east = (i64::from(pair[1][0]) - i64::from(pair[0][0])) as f64 * cosine;
        east.hypot((i64::from(pair[1][1]) - i64::from(pair[0][1])) as f64) * METRES_PER_E7
    };
    points.windows(2).map(step).sum()
}

fn around(one: [i32; 2], other: [i32; 2]) -> [i32; 4] {
    wider([one[0], one[1], one[0], one[1]], other)
}

fn wider(bounds: [i32; 4], point: [i32; 2]) -> [i32; 4] {
    [
        bounds[0].min(point[0]),
        bounds[1].min(point[1]),
        bounds[2].max(point[0]),
        bounds[3].max(point[1]),
    ]
}
