//! Cosignatures of witnesses with Ed25519 keys (C2SP tlog-cosignature, signature type 0x04).
//!
//! A cosignature is a signature line of a checkpoint's note. It says: as of this time, this is the largest tree of the
//! log that the witness has seen, and it extends every earlier one. Judges one line at a time or a whole note; what a
//! set of cosigners is worth is `policy`'s matter.

use std::fmt;

use ed25519_dalek::{Signature, Signer as _, VerifyingKey};

use crate::hash::{base64_decode, base64_encode, hex};
use crate::note::{self, NoteError};

/// The type byte of a timestamped Ed25519 cosignature.
const COSIGNATURE: u8 = 0x04;

/// The type byte of an ML-DSA-44 cosignature, and the length of such a key.
const ML_DSA_44: u8 = 0x06;
const ML_DSA_44_BYTES: usize = 1312;

/// The latest time that a cosignature may state, as the specification says.
const TIME_S_MAX: u64 = i64::MAX as u64;

/// Why a cosignature or a witness's key is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CosignatureError {
    /// The line is not `name+hash+base64` with a sound Ed25519 key of type 0x04.
    #[error("the witness's key is not name+hash+key with an Ed25519 key of type 4; ask the witness for its vkey line")]
    Key,
    /// The note around it is malformed.
    #[error("the note does not hold: {0}")]
    Note(#[from] NoteError),
    /// A known witness's line is not key hash, time and signature.
    #[error("the cosignature of {name} has a wrong form; ask the witness again")]
    Form {
        /// Name of the witness.
        name: String,
    },
    /// A known witness's signature is wrong: checkpoint or time were changed.
    #[error("the cosignature of {name} does not fit the checkpoint; one of them was changed")]
    Bad {
        /// Name of the witness.
        name: String,
    },
    /// One witness cosigned twice.
    #[error("the note holds two cosignatures of {name}; one is enough, remove the other")]
    Twice {
        /// Name of the witness.
        name: String,
    },
}

impl CosignatureError {
    /// The witness whose line it is about.
    pub fn witness(&self) -> Option<&str> {
        match self {
            Self::Form { name } | Self::Bad { name } | Self::Twice { name } => Some(name),
            Self::Key | Self::Note(_) => None,
        }
    }
}

/// A witness's private key with its name.
pub struct CosignerKey {
    name: String,
    key: ed25519_dalek::SigningKey,
}

/// A witness's public key with its name.
#[derive(Clone, PartialEq, Eq)]
pub struct Cosigner {
    name: String,
    key: VerifyingKey,
}

/// A cosignature that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosignature {
    /// Name of the witness.
    pub witness: String,
    /// When it was made, by the witness's clock: seconds since 1970 UTC.
    pub time_s: u64,
    /// The signature line, with its newline.
    pub line: String,
}

impl CosignerKey {
    /// A key from its 32-byte seed.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, CosignatureError> {
        note::check_name(name)?;
        Ok(Self {
            name: name.to_owned(),
            key: ed25519_dalek::SigningKey::from_bytes(seed),
        })
    }

    /// The witness's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public half.
    pub fn cosigner(&self) -> Cosigner {
        Cosigner {
            name: self.name.clone(),
            key: self.key.verifying_key(),
        }
    }

    /// The signature line over a checkpoint's text at `time_s` (seconds since 1970 UTC), with its newline.
    pub fn cosign(&self, text: &str, time_s: u64) -> Result<String, CosignatureError> {
        note::check_text(text)?;
        if time_s > TIME_S_MAX {
            return Err(CosignatureError::Form {
                name: self.name.clone(),
            });
        }
        let signature = self.key.sign(message(text, time_s).as_bytes());
        let key_hash = self.cosigner().key_hash();
        let data = [&key_hash[..], &time_s.to_be_bytes(), &signature.to_bytes()].concat();
        Ok(note::signature_line(&self.name, &data))
    }
}

impl fmt::Debug for CosignerKey {
    /// Shows the name only; the seed never reaches a log file.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "CosignerKey({})", self.name)
    }
}

impl Cosigner {
    /// A key from its 32 public bytes; refuses points of small order, for which anyone can sign.
    pub fn new(name: &str, public: &[u8; 32]) -> Result<Self, CosignatureError> {
        note::check_name(name)?;
        let key = VerifyingKey::from_bytes(public).map_err(|_| CosignatureError::Key)?;
        if key.is_weak() {
            return Err(CosignatureError::Key);
        }
        Ok(Self {
            name: name.to_owned(),
            key,
        })
    }

    /// Reads a vkey line, `<name>+<8 hex digits>+<base64 of 0x04 ‖ key>`; refuses every other spelling.
    pub fn parse(line: &str) -> Result<Self, CosignatureError> {
        let mut parts = line.splitn(3, '+');
        let (Some(name), Some(_), Some(data)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(CosignatureError::Key);
        };
        let bytes = base64_decode(data).ok_or(CosignatureError::Key)?;
        let (Some((&COSIGNATURE, public)), true) = (bytes.split_first(), bytes.len() == 33) else {
            return Err(CosignatureError::Key);
        };
        let key = Self::new(name, public.try_into().map_err(|_| CosignatureError::Key)?)?;
        if key.to_string() == line {
            Ok(key)
        } else {
            Err(CosignatureError::Key)
        }
    }

    /// The witness's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The 32 public bytes.
    pub fn public(&self) -> [u8; 32] {
        self.key.to_bytes()
    }

    /// First four bytes of SHA-256(name ‖ newline ‖ type ‖ key).
    fn key_hash(&self) -> [u8; 4] {
        note::key_hash(&self.name, COSIGNATURE, self.key.as_bytes())
    }

    /// This witness's cosignature in a note, if there is one: it must hold, and be the only one.
    pub fn find(&self, signed: &[u8]) -> Result<Option<Cosignature>, CosignatureError> {
        let (text, lines) = note::split_signed(signed)?;
        let mut found = None;
        for line in lines {
            if line.name != self.name || line.key_hash != self.key_hash() {
                continue;
            }
            if found.is_some() {
                return Err(CosignatureError::Twice {
                    name: self.name.clone(),
                });
            }
            let time_s = self.check(text, &line.signature)?;
            let data = [&line.key_hash[..], &line.signature].concat();
            found = Some(Cosignature {
                witness: self.name.clone(),
                time_s,
                line: note::signature_line(&self.name, &data),
            });
        }
        Ok(found)
    }

    /// Checks time and signature of a line; gives back the time.
    fn check(&self, text: &str, data: &[u8]) -> Result<u64, CosignatureError> {
        let form = || CosignatureError::Form {
            name: self.name.clone(),
        };
        let (time, signature) = data.split_first_chunk::<8>().ok_or_else(form)?;
        let time_s = u64::from_be_bytes(*time);
        let signature = Signature::from_slice(signature).map_err(|_| form())?;
        if time_s > TIME_S_MAX {
            return Err(form());
        }
        self.key
            .verify_strict(message(text, time_s).as_bytes(), &signature)
            .map_err(|_| CosignatureError::Bad {
                name: self.name.clone(),
            })?;
        Ok(time_s)
    }
}

impl fmt::Display for Cosigner {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let data = [&[COSIGNATURE], self.key.as_bytes().as_slice()].concat();
        write!(out, "{}+{}+{}", self.name, hex(&self.key_hash()), base64_encode(&data))
    }
}

impl fmt::Debug for Cosigner {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// The public key of a vkey line of a witness with an ML-DSA-44 key, whose signatures cannot be checked here; `None` for
/// every other line and spelling.
pub(crate) fn of_other_type(line: &str) -> Option<Vec<u8>> {
    let mut parts = line.splitn(3, '+');
    let (name, _, data) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes = base64_decode(data)?;
    let (kind, public) = bytes.split_first()?;
    note::check_name(name).ok()?;
    let hash = note::key_hash(name, *kind, public);
    let is_sound =
        *kind == ML_DSA_44 && public.len() == ML_DSA_44_BYTES && format!("{name}+{}+{data}", hex(&hash)) == line;
    is_sound.then(|| public.to_vec())
}

/// What a witness signs.
fn message(text: &str, time_s: u64) -> String {
    format!("cosignature/v1\ntime {time_s}\n{text}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::note::SigningKey;

    /// Key and cosignature made with the Python package aics-tlog 0.2.1, not with this crate. Seed: bytes 32 to 63.
    const VKEY: &str = "witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X";
    const TEXT: &str = "d/t/events\n20\nn5EWH0NDPkmm3m22gNefYBWfLkrJFyYhoShGQoFYRAs=\n";
    const LINE: &str = "\u{2014} witness.example/w1 IDJKvgAAAABkGFDLw/jazetOjRK4IbMy6SDwgzi/Ak//lD6M0tuuRH9j28CZj4wzEL2nnCJI6O6bnqBsAhupUKk29sGmwueJUceBCw==\n";

    fn seed() -> [u8; 32] {
        std::array::from_fn(|place| place as u8 + 32)
    }

    #[test]
    fn a_cosignature_made_by_another_program_holds_and_is_made_again() {
        let witness = Cosigner::parse(VKEY).unwrap();
        assert_eq!(witness.to_string(), VKEY);
        let note = format!("{TEXT}\n{LINE}");
        let found = witness.find(note.as_bytes()).unwrap().unwrap();
        assert_eq!(
            (found.witness.as_str(), found.time_s),
            ("witness.example/w1", 1_679_315_147)
        );
        assert_eq!(found.line, LINE);
        let key = CosignerKey::from_seed("witness.example/w1", &seed()).unwrap();
        assert_eq!(key.cosigner(), witness);
        assert_eq!(key.cosign(TEXT, 1_679_315_147).unwrap(), LINE);
        assert!(!format!("{key:?}").contains("IDJK"), "a key shows its name only");
    }

    #[test]
    fn the_logs_own_line_and_strangers_are_passed_over() {
        let log = SigningKey::from_seed("d/t/events", &[1; 32]).unwrap();
        let witness = Cosigner::parse(VKEY).unwrap();
        let signed = String::from_utf8(note::sign(TEXT, &[&log]).unwrap()).unwrap();
        assert_eq!(witness.find(signed.as_bytes()), Ok(None));
        let both = format!("{signed}{LINE}");
        assert!(witness.find(both.as_bytes()).unwrap().is_some());
        assert!(note::open(both.as_bytes(), &[log.verifier()]).is_ok());
        let stranger = CosignerKey::from_seed("witness.example/w1", &[9; 32]).unwrap();
        assert_eq!(stranger.cosigner().find(both.as_bytes()), Ok(None));
        let twice = format!("{both}{LINE}");
        assert!(matches!(
            witness.find(twice.as_bytes()),
            Err(CosignatureError::Twice { .. })
        ));
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let witness = Cosigner::parse(VKEY).unwrap();
        let note = format!("{TEXT}\n{LINE}");
        for place in 0..note.len() {
            for bit in 0..8 {
                let mut bytes = note.as_bytes().to_vec();
                bytes[place] ^= 1 << bit;
                let found = witness.find(&bytes);
                assert!(!matches!(found, Ok(Some(_))), "bit {bit} of byte {place}");
            }
        }
    }

    #[test]
    fn other_forms_are_refused() {
        let witness = Cosigner::parse(VKEY).unwrap();
        let line = |data: &[u8]| note::signature_line("witness.example/w1", data);
        let decoded = base64_decode(LINE.trim_end().rsplit_once(' ').unwrap().1).unwrap();
        let late = [&decoded[..4], &u64::MAX.to_be_bytes(), &decoded[12..]].concat();
        for data in [&decoded[..75], &[&decoded[..], &[0]].concat(), &decoded[..6], &late] {
            let note = format!("{TEXT}\n{}", line(data));
            let found = witness.find(note.as_bytes());
            assert!(matches!(found, Err(CosignatureError::Form { .. })), "{found:?}");
        }
        let key = CosignerKey::from_seed("w", &[1; 32]).unwrap();
        assert!(key.cosign(TEXT, u64::MAX).is_err());
        assert!(key.cosign("no newline", 1).is_err());
        for line in [
            "",
            "a+b",
            &VKEY.replace("20324abe", "20324ABE"),
            &VKEY.replace("+BC", "+AC"),
            &format!("{VKEY}\n"),
        ] {
            assert_eq!(Cosigner::parse(line), Err(CosignatureError::Key), "{line:?}");
        }
    }
}
