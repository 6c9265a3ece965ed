//! Measures frames: lists of any length, and the day with its map. `cargo bench -p doorstep --no-default-features --bench
//! frames`. Medians of single frames; the bars are in docs/performance.md.

#![allow(clippy::print_stdout, reason = "a bench says what it measured")]
#![allow(clippy::disallowed_methods, reason = "a bench reads the clock")]

use doorstep::map::town::{TownPlan, town};
use doorstep::map::{Class, Street, Streets};
use doorstep::measure::Frames;
use doorstep_domain::place::Point;
use std::time::Instant;

/// Frames of one measurement.
const FRAMES: usize = 201;

/// Median of a frame in microseconds, and bytes of the last one.
fn median(frames: &mut Frames) -> (f64, usize) {
    frames.draw();
    let mut bytes = 0;
    let mut times: Vec<f64> = (0..FRAMES)
        .map(|_| {
            let start = Instant::now();
            bytes = frames.step();
            start.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    times.sort_by(f64::total_cmp);
    (times[FRAMES / 2], bytes)
}

fn streets(segments: usize) -> Streets {
    let Ok(centre) = Point::new(300_500_000, 1_199_500_000) else {
        return Streets::from_streets(std::iter::empty::<&Street>());
    };
    let main = [Street {
        class: Class::Secondary,
        english: "Mill Lane".to_owned(),
        chinese: "磨坊巷".to_owned(),
        points: vec![centre],
    }];
    let plan = TownPlan {
        centre,
        block_e7: 32_000,
        main: &main,
        names: &[("Mill Lane", "磨坊巷"), ("Hill Road", "山前路")],
        segments,
        seed: 1,
    };
    Streets::from_streets(&town(&plan))
}

fn main() {
    println!("frame                         size      median    bytes");
    for rows in [1_000, 100_000, 1_000_000] {
        for (columns, height) in [(80, 24), (140, 40)] {
            let (micros, bytes) = median(&mut Frames::cases(rows, columns, height));
            println!("cases, {rows:>9} rows        {columns:>3}x{height:<3} {micros:>8.1} us {bytes:>7}");
        }
    }
    for segments in [12_000, 200_000] {
        for (columns, height) in [(80, 24), (120, 40)] {
            let mut frames = Frames::today(20, streets(segments), columns, height);
            let (micros, bytes) = median(&mut frames);
            println!("today, {segments:>7} segments      {columns:>3}x{height:<3} {micros:>8.1} us {bytes:>7}");
        }
    }
}
