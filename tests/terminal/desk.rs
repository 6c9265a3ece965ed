//! What bites is seen: a visit that goes off while the crew looks at it, and a wish from a page on the supervisor's desk.

use std::fmt::Write as _;

use doorstep_domain::measure::Clock as _;
use doorstep_store::Engine;
use jiff::ToSpan as _;
use jiff::tz::TimeZone;

use super::crew::{CHINESE, Crew, ENGLISH, WHO, Words};
use super::screen::keys;
use crate::commands::office::{items, text};
use crate::commands::visits::place_of_work;
use crate::harness::Client;

/// Words of the screens, in a language.
struct DeskWords {
    words: &'static Words,
    off: &'static str,
    says_off: &'static str,
    title: &'static str,
    wish: &'static str,
    accept: &'static str,
    recorded: &'static str,
    nothing: &'static str,
}

const IN_ENGLISH: DeskWords = DeskWords {
    words: &ENGLISH,
    off: "1 off",
    says_off: "is off: the person does not want this visit",
    title: "Waits for a person",
    wish: "a date and amount",
    accept: "y accept",
    recorded: "Recorded in the log.",
    nothing: "Nothing waits.",
};

const IN_CHINESE: DeskWords = DeskWords {
    words: &CHINESE,
    off: "取消 1",
    says_off: "已取消：当事人不愿在此时被上门访问",
    title: "待处理",
    wish: "提出还款日期",
    accept: "y 接受",
    recorded: "已记入日志。",
    nothing: "没有待处理事项。",
};

/// Somebody says that nobody shall come, while the crew has the route on the screen, and then the very visit.
async fn a_visit_goes_off(said: &DeskWords) {
    let crew = Crew::ready(Engine::Sqlite).await;
    let mut terminal = crew.unlocks(WHO, said.words);
    terminal.until(said.words.online);
    let route = crew.office.does(WHO, &["visit", "route"]);
    let stops = items(&route);
    let ban = |case: &str| {
        let words = ["--words", "not today"];
        let add = [&["restriction", "add", case, "ban", "--channel", "visit"][..], &words].concat();
        crew.office.does("supervisor", &add);
    };
    let (second, first) = (text(&stops[1], "case_no"), text(&stops[0], "case_no"));
    ban(&second);
    // Nobody asked for it: the server says that something changed.
    terminal.until(said.says_off);
    terminal.until(said.off);
    let row = format!("z -- {second} RIGHTS-BANS");
    assert!(terminal.shows(&row), "{}", terminal.text());
    assert!(!terminal.shows(&text(&stops[1], "name")), "{}", terminal.text());
    // On the visit itself.
    terminal.does(keys::ENTER, said.words.visit);
    assert!(terminal.shows(&text(&stops[0], "name")));
    ban(&first);
    terminal.until_gone(said.words.visit);
    terminal.until(said.says_off);
    assert!(!terminal.shows(&text(&stops[0], "name")), "{}", terminal.text());
    terminal.does(keys::ENTER, said.words.route);
    // Check-in is refused, citing the rule; on the command line too.
    terminal.types("gi");
    terminal.until("[RIGHTS-BANS]");
    let refused = crew.office.refused(WHO, &["visit", "start", &first], 1, "rule-blocked");
    assert!(refused.to_string().contains("RIGHTS-BANS"), "{refused}");
    drop(terminal);
    crew.office.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visit_that_goes_off_is_seen_at_once() {
    a_visit_goes_off(&IN_ENGLISH).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visit_that_goes_off_is_seen_at_once_in_chinese() {
    a_visit_goes_off(&IN_CHINESE).await;
}

/// Cases of others than those who are visited today, with a phone on file.
fn more_cases() -> String {
    let [lat, lon] = place_of_work().centre;
    let mut file = "case_no,portfolio,name,phone,address,lat,lon,amount_due,currency,due_date,flags\n".to_owned();
    for number in 1..=2 {
        let lat = lat - f64::from(number) * 0.004;
        let _ = writeln!(
            file,
            "T-300{number},card,Person 3{number},555-000{number},\"{number} Other Row\",{lat:.4},{lon},310.00,EUR,2026-09-14,"
        );
    }
    file
}

/// Plans and announces visits far enough ahead for a notice; returns the case, the visit and the page of one.
fn announced(crew: &Crew) -> [String; 3] {
    let office = &crew.office;
    let cases = office.file("more.csv", &more_cases());
    office.does("supervisor", &["case", "import", &cases]);
    let now = jiff::Timestamp::from_microsecond(doorstep::SystemClock.now().get()).unwrap();
    let zone = TimeZone::get(place_of_work().zone).unwrap();
    let first = zone.to_datetime(now).date().saturating_add(2.days()).to_string();
    // Over a week, whatever day of the week it is.
    let propose = ["plan", "propose", "--day", &first, "--days", "7", "--iterations", "200"];
    let plan = office.does("supervisor", &propose);
    office.does("supervisor", &["plan", "publish", &text(&plan, "id"), "--yes"]);
    office.does("supervisor", &["notice", "dispatch", "--to", &office.at("letters")]);
    let notices = office.does("supervisor", &["notice", "list", "--state", "handed_over"]);
    let numbers = office.does("supervisor", &["case", "list", "--all"]);
    for notice in items(&notices) {
        let case = items(&numbers)
            .iter()
            .find(|case| case["id"] == notice["case"])
            .unwrap();
        if text(case, "case_no").starts_with("T-300") {
            let shown = office.does("supervisor", &["notice", "show", &text(notice, "id")]);
            let page = text(&shown, "page");
            let path = page[page.find("/n/").unwrap()..].to_owned();
            return [text(case, "case_no"), text(notice, "visit"), path];
        }
    }
    panic!("nobody was announced: {plan}")
}

async fn sends(anybody: &Client, path: &str, fields: &[(&str, &str)]) -> String {
    let request = anybody.request(reqwest::Method::POST, path);
    let request = request.header("Content-Type", "application/x-www-form-urlencoded");
    let taken = anybody
        .send(request.body(serde_urlencoded::to_string(fields).unwrap()))
        .await;
    assert_eq!(taken.status, 200, "{}", taken.text());
    taken.text()
}

/// A person proposes a payment on the page of a notice; the supervisor reads it on the desk and accepts it there.
async fn a_wish_is_accepted(said: &DeskWords) {
    let crew = Crew::ready(Engine::Sqlite).await;
    let [case, visit, path] = announced(&crew);
    let anybody = Client::anonymous(&crew.office.address);
    let digits = format!("000{}", &case[case.len() - 1..]);
    let known = sends(
        &anybody,
        &path,
        &[("what", "identify"), ("digits", &digits), ("lang", "en")],
    )
    .await;
    let pass = known.split("name=\"pass\" value=\"").nth(1).unwrap();
    let pass = pass.split('"').next().unwrap();
    let words = "50 on the first of each month";
    sends(
        &anybody,
        &path,
        &[("what", "payment"), ("pass", pass), ("words", words)],
    )
    .await;
    let mut terminal = crew.opens_office("supervisor", said.words);
    terminal.until(said.words.online);
    terminal.does("7", said.title);
    terminal.until(said.wish);
    assert!(!terminal.shows(words), "words are opened one by one");
    terminal.does(keys::ENTER, words);
    assert!(terminal.shows(&case), "{}", terminal.text());
    terminal.does("a", said.accept);
    terminal.does("y", said.recorded);
    terminal.until(said.nothing);
    drop(terminal);
    assert_eq!(
        crew.visit(&visit)["state"],
        "cancelled",
        "accepted in place of the visit"
    );
    let wishes = crew.office.does("supervisor", &["wish", "list", "--state", "accepted"]);
    assert_eq!(items(&wishes).len(), 1, "{wishes}");
    crew.office.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wish_of_a_page_is_accepted_on_the_desk() {
    a_wish_is_accepted(&IN_ENGLISH).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wish_of_a_page_is_accepted_on_the_desk_in_chinese() {
    a_wish_is_accepted(&IN_CHINESE).await;
}
