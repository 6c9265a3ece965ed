//! `receipt`
