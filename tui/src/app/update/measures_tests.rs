//! The view of the chances: asked for once, about their quality alone, and left as it was entered.

use doorstep_domain::words::Lang;
use doorstep_wire::odds::OddsHour;

use super::super::effect::{Answered, Ask, Topic};
use super::super::event::Event;
use super::super::key::Key;
use super::super::model::{Model, Place};
use super::super::office::{OfficeAnswer, OfficeAsk};
use super::super::office_sample_tests as office;
use super::super::sample_tests::{MINUTE, NOW};
use super::between_tests::{answer, asks, press, refused};
use super::update;

fn before_any() -> Model {
    let mut model = office::supervisor(Lang::En, Place::Measures);
    model.office.measures.odds = None;
    model
}

#[test]
fn the_chances_are_asked_for_once_and_nothing_by_hour_is_kept() {
    let mut model = before_any();
    assert_eq!(asks(&press(&mut model, "o")), [&Ask::Office(OfficeAsk::Odds)]);
    // While the server judges, no key and no minute asks again.
    assert!(asks(&press(&mut model, "oo")).is_empty());
    let later = doorstep_domain::measure::Micros(NOW.get() + MINUTE);
    let asked = update(&mut model, Event::Tick, later);
    assert!(!asks(&asked).contains(&&Ask::Office(OfficeAsk::Odds)));
    let mut report = office::odds();
    report.hours.push(OddsHour {
        place: "home".to_owned(),
        day: "workday".to_owned(),
        hours: "18-20".to_owned(),
        chance_ppm: 700_000,
        visits: 40,
        met: 28,
        factors: Vec::new(),
    });
    let answered = OfficeAnswer::Odds(Box::new(report));
    answer(&mut model, Topic::Odds, Ok(Answered::Office(Box::new(answered))));
    assert!(model.office.measures.odds.as_ref().unwrap().hours.is_empty());
    let later = doorstep_domain::measure::Micros(NOW.get() + 2 * MINUTE);
    let asked = update(&mut model, Event::Tick, later);
    assert!(
        !asks(&asked).contains(&&Ask::Office(OfficeAsk::Odds)),
        "each look stands in the log"
    );
}

#[test]
fn a_refusal_is_read_and_the_chances_are_asked_for_again_later() {
    let mut model = before_any();
    press(&mut model, "o");
    answer(&mut model, Topic::Odds, Err(refused("not-allowed")));
    assert_eq!(model.layers.len(), 1, "it is said");
    model.layers.clear();
    let later = doorstep_domain::measure::Micros(NOW.get() + MINUTE);
    let asked = update(&mut model, Event::Tick, later);
    assert!(asks(&asked).contains(&&Ask::Office(OfficeAsk::Odds)));
}

#[test]
fn keys_of_the_figures_wait_for_the_figures_and_back_leads_to_them() {
    let mut model = office::supervisor(Lang::En, Place::Measures);
    let figure = model.office.measures.figure;
    for key in ["b", "f", "s", "+", "-", "/", "\n"] {
        let mut model = office::supervisor(Lang::En, Place::Measures);
        assert!(asks(&press(&mut model, &format!("o{key}"))).is_empty(), "{key}");
        assert!(
            model.layers.is_empty() && model.toast.is_some_and(|toast| toast.bad),
            "{key}"
        );
    }
    press(&mut model, "ojj");
    assert_eq!(model.office.measures.odds_list.chosen, 2, "it scrolls");
    assert!(asks(&update(&mut model, Event::Key(Key::Esc), NOW)).is_empty());
    assert!(model.place == Place::Measures && !model.office.measures.shows_odds);
    assert_eq!(
        (model.office.measures.figure, model.office.measures.list.chosen),
        (figure, 0)
    );
}
