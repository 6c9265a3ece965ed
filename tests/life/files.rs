//! What the lender and the dialler send, as files.

use std::fmt::Write as _;

use super::desk::date;
use super::people::{Person, Town};

/// Where people live: around the middle of Porto, in a country for which there are house rules only.
const CENTRE: [f64; 2] = [41.157, -8.629];

/// The portfolio for which people are visited, and the one for which they are not.
pub(crate) const PORTFOLIOS: [&str; 2] = ["card", "letters"];

/// The portfolio of somebody's loan.
pub(crate) fn portfolio(person: &Person) -> &'static str {
    PORTFOLIOS[usize::from(person.letters_only)]
}

/// Cents as an amount in a file.
pub(crate) fn amount(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// A number that is nobody's.
pub(crate) fn phone(person: &Person) -> String {
    format!("+351 910 000 {:03}", 100 + person.at)
}

/// Everybody of a portfolio who owes something on a day; nothing where nobody does.
pub(crate) fn overdue(town: &Town, day: i64, of: &str) -> Option<String> {
    let late: Vec<&Person> = town
        .people
        .iter()
        .filter(|person| portfolio(person) == of && person.owes(day) > 0)
        .collect();
    if late.is_empty() {
        return None;
    }
    let mut file =
        "case_no,portfolio,name,phone,address,lat,lon,amount_due,currency,due_date,days_past_due\n".to_owned();
    for person in late {
        let since = person.since(day).unwrap_or(day);
        // Fifty doors in rows of ten, a quarter of a kilometre apart.
        let (row, column) = ((person.at / 10) as f64, (person.at % 10) as f64);
        let (lat, lon) = (CENTRE[0] + row * 0.003, CENTRE[1] + column * 0.003);
        writeln!(
            file,
            "{},{of},Person {:02},{},\"{} Invented Row\",{lat:.4},{lon:.4},{},EUR,{},{}",
            person.number,
            person.at,
            phone(person),
            person.at,
            amount(person.owes(day)),
            date(since),
            day - since
        )
        .unwrap();
    }
    Some(file)
}

/// A crew of two who live in the middle of the town.
pub(crate) fn staff() -> String {
    let [lat, lon] = CENTRE;
    let member =
        |number: &str, name: &str| format!("{number},{name},field,C1,{lat},{lon},09:00-19:00,car,en,2099-12-31\n");
    let head = "staff_no,name,role,crew,home_lat,home_lon,shift,travel,languages,certificate_until\n";
    [head, &member("F01", "Kim Probe"), &member("F02", "Jo Trial")].concat()
}

/// What came of some calls: number of the loan, time of the day, code.
pub(crate) fn results(day: i64, calls: &[(String, i64, &str, String)]) -> String {
    let mut file = "case_no,channel,at,outcome,phone\n".to_owned();
    for (number, minute, outcome, phone) in calls {
        let (hour, minute) = (minute / 60, minute % 60);
        writeln!(
            file,
            "{number},call,{} {hour:02}:{minute:02},{outcome},{phone}",
            date(day)
        )
        .unwrap();
    }
    file
}
