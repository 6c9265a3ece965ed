//! Keys while something lies over the screen.

use jiff::ToSpan as _;
use zeroize::Zeroizing;

use super::super::action::{Action, Spec, action_of, specs_at};
use super::super::effect::{Ask, Effect, Topic};
use super::super::field::StopState;
use super::super::form::Field;
use super::super::key::Key;
use super::super::layer::{Intent, Layer, Purpose};
use super::super::list::ListState;
use super::super::model::{Model, Place};
use super::perform::is_confirm;
use super::{office, own, perform, publish, quit, reads, record, waits};
use crate::text::pick;
use crate::times;

/// A position is where somebody is for two minutes.
const POSITION_FRESH: i64 = 120_000_000;

/// A key for the layer on top. The layer is taken off, gets the key, and goes back unless it is done.
pub(super) fn pressed(model: &mut Model, key: Key) -> Vec<Effect> {
    let Some(layer) = model.layers.pop() else {
        return Vec::new();
    };
    let leaves = key == Key::Esc || (key == Key::Char('q') && !layer.takes_text());
    if leaves {
        return left(model, &layer);
    }
    match layer {
        Layer::Palette { field, list } => palette(model, field, list, key),
        Layer::Text { purpose, field } => text(model, purpose, field, key),
        Layer::Promise { fields, at, .. } => promise(model, fields, at, key),
        Layer::ChangePin { fields, at, .. } => change_pin(model, fields, at, key),
        Layer::Correct { fields, at } => correct(model, fields, at, key),
        Layer::CheckIn(form) => check_in(model, form, key),
        Layer::Files { files, list } => choose_file(model, files, list, key),
        Layer::CheckOut { open } => check_out(model, open, key),
        Layer::Choose { choice, list } => reads::press(model, choice, list, key),
        Layer::Score(form) => waits::press_sheet(model, form, key),
        Layer::Confirm { question, intent } => confirm(model, question, intent, key),
        Layer::Sos { .. } if key == Key::Enter || key.plain() == Key::Char('!') => call_for_help(model),
        // Whoever was writing goes on writing: the sign and what follows it.
        Layer::Sos { typed: true } => {
            if let (Some(under), Key::Char(sign)) = (model.layers.last_mut(), key) {
                pasted(under, &format!("!{sign}"));
            }
            follow(model)
        }
        Layer::Identify if key == Key::Enter => {
            let visit = model.field.sheet.as_ref().map(|sheet| sheet.stop.visit);
            let Some(visit) = visit else { return Vec::new() };
            vec![model.ask(Topic::Record, Ask::Identify(visit))]
        }
        Layer::Navigate(app) => navigate(model, app, key),
        Layer::Help(mut list) => {
            let len = help_len(model);
            if list.press(key, len) {
                model.layers.push(Layer::Help(list));
            } else if let Some(action) = action_of(model.place, key).filter(|action| *action != Action::Help) {
                return perform::perform(model, action);
            }
            Vec::new()
        }
        Layer::Details { title, lines, mut list } => {
            if list.press(key, lines.len()) {
                model.layers.push(Layer::Details { title, lines, list });
            } else if key != Key::Enter {
                return office::in_details(model, Layer::Details { title, lines, list }, key);
            }
            Vec::new()
        }
        Layer::Day(state, shown) => own::press_day(model, state, shown, key),
        Layer::Why(visit) if key == Key::Char('F') => record_anyway(model, visit),
        unread @ (Layer::Colleagues | Layer::Off(_) | Layer::Kept(_)) if key != Key::Enter => {
            model.layers.push(unread);
            Vec::new()
        }
        Layer::Why(_) | Layer::Colleagues | Layer::Off(_) | Layer::Kept(_) | Layer::Trouble(_) => Vec::new(),
        other => {
            model.layers.push(other);
            Vec::new()
        }
    }
}

fn navigate(model: &mut Model, app: usize, key: Key) -> Vec<Effect> {
    match key {
        Key::Down | Key::Char('j') | Key::Tab => model.layers.push(Layer::Navigate(app + 1)),
        Key::Up | Key::Char('k') | Key::BackTab => model.layers.push(Layer::Navigate(app.saturating_sub(1))),
        Key::Enter => {}
        _ => model.layers.push(Layer::Navigate(app)),
    }
    Vec::new()
}

/// How many lines the help of a screen has.
pub(crate) fn help_len(model: &Model) -> usize {
    help_specs(model).count()
}

/// What the help of a screen lists.
pub(crate) fn help_specs(model: &Model) -> impl Iterator<Item = &'static Spec> {
    specs_at(model.place)
}

/// Calls for help, with the place where somebody was a moment ago; an older one would send help to another door.
fn call_for_help(model: &mut Model) -> Vec<Effect> {
    let fresh = model.now.get() - model.field.positioned.get() < POSITION_FRESH;
    let position = model.field.position.clone().filter(|_| fresh);
    vec![Effect::Bell, model.ask(Topic::Sos, Ask::Sos(position))]
}

fn left(model: &mut Model, layer: &Layer) -> Vec<Effect> {
    match layer {
        Layer::Sos { typed: true } => {
            // Whoever only wanted to write the sign gets it.
            if let Some(under) = model.layers.last_mut() {
                pasted(under, "!");
            }
            follow(model)
        }
        Layer::Identify => {
            // Somebody who may be another hears nothing of the matter.
            let none = doorstep_domain::contact::MatterOutcome::None;
            let effects = record::enter(model, |draft| draft.matter = Some(none));
            let next = model.field.sheet.as_ref().map(super::super::visit::step_of);
            if let Some(next) = next {
                perform::show(model, next);
            }
            effects
        }
        _ => Vec::new(),
    }
}

/// A pasted text goes into the field of the layer.
pub(super) fn pasted(layer: &mut Layer, text: &str) {
    match layer {
        Layer::Palette { field, .. } | Layer::Text { field, .. } => field.insert(text),
        Layer::Promise { fields, at, .. } => fields[*at].insert(text),
        Layer::ChangePin { fields, at, .. } | Layer::Correct { fields, at } => fields[*at].insert(text),
        _ => {}
    }
}

/// What follows while a text is typed or pasted: the list shows what fits, the note is kept.
pub(super) fn follow(model: &mut Model) -> Vec<Effect> {
    let Some(Layer::Text { purpose, field }) = model.layers.last() else {
        return Vec::new();
    };
    let text = field.text().to_owned();
    match purpose {
        Purpose::Find if model.place == Place::Looked => model.field.looked.filter = text,
        Purpose::Find if model.place == Place::Desk => model.office.desk.search = text,
        Purpose::Find => model.field.filter = text,
        Purpose::Note => return record::enter(model, |draft| draft.note = text),
        _ => {}
    }
    Vec::new()
}

/// What the palette offers for what was typed: by name and word in both languages, first those that begin with it.
pub(crate) fn palette_specs(model: &Model, typed: &str) -> Vec<&'static Spec> {
    let wanted = typed.trim().to_lowercase();
    let demo = specs_at(Place::Demo).filter(|_| model.settings.demo);
    let mut found: Vec<(bool, &Spec)> = specs_at(model.place)
        .chain(demo)
        .filter(|spec| spec.action != Action::Palette)
        .filter_map(|spec| {
            let texts = [
                spec.name,
                spec.word[0],
                spec.word[1],
                spec.sentence[0],
                spec.sentence[1],
            ]
            .map(str::to_lowercase);
            let begins = texts.iter().any(|text| text.starts_with(&wanted));
            let within = texts.iter().any(|text| text.contains(&wanted));
            (begins || within).then_some((!begins, spec))
        })
        .collect();
    found.sort_by_key(|(later, _)| *later);
    found.into_iter().map(|(_, spec)| spec).collect()
}

fn palette(model: &mut Model, mut field: Field, mut list: ListState, key: Key) -> Vec<Effect> {
    let found = palette_specs(model, field.text());
    match key {
        Key::Enter => match found.get(list.chosen) {
            Some(spec) => return perform::perform(model, spec.action),
            None => return Vec::new(),
        },
        Key::Down | Key::Tab => list.chosen = (list.chosen + 1).min(found.len().saturating_sub(1)),
        Key::Up | Key::BackTab => list.chosen = list.chosen.saturating_sub(1),
        key => {
            field.press(key);
            list = ListState::default();
        }
    }
    model.layers.push(Layer::Palette { field, list });
    Vec::new()
}

fn text(model: &mut Model, purpose: Purpose, mut field: Field, key: Key) -> Vec<Effect> {
    if key != Key::Enter {
        field.press(key);
        model.layers.push(Layer::Text { purpose, field });
        return follow(model);
    }
    let text = field.text().trim().to_owned();
    match purpose {
        Purpose::Note => record::enter(model, |draft| draft.note = text),
        Purpose::SkipReason(_) if text.is_empty() => {
            let reason = pick(model.lang, "a reason is needed", "请填写原因").to_owned();
            model.complain(reason);
            model.layers.push(Layer::Text { purpose, field });
            Vec::new()
        }
        Purpose::SkipReason(visit) => {
            let skip = Ask::Skip { visit, reason: text };
            vec![model.ask(Topic::Record, skip)]
        }
        Purpose::StopCode(visit) => vec![model.ask(Topic::Record, Ask::StopCode { visit, code: text })],
        Purpose::EvidencePath if text.is_empty() => Vec::new(),
        Purpose::EvidencePath => vec![model.ask(Topic::Files, Ask::CheckFile(text.into()))],
        Purpose::Find
        | Purpose::ReviewNote
        | Purpose::AlarmNote
        | Purpose::PlanDay(_)
        | Purpose::CaseNumber
        | Purpose::Words(..)
        | Purpose::Remark => match model.party {
            super::super::model::Party::Field => Vec::new(),
            super::super::model::Party::Office => office::entered(model, purpose, text),
        },
    }
}

fn promise(model: &mut Model, mut fields: [Field; 2], mut at: usize, key: Key) -> Vec<Effect> {
    let mut trouble = None;
    match key {
        Key::Tab | Key::BackTab | Key::Down | Key::Up => at = 1 - at,
        Key::Enter if at == 0 && fields[1].is_empty() => at = 1,
        Key::Enter => {
            let currency = model.field.sheet.as_ref().and_then(|sheet| sheet.currency.clone());
            let [amount, day] = [fields[0].text().to_owned(), fields[1].text().to_owned()];
            trouble = record::promise_trouble(model.lang, &amount, &day, currency.as_deref());
            if trouble.is_none() {
                let promised = doorstep_domain::contact::MatterOutcome::Promise;
                let effects = record::enter(model, |draft| {
                    draft.matter = Some(promised);
                    draft.promise_amount = amount;
                    draft.promise_day = day;
                });
                let next = model.field.sheet.as_ref().map(super::super::visit::step_of);
                if let Some(next) = next {
                    perform::show(model, next);
                }
                return effects;
            }
        }
        Key::Char(letter) if at == 1 && letter.is_ascii_lowercase() => {
            if let Some(day) = weekday(model, letter) {
                fields[1] = Field::new(&day);
            }
        }
        key => {
            fields[at].press(key);
        }
    }
    model.layers.push(Layer::Promise { fields, at, trouble });
    Vec::new()
}

/// The next such weekday by its letter: m t w h f s u, in the zone of the address.
fn weekday(model: &Model, letter: char) -> Option<String> {
    use jiff::civil::Weekday;
    let wanted = match letter {
        'm' => Weekday::Monday,
        't' => Weekday::Tuesday,
        'w' => Weekday::Wednesday,
        'h' => Weekday::Thursday,
        'f' => Weekday::Friday,
        's' => Weekday::Saturday,
        'u' => Weekday::Sunday,
        _ => return None,
    };
    let zone = times::zone(&model.field.sheet.as_ref()?.stop.zone);
    let today = jiff::Timestamp::from_microsecond(model.now.get())
        .ok()?
        .to_zoned(zone)
        .date();
    let days = (1..=7).filter_map(|days| today.checked_add(days.days()).ok());
    days.into_iter()
        .find(|day| day.weekday() == wanted)
        .map(|day| day.to_string())
}

fn change_pin(model: &mut Model, mut fields: [Field; 3], mut at: usize, key: Key) -> Vec<Effect> {
    let mut trouble = None;
    match key {
        Key::Tab | Key::Down => at = (at + 1) % 3,
        Key::BackTab | Key::Up => at = (at + 2) % 3,
        Key::Enter if at < 2 => at += 1,
        Key::Enter if fields[1].text() != fields[2].text() => {
            trouble = Some(pick(model.lang, "the new PINs differ", "两次输入的新 PIN 不一致").to_owned());
        }
        Key::Enter => {
            let [old, new] = [0, 1].map(|place: usize| Zeroizing::new(fields[place].text().to_owned()));
            return vec![model.ask(Topic::Record, Ask::ChangePin { old, new })];
        }
        key => {
            fields[at].press(key);
        }
    }
    model.layers.push(Layer::ChangePin { fields, at, trouble });
    Vec::new()
}

/// Codes of the fields that can be corrected, in the order of the form.
const CORRECTED: [&str; 3] = ["phone", "address", "language"];

fn correct(model: &mut Model, mut fields: [Field; 3], mut at: usize, key: Key) -> Vec<Effect> {
    match key {
        Key::Tab | Key::Down => at = (at + 1) % 3,
        Key::BackTab | Key::Up => at = (at + 2) % 3,
        Key::Enter if at < 2 => at += 1,
        Key::Enter => {
            let given = CORRECTED
                .iter()
                .zip(&fields)
                .filter(|(_, field)| !field.text().trim().is_empty());
            let changes: Vec<_> = given
                .map(|(code, field)| ((*code).to_owned(), field.text().trim().to_owned()))
                .collect();
            let visit = model.field.sheet.as_ref().map(|sheet| sheet.stop.visit);
            return match visit {
                Some(visit) if !changes.is_empty() => {
                    vec![model.ask(Topic::Record, Ask::Correct { visit, changes })]
                }
                _ => Vec::new(),
            };
        }
        key => {
            fields[at].press(key);
        }
    }
    model.layers.push(Layer::Correct { fields, at });
    Vec::new()
}

fn check_in(model: &mut Model, mut form: super::super::layer::CheckInForm, key: Key) -> Vec<Effect> {
    let lines = form.present.len() + 1;
    match key {
        // Before the visit is read there is no door to check in at; the form stays.
        Key::Enter if model.field.stop_at(model.place).is_some() => return check_in_now(model, &form),
        Key::Char(' ') => match form.present.get_mut(form.list.chosen) {
            Some(present) => *present = !*present,
            None => form.identity_shown = !form.identity_shown,
        },
        key => {
            form.list.press(key, lines);
        }
    }
    model.layers.push(Layer::CheckIn(form));
    Vec::new()
}

fn check_in_now(model: &mut Model, form: &super::super::layer::CheckInForm) -> Vec<Effect> {
    let Some(stop) = model.field.stop_at(model.place) else {
        return Vec::new();
    };
    let crew = model.field.facts.partners.iter().zip(&form.present);
    let ask = Ask::CheckIn {
        visit: stop.visit,
        position: model.field.position.clone(),
        partners: crew.filter(|(_, present)| **present).map(|((id, _), _)| *id).collect(),
        identity_shown: form.identity_shown,
        anyway: form.anyway,
    };
    vec![model.ask(Topic::Record, ask)]
}

/// A forbidden visit that has happened all the same is recorded, and flagged: hiding it would be worse.
fn record_anyway(model: &mut Model, visit: uuid::Uuid) -> Vec<Effect> {
    let same = model
        .field
        .stop_at(model.place)
        .is_some_and(|stop| stop.visit == visit && stop.state != StopState::Off);
    if !same {
        return Vec::new();
    }
    // One visit at a time, also here; whoever was along is said in the form.
    let mut effects = perform::perform(model, Action::CheckIn);
    if let Some(Layer::CheckIn(form)) = model.layers.last_mut() {
        form.anyway = true;
    } else {
        effects.clear();
    }
    effects
}

/// Files that can be chosen as evidence: first those that are, so that they can be taken back.
pub(crate) fn evidence_choices(
    draft: &super::super::field::Draft,
    found: &[std::path::PathBuf],
) -> Vec<std::path::PathBuf> {
    let others = found.iter().filter(|path| !draft.evidence.contains(path));
    draft.evidence.iter().chain(others).cloned().collect()
}

fn choose_file(
    model: &mut Model,
    files: Option<Vec<std::path::PathBuf>>,
    mut list: ListState,
    key: Key,
) -> Vec<Effect> {
    let draft = model
        .field
        .sheet
        .as_ref()
        .map(|sheet| sheet.draft.clone())
        .unwrap_or_default();
    let known = evidence_choices(&draft, files.as_deref().unwrap_or_default());
    match key {
        Key::Enter | Key::Char(' ') => {
            let Some(path) = known.get(list.chosen).cloned() else {
                model.layers.push(Layer::Files { files, list });
                return Vec::new();
            };
            if draft.evidence.contains(&path) {
                model.layers.push(Layer::Files { files, list });
                return record::enter(model, |draft| draft.evidence.retain(|one| *one != path));
            }
            return vec![model.ask(Topic::Files, Ask::CheckFile(path))];
        }
        Key::Char('/') => {
            model.layers.push(super::entry::text_layer(Purpose::EvidencePath, ""));
            return Vec::new();
        }
        key => {
            list.press(key, known.len());
        }
    }
    model.layers.push(Layer::Files { files, list });
    Vec::new()
}

fn check_out(model: &mut Model, open: Vec<String>, key: Key) -> Vec<Effect> {
    match key {
        // Pressed twice, the key of the check-out means the same as confirmed, where nothing is missing.
        Key::Enter | Key::Char('d') if open.is_empty() => record::check_out_now(model, false),
        Key::Enter => {
            perform::show(model, super::super::field::Step::Proof);
            Vec::new()
        }
        Key::Char('F') if !open.is_empty() => record::check_out_now(model, true),
        _ => {
            model.layers.push(Layer::CheckOut { open });
            Vec::new()
        }
    }
}

fn confirm(model: &mut Model, question: String, intent: Intent, key: Key) -> Vec<Effect> {
    match (intent, key.plain()) {
        (Intent::Settle(conflict), Key::Char(side @ ('1' | '2'))) => {
            let take = if side == '1' { "left" } else { "right" };
            vec![model.ask(Topic::Record, Ask::Settle { conflict, take })]
        }
        (Intent::Quit, key) if is_confirm(key) => {
            model.layers.push(Layer::Confirm { question, intent });
            quit(model)
        }
        (Intent::Leave, Key::Char('a')) => record::leave(model, false),
        (Intent::Leave, Key::Char('d')) => record::leave(model, true),
        (Intent::Leave, Key::Char('c')) => record::stop_layer(model),
        (Intent::Publish(plan), Key::Char('w')) => {
            publish::ask_why(model, plan);
            Vec::new()
        }
        (Intent::Publish(plan), key) if is_confirm(key) => publish::publish(model, plan, None),
        (Intent::PublishBare(plan, version, why), Key::Char('y')) => {
            publish::publish(model, Some((plan, version)), Some(why))
        }
        // It cannot be taken back: the key that chose the finding, held or pressed twice, must not say yes to it.
        (Intent::SettleRead(read, reason), Key::Char('y')) => reads::settle(model, read, reason),
        (Intent::Desk(id, step), Key::Char('y')) => waits::carry_out(model, id, step),
        _ => {
            model.layers.push(Layer::Confirm { question, intent });
            Vec::new()
        }
    }
}
