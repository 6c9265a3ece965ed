//! What an answer changes. An answer that a newer question has overtaken changes nothing, but for what was recorded.

use doorstep_domain::words::Lang;

use super::super::effect::{Answered, Ask, Effect, Recorded, Topic, Trouble};
use super::super::field::{DeviceFacts, Route, Step, Stop, StopState, TeamAlarm};
use super::super::form::Field;
use super::super::layer::Layer;
use super::super::list::ListState;
use super::super::looked::Looked;
use super::super::model::{Model, Party, Place};
use super::super::visit::step_of;
use super::{check_in, checks, desk, go, off, office, own, perform, reads, record};
use crate::text::{counted, pick};
use crate::widgets::paint::wrapped;

/// A longer list is scrolled.
const DETAILS: usize = 6;

/// What the server says to whom it does not know any more.
const NOT_SIGNED_IN: &str = "not-signed-in";

/// What the device says of something that can be no PIN.
const PIN_WEAK: &str = "pin-weak";

/// Takes an answer.
pub(super) fn take(model: &mut Model, request: u64, topic: Topic, result: Result<Answered, Trouble>) -> Vec<Effect> {
    let newest = model.pending.get(&topic).is_some_and(|(number, _)| *number == request);
    if !newest && topic != Topic::Record && topic != Topic::Sos {
        return Vec::new();
    }
    if newest {
        model.pending.remove(&topic);
    }
    // A locked screen stays locked, whatever was under way when it was.
    if !model.is_in() && !matches!(topic, Topic::Entry | Topic::Sos) {
        return Vec::new();
    }
    match result {
        Ok(answered) => good(model, answered),
        Err(trouble) => bad(model, topic, trouble),
    }
}

fn good(model: &mut Model, answered: Answered) -> Vec<Effect> {
    match answered {
        Answered::Unlocked => {
            let mut effects = go(model, Place::Today);
            if std::mem::take(&mut model.sos_wanted) {
                effects.push(model.ask(Topic::Sos, Ask::Sos(None)));
            }
            effects.push(model.ask(Topic::Looked, Ask::OwnReads));
            effects.push(model.ask(Topic::Sync, Ask::Sync));
            return effects;
        }
        Answered::SignedIn(role) => return office::signed_in(model, role),
        Answered::NewPasswordNeeded => {
            model.sign_in.busy = false;
            model.sign_in.renewed = Some(Field::default());
            model.sign_in.at = 2;
        }
        Answered::Route(route, facts) => return take_route(model, *route, *facts),
        Answered::Visit(sheet) => {
            take_sheet(model, *sheet);
            // Looking at a file is recorded, and what waits is counted anew.
            return vec![model.ask(Topic::Route, Ask::Route)];
        }
        Answered::Recorded { visit, what } => return recorded(model, visit, what),
        Answered::DraftKept => return draft_kept(model),
        Answered::Outbox(waiting, conflicts) => {
            model.field.waiting = waiting;
            model.field.conflicts = conflicts;
        }
        Answered::Joined { visit, signed } => check_in::signed(model, visit, signed),
        Answered::Synced { acknowledged } => return synced(model, acknowledged),
        Answered::DayCounts(shown) => over(model, Layer::Day(model.day(), shown)),
        Answered::OwnReads(reads) => model.field.looked.reads = reads.map(|reads| *reads),
        Answered::Kept(notes) => over(model, Layer::Kept(notes)),
        Answered::Checks(answer) => return checks::take(model, answer),
        Answered::Position(position) => {
            model.field.position = position;
            model.field.positioned = model.now;
        }
        Answered::Sos { sent } => return called(model, sent),
        Answered::Files(found) => {
            if let Some(Layer::Files { files, .. }) = model.layers.last_mut() {
                *files = Some(found);
            }
        }
        Answered::FileFits(path) => {
            model.say("Added; e shows and removes it.", "已添加；按 e 查看或移除。");
            return record::enter(model, |draft| {
                if !draft.evidence.contains(&path) {
                    draft.evidence.push(path);
                }
            });
        }
        Answered::Written(path) => {
            let path = path.display();
            model.say(
                &format!("Written: {path}. Destroy the printout after use."),
                &format!("已写入：{path}。打印件用后请销毁。"),
            );
        }
        Answered::Receipt(receipt) => model.layers.push(Layer::Receipt(receipt)),
        Answered::Office(answer) => return desk::take(model, *answer),
        Answered::Demo(text) => {
            model.say(&text, &text);
            return perform::load(model);
        }
        Answered::Done => {}
    }
    Vec::new()
}

/// The route and what the device knows. The choice stays with its stop when others come or go.
fn take_route(model: &mut Model, route: Route, facts: DeviceFacts) -> Vec<Effect> {
    let first = model.field.route.is_none();
    let chosen = model.field.chosen().map(|stop| stop.visit);
    let known = |alarm: &TeamAlarm| model.field.facts.alarms.iter().any(|old| old.id == alarm.id);
    let fresh = facts.alarms.iter().any(|alarm| !known(alarm));
    model.field.route = Some(route);
    model.field.facts = facts;
    let mut effects = off::told(model, chosen);
    let shown = model.field.shown();
    let stops = model.field.route.as_ref().map_or(&[][..], |route| &route.stops);
    let place = chosen.and_then(|chosen| shown.iter().position(|place| stops[*place].visit == chosen));
    if let Some(place) = place {
        model.field.stops.chosen = place;
    } else if first || chosen.is_some() {
        let open = model.field.first_open();
        model.field.stops.chosen = shown.iter().position(|place| *place == open).unwrap_or(0);
    }
    // Only the device knows what the server has.
    if model.field.facts.waiting == 0
        && let Some((_, sent)) = &mut model.field.sos
    {
        *sent = true;
    }
    forget_what_went(model);
    effects.extend(own::evidence_grew(model));
    if fresh {
        // Somebody of one's own may need help: that comes before everything on the screen.
        over(model, Layer::Colleagues);
        effects.push(Effect::Bell);
    }
    effects
}

/// What the device may not hold any more goes from the screen too: the lease is over, the device was revoked, or the office
/// has taken the visit away before it began.
fn forget_what_went(model: &mut Model) {
    let facts = &model.field.facts;
    let gone = facts.revoked || (facts.lease_until > 0 && facts.lease_until < model.now.get());
    let stops = model.field.route.as_ref().map_or(&[][..], |route| &route.stops);
    let open = model.field.sheet.as_ref().map(|sheet| sheet.stop.visit);
    let on = |stop: &&Stop| stop.state != StopState::Off;
    let held = open.is_some_and(|open| stops.iter().filter(on).any(|stop| stop.visit == open));
    if gone {
        model.field.conflicts.clear();
        model.field.looked = Looked::default();
    }
    if open.is_some()
        && !held
        && (gone
            || model
                .field
                .sheet
                .as_ref()
                .is_some_and(|sheet| sheet.checked_in.is_none()))
    {
        model.field.sheet = None;
        model.layers.retain(|layer| {
            matches!(
                layer,
                Layer::Sos { .. } | Layer::Colleagues | Layer::Off(_) | Layer::Trouble(_)
            )
        });
        model.place = Place::Today;
    }
}

/// The call for help is made; it stays on the first line.
fn called(model: &mut Model, sent: bool) -> Vec<Effect> {
    model.field.sos = Some((model.now, sent));
    if sent {
        model.say(
            "SOS: partner and supervisor are alarmed.",
            "求助已发出：搭档和主管已收到警报。",
        );
    } else {
        let text = match model.lang {
            Lang::En => "SOS is kept and goes out first. No network now: call for help by phone.",
            Lang::Zh => "求助已保存，将最先发出。目前没有网络，请电话求助。",
        };
        model.complain(text.to_owned());
    }
    if model.is_in() {
        vec![model.ask(Topic::Route, Ask::Route)]
    } else {
        Vec::new()
    }
}

/// A visit's sheet. What was entered on this screen since is newer than the draft that was read.
fn take_sheet(model: &mut Model, mut sheet: super::super::field::Sheet) {
    let before = model
        .field
        .sheet
        .as_ref()
        .filter(|old| old.stop.visit == sheet.stop.visit);
    let newer = before
        .map(|old| &old.draft)
        .or_else(|| model.field.newer_draft(sheet.stop.visit));
    if let Some(newer) = newer {
        sheet.draft = newer.clone();
    }
    if before.is_none() {
        model.field.step = Step::Permit;
    }
    let moved = before.is_none_or(|old| old.stop.state != sheet.stop.state || old.identified != sheet.identified);
    let next = step_of(&sheet);
    model.field.sheet = Some(sheet);
    if moved {
        perform::show(model, next);
    }
}

fn recorded(model: &mut Model, visit: Option<uuid::Uuid>, what: Recorded) -> Vec<Effect> {
    model.field.facts.waiting += 1;
    let mut effects = Vec::new();
    match what {
        Recorded::CheckIn { as_of: None } => model.say("Checked in; saved on this device.", "已签到，已保存在本机。"),
        Recorded::CheckIn { as_of: Some(as_of) } => {
            let minutes = (model.now - as_of).seconds().max(0) / 60;
            model.say(
                &format!("Checked in; saved on this device. No network: facts {minutes} min old."),
                &format!("已签到，已保存在本机。无网络：依据为 {minutes} 分钟前的数据。"),
            );
        }
        Recorded::Joined { sent: true } => model.say(
            "Signed and sent: your partner can check in now.",
            "已签名并发送：同行人员现在可以签到。",
        ),
        Recorded::Joined { sent: false } => model.say(
            "Signed and kept. No network: your partner's device cannot know yet.",
            "已签名并保存。无网络：同行人员的设备尚无法得知。",
        ),
        Recorded::Identity => model.say(
            "Identity confirmed; saved on this device.",
            "已核实本人，已保存在本机。",
        ),
        Recorded::CheckOut => model.say("Checked out; saved on this device.", "已签退，已保存在本机。"),
        Recorded::Skip => model.say("Left out; saved on this device.", "已跳过，已保存在本机。"),
        Recorded::Correction => model.say("Correction saved on this device.", "更正已保存在本机。"),
        Recorded::Settled => model.say(
            "Settled; both sides stay in the log.",
            "已处理；双方内容都保留在日志中。",
        ),
        Recorded::DayOpened => model.say("The day is open; saved on this device.", "已开始一天，已保存在本机。"),
        Recorded::DayClosed => model.say("The day is closed; saved on this device.", "已结束一天，已保存在本机。"),
    }
    match what {
        Recorded::CheckOut | Recorded::Skip => {
            // Whoever pressed the key once more while it was being recorded is not asked about a visit that is over.
            model.layers.retain(|layer| !matches!(layer, Layer::CheckOut { .. }));
            model.field.unkept.retain(|of, _| Some(*of) != visit);
            model.field.keeping.take_if(|(of, _)| Some(*of) == visit);
            model.field.sheet = None;
            model.field.route = None;
            effects.extend(go(model, Place::Today));
        }
        Recorded::Settled => effects.push(model.ask(Topic::Outbox, Ask::Outbox)),
        _ => {
            if let Some(visit) = visit.filter(|_| model.place == Place::Visit) {
                effects.push(model.ask(Topic::Visit, Ask::Visit(visit)));
            }
            effects.push(model.ask(Topic::Route, Ask::Route));
        }
    }
    effects.extend(perform::fetch(model));
    effects
}

fn draft_kept(model: &mut Model) -> Vec<Effect> {
    model.field.keeping = None;
    record::keep_next(model)
}

/// A draft that could not be kept waits for the next attempt, unless a newer one has come. One of a visit that is over is
/// needed no more.
fn draft_failed(model: &mut Model, trouble: Trouble) {
    if let Some((visit, draft)) = model.field.keeping.take() {
        // A visit that is over, or that the office took away, has no draft any more.
        if !matches!(trouble.code.as_str(), "already-done" | "not-found") {
            model.field.unkept.entry(visit).or_insert(draft);
        }
        model.complain(trouble.text);
    }
}

fn synced(model: &mut Model, acknowledged: usize) -> Vec<Effect> {
    model.reached(true);
    model.field.trouble = None;
    if acknowledged > 0 {
        model.say(
            &format!("Sent: {}.", counted(acknowledged, "event", "events")),
            &format!("已发送 {acknowledged} 条记录。"),
        );
    }
    let mut effects = vec![model.ask(Topic::Route, Ask::Route)];
    if std::mem::take(&mut model.field.woken) {
        effects.push(model.ask(Topic::Sync, Ask::Sync));
    }
    if model.place == Place::Outbox {
        effects.push(model.ask(Topic::Outbox, Ask::Outbox));
    }
    effects.extend(own::after_sync(model));
    effects.extend(check_in::after_sync(model));
    effects
}

fn bad(model: &mut Model, topic: Topic, trouble: Trouble) -> Vec<Effect> {
    if trouble.network {
        model.reached(false);
    }
    office::failed(model, topic);
    if model.party == Party::Office && topic != Topic::Entry && trouble.code == NOT_SIGNED_IN {
        office::signed_out(model, trouble.text);
        return Vec::new();
    }
    if reads::asked_why(model, topic, &trouble) {
        return Vec::new();
    }
    match topic {
        Topic::Entry if model.party == Party::Field && trouble.code == PIN_WEAK => {
            // Advice for choosing a PIN helps nobody who gives one.
            let text = pick(model.lang, "A PIN has at least 6 characters.", "PIN 至少有 6 个字符。");
            model.pin_trouble = Some(text.to_owned());
        }
        Topic::Entry if model.party == Party::Field => model.pin_trouble = Some(trouble.text),
        Topic::Entry => {
            model.sign_in.busy = false;
            model.sign_in.trouble = Some(trouble.text);
        }
        // Being without a network is a state, not a mishap: the status line says it.
        Topic::Sync if trouble.network => {
            return vec![model.ask(Topic::Route, Ask::Route)];
        }
        Topic::Live
        | Topic::Plans
        | Topic::Cases
        | Topic::Review
        | Topic::Log
        | Topic::Reads
        | Topic::Desk
        | Topic::Measures
        | Topic::Odds
            if trouble.network => {}
        // Nobody who is elsewhere is told that this could not be fetched; the screen says how old it is.
        Topic::Looking if trouble.network || model.place != Place::Looked => {}
        Topic::Desk if model.place != Place::Desk => {}
        Topic::Checks if trouble.network || model.place != Place::Checks => {}
        Topic::Draft => draft_failed(model, trouble),
        // What fails every minute is said once.
        Topic::Sync | Topic::Route => {
            if model.field.trouble.replace(trouble.code.clone()).as_deref() != Some(&trouble.code) {
                over(model, Layer::Trouble(trouble));
            }
        }
        _ => {
            let layer = to_read(model, trouble);
            over(model, layer);
        }
    }
    Vec::new()
}

/// What went wrong, as something to read; a long list can be scrolled.
fn to_read(model: &Model, trouble: Trouble) -> Layer {
    if trouble.details.len() <= DETAILS {
        return Layer::Trouble(trouble);
    }
    let title = pick(model.lang, "This did not work", "未能完成");
    let room = model.size.0.saturating_sub(6);
    let details = trouble.details.iter().map(|detail| format!("- {detail}"));
    let lines = trouble.text.lines().map(str::to_owned).chain(details);
    Layer::Details {
        title: format!("{title} {}", trouble.code),
        lines: lines.flat_map(|line| wrapped(&line, room)).collect(),
        list: ListState::default(),
    }
}

/// Lays something over the screen, below a question that waits for a key: nobody's confirmation goes to something else.
pub(super) fn over(model: &mut Model, layer: Layer) {
    let asks = |layer: &Layer| matches!(layer, Layer::Sos { .. } | Layer::Confirm { .. } | Layer::Text { .. });
    if model.layers.contains(&layer) {
        return;
    }
    let place = model.layers.iter().position(asks).unwrap_or(model.layers.len());
    model.layers.insert(place, layer);
}
