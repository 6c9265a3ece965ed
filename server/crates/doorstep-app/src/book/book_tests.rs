//! Random histories of a book, held against a recount that moves one minor unit at a time: whatever comes in and in whatever
//! order, what fell due is paid, waived or open, part by part and instalment by instalment, and nothing is below zero.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeMap;

use doorstep_domain::id::{EventId, ImportId, PersonId, PortfolioId, TeamId};
use doorstep_domain::loan::{PartOrder, TooMuch, allocate, give_up};
use doorstep_domain::measure::{Micros, Minor};
use proptest::prelude::*;

use super::*;

/// The first day of a history.
const BEGIN: i64 = 20_000;

/// What comes in. Places are counted around, so that every number means something.
#[derive(Debug, Clone)]
enum Came {
    /// The lender states an instalment.
    Stated(i64, [i64; 4]),
    /// So many days later the day is worked.
    Day(i64),
    /// Money.
    Paid(i64),
    /// A payment goes back.
    Back(usize),
    /// Shares of what is open are given up, in parts of 100.
    Waived([i64; 4]),
    /// What was given up is taken back.
    Renewed(usize),
}

fn came() -> impl proptest::strategy::Strategy<Value = Came> {
    let parts = || prop::array::uniform4(0_i64..90);
    prop_oneof![
        3 => (0_i64..6, parts()).prop_map(|(nth, parts)| Came::Stated(nth, parts)),
        2 => (0_i64..40).prop_map(Came::Day),
        4 => (1_i64..260).prop_map(Came::Paid),
        2 => any::<usize>().prop_map(Came::Back),
        2 => prop::array::uniform4(0_i64..=100).prop_map(Came::Waived),
        1 => any::<usize>().prop_map(Came::Renewed),
    ]
}

/// What is known of one part of one instalment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Heap {
    due: i64,
    paid: i64,
    waived: i64,
}

/// One part of one instalment: the due day, and the place of the part as storage has it.
type Place = (i64, usize);

/// A recount that knows no shares: it moves single units.
#[derive(Default)]
struct Recount {
    heaps: BTreeMap<Place, Heap>,
    booked: BTreeMap<i64, i64>,
    /// Where each unit of each payment went; emptied when it goes back.
    payments: Vec<Vec<Place>>,
    /// What was given up each time, by part; emptied when it is taken back.
    waivers: Vec<[i64; 4]>,
    /// Money that fits nowhere.
    held: i64,
    came_in: i64,
    went_back: i64,
    today: i64,
    worked: Option<i64>,
}

impl Recount {
    fn open(&self) -> i64 {
        self.heaps.values().map(|heap| heap.due - heap.paid - heap.waived).sum()
    }

    /// Puts money unit by unit to the oldest instalment, fees first; `None` where there is too much of it.
    fn pays(&mut self, amount: i64) -> Option<Vec<Place>> {
        if amount > self.open() {
            return None;
        }
        let mut days: Vec<i64> = self.heaps.keys().map(|(day, _)| *day).collect();
        days.dedup();
        let mut units = Vec::new();
        for place in days.iter().flat_map(|day| [3, 2, 1, 0].map(|part| (*day, part))) {
            let heap = self.heaps.get_mut(&place).unwrap();
            while heap.due > heap.paid + heap.waived && (units.len() as i64) < amount {
                heap.paid += 1;
                units.push(place);
            }
        }
        Some(units)
    }

    /// Moves so much of each part, oldest first: up where it is given up, back where it is below zero.
    fn waives(&mut self, parts: [i64; 4]) {
        for (part, mut left) in parts.into_iter().enumerate() {
            for heap in self
                .heaps
                .iter_mut()
                .filter(|((_, of), _)| *of == part)
                .map(|one| one.1)
            {
                while left > 0 && heap.due > heap.paid + heap.waived {
                    (heap.waived, left) = (heap.waived + 1, left - 1);
                }
                while left < 0 && heap.waived > 0 {
                    (heap.waived, left) = (heap.waived - 1, left + 1);
                }
            }
        }
    }
}

fn empty() -> Book {
    let nil = Uuid::nil();
    Book {
        loan: Loan {
            case: CaseId(nil),
            portfolio: PortfolioId(nil),
            agency: None,
            team: TeamId(nil),
            person: PersonId(nil),
            address: AddressId(nil),
            source: LoanSource::File,
            currency: "EUR".to_owned(),
            as_of: Micros::ZERO,
            number: None,
            content_hash: Vec::new(),
            payload: EventId(nil),
            flags: 0,
            last_visit_day: None,
            visits_before: 0,
            import: ImportId(nil),
            version: 1,
            updated_at: Micros::ZERO,
        },
        instalments: Vec::new(),
        view: None,
        zone: String::new(),
        postings: Vec::new(),
        changed: false,
    }
}

/// What a source moved in the ledger, as shares.
fn moved_by(book: &Book, source: Uuid) -> Vec<Share> {
    let of = book.postings.iter().filter(|one| one.source == Some(source));
    of.map(|one| Share {
        due_day: one.due_day,
        parts: one.parts,
    })
    .collect()
}

/// Lets something come to the book and to the recount.
fn comes(book: &mut Book, count: &mut Recount, came: &Came) {
    match came {
        Came::Stated(nth, parts) => stated_anew(book, count, BEGIN + 30 * nth, *parts),
        Came::Day(days) => {
            count.today += days;
            book.book_due(count.today, count.worked);
            let due: Vec<i64> = count.heaps.keys().map(|(day, _)| *day).collect();
            for day in due.into_iter().filter(|day| *day <= count.today) {
                let late = count.worked.is_none_or(|worked| day <= worked);
                count.booked.entry(day).or_insert(if late { count.today } else { day });
            }
            count.worked = Some(count.today);
        }
        Came::Paid(amount) => {
            let left = Minor(amount - count.open());
            let shares = allocate(&book.instalments, Minor(*amount), PartOrder::default());
            let id = Uuid::from_u128(1_000 + count.payments.len() as u128);
            count.came_in += amount;
            if let Some(units) = count.pays(*amount) {
                book.count((PostingKind::Payment, id), &shares.unwrap(), count.today);
                count.payments.push(units);
            } else {
                assert_eq!(shares, Err(TooMuch(left)));
                count.held += amount;
            }
        }
        Came::Back(nth) if !count.payments.is_empty() => {
            let nth = nth % count.payments.len();
            let units = std::mem::take(&mut count.payments[nth]);
            if units.is_empty() {
                return;
            }
            let shares = moved_by(book, Uuid::from_u128(1_000 + nth as u128));
            book.count((PostingKind::Reversal, Uuid::from_u128(500_000)), &shares, count.today);
            count.went_back += units.len() as i64;
            for place in units {
                count.heaps.get_mut(&place).unwrap().paid -= 1;
            }
        }
        Came::Waived(shares) => {
            let mut parts = [0; 4];
            for ((_, part), heap) in &count.heaps {
                parts[*part] += heap.due - heap.paid - heap.waived;
            }
            let parts = [0, 1, 2, 3].map(|part| parts[part] * shares[part] / 100);
            waived(book, count, parts);
            count.waivers.push(parts);
        }
        Came::Renewed(nth) if !count.waivers.is_empty() => {
            let nth = nth % count.waivers.len();
            let parts = std::mem::take(&mut count.waivers[nth]);
            waived(book, count, parts.map(|part| -part));
        }
        Came::Back(_) | Came::Renewed(_) => {}
    }
}

/// An instalment is stated, unless more was paid or waived of a part than it says.
fn stated_anew(book: &mut Book, count: &mut Recount, day: i64, parts: [i64; 4]) {
    let heap = |part: usize| count.heaps.get(&(day, part)).copied().unwrap_or_default();
    if (0..4).any(|part| parts[part] < heap(part).paid + heap(part).waived) {
        return;
    }
    book.restate((day, None), AmountParts::of(parts), count.today);
    for (part, due) in parts.into_iter().enumerate() {
        count.heaps.entry((day, part)).or_default().due = due;
    }
}

fn waived(book: &mut Book, count: &mut Recount, parts: [i64; 4]) {
    let shares = give_up(&book.instalments, AmountParts::of(parts));
    let all: AmountParts = shares.iter().map(|share| share.parts).sum();
    assert_eq!(all, AmountParts::of(parts), "all of it finds its place");
    book.waive(Uuid::from_u128(900_000), &shares, count.today);
    count.waives(parts);
}

/// Everything that must hold after every step.
fn reconciles(book: &Book, count: &Recount) {
    let mut ledger: BTreeMap<i64, AmountParts> = BTreeMap::new();
    for posting in &book.postings {
        *ledger.entry(posting.due_day).or_default() += posting.parts;
    }
    for one in &book.instalments {
        let heaps = [0, 1, 2, 3].map(|part| count.heaps[&(one.due_day, part)]);
        assert_eq!(one.due.numbers(), heaps.map(|heap| heap.due), "due {one:?}");
        assert_eq!(one.paid.numbers(), heaps.map(|heap| heap.paid), "paid {one:?}");
        assert_eq!(one.waived.numbers(), heaps.map(|heap| heap.waived), "waived {one:?}");
        assert!(
            ![one.paid, one.waived, one.open()]
                .iter()
                .any(|parts| parts.any_negative()),
            "{one:?}"
        );
        assert_eq!(one.booked, count.booked.get(&one.due_day).copied());
        let booked = one.booked.map_or(AmountParts::ZERO, |_| one.due);
        let balance = ledger.get(&one.due_day).copied().unwrap_or_default();
        assert_eq!(balance, booked - one.paid - one.waived, "ledger {one:?}");
    }
    assert_eq!(book.instalments.len() * 4, count.heaps.len());
    // What fell due and will is paid, waived or open; what came in is paid, held or went back.
    let sum = |of: fn(&Heap) -> i64| count.heaps.values().map(of).sum::<i64>();
    let (due, paid, given) = (sum(|heap| heap.due), sum(|heap| heap.paid), sum(|heap| heap.waived));
    assert_eq!(
        due,
        paid + given + open_until(&book.instalments, i64::MAX).total().get()
    );
    assert_eq!(count.came_in, paid + count.held + count.went_back);
    let of_kind = |kind: PostingKind| {
        let postings = book.postings.iter().filter(|one| one.kind == kind);
        postings.map(|one| one.parts.total().get()).sum::<i64>()
    };
    assert_eq!(-of_kind(PostingKind::Payment), count.came_in - count.held);
    assert_eq!(of_kind(PostingKind::Reversal), count.went_back);
    assert_eq!(-of_kind(PostingKind::Waiver), given);
    follows(book, count);
}

/// The case owes what is open of all that is near.
fn follows(book: &Book, count: &Recount) {
    let stages = Stages::default();
    let near = count.today + i64::from(stages.m0_days_before);
    let mut owed = [0; 4];
    for ((day, part), heap) in &count.heaps {
        owed[*part] += if *day <= near {
            heap.due - heap.paid - heap.waived
        } else {
            0
        };
    }
    let case = book.case_at(count.today, stages);
    let told = case.as_ref().map_or([0; 4], |case| case.parts.unwrap());
    assert_eq!(told, owed);
    assert_eq!(case.map_or(0, |case| case.amount), owed.iter().sum::<i64>());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_unit_is_somewhere_whatever_comes_in_and_in_whatever_order(
        history in prop::collection::vec(came(), 1..60),
    ) {
        let (mut book, mut count) = (empty(), Recount { today: BEGIN, ..Recount::default() });
        for came in &history {
            comes(&mut book, &mut count, came);
            reconciles(&book, &count);
        }
    }
}
