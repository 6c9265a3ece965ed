//! A day without a server: route, check-in, outcome, check-out, then the server is there again.

use doorstep_store::Engine;
use serde_json::json;

use super::crew::{CHINESE, Crew, ENGLISH, WHO, Words, ticks_check_in, ticks_everything, unsent};
use super::screen::keys;

/// One visit from door to check-out with the server stopped; the office sees it when the server is there again.
async fn without_a_server(engine: Engine, words: &Words) {
    let mut crew = Crew::ready(engine).await;
    let visit = crew.next_visit(WHO);
    crew.office.stop();
    let mut terminal = crew.unlocks(WHO, words);
    assert!(terminal.is_taken(), "the program has the terminal");
    terminal.until(words.offline);
    terminal.does(keys::ENTER, words.visit);
    terminal.types("i");
    ticks_check_in(&mut terminal, words);
    terminal.does(keys::ENTER, words.checked_in);
    terminal.until(words.who);
    terminal.types("4");
    terminal.does(keys::ENTER, words.proof);
    ticks_everything(&mut terminal, words);
    terminal.does("d", words.check_out);
    terminal.does(keys::ENTER, words.checked_out);
    terminal.until(words.offline);
    // Check-in, identity and check-out at least; what waits in the outbox is what the first line counts.
    let unsent = unsent(&terminal, words);
    assert!(unsent >= 2, "{}", terminal.text());
    terminal.does("2", &format!("{}{unsent}", words.waiting));
    crew.office.serve_again();
    terminal.does("s", words.online);
    terminal.until(&format!("{}0", words.unsent));
    terminal.until(words.nothing_waits);
    let seen = crew.visit(&visit);
    assert_eq!(
        (&seen["state"], &seen["outcome"]),
        (&json!("finished"), &json!("NOBODY_HOME")),
        "{seen}"
    );
    let live = crew.office.does("supervisor", &["live"]);
    assert_eq!(live["crews"][0]["done"], 1, "{live}");
    terminal.types(keys::CTRL_C);
    assert!(terminal.ended().success());
    assert!(terminal.is_restored(), "{}", terminal.text());
    drop(terminal);
    the_supervisor_looks(&crew, words);
    crew.office.end().await;
}

/// The supervisor's screens show the visit, find its case, and verify the log that it is in.
fn the_supervisor_looks(crew: &Crew, words: &Words) {
    let mut terminal = crew.opens_office("supervisor", words);
    // One of the crew's stops is done, and the check-out is the newest of what happened.
    terminal.until(" 1/4 ");
    terminal.until(words.departed);
    terminal.does("3", "T-2001");
    terminal.types("/Person 3");
    terminal.does(keys::ENTER, "/ Person 3");
    terminal.until_gone("T-2001");
    terminal.does("5", words.entries);
    terminal.does("V", words.holds);
    terminal.does("q", words.entries);
    terminal.types("q");
    terminal.until(" 1/4 ");
    terminal.types("q");
    assert!(terminal.ended().success());
    assert!(terminal.is_restored(), "{}", terminal.text());
}

mod sqlite {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_visit_is_made_offline_and_arrives() {
        without_a_server(Engine::Sqlite, &ENGLISH).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_visit_is_made_offline_and_arrives_in_chinese() {
        without_a_server(Engine::Sqlite, &CHINESE).await;
    }
}

mod postgres {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_visit_is_made_offline_and_arrives() {
        without_a_server(Engine::Postgres, &ENGLISH).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_visit_is_made_offline_and_arrives_in_chinese() {
        without_a_server(Engine::Postgres, &CHINESE).await;
    }
}
