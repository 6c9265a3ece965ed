//! Anything at any size, with a device that answers late, out of order, or not at all: nothing panics, every draft and
//! every event arrives, and what can be tapped lies on the screen and does something.

use std::collections::BTreeMap;

use doorstep_domain::measure::Micros;
use doorstep_domain::words::Lang;
use proptest::prelude::*;
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use uuid::Uuid;

use super::super::action::{Action, specs_at};
use super::super::effect::{Answered, Ask, Effect, Recorded, Topic, Trouble};
use super::super::event::{Event, Target};
use super::super::field::{Draft, Route, Sheet, StopState, Waiting};
use super::super::key::Key;
use super::super::layer::Layer;
use super::super::model::{Model, Place};
use super::super::sample_tests::{self as sample, MINUTE, NOW};
use super::{next_tick, update};
use crate::screens::{self, Views};
use crate::theme::Theme;

/// A device as far as the screens see it: what was recorded, what was kept.
#[derive(Default)]
struct Fake {
    states: BTreeMap<Uuid, StopState>,
    drafts: BTreeMap<Uuid, Draft>,
    events: Vec<&'static str>,
}

impl Fake {
    fn sheet(&self, visit: Uuid) -> Sheet {
        let mut stops = sample::stops(Lang::En).into_iter();
        let mut sheet = sample::begun(1);
        sheet.stop = stops.find(|stop| stop.visit == visit).unwrap_or_default();
        sheet.stop.state = self.state(visit);
        sheet.draft = self.drafts.get(&visit).cloned().unwrap_or_default();
        sheet
    }

    fn state(&self, visit: Uuid) -> StopState {
        self.states.get(&visit).copied().unwrap_or_default()
    }

    fn route(&self) -> Answered {
        let mut stops = sample::stops(Lang::En);
        for stop in &mut stops {
            stop.state = self.state(stop.visit);
        }
        let begun = stops.iter().find(|stop| stop.state == StopState::Begun);
        let mut facts = sample::facts();
        facts.waiting = self.events.len();
        facts.begun = begun.map(|stop| (stop.visit, stop.ends));
        Answered::Route(Box::new(Route { stops }), Box::new(facts))
    }

    fn record(&mut self, visit: Uuid, what: Recorded, name: &'static str) -> Answered {
        self.events.push(name);
        Answered::Recorded {
            visit: Some(visit),
            what,
        }
    }

    fn answer(&mut self, ask: Ask) -> Result<Answered, Trouble> {
        Ok(match ask {
            Ask::Unlock(_) => Answered::Unlocked,
            Ask::Route => self.route(),
            Ask::Visit(visit) => Answered::Visit(Box::new(self.sheet(visit))),
            Ask::CheckIn { visit, .. } if self.state(visit) == StopState::Ahead => {
                self.states.insert(visit, StopState::Begun);
                self.record(visit, Recorded::CheckIn { as_of: None }, "arrived")
            }
            Ask::CheckOut(out) if self.state(out.visit) == StopState::Begun => {
                self.states.insert(out.visit, StopState::Done);
                self.drafts.remove(&out.visit);
                self.record(out.visit, Recorded::CheckOut, "departed")
            }
            Ask::Skip { visit, .. } if self.state(visit) == StopState::Ahead => {
                self.states.insert(visit, StopState::Skipped);
                self.record(visit, Recorded::Skip, "skipped")
            }
            Ask::KeepDraft { visit, draft } if self.state(visit) != StopState::Done => {
                self.drafts.insert(visit, *draft);
                Answered::DraftKept
            }
            Ask::Leave { visit, .. } if self.state(visit) == StopState::Begun => {
                self.states.insert(visit, StopState::Done);
                self.drafts.remove(&visit);
                self.record(visit, Recorded::CheckOut, "departed")
            }
            Ask::Leave { .. } | Ask::CheckIn { .. } | Ask::CheckOut(_) | Ask::Skip { .. } | Ask::KeepDraft { .. } => {
                return Err(trouble("already-done", false));
            }
            Ask::Identify(visit) => self.record(visit, Recorded::Identity, "identity"),
            Ask::Outbox => Answered::Outbox(
                self.events
                    .iter()
                    .map(|kind| Waiting {
                        kind: (*kind).to_owned(),
                        case_no: None,
                        made_at: 0,
                        state: "waiting".to_owned(),
                        code: None,
                    })
                    .collect(),
                sample::outbox().1,
            ),
            Ask::Sync => return Err(trouble("network", true)),
            Ask::Sos(_) => {
                self.events.push("sos");
                Answered::Sos { sent: false }
            }
            Ask::DayCounts => Answered::DayCounts(sample::counted(0, 1)),
            Ask::DayOpen | Ask::DayClose => {
                self.events.push("day");
                let what = match ask {
                    Ask::DayOpen => Recorded::DayOpened,
                    _ => Recorded::DayClosed,
                };
                Answered::Recorded { visit: None, what }
            }
            Ask::OwnReads | Ask::FetchOwnReads => Answered::OwnReads(Some(Box::new(sample::reads(5)))),
            Ask::Kept => Answered::Kept(sample::kept()),
            Ask::Files => Answered::Files(vec!["door.jpg".into()]),
            Ask::Position(_) => Answered::Position(None),
            _ => Answered::Done,
        })
    }
}

fn trouble(code: &str, network: bool) -> Trouble {
    Trouble {
        code: code.to_owned(),
        text: "It did not work.\nTry again.".to_owned(),
        network,
        details: vec!["one thing".to_owned()],
    }
}

/// What happens next.
#[derive(Debug, Clone)]
enum Step {
    Key(Key),
    Paste(String),
    Wheel(bool),
    Resize(u16, u16),
    /// So many seconds go by.
    Wait(i64),
    /// One of the things that can be tapped.
    Tap(usize),
    /// One of the actions of the place, as from the palette.
    Do(usize),
    /// One of the questions is answered; or not carried out.
    Answer(usize, bool),
}

fn step() -> impl Strategy<Value = Step> {
    let letters = "ijkgGnNoxlrptedwbaysEFqmuh!#:?/+-=0123456789 ！：王é";
    let letters: Vec<char> = letters.chars().collect();
    let named = [
        Key::Enter,
        Key::Esc,
        Key::Tab,
        Key::BackTab,
        Key::Up,
        Key::Down,
        Key::Left,
        Key::Right,
        Key::PageUp,
        Key::PageDown,
        Key::Home,
        Key::End,
        Key::Backspace,
        Key::Delete,
        Key::F(1),
        Key::Ctrl('u'),
    ];
    prop_oneof![
        8 => prop::sample::select(letters).prop_map(|letter| Step::Key(Key::Char(letter))),
        6 => prop::sample::select(named.to_vec()).prop_map(Step::Key),
        4 => Just(Step::Key(Key::Enter)),
        1 => ".{0,40}".prop_map(Step::Paste),
        1 => any::<bool>().prop_map(Step::Wheel),
        1 => (1_u16..160, 1_u16..60).prop_map(|(columns, rows)| Step::Resize(columns, rows)),
        1 => (0_i64..400).prop_map(Step::Wait),
        3 => (0_usize..60).prop_map(Step::Tap),
        4 => (0_usize..60).prop_map(Step::Do),
        8 => (0_usize..8, prop::bool::weighted(0.85)).prop_map(|(which, good)| Step::Answer(which, good)),
    ]
}

/// The screens with their device.
struct Play {
    model: Model,
    device: Fake,
    asked: Vec<(u64, Topic, Ask)>,
    hits: Vec<(Rect, Target)>,
    /// What was last entered for each visit.
    entered: BTreeMap<Uuid, Draft>,
    now: Micros,
    views: Views,
}

impl Play {
    fn new(lang: Lang) -> Self {
        let mut play = Self {
            model: sample::with_route(lang),
            device: Fake::default(),
            asked: Vec::new(),
            hits: Vec::new(),
            entered: BTreeMap::new(),
            now: NOW,
            views: Views::default(),
        };
        play.happens(Event::Tap(Target::Tab(Place::Today)));
        play
    }

    fn happens(&mut self, event: Event) {
        for effect in update(&mut self.model, event, self.now) {
            match effect {
                Effect::Ask { request, topic, ask } => self.asked.push((request, topic, ask)),
                Effect::Cancel(topic) => self.asked.retain(|(_, of, _)| *of != topic),
                Effect::Copy(_) | Effect::Bell | Effect::Quit => {}
            }
        }
        if let Some(sheet) = &self.model.field.sheet {
            self.entered.insert(sheet.stop.visit, sheet.draft.clone());
        }
        if !self.model.is_in() {
            assert!(self.model.field.route.is_none(), "a locked screen knows nothing");
        }
        assert!(next_tick(&self.model) > self.model.now, "the next moment is ahead");
        self.draws();
    }

    fn draws(&mut self) {
        let (columns, rows) = self.model.size;
        let area = Rect::new(0, 0, columns, rows);
        let mut buf = Buffer::empty(area);
        self.hits = screens::draw(&self.model, &self.views, Theme::default(), &mut buf);
        for (hit, target) in &self.hits {
            assert!(
                !hit.is_empty() && area.intersection(*hit) == *hit,
                "{target:?} at {hit} is not within {area}"
            );
        }
    }

    fn goes_on(&mut self, step: Step) {
        match step {
            Step::Key(key) => self.happens(Event::Key(key)),
            Step::Paste(text) => self.happens(Event::Paste(text)),
            Step::Wheel(down) => self.happens(Event::Wheel(down)),
            Step::Resize(columns, rows) => self.happens(Event::Resize(columns, rows)),
            Step::Wait(seconds) => {
                self.now = Micros(self.now.get() + seconds * 1_000_000);
                self.happens(Event::Tick);
            }
            Step::Tap(which) => {
                if let Some((_, target)) = self.hits.get(which).copied() {
                    self.happens(Event::Tap(target));
                }
            }
            Step::Do(which) => {
                let chosen = specs_at(self.model.place).nth(which);
                if let Some(spec) = chosen.filter(|spec| spec.action != Action::Quit) {
                    self.happens(Event::Tap(Target::Do(spec.action)));
                }
            }
            Step::Answer(which, good) => self.answers(which, good),
        }
    }

    fn answers(&mut self, which: usize, good: bool) {
        if which >= self.asked.len() {
            return;
        }
        let (request, topic, ask) = self.asked.remove(which);
        let result = if good {
            self.device.answer(ask)
        } else {
            Err(trouble("input", which.is_multiple_of(2)))
        };
        self.happens(Event::Answer { request, topic, result });
    }

    /// Everything is answered, and a minute goes by for what is tried again.
    fn comes_to_rest(&mut self) {
        for _ in 0..3 {
            while !self.asked.is_empty() {
                self.answers(0, true);
            }
            self.now = Micros(self.now.get() + MINUTE);
            self.happens(Event::Tick);
        }
        while !self.asked.is_empty() {
            self.answers(0, true);
        }
    }

    /// What was entered is on the device, unless the visit is over.
    fn lost_no_draft(&self) {
        for (visit, entered) in &self.entered {
            if self.device.state(*visit) == StopState::Done {
                continue;
            }
            let kept = self.device.drafts.get(visit).cloned().unwrap_or_default();
            assert_eq!(&kept, entered, "what was entered for {visit} is not what is kept");
        }
    }

    /// The outbox shows every event that the device holds.
    fn lost_no_event(&mut self) {
        self.model.layers.clear();
        self.happens(Event::Tap(Target::Tab(Place::Outbox)));
        while !self.asked.is_empty() {
            self.answers(0, true);
        }
        let shown = self.model.field.waiting.len();
        assert_eq!(
            (shown, self.model.field.facts.waiting),
            (self.device.events.len(), shown)
        );
    }
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: proptest::test_runner::RngSeed::Fixed(11),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn nothing_panics_and_nothing_is_lost(
        steps in prop::collection::vec(step(), 0..160),
        size in (1_u16..150, 1_u16..50),
        zh in any::<bool>(),
    ) {
        let mut play = Play::new(if zh { Lang::Zh } else { Lang::En });
        play.happens(Event::Resize(size.0, size.1));
        for step in steps {
            play.goes_on(step);
            if play.model.over {
                break;
            }
        }
        play.comes_to_rest();
        if !play.model.over && play.model.is_in() {
            play.lost_no_event();
        }
        play.lost_no_draft();
    }
}

/// The screens with a visit begun, and everything answered.
fn at_the_door() -> Play {
    let mut play = Play::new(Lang::En);
    play.device.states.insert(sample::visit(4), StopState::Begun);
    play.comes_to_rest();
    play.model.field.stops.chosen = 3;
    play.happens(Event::Key(Key::Enter));
    play.comes_to_rest();
    assert_eq!(play.model.place, Place::Visit);
    play
}

#[test]
fn a_note_left_while_it_is_being_saved_is_saved() {
    let mut play = at_the_door();
    for key in ["t", "a", "b", "c"] {
        play.happens(Event::Key(Key::Char(key.chars().next().unwrap_or_default())));
    }
    // The first letter is under way; both the field and the visit are left before it is answered.
    play.happens(Event::Key(Key::Esc));
    play.happens(Event::Key(Key::Esc));
    assert!(play.model.field.sheet.is_none());
    play.happens(Event::Terminate);
    assert!(play.model.over && play.model.is_recording());
    play.comes_to_rest();
    assert_eq!(play.device.drafts[&sample::visit(4)].note, "abc");
}

#[test]
fn a_pasted_note_is_kept_at_once() {
    let mut play = at_the_door();
    play.happens(Event::Key(Key::Char('t')));
    play.happens(Event::Paste("bell is broken".to_owned()));
    play.happens(Event::Key(Key::Char('!')));
    play.happens(Event::Key(Key::Esc));
    play.comes_to_rest();
    assert_eq!(play.device.drafts[&sample::visit(4)].note, "bell is broken!");
}

#[test]
fn a_draft_that_could_not_be_kept_is_tried_again() {
    let mut play = at_the_door();
    play.happens(Event::Key(Key::Char('t')));
    play.happens(Event::Paste("gate code wrong".to_owned()));
    play.happens(Event::Key(Key::Enter));
    let keeping = play.asked.iter().position(|(_, topic, _)| *topic == Topic::Draft);
    play.answers(keeping.unwrap_or(usize::MAX), false);
    assert!(play.model.toast.as_ref().is_some_and(|toast| toast.bad));
    play.comes_to_rest();
    play.lost_no_draft();
}

#[test]
fn every_hit_of_a_screen_does_something() {
    for place in [Place::Today, Place::Outbox, Place::Me, Place::Looked, Place::Visit] {
        for at in 0..100 {
            let mut play = at_the_door();
            if place != Place::Visit {
                play.happens(Event::Tap(Target::Tab(place)));
                play.comes_to_rest();
            }
            play.model.toast = None;
            // The last step but one: every earlier one can be gone back to.
            play.model.field.step = super::super::field::Step::Proof;
            play.draws();
            let Some((_, target)) = play.hits.get(at).copied() else {
                assert!(at > 3, "{place:?} can be tapped");
                break;
            };
            if matches!((place, target), (Place::Looked, Target::Row(_))) {
                // The chosen one stands in full below.
                continue;
            }
            let before = format!("{:?}", play.model);
            play.happens(Event::Tap(target));
            assert!(
                before != format!("{:?}", play.model),
                "{target:?} at {place:?} does nothing"
            );
        }
    }
}

#[test]
fn help_is_called_from_everywhere_with_two_keys() {
    let mut keys: Vec<Vec<Key>> = vec![vec![]];
    keys.extend("tloxwerp?:/dc#DW".chars().map(|letter| vec![Key::Char(letter)]));
    for place in [Place::Today, Place::Outbox, Place::Me, Place::Looked, Place::Visit] {
        for before in &keys {
            let mut play = at_the_door();
            if place != Place::Visit {
                play.happens(Event::Tap(Target::Tab(place)));
                play.comes_to_rest();
            }
            for key in before {
                play.happens(Event::Key(*key));
            }
            play.happens(Event::Key(Key::Char('！')));
            play.happens(Event::Key(Key::Char('!')));
            let called = play.asked.iter().any(|(_, _, ask)| matches!(ask, Ask::Sos(_)));
            assert!(called, "{place:?} {before:?}");
        }
    }
}

#[test]
fn an_answer_that_comes_late_does_not_open_a_locked_screen() {
    let mut play = at_the_door();
    play.happens(Event::Tap(Target::Do(Action::Lock)));
    assert_eq!(play.model.place, Place::Unlock);
    let late = Answered::Recorded {
        visit: Some(sample::visit(4)),
        what: Recorded::CheckOut,
    };
    let (request, topic, result) = (1, Topic::Record, Ok(late));
    play.happens(Event::Answer { request, topic, result });
    assert_eq!(play.model.place, Place::Unlock);
}

#[test]
fn locking_waits_for_what_is_being_saved() {
    let mut play = at_the_door();
    play.happens(Event::Key(Key::Char('t')));
    play.happens(Event::Key(Key::Char('x')));
    play.happens(Event::Key(Key::Enter));
    assert!(super::refusal(&play.model, Action::Lock).is_some());
    play.comes_to_rest();
    assert_eq!(super::refusal(&play.model, Action::Lock), None);
}

#[test]
fn a_check_out_pressed_once_more_while_it_is_recorded_asks_nothing_afterwards() {
    let mut play = at_the_door();
    play.model.layers.push(Layer::CheckOut { open: Vec::new() });
    let recorded = Answered::Recorded {
        visit: Some(sample::visit(4)),
        what: Recorded::CheckOut,
    };
    let (request, topic, result) = (1, Topic::Record, Ok(recorded));
    play.happens(Event::Answer { request, topic, result });
    assert_eq!(play.model.place, Place::Today);
    assert!(play.model.layers.is_empty());
}
