//! C2SP signed notes with Ed25519 keys (signature type 0x01).
//!
//! Knows text and keys, not what the text says. Signatures of unknown keys and of other types, such as
//! witness cosignatures, are carried along and not judged.

use std::cell::RefCell;
use std::fmt;

use ed25519_dalek::hazmat::{ExpandedSecretKey, raw_sign_byupdate};
use ed25519_dalek::{Signature, SignatureError, Signer as _, VerifyingKey};
use sha2::{Digest as _, Sha256, Sha512};

use crate::hash::{base64_decode, base64_encode, hex, sha256_parts};

/// The type byte of a plain Ed25519 signature.
const ED25519: u8 = 0x01;

/// More signature lines than this are refused, so that a hostile note costs little.
const SIGNATURE_LINES_MAX: usize = 100;

/// Why a note or key is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// A key name is empty or holds a plus sign, white space or a control character.
    #[error("key name {0:?} must have at least one character and no plus sign or white space")]
    Name(String),
    /// A verifier key line is not `name+hash+base64` with a sound Ed25519 key.
    #[error("the verifier key line is not name+hash+key with a sound Ed25519 key; copy it again")]
    Key,
    /// The text is not UTF-8, does not end in a newline or holds control characters.
    #[error("the note's text must be UTF-8 that ends in a newline and holds no other control characters")]
    Text,
    /// The signature part is not a blank line followed by well-formed signature lines.
    #[error("signature line {line} of the note is malformed; fetch the note again")]
    Signatures {
        /// 1-based line within the signature part; 0 when the part is missing.
        line: usize,
    },
    /// A trusted key's signature is wrong: the text was changed.
    #[error("the signature of {name} does not fit the text; the note was changed after it was signed")]
    BadSignature {
        /// Name of the key.
        name: String,
    },
    /// A text that is handed out piece by piece was another the second time.
    #[error("the text changed while it was signed; nothing was signed, so try again")]
    Changed,
    /// No trusted key signed the note.
    #[error("none of the trusted keys signed this note; check that you hold the right key")]
    NoTrustedSignature,
}

/// A private key with its name.
pub struct SigningKey {
    name: String,
    key: ed25519_dalek::SigningKey,
}

/// A public key with its name.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    key: VerifyingKey,
}

/// A note whose signatures were checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The signed text, including its last newline.
    pub text: String,
    /// Names of the trusted keys whose signatures hold, in the note's order.
    pub signers: Vec<String>,
}

impl SigningKey {
    /// A key from its 32-byte seed.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        check_name(name)?;
        Ok(Self {
            name: name.to_owned(),
            key: ed25519_dalek::SigningKey::from_bytes(seed),
        })
    }

    /// The same key under another name.
    pub fn renamed(&self, name: &str) -> Result<Self, NoteError> {
        Self::from_seed(name, self.key.as_bytes())
    }

    /// The key's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public half.
    pub fn verifier(&self) -> VerifierKey {
        VerifierKey {
            name: self.name.clone(),
            key: self.key.verifying_key(),
        }
    }
}

impl fmt::Debug for SigningKey {
    /// Shows the name only; the seed never reaches a log file.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SigningKey({})", self.name)
    }
}

impl VerifierKey {
    /// A key from its 32 public bytes; refuses points of small order, for which anyone can sign.
    pub fn new(name: &str, public: &[u8; 32]) -> Result<Self, NoteError> {
        check_name(name)?;
        let key = VerifyingKey::from_bytes(public).map_err(|_| NoteError::Key)?;
        if key.is_weak() {
            return Err(NoteError::Key);
        }
        Ok(Self {
            name: name.to_owned(),
            key,
        })
    }

    /// Reads a vkey line, `<name>+<8 hex digits>+<base64 of 0x01 ‖ key>`.
    pub fn parse(line: &str) -> Result<Self, NoteError> {
        let mut parts = line.splitn(3, '+');
        let (Some(name), Some(_), Some(data)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::Key);
        };
        let bytes = base64_decode(data).ok_or(NoteError::Key)?;
        let (Some((&ED25519, public)), true) = (bytes.split_first(), bytes.len() == 33) else {
            return Err(NoteError::Key);
        };
        let key = Self::new(name, public.try_into().map_err(|_| NoteError::Key)?)?;
        if key.to_string() == line {
            Ok(key)
        } else {
            Err(NoteError::Key)
        }
    }

    /// The same public key under another name.
    pub fn renamed(&self, name: &str) -> Result<Self, NoteError> {
        Self::new(name, self.key.as_bytes())
    }

    /// The key's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The 32 public bytes.
    pub fn public(&self) -> [u8; 32] {
        self.key.to_bytes()
    }

    /// First four bytes of SHA-256(name ‖ newline ‖ type ‖ key): tells keys apart in signature lines.
    fn key_hash(&self) -> [u8; 4] {
        key_hash(&self.name, ED25519, self.key.as_bytes())
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let data = [&[ED25519], self.key.as_bytes().as_slice()].concat();
        write!(out, "{}+{}+{}", self.name, hex(&self.key_hash()), base64_encode(&data))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// Signs `text` with each key, in order.
pub fn sign(text: &str, signers: &[&SigningKey]) -> Result<Vec<u8>, NoteError> {
    check_text(text)?;
    let mut note = format!("{text}\n");
    for signer in signers {
        note.push_str(&line_of(signer, signer.key.sign(text.as_bytes())));
    }
    Ok(note.into_bytes())
}

/// The signature line under a text that is too long to be held. `hand_out` hands the whole text out, piece by piece, as
/// often as it is called; it is a text that [`sign`] would take. Ed25519 reads what it signs twice, and two texts under the
/// secret of one signature would give the key away: where the second differs from the first, nothing is signed.
pub(crate) fn sign_in_pieces<E: From<NoteError>>(
    signer: &SigningKey,
    hand_out: impl FnMut(&mut dyn FnMut(&[u8])) -> Result<(), E>,
) -> Result<String, E> {
    let (first, failed) = (RefCell::new(None), RefCell::new(None));
    let hand_out = RefCell::new(hand_out);
    let read = |hasher: &mut Sha512| {
        let mut sum = Sha256::new();
        let handed = hand_out.borrow_mut()(&mut |piece| {
            hasher.update(piece);
            sum.update(piece);
        });
        if let Err(error) = handed {
            *failed.borrow_mut() = Some(error);
            return Err(SignatureError::new());
        }
        let sum = sum.finalize();
        let same = *first.borrow_mut().get_or_insert(sum) == sum;
        if same { Ok(()) } else { Err(SignatureError::new()) }
    };
    let secret = ExpandedSecretKey::from(signer.key.as_bytes());
    let signature = raw_sign_byupdate::<Sha512, _>(&secret, read, &signer.key.verifying_key());
    match (signature, failed.into_inner()) {
        (Ok(signature), _) => Ok(line_of(signer, signature)),
        (Err(_), Some(error)) => Err(error),
        (Err(_), None) => Err(NoteError::Changed.into()),
    }
}

fn line_of(signer: &SigningKey, signature: Signature) -> String {
    let data = [signer.verifier().key_hash().as_slice(), &signature.to_bytes()].concat();
    signature_line(&signer.name, &data)
}

/// Opens a note: every signature line must be well formed, every signature of a trusted key must hold and
/// at least one must be there. Lines of unknown keys are ignored.
pub fn open(note: &[u8], trusted: &[VerifierKey]) -> Result<Opened, NoteError> {
    let (text, lines) = split_signed(note)?;
    let mut signers = Vec::new();
    for (place, line) in lines.into_iter().enumerate() {
        let SignatureLine {
            name,
            key_hash,
            signature,
        } = line;
        let known = trusted
            .iter()
            .find(|key| key.name == name && key.key_hash() == key_hash);
        let Some(key) = known else { continue };
        if signers.contains(&key.name) {
            return Err(NoteError::Signatures { line: place + 1 });
        }
        let bad = || NoteError::BadSignature { name: name.to_owned() };
        let signature = Signature::from_slice(&signature).map_err(|_| bad())?;
        key.key.verify_strict(text.as_bytes(), &signature).map_err(|_| bad())?;
        signers.push(key.name.clone());
    }
    if signers.is_empty() {
        Err(NoteError::NoTrustedSignature)
    } else {
        Ok(Opened {
            text: text.to_owned(),
            signers,
        })
    }
}

/// The text of a note whose signatures are **not** checked, for showing what an untrusted note claims.
pub fn text_unverified(note: &[u8]) -> Result<&str, NoteError> {
    split(note).map(|(text, _)| text)
}

/// A signature line of a note, taken apart and not judged.
pub(crate) struct SignatureLine<'n> {
    /// Name of the key.
    pub(crate) name: &'n str,
    /// Tells keys of one name apart.
    pub(crate) key_hash: [u8; 4],
    /// What follows the key's hash, at least one byte.
    pub(crate) signature: Vec<u8>,
}

/// The lines of one key in a note, as they are written.
pub(crate) fn lines_of(note: &[u8], key: &VerifierKey) -> Result<String, NoteError> {
    let (_, lines) = split_signed(note)?;
    let own = lines
        .iter()
        .filter(|line| line.name == key.name && line.key_hash == key.key_hash());
    let written = own.map(|line| signature_line(line.name, &[&line.key_hash[..], &line.signature].concat()));
    Ok(written.collect())
}

/// Whether a note bears one signature line and no other: then whoever checks that one has checked every byte.
pub(crate) fn is_signed_once(note: &[u8]) -> bool {
    split_signed(note).is_ok_and(|(_, lines)| lines.len() == 1)
}

/// The text of a note and its signature lines, all of which must be well formed.
pub(crate) fn split_signed(note: &[u8]) -> Result<(&str, Vec<SignatureLine<'_>>), NoteError> {
    let (text, lines) = split(note)?;
    let parsed = lines.iter().enumerate().map(|(place, line)| {
        let parsed = parse_signature(line).filter(|_| place < SIGNATURE_LINES_MAX);
        parsed.ok_or(NoteError::Signatures { line: place + 1 })
    });
    Ok((text, parsed.collect::<Result<_, _>>()?))
}

/// One signature line with its newline; `data` is the key's hash and the signature.
pub(crate) fn signature_line(name: &str, data: &[u8]) -> String {
    format!("\u{2014} {name} {}\n", base64_encode(data))
}

/// First four bytes of SHA-256(name ‖ newline ‖ type ‖ key).
pub(crate) fn key_hash(name: &str, kind: u8, public: &[u8]) -> [u8; 4] {
    let hash = sha256_parts(&[name.as_bytes(), b"\n", &[kind], public]);
    [hash.0[0], hash.0[1], hash.0[2], hash.0[3]]
}

fn split(note: &[u8]) -> Result<(&str, Vec<&str>), NoteError> {
    let note = std::str::from_utf8(note).map_err(|_| NoteError::Text)?;
    let middle = note.rfind("\n\n").ok_or(NoteError::Signatures { line: 0 })?;
    let text = &note[..=middle];
    check_text(text)?;
    let lines = note[middle + 2..]
        .strip_suffix('\n')
        .ok_or(NoteError::Signatures { line: 0 })?;
    Ok((text, lines.split('\n').collect()))
}

fn parse_signature(line: &str) -> Option<SignatureLine<'_>> {
    let (name, data) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
    check_name(name).ok()?;
    let bytes = base64_decode(data)?;
    let (key_hash, signature) = bytes.split_first_chunk::<4>()?;
    (!signature.is_empty()).then(|| SignatureLine {
        name,
        key_hash: *key_hash,
        signature: signature.to_vec(),
    })
}

pub(crate) fn check_name(name: &str) -> Result<(), NoteError> {
    let bad = |symbol: char| symbol == '+' || symbol.is_whitespace() || symbol.is_control();
    if name.is_empty() || name.contains(bad) {
        Err(NoteError::Name(name.to_owned()))
    } else {
        Ok(())
    }
}

pub(crate) fn check_text(text: &str) -> Result<(), NoteError> {
    let control = |symbol: char| symbol < '\u{20}' && symbol != '\n';
    if text.ends_with('\n') && !text.contains(control) {
        Ok(())
    } else {
        Err(NoteError::Text)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// Made with OpenSSL and the words of the specification, not with this crate. Seed: bytes 0 to 31.
    const VKEY: &str = "example.org/doors/events+b5d9fe6d+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
    const NOTE: &str = "a door\nand another\n\n\u{2014} example.org/doors/events tdn+bf7CraNFivM2yVvvzu3RqwQNDsmBHa8IC2ARUAFdiNECsmXUlCZLqH9Ql1VPdzcQIw4r5Rw6ZR/v42gK3loMEQE=\n";

    #[test]
    fn a_note_made_by_another_program_opens_and_is_made_again() {
        let key = VerifierKey::parse(VKEY).unwrap();
        assert_eq!(key.to_string(), VKEY);
        let opened = open(NOTE.as_bytes(), &[key]).unwrap();
        assert_eq!(opened.text, "a door\nand another\n");
        assert_eq!(opened.signers, ["example.org/doors/events"]);
        let seed: [u8; 32] = std::array::from_fn(|place| place as u8);
        let signer = SigningKey::from_seed("example.org/doors/events", &seed).unwrap();
        assert_eq!(sign(&opened.text, &[&signer]).unwrap(), NOTE.as_bytes());
    }

    #[test]
    fn a_text_in_pieces_is_signed_as_a_whole_one_is() {
        let signer = SigningKey::from_seed("example.org/t", &[4; 32]).unwrap();
        let whole = sign("a door\nand another\n", &[&signer]).unwrap();
        let line = sign_in_pieces::<NoteError>(&signer, |take| {
            take(b"a door\nand");
            take(b" another\n");
            Ok(())
        });
        let note = format!("a door\nand another\n\n{}", line.unwrap());
        assert_eq!(note.as_bytes(), whole);
        let mut times = 0;
        let changed = sign_in_pieces::<NoteError>(&signer, |take| {
            times += 1;
            take(&[times]);
            Ok(())
        });
        assert_eq!((changed, times), (Err(NoteError::Changed), 2));
        let failed = sign_in_pieces(&signer, |_| Err(NoteError::Text));
        assert_eq!(failed, Err(NoteError::Text));
    }

    #[test]
    fn two_signers_open_with_either_and_unknown_ones_are_ignored() {
        let (first, second) = (
            SigningKey::from_seed("a", &[1; 32]).unwrap(),
            SigningKey::from_seed("b", &[2; 32]).unwrap(),
        );
        let note = sign("text\n\nmore\n", &[&first, &second]).unwrap();
        assert_eq!(open(&note, &[second.verifier()]).unwrap().signers, ["b"]);
        assert_eq!(
            open(&note, &[first.verifier(), second.verifier()]).unwrap().signers,
            ["a", "b"]
        );
        let stranger = SigningKey::from_seed("a", &[3; 32]).unwrap();
        assert_eq!(open(&note, &[stranger.verifier()]), Err(NoteError::NoTrustedSignature));
        assert_eq!(text_unverified(&note), Ok("text\n\nmore\n"));
    }

    #[test]
    fn every_flipped_byte_is_noticed() {
        let key = VerifierKey::parse(VKEY).unwrap();
        for place in 0..NOTE.len() {
            for bit in 0..8 {
                let mut bytes = NOTE.as_bytes().to_vec();
                bytes[place] ^= 1 << bit;
                assert!(
                    open(&bytes, std::slice::from_ref(&key)).is_err(),
                    "bit {bit} of byte {place}"
                );
            }
        }
    }

    #[test]
    fn malformed_notes_and_keys_are_refused() {
        let key = VerifierKey::parse(VKEY).unwrap();
        let refused = [
            "",
            "text\n",
            "text\n\n",
            "text\n\nnot a signature\n",
            "te\u{7}xt\n\n\u{2014} a AAAAAAA=\n",
            "\n\n",
        ];
        for note in refused {
            assert!(open(note.as_bytes(), std::slice::from_ref(&key)).is_err(), "{note:?}");
        }
        let twice = format!("{NOTE}{}", NOTE.split_once("\n\n").unwrap().1);
        assert_eq!(open(twice.as_bytes(), &[key]), Err(NoteError::Signatures { line: 2 }));
        for line in [
            "",
            "a+b",
            &VKEY.replace("b5d9", "B5D9"),
            &VKEY.replace("+AQ", "+BA"),
            &format!("{VKEY}\n"),
        ] {
            assert_eq!(VerifierKey::parse(line), Err(NoteError::Key), "{line:?}");
        }
        assert!(matches!(
            SigningKey::from_seed("a b", &[0; 32]),
            Err(NoteError::Name(_))
        ));
        assert_eq!(sign("no newline", &[]), Err(NoteError::Text));
        // The neutral element is a point for which every message has a valid signature.
        let mut weak = [0; 32];
        weak[0] = 1;
        assert_eq!(VerifierKey::new("a", &weak), Err(NoteError::Key));
    }
}
