//! Rows that only this program can have written: a MAC over what a row says, under a key of the key store. Whoever has the
//! main database alone can copy such a row or take it away, but can neither write nor change one.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::seal::Key;

/// Bytes of a MAC.
pub(crate) const MAC_LEN: usize = 32;

/// A key that vouches for rows of one kind and can do nothing else.
#[derive(Clone)]
pub(crate) struct MacKey(Hmac<Sha256>);

impl std::fmt::Debug for MacKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MacKey(…)")
    }
}

impl MacKey {
    /// The key for one kind of row, out of the key of a tenant.
    pub(crate) fn of(key: &Key, kind: &str) -> Self {
        let derived = key.derived(&[b"mac", kind.as_bytes()]);
        Self(Hmac::new_from_slice(derived.bytes()).expect("any length of key will do"))
    }

    fn over(&self, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        for part in parts {
            // With its length before it no part can reach into the next.
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        mac
    }

    /// The MAC over some parts.
    pub(crate) fn mac(&self, parts: &[&[u8]]) -> [u8; MAC_LEN] {
        self.over(parts).finalize().into_bytes().into()
    }

    /// Whether a MAC is the one over these parts; takes as long wherever it differs.
    pub(crate) fn holds(&self, parts: &[&[u8]], mac: &[u8]) -> bool {
        self.over(parts).verify_slice(mac).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mac_depends_on_key_kind_and_every_part() {
        let key = Key::of_bytes([1; 32]);
        let rows = MacKey::of(&key, "rows");
        let mac = rows.mac(&[b"ab", b"c"]);
        assert!(rows.holds(&[b"ab", b"c"], &mac));
        assert!(!rows.holds(&[b"a", b"bc"], &mac));
        assert!(!rows.holds(&[b"abc"], &mac));
        assert!(!rows.holds(&[b"ab", b"c"], &mac[..31]));
        assert!(!rows.holds(&[b"ab", b"c"], b""));
        assert!(!MacKey::of(&key, "others").holds(&[b"ab", b"c"], &mac));
        assert!(!MacKey::of(&Key::of_bytes([2; 32]), "rows").holds(&[b"ab", b"c"], &mac));
    }
}
