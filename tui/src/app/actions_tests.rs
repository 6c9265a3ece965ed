//! The table of actions as a whole: no key means two things, nothing is out of reach, both languages have words.

use std::collections::{BTreeMap, BTreeSet};

use doorstep_domain::words::Lang;

use super::super::action::{action_of, specs};
use super::super::key::Key;
use super::super::model::Place;

/// Letters that move in lists everywhere; they never act.
const MOVES: [char; 6] = ['j', 'k', 'g', 'G', 'n', 'N'];

#[test]
fn no_key_means_two_things_at_one_place() {
    let mut meant: BTreeMap<(Place, Key), &str> = BTreeMap::new();
    for spec in specs() {
        for place in spec.places {
            for key in spec.keys {
                let before = meant.insert((*place, *key), spec.name);
                assert_eq!(before, None, "{place:?} {key:?} is also {}", spec.name);
                assert_eq!(action_of(*place, *key), Some(spec.action), "{place:?} {key:?}");
            }
        }
    }
}

#[test]
fn letters_that_move_and_digits_that_choose_never_act() {
    for spec in specs() {
        for key in spec.keys {
            let Key::Char(letter) = key else { continue };
            // Digits from 1 go to screens, and all of them choose on a visit.
            let chooses = matches!(letter, '1'..='9') || (*letter == '0' && spec.places.contains(&Place::Visit));
            assert!(!MOVES.contains(letter) && !chooses, "{}", spec.name);
        }
    }
}

#[test]
fn every_action_can_be_reached_where_it_works() {
    let palette_at = |place: Place| action_of(place, Key::Char(':')).is_some();
    for spec in specs() {
        assert!(!spec.places.is_empty(), "{}", spec.name);
        for place in spec.places {
            // Before the PIN or the password letters are text; a demo's own commands stand in the palette of every screen.
            let by_palette = palette_at(*place) || *place == Place::Demo;
            let is_text = matches!(place, Place::Unlock | Place::SignIn);
            let by_key = spec.keys.iter().any(|key| !is_text || !matches!(key, Key::Char(_)));
            assert!(by_key || by_palette, "{} cannot be reached at {place:?}", spec.name);
        }
    }
}

#[test]
fn names_are_their_own_and_both_languages_have_words() {
    let mut names = BTreeSet::new();
    for spec in specs() {
        assert!(names.insert(spec.name), "{}", spec.name);
        for lang in [Lang::En, Lang::Zh] {
            assert!(!spec.word(lang).is_empty(), "{}", spec.name);
        }
        assert!(
            spec.sentence(Lang::En).is_ascii() && spec.sentence(Lang::En).ends_with('.'),
            "{}",
            spec.name
        );
        assert!(spec.sentence(Lang::Zh).ends_with('。'), "{}", spec.name);
        assert_ne!(spec.word[0], spec.word[1], "{}", spec.name);
    }
}
