//! Seeded mutations of a corpus for every parser of the log: none panics, and what one takes is byte for byte what the
//! writer makes of it, so that no value has two forms. `fuzz/` has the same properties for cargo-fuzz.
#![allow(clippy::unwrap_used, reason = "tests")]

use crate::checkpoint::Checkpoint;
use crate::export::{ExportKind, Manifest, ManifestFile, Opening};
use crate::hash::{ZERO, leaf_hash, sha256};
use crate::joined::Joining;
use crate::leaf::{Algorithm, CheckpointSeen, DeviceEvent, Header, Leaf, ServerEntry};
use crate::note::{self, SigningKey, VerifierKey};
use crate::proof::Proof;
use crate::tile::{TileId, decode_bundle, decode_tile, encode_bundle, encode_tile};

/// Mutated inputs for each parser.
const ROUNDS: usize = 20_000;

/// Pieces that parsers look for.
const WORDS: &[&str] = &[
    "\n",
    "\n\n",
    "\u{2014} ",
    " ",
    "=",
    "==",
    "+",
    "-",
    "0",
    "-0",
    "00",
    "1e3",
    "1.0",
    "\"",
    "\\",
    "\\u0041",
    "\\u00e9",
    "{}",
    "[]",
    "null",
    ",",
    ":",
    "\"v\":1",
    "\"v\":2",
    "9007199254740993",
    "18446744073709551616",
    "index ",
    "extra ",
    ".p/",
    "x001/",
    "../",
    "/",
    "\0",
    "\r",
    "\t",
    "\u{feff}",
    "\u{202e}",
    "A",
    "AA==",
    "doorstep.export/v1\n",
    "c2sp.org/tlog-proof@v1\n",
];

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    /// One to four changes of an item of the corpus.
    fn mutate(&mut self, corpus: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = corpus[self.below(corpus.len())].clone();
        for _ in 0..=self.below(4) {
            let (from, to) = (self.below(bytes.len() + 1), self.below(bytes.len() + 1));
            let range = from.min(to)..from.max(to);
            match self.below(8) {
                0 if from < bytes.len() => bytes[from] ^= 1 << self.below(8),
                1 if from < bytes.len() => bytes[from] = self.next() as u8,
                2 if from < bytes.len() => drop(bytes.remove(from)),
                3 => drop(bytes.drain(range)),
                4 => drop(bytes.splice(from..from, bytes[range].to_vec())),
                5 => bytes.truncate(from),
                6 => {
                    let other = &corpus[self.below(corpus.len())];
                    let cut = self.below(other.len() + 1);
                    drop(bytes.splice(range, other[cut..].iter().copied()));
                }
                _ => drop(bytes.splice(from..from, WORDS[self.below(WORDS.len())].bytes())),
            }
        }
        bytes
    }
}

/// Runs `check` on the corpus, which it must take, and on mutations of it. `check` says whether the parser took the input.
fn fuzz(seed: u64, corpus: &[Vec<u8>], check: impl Fn(&[u8]) -> bool) {
    assert!(corpus.iter().all(|item| check(item)), "the corpus is sound");
    let mut dice = Dice(seed);
    let taken = (0..ROUNDS).filter(|_| check(&dice.mutate(corpus))).count();
    assert!(taken < ROUNDS, "mutations reach the refusals");
}

fn key(name: &str) -> SigningKey {
    SigningKey::from_seed(name, &[1; 32]).unwrap()
}

fn checkpoints() -> Vec<Checkpoint> {
    let one = |size: u64| Checkpoint {
        origin: "d/t/events".to_owned(),
        size,
        root: sha256(&size.to_be_bytes()),
    };
    [0, 1, 300, u64::MAX].map(one).into()
}

fn notes() -> Vec<Vec<u8>> {
    let own = key("d/t/events");
    let other = SigningKey::from_seed("w", &[2; 32]).unwrap();
    let mut notes: Vec<_> = checkpoints()
        .iter()
        .map(|one| one.sign(&[&own, &other]).unwrap())
        .collect();
    notes.push(note::sign("text\n\nmore\n", &[&other, &own]).unwrap());
    notes
}

fn header() -> Header {
    Header {
        dev: "d1".to_owned(),
        dseq: 7,
        prev: ZERO,
        eid: "0190a1b2-c3d4-7e5f-8a6b-000000000001".to_owned(),
        kind: "door.\"é\u{1f600}\n".to_owned(),
        visit: Some("v1".to_owned()),
        subj: vec!["s1".to_owned(), "s2".to_owned()],
        wall_ms: -5,
        mono_ms: 10,
        boot: "b".to_owned(),
        tz_min: 480,
        loc_q: Some("good".to_owned()),
        rules: Some(ZERO),
        app: "test".to_owned(),
        cp: Some(CheckpointSeen { size: 5, root: ZERO }),
        pc: Some(ZERO),
        att: vec![ZERO],
        extra: [("zz".to_owned(), vec_value())].into(),
    }
}

fn vec_value() -> crate::canonical::Value {
    crate::canonical::decode(br#"[true,{"a":-1,"b":[]},"\u001f"]"#).unwrap()
}

fn leaves() -> Vec<Vec<u8>> {
    let event = DeviceEvent {
        ten: "t".to_owned(),
        seq_hint: 3,
        recv_ms: 1000,
        kid: "k1".to_owned(),
        alg: Algorithm::Ed25519,
        sig: vec![7; 64],
        hdr: header().encode().unwrap(),
    };
    let entry = ServerEntry {
        ten: "t".to_owned(),
        t: "plan.published".to_owned(),
        recv_ms: 1000,
        actor: "u1".to_owned(),
        session: Some("x".to_owned()),
        subj: vec!["s1".to_owned()],
        visit: Some("v".to_owned()),
        reason: Some("r".to_owned()),
        pc: Some(ZERO),
        eid: Some("e".to_owned()),
        detail: [("list".to_owned(), vec_value())].into(),
    };
    [Leaf::Device(event), Leaf::Server(entry)]
        .map(|leaf| leaf.encode().unwrap())
        .into()
}

#[test]
fn notes_that_open_say_what_was_signed() {
    let trusted = [key("d/t/events").verifier()];
    let signed: Vec<String> = notes()
        .iter()
        .map(|note| note::text_unverified(note).unwrap().to_owned())
        .collect();
    fuzz(1, &notes(), |bytes| {
        let opened = note::open(bytes, &trusted);
        if let Ok(opened) = &opened {
            assert!(signed.contains(&opened.text), "{:?}", opened.text);
            assert_eq!(note::text_unverified(bytes), Ok(opened.text.as_str()));
        }
        opened.is_ok()
    });
}

#[test]
fn verifier_keys_have_one_form() {
    let corpus: Vec<Vec<u8>> = ["a", "d/t/events"]
        .map(|name| key(name).verifier().to_string().into_bytes())
        .into();
    fuzz(2, &corpus, |bytes| {
        let key = std::str::from_utf8(bytes)
            .ok()
            .and_then(|line| VerifierKey::parse(line).ok());
        key.inspect(|key| assert_eq!(key.to_string().as_bytes(), bytes))
            .is_some()
    });
}

#[test]
fn checkpoints_have_one_form() {
    let corpus: Vec<Vec<u8>> = checkpoints().iter().map(|one| one.body().into_bytes()).collect();
    fuzz(3, &corpus, |bytes| {
        let checkpoint = std::str::from_utf8(bytes)
            .ok()
            .and_then(|text| Checkpoint::parse(text).ok());
        checkpoint
            .inspect(|one| assert_eq!(one.body().as_bytes(), bytes))
            .is_some()
    });
}

#[test]
fn proofs_have_one_form() {
    let proof = |extra: Option<Vec<u8>>, hashes: usize| {
        let hashes = (0..hashes).map(|number| leaf_hash(&[number as u8])).collect();
        let checkpoint = notes().remove(1);
        Proof {
            extra,
            index: 12,
            hashes,
            checkpoint,
        }
        .encode()
    };
    let corpus = [
        proof(None, 0),
        proof(Some(leaves().remove(1)), 5),
        proof(Some(Vec::new()), 63),
    ];
    fuzz(4, &corpus, |bytes| {
        let proof = Proof::parse(bytes);
        proof.inspect(|proof| assert_eq!(proof.encode(), bytes)).is_ok()
    });
}

#[test]
fn leaves_and_headers_have_one_form() {
    fuzz(5, &leaves(), |bytes| {
        let leaf = Leaf::decode(bytes);
        leaf.inspect(|leaf| assert_eq!(leaf.encode().unwrap(), bytes)).is_ok()
    });
    fuzz(6, &[header().encode().unwrap()], |bytes| {
        let header = Header::decode(bytes);
        header
            .inspect(|header| assert_eq!(header.encode().unwrap(), bytes))
            .is_ok()
    });
}

#[test]
fn tiles_bundles_and_their_names_have_one_form() {
    let tiles = [1, 2, 256].map(|width| encode_tile(&vec![sha256(b"x"); width]));
    fuzz(7, &tiles, |bytes| {
        let tile = decode_tile(bytes);
        tile.inspect(|tile| assert_eq!(encode_tile(tile), bytes)).is_ok()
    });
    let bundles = [leaves(), vec![Vec::new(); 256]].map(|entries| encode_bundle(&entries).unwrap());
    fuzz(8, &bundles, |bytes| {
        let bundle = decode_bundle(bytes);
        bundle
            .inspect(|bundle| assert_eq!(encode_bundle(bundle).unwrap(), bytes))
            .is_ok()
    });
    let names = ["tile/0/x001/x234/067", "tile/1/000.p/1", "tile/7/000.p/255"].map(|name| name.as_bytes().to_vec());
    fuzz(9, &names, |bytes| {
        let id = std::str::from_utf8(bytes).ok().and_then(TileId::parse);
        id.inspect(|id| assert_eq!(id.path().as_bytes(), bytes)).is_some()
    });
}

#[test]
fn manifests_and_openings_have_one_form() {
    let file = |number: u64| ManifestFile {
        hash: sha256(&number.to_be_bytes()),
        size: number,
    };
    let paths = ["events/checkpoint", "keys/log.vkey", "payloads/01/a.sealed"];
    let manifest = Manifest {
        kind: ExportKind::Whole,
        origin: "d/t".to_owned(),
        created_ms: -5,
        files: (0..)
            .zip(paths)
            .map(|(number, path)| (path.to_owned(), file(number)))
            .collect(),
    };
    fuzz(10, &[manifest.body().into_bytes()], |bytes| {
        let manifest = std::str::from_utf8(bytes)
            .ok()
            .and_then(|text| Manifest::parse(text).ok());
        manifest
            .inspect(|one| assert_eq!(one.body().as_bytes(), bytes))
            .is_some()
    });
    let opening = Opening {
        eid: "e".to_owned(),
        salt: [3; 32],
        payload: b"payload".to_vec(),
    };
    fuzz(11, &[opening.encode().unwrap()], |bytes| {
        let opening = Opening::decode(bytes);
        opening
            .inspect(|opening| assert_eq!(opening.encode().unwrap(), bytes))
            .is_ok()
    });
}

#[test]
fn statements_of_partners_have_one_form() {
    let said = |dev: Option<&str>| Joining {
        visit: "v".to_owned(),
        subj: "s".to_owned(),
        staff: "f".to_owned(),
        dev: dev.map(str::to_owned),
        at_ms: 1_796_097_600_000,
        kid: "k/1".to_owned(),
    };
    let corpus = [None, Some("d")].map(|dev| said(dev).encode().unwrap());
    fuzz(12, &corpus, |bytes| {
        let said = Joining::decode(bytes);
        said.inspect(|said| assert_eq!(said.encode().unwrap(), bytes)).is_ok()
    });
}
