//! The labels of a picture: stops first, then people, scale and attribution, then names of streets. Knows no dots.

use super::camera::{Camera, Size};
use super::labels::{Labels, around, shortened};
use super::scene::{Person, PersonState, Scene, Stop, StopState};
use super::street_names::Anchor;
use super::streets::Streets;
use super::style::Part;
use crate::table::{clean, width};
use crate::text::pick;
use doorstep_domain::place::Point;
use doorstep_domain::words::Lang;
use std::collections::HashMap;

/// Cells of a person's name at most.
const PERSON_CELLS: usize = 12;
/// Cells of a name that is shortened because the whole does not fit.
const SHORT_CELLS: usize = 5;
/// Cells of the pane for each name of a street: more of them would hide the streets.
const CELLS_PER_STREET_NAME: usize = 160;
/// Names of streets that are tried for each that may be placed.
const TRIES_PER_STREET_NAME: usize = 4;
/// Cells of the scale bar at most.
const SCALE_CELLS: u32 = 12;

/// Where labels stood in the last picture, so that they do not jump while the map moves.
#[derive(Debug, Clone, Default)]
pub(super) struct Memory {
    m_per_dot: u32,
    people: HashMap<String, usize>,
    streets: HashMap<u32, Point>,
}

/// What labels are made from.
pub(super) struct Marks<'a> {
    pub(super) scene: &'a Scene<'a>,
    pub(super) streets: &'a Streets,
    pub(super) anchors: &'a [Anchor],
    pub(super) camera: Camera,
    pub(super) size: Size,
}

impl Marks<'_> {
    /// Places all labels that fit; `names` says whether people beside the owner and streets get any.
    pub(super) fn place(&self, names: bool, memory: &mut Memory) -> Labels {
        if memory.m_per_dot != self.camera.m_per_dot() {
            *memory = Memory {
                m_per_dot: self.camera.m_per_dot(),
                ..Memory::default()
            };
        }
        let mut labels = Labels::new(self.size);
        self.stops(&mut labels);
        for person in self.scene.people {
            match person.state {
                PersonState::Me { .. } => self.me(person, &mut labels),
                _ => self.person(person, memory, &mut labels),
            }
        }
        self.margin(&mut labels);
        if names {
            self.street_names(memory, &mut labels);
        }
        labels
    }

    /// Stops as numbers. Those that would cover each other become one mark: the first number and how many more.
    fn stops(&self, labels: &mut Labels) {
        let mut boxes: Vec<Group> = Vec::new();
        for (index, stop) in self.scene.stops.iter().enumerate() {
            if let Some(cell) = self.camera.cell_of(stop.place, self.size) {
                boxes.push(Group::new(index, self.scene, cell, self.size));
            }
        }
        boxes.sort_by_key(|group| (group.row, group.col));
        let mut groups: Vec<Group> = Vec::new();
        for next in boxes {
            match groups.last_mut() {
                Some(last) if last.row == next.row && next.col < last.end(self.scene) => last.join(&next, self.scene),
                _ => groups.push(next),
            }
        }
        for group in groups {
            let cols = i32::from(self.size.cols);
            let (text, part) = (group.text(self.scene, true), group.part(self.scene));
            let back = (i32::from(group.col) + width(&text) as i32 - cols).max(0);
            let at = [group.col, group.row];
            if labels.put(at, &[[-back, 0]], &text, part, false).is_none() {
                // At the rim there is no room to say how many.
                labels.put(at, &[[0, 0]], &group.text(self.scene, false), part, false);
            }
        }
    }

    fn me(&self, person: &Person<'_>, labels: &mut Labels) {
        let Some(cell) = self.camera.cell_of(person.place, self.size) else {
            return;
        };
        let near = [
            [0, 0],
            [1, 0],
            [-1, 0],
            [0, -1],
            [0, 1],
            [2, 0],
            [-2, 0],
            [3, 0],
            [-3, 0],
            [4, 0],
            [-4, 0],
        ];
        labels.put(cell, &near, "@", Part::Me, false);
    }

    fn person(&self, person: &Person<'_>, memory: &mut Memory, labels: &mut Labels) {
        let Some(cell) = self.camera.cell_of(person.place, self.size) else {
            return;
        };
        let (sign, part) = match person.state {
            PersonState::Overdue => ("!", Part::Overdue),
            PersonState::Silent => ("~", Part::Silent),
            PersonState::Team | PersonState::Me { .. } => ("", Part::Team),
        };
        let name = clean(person.name);
        for cells in [PERSON_CELLS, SHORT_CELLS] {
            let text = format!("{sign}{}", shortened(&name, cells));
            let mut places = around(width(&text)).to_vec();
            let last = memory.people.get(&name).copied().unwrap_or(0).min(places.len() - 1);
            places.swap(0, last);
            if let Some(place) = labels.put(cell, &places, &text, part, false) {
                let place = if place == 0 {
                    last
                } else if place == last {
                    0
                } else {
                    place
                };
                memory.people.insert(name, place);
                return;
            }
        }
        let sign = if sign.is_empty() { "*" } else { sign };
        labels.put(cell, &[[0, 0], [1, 0], [-1, 0]], sign, part, false);
    }

    /// The scale bar and, where it must be, the name of those who drew the map.
    fn margin(&self, labels: &mut Labels) {
        let (cols, rows) = (i32::from(self.size.cols), i32::from(self.size.rows));
        let corners = |text: &str| {
            let right = cols - 1 - width(text) as i32;
            ([[right, rows - 1], [1, rows - 1]], [[right, 0], [1, 0]])
        };
        if self.streets.credited() {
            let credits = ["OpenStreetMap contributors", "OpenStreetMap", "OSM"];
            credits.into_iter().find(|text| {
                let (low, high) = corners(text);
                let put = labels.put([0, 0], &[low, high].concat(), text, Part::Margin, false);
                put.is_some()
            });
        }
        let scale = scale_bar(self.scene.lang, self.camera.m_per_dot());
        let ([right, left], [right_top, left_top]) = corners(&scale);
        // A small pane has better uses for its cells.
        if usize::from(self.size.cols) >= 2 * width(&scale) && rows >= 4 {
            labels.put([0, 0], &[left, right, left_top, right_top], &scale, Part::Margin, false);
        }
    }

    fn street_names(&self, memory: &mut Memory, labels: &mut Labels) {
        let most = usize::from(self.size.cols) * usize::from(self.size.rows) / CELLS_PER_STREET_NAME;
        let mut placed = HashMap::new();
        for anchor in self.anchors.iter().take(most * TRIES_PER_STREET_NAME) {
            if placed.len() == most {
                break;
            }
            let Some(name) = self.streets.name(anchor.name, self.scene.lang) else {
                continue;
            };
            if let Some(place) = self.street_name(anchor, name, memory, labels) {
                placed.insert(anchor.name, place);
            }
        }
        memory.streets = placed;
    }

    /// Puts a street's name where it stood, or along the street, whole or else shortened.
    fn street_name(&self, anchor: &Anchor, name: &str, memory: &Memory, labels: &mut Labels) -> Option<Point> {
        let put = |labels: &mut Labels, at: [u16; 2], offsets: &[[i32; 2]], text: &str| {
            labels.put(at, offsets, text, Part::StreetName, true)?;
            let label = labels.placed().last()?;
            Some(self.camera.position_of(label.cell, self.size))
        };
        let stood = memory.streets.get(&anchor.name);
        if let Some(cell) = stood.and_then(|place| self.camera.cell_of(*place, self.size))
            && let Some(place) = put(labels, cell, &[[0, 0]], name)
        {
            return Some(place);
        }
        let along = |text: &str| {
            let half = width(text) as i32 / 2;
            [[-half, 0], [-half - 3, 0], [-half + 3, 0], [-half, -1], [-half, 1]]
        };
        if let Some(place) = put(labels, anchor.cell, &along(name), name) {
            return Some(place);
        }
        let short = shortened(name, SHORT_CELLS + 3);
        if short == name {
            return None;
        }
        put(labels, anchor.cell, &along(&short), &short)
    }
}

/// Stops that share a mark.
struct Group {
    col: u16,
    row: u16,
    /// The stop whose number is shown.
    head: usize,
    /// How many more there are.
    more: usize,
}

impl Group {
    fn new(index: usize, scene: &Scene<'_>, cell: [u16; 2], size: Size) -> Self {
        let alone = Self {
            col: 0,
            row: cell[1],
            head: index,
            more: 0,
        };
        let text = alone.text(scene, false);
        // The number itself stands on the stop's cell, the sign before it.
        let signs = text.chars().take_while(|symbol| !symbol.is_ascii_digit()).count() as u16;
        let col = cell[0].saturating_sub(signs);
        let most = usize::from(size.cols).saturating_sub(width(&text)) as u16;
        Self {
            col: col.min(most),
            ..alone
        }
    }

    fn join(&mut self, other: &Self, scene: &Scene<'_>) {
        if rank(scene, other.head) < rank(scene, self.head) {
            self.head = other.head;
        }
        self.more += other.more + 1;
    }

    fn end(&self, scene: &Scene<'_>) -> u16 {
        self.col + width(&self.text(scene, true)) as u16
    }

    fn text(&self, scene: &Scene<'_>, whole: bool) -> String {
        let Stop { number, state, .. } = scene.stops[self.head];
        let sign = match state {
            StopState::Ahead | StopState::Done => "",
            StopState::Blocked => "x",
            StopState::Flagged => "!",
        };
        let own = format!("{sign}{number:02}");
        let own = if scene.chosen == Some(self.head) {
            format!("[{own}]")
        } else {
            own
        };
        if whole && self.more > 0 {
            format!("{own}+{}", self.more)
        } else {
            own
        }
    }

    fn part(&self, scene: &Scene<'_>) -> Part {
        if scene.chosen == Some(self.head) {
            return Part::StopChosen;
        }
        match scene.stops[self.head].state {
            StopState::Ahead => Part::Stop,
            StopState::Done => Part::StopDone,
            StopState::Blocked => Part::StopBlocked,
            StopState::Flagged => Part::StopFlagged,
        }
    }
}

/// Which stop of a group is shown: the chosen one, then what needs attention, then the next.
fn rank(scene: &Scene<'_>, index: usize) -> (u8, usize) {
    let class = match scene.stops[index].state {
        _ if scene.chosen == Some(index) => 0,
        StopState::Flagged => 1,
        StopState::Ahead => 2,
        StopState::Blocked => 3,
        StopState::Done => 4,
    };
    (class, index)
}

/// A bar as long as a round number of metres: `|----|100 m`.
fn scale_bar(lang: Lang, m_per_dot: u32) -> String {
    let most = SCALE_CELLS * 2 * m_per_dot;
    let rounds = [5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10];
    let metres = rounds.into_iter().find(|metres| *metres <= most).unwrap_or(10);
    let cells = ((metres + m_per_dot) / (2 * m_per_dot)).max(3) as usize;
    let (number, unit) = if metres >= 1_000 {
        (metres / 1_000, pick(lang, "km", "公里"))
    } else {
        (metres, pick(lang, "m", "米"))
    };
    format!("|{}|{number} {unit}", "-".repeat(cells - 2))
}
