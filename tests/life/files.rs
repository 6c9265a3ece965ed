//! What the lender, the bank and the dialler send, as files, and the strategies of the two portfolios.

use std::fmt::Write as _;

use super::desk::date;
use super::people::{Due, Person, Town};

/// Where people live: around the middle of Porto, in a country for which there are house rules only.
const CENTRE: [f64; 2] = [41.157, -8.629];

/// The portfolio for which people are visited, and the one for which they are not.
pub(crate) const PORTFOLIOS: [&str; 2] = ["card", "letters"];

/// The last days of M1, M2 and M3 of each.
pub(crate) const LIMITS: [[i64; 3]; 2] = [[20, 50, 80], [25, 45, 70]];

/// How many days before an instalment falls due somebody is reminded.
pub(crate) const BEFORE: i64 = 5;

/// What both portfolios do alike: remind, ask, call.
const LIGHT: &str = r#"
[rewards]
after = 0
[[step]]
id = "m0-remind"
stage = "M0"
channel = "message"
who = "office"
[[step]]
id = "m1-message"
stage = "M1"
channel = "message"
who = "office"
[[step]]
id = "m1-call"
stage = "M1"
channel = "call"
who = "office"
wait_days = 1
times_max = 4
every_days = 4
[[step]]
id = "m2-letter"
stage = "M2"
channel = "letter"
who = "office"
"#;

const VISITS: &str = r#"
[[step]]
id = "m2-visit"
stage = "M2"
channel = "visit"
who = "field"
after = "step"
wait_days = 2
times_max = 2
every_days = 8
[[step]]
id = "m3-letter"
stage = "M3"
channel = "letter"
who = "office"
[[step]]
id = "m3-visit"
stage = "M3"
channel = "visit"
who = "field"
after = "step"
wait_days = 2
"#;

const CALLS: &str = r#"
[[step]]
id = "m2-call"
stage = "M2"
channel = "call"
who = "office"
wait_days = 3
times_max = 3
every_days = 5
[[step]]
id = "m3-letter"
stage = "M3"
channel = "letter"
who = "office"
"#;

const LEGAL: &str = r#"
[[step]]
id = "m3plus-notice"
stage = "M3+"
channel = "letter"
who = "legal"
notice_of = "bureau"
[[step]]
id = "m3plus-bundle"
stage = "M3+"
channel = "bundle"
who = "legal"
after = "step"
wait_days = 7
[[step]]
id = "m3plus-bureau"
stage = "M3+"
channel = "bureau"
who = "legal"
wait_days = 10
notice_days = 14
"#;

/// The strategy of a portfolio.
pub(crate) fn strategy(nth: usize) -> String {
    let [m1, m2, m3] = LIMITS[nth];
    let stages = format!("[stages]\nm0_days_before = {BEFORE}\nm1_until = {m1}\nm2_until = {m2}\nm3_until = {m3}\n");
    let (visits, middle) = [(true, VISITS), (false, CALLS)][nth];
    format!("format = 1\nvisits = {visits}\n{stages}{LIGHT}{middle}{LEGAL}")
}

/// The portfolio of somebody's loan.
pub(crate) fn portfolio(person: &Person) -> &'static str {
    PORTFOLIOS[usize::from(person.letters_only)]
}

/// Cents as an amount in a file.
pub(crate) fn amount(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// Somebody's number, as they told the lender or as it is by now.
pub(crate) fn phone(person: &Person) -> String {
    let new = if person.corrected { 500 } else { 100 };
    format!("351910000{:03}", new + person.at)
}

/// Everybody's loans, one instalment a row: nine tenths principal, the rest interest.
pub(crate) fn loans(town: &Town) -> String {
    let mut file =
        "case_no,portfolio,name,phone,address,lat,lon,due_date,instalment,principal,interest,penalty,fees,currency\n"
            .to_owned();
    for person in &town.people {
        let (of, phone, at) = (portfolio(person), phone(person), person.at);
        // Fifty doors in rows of ten, a quarter of a kilometre apart.
        let (row, column) = ((at / 10) as f64, (at % 10) as f64);
        let (lat, lon) = (CENTRE[0] + row * 0.003, CENTRE[1] + column * 0.003);
        for (nth, due) in (1..).zip(&person.instalments) {
            let interest = due.cents / 10;
            writeln!(
                file,
                "{},{of},Person {at:02},{phone},\"{at} Invented Row\",{lat:.4},{lon:.4},{},{nth},{},{},0,0,EUR",
                person.number,
                date(due.day),
                amount(due.cents - interest),
                amount(interest),
            )
            .unwrap();
        }
    }
    file
}

/// A number that no loan has.
pub(crate) const NOBODYS: &str = "L-0000";

/// The columns of the bank's file.
pub(crate) const BANK: &str = "reference,case_no,portfolio,day,amount,currency,kind\n";

/// What the bank took in on a day. Who mistypes names a loan that nobody has.
pub(crate) fn payment(person: &Person, paid: Due) -> String {
    let named = if person.mistypes() { NOBODYS } else { &person.number };
    row(person, (named, paid.day), paid, "payment")
}

/// What the bank takes back on a day: exactly what was paid.
pub(crate) fn reversal(person: &Person, (paid, day): (Due, i64)) -> String {
    row(person, (&person.number, day), paid, "reversal")
}

fn row(person: &Person, (named, day): (&str, i64), paid: Due, kind: &str) -> String {
    let (of, number) = (portfolio(person), &person.number);
    let (on, amount) = (date(day), amount(paid.cents));
    format!("R-{}-{number},{named},{of},{on},{amount},EUR,{kind}\n", paid.day)
}

/// A crew of two who live in the middle of the town and go in the evening, when people are home, and the supervisor who answers what another asks.
pub(crate) fn staff() -> String {
    let [lat, lon] = CENTRE;
    let member =
        |number: &str, name: &str| format!("{number},{name},field,C1,{lat},{lon},18:30-20:00,car,en,2099-12-31\n");
    let head = "staff_no,name,role,crew,home_lat,home_lon,shift,travel,languages,certificate_until\n";
    let second = "S02,Second Supervisor,supervisor,,,,,,en,\n";
    [head, &member("F01", "Kim Probe"), &member("F02", "Jo Trial"), second].concat()
}
