//! How long a picture of the map takes: towns of 12,000 and 200,000 segments, every step of zoom, two sizes of pane, with
//! the streets kept (a cursor moves) and drawn anew (a pan). Run with `cargo bench -p doorstep --no-default-features`.

#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement reads the clock and prints what it found"
)]

use doorstep::map::town::{TownPlan, town};
use doorstep::map::{
    Camera, MapPane, MapTheme, Person, PersonState, STEPS_M, Scene, Stop, StopState, Streets, legs_between,
};
use doorstep_domain::place::Point;
use doorstep_domain::words::Lang;
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Pictures of which the median counts.
const PICTURES: usize = 41;
const NAMES: [(&str, &str); 6] = [
    ("Mill Lane", "磨坊巷"),
    ("Orchard Street", "果园街"),
    ("Bridge Street", "石桥街"),
    ("Harbour Road", "码头路"),
    ("Station Road", "车站路"),
    ("Garden Row", "花园里"),
];

fn main() {
    for segments in [12_000, 200_000] {
        let plan = TownPlan {
            centre: at(0, 0),
            block_e7: 32_000,
            main: &[],
            names: &NAMES,
            segments,
            seed: 1,
        };
        let lines = town(&plan);
        let begun = Instant::now();
        let streets = Arc::new(Streets::from_streets(&lines));
        println!("{segments} segments: {:.0} ms to take in", millis(begun.elapsed()));
        let text = geojson(&lines);
        let begun = Instant::now();
        let read = Streets::from_geojson(&text).map(|streets| streets.segments());
        let megabytes = text.len() as f64 / 1e6;
        println!(
            "  from GeoJSON of {megabytes:.0} MB: {:.0} ms, {read:?}",
            millis(begun.elapsed())
        );
        for (cols, rows) in [(80, 24), (120, 40), (200, 60)] {
            println!("  {cols}x{rows}   m/dot   kept ms   moved ms");
            for m_per_dot in STEPS_M {
                let [kept, moved] = measure(&streets, m_per_dot, Rect::new(0, 0, cols, rows));
                println!(
                    "           {m_per_dot:>5} {:>9.3} {:>10.3}",
                    millis(kept),
                    millis(moved)
                );
            }
        }
    }
}

fn measure(streets: &Arc<Streets>, m_per_dot: u32, area: Rect) -> [Duration; 2] {
    let stops: Vec<Stop> = (0..20_u32)
        .map(|number| Stop {
            place: at(
                i64::from(number * 7 % 20) * 4_000 - 40_000,
                i64::from(number * 3 % 20) * 4_000 - 40_000,
            ),
            number,
            state: if number < 8 { StopState::Done } else { StopState::Ahead },
        })
        .collect();
    let me = Person {
        place: at(0, 0),
        name: "",
        state: PersonState::Me { accuracy_m: 40 },
    };
    let names = ["Berg", "周敏", "Ito", "Khan", "Moreau", "Nowak"];
    let team = names.iter().zip(0..).map(|(name, number)| Person {
        place: at(number * 9_000 - 30_000, 20_000 - number * 8_000),
        name,
        state: PersonState::Team,
    });
    let people: Vec<Person<'_>> = std::iter::once(me).chain(team).collect();
    let legs = legs_between(None, &stops);
    let scene = |chosen: usize| Scene {
        stops: &stops,
        chosen: Some(chosen % stops.len()),
        legs: &legs,
        people: &people,
        lang: Lang::En,
    };
    let (theme, mut buffer) = (MapTheme::sixteen(), Buffer::empty(area));
    let mut pane = MapPane::new(streets.clone(), Camera::new(at(0, 0), m_per_dot));
    let mut time = |pans: i32| {
        let mut picture = |number: usize| {
            let far = (number as i32 % 8 - 4) * i32::from(area.width / 4) * pans;
            pane.camera = Camera::new(at(0, 0), m_per_dot).moved(far, far / 3);
            let begun = Instant::now();
            pane.render(black_box(&scene(number)), area, &mut buffer, &theme);
            begun.elapsed()
        };
        let mut times: Vec<Duration> = (0..PICTURES).map(&mut picture).collect();
        times.sort();
        times[PICTURES / 2]
    };
    [time(0), time(1)]
}

fn geojson(lines: &[doorstep::map::Street]) -> String {
    let feature = |street: &doorstep::map::Street| {
        let place = |point: &Point| format!("[{},{}]", point.lon_e7() as f64 / 1e7, point.lat_e7() as f64 / 1e7);
        let places: Vec<String> = street.points.iter().map(place).collect();
        format!(
            r#"{{"type":"Feature","properties":{{"highway":"residential","name":"{}"}},"geometry":{{"type":"LineString","coordinates":[{}]}}}}"#,
            street.english,
            places.join(",")
        )
    };
    let features: Vec<String> = lines.iter().map(feature).collect();
    format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","))
}

fn at(north: i64, east: i64) -> Point {
    Point::new(300_500_000 + north, 1_199_500_000 + east).unwrap_or_else(|_| unreachable!("it lies in a town"))
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
