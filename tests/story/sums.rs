//! Sums that always reconcile: files, reversals, decisions, waivers and days as dice have them, and after every step the books
//! are held against a recount of the story's own, which knows the files alone. Start with [`History`].

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use serde_json::{Value, json};

use super::agreements::{answer, propose};
use super::loans::{daily, land, row};
use super::payments::paid;
use crate::harness::Deployment;

stories!(random_histories_reconcile_to_the_minor_unit);

/// Principal, interest, penalty, fees, in minor units.
type Parts = [i64; 4];

/// How many days ahead an instalment counts as owed.
const NEAR_DAYS: i32 = 5;
/// The loan that nothing comes to before it is settled.
const SETTLED: usize = 3;

/// A small generator: the same numbers for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % n) as usize
    }
}

fn plus(left: Parts, right: Parts) -> Parts {
    [0, 1, 2, 3].map(|part| left[part] + right[part])
}

fn minus(parts: Parts) -> Parts {
    parts.map(|part| -part)
}

/// An instalment as the files tell it.
#[derive(Default)]
struct Due {
    number: i64,
    owed: Parts,
    paid: Parts,
    waived: Parts,
    booked: bool,
}

impl Due {
    fn open(&self) -> Parts {
        plus(self.owed, minus(plus(self.paid, self.waived)))
    }
}

struct Loan {
    number: &'static str,
    portfolio: &'static str,
    currency: &'static str,
    dues: BTreeMap<Date, Due>,
}

impl Loan {
    fn open(&self, until: Date) -> Parts {
        let near = self.dues.range(..=until);
        near.fold([0; 4], |sum, (_, due)| plus(sum, due.open()))
    }

    /// Puts money to the oldest instalment first, and there to fees, penalty, interest, principal.
    fn pay(&mut self, mut amount: i64) -> Vec<(Date, Parts)> {
        let mut shares = Vec::new();
        for (day, due) in &mut self.dues {
            let (open, mut share) = (due.open(), [0; 4]);
            for part in [3, 2, 1, 0] {
                share[part] = open[part].min(amount);
                amount -= share[part];
            }
            due.paid = plus(due.paid, share);
            shares.push((*day, share));
        }
        assert_eq!(amount, 0, "the story pays no more than is owed");
        shares
    }

    /// Gives parts up, the oldest first.
    fn give_up(&mut self, mut parts: Parts) -> Vec<(Date, Parts)> {
        let mut shares = Vec::new();
        for (day, due) in &mut self.dues {
            let open = due.open();
            let share = [0, 1, 2, 3].map(|part| open[part].min(parts[part]));
            due.waived = plus(due.waived, share);
            parts = plus(parts, minus(share));
            shares.push((*day, share));
        }
        assert_eq!(parts, [0; 4], "the story gives up no more than is owed");
        shares
    }

    /// A row of a loan file.
    fn row(&self, day: Date, number: i64, parts: Parts, as_of: Date) -> String {
        let units = parts.map(|part| part / 100);
        row(self.number, &day.to_string(), number, units, &as_of.to_string())
            .replace("card", self.portfolio)
            .replace("EUR", self.currency)
    }
}

/// A row of a payment file.
#[derive(Clone, PartialEq, Eq)]
struct Line {
    reference: String,
    loan: Option<usize>,
    portfolio: &'static str,
    day: Date,
    amount: i64,
    currency: &'static str,
    kind: &'static str,
}

/// A payment that counted, and where it went.
struct Counted {
    line: Line,
    shares: Vec<(Date, Parts)>,
}

/// What became of a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fate {
    Accept,
    Hold(&'static str),
    Reject,
    Duplicate,
}

/// What the story knows of all that came in.
struct History {
    dice: Dice,
    today: Date,
    worked: Option<Date>,
    loans: Vec<Loan>,
    /// Rows of the ledger: whose, on which day, of which kind, by how much what is owed changes.
    ledger: Vec<(usize, Date, &'static str, Parts)>,
    /// Every row that was taken, with whether it stands (counted or held) under its reference.
    taken: Vec<(Line, bool)>,
    counted: Vec<Counted>,
    held: Vec<(Line, &'static str)>,
    /// How many of each there were, as the log has them.
    entries: BTreeMap<&'static str, usize>,
}

impl History {
    fn new(seed: u64) -> Self {
        let of = |number, portfolio, currency| Loan {
            number,
            portfolio,
            currency,
            dues: BTreeMap::new(),
        };
        Self {
            dice: Dice(seed),
            today: date(2026, 11, 23),
            worked: None,
            loans: vec![
                of("S-0", "card", "EUR"),
                of("S-1", "card", "EUR"),
                of("S-2", "card", "EUR"),
                of("S-3", "card", "EUR"),
                of("S-4", "auto", "EUR"),
                of("S-5", "auto", "USD"),
            ],
            ledger: Vec::new(),
            taken: Vec::new(),
            counted: Vec::new(),
            held: Vec::new(),
            entries: BTreeMap::new(),
        }
    }

    fn near(&self) -> Date {
        self.today.checked_add(jiff::Span::new().days(NEAR_DAYS)).unwrap()
    }

    /// A loan that dice may choose.
    fn some_loan(&mut self) -> usize {
        [0, 1, 2, 4, 5][self.dice.below(5)]
    }

    fn is_left(&self, loan: usize) -> i64 {
        self.loans[loan].open(Date::MAX).iter().sum()
    }

    /// States an instalment anew, or the next one; returns the row and whether it can be true.
    fn states(&mut self, loan: usize) -> (String, bool) {
        let [principal, interest, penalty, fees] = [100, 40, 20, 9].map(|most| 100 * self.dice.below(most) as i64);
        let parts = [principal + 100, interest, penalty, fees];
        let dues = &self.loans[loan].dues;
        let nth = self.dice.below(dues.len() as u64 + 1);
        let (last, count) = (*dues.keys().next_back().unwrap(), dues.len() as i64);
        let (day, number) = match dues.iter().nth(nth) {
            Some((day, due)) => (*day, due.number),
            None => (last.checked_add(jiff::Span::new().months(1)).unwrap(), count + 1),
        };
        let line = self.loans[loan].row(day, number, parts, self.today);
        let due = self.loans[loan].dues.entry(day).or_default();
        let gone = plus(due.paid, due.waived);
        let fits = (0..4).all(|part| parts[part] >= gone[part]);
        if fits {
            let change = plus(parts, minus(due.owed));
            (due.number, due.owed) = (number, parts);
            if due.booked && change != [0; 4] {
                self.ledger.push((loan, self.today, "restated", change));
            }
        }
        (line, fits)
    }

    /// Books what fell due, as the work of the day does.
    fn falls_due(&mut self) {
        for (at, loan) in self.loans.iter_mut().enumerate() {
            for (day, due) in loan.dues.range_mut(..=self.today).filter(|one| !one.1.booked) {
                due.booked = true;
                let late = self.worked.is_none_or(|worked| *day <= worked);
                let on = if late { self.today } else { *day };
                self.ledger.push((at, on, "due", due.owed));
            }
        }
        self.worked = Some(self.today);
    }

    fn counts(&mut self, loan: usize, line: &Line) {
        let shares = self.loans[loan].pay(line.amount);
        for (_, parts) in &shares {
            self.ledger.push((loan, self.today, "payments", minus(*parts)));
        }
        let line = Line {
            loan: Some(loan),
            ..line.clone()
        };
        self.counted.push(Counted { line, shares });
        *self.entries.entry("payment.counted").or_default() += 1;
    }

    fn goes_back(&mut self, loan: usize, reference: &str) {
        let at = self
            .counted
            .iter()
            .position(|one| one.line.reference == reference)
            .unwrap();
        for (day, parts) in self.counted.remove(at).shares {
            let due = self.loans[loan].dues.get_mut(&day).unwrap();
            due.paid = plus(due.paid, minus(parts));
            self.ledger.push((loan, self.today, "reversals", parts));
        }
        *self.entries.entry("payment.counted").or_default() += 1;
    }

    fn waives(&mut self, loan: usize, parts: Parts) -> Vec<(Date, Parts)> {
        let shares = self.loans[loan].give_up(parts);
        self.ledger.push((loan, self.today, "waivers", minus(parts)));
        *self.entries.entry("amount.waived").or_default() += 1;
        shares
    }

    /// A row as dice have it: right, or wrong in one of many ways.
    fn line(&mut self, name: &str) -> Line {
        let at = self.some_loan();
        let (portfolio, currency) = (self.loans[at].portfolio, self.loans[at].currency);
        let plain = Line {
            reference: name.to_owned(),
            loan: Some(at),
            portfolio,
            day: self.today,
            amount: 1 + self.dice.below(6_000) as i64,
            currency,
            kind: "payment",
        };
        let before = self.counted.len() as u64;
        let of_before = |dice: &mut Dice| (before > 0).then(|| dice.below(before.max(1)));
        match self.dice.below(16) {
            0 => Line { loan: None, ..plain },
            1 => Line {
                currency: if currency == "EUR" { "USD" } else { "EUR" },
                ..plain
            },
            2 => Line {
                amount: -plain.amount,
                ..plain
            },
            3 => Line {
                amount: self.is_left(at) + 1,
                ..plain
            },
            4 => Line {
                day: self.today.tomorrow().unwrap().tomorrow().unwrap(),
                ..plain
            },
            5 => Line {
                kind: "reversal",
                ..plain
            },
            6..=9 => of_before(&mut self.dice).map_or(plain, |nth| {
                let line = &self.counted[nth].line;
                let more = i64::from(self.dice.below(4) == 0);
                Line {
                    kind: "reversal",
                    amount: line.amount + more,
                    day: self.today,
                    ..line.clone()
                }
            }),
            10 if !self.taken.is_empty() => {
                let nth = self.dice.below(self.taken.len() as u64);
                self.taken[nth].0.clone()
            }
            11 => of_before(&mut self.dice).map_or(plain.clone(), |nth| Line {
                reference: self.counted[nth].line.reference.clone(),
                portfolio: self.counted[nth].line.portfolio,
                ..plain
            }),
            _ => plain,
        }
    }

    /// What becomes of a row by what docs/loans.md says, and what it changes.
    fn judge(&mut self, line: &Line) -> Fate {
        if line.amount < 0 || line.day > self.today {
            return Fate::Reject;
        }
        if self.taken.iter().any(|(other, _)| other == line) {
            return Fate::Duplicate;
        }
        let under = |one: &&(Line, bool)| (&one.0.reference, one.0.portfolio) == (&line.reference, line.portfolio);
        let reused = self
            .taken
            .iter()
            .filter(under)
            .any(|(other, stands)| *stands && other.kind == line.kind);
        let paid = self.counted.iter().map(|one| &one.line);
        let paid = paid.into_iter().find(|one| one.reference == line.reference);
        let held = match (reused, line.loan, line.kind) {
            (true, ..) => Some("reference-reused"),
            (_, None, _) => Some("unknown-case"),
            (_, Some(loan), "payment") if self.loans[loan].currency != line.currency => Some("currency-other"),
            (_, Some(loan), "payment") if self.is_left(loan) < line.amount => Some("overpaid"),
            (_, Some(_), "payment") => None,
            (_, Some(_), _) => match paid {
                None => Some("reversal-unmatched"),
                Some(one) if (one.loan, one.amount, one.currency) != (line.loan, line.amount, line.currency) => {
                    Some("reversal-differs")
                }
                Some(_) => None,
            },
        };
        self.taken.push((line.clone(), true));
        match (held, line.loan) {
            (None, Some(loan)) if line.kind == "payment" => self.counts(loan, line),
            (None, Some(loan)) => self.goes_back(loan, &line.reference),
            (reason, _) => {
                let reason = reason.unwrap();
                self.held.push((line.clone(), reason));
                *self.entries.entry("payment.held").or_default() += 1;
                return Fate::Hold(reason);
            }
        }
        Fate::Accept
    }

    /// What the books must say today, by portfolio and currency.
    fn books(&self) -> BTreeMap<(&'static str, &'static str), BTreeMap<&'static str, Parts>> {
        let mut books: BTreeMap<_, BTreeMap<_, Parts>> = BTreeMap::new();
        for (loan, on, kind, parts) in &self.ledger {
            let key = (self.loans[*loan].portfolio, self.loans[*loan].currency);
            let item = books.entry(key).or_default();
            let mut add = |name, parts| {
                let sum: &mut Parts = item.entry(name).or_default();
                *sum = plus(*sum, parts);
            };
            match *kind {
                _ if *on < self.today => add("opening", *parts),
                "payments" | "waivers" => add(kind, minus(*parts)),
                _ => add(kind, *parts),
            }
            add("closing", *parts);
        }
        books
    }
}

/// A payment file.
fn csv(history: &History, lines: &[Line]) -> Vec<String> {
    let text = |line: &Line| {
        let number = line.loan.map_or("NOBODY", |loan| history.loans[loan].number);
        let (sign, amount) = (if line.amount < 0 { "-" } else { "" }, line.amount.abs());
        format!(
            "{},{number},{},{},{sign}{}.{:02},{},{},",
            line.reference,
            line.portfolio,
            line.day,
            amount / 100,
            amount % 100,
            line.currency,
            line.kind
        )
    };
    lines.iter().map(text).collect()
}

async fn random_histories_reconcile_to_the_minor_unit(site: &mut Deployment) {
    for name in ["card", "auto"] {
        let portfolio = json!({"name": name});
        site.administrator.post("/v1/portfolios", &portfolio).await.done();
    }
    let mut history = History::new(20_261_123);
    begins(site, &mut history).await;
    for step in 0..40 {
        match history.dice.below(12) {
            0..=3 => a_payment_file_comes(site, &mut history, step).await,
            4 | 5 => a_loan_file_comes(site, &mut history).await,
            6 | 7 => a_person_decides(site, &mut history).await,
            8 | 9 => something_is_given_up(site, &mut history).await,
            _ => days_go_by(site, &mut history).await,
        }
        reconciles(site, &history).await;
    }
    for _ in 0..4 {
        a_person_decides(site, &mut history).await;
        reconciles(site, &history).await;
    }
    is_settled_and_owed_again(site, &mut history).await;
    let books = site.supervisor.get("/v1/books").await.done();
    assert!(
        books["held"].as_array().unwrap().len() == 2,
        "both currencies are held: {books}"
    );
    let export = site.export().await;
    export.holds();
    for (kind, count) in &history.entries {
        assert_eq!(export.count(kind), *count, "{kind}");
        assert!(*count > 1, "{kind} happened too seldom to show anything: {count}");
    }
}

async fn begins(site: &Deployment, history: &mut History) {
    let mut rows = Vec::new();
    for at in 0..history.loans.len() {
        let loan = &mut history.loans[at];
        for (number, (year, month)) in (1..).zip([(2026, 9), (2026, 10), (2026, 11), (2026, 12), (2027, 1)]) {
            let parts = [100, 20, 9, 3].map(|most| 100 * (1 + history.dice.below(most) as i64));
            let day = date(year, month, 3 + at as i8 * 4);
            rows.push(loan.row(day, number, parts, date(2026, 11, 20)));
            let due = Due {
                number,
                owed: parts,
                ..Due::default()
            };
            loan.dues.insert(day, due);
        }
    }
    assert_eq!(land(site, &rows).await["created"], 6);
    daily(site).await;
    history.falls_due();
    reconciles(site, history).await;
}

async fn a_payment_file_comes(site: &Deployment, history: &mut History, step: usize) {
    let count = 4 + history.dice.below(4);
    let mut lines: Vec<Line> = Vec::new();
    for nth in 0..count {
        let line = history.line(&format!("R-{step}-{nth}"));
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    // Rows count by their days, payments before what goes back; duplicates have the day of their file.
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by_key(|at| (lines[*at].day, lines[*at].kind == "reversal", *at));
    let mut fates: BTreeMap<usize, Fate> = BTreeMap::new();
    for at in order {
        fates.insert(at, history.judge(&lines[at]));
    }
    let rows = csv(history, &lines);
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let report = paid(site, &rows).await;
    let mut told: BTreeMap<usize, (&str, &Value)> = BTreeMap::new();
    for row in report["rows"].as_array().unwrap() {
        let at = row["line"].as_u64().unwrap() as usize - 2;
        told.insert(at, (row["result"].as_str().unwrap(), &row["reasons"]));
    }
    for (at, fate) in &fates {
        let row = (rows[*at], &report);
        match (fate, told.get(at)) {
            (Fate::Accept, None) | (Fate::Reject, Some(("reject", _))) | (Fate::Duplicate, Some(("duplicate", _))) => {}
            (Fate::Hold(reason), Some(("hold", reasons))) => assert_eq!(**reasons, json!([reason]), "{row:?}"),
            (fate, told) => panic!("{fate:?} and not {told:?}: {row:?}"),
        }
    }
    // The same file again, turned around, changes nothing.
    let turned: Vec<&str> = rows.iter().rev().copied().collect();
    let again = paid(site, &turned).await;
    let counts = again["counts"].as_object().unwrap();
    assert!(
        counts.keys().all(|key| key == "duplicate" || key == "reject"),
        "{again}"
    );
}

async fn a_loan_file_comes(site: &Deployment, history: &mut History) {
    let mut rows = Vec::new();
    let mut wrong = 0;
    for _ in 0..=history.dice.below(2) {
        let loan = history.some_loan();
        let number = history.loans[loan].number;
        if rows.iter().any(|row: &String| row.starts_with(number)) {
            continue;
        }
        let (line, fits) = history.states(loan);
        wrong += usize::from(!fits);
        rows.push(line);
    }
    let report = land(site, &rows).await;
    let rejected = report["counts"]["reject"].as_u64().unwrap_or(0);
    assert_eq!(rejected, wrong as u64, "what is less than was paid goes back: {report}");
    daily(site).await;
    history.falls_due();
}

/// Somebody decides about held money: it counts where it fits, or is refused.
async fn a_person_decides(site: &Deployment, history: &mut History) {
    let mut held = site.supervisor.items("/v1/payments/held").await;
    held.sort_by_key(|one| format!("{} {} {}", one["said"]["reference"], one["kind"], one["amount"]));
    assert_eq!(held.len(), history.held.len());
    if held.is_empty() {
        return;
    }
    let nth = history.dice.below(held.len() as u64);
    let (reference, kind) = (
        held[nth]["said"]["reference"].as_str().unwrap(),
        held[nth]["kind"].as_str().unwrap(),
    );
    let amount = held[nth]["amount"].as_i64().unwrap();
    let is = |one: &(Line, &str)| one.0.reference == reference && one.0.kind == kind && one.0.amount == amount;
    let at = history.held.iter().position(is).unwrap();
    let (line, reason) = history.held[at].clone();
    let path = format!("/v1/payments/{}/settle", held[nth]["id"].as_str().unwrap());
    let same = [0, 1, 2, 4, 5].into_iter().find(|loan| {
        let one = &history.loans[*loan];
        one.currency == line.currency && history.is_left(*loan) >= line.amount
    });
    if let (Some(loan), "payment", true) = (same, line.kind, reason != "reference-reused") {
        // Where it does not fit it stays held.
        let other = [4, 5]
            .into_iter()
            .find(|other| history.loans[*other].currency != line.currency);
        let other = site.supervisor.case(history.loans[other.unwrap()].number).await;
        let refused = site.supervisor.post(&path, &json!({"case": other["id"]})).await;
        refused.problem("payment-unfit");
        let case = site.supervisor.case(history.loans[loan].number).await;
        site.supervisor.post(&path, &json!({"case": case["id"]})).await.done();
        history.held.remove(at);
        history.counts(loan, &line);
        // A file names another case for it, so dice take none of these back.
        history.counted.pop();
        return;
    }
    let refused = json!({"refuse": "given back to the payer"});
    site.supervisor.post(&path, &refused).await.done();
    history.held.remove(at);
    let taken = history
        .taken
        .iter_mut()
        .find(|(other, stands)| *stands && *other == line);
    taken.unwrap().1 = false;
    *history.entries.entry("payment.refused").or_default() += 1;
}

/// A supervisor gives up penalty and fees of a case.
async fn something_is_given_up(site: &Deployment, history: &mut History) {
    let loan = history.some_loan();
    let open = history.loans[loan].open(history.near());
    let [_, _, penalty, fees] = open;
    let off = [0, 0, penalty - penalty / 3, fees / 2];
    if off.iter().sum::<i64>() == 0 {
        return;
    }
    let case = site.supervisor.case(history.loans[loan].number).await;
    let request = json!({
        "case": case["id"], "kind": "waiver", "agreed_by": "letter", "currency": history.loans[loan].currency,
        "off": {"penalty": off[2], "fees": off[3]},
    });
    let made = propose(&site.supervisor, &request).await.done();
    assert_eq!(made["state"], "kept", "{made}");
    assert_eq!(
        (&made["waived"]["penalty"], &made["waived"]["fees"]),
        (&json!(off[2]), &json!(off[3]))
    );
    history.waives(loan, off);
}

async fn days_go_by(site: &mut Deployment, history: &mut History) {
    let days = 1 + history.dice.below(6) as i64;
    site.clock.forward(days * 86_400);
    site.sign_everybody_in().await;
    history.today = history.today.checked_add(jiff::Span::new().days(days)).unwrap();
    daily(site).await;
    history.falls_due();
}

/// One loan is settled for less: what is left is given up; and when the payment goes back, all of it is owed again.
async fn is_settled_and_owed_again(site: &mut Deployment, history: &mut History) {
    days_go_by(site, history).await;
    let near = history.loans[SETTLED].open(history.near());
    let all: i64 = near.iter().sum();
    let case = site.supervisor.case("S-3").await;
    let request = json!({
        "case": case["id"], "kind": "settlement", "agreed_by": "office", "currency": "EUR",
        "first": history.today.to_string(), "amount": all - 1_111,
    });
    let made = propose(&site.supervisor, &request).await.done();
    if made["state"] == "proposed" {
        answer(&site.second_supervisor, &made, true).await.done();
    }
    reconciles(site, history).await;
    let line = Line {
        reference: "SETTLED".to_owned(),
        loan: Some(SETTLED),
        portfolio: "card",
        day: history.today,
        amount: all - 1_111,
        currency: "EUR",
        kind: "payment",
    };
    // What grew by being late is given up first, and the payment pays what is left besides.
    let (mut left, mut off) = (1_111, [0; 4]);
    for part in [2, 3, 1, 0] {
        off[part] = near[part].min(left);
        left -= off[part];
    }
    let shares = history.waives(SETTLED, off);
    assert_eq!(history.judge(&line), Fate::Accept);
    assert_eq!(history.loans[SETTLED].open(history.near()), [0; 4]);
    let rows = csv(history, std::slice::from_ref(&line));
    paid(site, &[&rows[0]]).await;
    assert_eq!(site.supervisor.case("S-3").await["status"], "settled");
    reconciles(site, history).await;
    let back = Line {
        kind: "reversal",
        ..line
    };
    assert_eq!(history.judge(&back), Fate::Accept);
    for (day, parts) in shares {
        let due = history.loans[SETTLED].dues.get_mut(&day).unwrap();
        due.waived = plus(due.waived, minus(parts));
    }
    history.ledger.push((SETTLED, history.today, "waivers", off));
    *history.entries.entry("amount.waived").or_default() += 1;
    let rows = csv(history, &[back]);
    paid(site, &[&rows[0]]).await;
    reconciles(site, history).await;
    assert_eq!(site.supervisor.case("S-3").await["amount"]["total"], all);
}

/// The books say what the story knows: every movement by part, what is held beside it, and what each case owes.
async fn reconciles(site: &Deployment, history: &History) {
    let path = format!("/v1/books?day={}", history.today);
    let books = site.supervisor.get(&path).await.done();
    assert_eq!(
        (&books["balanced"], &books["imbalances"]),
        (&json!(true), &json!([])),
        "{books}"
    );
    let right = history.books();
    assert_eq!(books["items"].as_array().unwrap().len(), right.len(), "{books}");
    for item in books["items"].as_array().unwrap() {
        let key = (item["name"].as_str().unwrap(), item["currency"].as_str().unwrap());
        for name in [
            "opening",
            "due",
            "restated",
            "payments",
            "reversals",
            "waivers",
            "closing",
        ] {
            let said = ["principal", "interest", "penalty", "fees"].map(|part| item[name][part].as_i64().unwrap());
            let known = right[&key].get(name).copied().unwrap_or_default();
            assert_eq!(said, known, "{key:?} {name}: {item}");
            assert_eq!(item[name]["total"], known.iter().sum::<i64>(), "{key:?} {name}");
        }
    }
    let mut held: BTreeMap<&str, [i64; 3]> = BTreeMap::new();
    for (line, _) in &history.held {
        let sums = held.entry(line.currency).or_default();
        sums[0] += 1;
        sums[if line.kind == "payment" { 1 } else { 2 }] += line.amount;
    }
    let said: BTreeMap<&str, [i64; 3]> = books["held"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let sums = ["count", "payments", "reversals"].map(|name| one[name].as_i64().unwrap());
            (one["currency"].as_str().unwrap(), sums)
        })
        .collect();
    assert_eq!(said, held, "{books}");
    let cases = site.supervisor.items("/v1/cases").await;
    for loan in &history.loans {
        let owed = loan.open(history.near());
        assert!(owed.iter().all(|part| *part >= 0), "{}", loan.number);
        let Some(case) = cases.iter().find(|case| case["case_no"] == loan.number) else {
            assert_eq!(owed, [0; 4], "{} has no case", loan.number);
            continue;
        };
        let said = (&case["amount"]["parts"], &case["amount"]["total"]);
        assert_eq!(
            said,
            (&json!(owed), &json!(owed.iter().sum::<i64>())),
            "{}",
            loan.number
        );
        assert_eq!(case["status"] == "settled", owed == [0; 4], "{case}");
    }
}
