//! How much of the streets is drawn: class by class, until another class would make the map grey. Knows no colour.
//!
//! A braille map reads as streets up to about 18 % lit dots. What is left out therefore depends on how dense the area
//! is, not on the scale alone.

use super::camera::{Camera, Size, View};
use super::dots::{Dots, Stroke};
use super::grid::Grid;
use super::streets::{Class, Streets};
use super::style::Part;

/// Lit dots at most, in percent.
pub(super) const INK_PERCENT: usize = 18;
/// A class that the last picture left out comes back only below this, so that no class blinks while the map moves.
const INK_PERCENT_BACK: usize = 15;
/// A class whose length alone would fill the budget this many times over is not even tried.
const TRY_TIMES: u64 = 4;

/// How many classes a picture has, and for which scale and size that was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) classes: usize,
    m_per_dot: u32,
    size: Size,
}

/// Draws streets into an empty grid and says which classes it took; `before` is the choice of the last picture.
pub(super) fn paint(streets: &Streets, camera: Camera, size: Size, before: Option<Choice>, dots: &mut Dots) -> Choice {
    let m_per_dot = camera.m_per_dot();
    let same = |choice: &Choice| choice.m_per_dot == m_per_dot && choice.size == size;
    let known = before.filter(same).map_or(Class::ALL.len(), |choice| choice.classes);
    let grid = streets.level(m_per_dot);
    let mut tried = dots.clone();
    let mut classes = 0;
    for class in Class::ALL {
        let percent = if classes < known { INK_PERCENT } else { INK_PERCENT_BACK };
        let budget = dots.all() * percent / 100;
        let metres: u64 = camera.views(size).map(|view| grid.metres(class, view.bounds)).sum();
        if metres / u64::from(m_per_dot) > TRY_TIMES * budget as u64 {
            break;
        }
        for view in camera.views(size) {
            draw(grid, class, &view, &mut tried);
        }
        if tried.lit() > budget {
            break;
        }
        dots.copy_from(&tried);
        classes += 1;
    }
    Choice {
        classes,
        m_per_dot,
        size,
    }
}

fn draw(grid: &Grid, class: Class, view: &View, dots: &mut Dots) {
    let layer = part_of(class).layer();
    for piece in grid.pieces(class, view.bounds) {
        let mut points = grid.points_of(piece).iter();
        let Some(first) = points.next() else { continue };
        let mut last = view.dot(*first);
        let end = points.len();
        for (index, point) in points.enumerate() {
            let next = view.dot(*point);
            // Points on the dot of the last one draw nothing new; the end is kept, so that pieces meet.
            let near = (next[0] - last[0]).abs() < 0.5 && (next[1] - last[1]).abs() < 0.5;
            if near && index + 1 < end {
                continue;
            }
            dots.line(last, next, layer, Stroke::Thin);
            last = next;
        }
    }
}

/// The part of the map that a class is.
pub(super) fn part_of(class: Class) -> Part {
    match class {
        Class::Motorway => Part::Motorway,
        Class::Primary => Part::Primary,
        Class::Secondary => Part::Secondary,
        Class::Tertiary => Part::Tertiary,
        Class::Residential => Part::Residential,
        Class::Service => Part::Service,
        Class::Path => Part::Path,
    }
}
