//! An office with a published plan, and field staff with an enrolled device who open the screens.

use std::fmt::Write as _;
use std::path::PathBuf;

use doorstep_store::Engine;
use serde_json::{Value, json};

use super::screen::{Terminal, keys};
use crate::commands::office::{Office, PIN, items, text};
use crate::commands::visits::place_of_work;

/// Who carries the device.
pub(super) const WHO: &str = "F01";
/// The other of the crew.
pub(super) const PARTNER: &str = "F02";
/// How many cases there are.
const CASES: u32 = 4;

/// Words of the screens that the tests wait for, in a language.
pub(super) struct Words {
    pub(super) lang: &'static str,
    pub(super) unlock: &'static str,
    pub(super) route: &'static str,
    pub(super) visit: &'static str,
    pub(super) with: &'static str,
    pub(super) identity_shown: &'static str,
    pub(super) checked_in: &'static str,
    pub(super) who: &'static str,
    pub(super) proof: &'static str,
    pub(super) out: &'static str,
    pub(super) check_out: &'static str,
    pub(super) checked_out: &'static str,
    pub(super) offline: &'static str,
    pub(super) online: &'static str,
    pub(super) unsent: &'static str,
    pub(super) waiting: &'static str,
    pub(super) nothing_waits: &'static str,
    pub(super) note_field: &'static str,
    pub(super) departed: &'static str,
    pub(super) entries: &'static str,
    pub(super) holds: &'static str,
}

/// English and Chinese.
pub(super) const ENGLISH: Words = Words {
    lang: "en_GB.UTF-8",
    unlock: "Unlock this device",
    route: "Route ",
    visit: "Needed before check-out",
    with: "with F02",
    identity_shown: "identity and authority shown",
    checked_in: "[2 Who]",
    who: "Who did you meet?",
    proof: "[4 Proof]",
    out: "[5 Out]",
    check_out: "─ Check out ",
    checked_out: "Route 1 of ",
    offline: "OFFLINE",
    online: "Online",
    unsent: "Out ",
    waiting: "Waiting ",
    nothing_waits: "Everything is with the server.",
    note_field: "Facts only, nothing about other people.",
    departed: "checked out T-200",
    entries: "Entries ",
    holds: "Holds, ",
};

/// The same in Chinese.
pub(super) const CHINESE: Words = Words {
    lang: "zh_CN.UTF-8",
    unlock: "解锁本设备",
    route: "路线 ",
    visit: "签退前必须完成",
    with: "同行 F02",
    identity_shown: "已出示证件和授权",
    checked_in: "[2 接触对象]",
    who: "见到了谁",
    proof: "[4 凭据]",
    out: "[5 签退]",
    check_out: "─ 签退 ",
    checked_out: "已完成 1/",
    offline: "离线",
    online: "在线",
    unsent: "待发 ",
    waiting: "待发 ",
    nothing_waits: "全部内容均已送达服务器。",
    note_field: "只写事实，不涉及他人。",
    departed: "签退 T-200",
    entries: "条目 ",
    holds: "核验通过",
};

/// An office whose field staff have a plan and a device each.
pub(super) struct Crew {
    pub(super) office: Office,
}

impl Crew {
    /// Sets everything up by commands.
    pub(super) async fn ready(engine: Engine) -> Self {
        let mut office = Office::make(engine).await;
        office.serve();
        office.takes_its_people();
        let cases = office.file("cases.csv", &cases());
        let report = office.does("supervisor", &["case", "import", &cases]);
        assert_eq!(report["created"], json!(CASES), "{report}");
        let plan = office.does(
            "supervisor",
            &["plan", "propose", "--iterations", "200", "--without-notice"],
        );
        let plan = text(&plan, "id");
        let waived = ["--without-notice", "demonstration"];
        office.does(
            "supervisor",
            &[&["plan", "publish", &plan, "--yes"][..], &waived].concat(),
        );
        for login in [WHO, PARTNER] {
            let code = office.does("admin", &["device", "code", login]);
            let enrol = ["device", "enrol", &text(&code, "code"), "--tenant", &office.tenant];
            office.does(login, &enrol);
        }
        let synced = office.does(WHO, &["sync"]);
        assert_eq!(synced["stops"], json!(CASES), "{synced}");
        Self { office }
    }

    /// What the program is told by its surroundings.
    pub(super) fn variables(&self, who: &str, words: &Words) -> Vec<(&'static str, String)> {
        vec![
            ("DOORSTEP_DEVICE_DIR", self.device(who).display().to_string()),
            ("DOORSTEP_SESSION", self.office.at(&format!("session-{who}.json"))),
            ("LANG", words.lang.to_owned()),
        ]
    }

    /// The folder of somebody's device.
    pub(super) fn device(&self, who: &str) -> PathBuf {
        self.office.path(&format!("device-{who}"))
    }

    /// Opens the program on a terminal; the PIN is asked for.
    pub(super) fn opens(&self, who: &str, words: &Words) -> Terminal {
        let home = self.office.path("home");
        let mut terminal = Terminal::open(&home, &self.variables(who, words), (80, 24));
        terminal.until(words.unlock);
        terminal
    }

    /// Opens the office's screens with the session that somebody has.
    pub(super) fn opens_office(&self, who: &str, words: &Words) -> Terminal {
        let home = self.office.path("home");
        Terminal::open(&home, &self.variables(who, words), (80, 24))
    }

    /// The same, with the PIN given and the route on the screen.
    pub(super) fn unlocks(&self, who: &str, words: &Words) -> Terminal {
        let mut terminal = self.opens(who, words);
        gives_pin(&mut terminal, words);
        terminal
    }

    /// A visit as the office lists it.
    pub(super) fn visit(&self, id: &str) -> Value {
        let listed = self.office.does("supervisor", &["visit", "list"]);
        let found = items(&listed).iter().find(|one| one["id"] == *id);
        found.unwrap_or_else(|| panic!("no visit {id}: {listed}")).clone()
    }

    /// How many events of devices the log holds; it is exported under a name and must verify as a whole.
    pub(super) fn signed_events(&self, name: &str) -> u64 {
        let export = self.office.at(name);
        let key = text(&self.office.does("auditor", &["log", "head"]), "key");
        self.office.does("auditor", &["log", "export", &export]);
        let report = self.office.does("anybody", &["verify", &export, "--key", &key]);
        assert_eq!(report["ok"], true, "{report}");
        report["counts"]["events"].as_u64().unwrap()
    }

    /// The first visit of the route that is not done, as the device knows it.
    pub(super) fn next_visit(&self, who: &str) -> String {
        let route = self.office.does(who, &["visit", "route"]);
        let open = items(&route).iter().find(|stop| stop["state"].is_null());
        text(open.unwrap_or_else(|| panic!("nothing is open: {route}")), "visit")
    }
}

/// Types the PIN and waits for the route.
pub(super) fn gives_pin(terminal: &mut Terminal, words: &Words) {
    terminal.types(PIN);
    terminal.types(keys::ENTER);
    terminal.until_it("the route", |now| now.shows(words.route) && now.shows("Person 1"));
}

/// Ticks in the open check-in form that the partner is there and that identity was shown.
pub(super) fn ticks_check_in(terminal: &mut Terminal, words: &Words) {
    terminal.until(words.identity_shown);
    let with = format!("[x] {}", words.with);
    if !terminal.shows(&with) {
        terminal.does(" ", &with);
    }
    terminal.types(keys::DOWN);
    terminal.does(" ", &format!("[x] {}", words.identity_shown));
}

/// Takes every item that is still required, one by one, until nothing is left but to check out.
pub(super) fn ticks_everything(terminal: &mut Terminal, words: &Words) {
    terminal.until(words.proof);
    while !terminal.shows(words.out) {
        let before = terminal.text();
        terminal.types(keys::ENTER);
        terminal.until_it("the next item", |now| now.text() != before);
    }
}

/// How many events wait, as the first line says.
pub(super) fn unsent(terminal: &Terminal, words: &Words) -> usize {
    let text = terminal.text();
    let head = text.lines().next().unwrap_or_default();
    let (_, after) = head
        .split_once(words.unsent)
        .unwrap_or_else(|| panic!("no count: {text}"));
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

/// A file of cases around the place where it is day now.
fn cases() -> String {
    let [lat, lon] = place_of_work().centre;
    let mut file = "case_no,portfolio,name,phone,address,lat,lon,amount_due,currency,due_date,flags\n".to_owned();
    for number in 1..=CASES {
        let lat = lat + f64::from(number) * 0.004;
        let _ = writeln!(
            file,
            "T-200{number},card,Person {number},,\"{number} Invented Row\",{lat:.4},{lon},310.00,EUR,2026-09-14,"
        );
    }
    file
}
