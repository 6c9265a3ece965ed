//! A visit that was withdrawn while it was on the screen: whoever carries the device is told at once, and what names the
//! person goes from the screen.

use doorstep_domain::measure::Micros;
use doorstep_domain::words::Lang;
use uuid::Uuid;

use super::super::effect::{Ask, Effect, Topic};
use super::super::field::{Stop, StopState};
use super::super::layer::{Layer, Off};
use super::super::model::{Model, Place};
use super::answer::over;
use crate::command::route::off_words;

/// How long it stands in the status line; the route says it from then on.
const STAYS: Micros = Micros::from_seconds(30);

/// Tells which of the visits that were seen are off by now. `chosen` is the one that the route was on.
pub(super) fn told(model: &mut Model, chosen: Option<Uuid>) -> Vec<Effect> {
    let stops = model.field.route.as_ref().map_or(&[][..], |route| &route.stops);
    let seen = &model.field.seen;
    let off = |stop: &Stop| {
        let rule = stop.off.clone()?;
        let one = Off {
            number: *seen.get(&stop.visit)?,
            case_no: stop.case_no.clone(),
            rule,
            begun: stop.state == StopState::Begun,
        };
        Some((stop.visit, one))
    };
    let off: Vec<(Uuid, Off)> = stops.iter().filter_map(off).collect();
    let on = stops.iter().filter(|stop| stop.off.is_none());
    model.field.seen = on.map(|stop| (stop.visit, stop.number)).collect();
    let mut effects = Vec::new();
    for (visit, one) in off {
        effects.push(Effect::Bell);
        model.warn(sentence(model.lang, &one), STAYS);
        let open = model.field.sheet.as_ref().map(|sheet| sheet.stop.visit);
        if open == Some(visit) || (chosen == Some(visit) && model.place == Place::Today) {
            close(model);
        }
        if open == Some(visit) {
            if one.begun {
                effects.push(model.ask(Topic::Visit, Ask::Visit(visit)));
            }
            over(model, Layer::Off(one));
        }
    }
    effects
}

/// Closes what speaks of the person over the screen.
fn close(model: &mut Model) {
    let other = |layer: &Layer| {
        matches!(
            layer,
            Layer::Sos { .. } | Layer::Colleagues | Layer::Off(_) | Layer::Kept(_) | Layer::Trouble(_)
        )
    };
    model.layers.retain(other);
}

/// What is said of it.
pub(crate) fn sentence(lang: Lang, off: &Off) -> String {
    let why = off_words(lang, &off.rule);
    let (number, case, rule) = (off.number, &off.case_no, &off.rule);
    match (lang, off.begun) {
        (Lang::En, false) => format!("Visit {number} ({case}) is off: {why} [{rule}]"),
        (Lang::En, true) => format!("Visit {number} ({case}) is off, leave now: {why} [{rule}]"),
        (Lang::Zh, false) => format!("第 {number} 站（{case}）已取消：{why} [{rule}]"),
        (Lang::Zh, true) => format!("第 {number} 站（{case}）已取消，请立即离开：{why} [{rule}]"),
    }
}
