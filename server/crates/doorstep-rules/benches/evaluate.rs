//! How long the rules take for a plan: 10,000 cases on each of 7 days, on one core, for docs/performance.md.
//!
//!   cargo bench -p doorstep-rules --bench evaluate

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a benchmark prints and stops at a surprise"
)]

use std::time::Instant;

use doorstep_domain::contact::{Channel, ContactOutcome};
use doorstep_domain::measure::Micros;
use doorstep_rules::{Facts, PackSet, PastContact, intervals};
use jiff::civil::date;

const CASES: i64 = 10_000;
const DAYS: i8 = 7;
/// Contacts of each case on file.
const CONTACTS: i64 = 6;
const DAY: i64 = 86_400;

/// Cases of four places, with contacts in the weeks before.
fn facts(number: i64) -> Facts {
    let (country, region, zone) = [
        ("CN", "CN-ZJ", "Asia/Shanghai"),
        ("US", "US-MA", "America/New_York"),
        ("GB", "GB-ENG", "Europe/London"),
        ("DE", "DE-BE", "Europe/Berlin"),
    ][(number % 4) as usize];
    let mut facts: Facts = serde_json::from_value(serde_json::json!({
        "subject": {"status": "open", "party": "debtor", "portfolio_kind": "card", "days_past_due": number % 200},
        "address": {"country": country, "region": region, "zone": zone, "state": "current", "kind": "home"},
        "staff": {"count": 2, "certified": 2},
        "notices": [{"handed_over_at": 0}],
        "attempt": {"start": 0, "end": 0},
        "as_of": 1_795_449_600_000_000_i64,
    }))
    .unwrap();
    let outcomes = [
        ContactOutcome::NobodyHome,
        ContactOutcome::MetBorrower,
        ContactOutcome::AccessDenied,
    ];
    let contact = |index: i64| {
        let before = Micros::from_seconds((3 + (number + index * 11) % 90) * DAY);
        let outcome = outcomes[((number + index) % 3) as usize];
        let visit = PastContact::visit(facts.as_of - before, Some(outcome));
        let channel = if index < 2 { Channel::Visit } else { Channel::Call };
        PastContact { channel, ..visit }
    };
    facts.contacts = (0..CONTACTS).map(contact).collect();
    facts
}

fn main() {
    let packs = PackSet::builtin();
    let cases: Vec<Facts> = (0..CASES).map(facts).collect();
    let mut times = Vec::new();
    let mut open = 0;
    for _ in 0..5 {
        let begun = Instant::now();
        open = 0;
        for case in &cases {
            for day in 0..DAYS {
                let found = intervals(&packs, case, date(2026, 11, 24 + day), Micros::from_seconds(1_800));
                open += usize::from(!found.intervals.is_empty());
            }
        }
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    let verdicts = CASES * i64::from(DAYS);
    println!(
        "{CASES} cases on {DAYS} days, {CONTACTS} contacts each: {:.3} s, {:.1} µs a verdict; {open} of {verdicts} days are open",
        times[2].as_secs_f64(),
        times[2].as_secs_f64() * 1e6 / verdicts as f64,
    );
}
