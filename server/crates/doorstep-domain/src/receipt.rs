//! A receipt: what a visited person gets after a visit. Its reference is a secret of who holds the paper.

use std::fmt;
use std::str::FromStr;

use crate::codes;
use crate::contact::{ContactOutcome, MatterOutcome};

codes!(
    /// What follows a visit, as its receipt says. Nothing of it tells what the visit was about.
    NextStep, "next step" {
        /// The office decides; whoever was visited can object at any time.
        Office = "office",
        /// What was said is answered, and nobody comes before.
        Answer = "answer",
        /// Nobody comes until somebody at the office has looked at it.
        Pause = "pause",
        /// Another time is looked for.
        AnotherTime = "another-time",
    }
);

impl NextStep {
    /// What follows an outcome; `None` where nobody was met whom it concerns. The matter counts only where the person was
    /// recognised: what others say decides nothing on their paper.
    #[must_use]
    pub fn after(outcome: ContactOutcome, matter: Option<MatterOutcome>, recognised: bool) -> Option<Self> {
        match outcome {
            ContactOutcome::AskedToLeave => Some(Self::Pause),
            ContactOutcome::Rescheduled => Some(Self::AnotherTime),
            ContactOutcome::MetBorrower if recognised => Some(match matter {
                Some(MatterOutcome::Complaint | MatterOutcome::Dispute | MatterOutcome::PaidClaim) => Self::Answer,
                Some(matter) if matter.restriction().is_some() => Self::Pause,
                _ => Self::Office,
            }),
            _ => None,
        }
    }
}

/// Digits of a reference: no letter that looks like a number (Crockford's base 32).
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Digits that 128 bits take.
const LEN: usize = 26;

/// The reference on a receipt: 128 random bits, so that nobody guesses one. Written in groups that a person can read out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ReceiptRef([u8; 16]);

/// A text that is no reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a reference has 26 letters and digits; read it again from the receipt")]
pub struct ReceiptRefError;

impl ReceiptRef {
    /// A reference of random bytes.
    #[must_use]
    pub const fn of_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for ReceiptRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = u128::from_be_bytes(self.0);
        for place in 0..LEN {
            if place > 0 && place % 4 == 0 {
                out.write_str("-")?;
            }
            let digit = (number >> (5 * (LEN - 1 - place))) & 31;
            write!(out, "{}", char::from(DIGITS[digit as usize]))?;
        }
        Ok(())
    }
}

/// Whoever holds the reference can read the receipt, so it is in no debug output.
impl fmt::Debug for ReceiptRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("ReceiptRef(…)")
    }
}

impl FromStr for ReceiptRef {
    type Err = ReceiptRefError;

    /// Takes small letters, spaces for hyphens, and the letters that are easily taken for a digit.
    fn from_str(text: &str) -> Result<Self, ReceiptRefError> {
        let (mut number, mut count) = (0_u128, 0);
        for symbol in text.chars().filter(|symbol| !symbol.is_whitespace() && *symbol != '-') {
            let digit = match symbol.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let value = DIGITS
                .iter()
                .position(|known| char::from(*known) == digit)
                .ok_or(ReceiptRefError)?;
            count += 1;
            // The first digit has three of its five bits.
            if count > LEN || count == 1 && value > 7 {
                return Err(ReceiptRefError);
            }
            number = number << 5 | value as u128;
        }
        if count == LEN {
            Ok(Self(number.to_be_bytes()))
        } else {
            Err(ReceiptRefError)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_survives_being_read_out() {
        for bytes in [[0; 16], [255; 16], [0x5a; 16]] {
            let reference = ReceiptRef::of_bytes(bytes);
            let text = reference.to_string();
            assert_eq!(text.len(), 32);
            let spoken = text
                .to_lowercase()
                .replace('-', " ")
                .replace('0', "o")
                .replace('1', "l");
            assert_eq!((text.parse(), spoken.parse()), (Ok(reference), Ok(reference)), "{text}");
        }
        let text = ReceiptRef::of_bytes([7; 16]).to_string();
        for wrong in [
            "",
            &text[1..],
            &format!("{text}0"),
            &text.replacen('0', "8", 1),
            &text.replace('0', "U"),
        ] {
            assert_eq!(wrong.parse::<ReceiptRef>(), Err(ReceiptRefError), "{wrong}");
        }
    }
}
