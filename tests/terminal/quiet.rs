//! Nobody touches a key: nothing is written and nothing wakes up, and the program stays small.

use std::path::PathBuf;
use std::time::Duration;

use doorstep_domain::measure::Clock as _;
use doorstep_store::Engine;

use super::crew::{Crew, ENGLISH, WHO};
use super::screen::Terminal;

/// How long it is watched.
const WATCHED: Duration = Duration::from_secs(5);
/// The most memory of its own with a day on the screen. Pages of the program's file come on top, half of them in a build
/// without debug code; the system takes those back whenever it wants.
const OWN_KIB_MAX: u64 = 10 * 1024;

/// What a process has done so far, from all its threads.
#[derive(Debug, PartialEq, Eq)]
struct Work {
    wake_ups: u64,
    ticks: u64,
}

fn proc_of(terminal: &Terminal) -> PathBuf {
    PathBuf::from(format!("/proc/{}", terminal.process()))
}

/// A number of a `status` file.
fn number(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let digits: String = line.unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

fn work(terminal: &Terminal) -> Work {
    let mut work = Work { wake_ups: 0, ticks: 0 };
    for thread in std::fs::read_dir(proc_of(terminal).join("task")).unwrap() {
        let thread = thread.unwrap().path();
        let status = std::fs::read_to_string(thread.join("status")).unwrap();
        work.wake_ups += number(&status, "voluntary_ctxt_switches:");
        let stat = std::fs::read_to_string(thread.join("stat")).unwrap();
        let after_name = stat.rsplit_once(')').unwrap().1;
        let fields: Vec<&str> = after_name.split_whitespace().collect();
        work.ticks += fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    }
    work
}

/// Whether this clock's minute does not end while the program is watched.
fn a_minute_is_ahead() -> bool {
    let second = (doorstep::SystemClock.now().get() / 1_000_000) % 60;
    second + WATCHED.as_secs() as i64 + 5 < 60
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_happens_while_nobody_touches_a_key() {
    let mut crew = Crew::ready(Engine::Sqlite).await;
    crew.office.stop();
    let mut terminal = crew.unlocks(WHO, &ENGLISH);
    terminal.until(ENGLISH.offline);
    // The clock's minute may draw; it is let by.
    while !a_minute_is_ahead() {
        terminal.watched(Duration::from_secs(1));
    }
    let mut rounds = 0;
    loop {
        // Threads that wait for work end by themselves some seconds after a start.
        let before = work(&terminal);
        let written = terminal.watched(WATCHED);
        let after = work(&terminal);
        if written == 0 && after == before {
            break;
        }
        rounds += 1;
        assert!(rounds < 6, "{written} bytes, {before:?} to {after:?}");
        while !a_minute_is_ahead() {
            terminal.watched(Duration::from_secs(1));
        }
    }
    let status = std::fs::read_to_string(proc_of(&terminal).join("status")).unwrap();
    let own = number(&status, "RssAnon:");
    assert!(own <= OWN_KIB_MAX, "{own} KiB of its own:\n{status}");
    drop(terminal);
    crew.office.end().await;
}
