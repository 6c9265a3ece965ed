//! One key and a confirmation call for help from every screen, also from within a text; without a network the call is kept
//! and goes out when there is one.

use doorstep_store::Engine;

use super::crew::{Crew, ENGLISH, WHO, Words, ticks_check_in, unsent};
use super::screen::{Terminal, keys};
use crate::commands::office::items;

/// What stands in the question, and in the one that was asked while a text was typed.
const ASKED: &str = "Call partner and supervisor for help now?";
const WRITES_IT: &str = "back, and write !";
/// What is said where nobody could be reached.
const IS_KEPT: &str = "SOS is kept and goes out first.";

/// The question comes, and goes when it is not confirmed.
fn is_asked_once(terminal: &mut Terminal) {
    terminal.does("!", ASKED);
    terminal.types(keys::ESC);
    terminal.until_gone(ASKED);
}

/// The sign can still be written where a text is typed.
fn is_asked_within_a_text(terminal: &mut Terminal) {
    terminal.does("Wait", "Wait");
    terminal.does("!", WRITES_IT);
    terminal.types(keys::ESC);
    terminal.until_gone(ASKED);
    terminal.until("Wait!");
}

/// Asks on every screen and in every form of field staff; ends on the visit.
fn everywhere(terminal: &mut Terminal, words: &Words) {
    is_asked_once(terminal);
    for (key, shows) in [("2", words.nothing_waits), ("3", "This device"), ("1", words.route)] {
        terminal.does(key, shows);
        is_asked_once(terminal);
    }
    for (key, shows) in [("?", "Keys of this screen"), ("l", "Way there"), ("w", "─ Why ")] {
        terminal.does(key, shows);
        is_asked_once(terminal);
        terminal.types(keys::ESC);
        terminal.until_gone(shows);
    }
    for (key, shows) in [("/", "─ Find "), (":", "─ Command "), ("x", "Leave this stop out")] {
        terminal.does(key, shows);
        is_asked_within_a_text(terminal);
        terminal.types(keys::ESC);
        terminal.until_gone(shows);
        if terminal.shows("Nothing fits") {
            terminal.types(keys::ESC);
            terminal.until_gone("Nothing fits");
        }
    }
    terminal.does("i", words.identity_shown);
    is_asked_once(terminal);
    ticks_check_in(terminal, words);
    terminal.does(keys::ENTER, words.checked_in);
    is_asked_once(terminal);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn help_is_called_from_everywhere_and_arrives() {
    let mut crew = Crew::ready(Engine::Sqlite).await;
    crew.office.stop();
    let mut terminal = crew.unlocks(WHO, &ENGLISH);
    everywhere(&mut terminal, &ENGLISH);
    terminal.does(keys::ESC, ENGLISH.route);
    assert_eq!(calls_that_wait(&mut terminal), 0, "nobody called yet");
    terminal.does("1", ENGLISH.route);
    terminal.does(keys::ENTER, ENGLISH.visit);
    terminal.does("t", ENGLISH.note_field);
    terminal.does("!", ASKED);
    terminal.does("!", IS_KEPT);
    terminal.until(ENGLISH.note_field);
    terminal.types(keys::ESC);
    terminal.until_gone(ENGLISH.note_field);
    terminal.until_it("the looks at the file, the check-in and the call", |now| {
        unsent(now, &ENGLISH) >= 3
    });
    // The call outlives the program.
    terminal.kill();
    let mut terminal = crew.unlocks(WHO, &ENGLISH);
    assert_eq!(calls_that_wait(&mut terminal), 1, "{}", terminal.text());
    crew.office.serve_again();
    terminal.does("s", ENGLISH.nothing_waits);
    let alarms = crew.office.does("supervisor", &["alarms"]);
    let calls = items(&alarms).iter().filter(|alarm| alarm["kind"] == "sos");
    assert_eq!(calls.count(), 1, "{alarms}");
    drop(terminal);
    crew.office.end().await;
}

/// How many calls for help the outbox shows.
fn calls_that_wait(terminal: &mut Terminal) -> usize {
    terminal.does("2", "Waiting ");
    terminal.until_it("the outbox as counted", |now| {
        let counted = unsent(now, &ENGLISH);
        now.shows(&format!("Waiting {counted} "))
    });
    terminal.text().lines().filter(|line| line.contains("incident")).count()
}
