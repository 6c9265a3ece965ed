//! The stories of Doorstep, each told once on SQLite and once on PostgreSQL through a real server.
//!
//! A story is written once and gets a running deployment; `stories!` makes both tests. The engine is a segment of a
//! test's name, and `./test` compares the counts. Start in `harness/deployment.rs`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

/// Makes a test on each engine for every story named.
macro_rules! stories {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let mut site = $crate::harness::Deployment::start(doorstep_store::Engine::Sqlite).await;
                super::$name(&mut site).await;
                site.end().await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let mut site = $crate::harness::Deployment::start(doorstep_store::Engine::Postgres).await;
                super::$name(&mut site).await;
                site.end().await;
            })+
        }
    };
}

mod addresses;
mod agencies;
mod agency;
mod agreements;
mod backup;
mod bad_input;
mod bundles;
mod calm;
mod chain;
mod complaints;
mod conflicts;
mod contacts;
mod continued;
mod copies;
mod credentials;
mod door;
mod erasure;
mod export;
mod faults;
mod flags;
mod forged;
mod guarded;
mod import;
mod land;
mod letters;
mod live;
mod loans;
mod locks;
mod log;
mod log_entries;
mod made_up;
mod measures;
mod notices;
mod odds;
mod packs;
mod page;
mod payments;
mod plan;
mod plan_diff;
mod plan_job;
mod push;
mod quality;
mod rates;
mod reads;
mod recall;
mod receipt_page;
mod receipts;
mod recordings;
mod retention;
mod review;
mod rights;
mod roles;
mod rolls;
mod rules;
mod safety;
mod search;
mod signing;
mod simulate;
mod stamps;
mod strategy;
mod sums;
mod sync;
mod take_back;
mod training;
mod witness;
mod work;
