//! Tests of batches: they hold exactly where strict verification of each member holds.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use curve25519_dalek::constants::EIGHT_TORSION;
use ed25519_dalek::{Signer as _, SigningKey};
use sha2::Sha512;

fn signer(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

/// Forty messages by three keys.
fn sound() -> Vec<(VerifyingKey, Vec<u8>, [u8; 64])> {
    let one = |number: u8| {
        let (key, message) = (signer(number % 3), vec![number; usize::from(number)]);
        let signature = key.sign(&message).to_bytes();
        (key.verifying_key(), message, signature)
    };
    (0..40).map(one).collect()
}

fn holds(members: &[(VerifyingKey, Vec<u8>, [u8; 64])]) -> bool {
    let mut batch = Batch::new();
    for (key, message, signature) in members {
        let (first, second) = message.split_at(message.len() / 2);
        batch.add(&BatchKey::new(key).unwrap(), &[first, second], signature);
    }
    batch.holds()
}

fn strict((key, message, signature): &(VerifyingKey, Vec<u8>, [u8; 64])) -> bool {
    key.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
}

/// A signature that its owner made with `R + torsion` in place of `R`, so that it holds but for that.
fn with_torsion(number: u8, torsion: EdwardsPoint) -> (VerifyingKey, Vec<u8>, [u8; 64]) {
    let secret = signer(number).to_scalar();
    let key = signer(number).verifying_key();
    let nonce = Scalar::from(987_654_321_u64 + u64::from(number));
    let r = (EdwardsPoint::mul_base(&nonce) + torsion).compress();
    let message = vec![number];
    let digest = Sha512::new()
        .chain_update(r.as_bytes())
        .chain_update(key.as_bytes())
        .chain_update(&message);
    let s = nonce + Scalar::from_bytes_mod_order_wide(&digest.finalize().into()) * secret;
    let signature = [*r.as_bytes(), s.to_bytes()].concat().try_into().unwrap();
    (key, message, signature)
}

#[test]
fn sound_signatures_hold_together() {
    assert!(holds(&sound()));
    assert!(holds(&sound()[..1]));
    let mut batch = Batch::new();
    assert!(batch.is_empty() && batch.holds());
    let (key, message, signature) = &sound()[7];
    batch.add(&BatchKey::new(key).unwrap(), &[message], signature);
    assert_eq!((batch.len(), batch.holds()), (1, true));
    batch.add(&BatchKey::new(key).unwrap(), &[message], &signature[..63]);
    assert!(!batch.holds());
}

#[test]
fn one_wrong_bit_anywhere_breaks_a_batch() {
    for place in 0..64 {
        let mut members = sound();
        members[17].2[place] ^= 1 << (place % 8);
        assert!(!holds(&members), "byte {place} of a signature");
    }
    let mut members = sound();
    members[39].1[5] ^= 1;
    assert!(!holds(&members), "a message");
    let mut members = sound();
    members[3].0 = signer(1).verifying_key();
    assert!(!holds(&members), "a key");
    let mut members = sound();
    let (first, second) = (members[20].2, members[23].2);
    members[20].2 = second;
    members[23].2 = first;
    assert!(!holds(&members), "two signatures of one key exchanged");
}

#[test]
fn points_of_small_order_in_r_never_pass_in_a_batch_as_they_do_not_alone() {
    // The second half undoes the first, so that the plain sum of all residues is zero.
    for torsion in EIGHT_TORSION {
        let pair = [with_torsion(1, torsion), with_torsion(2, -torsion)];
        let sound_pair = torsion.is_identity();
        assert_eq!(pair.each_ref().map(strict), [sound_pair, sound_pair]);
        for copies in 1..40 {
            let members: Vec<_> = (0..copies).flat_map(|_| pair.clone()).collect();
            assert_eq!(holds(&members), sound_pair, "{copies} copies");
        }
    }
}

#[test]
fn a_nonce_of_small_order_and_a_scalar_beyond_the_order_are_refused() {
    let (key, message, signature) = &sound()[4];
    for torsion in EIGHT_TORSION {
        let forged = [torsion.compress().to_bytes().as_slice(), &signature[32..]].concat();
        let member = (*key, message.clone(), forged.try_into().unwrap());
        assert!(!holds(&[member]));
    }
    // s + ℓ says the same in another way.
    let order = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let (mut longer, mut carry) = (*signature, 0_u16);
    for (byte, part) in longer[32..].iter_mut().zip(order) {
        carry += u16::from(*byte) + part;
        *byte = carry as u8;
        carry >>= 8;
    }
    let member = (*key, message.clone(), longer);
    assert!(!strict(&member) && !holds(&[member]));
}

#[test]
fn a_coordinate_beyond_the_prime_is_another_form_of_a_point() {
    let mut encoded = [0xFF; 32];
    encoded[31] = 0x7F;
    for first in 0..=0xFF {
        encoded[0] = first;
        assert_eq!(is_reduced(&encoded), first < 0xED, "{first}");
        let point = CompressedEdwardsY(encoded).decompress();
        if let Some(point) = point {
            assert_eq!(point.compress().as_bytes() == &encoded, is_reduced(&encoded));
        }
    }
    encoded[4] = 0xFE;
    assert!(is_reduced(&encoded));
}

#[test]
fn keys_with_a_part_of_small_order_are_left_to_strict_verification() {
    for torsion in EIGHT_TORSION {
        let point = signer(5).verifying_key().to_edwards() + torsion;
        let key = VerifyingKey::from_bytes(point.compress().as_bytes()).unwrap();
        assert_eq!(BatchKey::new(&key).is_some(), torsion.is_identity());
        let weak = VerifyingKey::from_bytes(torsion.compress().as_bytes()).unwrap();
        assert_eq!(BatchKey::new(&weak), None);
    }
}
