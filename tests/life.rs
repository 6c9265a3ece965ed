//! The whole life of fifty cases over 120 days, on either database, by commands only: aged, called, visited, promised, broken,
//! planned anew, cured, closed, and one portfolio that nobody is visited for. Every command is an argument list through the
//! program's own entry, under a clock that the days move; nothing looks into the database. Start with `life/days.rs`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod days;
mod desk;
mod doors;
mod files;
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
    days::begin(&mut desk).await;
    for day in 0..DAYS {
        days::live(&mut desk, &mut town, &mut tally, day).await;
    }
    recount::everything_happened(&desk, &town, &tally).await;
    recount::the_log_says_the_same(&desk, &tally).await;
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
