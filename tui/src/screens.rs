//! One file per screen: from the model to cells. Reads only; says what can be tapped.

mod cases;
mod checks;
mod desk;
mod layers;
mod live;
mod log;
mod looked;
mod maps;
mod me;
mod measures;
mod odds;
mod outbox;
mod plan;
mod reads;
mod review;
mod small;
mod status;
mod today;
mod unlock;
mod visit;

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;

pub(crate) use cases::case_lines;
pub(crate) use checks::check_lines;
pub(crate) use desk::{opened_lines, question as desk_question, said as desk_said};
pub(crate) use live::live_lines;
pub(crate) use log::report_lines;
pub(crate) use maps::Views;
pub(crate) use measures::measure_lines;
pub(crate) use odds::odds_lines;
pub(crate) use reads::{read_lines, review_lines};
pub(crate) use status::place_name;

use crate::app::action::{Action, Spec};
use crate::app::actions;
use crate::app::event::Target;
use crate::app::layer::Layer;
use crate::app::model::{COLUMNS_MIN, Link, Model, Place, ROWS_MIN};
use crate::text::pick;
use crate::theme::{Role, Theme};
use crate::widgets::paint::Painter;

/// Draws a frame; returns what can be tapped.
pub(crate) fn draw(model: &Model, views: &Views, theme: Theme, buf: &mut Buffer) -> Vec<(Rect, Target)> {
    let mut painter = Painter::new(buf, theme);
    let area = painter.area();
    if area.width < COLUMNS_MIN || area.height < ROWS_MIN {
        small::draw(model, &mut painter, area);
        if let Some(layer @ Layer::Sos { .. }) = model.layers.last() {
            layers::draw(model, layer, &mut painter, area);
        }
        return painter.into_hits();
    }
    status::head(model, &mut painter, area);
    let body = Rect::new(area.x, area.y + 1, area.width, area.height - 3);
    match model.place {
        Place::Unlock => unlock::pin(model, &mut painter, body),
        Place::SignIn => unlock::sign_in(model, &mut painter, body),
        Place::Today => today::draw(model, views, &mut painter, body),
        Place::Visit => visit::draw(model, &mut painter, body),
        Place::Outbox => outbox::draw(model, &mut painter, body),
        Place::Me => me::draw(model, &mut painter, body),
        Place::Looked => looked::draw(model, &mut painter, body),
        Place::Checks => checks::draw(model, &mut painter, body),
        Place::Live => live::draw(model, views, &mut painter, body),
        Place::Plan => plan::draw(model, views, &mut painter, body),
        Place::Cases => cases::draw(model, &mut painter, body),
        Place::Review => review::draw(model, &mut painter, body),
        Place::Log => log::draw(model, &mut painter, body),
        Place::Reads => reads::draw(model, &mut painter, body),
        Place::Desk => desk::draw(model, &mut painter, body),
        Place::Measures if model.office.measures.shows_odds => odds::draw(model, &mut painter, body),
        Place::Measures => measures::draw(model, &mut painter, body),
        Place::Demo => {}
    }
    status::foot(model, &mut painter, area);
    if let Some(layer) = model.layers.last() {
        layers::draw(model, layer, &mut painter, body);
    }
    painter.into_hits()
}

/// A name or address, or stars where names are hidden.
fn private(model: &Model, text: &str) -> String {
    if model.settings.privacy && !text.is_empty() {
        "*****".to_owned()
    } else {
        text.to_owned()
    }
}

/// Something that is being fetched, and since when; or why it is not.
fn waiting(model: &Model, painter: &mut Painter<'_>, area: Rect) {
    let text = if matches!(model.link, Link::Offline { .. }) {
        // Only screens of a device send; in the office the same key sorts.
        let sends = |spec: &Spec| spec.action == Action::Send && spec.places.contains(&model.place);
        let (english, chinese) = if actions::all().any(sends) {
            (
                "The server cannot be reached. It is tried again every minute; s tries now.",
                "无法连接服务器。每分钟重试一次；按 s 立即重试。",
            )
        } else {
            (
                "The server cannot be reached. It is tried again every minute.",
                "无法连接服务器。每分钟重试一次。",
            )
        };
        pick(model.lang, english, chinese)
    } else {
        pick(model.lang, "fetching ...", "正在获取…")
    };
    let dim = painter.style(Role::Dim);
    painter.paragraph(
        Rect::new(area.x + 1, area.y, area.width.saturating_sub(2), area.height),
        1,
        text,
        dim,
    );
}

#[cfg(test)]
#[path = "screens/screens_tests.rs"]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests;
