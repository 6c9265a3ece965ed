//! From an event to the next model and what should be done. One file per part of the program; this one decides who gets
//! the event.

mod answer;
mod check_in;
mod checks;
mod desk;
mod entry;
mod forms;
mod layers;
mod measures;
mod off;
mod office;
mod own;
mod perform;
mod publish;
mod reads;
mod record;
mod refuse;
mod rights;
mod waits;

pub(crate) use check_in::{Signs, signs, who_types};
pub(crate) use layers::{evidence_choices, help_specs, palette_specs};
pub(crate) use off::sentence as off_sentence;
pub(crate) use record::evidence_advice;
pub(crate) use refuse::refusal;
pub(crate) use rights::open_case;
pub(crate) use waits::{possible as desk_possible, shown as desk_shown};

use doorstep_domain::measure::Micros;
use doorstep_domain::words::Lang;

use super::action::{Action, action_of};
use super::effect::{Ask, Effect, Topic};
use super::event::{Event, Target};
use super::key::Key;
use super::layer::{Intent, Layer};
use super::model::{Link, Model, Party, Place, Toast};
use crate::text::{counted, pick};

/// How long a message stays.
const TOAST: Micros = Micros::from_seconds(4);
/// A minute: what the clock on the screen shows, and how often a device without word from the server asks.
const MINUTE: i64 = 60_000_000;

/// Takes an event. `now` is the time that the event came.
pub(crate) fn update(model: &mut Model, event: Event, now: Micros) -> Vec<Effect> {
    let before = model.now;
    model.now = now;
    if model.toast.as_ref().is_some_and(|toast| toast.until <= now) {
        model.toast = None;
    }
    let effects = match event {
        Event::Key(key) => pressed(model, key),
        Event::Paste(text) => pasted(model, &text),
        Event::Tap(target) => tapped(model, target),
        Event::Wheel(down) => pressed(model, if down { Key::Down } else { Key::Up }),
        Event::Resize(columns, rows) => {
            model.size = (columns, rows);
            Vec::new()
        }
        Event::Tick => ticked(model, before),
        Event::Woken => perform::fetch(model),
        Event::Progress { topic, permille, text } => {
            office::progress(model, topic, permille, text);
            Vec::new()
        }
        Event::Answer { request, topic, result } => answer::take(model, request, topic, result),
        Event::Terminate => leave(model),
    };
    if let Some((list, len)) = model.list_mut() {
        list.clamp(len);
    }
    effects
}

/// When the screen changes by itself: the next minute, the second of a deadline on screen, the end of a message.
pub(crate) fn next_tick(model: &Model) -> Micros {
    let now = model.now.get();
    let mut next = (now.div_euclid(MINUTE) + 1) * MINUTE;
    if let Some(toast) = &model.toast {
        next = next.min(toast.until.get());
    }
    if deadline(model).is_some() || model.pending.values().any(|(_, since)| now - since.get() < MINUTE) {
        next = next.min((now.div_euclid(1_000_000) + 1) * 1_000_000);
    }
    Micros(next.max(now + 1))
}

/// The deadline that the screen counts down to: a check-out within ten minutes, or one that is overdue.
pub(crate) fn deadline(model: &Model) -> Option<Micros> {
    let due = match model.party {
        Party::Field => Micros(model.field.facts.begun?.1),
        Party::Office => return None,
    };
    (due.get() - model.now.get() < 10 * MINUTE).then_some(due)
}

impl Model {
    /// A question under the next number.
    pub(super) fn ask(&mut self, topic: Topic, ask: Ask) -> Effect {
        let request = self.next_request;
        self.next_request += 1;
        self.pending.insert(topic, (request, self.now));
        Effect::Ask { request, topic, ask }
    }

    /// Shows a message for a while.
    pub(super) fn say(&mut self, english: &str, chinese: &str) {
        self.toast = Some(Toast {
            text: pick(self.lang, english, chinese).to_owned(),
            bad: false,
            until: self.now + TOAST,
        });
    }

    /// Shows for so long what must not be missed.
    pub(super) fn warn(&mut self, text: String, time: Micros) {
        let until = self.now + time;
        self.toast = Some(Toast { text, bad: true, until });
    }

    /// Shows a message that something is not possible, and why.
    pub(super) fn complain(&mut self, text: String) {
        self.toast = Some(Toast {
            text,
            bad: true,
            until: self.now + TOAST,
        });
    }

    /// Notes whether the server was reached.
    pub(super) fn reached(&mut self, reached: bool) {
        self.link = match (reached, self.link) {
            (true, _) => Link::Online,
            (false, Link::Offline { since }) => Link::Offline { since },
            (false, _) => Link::Offline { since: self.now },
        };
    }

    /// Whether a person is in: the PIN was given or the session is open.
    pub(crate) fn is_in(&self) -> bool {
        !matches!(self.place, Place::Unlock | Place::SignIn)
    }
}

fn ticked(model: &mut Model, before: Micros) -> Vec<Effect> {
    let minute = |at: Micros| at.get().div_euclid(MINUTE);
    if minute(before) == minute(model.now) || !model.is_in() {
        return Vec::new();
    }
    match model.party {
        Party::Field => {
            let mut effects = record::keep_next(model);
            effects.push(model.ask(Topic::Route, Ask::Route));
            let five = minute(model.now) % 5 == 0;
            if (model.field.facts.waiting > 0 || model.link != Link::Online || five)
                && model.running(Topic::Sync).is_none()
            {
                effects.push(model.ask(Topic::Sync, Ask::Sync));
            }
            effects
        }
        // A report is read for a while, and every look at one stands in the log: it is not asked for each minute.
        Party::Office if model.place == Place::Measures && model.office.measures.has_come() => {
            waits::count_again(model)
        }
        Party::Office => office::refresh(model),
    }
}

fn pressed(model: &mut Model, key: Key) -> Vec<Effect> {
    if key == Key::Ctrl('c') {
        return quit(model);
    }
    let typing = model.layers.last().is_some_and(Layer::takes_text);
    if model.party == Party::Field
        && model.is_in()
        && key.plain() == Key::Char('!')
        && !matches!(model.layers.last(), Some(Layer::Sos { .. }))
    {
        // The one key for help comes before everything, also while a text is typed.
        model.layers.push(Layer::Sos { typed: typing });
        return Vec::new();
    }
    let sos = matches!(model.layers.last(), Some(Layer::Sos { .. }));
    if model.is_small() && model.is_in() && !sos {
        // What nobody sees is not done.
        return Vec::new();
    }
    if !model.layers.is_empty() {
        return layers::pressed(model, key);
    }
    match model.place {
        Place::Unlock => return entry::pressed_pin(model, key),
        Place::SignIn => return entry::pressed_sign_in(model, key),
        _ => {}
    }
    if model.place == Place::Visit
        && let Key::Char(digit @ '0'..='9') = key
    {
        return record::choose_number(model, digit);
    }
    if let Key::Char(digit @ '1'..='9') = key
        && let Some(tab) = model.tabs().get(digit as usize - '1' as usize)
    {
        return go(model, *tab);
    }
    if model.view.big && moved_map(model, key) {
        return Vec::new();
    }
    if let Some((list, len)) = model.list_mut()
        && list.press(key, len)
    {
        return match model.party {
            Party::Field => Vec::new(),
            Party::Office => office::chosen(model),
        };
    }
    match action_of(model.place, key) {
        // Esc goes back and never out: a reflex must not end the day.
        Some(Action::Back) if key == Key::Esc && perform::is_first(model) => Vec::new(),
        Some(action) => perform::perform(model, action),
        None => Vec::new(),
    }
}

/// Arrows move a map that fills the screen, by a quarter of it.
fn moved_map(model: &mut Model, key: Key) -> bool {
    let (east, north) = &mut model.view.moved;
    match key {
        Key::Left => *east -= 1,
        Key::Right => *east += 1,
        Key::Up => *north += 1,
        Key::Down => *north -= 1,
        _ => return false,
    }
    true
}

/// A tap on a row chooses it, a second one opens it.
fn tapped(model: &mut Model, target: Target) -> Vec<Effect> {
    match target {
        Target::Press(key) => pressed(model, key),
        Target::Do(action) if model.layers.is_empty() => perform::perform(model, action),
        Target::Tab(place) if model.layers.is_empty() => go(model, place),
        Target::Row(row) if model.layers.is_empty() => {
            let again = match model.list_mut() {
                Some((list, len)) if row < len => std::mem::replace(&mut list.chosen, row) == row,
                _ => false,
            };
            match (again, model.party) {
                (true, _) => perform::perform(model, Action::Next),
                (false, Party::Office) => office::chosen(model),
                (false, Party::Field) => Vec::new(),
            }
        }
        Target::Do(_) | Target::Tab(_) | Target::Row(_) => Vec::new(),
    }
}

fn pasted(model: &mut Model, text: &str) -> Vec<Effect> {
    match model.layers.last_mut() {
        Some(layer) => layers::pasted(layer, text),
        None => entry::pasted(model, text),
    }
    layers::follow(model)
}

/// Goes to a screen and asks for what it shows.
pub(super) fn go(model: &mut Model, place: Place) -> Vec<Effect> {
    if place != Place::Reads {
        // Whoever comes back sees what waits.
        model.office.reads_week = None;
    }
    model.place = place;
    model.view.big = false;
    perform::load(model)
}

/// Ends the program; asks first where something was not sent or a visit has begun.
fn quit(model: &mut Model) -> Vec<Effect> {
    let facts = &model.field.facts;
    let open = model.party == Party::Field && (facts.waiting > 0 || facts.begun.is_some());
    let asked = matches!(
        model.layers.last(),
        Some(Layer::Confirm {
            intent: Intent::Quit,
            ..
        })
    );
    if open && !asked && model.is_in() {
        let question = match (model.lang, facts.begun.is_some()) {
            (Lang::En, true) => {
                "A visit has begun and is not closed; without a check-out an alarm is raised. Leave?".to_owned()
            }
            (Lang::Zh, true) => "外访尚未签退；不签退将触发警报。退出程序？".to_owned(),
            (Lang::En, false) => {
                let waiting = counted(facts.waiting, "event is", "events are");
                format!("{waiting} not sent yet and stay on this device. Leave the program?")
            }
            (Lang::Zh, false) => format!("还有 {} 条记录未发送，将保留在本机。退出程序？", facts.waiting),
        };
        let intent = Intent::Quit;
        model.layers.push(Layer::Confirm { question, intent });
        return Vec::new();
    }
    leave(model)
}

/// Ends the program; what was entered and is not on the disk yet goes there first.
fn leave(model: &mut Model) -> Vec<Effect> {
    model.over = true;
    let mut effects = record::keep_next(model);
    effects.push(Effect::Quit);
    effects
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod between_tests;
#[cfg(test)]
#[allow(clippy::panic, reason = "a test may stop at the first surprise")]
mod checks_tests;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod measures_tests;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]
mod off_tests;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod own_tests;
#[cfg(test)]
#[allow(clippy::panic, reason = "a test may stop at the first surprise")]
mod publish_tests;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]
mod rights_tests;
#[cfg(test)]
#[path = "update_tests.rs"]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]
mod tests;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]
mod waits_tests;
