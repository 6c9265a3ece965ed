//! Terminals too small for a screen: the next stop in a line, or a sentence.

use ratatui_core::layout::Rect;

use super::private;
use crate::app::field::StopState;
use crate::app::model::{Model, Party, Place};
use crate::text::pick;
use crate::theme::Role;
use crate::times;
use crate::widgets::paint::Painter;

/// Draws what fits.
pub(super) fn draw(model: &Model, painter: &mut Painter<'_>, area: Rect) {
    let plain = painter.style(Role::Plain);
    let lang = model.lang;
    let mut lines: Vec<String> = Vec::new();
    match (model.party, model.place) {
        (_, Place::Unlock) => lines.push(format!("PIN {}", "*".repeat(model.pin.text().chars().count()))),
        (Party::Field, _) => {
            let stops = model.field.route.as_ref().map_or(&[][..], |route| &route.stops);
            let open = |state: StopState| matches!(state, StopState::Ahead | StopState::Begun);
            match stops.iter().find(|stop| open(stop.state)) {
                Some(stop) => {
                    let at = times::clock(stop.starts, &times::zone(&stop.zone));
                    lines.push(format!("{:02} {at} {}", stop.number, private(model, &stop.name)));
                    lines.push(private(model, &stop.address));
                }
                None => lines.push(pick(lang, "No visit left today.", "今日没有待访。").to_owned()),
            }
        }
        (Party::Office, _) => {}
    }
    if let Some(toast) = &model.toast {
        lines.insert(0, toast.text.clone());
    }
    lines.push(pick(lang, "Make the window larger: 48x24.", "请放大窗口至 48x24。").to_owned());
    let mut y = 0;
    for line in lines {
        if y >= area.height {
            break;
        }
        y += painter.paragraph(area, y, &line, plain);
    }
}
