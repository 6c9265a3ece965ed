//! What is the own of field staff and what supervisors owe them: the day's ends, who looked at whom, a read outside a
//! caseload that somebody settles, and evidence about a server that lost what it had acknowledged.

use doorstep_store::Engine;
use serde_json::json;

use super::crew::{CHINESE, Crew, ENGLISH, PARTNER, WHO, Words, ticks_check_in};
use super::screen::{Terminal, keys};
use crate::commands::office::items;

/// Words of the day, in a language.
struct DayWords {
    words: &'static Words,
    offer: &'static str,
    open: &'static str,
    opened: &'static str,
    close: &'static str,
    begun: &'static str,
    visits: &'static str,
    unsent: &'static str,
    closed: &'static str,
    again: &'static str,
}

const IN_ENGLISH: DayWords = DayWords {
    words: &ENGLISH,
    offer: "The day is not open: D opens it.",
    open: "Open the day?",
    opened: "day open since ",
    close: "Close the day?",
    begun: "visits begun: 1",
    visits: "visits checked out: 0",
    unsent: "not with the server: ",
    closed: "day closed ",
    again: "Open the day again?",
};

const IN_CHINESE: DayWords = DayWords {
    words: &CHINESE,
    offer: "尚未开始一天：按 D 开始。",
    open: "开始这一天？",
    opened: " 开始 ─",
    close: "结束这一天？",
    begun: "进行中的外访： 1",
    visits: "已签退的外访： 0",
    unsent: "未送达服务器： ",
    closed: " 结束 ─",
    again: "重新开始这一天？",
};

/// The ends of days in the log, oldest first. An export waits for what is queued, and the whole must verify.
fn days_in_the_log(crew: &Crew) -> Vec<String> {
    crew.signed_events("days");
    let found = crew.office.does("auditor", &["log", "entries", "--limit", "100"]);
    let kinds = items(&found).iter().rev().filter_map(|entry| entry["kind"].as_str());
    let days = kinds.filter(|kind| kind.starts_with("day."));
    days.map(str::to_owned).collect()
}

/// The day is offered, opened without a network, closed over a visit that has begun, and opened again.
async fn the_day(day: &DayWords) {
    let words = day.words;
    let mut crew = Crew::ready(Engine::Sqlite).await;
    crew.office.stop();
    let mut terminal = crew.unlocks(WHO, words);
    terminal.until(day.offer);
    terminal.does("D", day.open);
    terminal.does(keys::ENTER, day.opened);
    terminal.until_gone(day.offer);
    let shown = crew.office.does(WHO, &["day", "show"]);
    assert!(shown["opened_at"].is_i64() && shown["closed_at"].is_null(), "{shown}");
    terminal.does(keys::ENTER, words.visit);
    terminal.types("i");
    ticks_check_in(&mut terminal, words);
    terminal.does(keys::ENTER, words.checked_in);
    terminal.does(keys::ESC, words.route);
    // A visit has begun: Enter leads there, and only a key of its own closes the day over it.
    terminal.does("D", day.close);
    for said in [day.begun, day.visits, day.unsent] {
        terminal.until(said);
    }
    terminal.does(keys::ENTER, words.checked_in);
    terminal.does(keys::ESC, words.route);
    terminal.does("D", day.close);
    terminal.does("F", day.closed);
    terminal.does("3", day.closed.trim_end_matches(" ─"));
    terminal.does("1", words.route);
    terminal.does("D", day.again);
    terminal.does(keys::ENTER, day.opened);
    crew.office.serve_again();
    terminal.does("s", words.online);
    terminal.until(&format!("{}0", words.unsent));
    drop(terminal);
    assert_eq!(days_in_the_log(&crew), ["day.open", "day.close", "day.open"]);
    crew.office.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_is_opened_and_closed_offline_with_its_counts() {
    the_day(&IN_ENGLISH).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_is_opened_and_closed_offline_with_its_counts_in_chinese() {
    the_day(&IN_CHINESE).await;
}

/// Field staff see who looked at them, also when there is no server any more.
async fn they_see_who_looked(engine: Engine) {
    let mut crew = Crew::ready(engine).await;
    crew.office.does("supervisor", &["live"]);
    crew.office.does("admin", &["staff", "list"]);
    let mut terminal = crew.unlocks(WHO, &ENGLISH);
    terminal.until(ENGLISH.online);
    terminal.does("3", "W says who looked at you.");
    terminal.does("W", "Who looked at you ");
    terminal.until("watching the day");
    terminal.until("0 min old");
    // Found by a word of the screen; Esc shows all again.
    terminal.types("/staff list");
    terminal.does(keys::ENTER, "/ staff list");
    terminal.until_gone("watching the day");
    terminal.until("admin");
    terminal.does(keys::ESC, "watching the day");
    terminal.does(keys::ESC, "This device");
    terminal.types(keys::CTRL_C);
    assert!(terminal.ended().success());
    drop(terminal);
    crew.office.stop();
    let mut terminal = crew.unlocks(WHO, &ENGLISH);
    terminal.until(ENGLISH.offline);
    terminal.does("3", "W says who looked at you.");
    terminal.does("W", "watching the day");
    terminal.until("0 min old");
    drop(terminal);
    // The partner's device never asked, and says so.
    let mut terminal = unlocked_without_doors(&crew, PARTNER);
    terminal.until(ENGLISH.offline);
    terminal.does("3", "W says who looked at you.");
    terminal.does("W", "It was not fetched yet");
    drop(terminal);
    crew.office.end().await;
}

/// Opens the program of a device that has fetched nothing.
fn unlocked_without_doors(crew: &Crew, who: &str) -> Terminal {
    let mut terminal = crew.opens(who, &ENGLISH);
    terminal.types(crate::commands::office::PIN);
    terminal.does(keys::ENTER, "No cases on this device yet.");
    terminal
}

/// An auditor opens a case for a purpose; the supervisor sees it at the case and in the list of the week, and settles it.
async fn a_supervisor_settles_a_read(engine: Engine) {
    let crew = Crew::ready(engine).await;
    let opening = ["case", "show", "T-2001", "--purpose", "inspection"];
    crew.office.does("auditor", &opening);
    let mut terminal = crew.opens_office("supervisor", &ENGLISH);
    terminal.does("3", "T-2001");
    terminal.types("/Person 1");
    terminal.does(keys::ENTER, "/ Person 1");
    terminal.until_gone("T-2002");
    terminal.does("W", "Who looked at this case");
    terminal.until("auditor (auditor)");
    terminal.types(keys::ESC);
    terminal.until_gone("Who looked at this case");
    terminal.does("6", "waiting ");
    terminal.until("auditor");
    terminal.does(keys::ENTER, "Case: T-2001");
    terminal.types(keys::ESC);
    terminal.until_gone("Case: T-2001");
    // The list was read at a number and opened in full: both wait, and the newest is last.
    terminal.does("G", "waiting ");
    terminal.does("a", "What did you find?");
    terminal.until("case T-2001: inspection");
    terminal.does(keys::ENTER, "cannot be taken back");
    // Neither Enter again nor Esc keeps anything.
    terminal.types(keys::ENTER);
    terminal.types(keys::ESC);
    terminal.until_gone("cannot be taken back");
    terminal.until("! ");
    assert!(!terminal.shows("Recorded in the log."), "{}", terminal.text());
    terminal.does("a", "What did you find?");
    terminal.does(keys::ENTER, "cannot be taken back");
    terminal.does("y", "Recorded in the log.");
    terminal.does("-", "Nobody opened a person outside their caseload that week.");
    terminal.does("+", "auditor");
    terminal.types("q");
    terminal.types("q");
    assert!(terminal.ended().success());
    let settled = crew.office.does("auditor", &["reads", "review", "--all"]);
    let found = items(&settled).last().unwrap();
    assert_eq!(
        (&found["found"]["finding"], &found["found"]["by"]),
        (&json!("right"), &json!("supervisor")),
        "{settled}"
    );
    crew.office.end().await;
}

/// The report of a verification: what was found first, to its end, and in the language of whoever looks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_begins_with_what_was_found_and_follows_the_language() {
    let crew = Crew::ready(Engine::Sqlite).await;
    let mut terminal = crew.opens_office("supervisor", &ENGLISH);
    terminal.does("5", "V fetches the whole log");
    terminal.does("V", "Holds, ");
    terminal.until("[key_from_export]");
    terminal.does("G", "(--tsa-ca)");
    terminal.does("g", "[key_from_export]");
    terminal.does("\x1bOQ", "核验通过，");
    terminal.until("含义");
    terminal.until_gone("it means");
    terminal.does(keys::ESC, "按 Enter 查看报告。");
    terminal.does(keys::ENTER, "[key_from_export]");
    terminal.types("q");
    terminal.types("q");
    terminal.types("q");
    assert!(terminal.ended().success());
    crew.office.end().await;
}

/// A server whose database was set back takes back what it had acknowledged: its device tells what to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn evidence_is_told_with_what_to_do() {
    let mut crew = Crew::ready(Engine::Sqlite).await;
    crew.office.does(WHO, &["day", "open"]);
    crew.office.does(WHO, &["sync"]);
    crew.office.stop();
    let kept: Vec<_> = ["doorstep.db", "doorstep.db-wal", "doorstep.db-shm"]
        .into_iter()
        .map(|name| (name, std::fs::read(crew.office.folder.join(name)).ok()))
        .collect();
    crew.office.serve_again();
    crew.office.does(WHO, &["day", "close"]);
    crew.office.does(WHO, &["day", "open"]);
    crew.office.does(WHO, &["sync"]);
    crew.office.stop();
    for (name, bytes) in kept {
        let path = crew.office.folder.join(name);
        match bytes {
            Some(bytes) => std::fs::write(path, bytes).unwrap(),
            None => drop(std::fs::remove_file(path)),
        }
    }
    crew.office.serve_again();
    let mut terminal = crew.opens(WHO, &ENGLISH);
    terminal.types(crate::commands::office::PIN);
    terminal.does(keys::ENTER, "Kept as evidence");
    terminal.until("it took back what it had acknowledged");
    terminal.until("doorstep device evidence");
    terminal.types(keys::ENTER);
    terminal.until_gone("Kept as evidence");
    terminal.until("EVIDENCE");
    // It is told once, and stands there for whoever opens the device later.
    terminal.does("s", ENGLISH.online);
    assert!(!terminal.shows("Kept as evidence"));
    terminal.does("3", "e says what happened");
    terminal.does("e", "Give the folder to an auditor");
    drop(terminal);
    let folder = crew.office.at("evidence");
    let written = crew.office.does(WHO, &["device", "evidence", &folder]);
    assert!(written["kept"].as_i64() >= Some(1), "{written}");
    crew.office.end().await;
}

mod sqlite {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn field_staff_see_who_looked_at_them() {
        they_see_who_looked(Engine::Sqlite).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_read_outside_a_caseload_is_settled_on_the_screen() {
        a_supervisor_settles_a_read(Engine::Sqlite).await;
    }
}

mod postgres {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn field_staff_see_who_looked_at_them() {
        they_see_who_looked(Engine::Postgres).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_read_outside_a_caseload_is_settled_on_the_screen() {
        a_supervisor_settles_a_read(Engine::Postgres).await;
    }
}
