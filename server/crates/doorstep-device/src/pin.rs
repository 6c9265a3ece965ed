//! The PIN: what is taken as one, what key it gives, and how long somebody waits who guesses.
//!
//! What a PIN protects against: the device in strange hands. Whoever holds it may try PINs through this program, which
//! lets them wait ever longer and destroys the caseload at the tenth. Whoever copies the file tries on their own machines,
//! and no counter stops them: each guess costs 12 MiB and some hundredths of a second of one core, so that a million PINs
//! of six digits last some hours on one core and minutes on many; ten letters at random last for good. The lease
//! ends the matter on the device: when it is over, no PIN brings doors and permits back from it. A copy that was made
//! before stays a copy, so a lost device is revoked at once and its owner's PIN is better a phrase than a number.

use argon2::{Algorithm, Argon2, Params, Version};
use doorstep_domain::measure::Micros;
use zeroize::Zeroizing;

use crate::error::DeviceError;
use crate::seal::Key;

/// The fewest characters of a PIN.
const CHARS_MIN: usize = 6;
/// The most.
const CHARS_MAX: usize = 64;
/// So many wrong PINs in a row cost nothing but the counting.
const FREE_TRIES: u32 = 4;
/// The first wait, in seconds; each further one is twice as long.
const WAIT_FIRST_S: i64 = 30;
/// The longest wait, in seconds.
const WAIT_MAX_S: i64 = 15 * 60;
/// So many wrong PINs in a row destroy the caseload key.
pub(crate) const TRIES_MAX: u32 = 10;

/// A PIN as somebody typed it; wiped from memory when dropped.
#[derive(Clone)]
pub struct Pin(Zeroizing<String>);

impl std::fmt::Debug for Pin {
    /// Never the PIN.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Pin(…)")
    }
}

impl Pin {
    /// Takes 6 to 64 characters that are not all the same and no simple run.
    pub fn new(text: &str) -> Result<Self, DeviceError> {
        let chars: Vec<char> = text.chars().collect();
        let weak = |remedy| Err(DeviceError::PinWeak { remedy });
        if chars.len() < CHARS_MIN {
            return weak("give at least 6 characters");
        }
        if chars.len() > CHARS_MAX {
            return weak("give at most 64 characters");
        }
        if chars.windows(2).all(|pair| pair[0] == pair[1]) {
            return weak("use more than one character");
        }
        if is_run(&chars, 1) || is_run(&chars, -1) {
            return weak("no run like 123456; choose characters that nobody guesses");
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// The key that it gives with this salt, away from the async threads: it takes a while.
    pub(crate) async fn key(&self, salt: [u8; 16], cost: Cost) -> Result<Key, DeviceError> {
        let pin = self.clone();
        let derived = tokio::task::spawn_blocking(move || cost.derive(&pin, &salt)).await;
        derived.map_err(|_| CORRUPT)?
    }
}

const CORRUPT: DeviceError = DeviceError::Corrupt { what: "vault" };

/// Whether each character follows the one before by `step`; 0 follows 9.
fn is_run(chars: &[char], step: i32) -> bool {
    chars.windows(2).all(|pair| {
        let [before, after] = [pair[0], pair[1]];
        match (before.to_digit(10), after.to_digit(10)) {
            (Some(before), Some(after)) => (before as i32 + step).rem_euclid(10) == after as i32,
            _ => before as i32 + step == after as i32,
        }
    })
}

/// What deriving a key costs; stored beside the salt, so that a later program can ask for more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) memory_kib: u32,
    pub(crate) passes: u32,
    pub(crate) lanes: u32,
}

impl Cost {
    /// What new vaults get. The memory is needed for a moment at the opening and given back: with the program itself it
    /// stays under the 30 MB that a small telephone has to spare. Fewer bytes are paid for with more passes.
    const NEW: Self = Self {
        memory_kib: 12_288,
        passes: 6,
        lanes: 1,
    };

    /// What a new vault gets here. This crate's own tests open devices by the hundred.
    pub(crate) const fn of_new_vault() -> Self {
        if cfg!(test) {
            Self {
                memory_kib: 64,
                passes: 1,
                lanes: 1,
            }
        } else {
            Self::NEW
        }
    }

    fn derive(self, pin: &Pin, salt: &[u8]) -> Result<Key, DeviceError> {
        let mut bytes = Zeroizing::new([0; 32]);
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(bytes.len())).map_err(|_| CORRUPT)?;
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(pin.0.as_bytes(), salt, bytes.as_mut())
            .map_err(|_| CORRUPT)?;
        Ok(Key::of(bytes))
    }
}

/// How many seconds somebody waits after so many wrong PINs in a row.
pub(crate) fn wait_s(wrong_tries: u32) -> i64 {
    let Some(doublings) = wrong_tries.checked_sub(FREE_TRIES + 1) else {
        return 0;
    };
    WAIT_FIRST_S
        .checked_shl(doublings)
        .filter(|_| doublings < 8)
        .map_or(WAIT_MAX_S, |wait| wait.min(WAIT_MAX_S))
}

/// Seconds until the next PIN is looked at. A clock that was set back makes nobody wait longer than the wait.
pub(crate) fn wait_left_s(wrong_tries: u32, tried_at: Micros, now: Micros) -> i64 {
    let wait = wait_s(wrong_tries);
    let gone = (now - tried_at).millis() / 1_000;
    (wait - gone).clamp(0, wait)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_guesses_is_refused() {
        let long = "x1".repeat(33);
        let weak = [
            "", "12345", "000000", "123456", "654321", "567890", "098765", "abcdef", "fedcba", &long,
        ];
        for text in weak {
            assert_eq!(Pin::new(text).map(drop).unwrap_err().code(), "pin-weak", "{text}");
        }
        for text in ["246813", "correct horse", "一二三四五六七", "112233"] {
            assert!(Pin::new(text).is_ok(), "{text}");
        }
        assert_eq!(format!("{:?}", Pin::new("246813").unwrap()), "Pin(…)");
    }

    #[test]
    fn waits_grow_to_a_quarter_of_an_hour() {
        let waits: Vec<i64> = (0..12).map(wait_s).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900]);
        assert_eq!(wait_s(u32::MAX), 900);
    }

    #[test]
    fn new_vaults_cost_what_is_written() {
        let pin = Pin::new("246813").unwrap();
        let one = Cost::NEW.derive(&pin, &[1; 16]).unwrap();
        let place = crate::seal::Place::new("x.y", b"1");
        let sealed = one.seal(place, b"z").unwrap();
        assert!(Cost::NEW.derive(&pin, &[1; 16]).unwrap().open(place, &sealed).is_ok());
        assert!(Cost::NEW.derive(&pin, &[2; 16]).unwrap().open(place, &sealed).is_err());
        let dearer = Cost { passes: 5, ..Cost::NEW };
        assert!(dearer.derive(&pin, &[1; 16]).unwrap().open(place, &sealed).is_err());
        assert_eq!(
            (Cost::NEW.memory_kib, Cost::NEW.passes, Cost::NEW.lanes),
            (12_288, 6, 1)
        );
    }
}
