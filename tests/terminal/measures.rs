//! Measures on the supervisor's screen: by what they are told, another figure, a longer span, and no order of persons.

use doorstep_store::Engine;

use super::crew::{CHINESE, Crew, ENGLISH, Words};
use super::screen::keys;

/// What the screen says, in a language.
struct Said {
    words: &'static Words,
    coverage: &'static str,
    contact: &'static str,
    by_agency: &'static str,
    creditor: &'static str,
    formula: &'static str,
    by_staff: &'static str,
    no_order: &'static str,
    chances: &'static str,
    not_yet: &'static str,
}

const IN_ENGLISH: Said = Said {
    words: &ENGLISH,
    coverage: "coverage, by portfolio",
    contact: "contact at visits, by portfolio",
    by_agency: "contact at visits, by agency",
    creditor: "the creditor",
    formula: "Cases that somebody tried to reach",
    by_staff: "contact at visits, by staff",
    no_order: "people stand in the order of their names",
    chances: "How good the chances are",
    not_yet: "Not enough visits yet",
};

const IN_CHINESE: Said = Said {
    words: &CHINESE,
    coverage: "覆盖率, 按 产品",
    contact: "上门接触率, 按 产品",
    by_agency: "上门接触率, 按 机构",
    creditor: "债权人自身",
    formula: "已尝试联系的案件",
    by_staff: "上门接触率, 按 工号",
    no_order: "人员仅按名称排列",
    chances: "概率的准确度",
    not_yet: "外访还不够",
};

async fn measures_are_read(said: &Said) {
    let crew = Crew::ready(Engine::Sqlite).await;
    // Of fewer than five cases nothing would be told.
    let row = |number: usize| {
        format!(
            "T-300{number},card,Other {number},,\"{number} Made-up Lane\",51.5,-0.1{number},90.00,EUR,2026-09-14,\n"
        )
    };
    let head = "case_no,portfolio,name,phone,address,lat,lon,amount_due,currency,due_date,flags\n".to_owned();
    let more = (1..=3).map(row).fold(head, |text, row| text + &row);
    let more = crew.office.file("more-cases.csv", &more);
    let report = crew.office.does("supervisor", &["case", "import", &more]);
    assert_eq!(report["created"], 3, "{report}");
    let mut terminal = crew.opens_office("supervisor", said.words);
    terminal.until(said.words.online);
    terminal.does("8", said.coverage);
    assert!(terminal.shows(said.formula), "{}", terminal.text());
    terminal.does("f", said.contact);
    terminal.does("b", said.by_agency);
    terminal.until(said.creditor);
    // Everything of a group, and back.
    terminal.types("j");
    terminal.does(keys::ENTER, said.formula);
    terminal.types(keys::ESC);
    terminal.until_gone(said.formula);
    // Stage, then staff: persons keep the order of their names.
    terminal.types("b");
    terminal.does("b", said.by_staff);
    terminal.does("s", said.no_order);
    // The chances, of which nothing is known yet, and back to the figures.
    terminal.does("o", said.chances);
    terminal.until(said.not_yet);
    terminal.types(keys::ESC);
    terminal.until(said.by_staff);
    drop(terminal);
    crew.office.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn measures_are_read_on_the_screen() {
    measures_are_read(&IN_ENGLISH).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn measures_are_read_on_the_screen_in_chinese() {
    measures_are_read(&IN_CHINESE).await;
}
