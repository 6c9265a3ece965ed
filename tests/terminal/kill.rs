//! kill -9 in the middle of each step of a visit: what was entered and recorded is there again, and the server gets it
//! once.

use doorstep_store::Engine;
use serde_json::json;

use super::crew::{Crew, ENGLISH, WHO, ticks_check_in, ticks_everything, unsent};
use super::screen::{Terminal, keys};
use crate::commands::office::{PIN, items};

/// What was entered is on the disk.
const KEPT: &str = "saved on this device";
/// What the note says when the program is killed, and what is typed after.
const NOTE: [&str; 2] = ["Nobody came to the d", "oor."];

/// Kills the program, opens it again and gives the PIN.
fn killed(crew: &Crew, terminal: Terminal) -> Terminal {
    terminal.kill();
    crew.unlocks(WHO, &ENGLISH)
}

/// The same, with the visit open that has begun.
fn killed_at_the_door(crew: &Crew, terminal: Terminal, shows: &str) -> Terminal {
    let mut terminal = killed(crew, terminal);
    terminal.until("on site");
    terminal.does(keys::ENTER, shows);
    terminal
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_at_any_step_loses_and_doubles_nothing() {
    let mut crew = Crew::ready(Engine::Sqlite).await;
    let visit = crew.next_visit(WHO);
    let before = crew.signed_events("before");
    crew.office.stop();
    // While the PIN is typed, and right after it was given.
    let mut terminal = crew.opens(WHO, &ENGLISH);
    terminal.does(&PIN[..3], "***");
    terminal.kill();
    let mut terminal = crew.opens(WHO, &ENGLISH);
    terminal.types(PIN);
    terminal.types(keys::ENTER);
    terminal.kill();
    let terminal = crew.unlocks(WHO, &ENGLISH);
    let mut terminal = killed(&crew, terminal);
    terminal.does(keys::ENTER, ENGLISH.visit);
    let mut terminal = killed(&crew, terminal);
    terminal.does("i", ENGLISH.identity_shown);
    let mut terminal = killed(&crew, terminal);
    assert!(!terminal.shows("on site"), "a form that is open is no check-in");
    terminal.types("i");
    ticks_check_in(&mut terminal, &ENGLISH);
    terminal.does(keys::ENTER, ENGLISH.checked_in);
    let mut terminal = killed_at_the_door(&crew, terminal, ENGLISH.who);
    terminal.types("4");
    terminal.does(keys::ENTER, ENGLISH.proof);
    terminal.until(KEPT);
    let mut terminal = killed_at_the_door(&crew, terminal, ENGLISH.proof);
    terminal.does("t", ENGLISH.note_field);
    terminal.does(NOTE[0], NOTE[0]);
    terminal.until(KEPT);
    let mut terminal = killed_at_the_door(&crew, terminal, NOTE[0]);
    terminal.does("t", ENGLISH.note_field);
    terminal.does(NOTE[1], &NOTE.concat());
    terminal.types(keys::ENTER);
    terminal.until_gone(ENGLISH.note_field);
    ticks_everything(&mut terminal, &ENGLISH);
    terminal.until(KEPT);
    let mut terminal = killed_at_the_door(&crew, terminal, ENGLISH.out);
    assert!(terminal.shows(&NOTE.concat()), "{}", terminal.text());
    terminal.does("d", ENGLISH.check_out);
    let mut terminal = killed_at_the_door(&crew, terminal, ENGLISH.out);
    terminal.does("d", ENGLISH.check_out);
    terminal.does(keys::ENTER, ENGLISH.checked_out);
    let terminal = killed(&crew, terminal);
    assert!(terminal.shows(ENGLISH.checked_out), "{}", terminal.text());
    let terminal = killed_while_it_checks_out(&crew, terminal);
    arrives_once(&mut crew, terminal, (&visit, before));
    crew.office.end().await;
}

/// The second visit is killed with the check-out under way: it is recorded as a whole or not at all.
fn killed_while_it_checks_out(crew: &Crew, mut terminal: Terminal) -> Terminal {
    terminal.types("i");
    ticks_check_in(&mut terminal, &ENGLISH);
    terminal.does(keys::ENTER, ENGLISH.checked_in);
    terminal.types("4");
    terminal.does(keys::ENTER, ENGLISH.proof);
    ticks_everything(&mut terminal, &ENGLISH);
    terminal.until(KEPT);
    terminal.does("d", ENGLISH.check_out);
    terminal.types(keys::ENTER);
    let mut terminal = killed(crew, terminal);
    if terminal.shows("on site") {
        terminal.does(keys::ENTER, ENGLISH.out);
        terminal.does("d", ENGLISH.check_out);
        terminal.types(keys::ENTER);
    }
    terminal.until("Route 2 of ");
    terminal
}

/// The server is there again: it gets every event once, and the log with the device's chain verifies.
fn arrives_once(crew: &mut Crew, mut terminal: Terminal, (visit, before): (&str, u64)) {
    let waiting = unsent(&terminal, &ENGLISH) as u64;
    crew.office.serve_again();
    terminal.types("s");
    terminal.until_it("an empty outbox", |now| unsent(now, &ENGLISH) == 0);
    terminal.types(keys::CTRL_C);
    assert!(terminal.ended().success());
    let seen = crew.visit(visit);
    assert_eq!(
        (&seen["state"], &seen["outcome"]),
        (&json!("finished"), &json!("NOBODY_HOME")),
        "{seen}"
    );
    let finished = crew
        .office
        .does("supervisor", &["visit", "list", "--state", "finished"]);
    assert_eq!(items(&finished).len(), 2, "{finished}");
    assert_eq!(crew.signed_events("after"), before + waiting, "each once");
}
