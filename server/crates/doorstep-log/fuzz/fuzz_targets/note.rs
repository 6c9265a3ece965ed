//! No bytes make the reader of signed notes panic, and a key line has one form.
#![no_main]

use doorstep_log::note::{self, SigningKey, VerifierKey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(key) = SigningKey::from_seed("d/t/events", &[1; 32]) {
        let opened = note::open(bytes, &[key.verifier()]);
        if let Ok(opened) = opened {
            assert_eq!(note::text_unverified(bytes), Ok(opened.text.as_str()));
        }
    }
    if let Ok(line) = std::str::from_utf8(bytes) {
        if let Ok(key) = VerifierKey::parse(line) {
            assert_eq!(key.to_string(), line);
        }
    }
});
