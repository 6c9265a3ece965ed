//! A made-up town for demo, tests and measurements: blocks with lanes and paths between main streets that are given, and
//! a river with few bridges. Pure: the same plan gives the same town. No such place exists.

use super::camera::point;
use super::streets::{Class, Street};
use doorstep_domain::place::Point;

/// Column of blocks through which the river runs, on average.
const RIVER_COLUMN: f64 = 6.0;
/// How far the river swings, in blocks.
const RIVER_SWING: f64 = 2.0;
/// Blocks round the centre whose corners stand in straight rows, so that they meet the main streets.
const STRAIGHT_BLOCKS: i64 = 4;
/// How far corners outside wander, as a part of a block.
const WANDER: f64 = 0.22;

/// What town is wanted.
#[derive(Debug, Clone, Copy)]
pub struct TownPlan<'a> {
    /// Its middle.
    pub centre: Point,
    /// The side of a block in 1e-7 degrees of latitude and longitude.
    pub block_e7: i64,
    /// Streets that are there already, taken as they are.
    pub main: &'a [Street],
    /// Names for the streets around, English and Chinese; without any they have no names.
    pub names: &'a [(&'a str, &'a str)],
    /// About how many segments the town has; it grows from the centre until there are as many.
    pub segments: usize,
    /// What its wiggles follow from.
    pub seed: u64,
}

/// Makes the town; the main streets come first.
pub fn town(plan: &TownPlan<'_>) -> Vec<Street> {
    let mut builder = Builder {
        plan,
        dice: plan.seed,
        streets: plan.main.to_vec(),
        segments: plan
            .main
            .iter()
            .map(|street| street.points.len().saturating_sub(1))
            .sum(),
    };
    let mut ring = 0;
    while builder.segments < plan.segments {
        for (col, row) in ring_of(ring) {
            builder.block(col, row);
            if builder.segments >= plan.segments {
                break;
            }
        }
        ring += 1;
    }
    builder.streets
}

/// The blocks of a ring round the centre; the corner of block 0, 0 is the centre itself.
fn ring_of(ring: i64) -> impl Iterator<Item = (i64, i64)> {
    let side = -ring - 1..=ring;
    let on_rim = move |at: i64| at == -ring - 1 || at == ring;
    side.clone()
        .flat_map(move |row| side.clone().map(move |col| (col, row)))
        .filter(move |(col, row)| on_rim(*col) || on_rim(*row))
}

struct Builder<'a> {
    plan: &'a TownPlan<'a>,
    dice: u64,
    streets: Vec<Street>,
    segments: usize,
}

impl Builder<'_> {
    /// A number from 0 to 1 (`SplitMix64`: Steele, Lea and Flood, 2014).
    fn roll(&mut self) -> f64 {
        self.dice = self.dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.dice;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) as f64 / u64::MAX as f64
    }

    /// One block: its southern and western edges, and lanes inside; along the river only a path.
    fn block(&mut self, col: i64, row: i64) {
        let wet = (col as f64 - river(row as f64)).abs() < 0.5;
        let given = !self.plan.main.is_empty();
        let main = |line: i64, along: i64| given && line.abs() < STRAIGHT_BLOCKS && (-3..3).contains(&along);
        if !main(row, col) {
            self.edge([col, row], [col + 1, row], row, wet);
        }
        if !main(col, row) {
            self.edge([col, row], [col, row + 1], col, false);
        }
        if wet {
            let side = self.roll() * 0.2 + 0.1;
            self.run(Class::Path, None, [[col, row]; 2], [[side, 0.0], [side, 1.0]], 6, 0.08);
            return;
        }
        let lanes = 2 + (self.roll() * 3.0) as usize;
        let across = self.roll() < 0.5;
        for lane in 0..lanes {
            let at = (lane as f64 + 0.6 + self.roll() * 0.5) / (lanes as f64 + 0.7);
            let end = if self.roll() < 0.25 { 0.55 } else { 1.0 };
            let ends = if across {
                [[0.0, at], [end, at]]
            } else {
                [[at, 0.0], [at, end]]
            };
            let name = self.roll() < 0.5;
            let name = name.then(|| self.name(col * 7 + row * 13 + lane as i64));
            self.run(Class::Residential, name.flatten(), [[col, row]; 2], ends, 6, 0.03);
            let from = if across { [at, 0.5] } else { [0.5, at] };
            let to = [from[0] + self.roll() * 0.3 - 0.15, from[1] + self.roll() * 0.3 - 0.15];
            self.run(Class::Service, None, [[col, row]; 2], [from, to], 3, 0.01);
        }
        if self.roll() < 0.6 {
            let to = [1.0, self.roll()];
            self.run(Class::Path, None, [[col, row]; 2], [[0.0, 0.0], to], 6, 0.06);
        }
    }

    /// The edge of a block. Only large roads cross the river.
    fn edge(&mut self, from: [i64; 2], to: [i64; 2], line: i64, wet: bool) {
        let class = match line.rem_euclid(8) {
            0 if line != 0 && line % 24 == 0 => Class::Motorway,
            0 => Class::Primary,
            4 => Class::Secondary,
            2 | 6 => Class::Tertiary,
            _ => Class::Residential,
        };
        if wet && class > Class::Secondary {
            return;
        }
        let name = self.name(line * 2 + i64::from(from[0] == to[0]));
        self.run(class, name, [from, to], [[0.0, 0.0], [0.0, 0.0]], 4, 0.0);
    }

    fn name(&self, number: i64) -> Option<(String, String)> {
        let names = self.plan.names;
        let count = i64::try_from(names.len()).ok().filter(|count| *count > 0)?;
        let (english, chinese) = names[number.rem_euclid(count) as usize];
        Some((english.to_owned(), chinese.to_owned()))
    }

    /// A line of so many segments between places in two blocks, wiggling by a part of a block.
    fn run(
        &mut self,
        class: Class,
        name: Option<(String, String)>,
        blocks: [[i64; 2]; 2],
        ends: [[f64; 2]; 2],
        segments: usize,
        wiggle: f64,
    ) {
        let [from, to] = [place(blocks[0], ends[0]), place(blocks[1], ends[1])];
        let phase = self.roll() * std::f64::consts::TAU;
        let across = [from[1] - to[1], to[0] - from[0]];
        let length = across[0].hypot(across[1]).max(1e-9);
        let at = |step: usize| {
            let part = step as f64 / segments as f64;
            let swing = wiggle * (phase + part * 5.0).sin() * (part * std::f64::consts::PI).sin() / length;
            let along = |axis: usize| from[axis] + (to[axis] - from[axis]) * part + across[axis] * swing;
            self.point([along(0), along(1)])
        };
        let points = (0..=segments).map(at).collect();
        let (english, chinese) = name.unwrap_or_default();
        self.segments += segments;
        self.streets.push(Street {
            class,
            english,
            chinese,
            points,
        });
    }

    fn point(&self, blocks: [f64; 2]) -> Point {
        let e7 = |value: f64| (value * self.plan.block_e7 as f64).round() as i64;
        let (lat, lon) = (self.plan.centre.lat_e7(), self.plan.centre.lon_e7());
        point(lat + e7(blocks[1]), lon + e7(blocks[0]))
    }
}

/// A place in a block, in blocks from the centre: between its four wandering corners.
fn place(block: [i64; 2], part: [f64; 2]) -> [f64; 2] {
    let [x, y] = part;
    let corner = |right: i64, up: i64| wandering(block[0] + right, block[1] + up);
    let (low, low_right, high, high_right) = (corner(0, 0), corner(1, 0), corner(0, 1), corner(1, 1));
    let mix = |axis: usize| {
        let bottom = low[axis] + (low_right[axis] - low[axis]) * x;
        let top = high[axis] + (high_right[axis] - high[axis]) * x;
        bottom + (top - bottom) * y
    };
    [mix(0), mix(1)]
}

/// The river's column of blocks at a row.
fn river(row: f64) -> f64 {
    (RIVER_COLUMN + RIVER_SWING * (row / 4.0).sin()).floor()
}

/// Where a corner stands: in its row and column near the centre, wandering more and more outside.
fn wandering(col: i64, row: i64) -> [f64; 2] {
    let (x, y) = (col as f64, row as f64);
    let outside = (col.abs().max(row.abs()) - STRAIGHT_BLOCKS).clamp(0, 4) as f64 / 4.0;
    let swing = WANDER * outside;
    [
        x + swing * ((y * 0.7).sin() + (x * 0.35 + y * 0.2).cos()),
        y + swing * ((x * 0.6).sin() + (y * 0.45 - x * 0.25).cos()),
    ]
}
