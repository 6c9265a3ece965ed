//! However the program ends or is stopped, the terminal is as it was; going on draws everything anew.

use doorstep_store::Engine;
use rustix::process::Signal;

use super::crew::{Crew, ENGLISH, WHO};
use super::screen::{Terminal, keys};

/// What ends the program, by name.
type End = (&'static str, fn(&mut Terminal));

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_terminal_is_restored_whatever_ends_the_program() {
    let mut crew = Crew::ready(Engine::Sqlite).await;
    crew.office.stop();
    let ends: [End; 4] = [
        ("q", |terminal| terminal.types("q")),
        ("Ctrl-C", |terminal| terminal.types(keys::CTRL_C)),
        ("SIGTERM", |terminal| terminal.signal(Signal::TERM)),
        ("SIGHUP", |terminal| terminal.signal(Signal::HUP)),
    ];
    for (name, end) in ends {
        let mut terminal = crew.unlocks(WHO, &ENGLISH);
        assert!(terminal.is_taken(), "{name}");
        end(&mut terminal);
        let status = terminal.ended();
        assert!(terminal.is_restored(), "{name}");
        assert!(status.success(), "{name}: {status}");
    }
    // Before the PIN was given it is left as easily.
    let mut terminal = crew.opens(WHO, &ENGLISH);
    terminal.types(keys::ESC);
    assert!(terminal.ended().success());
    assert!(terminal.is_restored());
    crew.office.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_program_gives_the_terminal_back_and_goes_on() {
    let mut crew = Crew::ready(Engine::Sqlite).await;
    crew.office.stop();
    let mut terminal = crew.unlocks(WHO, &ENGLISH);
    for _ in 0..3 {
        terminal.types(keys::CTRL_Z);
        terminal.until_stopped();
        assert!(terminal.is_restored());
        // Whatever a shell writes meanwhile does not stay on the screen.
        terminal.scribbles("\x1b[2J\x1b[Hshell prompt $ ");
        terminal.signal(Signal::CONT);
        terminal.until(ENGLISH.route);
        terminal.until_gone("shell prompt");
        assert!(terminal.is_taken());
        terminal.does("?", "Keys of this screen");
        terminal.types(keys::ESC);
        terminal.until_gone("Keys of this screen");
    }
    crew.office.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_for_the_position_that_never_answers_keeps_nobody() {
    let mut crew = Crew::ready(Engine::Sqlite).await;
    crew.office.stop();
    let mut variables = crew.variables(WHO, &ENGLISH);
    variables.push(("DOORSTEP_LOCATION_COMMAND", "sleep 300".to_owned()));
    let mut terminal = Terminal::open(&crew.office.path("home"), &variables, (80, 24));
    terminal.until(ENGLISH.unlock);
    super::crew::gives_pin(&mut terminal, &ENGLISH);
    terminal.does("i", ENGLISH.identity_shown);
    terminal.does(keys::ENTER, ENGLISH.checked_in);
    terminal.types(keys::CTRL_C);
    terminal.does(keys::CTRL_C, "");
    assert!(terminal.ended().success());
    crew.office.end().await;
}
