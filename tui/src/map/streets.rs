//! The streets of an area: lines by class with their names, as drawn and simplified. Knows no camera and no file.

use super::geojson;
use super::grid::{self, Bounds, Grid, Line};
use crate::table::clean;
use doorstep_domain::place::Point;
use doorstep_domain::words::Lang;
use std::collections::HashMap;

/// Segments of an area at most: about what a large city and its surroundings have.
pub(super) const SEGMENTS_MAX: usize = 3_000_000;
/// Characters of a name at most; the rest is cut off.
const NAME_CHARS_MAX: usize = 60;
/// How far a simplified line may lie from the true one, in metres; the first is the line as given.
const TOLERANCES_M: [f64; 4] = [0.0, 2.0, 8.0, 32.0];

/// How important a street is. The order is that of drawing: what comes first is drawn first and dropped last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Motorways and trunk roads.
    Motorway,
    /// Main roads.
    Primary,
    /// Roads between towns.
    Secondary,
    /// Roads between quarters.
    Tertiary,
    /// Streets where people live.
    Residential,
    /// Yards, service ways and field tracks.
    Service,
    /// Footpaths, steps, tracks for bicycles.
    Path,
}

impl Class {
    /// All classes, the most important first.
    pub const ALL: [Self; 7] = [
        Self::Motorway,
        Self::Primary,
        Self::Secondary,
        Self::Tertiary,
        Self::Residential,
        Self::Service,
        Self::Path,
    ];

    /// The class of a value of OpenStreetMap's `highway`. `None` for what is no way to go: bus stops, building sites.
    pub fn of_highway(value: &str) -> Option<Self> {
        Some(match value.strip_suffix("_link").unwrap_or(value) {
            "motorway" | "trunk" => Self::Motorway,
            "primary" => Self::Primary,
            "secondary" => Self::Secondary,
            "tertiary" => Self::Tertiary,
            "residential" | "unclassified" | "living_street" | "road" => Self::Residential,
            "service" | "track" | "busway" => Self::Service,
            "path" | "footway" | "pedestrian" | "cycleway" | "steps" | "bridleway" | "corridor" => Self::Path,
            _ => return None,
        })
    }
}

/// A street as it is handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Street {
    /// How important it is.
    pub class: Class,
    /// Its name in English, or the only one it has; may be empty.
    pub english: String,
    /// Its name in Chinese; may be empty.
    pub chinese: String,
    /// Where it runs; fewer than two points draw nothing.
    pub points: Vec<Point>,
}

/// Why streets cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StreetsError {
    /// The text is no GeoJSON.
    #[error("line {line}, column {column}: {reason}; export the roads anew as a GeoJSON FeatureCollection")]
    Syntax {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong.
        reason: String,
    },
    /// A place is none on earth.
    #[error("feature {feature}: a place is outside the earth; GeoJSON wants longitude, latitude in degrees of WGS-84")]
    Place {
        /// The feature, from 1.
        feature: usize,
    },
    /// There is more than can be drawn quickly.
    #[error("feature {feature}: more than {SEGMENTS_MAX} segments; cut the extract to the area that is visited")]
    TooMany {
        /// The feature, from 1.
        feature: usize,
    },
    /// There is nothing to draw.
    #[error("no line has a `highway` that is a street; export lines with that property, for example with osmium")]
    Nothing,
}

impl StreetsError {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "streets-syntax",
            Self::Place { .. } => "streets-place",
            Self::TooMany { .. } => "streets-too-many",
            Self::Nothing => "streets-nothing",
        }
    }

    /// What to say to a person, with what to do next.
    pub fn sentence(&self, lang: Lang) -> String {
        match (lang, self) {
            (Lang::En, _) => self.to_string(),
            (Lang::Zh, Self::Syntax { line, column, reason }) => {
                format!("第 {line} 行第 {column} 列：{reason}；请重新导出道路，格式为 GeoJSON FeatureCollection")
            }
            (Lang::Zh, Self::Place { feature }) => {
                format!("第 {feature} 个要素：坐标超出范围；GeoJSON 要求 WGS-84 的经度、纬度")
            }
            (Lang::Zh, Self::TooMany { feature }) => {
                format!("第 {feature} 个要素：超过 {SEGMENTS_MAX} 段；请将数据裁剪到外访区域")
            }
            (Lang::Zh, Self::Nothing) => {
                "没有带 `highway` 属性的道路线；请导出带该属性的线，例如使用 osmium".to_owned()
            }
        }
    }
}

/// The names of a street; English stands for any language but Chinese.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Name {
    english: String,
    chinese: String,
}

/// The streets of an area, ready to be drawn.
#[derive(Debug, Clone, Default)]
pub struct Streets {
    names: Vec<Name>,
    levels: [Grid; 4],
    segments: usize,
    bounds: Option<Bounds>,
    credited: bool,
}

impl Streets {
    /// Streets from the text of a GeoJSON `FeatureCollection` of lines with `highway`, `name`, `name:en` and `name:zh`, as
    /// osmium and ogr2ogr export them. Such data is OpenStreetMap's and is credited on the map.
    pub fn from_geojson(text: &str) -> Result<Self, StreetsError> {
        let mut builder = Builder::default();
        geojson::read(text, &mut builder)?;
        if builder.lines.is_empty() {
            return Err(StreetsError::Nothing);
        }
        Ok(Self {
            credited: true,
            ..builder.finish()
        })
    }

    /// Streets from lines, as a made-up town has them. What exceeds the limit is left out.
    pub fn from_streets<'a>(streets: impl IntoIterator<Item = &'a Street>) -> Self {
        let mut builder = Builder::default();
        let mut points = Vec::new();
        for street in streets {
            points.clear();
            points.extend(street.points.iter().map(|at| [at.lon_e7() as i32, at.lat_e7() as i32]));
            if builder.segments + points.len() > SEGMENTS_MAX {
                break;
            }
            let name = builder.name(&street.english, &street.chinese);
            builder.line(street.class, name, &points);
        }
        builder.finish()
    }

    /// How many segments there are.
    pub fn segments(&self) -> usize {
        self.segments
    }

    /// Whether the map must name OpenStreetMap.
    pub fn credited(&self) -> bool {
        self.credited
    }

    /// The south-west and north-east corners. `None` without streets.
    pub fn corners(&self) -> Option<[Point; 2]> {
        let [west, south, east, north] = self.bounds?;
        Some([super::camera::point(south, west), super::camera::point(north, east)])
    }

    /// The lines that suit a scale: no coarser than a dot.
    pub(super) fn level(&self, m_per_dot: u32) -> &Grid {
        &self.levels[match m_per_dot {
            0..=3 => 0,
            4..=8 => 1,
            9..=32 => 2,
            _ => 3,
        }]
    }

    /// A name by the number that pieces carry.
    pub(super) fn name(&self, number: u32, lang: Lang) -> Option<&str> {
        let name = self.names.get((number as usize).checked_sub(1)?)?;
        let order = match lang {
            Lang::En => [&name.english, &name.chinese],
            Lang::Zh => [&name.chinese, &name.english],
        };
        order.into_iter().find(|text| !text.is_empty()).map(String::as_str)
    }

    /// How many names there are.
    pub(super) fn names(&self) -> usize {
        self.names.len()
    }
}

/// Collects lines.
#[derive(Default)]
pub(super) struct Builder {
    names: Vec<Name>,
    known: HashMap<Name, u32>,
    points: Vec<[i32; 2]>,
    lines: Vec<(Class, u32, std::ops::Range<usize>)>,
    pub(super) segments: usize,
    bounds: Option<Bounds>,
}

impl Builder {
    /// The number of a name; 0 where both are empty. What could move a cursor is taken out.
    pub(super) fn name(&mut self, english: &str, chinese: &str) -> u32 {
        let tidy = |text: &str| clean(text).trim().chars().take(NAME_CHARS_MAX).collect::<String>();
        let name = Name {
            english: tidy(english),
            chinese: tidy(chinese),
        };
        if name.english.is_empty() && name.chinese.is_empty() {
            return 0;
        }
        let next = self.names.len() as u32 + 1;
        let number = *self.known.entry(name.clone()).or_insert(next);
        if number == next {
            self.names.push(name);
        }
        number
    }

    /// Adds a line of longitudes and latitudes.
    pub(super) fn line(&mut self, class: Class, name: u32, points: &[[i32; 2]]) {
        if points.len() < 2 {
            return;
        }
        let first = self.points.len();
        self.points.extend_from_slice(points);
        self.segments += points.len() - 1;
        self.lines.push((class, name, first..self.points.len()));
        for point in points {
            let [lon, lat] = point.map(i64::from);
            let [west, south, east, north] = self.bounds.unwrap_or([lon, lat, lon, lat]);
            self.bounds = Some([west.min(lon), south.min(lat), east.max(lon), north.max(lat)]);
        }
    }

    fn finish(self) -> Streets {
        let bounds = self.bounds.unwrap_or_default();
        let level = |tolerance_m: f64| {
            let lines: Vec<(Class, u32, Vec<[i32; 2]>)> = self.simplified(tolerance_m, bounds);
            let lines = lines.iter().map(|(class, name, points)| Line {
                class: *class,
                name: *name,
                points,
            });
            Grid::new(bounds, lines)
        };
        Streets {
            levels: TOLERANCES_M.map(level),
            names: self.names,
            segments: self.segments,
            bounds: self.bounds,
            credited: false,
        }
    }

    fn simplified(&self, tolerance_m: f64, bounds: Bounds) -> Vec<(Class, u32, Vec<[i32; 2]>)> {
        let longest = grid::longest_step(bounds);
        let mut fewer = Vec::new();
        let shape = |(class, name, range): &(Class, u32, std::ops::Range<usize>)| {
            let points = &self.points[range.clone()];
            let mut short = Vec::with_capacity(points.len());
            if tolerance_m > 0.0 {
                grid::simplified(points, tolerance_m, &mut fewer);
                grid::with_short_steps(&fewer, longest, &mut short);
            } else {
                grid::with_short_steps(points, longest, &mut short);
            }
            (*class, *name, short)
        };
        self.lines.iter().map(shape).collect()
    }
}
