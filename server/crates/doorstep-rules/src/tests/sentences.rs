//! Sentences for the door: what the packs that come along say, and what is refused.

use super::{HANGZHOU, LEEDS, PACKS, facts};
use crate::{DoorSentence, Hearer, Moment, PackSet, Saying, Wording, evaluate, parse_pack};
use std::collections::BTreeSet;

const PACK: &str = r#"format = 1
id = "own"
version = 1
title = { en = "Own", zh = "自定" }
status = "house"

[[rule]]
id = "OWN-1"
kind.staff = { min = 2 }
effect = "block"
status = "house"
citation = "house rule"
confidence = "Q"

[[sentence]]
id = "OWN-SAY-1"
when = "greeting"
to = "anybody"
rules = ["OWN-1"]
text = { en = "Good day.", zh = "您好。" }
"#;

fn all() -> impl Iterator<Item = &'static DoorSentence> {
    PACKS.packs().flat_map(|pack| &pack.sentences)
}

#[test]
fn what_is_said_presses_nobody_and_tells_nobody_but_the_identified_person() {
    let wording = Wording::builtin();
    for sentence in all() {
        for (tag, text) in &sentence.text {
            let said = sentence.how == Saying::Say;
            assert!(!said || wording.scan(text).is_empty(), "{} {tag}", sentence.id);
            let others = sentence.to != Hearer::Identified;
            assert_eq!(wording.telling(text).filter(|_| others), None, "{} {tag}", sentence.id);
        }
    }
}

#[test]
fn every_moment_has_words_for_anybody_or_the_person_and_every_pack_of_a_place_its_own() {
    let moments: BTreeSet<&str> = all().map(|sentence| sentence.when.code()).collect();
    assert_eq!(moments.len(), Moment::ALL.len());
    for pack in PACKS.packs() {
        let prefix = format!("{}-", pack.id.to_uppercase());
        let named = |sentence: &DoorSentence| sentence.id.as_str().starts_with(&prefix);
        assert!(pack.sentences.iter().all(named), "{}", pack.id);
        // What the union adds concerns bought debts alone, and packs speak of all that they cover.
        let has = |how| pack.sentences.iter().any(|sentence| sentence.how == how);
        assert!(pack.id == "eu" || has(Saying::Say) && has(Saying::Never), "{}", pack.id);
    }
    // Whoever opens in any field of work: before anybody is recognised there is something to say.
    for moment in [
        Moment::Greeting,
        Moment::Identify,
        Moment::OtherPerson,
        Moment::Child,
        Moment::AskedToLeave,
    ] {
        let general = PACKS.packs().filter(|pack| pack.id == "rights");
        let mut said = general.flat_map(|pack| &pack.sentences);
        let fits = |one: &DoorSentence| (one.when, one.to, one.how) == (moment, Hearer::Anybody, Saying::Say);
        assert!(said.any(fits), "{moment}");
    }
}

#[test]
fn the_sentences_of_a_visit_are_those_of_the_packs_that_apply_to_it() {
    let ids = |packs: &[crate::PackRef]| -> Vec<String> {
        let names: Vec<&str> = packs.iter().map(crate::PackRef::as_str).collect();
        PACKS.sentences(&names).map(|one| one.id.to_string()).collect()
    };
    let has = |ids: &[String], prefix: &str| ids.iter().any(|id| id.starts_with(prefix));
    let here = ids(&evaluate(&PACKS, &facts(HANGZHOU)).packs);
    assert!(has(&here, "CN-") && has(&here, "HOUSE-") && has(&here, "RIGHTS-") && !has(&here, "UK-"));
    assert!(!has(&here, "HOME-CARE-"));
    let there = ids(&evaluate(&PACKS, &facts(LEEDS)).packs);
    assert!(has(&there, "UK-") && !has(&there, "CN-"));
    let mut care = facts(LEEDS);
    care.subject.portfolio_kind = "home-care".to_owned();
    care.subject.days_past_due = 0;
    let care = ids(&evaluate(&PACKS, &care).packs);
    assert!(has(&care, "HOME-CARE-") && !has(&care, "HOUSE-") && !has(&care, "UK-"));
    assert_eq!(PACKS.sentences(&["cn@0"]).count(), 0, "another version is another pack");
}

#[test]
fn an_error_in_a_sentence_names_file_line_sentence_and_remedy() {
    assert_eq!(parse_pack("own.toml", PACK).unwrap().sentences.len(), 1);
    for (right, wrong, line, part) in [
        ("to = \"anybody\"", "to = \"all\"", 18, "`all` is no hearer; one of"),
        ("when = ", "where = ", 17, "unknown field `where`"),
        (
            "[\"OWN-1\"]",
            "[\"OWN-2\"]",
            16,
            "no rule `OWN-2`; name rules of the same pack",
        ),
        (
            ", zh = \"您好。\"",
            "",
            16,
            "no `zh`; every sentence is there in en and zh",
        ),
        (
            "Good day.",
            "Pay the debt.",
            16,
            "only what is said `to = \"identified\"` may",
        ),
        (
            "Good day.",
            "You liar.",
            16,
            "`liar` has no place at a door; say it without",
        ),
        ("Good day.", "", 16, "write one short line"),
        ("text = { ", "text = { de-DE- = \"Tag\", ", 16, "is no language tag"),
    ] {
        let error = parse_pack("own.toml", &PACK.replacen(right, wrong, 1)).unwrap_err();
        let shown = error.to_string();
        assert!(
            shown.starts_with(&format!("own.toml:{line}: sentence OWN-SAY-1: ")) && shown.contains(part),
            "{shown}"
        );
    }
    let twice = PACK.replace("OWN-SAY-1", "OWN-1");
    let shown = parse_pack("own.toml", &twice).unwrap_err().to_string();
    assert!(
        shown.starts_with("own.toml:16: sentence OWN-1: ") && shown.contains("stands twice"),
        "{shown}"
    );
    let foreign = PACK.replace("OWN-SAY-1", "HOUSE-SAY-LISTEN");
    let shown = PackSet::with(&[("own.toml", &foreign)]).unwrap_err().to_string();
    assert!(
        shown.contains("sentence HOUSE-SAY-LISTEN: ") && shown.contains("stands twice"),
        "{shown}"
    );
}

#[test]
fn of_a_newer_pack_only_sentences_that_are_understood_are_said() {
    let newer = PACK.replace("format = 1", "format = 2");
    assert_eq!(parse_pack("own.toml", &newer).unwrap().sentences.len(), 1);
    let strange = newer.replace("to = \"anybody\"", "to = \"guests\"");
    let pack = parse_pack("own.toml", &strange).unwrap();
    assert_eq!((pack.sentences.len(), pack.rules.len()), (0, 1));
}

#[test]
fn another_sentence_is_another_digest() {
    let digest = |text: &str| PackSet::with(&[("own.toml", text)]).unwrap().digest().to_string();
    assert_ne!(digest(PACK), digest(&PACK.replace("Good day.", "Good morning.")));
}
