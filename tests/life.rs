//! The whole life of fifty cases over 120 days, on either database, by commands only: aged, called, visited, promised, broken,
//! planned anew, cured, closed, and one portfolio that nobody is visited for. Every command is an argument list through the
//! program's own entry, under a clock that the days move; nothing looks into the database. Start with `life/days.rs`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod calls;
mod days;
mod desk;
mod doors;
mod ending;
mod figures;
mod files;
mod forbidden;
mod months;
mod people;
mod recount;

use desk::Desk;
use doorstep_store::Engine;
use people::Town;

/// How many days are lived.
const DAYS: i64 = 120;

async fn fifty_cases(engine: Engine) {
    let mut desk = Desk::make(engine).await;
    let mut town = Town::made();
    let mut tally = days::Tally::default();
    days::begin(&mut desk, &town).await;
    for day in 0..DAYS {
        days::live(&mut desk, &mut town, &mut tally, day).await;
    }
    let log = recount::Log::exported(&desk, &town).await;
    ending::everything_happened(&tally);
    ending::agreements_became_what_was_paid(&desk, &tally).await;
    ending::everybody_lived_as_they_are(&town, &tally, &log);
    ending::the_office_says_the_same(&desk, &tally, &log).await;
    forbidden::nothing_was_done_that_is(&log, &town);
    figures::are_those_of_the_log(&desk, &town, &log).await;
    desk.end().await;
}

mod sqlite {
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn fifty_cases_over_120_days() {
        super::fifty_cases(doorstep_store::Engine::Sqlite).await;
    }
}

mod postgres {
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn fifty_cases_over_120_days() {
        super::fifty_cases(doorstep_store::Engine::Postgres).await;
    }
}
