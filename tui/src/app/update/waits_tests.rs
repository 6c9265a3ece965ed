//! The desk: what is listed in what order, and what the keys ask the server for.

use doorstep_domain::complaint::ComplaintOutcome;
use doorstep_domain::quality::AppealDecision;
use doorstep_domain::words::Lang;

use super::super::desk::{Fetched, Kind, Thing};
use super::super::desk_sample_tests as sample;
use super::super::effect::{Answered, Ask, Effect, Topic};
use super::super::event::Event;
use super::super::key::Key;
use super::super::layer::Layer;
use super::super::model::{Link, Model, Place};
use super::super::office::{DeskAct, DeskAnswer, DeskAsk, OfficeAnswer, OfficeAsk};
use super::super::sample_tests::NOW;
use super::{desk_shown, update, waits};

fn press(model: &mut Model, keys: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    for symbol in keys.chars() {
        let key = match symbol {
            '\n' => Key::Enter,
            '\u{1b}' => Key::Esc,
            symbol => Key::Char(symbol),
        };
        effects = update(model, Event::Key(key), NOW);
    }
    effects
}

/// The server's answer to the newest question.
fn comes(model: &mut Model, topic: Topic, answer: DeskAnswer) {
    let request = model.pending[&topic].0;
    let answered = Answered::Office(Box::new(OfficeAnswer::Desk(answer)));
    let result = Ok(answered);
    update(model, Event::Answer { request, topic, result }, NOW);
}

/// Chooses the first thing of a kind and state.
fn choose(model: &mut Model, fits: impl Fn(&Thing) -> bool) -> Thing {
    let things = model.office.desk.things.clone().unwrap();
    let place = desk_shown(model)
        .iter()
        .position(|place| fits(&things[*place]))
        .unwrap();
    model.office.desk.list.chosen = place;
    things[desk_shown(model)[place]].clone()
}

/// What the last effects do about a thing.
fn act(effects: &[Effect]) -> DeskAct {
    match effects {
        [
            Effect::Ask {
                topic: Topic::Record,
                ask: Ask::Office(OfficeAsk::Desk(DeskAsk::Act(_, act))),
                ..
            },
        ] => act.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_due_first_stands_first_and_ones_own_last() {
    use Kind::{Approval, Check, Complaint, Notice, Wish};
    let model = sample::desk(Lang::En, "supervisor");
    let things = model.office.desk.things.clone().unwrap();
    let kinds: Vec<Kind> = desk_shown(&model).iter().map(|place| things[*place].kind()).collect();
    assert_eq!(
        kinds,
        [
            Complaint, Notice, Wish, Notice, Approval, Complaint, Check, Check, Approval
        ]
    );
    assert!(things[*desk_shown(&model).last().unwrap()].is_others());
    assert_eq!(
        model.office.desk.count(),
        8,
        "what one asked for oneself waits for somebody else"
    );
}

#[test]
fn notices_that_hold_nothing_up_are_not_listed() {
    let listed = sample::fetched().things("2026-11-23");
    let notices: Vec<&Thing> = listed.iter().filter(|thing| thing.kind() == Kind::Notice).collect();
    assert_eq!(notices.len(), 2, "neither what arrived nor what is over");
}

#[test]
fn filters_go_round_and_esc_takes_them_away() {
    let mut model = sample::desk(Lang::En, "supervisor");
    press(&mut model, "ff");
    assert_eq!(desk_shown(&model).len(), 1);
    press(&mut model, "\u{1b}");
    assert_eq!((model.place, desk_shown(&model).len()), (Place::Desk, 9));
    press(&mut model, "/DS-2003\n");
    assert_eq!(desk_shown(&model).len(), 2);
    press(&mut model, "\u{1b}ffffff");
    assert_eq!(model.office.desk.only, None);
}

#[test]
fn a_wish_is_accepted_after_it_was_read_and_confirmed() {
    let mut model = sample::desk(Lang::En, "supervisor");
    let wish = choose(&mut model, |thing| thing.kind() == Kind::Wish);
    press(&mut model, "\n");
    comes(
        &mut model,
        Topic::Case,
        DeskAnswer::Opened(Box::new(sample::opened(&wish))),
    );
    let Some(Layer::Details { lines, .. }) = model.layers.last() else {
        panic!()
    };
    assert!(lines.join("\n").contains("300.00 on 2026-12-01"), "{lines:?}");
    let effects = press(&mut model, "a\n");
    assert!(effects.is_empty(), "Enter, which opened it, does not say yes");
    assert_eq!(act(&press(&mut model, "y")), DeskAct::Accept(true));
    comes(&mut model, Topic::Record, DeskAnswer::Done);
    assert!(model.layers.is_empty());
    assert!(model.pending.contains_key(&Topic::Desk), "it is counted again");
    assert_eq!(act(&press(&mut model, "xy")), DeskAct::Accept(false));
}

#[test]
fn nobody_approves_what_they_asked_for() {
    let mut model = sample::desk(Lang::En, "supervisor");
    choose(&mut model, Thing::is_others);
    press(&mut model, "a");
    assert!(model.layers.is_empty() && model.toast.as_ref().unwrap().text.contains("second person"));
    choose(&mut model, |thing| thing.kind() == Kind::Approval && !thing.is_others());
    assert_eq!(act(&press(&mut model, "ay")), DeskAct::Approve(true));
}

#[test]
fn a_complaint_is_taken_up_and_answered_with_words() {
    let mut model = sample::desk(Lang::En, "supervisor");
    let is = |state: &'static str| move |thing: &Thing| matches!(thing, Thing::Complaint(one) if one.state == state);
    choose(&mut model, is("received"));
    assert_eq!(act(&press(&mut model, "ay")), DeskAct::Take);
    choose(&mut model, is("in-progress"));
    press(&mut model, "aj\n\n");
    assert!(
        matches!(model.layers.last(), Some(Layer::Text { .. })),
        "not without words"
    );
    let words = "sorry, and it was too late".to_owned();
    assert_eq!(
        act(&press(&mut model, "sorry, and it was too late\ny")),
        DeskAct::Answer(ComplaintOutcome::Partly, words)
    );
}

#[test]
fn every_line_of_a_sheet_is_scored_and_an_appeal_is_decided() {
    let mut model = sample::desk(Lang::En, "auditor");
    let check = choose(
        &mut model,
        |thing| matches!(thing, Thing::Check(one) if one.state == "drawn"),
    );
    press(&mut model, "a");
    comes(
        &mut model,
        Topic::Case,
        DeskAnswer::Opened(Box::new(sample::opened(&check))),
    );
    press(&mut model, "1\n");
    assert!(matches!(model.layers.last(), Some(Layer::Score(form)) if form.trouble.is_some()));
    press(&mut model, "t");
    press(&mut model, "judges\n");
    press(&mut model, "2\n");
    let DeskAct::Score(items) = act(&press(&mut model, "y")) else {
        panic!()
    };
    let said: Vec<(&str, &str, Option<&str>)> = items
        .iter()
        .map(|item| (item.id.as_str(), item.found.as_str(), item.remark.as_deref()))
        .collect();
    assert_eq!(
        said,
        [("hours-kept", "pass", None), ("note-tone", "fail", Some("judges"))]
    );
    comes(&mut model, Topic::Record, DeskAnswer::Done);
    assert!(model.layers.is_empty());
    choose(
        &mut model,
        |thing| matches!(thing, Thing::Check(one) if one.state == "appealed"),
    );
    let decided = act(&press(&mut model, "aj\nhe is right\ny"));
    assert_eq!(
        decided,
        DeskAct::Decide(AppealDecision::Struck, "he is right".to_owned())
    );
}

#[test]
fn an_auditor_reads_what_supervisors_answer() {
    let mut model = sample::desk(Lang::En, "auditor");
    assert!(model.tabs().contains(&Place::Desk));
    choose(&mut model, |thing| thing.kind() == Kind::Complaint);
    assert!(press(&mut model, "a").is_empty() && model.toast.as_ref().unwrap().text.contains("supervisor"));
    assert!(matches!(
        press(&mut model, "\n")[..],
        [Effect::Ask { topic: Topic::Case, .. }]
    ));
}

#[test]
fn the_choice_stays_with_its_thing_and_nothing_is_done_offline() {
    let mut model = sample::desk(Lang::En, "supervisor");
    let wish = choose(&mut model, |thing| thing.kind() == Kind::Wish);
    let mut fetched: Fetched = sample::fetched();
    fetched.complaints.clear();
    update(&mut model, Event::Woken, NOW);
    comes(&mut model, Topic::Desk, DeskAnswer::List(Box::new(fetched)));
    assert_eq!(waits::current(&model).map(Thing::id), Some(wish.id()));
    model.link = Link::Offline { since: NOW };
    press(&mut model, "a");
    assert!(model.layers.is_empty() && model.toast.is_some());
}

#[test]
fn what_waits_is_counted_on_other_screens_but_seldom() {
    let mut model = sample::desk(Lang::En, "supervisor");
    model.place = Place::Live;
    let asks = |effects: &[Effect]| {
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::Ask { topic: Topic::Desk, .. }))
    };
    assert!(!asks(&update(&mut model, Event::Woken, NOW)));
    let later = doorstep_domain::measure::Micros(NOW.get() + 601_000_000);
    assert!(asks(&update(&mut model, Event::Woken, later)));
}
