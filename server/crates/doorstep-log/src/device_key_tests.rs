//! Tests of device keys against vectors that other programs made: RFC 6979, A.2.5, and OpenSSL 3.0.

use super::*;
use crate::hash::{hex, sha256};

/// The key of RFC 6979, A.2.5.
const RFC_KEY: &str = "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6\
                       7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
/// Its signature of "sample" with SHA-256, whose `s` is the higher one.
const RFC_SAMPLE: &str = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716\
                          f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
/// Its signature of "test" with SHA-256, whose `s` is the lower one.
const RFC_TEST: &str = "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367\
                        019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083";

/// A key of `openssl ecparam -name prime256v1 -genkey`.
const OPENSSL_KEY: &str = "04eabc85cf5c324d3767614a23cb51150afb8134bdc300b40595bb1d981908b45e\
                           799c1176a81d1b82851d22d87d47b96e22ebdc6e087a600133dfcb372f34b5c5";
const OPENSSL_MESSAGE: &[u8] = b"doorstep/hdr/v1\nan event";
/// Signatures of `openssl dgst -sha256 -sign`: a higher `s`, and two lower ones.
const OPENSSL_HIGH: &str = "4a5175e40166763e2284b6c9b9862f8a559c1213aa68d9a01caa89ae2aba69e0\
                            9c099a6b3d79ca524f839e23be8680248b4c217a7df4c2a8a6ac0686b8eb11b0";
const OPENSSL_LOW: [&str; 2] = [
    "0f5999056b44ccb1a8a3933f7b96a1658187965bc4dd897417f8327d307c74d6\
     19386ac1248addce98eef97661d1a88dc4ea8e3b10753841eda5d988af81acb8",
    "e017e3f9a668ee54de5b06192545e38eb5c5fc41845462265f93707e927279f4\
     206833c718d145ba6faddc616079399cb995de30fca3576634ec98d129e2efe9",
];

fn bytes(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().filter(char::is_ascii_hexdigit).collect();
    let pairs = digits.chunks(2).map(|pair| pair.iter().collect::<String>());
    pairs.map(|pair| u8::from_str_radix(&pair, 16).unwrap()).collect()
}

fn es256(text: &str) -> DeviceKey {
    DeviceKey::parse(&Algorithm::Es256, &bytes(text)).unwrap()
}

fn low(text: &str) -> Vec<u8> {
    es256_low(bytes(text).try_into().unwrap()).to_vec()
}

#[test]
fn signatures_of_other_programs_verify_with_the_low_s_only() {
    let rfc = es256(RFC_KEY);
    assert!(rfc.verifies(b"test", &bytes(RFC_TEST)));
    assert!(!rfc.verifies(b"sample", &bytes(RFC_SAMPLE)), "the other encoding");
    assert!(rfc.verifies(b"sample", &low(RFC_SAMPLE)));
    let openssl = es256(OPENSSL_KEY);
    for text in OPENSSL_LOW {
        assert!(openssl.verifies(OPENSSL_MESSAGE, &bytes(text)));
        assert_eq!(low(text), bytes(text), "what is low stays");
    }
    assert!(!openssl.verifies(OPENSSL_MESSAGE, &bytes(OPENSSL_HIGH)));
    assert!(openssl.verifies(OPENSSL_MESSAGE, &low(OPENSSL_HIGH)));
    assert!(!openssl.verifies(b"sample", &low(RFC_SAMPLE)) && !rfc.verifies(b"test", &low(RFC_SAMPLE)));
}

#[test]
fn the_middle_of_the_order_divides_low_from_high() {
    let with = |s: [u8; 32]| -> [u8; SIGNATURE_BYTES] { [[7; 32], s].concat().try_into().unwrap() };
    assert_eq!(es256_low(with(HALF_ORDER)), with(HALF_ORDER));
    let mut above = HALF_ORDER;
    above[31] += 1;
    // Half and half plus one add up to the odd order.
    assert_eq!(es256_low(with(above)), with(HALF_ORDER));
    let mut last = ORDER;
    last[31] -= 1;
    let mut one = [0; 32];
    one[31] = 1;
    assert_eq!(es256_low(with(last)), with(one));
}

#[test]
fn every_flipped_bit_is_noticed() {
    let key = es256(RFC_KEY);
    let sig = bytes(RFC_TEST);
    for bit in 0..sig.len() * 8 {
        let mut bent = sig.clone();
        bent[bit / 8] ^= 1 << (bit % 8);
        assert!(!key.verifies(b"test", &bent), "bit {bit} of the signature");
    }
    for bit in 0..ES256_KEY_BYTES * 8 {
        let mut bent = bytes(RFC_KEY);
        bent[bit / 8] ^= 1 << (bit % 8);
        let read = DeviceKey::parse(&Algorithm::Es256, &bent);
        assert!(
            read.is_none_or(|key| !key.verifies(b"test", &sig)),
            "bit {bit} of the key"
        );
    }
    for length in [0, 63, 65] {
        assert!(!key.verifies(b"test", &vec![1; length]));
    }
    assert!(!key.verifies(b"test", &[0; 64]), "zero is no signature");
}

#[test]
fn keys_have_one_encoding() {
    let parse = DeviceKey::parse;
    let whole = bytes(RFC_KEY);
    // Compressed, hybrid, without the first byte, and a key of the other kind.
    let compressed = [&[2], &whole[1..33]].concat();
    let hybrid = [&[6], &whole[1..]].concat();
    for other in [&compressed[..], &hybrid, &whole[1..], &whole[1..33], &[]] {
        assert_eq!(parse(&Algorithm::Es256, other), None, "{}", hex(other));
    }
    assert_eq!(parse(&Algorithm::Ed25519, &whole), None);
    assert_eq!(parse(&Algorithm::Ed25519, &[0; 32]), None, "a weak key");
    assert_eq!(parse(&Algorithm::from_name("RS256".to_owned()), &whole), None);
    let ed25519 = parse(&Algorithm::Ed25519, &crate::chain::public_key(&sha256(b"seed").0)).unwrap();
    for key in [es256(RFC_KEY), ed25519] {
        assert_eq!(parse(&key.algorithm(), key.as_bytes()), Some(key));
    }
}
