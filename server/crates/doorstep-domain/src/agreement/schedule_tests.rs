//! Tests of schedules: sums, month ends, rounding, and what they must not know: who pays.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use super::*;
use jiff::civil::date;
use proptest::prelude::*;

fn ask() -> Ask {
    Ask {
        total: Minor(100_001),
        first: date(2027, 1, 31),
        count: 4,
        every: Every::Month,
        remainder: Remainder::Last,
        shift: Shift::Stay,
        rate_ppm: 0,
        from: date(2027, 1, 1),
    }
}

fn days(ask: &Ask, is_working: impl Fn(Date) -> bool) -> Vec<String> {
    let made = schedule(ask, is_working).unwrap();
    made.iter().map(|one| one.day.to_string()).collect()
}

/// Saturday and Sunday.
fn weekdays(day: Date) -> bool {
    day.weekday().to_monday_zero_offset() < 5
}

#[test]
fn the_31st_is_the_last_day_of_shorter_months_and_comes_back() {
    assert_eq!(
        days(&ask(), |_| true),
        ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]
    );
    let leap = Ask {
        first: date(2028, 1, 30),
        ..ask()
    };
    assert_eq!(days(&leap, |_| true)[1..3], ["2028-02-29", "2028-03-30"]);
}

#[test]
fn a_day_that_is_none_of_work_moves_as_the_portfolio_says() {
    // 2027-01-31 and 2027-02-28 are Sundays.
    let after = Ask {
        shift: Shift::After,
        ..ask()
    };
    assert_eq!(days(&after, weekdays)[..2], ["2027-02-01", "2027-03-01"]);
    let before = Ask {
        shift: Shift::Before,
        ..ask()
    };
    // Nobody pays before the first day they named.
    assert_eq!(days(&before, weekdays)[..2], ["2027-02-01", "2027-02-26"]);
    assert_eq!(
        days(
            &Ask {
                shift: Shift::After,
                ..ask()
            },
            |_| false
        ),
        days(&ask(), |_| true)
    );
}

#[test]
fn two_instalments_never_meet_behind_a_long_holiday() {
    let holidays = |day: Date| day > date(2027, 1, 20);
    let weekly = Ask {
        first: date(2027, 1, 4),
        every: Every::Week,
        shift: Shift::After,
        ..ask()
    };
    assert_eq!(
        days(&weekly, holidays),
        ["2027-01-21", "2027-01-22", "2027-01-23", "2027-01-25"]
    );
}

#[test]
fn the_remainder_stands_where_it_is_said_to() {
    let amounts = |remainder| -> Vec<i64> {
        let ask = Ask {
            remainder,
            total: Minor(1_003),
            ..ask()
        };
        schedule(&ask, |_| true)
            .unwrap()
            .iter()
            .map(|one| one.amount.get())
            .collect()
    };
    assert_eq!(amounts(Remainder::Last), [250, 250, 250, 253]);
    assert_eq!(amounts(Remainder::First), [253, 250, 250, 250]);
}

#[test]
fn interest_is_that_of_what_is_left_rounded_down() {
    // 12 % a year on 1,000.00, of which half is paid after 31 days.
    let ask = Ask {
        total: Minor(100_000),
        first: date(2027, 2, 1),
        count: 2,
        rate_ppm: 120_000,
        ..ask()
    };
    let made = schedule(&ask, |_| true).unwrap();
    // 100,000 × 0.12 × 31 / 365 = 1,019.17; 50,000 × 0.12 × 28 / 365 = 460.27.
    assert_eq!(
        made.iter().map(|one| one.interest.get()).collect::<Vec<_>>(),
        [1_019, 460]
    );
    assert_eq!(made[0].amount, Minor(51_019));
}

#[test]
fn what_cannot_be_is_refused() {
    for (wrong, error) in [
        (Ask { count: 0, ..ask() }, ScheduleError::Count),
        (Ask { count: 61, ..ask() }, ScheduleError::Count),
        (
            Ask {
                total: Minor(3),
                ..ask()
            },
            ScheduleError::TooSmall,
        ),
        (
            Ask {
                total: Minor(-7),
                ..ask()
            },
            ScheduleError::TooSmall,
        ),
        (
            Ask {
                first: date(9999, 12, 1),
                ..ask()
            },
            ScheduleError::Beyond,
        ),
    ] {
        assert_eq!(schedule(&wrong, |_| true), Err(error), "{wrong:?}");
    }
    let huge = Ask {
        total: Minor::MAX,
        rate_ppm: u32::MAX,
        ..ask()
    };
    assert_eq!(schedule(&huge, |_| true), Err(ScheduleError::Beyond));
}

#[test]
fn months_are_rounded_up() {
    for (last, months) in [
        (date(2027, 1, 1), 0),
        (date(2027, 1, 2), 1),
        (date(2027, 2, 1), 1),
        (date(2027, 2, 2), 2),
        (date(2032, 1, 1), 60),
    ] {
        assert_eq!(months_until(date(2027, 1, 1), last), months, "{last}");
    }
}

#[test]
fn a_month_has_more_than_four_weeks() {
    assert_eq!(Every::Week.per_month(Minor(100)), Minor(434));
    assert_eq!(Every::Fortnight.per_month(Minor(100)), Minor(217));
    assert_eq!(Every::Month.per_month(Minor(100)), Minor(100));
}

fn any_ask() -> impl Strategy<Value = Ask> {
    let of = |all: &'static [Every]| prop::sample::select(all);
    (
        1_i64..1_000_000_000,
        0_i64..20_000,
        1_u16..=COUNT_MAX,
        of(Every::ALL),
        prop::sample::select(Remainder::ALL),
        prop::sample::select(Shift::ALL),
        prop::sample::select(&[0_u32, 1, 43_500, 240_000][..]),
    )
        .prop_map(|(total, day, count, every, remainder, shift, rate_ppm)| {
            let first = date(2020, 1, 1).checked_add(day.days()).unwrap();
            Ask {
                total: Minor(total),
                first,
                count,
                every,
                remainder,
                shift,
                rate_ppm,
                from: first,
            }
        })
}

proptest! {
    #[test]
    fn sums_are_exact_and_days_go_on(ask in any_ask(), seed in any::<u64>()) {
        // Some days of every calendar are none of work, and of some calendars nearly all.
        let is_working = |day: Date| {
            let number = i64::from(date(2020, 1, 1).until((jiff::Unit::Day, day)).unwrap().get_days());
            number.unsigned_abs().wrapping_mul(seed | 1).rotate_left(7) % 4 > seed % 4
        };
        match schedule(&ask, is_working) {
            Err(error) => prop_assert!(error == ScheduleError::TooSmall && ask.total.get() < i64::from(ask.count)),
            Ok(made) => {
                prop_assert_eq!(made.len(), usize::from(ask.count));
                let all: Minor = made.iter().map(|one| one.amount - one.interest).sum();
                prop_assert_eq!(all, ask.total);
                prop_assert!(made.iter().all(|one| one.amount > Minor::ZERO && one.interest >= Minor::ZERO));
                prop_assert!(ask.rate_ppm > 0 || made.iter().all(|one| one.interest == Minor::ZERO));
                prop_assert!(made[0].day >= ask.first);
                prop_assert!(made.windows(2).all(|pair| pair[0].day < pair[1].day));
                let least = made.iter().map(|one| (one.amount - one.interest).get()).min().unwrap();
                let odd = made.iter().filter(|one| (one.amount - one.interest).get() != least).count();
                prop_assert!(odd <= 1);
            }
        }
    }
}
