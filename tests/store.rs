//! What storage promises, told as stories: each runs once on SQLite and once on PostgreSQL.
//!
//! A story is written once, takes an empty store and knows no engine; `stories!` makes both tests. The engine is a
//! segment of a test's name, and `./test` compares the counts. Start in `store/engine.rs` and `store/sample.rs`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

/// Makes a test on each engine for every story named.
macro_rules! stories {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                $crate::store::engine::tell(doorstep_store::Engine::Sqlite, super::$name).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                $crate::store::engine::tell(doorstep_store::Engine::Postgres, super::$name).await;
            })+
        }
    };
}

mod backup;
mod case;
mod credentials;
mod device;
mod engine;
mod forged;
mod guard;
mod log;
mod meta;
mod open;
mod org;
mod outside;
mod plan;
mod read;
mod sample;
mod share;
mod vouched;
mod write;
