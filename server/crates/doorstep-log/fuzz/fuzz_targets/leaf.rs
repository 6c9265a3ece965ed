//! A leaf, header or canonical value that is read is written as it was.
#![no_main]

use doorstep_log::canonical;
use doorstep_log::leaf::{Header, Leaf};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(value) = canonical::decode(bytes) {
        assert_eq!(canonical::encode(&value).as_deref(), Ok(bytes));
    }
    if let Ok(leaf) = Leaf::decode(bytes) {
        assert_eq!(leaf.encode().as_deref(), Ok(bytes));
    }
    if let Ok(header) = Header::decode(bytes) {
        assert_eq!(header.encode().as_deref(), Ok(bytes));
    }
});
