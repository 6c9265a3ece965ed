//! The own of field staff: the day's ends, who looked at them, evidence; and the weeks of a supervisor's review of reads.

use doorstep_device::Day;
use doorstep_domain::measure::Micros;
use doorstep_domain::words::Lang;

use super::super::day::DayState;
use super::super::effect::{Answered, Ask, Effect, Recorded, Topic};
use super::super::event::Event;
use super::super::field::DeviceFacts;
use super::super::key::Key;
use super::super::layer::Layer;
use super::super::model::{Link, Model, Place};
use super::super::office::{OfficeAnswer, OfficeAsk, ReadsAnswer};
use super::super::office_sample_tests as office;
use super::super::sample_tests::{self as sample, MINUTE, NOW};
use super::between_tests::{answer, asks, press, refused, route};
use super::update;

fn with_day(opened: Option<i64>, closed: Option<i64>) -> Model {
    let mut model = sample::with_route(Lang::En);
    let ago = |minutes: i64| Micros(NOW.get() - minutes * MINUTE);
    model.field.facts.day = Day {
        opened_at: opened.map(ago),
        closed_at: closed.map(ago),
    };
    model
}

/// Asks for the day, with these counts.
fn asked(model: &mut Model, begun: i64, unacknowledged: i64) {
    assert_eq!(asks(&press(model, "D")), [&Ask::DayCounts]);
    let counted = sample::counted(begun, unacknowledged);
    answer(model, Topic::Day, Ok(Answered::DayCounts(counted)));
    assert!(matches!(model.layers[..], [Layer::Day(..)]), "{:?}", model.layers);
}

#[test]
fn the_day_is_opened_closed_and_opened_again_by_one_key() {
    let mut model = with_day(None, None);
    asked(&mut model, 0, 0);
    // Nothing is recorded by looking, by going back, or by a key that means nothing here.
    assert!(asks(&press(&mut model, "xFd")).is_empty());
    update(&mut model, Event::Key(Key::Esc), NOW);
    assert!(model.layers.is_empty());
    asked(&mut model, 0, 0);
    assert_eq!(asks(&press(&mut model, "\n")), [&Ask::DayOpen]);
    let opened = Answered::Recorded {
        visit: None,
        what: Recorded::DayOpened,
    };
    let effects = answer(&mut model, Topic::Record, Ok(opened));
    assert!(asks(&effects).contains(&&Ask::Route) && asks(&effects).contains(&&Ask::Sync));

    // With events unsent it is said, and closes all the same: they are not lost.
    let mut model = with_day(Some(120), None);
    asked(&mut model, 0, 3);
    assert_eq!(asks(&press(&mut model, "\n")), [&Ask::DayClose]);
    let mut model = with_day(Some(120), Some(1));
    assert_eq!(model.day(), DayState::Closed(Micros(NOW.get() - MINUTE)));
    asked(&mut model, 0, 0);
    assert_eq!(asks(&press(&mut model, "\n")), [&Ask::DayOpen]);
}

#[test]
fn a_day_with_a_visit_begun_closes_only_by_a_key_of_its_own() {
    let mut model = with_day(Some(120), None);
    asked(&mut model, 1, 0);
    let effects = press(&mut model, "D");
    assert!(asks(&effects).is_empty() && model.layers.len() == 1, "{effects:?}");
    assert_eq!(asks(&press(&mut model, "\n")), [&Ask::Visit(sample::visit(4))]);
    assert!(model.layers.is_empty() && model.place == Place::Visit);
    model.place = Place::Today;
    asked(&mut model, 1, 0);
    assert_eq!(asks(&press(&mut model, "F")), [&Ask::DayClose]);
}

#[test]
fn a_day_means_what_was_read_when_its_key_comes() {
    // It was asked for on an open day; meanwhile a command closed it.
    let mut model = with_day(Some(120), None);
    asked(&mut model, 0, 0);
    let facts = DeviceFacts {
        day: Day {
            opened_at: Some(Micros(NOW.get() - 120 * MINUTE)),
            closed_at: Some(NOW),
        },
        ..sample::facts()
    };
    route(&mut model, sample::stops(Lang::En), facts);
    assert_eq!(asks(&press(&mut model, "\n")), [&Ask::DayClose]);
}

#[test]
fn who_looked_is_shown_as_kept_and_asked_for_where_there_is_a_network() {
    let mut model = sample::with_route(Lang::En);
    press(&mut model, "3");
    assert_eq!(asks(&press(&mut model, "W")), [&Ask::OwnReads, &Ask::FetchOwnReads]);
    assert_eq!(model.place, Place::Looked);
    // Offline nobody waits for a server; what is kept is there at once.
    model.place = Place::Me;
    model.pending.clear();
    model.link = Link::Offline { since: NOW };
    assert_eq!(asks(&press(&mut model, "W")), [&Ask::OwnReads]);
    let kept = Some(Box::new(sample::reads(400)));
    answer(&mut model, Topic::Looked, Ok(Answered::OwnReads(kept)));
    assert_eq!(model.list_mut().unwrap().1, 3);
    // Found by what is on the screen, in whatever case; Esc shows all, then goes back to where one came from.
    press(&mut model, "/AUDIT\n");
    assert_eq!(model.list_mut().unwrap().1, 1);
    update(&mut model, Event::Key(Key::Esc), NOW);
    assert_eq!(model.list_mut().unwrap().1, 3);
    let first = |model: &Model| {
        let chosen = model.field.looked.chosen(model.lang, &model.zone);
        chosen.and_then(|item| item.who.clone()).unwrap()
    };
    assert_eq!(first(&model), "super", "newest first");
    press(&mut model, "o");
    assert_eq!(first(&model), "audit", "by who");
    update(&mut model, Event::Key(Key::Esc), NOW);
    assert_eq!(model.place, Place::Me);
}

#[test]
fn who_looked_is_asked_for_again_after_an_hour_and_never_in_the_way() {
    let mut model = sample::with_route(Lang::En);
    let synced = || Ok(Answered::Synced { acknowledged: 0 });
    let fetches = |effects: &[Effect]| asks(effects).contains(&&Ask::FetchOwnReads);
    model.field.looked.reads = Some(sample::reads(59));
    assert!(!fetches(&answer(&mut model, Topic::Sync, synced())));
    model.field.looked.reads = Some(sample::reads(60));
    assert!(fetches(&answer(&mut model, Topic::Sync, synced())));
    // Nobody at a door reads that it did not work.
    answer(&mut model, Topic::Looking, Err(refused("internal")));
    assert!(model.layers.is_empty());
    model.place = Place::Looked;
    answer(&mut model, Topic::Looking, Err(refused("internal")));
    assert!(matches!(model.layers[..], [Layer::Trouble(_)]));
}

#[test]
fn evidence_is_told_when_it_comes_and_only_then() {
    let mut model = sample::opened(Lang::En);
    let with = |evidence: i64| DeviceFacts {
        evidence,
        ..sample::facts()
    };
    let told = |effects: &[Effect]| asks(effects).contains(&&Ask::Kept);
    // What was there when the device was opened stands in the first line.
    assert!(!told(&route(&mut model, sample::stops(Lang::En), with(1))));
    assert!(!told(&route(&mut model, sample::stops(Lang::En), with(1))));
    // A check-out has the route read anew; what came with it is told all the same.
    model.field.route = None;
    assert!(told(&route(&mut model, sample::stops(Lang::En), with(2))));
    for _ in 0..3 {
        answer(&mut model, Topic::Kept, Ok(Answered::Kept(sample::kept())));
    }
    assert_eq!(model.layers, [Layer::Kept(sample::kept())]);
    assert!(!told(&route(&mut model, sample::stops(Lang::En), with(2))));
    // A key that belongs to the visit does not take it away unread; Enter does.
    press(&mut model, "i");
    assert_eq!(model.layers.len(), 1);
    press(&mut model, "\n");
    assert!(model.layers.is_empty());
    press(&mut model, "3");
    assert_eq!(asks(&press(&mut model, "e")), [&Ask::Kept]);
}

#[test]
fn a_week_that_is_over_can_still_be_reviewed() {
    let mut model = office::supervisor(Lang::En, Place::Reads);
    let asked = |week: &str| Ask::Office(OfficeAsk::Reads(Some(week.to_owned())));
    // Whoever comes to the screen is shown the week that the server finds something waiting in.
    assert_eq!(asks(&press(&mut model, "6")), [&Ask::Office(OfficeAsk::Reads(None))]);
    model.pending.clear();
    assert!(asks(&press(&mut model, "+")).is_empty(), "this is the newest");
    assert_eq!(asks(&press(&mut model, "-")), [&asked("2026-W47")]);
    let mut week = model.office.reads.clone().unwrap();
    week.week = "2026-W47".to_owned();
    let answered = OfficeAnswer::Reads(ReadsAnswer::Week(Box::new(week)));
    answer(&mut model, Topic::Reads, Ok(Answered::Office(Box::new(answered))));
    // It stays that week when something was settled, and when a minute went by.
    let settled = OfficeAnswer::Reads(ReadsAnswer::Settled);
    let effects = answer(&mut model, Topic::Record, Ok(Answered::Office(Box::new(settled))));
    assert_eq!(asks(&effects), [&asked("2026-W47")]);
    model.pending.clear();
    assert_eq!(asks(&press(&mut model, "+")), [&asked("2026-W48")]);
    model.pending.clear();
    press(&mut model, "5");
    assert_eq!(asks(&press(&mut model, "6")), [&Ask::Office(OfficeAsk::Reads(None))]);
    model.pending.clear();
    // Over the end of a year with 53 weeks.
    let mut week = model.office.reads.clone().unwrap();
    week.week = "2027-W01".to_owned();
    model.office.reads = Some(week);
    assert_eq!(asks(&press(&mut model, "-")), [&asked("2026-W53")]);
    model.layers.clear();
    press(&mut model, "\n");
    assert!(matches!(&model.layers[..], [Layer::Details { lines, .. }] if lines.len() > 5));
}
