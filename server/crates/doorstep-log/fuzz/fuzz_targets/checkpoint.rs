//! A checkpoint that is read is written as it was.
#![no_main]

use doorstep_log::checkpoint::Checkpoint;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(checkpoint) = Checkpoint::parse(text) {
        assert_eq!(checkpoint.body(), text);
    }
});
