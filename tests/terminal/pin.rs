//! What guards a lost device: its PIN, and the end of the time for which it may hold cases.

use std::sync::Arc;

use doorstep_device::Device;
use doorstep_domain::measure::{Clock as _, Micros};
use doorstep_store::Engine;

use super::crew::{Crew, ENGLISH, WHO, ticks_check_in, unsent};
use super::screen::keys;
use crate::commands::office::PIN;
use crate::harness::TestClock;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_pin_is_said_and_many_of_them_wait() {
    let mut crew = Crew::ready(Engine::Sqlite).await;
    crew.office.stop();
    let mut terminal = crew.opens(WHO, &ENGLISH);
    terminal.types("135790");
    terminal.does(keys::ENTER, "not this device's PIN");
    assert!(!terminal.shows("135790"), "a PIN is never shown");
    let mut tries = 0;
    while !terminal.shows("ait ") {
        tries += 1;
        assert!(tries < 20, "guessing goes on for ever: {}", terminal.text());
        terminal.does("135790", "******");
        terminal.types(keys::ENTER);
        terminal.until_it("an answer", |now| !now.shows("******") && !now.shows("opening"));
    }
    // The right one waits as well, and so does the next start.
    terminal.does(PIN, "******");
    terminal.does(keys::ENTER, "ait ");
    terminal.kill();
    let mut terminal = crew.opens(WHO, &ENGLISH);
    terminal.until("ait ");
    drop(terminal);
    crew.office.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_the_lease_wipes_the_route_and_keeps_the_outbox() {
    let mut crew = Crew::ready(Engine::Sqlite).await;
    crew.office.stop();
    let mut terminal = crew.unlocks(WHO, &ENGLISH);
    terminal.types("i");
    ticks_check_in(&mut terminal, &ENGLISH);
    terminal.does(keys::ENTER, ENGLISH.checked_in);
    terminal.kill();
    // Somebody looks at the device a week later, with no PIN and no network.
    let clock = TestClock::monday();
    clock.set(Micros(doorstep::SystemClock.now().get() + 7 * 24 * 3_600 * 1_000_000));
    let seen = Device::peek(&crew.device(WHO), Arc::new(clock)).await.unwrap();
    let waiting = usize::try_from(seen.unsent).unwrap();
    assert!(waiting >= 2, "the look at the file and the check-in: {seen:?}");
    let mut terminal = crew.opens(WHO, &ENGLISH);
    terminal.types(PIN);
    terminal.does(keys::ENTER, "Route 0 of 0 done");
    terminal.until(ENGLISH.offline);
    terminal.until_it("what waits", |now| unsent(now, &ENGLISH) == waiting);
    assert!(!terminal.shows("Person"), "{}", terminal.text());
    crew.office.serve_again();
    terminal.types("s");
    terminal.until_it("an empty outbox", |now| unsent(now, &ENGLISH) == 0);
    terminal.until("Person 1");
    drop(terminal);
    crew.office.end().await;
}
