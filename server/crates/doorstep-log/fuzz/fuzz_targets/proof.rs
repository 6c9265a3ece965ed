//! A proof file that is read is written as it was.
#![no_main]

use doorstep_log::proof::Proof;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(proof) = Proof::parse(bytes) {
        assert_eq!(proof.encode(), bytes);
    }
});
