//! A tile, an entry bundle or the name of one that is read is written as it was.
#![no_main]

use doorstep_log::tile::{TileId, decode_bundle, decode_tile, encode_bundle, encode_tile};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(tile) = decode_tile(bytes) {
        assert_eq!(encode_tile(&tile), bytes);
    }
    if let Ok(bundle) = decode_bundle(bytes) {
        assert_eq!(encode_bundle(&bundle).as_deref(), Ok(bytes));
    }
    if let Some(id) = std::str::from_utf8(bytes).ok().and_then(TileId::parse) {
        assert_eq!(id.path().as_bytes(), bytes);
    }
});
