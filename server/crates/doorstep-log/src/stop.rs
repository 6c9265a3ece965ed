//! The stop code of a notice: what the visited person says or shows at the door, and what the permit holds of it.
//!
//! Server and device use this one place, so that they cannot disagree on how a code is read or hashed. The hash is bound
//! to the visit: the code of one visit ends no other.

use crate::hash::{Hash, sha256_parts};

/// Digits of a code: no letter that looks like a number (Crockford's base 32), as on receipts.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Digits of a code.
const LEN: usize = 8;
/// Keeps these hashes apart from every other.
const CONTEXT: &[u8] = b"doorstep stop 1\0";

/// The code of 40 random bits, in two groups of four.
#[must_use]
pub fn stop_code(bytes: [u8; 5]) -> String {
    let number = bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let digit = |place: usize| char::from(DIGITS[(number >> (5 * (LEN - 1 - place)) & 31) as usize]);
    let (first, second): (String, String) = ((0..4).map(digit).collect(), (4..LEN).map(digit).collect());
    format!("{first}-{second}")
}

/// The eight digits of a code as somebody wrote it: small letters, spaces and hyphens, and the letters that are easily taken
/// for a digit. `None` where it is no code.
#[must_use]
pub fn stop_digits(text: &str) -> Option<[u8; LEN]> {
    let mut digits = Vec::with_capacity(LEN);
    for symbol in text.chars().filter(|symbol| !symbol.is_whitespace() && *symbol != '-') {
        let digit = match symbol.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        let known = DIGITS.iter().find(|known| char::from(**known) == digit)?;
        digits.push(*known);
    }
    digits.try_into().ok()
}

/// What a permit holds of a stop code; `None` where the text is no code.
#[must_use]
pub fn stop_hash(visit_alias: &[u8; 16], code: &str) -> Option<Hash> {
    let digits = stop_digits(code)?;
    Some(sha256_parts(&[CONTEXT, visit_alias, &digits]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_written() {
        assert_eq!(stop_code([0; 5]), "0000-0000");
        assert_eq!(stop_code([255; 5]), "ZZZZ-ZZZZ");
        let code = stop_code([0x01, 0x23, 0x45, 0x67, 0x89]);
        assert_eq!(code, "04HM-ASW9");
        let visit = [7; 16];
        let hash = stop_hash(&visit, &code).map(Hash::to_hex);
        for written in ["o4hm asw9", " 04hmasw9\n", "0-4-H-M-A-S-W-9"] {
            assert_eq!(stop_hash(&visit, written).map(Hash::to_hex), hash, "{written}");
        }
        for wrong in ["", "04HM-ASW", "04HM-ASW90", "04HM-ASWU", "０４HM-AR89"] {
            assert_eq!(stop_hash(&visit, wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_hash_is_the_one_of_the_specification_and_bound_to_its_visit() {
        let hash = stop_hash(&[7; 16], "04HM-ASW9");
        let spelled = crate::hash::sha256(
            b"doorstep stop 1\0\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x0704HMASW9",
        );
        assert_eq!(hash, Some(spelled));
        assert_eq!(hash.map(Hash::to_hex).as_deref(), Some(VECTOR));
        assert_ne!(hash, stop_hash(&[8; 16], "04HM-ASW9"));
    }

    /// Of the visit alias 0707…07 and the code 04HM-ASW9.
    const VECTOR: &str = "b8944dc06f9138204354706107c1c0ec495b952374e1cdbd4387884d92bb0cd3";
}
