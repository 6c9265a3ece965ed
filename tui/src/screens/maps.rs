//! The maps of the screens: from the model to a scene on streets. What was drawn of the streets is kept between frames.

use std::cell::RefCell;
use std::sync::Arc;

use doorstep_domain::place::Point;
use ratatui_core::layout::Rect;

use crate::app::event::Target;
use crate::app::field::{Stop as RouteStop, StopState as Progress};
use crate::app::model::Model;
use crate::map::{
    Camera, MapPane, MapTheme, Pan, Person, PersonState, STEPS_M, Scene, Stop, StopState, Streets, legs_between,
};
use crate::text::pick;
use crate::theme::Theme;
use crate::widgets::frame::framed;
use crate::widgets::paint::Painter;

/// What drawing keeps between frames.
pub(crate) struct Views {
    streets: RefCell<Arc<Streets>>,
    /// The map as last drawn; none before there was a place to look at.
    pane: RefCell<Option<MapPane>>,
}

impl Views {
    /// Views of these streets.
    pub(crate) fn new(streets: Arc<Streets>) -> Self {
        Self {
            streets: RefCell::new(streets),
            pane: RefCell::new(None),
        }
    }

    /// Other streets.
    pub(crate) fn set_streets(&self, streets: Arc<Streets>) {
        *self.streets.borrow_mut() = streets;
        *self.pane.borrow_mut() = None;
    }
}

impl Default for Views {
    fn default() -> Self {
        Self::new(Arc::new(Streets::from_streets(std::iter::empty())))
    }
}

fn map_theme(theme: Theme) -> MapTheme {
    let looks = if theme.has_colours() {
        MapTheme::sixteen()
    } else {
        MapTheme::one_colour()
    };
    if theme.ascii { looks.ascii() } else { looks }
}

/// A place that is one.
pub(super) fn point(place: [i64; 2]) -> Option<Point> {
    Point::new(place[0], place[1]).ok()
}

/// The route of a device and where it is.
pub(super) fn route(model: &Model, views: &Views, painter: &mut Painter<'_>, area: Rect) {
    let shown = model.field.shown();
    let all = model.field.route.as_ref().map_or(&[][..], |route| &route.stops);
    let mut rows = Vec::new();
    let mut stops = Vec::new();
    for (row, place) in shown.iter().enumerate() {
        let on = |stop: &&RouteStop| stop.state != Progress::Off;
        let Some(stop) = all.get(*place).filter(on) else {
            continue;
        };
        if let Some(place) = point(stop.point) {
            rows.push(row);
            stops.push(Stop {
                place,
                number: u32::try_from(stop.number).unwrap_or(0),
                state: state_of(stop),
            });
        }
    }
    let chosen = rows.iter().position(|row| *row == model.field.stops.chosen);
    let me = model.field.position.as_ref().and_then(|position| {
        let place = point([position.lat_e7, position.lon_e7])?;
        let accuracy_m = position.accuracy_m;
        Some(Person {
            place,
            name: "@",
            state: PersonState::Me { accuracy_m },
        })
    });
    let legs = legs_between(None, &stops);
    let scene = Scene {
        stops: &stops,
        chosen,
        legs: &legs,
        people: me.as_slice(),
        lang: model.lang,
    };
    draw(
        model,
        views,
        &scene,
        (&rows, pick(model.lang, "Map", "地图")),
        painter,
        area,
    );
}

fn state_of(stop: &RouteStop) -> StopState {
    match stop.state {
        Progress::Done | Progress::Skipped | Progress::Off => StopState::Done,
        Progress::Ahead if !stop.blocked.is_empty() => StopState::Blocked,
        Progress::Ahead if !stop.notes.is_empty() => StopState::Flagged,
        Progress::Ahead | Progress::Begun => StopState::Ahead,
    }
}

/// Draws a scene in a frame; a tap on a stop chooses its row.
pub(super) fn draw(
    model: &Model,
    views: &Views,
    scene: &Scene<'_>,
    (rows, title): (&[usize], &str),
    painter: &mut Painter<'_>,
    area: Rect,
) {
    let inner = Rect::new(
        area.x + 1,
        area.y + 1,
        area.width.saturating_sub(2),
        area.height.saturating_sub(2),
    );
    let size = MapPane::size(inner);
    let Some(camera) = camera(model, scene, size) else {
        framed(painter, area, title, "");
        return;
    };
    framed(
        painter,
        area,
        title,
        &format!("{} {}", camera.m_per_dot(), pick(model.lang, "m/dot", "米/点")),
    );
    if inner.is_empty() {
        return;
    }
    let looks = map_theme(painter.theme());
    let mut kept = views.pane.borrow_mut();
    let pane = kept.get_or_insert_with(|| MapPane::new(Arc::clone(&views.streets.borrow()), camera));
    pane.camera = camera;
    pane.render(scene, inner, painter.buffer(), &looks);
    for (stop, row) in scene.stops.iter().zip(rows) {
        if let Some([x, y]) = pane.camera.cell_of(stop.place, size) {
            let spot = Rect::new(inner.x + x.saturating_sub(1), inner.y + y, 4, 1).intersection(inner);
            painter.hit(spot, Target::Row(*row));
        }
    }
}

/// Fits what is shown, unless somebody chose how near to look; then it looks at the chosen stop. None where there is
/// nothing to look at.
fn camera(model: &Model, scene: &Scene<'_>, size: crate::map::Size) -> Option<Camera> {
    let places: Vec<Point> = scene
        .stops
        .iter()
        .map(|stop| stop.place)
        .chain(scene.people.iter().map(|person| person.place))
        .collect();
    let fitted = Camera::fit(&places, size)?;
    let mut camera = match model.view.zoom {
        None => fitted,
        Some(step) => {
            let chosen = scene.chosen.and_then(|chosen| scene.stops.get(chosen));
            let centre = chosen.map_or(fitted.centre(), |stop| stop.place);
            let step = usize::from(step).min(STEPS_M.len() - 1);
            Camera::new(centre, STEPS_M[step])
        }
    };
    let (east, north) = model.view.moved;
    for _ in 0..east.unsigned_abs().min(64) {
        camera = camera.panned(if east > 0 { Pan::East } else { Pan::West }, size);
    }
    for _ in 0..north.unsigned_abs().min(64) {
        camera = camera.panned(if north > 0 { Pan::North } else { Pan::South }, size);
    }
    Some(camera)
}
