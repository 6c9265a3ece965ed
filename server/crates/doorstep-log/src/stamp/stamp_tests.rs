//! Tests of stamps on one that OpenSSL made: what holds, what is refused, and that no bytes make the reader fall over.
//! More authorities, made while testing, are in the tests of the whole (`tests/stamp`).
#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::hash::{base64_decode, sha256};

fn response() -> Vec<u8> {
    base64_decode(sample::RESPONSE).unwrap()
}

fn trusted() -> Authorities {
    Authorities::from_pem(sample::CA.as_bytes()).unwrap()
}

fn expected() -> Expected<'static> {
    Expected {
        imprint: sha256(sample::BODY.as_bytes()),
        nonce: Some(sample::NONCE),
        policy: None,
    }
}

fn stamp() -> Stamp {
    Stamp {
        at_ms: 1_795_341_036_517,
        accuracy_ms: Some(1_501),
        policy: "1.2.3.4.1".to_owned(),
        serial: "02".to_owned(),
    }
}

/// Small numbers from a seed (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

#[test]
fn a_stamp_of_another_program_holds() {
    assert_eq!(verify(&response(), &expected(), &trusted()), Ok(stamp()));
    let by_stranger = Expected {
        nonce: None,
        policy: Some("1.2.3.4.1"),
        ..expected()
    };
    assert_eq!(verify(&response(), &by_stranger, &trusted()), Ok(stamp()));
}

#[test]
fn the_request_is_the_one_that_another_program_writes() {
    let bytes = request(&sha256(sample::BODY.as_bytes()), sample::NONCE);
    assert_eq!(bytes, base64_decode(sample::REQUEST).unwrap());
}

#[test]
fn what_was_not_asked_is_refused() {
    let imprint = sha256(b"other bytes");
    let refused = |expected| verify(&response(), &expected, &trusted());
    assert_eq!(refused(Expected { imprint, ..expected() }), Err(StampError::Imprint));
    let nonce = Some(sample::NONCE + 1);
    assert_eq!(refused(Expected { nonce, ..expected() }), Err(StampError::Nonce));
    let policy = Some("1.2.3.4.2");
    assert_eq!(refused(Expected { policy, ..expected() }), Err(StampError::Policy));
}

#[test]
fn an_answer_without_a_stamp_says_its_status() {
    // PKIStatusInfo with status 2 and the failure badAlg.
    let answer = [0x30, 0x09, 0x30, 0x07, 0x02, 0x01, 0x02, 0x03, 0x02, 0x07, 0x80];
    assert_eq!(
        verify(&answer, &expected(), &trusted()),
        Err(StampError::Refused { status: 2 })
    );
    assert_eq!(
        verify(&vec![0x30; RESPONSE_BYTES_MAX + 1], &expected(), &trusted()),
        Err(StampError::Malformed("answer"))
    );
}

/// Where the status stands in the answer, which nobody signs: two sequences with long and short lengths come before it.
const STATUS: usize = 8;

#[test]
fn a_stamp_that_is_granted_with_modifications_is_one() {
    let mut answer = response();
    assert_eq!(answer[STATUS - 2..=STATUS], [0x02, 0x01, 0]);
    answer[STATUS] = 1;
    assert_eq!(
        verify(&answer, &expected(), &trusted()),
        verify(&response(), &expected(), &trusted())
    );
    assert!(verify(&answer, &expected(), &trusted()).is_ok());
}

#[test]
fn only_certificates_are_taken_as_trusted() {
    let other = sample::CA.replace("MIIBmD", "MIICmD");
    for pem in ["", "no certificate", other.as_str()] {
        assert_eq!(Authorities::from_pem(pem.as_bytes()).err(), Some(StampError::Pem));
    }
    let twice = [sample::CA, sample::CA].concat();
    assert_eq!(Authorities::from_pem(twice.as_bytes()).unwrap().certificates().len(), 2);
}

#[test]
fn every_changed_byte_is_refused() {
    let (whole, trusted, expected) = (response(), trusted(), expected());
    for place in 0..whole.len() {
        for change in [0x01, 0x20, 0x80, 0xff] {
            let mut changed = whole.clone();
            changed[place] ^= change;
            if (place, changed[place]) == (STATUS, 1) {
                continue;
            }
            let found = verify(&changed, &expected, &trusted);
            assert!(found.is_err(), "byte {place} xor {change:#x}: {found:?}");
        }
    }
}

#[test]
fn no_bytes_make_the_reader_fall_over_or_tell_another_time() {
    let (whole, trusted, expected) = (response(), trusted(), expected());
    let request = base64_decode(sample::REQUEST).unwrap();
    let mut dice = Dice(0x0d00_4573);
    for _ in 0..20_000 {
        let mut bytes = if dice.below(8) == 0 {
            request.clone()
        } else {
            whole.clone()
        };
        for _ in 0..=dice.below(4) {
            let place = dice.below(bytes.len().max(1));
            match dice.below(5) {
                0 => bytes.truncate(place),
                1 => bytes.insert(place, dice.below(256) as u8),
                2 => drop(bytes.drain(place..bytes.len().min(place + 1 + dice.below(9)))),
                3 => bytes.extend_from_within(..place),
                _ if bytes.is_empty() => {}
                _ => bytes[place] = dice.below(256) as u8,
            }
        }
        if bytes != whole {
            if let Ok(found) = verify(&bytes, &expected, &trusted) {
                assert_eq!(found, stamp());
            }
            let _ = Authorities::from_pem(&bytes);
        }
    }
}
