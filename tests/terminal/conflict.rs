//! A conflict that is settled at the door, on the screen: device and office corrected the same phone without knowing of
//! each other.

use doorstep_store::Engine;
use serde_json::json;

use super::crew::{Crew, ENGLISH, PARTNER, WHO};
use super::screen::keys;
use crate::commands::office::{items, text};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conflict_is_settled_on_the_screen() {
    let crew = Crew::ready(Engine::Sqlite).await;
    let office = &crew.office;
    let visit = crew.next_visit(WHO);
    let start = [
        "visit",
        "start",
        &visit,
        "--staff",
        PARTNER,
        "--identity-shown",
        "--anyway",
    ];
    office.does(WHO, &start);
    office.does(WHO, &["visit", "identify", &visit]);
    office.does(WHO, &["visit", "correct", &visit, "--phone", "+351910000001"]);
    let case = text(&crew.visit(&visit), "case");
    office.does("supervisor", &["person", "edit", &case, "--phone", "+351910000002"]);
    office.does(WHO, &["sync"]);
    let mut terminal = crew.unlocks(WHO, &ENGLISH);
    terminal.does("2", "CONFLICT: two sides");
    terminal.until("+351910000001");
    terminal.until("+351910000002");
    terminal.does("a", "Which one holds?");
    // What is settled leaves at once; how many events wait may for a moment be a count from before.
    terminal.does("1", "Sent: 1 event");
    terminal.until_gone("CONFLICT");
    let open = office.does("supervisor", &["conflicts"]);
    assert_eq!(items(&open).len(), 0, "{open}");
    let shown = office.does("supervisor", &["case", "show", &case]);
    let all = office.does("supervisor", &["conflicts", "list", "--all"]);
    let settled = &items(&all)[0];
    assert_eq!(settled["state"], json!("settled"), "{all}");
    assert_eq!(
        shown["phone"], settled["left"]["value"],
        "both sides stay, the first holds"
    );
    terminal.types(keys::CTRL_C);
    // The visit is still open, so the program asks before it is left.
    terminal.until("Leave?");
    terminal.types(keys::ENTER);
    assert!(terminal.ended().success());
    drop(terminal);
    crew.office.end().await;
}
