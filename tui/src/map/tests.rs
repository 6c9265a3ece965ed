//! The whole map over a made-up town: golden pictures, no label over another, little ink, any size and place.

use super::camera::point;
use super::dots::Dots;
use super::town::{TownPlan, town};
use super::*;
use doorstep_domain::place::Point;
use doorstep_domain::words::Lang;
use proptest::prelude::*;
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use std::sync::{Arc, OnceLock};

const NAMES: [(&str, &str); 6] = [
    ("Mill Lane", "磨坊巷"),
    ("Orchard Street", "果园街"),
    ("Bridge Street", "石桥街"),
    ("Harbour Road", "码头路"),
    ("Station Road", "车站路"),
    ("Garden Row", "花园里"),
];

fn centre() -> Point {
    point(300_500_000, 1_199_500_000)
}

fn streets() -> Arc<Streets> {
    static STREETS: OnceLock<Arc<Streets>> = OnceLock::new();
    let build = || {
        let plan = TownPlan {
            centre: centre(),
            block_e7: 32_000,
            main: &[],
            names: &NAMES,
            segments: 12_000,
            seed: 1,
        };
        Arc::new(Streets::from_streets(&town(&plan)))
    };
    STREETS.get_or_init(build).clone()
}

fn at(north: i64, east: i64) -> Point {
    point(300_500_000 + north, 1_199_500_000 + east)
}

fn stop(number: u32, place: Point, state: StopState) -> Stop {
    Stop { place, number, state }
}

fn stops() -> Vec<Stop> {
    vec![
        stop(5, at(-9_000, -25_000), StopState::Done),
        stop(6, at(2_000, -12_000), StopState::Done),
        stop(7, at(6_000, 0), StopState::Ahead),
        stop(8, at(6_200, 900), StopState::Ahead),
        stop(9, at(-8_000, 12_000), StopState::Flagged),
        stop(11, at(15_000, 20_000), StopState::Blocked),
    ]
}

fn people() -> [Person<'static>; 3] {
    let person = |place, name, state| Person { place, name, state };
    [
        person(at(-12_000, -15_000), "", PersonState::Me { accuracy_m: 60 }),
        person(at(8_000, 12_000), "周敏", PersonState::Overdue),
        person(at(-18_000, -30_000), "Nowak", PersonState::Silent),
    ]
}

fn drawn(size: [u16; 2], camera: Camera, theme: &MapTheme, lang: Lang) -> String {
    let area = Rect::new(0, 0, size[0], size[1]);
    let mut buffer = Buffer::empty(area);
    let (stops, mut pane) = (stops(), MapPane::new(streets(), camera));
    let legs = legs_between(None, &stops);
    let scene = Scene {
        stops: &stops,
        chosen: Some(2),
        legs: &legs,
        people: &people(),
        lang,
    };
    pane.render(&scene, area, &mut buffer, theme);
    text(&buffer)
}

/// The characters of a buffer; the second cell of a wide one is left out.
fn text(buffer: &Buffer) -> String {
    let mut lines = String::new();
    for row in buffer.content.chunks(usize::from(buffer.area.width)) {
        let mut skip = 0;
        for cell in row {
            if skip == 0 {
                lines.push_str(cell.symbol());
                skip = crate::table::width(cell.symbol()).max(1);
            }
            skip -= 1;
        }
        lines.truncate(lines.trim_end_matches(' ').len());
        lines.push('\n');
    }
    lines
}

/// The pictures as they should be. After a wanted change: `DOORSTEP_BLESS=1 cargo test -p doorstep --lib golden`.
#[test]
fn the_town_looks_like_its_golden_pictures() {
    let near = Camera::new(centre(), 6);
    let plain = MapTheme::one_colour().ascii().low_data();
    let pictures = [
        drawn([46, 16], near, &MapTheme::sixteen(), Lang::En),
        drawn([60, 14], near.zoomed_out(), &MapTheme::sixteen(), Lang::Zh),
        drawn([46, 16], near, &plain, Lang::En),
    ];
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/map/golden.txt");
    let drawn = pictures.join("\n----\n\n");
    if std::env::var_os("DOORSTEP_BLESS").is_some() {
        std::fs::write(file, &drawn).unwrap();
    }
    assert_eq!(drawn, include_str!("golden.txt"));
    assert!(
        pictures[2]
            .chars()
            .all(|symbol| symbol.is_ascii() || "周敏".contains(symbol))
    );
}

/// Lets a pane draw and hands out the buffer.
fn picture(pane: &mut MapPane, scene: &Scene<'_>, area: Rect, theme: &MapTheme) -> Buffer {
    let mut buffer = Buffer::empty(area);
    pane.render(scene, area, &mut buffer, theme);
    buffer
}

const NOBODY: Scene<'static> = Scene {
    stops: &[],
    chosen: None,
    legs: &[],
    people: &[],
    lang: Lang::En,
};

#[test]
fn a_kept_picture_is_the_same_and_a_pan_there_and_back_too() {
    let area = Rect::new(0, 0, 80, 24);
    let theme = MapTheme::sixteen();
    let mut pane = MapPane::new(streets(), Camera::new(centre(), 12));
    let first = picture(&mut pane, &NOBODY, area, &theme);
    assert_eq!(picture(&mut pane, &NOBODY, area, &theme), first);
    // Without names every cell moves alike; a name is put where there is room.
    let theme = theme.low_data();
    let first = picture(&mut pane, &NOBODY, area, &theme);
    pane.camera = pane.camera.panned(Pan::East, MapPane::size(area));
    assert_ne!(picture(&mut pane, &NOBODY, area, &theme), first);
    pane.camera = pane.camera.panned(Pan::West, MapPane::size(area));
    assert_eq!(picture(&mut pane, &NOBODY, area, &theme), first);
}

#[test]
fn every_look_keeps_to_its_ink_and_shows_something() {
    for (cols, rows) in [(36, 18), (80, 24), (120, 40), (200, 60)] {
        let size = Size { cols, rows };
        let mut before = None;
        for m_per_dot in STEPS_M {
            let mut camera = Camera::new(centre(), m_per_dot);
            for _ in 0..4 {
                let mut dots = Dots::new(size);
                let choice = lod::paint(&streets(), camera, size, before, &mut dots);
                before = Some(choice);
                let percent = dots.lit() * 100 / dots.all();
                assert!(
                    percent <= lod::INK_PERCENT,
                    "{cols}x{rows} at {m_per_dot} m: {percent} %"
                );
                assert!(dots.lit() > 0, "{cols}x{rows} at {m_per_dot} m is empty");
                camera = camera.moved(7, -2);
            }
        }
    }
}

#[test]
fn a_class_that_was_left_out_does_not_blink() {
    let size = Size { cols: 120, rows: 40 };
    let mut dots = Dots::new(size);
    let camera = Camera::new(centre(), 12);
    let free = lod::paint(&streets(), camera, size, None, &mut dots);
    let mut again = Dots::new(size);
    assert_eq!(lod::paint(&streets(), camera, size, Some(free), &mut again), free);
    assert_eq!(again, dots);
}

#[test]
fn a_click_finds_the_nearest_stop_and_then_the_next_one_there() {
    let (stops, camera) = (stops(), Camera::new(centre(), 6));
    let (area, theme) = (Rect::new(10, 2, 46, 16), MapTheme::sixteen());
    let mut scene = Scene {
        stops: &stops,
        ..NOBODY
    };
    let mut pane = MapPane::new(streets(), camera);
    let shown = picture(&mut pane, &scene, area, &theme);
    let mark = text(&shown);
    assert!(mark.contains("07+1"), "{mark}");
    let [col, row] = camera.cell_of(stops[2].place, MapPane::size(area)).unwrap();
    let (column, row) = (area.x + col, area.y + row);
    assert_eq!(pane.pick(&scene, area, column, row), Some(2));
    scene.chosen = Some(2);
    let twin = [stops[2], stop(8, stops[2].place, StopState::Ahead)];
    scene.stops = &twin;
    scene.chosen = Some(0);
    assert_eq!(pane.pick(&scene, area, column, row), Some(1));
    assert_eq!(pane.pick(&scene, area, column + 20, row + 8), None);
    assert_eq!(pane.pick(&scene, area, 0, 0), None);
    let place = pane.place_at(area, column, row).unwrap();
    assert!(distance_m(place, stops[2].place) < 24);
}

#[test]
fn signs_say_what_colours_say() {
    let shown = drawn([46, 16], Camera::new(centre(), 6), &MapTheme::one_colour(), Lang::En);
    for sign in ["[07]", "x11", "!09", "!周敏", "@", "05"] {
        assert!(shown.contains(sign), "{sign}\n{shown}");
    }
    let far = drawn([46, 16], Camera::new(centre(), 12), &MapTheme::one_colour(), Lang::En);
    assert!(far.contains("~Nowak"), "{far}");
    let theme = MapTheme::one_colour();
    assert!(
        Part::ALL
            .iter()
            .all(|part| theme.style(*part).fg == Some(ratatui_core::style::Color::Reset))
    );
    let low = MapTheme::sixteen().low_data();
    assert_eq!(low.style(Part::Motorway), low.style(Part::Path));
    assert_ne!(low.style(Part::RouteAhead), low.style(Part::Path));
}

#[test]
fn a_blocked_stop_is_passed_over_and_the_past_is_dotted() {
    let stops = stops();
    let parts: Vec<LegPart> = legs_between(Some(centre()), &stops)
        .iter()
        .map(|leg| leg.part)
        .collect();
    let (done, ahead) = (LegPart::Done, LegPart::Ahead);
    assert_eq!(parts, [done, done, ahead, ahead, ahead]);
    assert_eq!(legs_between(None, &stops).len(), 4);
    assert!(legs_between(None, &stops[..1]).is_empty());
}

#[test]
fn a_town_grows_round_its_main_streets() {
    let main = Street {
        class: Class::Primary,
        english: "Mill Lane".to_owned(),
        chinese: "磨坊巷".to_owned(),
        points: vec![at(0, -96_000), at(0, 96_000)],
    };
    let plan = TownPlan {
        centre: centre(),
        block_e7: 32_000,
        main: std::slice::from_ref(&main),
        names: &NAMES,
        segments: 3_000,
        seed: 4,
    };
    let lines = town(&plan);
    assert_eq!(lines[0], main);
    assert_eq!(lines, town(&plan));
    let segments = Streets::from_streets(&lines).segments();
    assert!((3_000..3_100).contains(&segments), "{segments}");
    // Where a main street is given, nothing else runs.
    let doubled = lines[1..].iter().filter(|line| {
        line.points
            .iter()
            .all(|point| point.lat_e7() == main.points[0].lat_e7())
    });
    let inside = doubled.filter(|line| {
        line.points
            .iter()
            .all(|point| (point.lon_e7() - 1_199_500_000).abs() <= 96_000)
    });
    assert_eq!(inside.count(), 0);
    assert_ne!(lines, town(&TownPlan { seed: 5, ..plan }));
}

#[test]
fn osm_is_credited_where_its_data_is_shown() {
    let text = r#"{"features":[{"properties":{"highway":"primary","name":"A"},
        "geometry":{"type":"LineString","coordinates":[[119.94,30.05],[119.96,30.05]]}}]}"#;
    let streets = Arc::new(Streets::from_geojson(text).unwrap());
    let mut pane = MapPane::new(streets, Camera::new(centre(), 6));
    for (cols, credit) in [(60, "OpenStreetMap contributors"), (20, "OpenStreetMap"), (8, "OSM")] {
        let shown = text_of(&mut pane, Rect::new(0, 0, cols, 8));
        assert!(shown.contains(credit), "{shown}");
    }
    assert!(!drawn([60, 8], Camera::new(centre(), 6), &MapTheme::sixteen(), Lang::En).contains("OpenStreetMap"));
}

fn text_of(pane: &mut MapPane, area: Rect) -> String {
    text(&picture(pane, &NOBODY, area, &MapTheme::sixteen()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, rng_seed: proptest::test_runner::RngSeed::Fixed(7), ..ProptestConfig::default() })]

    #[test]
    fn no_label_covers_another(
        places in proptest::collection::vec((-60_000_i64..60_000, -60_000_i64..60_000, 0_u8..4, 0_u32..200), 0..40),
        chosen in 0_usize..40, step in 0_usize..4, cols in 1_u16..140, rows in 1_u16..50,
    ) {
        let states = [StopState::Ahead, StopState::Done, StopState::Blocked, StopState::Flagged];
        let stops: Vec<Stop> = places
            .iter()
            .map(|(north, east, state, number)| stop(*number, at(*north, *east), states[usize::from(*state)]))
            .collect();
        let (size, camera) = (Size { cols, rows }, Camera::new(centre(), STEPS_M[step]));
        let people = people();
        let scene = Scene { stops: &stops, chosen: Some(chosen), people: &people, lang: Lang::Zh, ..NOBODY };
        let streets = streets();
        let mut dots = Dots::new(size);
        let choice = lod::paint(&streets, camera, size, None, &mut dots);
        let mut anchors = street_names::Anchors::default();
        let marks = marks::Marks {
            scene: &scene,
            streets: &streets,
            anchors: anchors.find(&streets, camera, size, choice),
            camera,
            size,
        };
        let labels = marks.place(true, &mut marks::Memory::default());
        let mut used = std::collections::BTreeSet::new();
        for label in labels.placed() {
            let end = usize::from(label.cell[0]) + crate::table::width(&label.text);
            prop_assert!(end <= usize::from(cols) && label.cell[1] < rows, "{label:?} leaves the pane");
            for col in usize::from(label.cell[0])..end {
                prop_assert!(used.insert((col, label.cell[1])), "{label:?} covers another");
            }
        }
    }

    #[test]
    fn any_size_and_place_can_be_drawn(
        cols in 1_u16..300, rows in 1_u16..100, step in 0_usize..7,
        lat in proptest::sample::select(vec![-900_000_000_i64, -899_999_999, 0, 300_500_000, 899_000_000, 900_000_000]),
        lon in proptest::sample::select(vec![-1_800_000_000_i64, -1_799_999_999, 0, 1_199_500_000, 1_799_999_990, 1_800_000_000]),
        moves in proptest::collection::vec((-300_i32..300, -300_i32..300), 0..3),
    ) {
        let area = Rect::new(3, 2, cols, rows);
        let mut buffer = Buffer::empty(Rect::new(0, 0, cols, rows + 2));
        let (stops, people) = (stops(), people());
        let legs = legs_between(Some(centre()), &stops);
        let scene = Scene { stops: &stops, chosen: Some(9), legs: &legs, people: &people, lang: Lang::Zh };
        let mut pane = MapPane::new(streets(), Camera::new(point(lat, lon), STEPS_M[step]));
        for (east, south) in moves {
            pane.camera = pane.camera.moved(east, south);
            pane.render(&scene, area, &mut buffer, &MapTheme::one_colour().ascii());
            let _ = pane.pick(&scene, area, 3, 2);
        }
    }
}
