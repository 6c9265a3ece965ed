//! Frames for measurements: the real screens with as many rows as wanted, drawn as the program draws them. Used by the
//! benches; nothing of the program uses it.

use std::sync::Arc;

use doorstep_domain::measure::Micros;
use doorstep_domain::words::Lang;
use doorstep_wire::case::{AmountItem, CaseItem};
use jiff::tz::TimeZone;
use uuid::Uuid;

use crate::app::event::Event;
use crate::app::field::{Route, Stop};
use crate::app::key::Key;
use crate::app::model::{Model, Place};
use crate::app::update::update;
use crate::map::Streets;
use crate::screens::{self, Views};
use crate::term::Surface;
use crate::theme::Theme;

/// A screen that is drawn again and again.
pub struct Frames {
    model: Model,
    views: Views,
    surface: Surface<std::io::Sink>,
}

impl Frames {
    /// The list of cases with so many rows.
    pub fn cases(rows: usize, columns: u16, height: u16) -> Self {
        let mut frames = Self::of(
            Place::Cases,
            Streets::from_streets(std::iter::empty()),
            (columns, height),
        );
        frames.model.office.cases.known = true;
        frames.model.office.cases.items = (0..rows).map(case).collect();
        frames
    }

    /// The day of field staff with so many stops along a diagonal of the streets.
    pub fn today(stops: usize, streets: Streets, columns: u16, height: u16) -> Self {
        let corners = streets.corners();
        let mut frames = Self::of(Place::Today, streets, (columns, height));
        let [from, to] = corners.map_or([[0, 0]; 2], |corners| {
            corners.map(|corner| [corner.lat_e7(), corner.lon_e7()])
        });
        let between = |from: i64, to: i64, at: usize| from + (to - from) * (at as i64 + 1) / (stops as i64 + 1);
        let stop = |at: usize| Stop {
            number: at + 1,
            visit: Uuid::from_u128(at as u128),
            case_no: format!("C-{at:05}"),
            name: format!("Person {at}"),
            address: format!("{at} Mill Lane"),
            point: [between(from[0], to[0], at), between(from[1], to[1], at)],
            zone: "UTC".to_owned(),
            ..Stop::default()
        };
        frames.model.field.route = Some(Route {
            stops: (0..stops).map(stop).collect(),
        });
        frames
    }

    fn of(place: Place, streets: Streets, (columns, height): (u16, u16)) -> Self {
        let mut model = Model::new(Lang::En, TimeZone::UTC, Micros(1_763_720_000_000_000), place);
        model.size = (columns, height);
        Self {
            model,
            views: Views::new(Arc::new(streets)),
            surface: Surface::new(std::io::sink(), columns, height),
        }
    }

    /// Goes a row down, from the last one to the first, and draws; returns the bytes written.
    pub fn step(&mut self) -> usize {
        let now = self.model.now;
        let before = self.model.list_mut().map(|(list, _)| list.chosen);
        update(&mut self.model, Event::Key(Key::Down), now);
        if self.model.list_mut().map(|(list, _)| list.chosen) == before {
            update(&mut self.model, Event::Key(Key::Home), now);
        }
        self.draw()
    }

    /// Draws what is there; returns the bytes written: none where nothing changed.
    pub fn draw(&mut self) -> usize {
        let (model, views) = (&self.model, &self.views);
        let drawn = self
            .surface
            .draw(|buf| screens::draw(model, views, Theme::default(), buf));
        drawn.map_or(0, |(_, bytes)| bytes)
    }
}

fn case(at: usize) -> CaseItem {
    CaseItem {
        id: Uuid::from_u128(at as u128),
        case_no: format!("C-{at:07}"),
        portfolio: "consumer-loan".to_owned(),
        name: Some(format!("Person {at}")),
        phone: None,
        address: Some(format!("{at} Mill Lane")),
        status: "open".to_owned(),
        stage: "M2".to_owned(),
        days_past_due: (at % 180) as i64,
        amount: AmountItem {
            total: 123_456,
            parts: None,
            currency: "CNY".to_owned(),
            text: "1234.56".to_owned(),
            as_of: 0,
            stale: false,
            fresh_until: None,
        },
        flags: Vec::new(),
        version: 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_cost_the_same_bytes_however_long_the_list_is() {
        let bytes = |rows: usize| {
            let mut frames = Frames::cases(rows, 80, 24);
            frames.draw();
            (frames.step(), frames.draw())
        };
        let (short, still) = bytes(1_000);
        assert!(short > 0 && still == 0, "{short} {still}");
        assert_eq!(bytes(100_000), (short, 0));
    }
}
