//! `doorstep` alone, and `screen`: the screens in the terminal, or one of them as text or picture.

use std::sync::Arc;

use clap::Args;
use doorstep_device::Device;
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::answer::Answer;
use crate::app::effect::Effect;
use crate::app::event::Event;
use crate::app::key::Key;
use crate::app::model::{Model, Place};
use crate::app::update::update;
use crate::command::device;
use crate::context::Context;
use crate::failure::Failure;
use crate::picture::{Form, picture};
use crate::screens::{self, Views};
use crate::session::Session;
use crate::term::{Stage, Worker, run as run_loop};
use crate::work::{Hands, StreetSource, Tools};

/// What to show.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ScreenArgs {
    /// today, outbox, me; live, plan, cases, review, log, reads [default: the first one]
    #[arg(value_name = "SCREEN")]
    pub(crate) screen: Option<String>,
    /// Print the screen once instead of opening it, at this size
    #[arg(long, value_name = "COLUMNSxROWS")]
    pub(crate) snapshot: Option<String>,
    /// How a snapshot is written
    #[arg(long, value_enum, default_value_t = Form::Text, requires = "snapshot")]
    pub(crate) form: Form,
    /// Keys to press before the snapshot, by name and apart: "j Enter o 4"
    #[arg(long, value_name = "KEYS", requires = "snapshot", default_value = "")]
    pub(crate) keys: String,
}

/// The screens by their names on the command line.
const NAMES: [(&str, Place); 11] = [
    ("today", Place::Today),
    ("outbox", Place::Outbox),
    ("me", Place::Me),
    ("live", Place::Live),
    ("plan", Place::Plan),
    ("cases", Place::Cases),
    ("review", Place::Review),
    ("log", Place::Log),
    ("reads", Place::Reads),
    ("desk", Place::Desk),
    ("measures", Place::Measures),
];

/// Opens the screens of whoever this is: of field staff where the folder holds a device, otherwise of the office.
pub(crate) async fn run(args: &ScreenArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let place = place_of(args)?;
    let clock = Arc::clone(&context.env.clock);
    let peek = Device::peek(&context.device_dir, Arc::clone(&clock)).await?;
    if peek.enrolled && peek.needs_new_pin {
        // A device of before has no PIN yet: it is chosen, twice, before anything is sealed under it.
        device::open(context).await?.close().await;
    }
    let of_field = |place: &Place| matches!(place, Place::Today | Place::Outbox | Place::Me);
    let is_field = place.as_ref().map_or(peek.enrolled, of_field);
    let first = match (is_field, Session::load(&context.session_file)) {
        (true, _) => Place::Unlock,
        (false, Some(_)) => place.unwrap_or(Place::Live),
        (false, None) => Place::SignIn,
    };
    let mut model = Model::new(context.lang, context.zone.clone(), clock.now(), first);
    if let (false, Some(session)) = (is_field, Session::load(&context.session_file)) {
        model.office.role = session.me.role;
    }
    if is_field && peek.wait_s > 0 {
        model.pin_trouble = Some(wait_text(context, peek.wait_s));
    }
    let tools = Tools {
        device_dir: context.device_dir.clone(),
        clock,
        transport: None,
        machine: context.env.machine.clone(),
        server: context.server(),
        session_file: context.session_file.clone(),
        streets: StreetSource::File(streets_file(context)),
        prompter: None,
    };
    Box::pin(show(model, tools, args, place, context)).await
}

/// Where the streets are: named by the surroundings, otherwise beside the device.
fn streets_file(context: &Context<'_>) -> std::path::PathBuf {
    let named = context.env.machine.streets.clone();
    named.unwrap_or_else(|| context.device_dir.join("streets.geojson"))
}

fn wait_text(context: &Context<'_>, seconds: i64) -> String {
    match context.lang {
        doorstep_domain::words::Lang::En => format!("Too many wrong PINs: wait {seconds} seconds."),
        doorstep_domain::words::Lang::Zh => format!("PIN 错误次数过多，请等待 {seconds} 秒。"),
    }
}

/// The screen that is named.
pub(crate) fn place_of(args: &ScreenArgs) -> Result<Option<Place>, Failure> {
    let Some(name) = &args.screen else { return Ok(None) };
    let found = NAMES.iter().find(|(known, _)| known == name);
    found.map(|(_, place)| Some(*place)).ok_or_else(|| Failure::Value {
        name: "SCREEN",
        given: name.clone(),
        expected: (
            "today, outbox, me, live, plan, cases, review, log or reads",
            "today、outbox、me、live、plan、cases、review、log 或 reads",
        ),
    })
}

/// Shows a model in the terminal, or prints it once.
pub(crate) async fn show(
    mut model: Model,
    tools: Tools,
    args: &ScreenArgs,
    place: Option<Place>,
    context: &mut Context<'_>,
) -> Result<Answer, Failure> {
    let (sender, events) = unbounded_channel();
    let streets = tools.streets.clone();
    let clock = Arc::clone(&tools.clock);
    let hands = Hands::new(tools, sender);
    if args.snapshot.is_some() {
        let views = streets
            .read()
            .map_or_else(Views::default, |streets| Views::new(Arc::new(streets)));
        let printed = snapshot(model, &views, (&hands, events), args, place, context).await;
        hands.close().await;
        return printed;
    }
    let streets = tokio::task::spawn_blocking(move || streets.read());
    let now = clock.now();
    let first = begin(&mut model, None, now);
    let stage = Stage {
        worker: hands.clone(),
        events,
        theme: context.env.machine.theme,
        views: Views::default(),
        streets: Some(streets),
        clock,
        first,
    };
    let outcome = run_loop(model, stage).await;
    hands.close().await;
    outcome?;
    Ok(Answer::Written)
}

/// What a model asks for when it is first shown.
fn begin(model: &mut Model, place: Option<Place>, now: doorstep_domain::measure::Micros) -> Vec<Effect> {
    match place {
        Some(place) if model.is_in() => update(model, Event::Tap(crate::app::event::Target::Tab(place)), now),
        _ if model.is_in() => {
            let here = model.place;
            update(model, Event::Tap(crate::app::event::Target::Tab(here)), now)
        }
        // A demo knows its PIN.
        _ if !model.pin.is_empty() => update(model, Event::Key(Key::Enter), now),
        _ => Vec::new(),
    }
}

/// Plays keys on the screen, waiting for the answers after each, and prints what is seen then.
async fn snapshot(
    mut model: Model,
    views: &Views,
    (hands, mut events): (&Hands, UnboundedReceiver<Event>),
    args: &ScreenArgs,
    place: Option<Place>,
    context: &mut Context<'_>,
) -> Result<Answer, Failure> {
    let wrong = || Failure::Value {
        name: "--snapshot",
        given: args.snapshot.clone().unwrap_or_default(),
        expected: ("columns and rows like 80x24", "列数和行数，如 80x24"),
    };
    let size = args.snapshot.as_deref().and_then(|size| size.split_once('x'));
    let (columns, rows) = size.ok_or_else(wrong)?;
    let (columns, rows): (u16, u16) = (
        columns.parse().map_err(|_| wrong())?,
        rows.parse().map_err(|_| wrong())?,
    );
    if !(1..=500).contains(&columns) || !(1..=300).contains(&rows) {
        return Err(wrong());
    }
    model.size = (columns, rows);
    let clock = Arc::clone(&context.env.clock);
    if model.place == Place::Unlock {
        let pin = zeroize::Zeroizing::new(context.pin_text()?);
        model.pin = crate::app::form::Field::new(&pin);
        play(&mut model, Event::Key(Key::Enter), hands, &mut events, clock.now()).await;
    }
    if let Some(place) = place.or(model.tabs().first().copied()).filter(|_| model.is_in()) {
        let tab = Event::Tap(crate::app::event::Target::Tab(place));
        play(&mut model, tab, hands, &mut events, clock.now()).await;
    }
    for name in args.keys.split_whitespace() {
        let key = key_named(name).ok_or_else(|| Failure::Value {
            name: "--keys",
            given: name.to_owned(),
            expected: (
                "keys by name, like j, Enter, Esc, Space or Tab",
                "按键名称，如 j、Enter、Esc、Space 或 Tab",
            ),
        })?;
        play(&mut model, Event::Key(key), hands, &mut events, clock.now()).await;
    }
    let mut buf = Buffer::empty(Rect::new(0, 0, columns, rows));
    screens::draw(&model, views, context.env.machine.theme, &mut buf);
    context.out.data(picture(&buf, args.form).as_bytes())?;
    Ok(Answer::Written)
}

/// One event, and all answers that follow from it.
async fn play(
    model: &mut Model,
    event: Event,
    hands: &Hands,
    events: &mut UnboundedReceiver<Event>,
    now: doorstep_domain::measure::Micros,
) {
    let mut next = Some(event);
    while let Some(event) = next.take() {
        for effect in update(model, event, now) {
            if let Effect::Ask { request, topic, ask } = effect {
                hands.begin(model.lang, request, topic, ask);
            }
        }
        if !model.pending.is_empty() {
            next = events.recv().await;
        }
    }
}

/// A key by its name.
fn key_named(name: &str) -> Option<Key> {
    let mut signs = name.chars();
    if let (Some(sign), None) = (signs.next(), signs.next()) {
        return Some(Key::Char(sign));
    }
    Some(match name {
        "Enter" => Key::Enter,
        "Esc" => Key::Esc,
        "Space" => Key::Char(' '),
        "Tab" => Key::Tab,
        "BackTab" => Key::BackTab,
        "Down" => Key::Down,
        "Up" => Key::Up,
        "Left" => Key::Left,
        "Right" => Key::Right,
        "Home" => Key::Home,
        "End" => Key::End,
        "PageDown" => Key::PageDown,
        "PageUp" => Key::PageUp,
        "Backspace" => Key::Backspace,
        _ => return None,
    })
}
