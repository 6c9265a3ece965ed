//! Every command as somebody types it: the built program, a process each, on SQLite and on PostgreSQL, from `init` to a
//! restore under the other engine. What a command decides is tested elsewhere; here it is what it reads and writes, and
//! how it ends. Start with `commands/office.rs`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod agreements;
mod cases;
mod checked;
mod complaints;
mod copies;
mod ends;
mod loans;
mod measures;
mod odds;
pub(crate) mod office;
mod papers;
mod proofs;
mod recordings;
mod restored;
mod rights;
mod strategies;
pub(crate) mod visits;

use doorstep_store::Engine;

use office::Office;

/// Sets both stores of an office back, again and again.
async fn both_stores_went_back(engine: Engine) {
    let mut office = Office::make(engine).await;
    restored::from_both_stores(&mut office).await;
    office.end().await;
}

/// Walks through all commands on an engine, with one data folder.
async fn every_command(engine: Engine) {
    let mut office = Office::make(engine).await;
    office.serve();
    office.takes_its_people();
    cases::come_and_go(&office);
    let planned = visits::are_planned(&office);
    visits::are_carried_out(&office, &planned);
    copies::are_given(&office, &planned);
    papers::are_made(&office);
    complaints::are_answered(&office);
    measures::are_reported(&office);
    odds::are_learned(&office);
    recordings::are_imported(&office);
    rights::are_kept(&office);
    agreements::are_made(&office);
    strategies::say_what_comes_next(&office);
    loans::are_booked(&office);
    proofs::stand(&office);
    proofs::go_on_under_the_other_engine(&mut office).await;
    ends::say_why(&mut office).await;
    office.end().await;
}

mod sqlite {
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn every_command_does_what_it_says() {
        super::every_command(doorstep_store::Engine::Sqlite).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_restore_of_both_stores_says_what_was_lost() {
        super::both_stores_went_back(doorstep_store::Engine::Sqlite).await;
    }
}

mod postgres {
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn every_command_does_what_it_says() {
        super::every_command(doorstep_store::Engine::Postgres).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_restore_of_both_stores_says_what_was_lost() {
        super::both_stores_went_back(doorstep_store::Engine::Postgres).await;
    }
}
