//! Tests of judging agreements by what was paid.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use super::*;
use crate::agreement::AgreementState::{Broken, Kept, Partial, Promised};
use proptest::prelude::*;

fn dues(of: &[(i64, i64)]) -> Vec<Due> {
    let due = |(day, amount): &(i64, i64)| Due {
        day: *day,
        amount: Minor(*amount),
    };
    of.iter().map(due).collect()
}

fn paid(of: &[(i64, i64)]) -> Vec<Paid> {
    let paid = |(day, amount): &(i64, i64)| Paid {
        day: *day,
        amount: Minor(*amount),
    };
    of.iter().map(paid).collect()
}

fn terms(dues: &[Due]) -> Terms<'_> {
    Terms {
        from: 100,
        dues,
        grace_days: 3,
        missed_max: 1,
    }
}

#[test]
fn a_promise_is_kept_partial_or_broken() {
    let promise = dues(&[(110, 500)]);
    for (payments, today, state, day) in [
        (&[][..], 110, Promised, 100),
        (&[][..], 113, Promised, 100),
        (&[][..], 114, Broken, 114),
        (&[(112, 500)][..], 112, Kept, 112),
        (&[(113, 500)][..], 140, Kept, 113),
        (&[(114, 500)][..], 140, Broken, 114),
        (&[(105, 200)][..], 113, Promised, 100),
        (&[(105, 200)][..], 114, Partial, 114),
        (&[(105, 200), (120, 300)][..], 140, Partial, 114),
        (&[(99, 500)][..], 114, Broken, 114),
        (&[(105, 500), (106, -500)][..], 114, Broken, 114),
    ] {
        let judged = judge(&terms(&promise), &paid(payments), today);
        assert_eq!((judged.state, judged.day), (state, day), "{payments:?} on {today}");
    }
}

#[test]
fn a_plan_may_be_behind_by_one_and_then_breaks() {
    let plan = dues(&[(110, 100), (140, 100), (170, 100)]);
    let on = |payments: &[(i64, i64)], today| judge(&terms(&plan), &paid(payments), today);
    let first_missed = on(&[], 114);
    assert_eq!(
        (first_missed.state, first_missed.behind, first_missed.next),
        (Promised, Minor(100), Some(0))
    );
    assert_eq!((on(&[], 144).state, on(&[], 144).day), (Broken, 144));
    // One paid late: behind by one, which is let pass until the end.
    let late = on(&[(130, 100)], 144);
    assert_eq!((late.state, late.behind, late.in_time), (Promised, Minor(100), 0));
    assert_eq!(on(&[(130, 100), (171, 200)], 172).state, Kept);
    assert_eq!(on(&[(130, 100), (171, 100)], 174).state, Partial);
    // Paid at once: kept at once.
    let at_once = on(&[(101, 300)], 101);
    assert_eq!((at_once.state, at_once.day, at_once.in_time), (Kept, 101, 3));
}

#[test]
fn what_went_back_after_it_was_kept_is_no_longer_kept_while_its_time_runs() {
    let plan = dues(&[(110, 100), (140, 100)]);
    let back = judge(&terms(&plan), &paid(&[(105, 200), (120, -150)]), 125);
    assert_eq!((back.state, back.behind), (Promised, Minor(50)));
}

fn any_history() -> impl Strategy<Value = (Vec<Due>, Vec<Paid>, i64, usize, i64)> {
    let dues = prop::collection::vec((1_i64..40, 1_i64..500), 1..8).prop_map(|gaps| {
        let mut day = 100;
        let step = |(gap, amount): (i64, i64)| {
            day += gap;
            (day, amount)
        };
        dues(&gaps.into_iter().map(step).collect::<Vec<_>>())
    });
    let payments = prop::collection::vec((95_i64..400, -300_i64..800), 0..12).prop_map(|all| paid(&all));
    (dues, payments, 0_i64..6, 0_usize..3, 95_i64..420)
}

proptest! {
    #[test]
    fn states_part_all_histories_and_go_by_days_alone(
        (dues, payments, grace_days, missed_max, today) in any_history(),
        turn in any::<prop::sample::Index>(),
    ) {
        let terms = Terms { from: 100, dues: &dues, grace_days, missed_max };
        let judged = judge(&terms, &payments, today);
        // The order of arrival says nothing.
        let mut turned = payments.clone();
        turned.rotate_left(if payments.is_empty() { 0 } else { turn.index(payments.len()) });
        turned.reverse();
        prop_assert_eq!(judge(&terms, &turned, today), judged);
        // Nor does what was paid in parts on one day.
        let halves: Vec<Paid> = payments.iter().flat_map(|one| {
            let half = Minor(one.amount.get() / 2);
            [Paid { day: one.day, amount: half }, Paid { day: one.day, amount: one.amount - half }]
        }).collect();
        prop_assert_eq!(judge(&terms, &halves, today), judged);
        // After its time it is one of three, and stays it.
        let end = dues.last().unwrap().day + grace_days;
        prop_assert!(matches!(judged.state, Promised | Kept | Partial | Broken));
        if today > end {
            prop_assert!(judged.state != Promised);
            prop_assert_eq!(judge(&terms, &payments, today + 1_000).state, judged.state);
            prop_assert_eq!(judge(&terms, &payments, today + 1_000).day, judged.day);
        }
        // What was broken on a day stays so, whatever is paid on later days.
        if judged.state == Broken {
            let more: Vec<Paid> = payments.iter().copied().chain([Paid { day: today + 1, amount: Minor(10_000) }]).collect();
            prop_assert_eq!(judge(&terms, &more, today + 2).state, Broken);
        }
        let total: i64 = dues.iter().map(|due| due.amount.get()).sum();
        if judged.state == Kept {
            let by = payments.iter().filter(|one| one.day >= 100 && one.day <= today.min(end));
            prop_assert!(by.map(|one| one.amount.get()).sum::<i64>() >= total);
        }
    }

    #[test]
    fn paying_everything_in_time_keeps_it(
        (dues, _, grace_days, missed_max, _) in any_history(),
        late in 0_i64..6,
    ) {
        let terms = Terms { from: 100, dues: &dues, grace_days, missed_max };
        let payments: Vec<Paid> =
            dues.iter().map(|due| Paid { day: due.day + late.min(grace_days), amount: due.amount }).collect();
        let end = dues.last().unwrap().day + grace_days;
        for today in [100, 120, end - 1, end, end + 1, end + 500] {
            let state = judge(&terms, &payments, today).state;
            prop_assert!(matches!(state, Promised | Kept), "{state} on {today}");
        }
        let done = judge(&terms, &payments, end + 1);
        prop_assert_eq!((done.state, done.in_time, done.behind), (Kept, dues.len(), Minor::ZERO));
    }

    #[test]
    fn paying_more_never_makes_it_worse(
        (dues, payments, grace_days, missed_max, today) in any_history(),
        (day, amount) in (95_i64..400, 0_i64..800),
    ) {
        let terms = Terms { from: 100, dues: &dues, grace_days, missed_max };
        let good = |state| match state { Broken => 0, Partial => 1, Promised => 2, _ => 3 };
        let before = judge(&terms, &payments, today);
        let mut more = payments;
        more.push(Paid { day, amount: Minor(amount) });
        prop_assert!(good(judge(&terms, &more, today).state) >= good(before.state));
    }
}
