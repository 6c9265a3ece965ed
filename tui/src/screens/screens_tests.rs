//! The screens of field staff in every state, as golden text with looks: both languages, three sizes. After a wanted
//! change: `DOORSTEP_BLESS=1 cargo test -p doorstep --lib golden`, then read the difference.

use std::fmt::Write as _;
use std::path::Path;

use doorstep_domain::report::FigureKind;
use doorstep_domain::words::Lang;
use doorstep_wire::sync::Position;
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;

use super::{Views, draw};
use crate::app::day::DayShown;
use crate::app::desk_sample_tests as desk;
use crate::app::event::Event;
use crate::app::field::{Draft, Sheet, Step};
use crate::app::key::Key;
use crate::app::layer::{Choice, Layer};
use crate::app::list::ListState;
use crate::app::model::{Link, Model, Place};
use crate::app::office::{Wanted, Work};
use crate::app::office_sample_tests as office;
use crate::app::sample_tests::{self as sample, MINUTE, NOW};
use crate::app::update::update;
use crate::picture::{Form, picture};
use crate::theme::Theme;

/// The states, each with its name.
type State = (&'static str, fn(Lang) -> Model);

const STATES: [State; 45] = [
    ("unlock", |lang| {
        Model::new(lang, sample::opened(lang).zone, NOW, Place::Unlock)
    }),
    ("wrong PIN", |lang| {
        let mut model = Model::new(lang, sample::opened(lang).zone, NOW, Place::Unlock);
        model.pin_trouble = Some("wrong-pin".to_owned());
        model
    }),
    ("first load", sample::opened),
    ("route", sample::with_route),
    ("empty", |lang| {
        let mut model = sample::with_route(lang);
        model.field.route = Some(crate::app::field::Route::default());
        model
    }),
    ("lease ended", |lang| {
        let mut model = sample::with_route(lang);
        model.field.route = Some(crate::app::field::Route::default());
        model.field.facts.lease_until = NOW.get() - MINUTE;
        model.field.facts.waiting = 2;
        model
    }),
    ("offline", |lang| {
        let mut model = sample::with_route(lang);
        let since = doorstep_domain::measure::Micros(NOW.get() - 12 * MINUTE);
        model.link = Link::Offline { since };
        model.field.facts.waiting = 3;
        model
    }),
    ("blocked stop", |lang| {
        pressed(sample::with_route(lang), &[Key::Home, Key::Char('j'), Key::Char('w')])
    }),
    ("a visit is off", |lang| {
        let mut model = sample::with_route(lang);
        model.field.route = Some(crate::app::field::Route {
            stops: sample::with_off(lang),
        });
        model.field.stops.chosen = 2;
        model
    }),
    ("the visit on the screen is off", |lang| {
        off_at_the_door(lang, sheet_ahead())
    }),
    ("the visit that has begun is off", |lang| {
        let mut sheet = sample::begun(4);
        (sheet.stop.name, sheet.stop.address) = (String::new(), String::new());
        sheet.stop.off = Some("RIGHTS-BANS".to_owned());
        off_at_the_door(lang, sheet)
    }),
    ("visit before check-in", |lang| {
        at_the_door(lang, sheet_ahead(), Step::Permit)
    }),
    ("check-in form", |lang| {
        let mut model = at_the_door(lang, sheet_ahead(), Step::Permit);
        model.field.position = Some(near());
        let mut model = pressed(model, &[Key::Char('i'), Key::Char(' ')]);
        model.pending.clear();
        model
    }),
    ("check-in form for two, the partner away", |lang| for_two(lang, &[])),
    ("check-in form for two, the partner's PIN", |lang| {
        let keyed = [uuid::Uuid::from_u128(0x2000)];
        pressed(
            for_two(lang, &keyed),
            &[Key::Down, Key::Down, Key::Char('1'), Key::Char('3')],
        )
    }),
    ("who", |lang| at_the_door(lang, sample::begun(4), Step::Who)),
    ("what is said", |lang| {
        pressed(at_the_door(lang, met(), Step::Matter), &[Key::Char('S')])
    }),
    ("identity", |lang| {
        let model = at_the_door(lang, sample::begun(4), Step::Who);
        let mut model = pressed(model, &[Key::Char('1'), Key::Enter]);
        model.pending.clear();
        model
    }),
    ("receipt", |lang| {
        let mut model = at_the_door(lang, sample::begun(4), Step::Who);
        model
            .layers
            .push(crate::app::layer::Layer::Receipt(Box::new(receipt())));
        model
    }),
    ("matter", |lang| at_the_door(lang, met(), Step::Matter)),
    ("proof with a note", |lang| {
        let mut sheet = met();
        sheet.draft.matter = Some(doorstep_domain::contact::MatterOutcome::Hardship);
        sheet.draft.note = "Lost the job in March; asks for smaller rates.".to_owned();
        at_the_door(lang, sheet, Step::Proof)
    }),
    ("check-out with open items", |lang| {
        let mut sheet = met();
        sheet.draft.matter = Some(doorstep_domain::contact::MatterOutcome::None);
        let mut model = pressed(at_the_door(lang, sheet, Step::Proof), &[Key::Char('d')]);
        model.pending.clear();
        model
    }),
    ("overdue", |lang| {
        let mut sheet = sample::begun(4);
        sheet.due_out = Some(NOW.get() - 2 * MINUTE);
        at_the_door(lang, sheet, Step::Who)
    }),
    ("outbox with conflict", |lang| {
        let mut model = sample::with_route(lang);
        model.place = Place::Outbox;
        (model.field.waiting, model.field.conflicts) = sample::outbox();
        model.field.facts.waiting = 2;
        model
    }),
    ("me", |lang| {
        let mut model = sample::with_route(lang);
        model.place = Place::Me;
        model
    }),
    ("me with evidence", |lang| {
        let mut model = sample::with_route(lang);
        model.place = Place::Me;
        model.field.facts.evidence = 2;
        model
    }),
    ("day not open", |lang| with_day(lang, None, None)),
    ("day left open", |lang| with_day(lang, Some(26 * 60), None)),
    ("day closed", |lang| with_day(lang, Some(130), Some(4))),
    ("open the day", |lang| {
        asked(with_day(lang, None, None), sample::counted(0, 0))
    }),
    ("open again", |lang| {
        asked(with_day(lang, Some(130), Some(4)), sample::counted(0, 0))
    }),
    ("close the day", |lang| {
        asked(sample::with_route(lang), sample::counted(0, 3))
    }),
    ("close the day with a visit begun", |lang| {
        asked(sample::with_route(lang), sample::counted(1, 3))
    }),
    ("evidence", |lang| {
        let mut model = sample::with_route(lang);
        model.field.facts.evidence = 2;
        model.layers.push(Layer::Kept(sample::kept()));
        model
    }),
    ("who looked", |lang| looked(lang, Some(sample::reads(35)))),
    ("who looked, found by a word", |lang| {
        let mut model = looked(lang, Some(sample::reads(35)));
        model.field.looked.filter = "super".to_owned();
        pressed(model, &[Key::Char('o'), Key::Down])
    }),
    ("who looked, offline", |lang| {
        let mut model = looked(lang, Some(sample::reads(400)));
        model.link = Link::Offline { since: NOW };
        model
    }),
    ("who looked, never fetched and offline", |lang| {
        let mut model = looked(lang, None);
        model.link = Link::Offline { since: NOW };
        model
    }),
    ("own checks", own_checks),
    ("own checks, none", |lang| {
        let mut model = own_checks(lang);
        model.field.checks.items = Some(Vec::new());
        model
    }),
    ("an own check in full", |lang| {
        let mut model = own_checks(lang);
        let check = model.field.checks.chosen().cloned().unwrap();
        let crate::app::desk::Opened::Check(detail) = desk::opened(&crate::app::desk::Thing::Check(check)) else {
            return model;
        };
        let (title, lines) = super::check_lines(&model, &detail);
        let list = ListState::default();
        model.layers.push(Layer::Details { title, lines, list });
        model
    }),
    ("help", |lang| pressed(sample::with_route(lang), &[Key::Char('?')])),
    ("palette", |lang| {
        pressed(sample::with_route(lang), &[Key::Char(':'), Key::Char('s')])
    }),
    ("navigate", |lang| pressed(sample::with_route(lang), &[Key::Char('l')])),
    ("SOS", |lang| pressed(sample::with_route(lang), &[Key::Char('!')])),
];

/// The same of the office.
const OFFICE: [State; 49] = [
    ("live", |lang| office::supervisor(lang, Place::Live)),
    ("crew", |lang| {
        pressed(office::supervisor(lang, Place::Live), &[Key::Down, Key::Enter])
    }),
    ("plan", |lang| office::supervisor(lang, Place::Plan)),
    ("left out", |lang| {
        pressed(office::supervisor(lang, Place::Plan), &[Key::Char('w')])
    }),
    ("planning", |lang| {
        let mut model = office::supervisor(lang, Place::Plan);
        model.office.planning = Some(Work {
            permille: 410,
            text: "412".to_owned(),
        });
        model
    }),
    ("publish", |lang| {
        pressed(office::supervisor(lang, Place::Plan), &[Key::Char('P')])
    }),
    ("publish without notice", |lang| {
        pressed(office::supervisor(lang, Place::Plan), &[Key::Char('P'), Key::Char('w')])
    }),
    ("whether it is published without notice", |lang| {
        let keys = [Key::Char('P'), Key::Char('w'), Key::Down, Key::Enter];
        pressed(office::supervisor(lang, Place::Plan), &keys)
    }),
    ("publishing was refused", |lang| {
        let mut model = office::supervisor(lang, Place::Plan);
        model.layers.push(Layer::Trouble(crate::app::effect::Trouble {
            code: "plan-outdated".to_owned(),
            text: "409".to_owned(),
            network: false,
            details: vec!["DS-2001 [HOUSE-NOTICE]".to_owned(), "DS-2002 [HOUSE-NOTICE]".to_owned()],
        }));
        model
    }),
    ("cases", |lang| office::supervisor(lang, Place::Cases)),
    ("a case in full", case_open),
    ("which restriction is put on", |lang| {
        pressed(case_open(lang), &[Key::Char('r')])
    }),
    ("why a restriction is lifted", |lang| {
        pressed(case_open(lang), &[Key::Char('l'), Key::Enter])
    }),
    ("cases, names hidden", |lang| {
        pressed(office::supervisor(lang, Place::Cases), &[Key::Char('#')])
    }),
    ("review", |lang| office::supervisor(lang, Place::Review)),
    ("log", |lang| office::supervisor(lang, Place::Log)),
    ("measures", |lang| office::supervisor(lang, Place::Measures)),
    ("measures, of too few cases", |lang| {
        let mut model = office::supervisor(lang, Place::Measures);
        let view = model.office.measures.view.as_mut().unwrap();
        (view.total, view.items, view.weeks, view.roll) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        model
    }),
    ("measures, a figure with a target", |lang| {
        let mut model = office::supervisor(lang, Place::Measures);
        model.office.measures.figure = FigureKind::Promised;
        model
    }),
    ("all measures of a group", |lang| {
        pressed(office::supervisor(lang, Place::Measures), &[Key::Char('j'), Key::Enter])
    }),
    ("measures, what a visit costs", |lang| {
        let mut model = office::supervisor(lang, Place::Measures);
        model.office.measures.figure = FigureKind::CostPerVisit;
        // The other group spent in two currencies.
        let view = model.office.measures.view.as_mut().unwrap();
        let cost = view.total.iter().find(|one| one.what == "cost-per-visit").unwrap();
        let mut yen = cost.clone();
        yen.currency = Some("JPY".to_owned());
        view.items[1].figures.push(yen);
        model
    }),
    ("odds", |lang| {
        pressed(office::supervisor(lang, Place::Measures), &[Key::Char('o')])
    }),
    ("odds, to the end", |lang| {
        pressed(
            office::supervisor(lang, Place::Measures),
            &[Key::Char('o'), Key::Char('G')],
        )
    }),
    ("odds on the way", |lang| {
        let mut model = office::supervisor(lang, Place::Measures);
        model.office.measures.odds = None;
        pressed(model, &[Key::Char('o')])
    }),
    ("odds did not come", |lang| {
        let mut model = office::supervisor(lang, Place::Measures);
        model.office.measures.odds = None;
        let mut model = pressed(model, &[Key::Char('o')]);
        model.pending.clear();
        model
    }),
    ("odds, not enough visits", |lang| {
        let mut model = office::supervisor(lang, Place::Measures);
        let odds = model.office.measures.odds.as_mut().unwrap();
        odds.judged.clear();
        odds.groups.clear();
        odds.model.version = 0;
        odds.model.visits = 0;
        pressed(model, &[Key::Char('o')])
    }),
    ("reads", |lang| office::supervisor(lang, Place::Reads)),
    ("a read outside a caseload in full", |lang| {
        pressed(office::supervisor(lang, Place::Reads), &[Key::Char('j'), Key::Enter])
    }),
    ("what was found about a read", |lang| {
        pressed(office::supervisor(lang, Place::Reads), &[Key::Char('a'), Key::Down])
    }),
    ("a case by its number", |lang| {
        pressed(office::supervisor(lang, Place::Cases), &[Key::Char('o')])
    }),
    ("why a person outside the caseload is opened", |lang| {
        let mut model = office::supervisor(lang, Place::Cases);
        let choice = Choice::Purpose(Wanted::Number("DS-9001".to_owned()));
        let list = ListState::default();
        model.layers.push(Layer::Choose { choice, list });
        model
    }),
    ("who looked at a case", |lang| {
        let mut model = office::supervisor(lang, Place::Cases);
        let items = model.office.reads.clone().unwrap().items;
        let items: Vec<_> = items.into_iter().map(|item| item.read).collect();
        let (title, list) = ("DS-2001".to_owned(), ListState::default());
        let lines = super::read_lines(&model, &items);
        model.layers.push(Layer::Details { title, lines, list });
        model
    }),
    ("whether a finding about a read is kept", |lang| {
        pressed(office::supervisor(lang, Place::Reads), &[Key::Char('a'), Key::Enter])
    }),
    ("a week without reads", |lang| {
        let mut model = office::supervisor(lang, Place::Reads);
        let week = model.office.reads.as_mut().unwrap();
        week.items.clear();
        week.open = 0;
        week.waiting.remove(0);
        model
    }),
    ("log holds, with warnings", |lang| verified(lang, false)),
    ("log holds, report put away", |lang| {
        pressed(verified(lang, false), &[Key::Esc])
    }),
    ("log does not hold", |lang| verified(lang, true)),
    ("log does not hold, end of the report", |lang| {
        pressed(verified(lang, true), &[Key::End])
    }),
    ("desk", |lang| desk::desk(lang, "supervisor")),
    ("desk, one kind", |lang| {
        pressed(desk::desk(lang, "supervisor"), &[Key::Char('f'); 3])
    }),
    ("desk, nothing waits", |lang| {
        let mut model = desk::desk(lang, "supervisor");
        model.office.desk.things = Some(Vec::new());
        model
    }),
    ("desk of an auditor", |lang| desk::desk(lang, "auditor")),
    ("an approval in full", |lang| desk_open(lang, 4)),
    ("a wish in full", |lang| desk_open(lang, 2)),
    ("whether a wish is accepted", |lang| {
        pressed(desk_open(lang, 2), &[Key::Char('a')])
    }),
    ("a notice in full", |lang| desk_open(lang, 1)),
    ("a sheet", |lang| {
        pressed(desk_open(lang, 6), &[Key::Char('a'), Key::Char('1'), Key::Enter])
    }),
    ("fetching, offline", |lang| {
        let mut model = office::supervisor(lang, Place::Live);
        model.office.live = None;
        model.link = Link::Offline { since: NOW };
        model
    }),
    ("sign in", |lang| {
        let mut model = office::supervisor(lang, Place::SignIn);
        model.sign_in.trouble = Some("401".to_owned());
        model
    }),
];

/// A case that is open over the list.
fn case_open(lang: Lang) -> Model {
    let mut model = office::supervisor(lang, Place::Cases);
    let mut standing = desk::standing();
    standing.restrictions[0].approval = None;
    let (title, lines) = super::case_lines(&model, &standing);
    model.office.open_case = Some(Box::new(standing));
    let list = ListState::default();
    model.layers.push(Layer::Details { title, lines, list });
    model
}

/// The desk, with one of what waits open in full.
fn desk_open(lang: Lang, place: usize) -> Model {
    let mut model = desk::desk(lang, "supervisor");
    model.office.desk.list.chosen = place;
    let things = model.office.desk.things.clone().unwrap();
    let opened = desk::opened(&things[crate::app::update::desk_shown(&model)[place]]);
    let (title, lines) = super::opened_lines(&model, &opened);
    model.office.desk.opened = Some(opened.id());
    model.office.desk.detail = Some(opened);
    let list = ListState::default();
    model.layers.push(Layer::Details { title, lines, list });
    model
}

/// The log, verified.
fn verified(lang: Lang, altered: bool) -> Model {
    let mut model = office::supervisor(lang, Place::Log);
    model.office.verified = Some(office::verified(altered));
    model
}

fn near() -> Position {
    Position {
        lat_e7: 300_620_500,
        lon_e7: 1_199_580_000,
        accuracy_m: 12,
        mock: false,
    }
}

/// The form at a door for two, the partner ticked; some partners have a key on the device.
fn for_two(lang: Lang, keyed: &[uuid::Uuid]) -> Model {
    let sheet = Sheet {
        stop: sample::stops(lang)[2].clone(),
        ..Sheet::default()
    };
    let mut model = at_the_door(lang, sheet, Step::Permit);
    model.field.facts.keyed = keyed.to_vec();
    let mut model = pressed(model, &[Key::Char('i'), Key::Char(' ')]);
    model.field.position = Some(near());
    model.pending.clear();
    model
}

fn sheet_ahead() -> Sheet {
    Sheet {
        stop: sample::stop(4),
        ..Sheet::default()
    }
}

/// The person was met and identified.
fn met() -> Sheet {
    Sheet {
        identified: true,
        identity_shown: true,
        amount: Some("1,234.50 CNY".to_owned()),
        currency: Some("CNY".to_owned()),
        draft: Draft {
            outcome: Some(doorstep_domain::contact::ContactOutcome::MetBorrower),
            ..Draft::default()
        },
        ..sample::begun(4)
    }
}

fn at_the_door(lang: Lang, mut sheet: Sheet, step: Step) -> Model {
    sheet.said = sample::said(lang);
    let mut model = sample::with_route(lang);
    if let Some(due) = sheet.due_out {
        model.field.facts.begun = Some((sheet.stop.visit, due));
    }
    model.place = Place::Visit;
    model.field.sheet = Some(sheet);
    model.field.step = step;
    model
}

/// Checks of one's own visits, one of them open to an appeal.
fn own_checks(lang: Lang) -> Model {
    let mut model = sample::with_route(lang);
    model.place = Place::Checks;
    let mut checks = desk::fetched().checks;
    checks[0].state = "scored".to_owned();
    model.field.checks.items = Some(checks);
    model
}

/// The visit on the screen is off.
fn off_at_the_door(lang: Lang, sheet: Sheet) -> Model {
    let begun = sheet.stop.off.is_some();
    let mut model = at_the_door(lang, sheet, Step::Who);
    if !begun {
        (model.place, model.field.sheet) = (Place::Today, None);
    }
    model.layers.push(Layer::Off(crate::app::layer::Off {
        number: 4,
        case_no: "DS-1004".to_owned(),
        rule: "RIGHTS-BANS".to_owned(),
        begun,
    }));
    model
}

/// The route, with a day that was opened and closed so many minutes ago.
fn with_day(lang: Lang, opened: Option<i64>, closed: Option<i64>) -> Model {
    let mut model = sample::with_route(lang);
    let ago = |minutes: i64| doorstep_domain::measure::Micros(NOW.get() - minutes * MINUTE);
    model.field.facts.day = doorstep_device::Day {
        opened_at: opened.map(ago),
        closed_at: closed.map(ago),
    };
    model
}

/// Asked whether the day begins or ends.
fn asked(mut model: Model, shown: DayShown) -> Model {
    model.layers.push(Layer::Day(model.day(), shown));
    model
}

/// Who looked, as it was fetched.
fn looked(lang: Lang, reads: Option<doorstep_device::OwnReads>) -> Model {
    let mut model = sample::with_route(lang);
    model.place = Place::Looked;
    model.field.looked.reads = reads;
    model
}

fn pressed(mut model: Model, keys: &[Key]) -> Model {
    for key in keys {
        update(&mut model, Event::Key(*key), NOW);
    }
    model
}

fn drawn(model: &mut Model, (columns, rows): (u16, u16)) -> String {
    model.size = (columns, rows);
    let mut buf = Buffer::empty(Rect::new(0, 0, columns, rows));
    draw(model, &Views::default(), Theme::default(), &mut buf);
    picture(&buf, Form::Styled)
}

fn golden(lang: Lang, size: (u16, u16)) {
    golden_of("", &STATES, lang, size);
    golden_of("office-", &OFFICE, lang, size);
}

fn golden_of(whose: &str, states: &[State], lang: Lang, size: (u16, u16)) {
    let mut all = String::new();
    for (name, make) in states {
        let _ = writeln!(all, "==== {name}\n{}", drawn(&mut make(lang), size));
    }
    let tag = if lang == Lang::Zh { "zh" } else { "en" };
    let name = format!("{whose}{tag}-{}x{}.txt", size.0, size.1);
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/screens/golden")
        .join(name);
    if std::env::var_os("DOORSTEP_BLESS").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, &all).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap();
    for (now, before) in all.split("==== ").zip(kept.split("==== ")) {
        assert!(now == before, "not as in {}:\n{now}\nbut\n{before}", file.display());
    }
    assert_eq!(all, kept);
}

fn receipt() -> doorstep_device::Receipt {
    doorstep_device::Receipt {
        said: doorstep_wire::sync::ReceiptSaid {
            agreed: None,
            authority: Some("River Bank".to_owned()),
            next: Some("office".to_owned()),
            at_ms: NOW.millis(),
            complaints: "0571-5550100".to_owned(),
            office: "Hill".to_owned(),
            reference: "7QZX-0123-4567-89AB-CDEF-GHJK-MN".to_owned(),
            staff: vec!["F01".to_owned(), "F02".to_owned()],
        },
        zone: "Asia/Shanghai".to_owned(),
        language: String::new(),
        log: "hill.example/7/events".to_owned(),
        key: "hill.example/7/events+01234567+ARbX".to_owned(),
        server_url: "https://hill.example".to_owned(),
        event: uuid::Uuid::nil(),
        pay: None,
    }
}

#[test]
fn golden_screens_in_english() {
    golden(Lang::En, (80, 24));
    golden(Lang::En, (48, 24));
    golden(Lang::En, (140, 40));
}

#[test]
fn golden_screens_in_chinese() {
    golden(Lang::Zh, (80, 24));
    golden(Lang::Zh, (48, 24));
    golden(Lang::Zh, (140, 40));
}

/// A report is words of the language in which it is looked at, with what was found before what was read.
#[test]
fn a_report_follows_the_language_and_begins_with_what_was_found() {
    let mut model = verified(Lang::En, false);
    let english = drawn(&mut model, (100, 60));
    assert!(english.contains("Holds, 2 warnings"), "{english}");
    let found = english.find("[key_from_export]").unwrap();
    assert!(found < english.find("log of").unwrap(), "{english}");
    update(&mut model, Event::Key(Key::F(2)), NOW);
    let chinese = drawn(&mut model, (100, 60));
    assert!(
        chinese.contains("核验通过，2 项警告") && chinese.contains("含义"),
        "{chinese}"
    );
    assert!(!chinese.contains("it means") && !chinese.contains("Holds"), "{chinese}");
    // The verifier meets a warning first: what does not hold stands before it.
    let mut model = verified(Lang::En, true);
    let text = drawn(&mut model, (100, 60));
    assert!(text.contains("DOES NOT HOLD, 3 errors, 2 warnings"), "{text}");
    assert!(
        text.find("error: ").unwrap() < text.find("warning: ").unwrap(),
        "{text}"
    );
}

/// However small the window, the last line of a report can be reached; Esc puts the report away and not the screen.
#[test]
fn a_report_is_read_to_its_end_at_any_size() {
    for size in [(48, 24), (60, 24), (80, 24), (140, 40)] {
        let mut model = verified(Lang::En, true);
        model.office.role = "auditor".to_owned();
        let mut seen = drawn(&mut model, size);
        for _ in 0..200 {
            update(&mut model, Event::Key(Key::Down), NOW);
            seen += &drawn(&mut model, size);
        }
        for line in super::report_lines(&model) {
            assert!(seen.contains(line.0.trim()), "{size:?}: {}", line.0);
        }
        assert!(!drawn(&mut model, size).contains("plan.published"));
        let effects = update(&mut model, Event::Key(Key::Esc), NOW);
        assert!(effects.is_empty() && model.place == Place::Log);
        assert!(drawn(&mut model, size).contains("plan.published"));
        // Enter shows it again, where it was.
        update(&mut model, Event::Key(Key::Enter), NOW);
        assert!(!drawn(&mut model, size).contains("plan.published"));
    }
}

/// Whatever is typed at whatever size, the office's screens are drawn.
#[test]
fn the_office_survives_any_keys_at_any_size() {
    let keys = "jkgGn\u{1b}\r\t wodxPsfbeVa/:?#m+-0123456789yq王!";
    let mut dice = 7_u64;
    let mut roll = |sides: usize| {
        dice = dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (dice >> 33) as usize % sides
    };
    let keys: Vec<char> = keys.chars().collect();
    for place in [
        Place::Live,
        Place::Plan,
        Place::Cases,
        Place::Review,
        Place::Log,
        Place::Reads,
        Place::Desk,
        Place::Measures,
        Place::SignIn,
    ] {
        let mut model = office::supervisor(Lang::Zh, place);
        model.office.verified = Some(office::verified(true));
        for _ in 0..400 {
            let key = match keys[roll(keys.len())] {
                '\u{1b}' => Key::Esc,
                '\r' => Key::Enter,
                '\t' => Key::Tab,
                sign => Key::Char(sign),
            };
            update(&mut model, Event::Key(key), NOW);
            drawn(&mut model, (roll(160) as u16 + 1, roll(60) as u16 + 1));
            model.pending.clear();
        }
    }
}

/// No sentence is left in the other language; names, codes, keys and command lines are the same in both.
#[test]
fn chinese_screens_have_no_english_sentences() {
    let names = [
        "Hana", "Elm", "Eli", "Jay", "Doorstep", "Enter", "Space", "Lost", "the", "job", "in", "March", "asks",
        "example", "events",
    ];
    for (name, make) in STATES {
        let mut model = make(Lang::Zh);
        model.field.facts.server.clear();
        let text = drawn(&mut model, (140, 40));
        let lines = text
            .lines()
            .filter(|line| !line.starts_with('~') && !line.contains(" doorstep ") && !line.contains("://"));
        for line in lines {
            let words = line.split(|sign: char| !sign.is_ascii_alphabetic());
            let lower = words.filter(|word| word.len() > 3 && !names.contains(word));
            let strange: Vec<&str> = lower
                .filter(|word| word.chars().all(|sign| sign.is_ascii_lowercase()))
                .collect();
            assert!(strange.len() < 3, "{name}: {strange:?} in {line}");
        }
    }
}
