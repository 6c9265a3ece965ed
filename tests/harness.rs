//! What every story starts from: a server in this process on either engine, its people, its field devices and the
//! sample files. Knows no story. Start with `Deployment`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

pub(crate) mod authority;
mod client;
mod clock;
mod deployment;
mod export;
mod field;
mod gateway;
mod paper;
pub(crate) mod process;
mod samples;
pub(crate) mod training;

pub(crate) use client::{Answered, Client};
pub(crate) use clock::TestClock;
pub(crate) use deployment::{Deployment, PASSWORD, postgres_database};
pub(crate) use export::ExportInMemory;
pub(crate) use field::{
    CrewDay, OWN_PASSWORD, Wire, both_sign, checked_in, checked_out, ending, fullest_route, id_of, partner_key,
    partners_pin, together,
};
pub(crate) use gateway::{Gateway, Posted};
pub(crate) use paper::text_of_pdf;
pub(crate) use samples::{csv_cells, csv_text, lines_of, sample, sample_path};
