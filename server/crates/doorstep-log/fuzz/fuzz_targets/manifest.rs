//! A manifest or an opening that is read is written as it was.
#![no_main]

use doorstep_log::export::{Manifest, Opening};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some(manifest) = std::str::from_utf8(bytes).ok().and_then(|text| Manifest::parse(text).ok()) {
        assert_eq!(manifest.body().as_bytes(), bytes);
    }
    if let Ok(opening) = Opening::decode(bytes) {
        assert_eq!(opening.encode().as_deref(), Ok(bytes));
    }
});
