//! Whether anybody was contacted who was not to be, judged by the exported log alone and by no rule of the program: by what is
//! known at that moment of restrictions, payments, promises, refusals and calm.

use std::collections::BTreeSet;

use super::desk::{MIDNIGHT, number};
use super::people::Town;
use super::recount::{Log, Told, What};

const DAY_MS: i64 = 86_400_000;

/// What keeps everybody away, whatever the channel.
const SILENCE: [&str; 3] = ["deceased", "cease_contact", "plan_performing"];
/// What keeps visitors away, beside that.
const NO_VISIT: [&str; 4] = ["hardship", "disputed", "complained", "vulnerable"];
/// Days without a visit after somebody asked to be left in peace, and without anything after that or after a payment.
const REFUSED_DAYS: i64 = 30;
const QUIET_DAYS: i64 = 7;
const PAID_DAYS: i64 = 14;

/// What is known of a case at a moment.
#[derive(Debug, Default)]
struct Known {
    on: BTreeSet<String>,
    over: bool,
    paid: Option<i64>,
    /// Promises and plans of which nobody knows yet what becomes of them.
    agreed: BTreeSet<String>,
    refused: Option<i64>,
    visited: Option<i64>,
    visits: u32,
}

impl Known {
    /// Why nobody is to be contacted, and why nobody is to be visited.
    fn reasons(&self, at: i64, visit: bool, calm: &[[i64; 2]]) -> Vec<String> {
        let day = at / DAY_MS;
        let within = |since: Option<i64>, days: i64| since.is_some_and(|since| day < since / DAY_MS + days);
        let mut why: Vec<String> = self
            .on
            .iter()
            .filter(|one| SILENCE.contains(&one.as_str()))
            .cloned()
            .collect();
        let mut says = |is: bool, what: &str| why.extend(is.then(|| what.to_owned()));
        says(self.over, "nothing is owed");
        says(!self.agreed.is_empty(), "something is agreed");
        says(within(self.paid, PAID_DAYS), "paid lately");
        says(within(self.refused, QUIET_DAYS), "refused lately");
        if visit {
            for one in NO_VISIT {
                says(self.on.contains(one), one);
            }
            says(within(self.refused, REFUSED_DAYS), "refused");
            says(within(self.visited, 7), "visited this week");
            says(self.visits >= 3, "visited three times");
            says(calm.iter().any(|[from, until]| (*from..*until).contains(&at)), "calm");
        }
        why
    }

    /// Takes note of what happened.
    fn add(&mut self, at: i64, what: &What) {
        match what {
            What::On(kind) => {
                self.on.insert(kind.clone());
            }
            What::Off(kind) => {
                self.on.remove(kind);
            }
            What::Opened => self.over = false,
            What::Settled => self.over = true,
            What::Paid => self.paid = Some(at),
            // It was the only payment of whose debit bounced.
            What::Bounced => self.paid = None,
            What::Agreed(agreement) => {
                self.agreed.insert(agreement.clone());
            }
            What::Judged { agreement, .. } | What::Ended(agreement) => {
                self.agreed.remove(agreement);
            }
            What::Contact { outcome, .. } if outcome == "DECLINED" => self.refused = Some(at),
            What::Outcome(_, outcome) if outcome == "ASKED_TO_LEAVE" => self.refused = Some(at),
            What::Arrived { .. } => {
                self.visited = Some(at);
                self.visits += 1;
            }
            _ => {}
        }
    }
}

/// Days of calm in milliseconds, from the first to the one after the last.
fn days_of_calm(log: &Log) -> Vec<[i64; 2]> {
    let first = MIDNIGHT / 1_000;
    let set = log.calm.iter().filter(|[_, _, state]| state == "on");
    set.map(|[from, until, _]| [first + number(from) * DAY_MS, first + (number(until) + 1) * DAY_MS])
        .collect()
}

/// What was done to a person although it was not to be.
fn against(told: &Told, calm: &[[i64; 2]]) -> Vec<String> {
    let mut known = Known::default();
    let mut found = Vec::new();
    for (at, what) in &told.all {
        let why = match what {
            What::Contact { .. } => known.reasons(*at, false, &[]),
            What::Arrived { .. } => known.reasons(*at, true, calm),
            _ => Vec::new(),
        };
        if !why.is_empty() {
            found.push(format!("{} at {at}: {what:?} although {why:?}", told.number));
        }
        if matches!(
            what,
            What::Contact { forbidden: true, .. } | What::Arrived { forbidden: true, .. }
        ) {
            found.push(format!("{} at {at}: {what:?} against a rule", told.number));
        }
        known.add(*at, what);
    }
    found
}

/// Nobody was contacted or visited who was not to be; and of the portfolio without visits nobody was visited at all.
pub(crate) fn nothing_was_done_that_is(log: &Log, town: &Town) {
    let calm = days_of_calm(log);
    assert!(!calm.is_empty(), "there was a time of calm: {:?}", log.calm);
    let mut found: Vec<String> = Vec::new();
    for told in &log.cases {
        found.extend(against(told, &calm));
        let person = town.people.iter().find(|person| person.number == told.number).unwrap();
        if person.letters_only {
            assert!(told.visits().is_empty(), "{}", told.number);
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    notices_what_is_not_to_be(log);
}

/// The judge above is no rubber stamp: the same lives with a visit more, after something that forbids it, are found.
fn notices_what_is_not_to_be(log: &Log) {
    let kinds = SILENCE.iter().chain(&NO_VISIT).filter(|kind| **kind != "vulnerable");
    for kind in kinds {
        let on = What::On((*kind).to_owned());
        is_noticed(log, kind, (|what| *what == on, 0), &[]);
    }
    is_noticed(log, "a payment", (|what| *what == What::Paid, PAID_DAYS - 1), &[]);
    is_noticed(log, "an agreement", (|what| matches!(what, What::Agreed(_)), 0), &[]);
    is_noticed(log, "a visit", (|what| matches!(what, What::Arrived { .. }), 6), &[]);
    let refused = |what: &What| matches!(what, What::Outcome(_, outcome) if outcome == "ASKED_TO_LEAVE");
    is_noticed(log, "a refusal", (refused, REFUSED_DAYS - 1), &[]);
    is_noticed(log, "calm", (|what| *what == What::Opened, 0), &[[0, i64::MAX]]);
}

/// A visit so many days after something of that kind is found, where nothing was before.
fn is_noticed(log: &Log, kind: &str, (is, days): (impl Fn(&What) -> bool, i64), calm: &[[i64; 2]]) {
    let place = |told: &Told| told.all.iter().position(|(_, what)| is(what));
    let found = log.cases.iter().find_map(|told| Some((told, place(told)?)));
    let (told, at) = found.unwrap_or_else(|| panic!("nobody knows {kind}"));
    let mut all = told.all[..=at].to_vec();
    let planted = What::Arrived {
        visit: "planted".to_owned(),
        forbidden: false,
    };
    all.push((all[at].0 + days * DAY_MS, planted));
    let number = told.number.clone();
    let against = against(
        &Told {
            number,
            all,
            states: Vec::new(),
        },
        calm,
    );
    assert!(
        against.iter().any(|one| one.contains("planted")),
        "a visit after {kind} is noticed"
    );
}
