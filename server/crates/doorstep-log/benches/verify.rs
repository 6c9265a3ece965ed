//! How long a verification takes on one core, part by part: raw SHA-256, the tree alone, signatures, leaves, a whole export
//! of signed events, and a proof in a log of 10 million. Run with
//! `cargo bench -p doorstep-log --bench verify [-- EVENTS [PAYLOADS]]`; the default is 1,000,000 events without payloads.
//! Seconds are those that the processor worked for this one thread, where the system tells, so that other work on the
//! machine counts little. The export is written into a folder `verify-bench` beside the program and stays, for `doorstep-verify` to be measured.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement reads the clock, prints what it found and stops at the first surprise"
)]

use std::fs;
use std::hint::black_box;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use doorstep_log::canonical::Value;
use doorstep_log::chain::{public_key, sign_header, verify_header};
use doorstep_log::checkpoint::Checkpoint;
use doorstep_log::device_key::DeviceKey;
use doorstep_log::export::{ExportKeys, ExportReader, LogName, Published, Writer};
use doorstep_log::hash::{Hash, ZERO, base64url_encode, leaf_hash, sha256};
use doorstep_log::leaf::{Algorithm, CheckpointSeen, DeviceEvent, Header, Leaf, ServerEntry, commitment};
use doorstep_log::note::SigningKey;
use doorstep_log::proof::Proof;
use doorstep_log::signature::{Batch, BatchKey};
use doorstep_log::tree::{Frontier, MemoryTiles, inclusion_proof, root_at};
use doorstep_log::verify::verify_export;

const DEVICES: u64 = 200;
/// Events of a device that come in together, under one checkpoint seen.
const PUSH: u64 = 20;
const LOG_SEED: [u8; 32] = [1; 32];
const PROOF_LEAVES: u64 = 10_000_000;
const SIGNATURES: usize = 40_960;

fn main() {
    let mut numbers = std::env::args().filter_map(|argument| argument.parse::<u64>().ok());
    let events = numbers.next().unwrap_or(1_000_000);
    let payloads = numbers.next().unwrap_or(0);
    let blocks_per_second = raw_sha256();
    let leaves = leaves_of(events, payloads);
    tree_alone(&leaves, blocks_per_second);
    leaves_decoded(&leaves);
    signatures(&leaves);
    proof_of_many();
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("verify-bench");
    write(&leaves, payloads, &folder);
    drop(leaves);
    whole(&folder, events);
}

/// Blocks of 64 bytes a second that this machine hashes in one long message.
fn raw_sha256() -> f64 {
    let bytes = vec![7_u8; 1 << 20];
    let (took, _) = best(5, || (0..64).map(|_| sha256(&bytes).0[0]).fold(0, u8::wrapping_add));
    let blocks = 64.0 * f64::from(1 << 20) / 64.0;
    println!(
        "SHA-256 of one long message: {:.1} million blocks/s",
        blocks / took / 1e6
    );
    blocks / took
}

/// Enrolments, then events in pushes of the devices in turn.
fn leaves_of(events: u64, payloads: u64) -> Vec<Vec<u8>> {
    let begun = Instant::now();
    let mut leaves: Vec<Vec<u8>> = (0..DEVICES).map(enrolment).collect();
    let mut tree = Frontier::new();
    for leaf in &leaves {
        tree.append(leaf_hash(leaf));
    }
    let (mut heads, mut seen) = (vec![(0, ZERO); DEVICES as usize], None);
    for number in 0..events {
        let device = number / PUSH % DEVICES;
        let head = &mut heads[device as usize];
        head.0 += 1;
        if number % PUSH == 0 {
            seen = Some(CheckpointSeen {
                size: tree.size(),
                root: tree.root(),
            });
        }
        let header = header(number, device, *head, seen, number < payloads);
        let hdr = header.encode().unwrap();
        head.1 = sha256(&hdr);
        let leaf = Leaf::Device(DeviceEvent {
            ten: "01a20040-15b5-7789-a2d3-718dfd75008d".to_owned(),
            seq_hint: number + DEVICES,
            recv_ms: 1_780_000_000_000 + number as i64,
            kid: format!("k{device}"),
            alg: Algorithm::Ed25519,
            sig: sign_header(&seed(device), &hdr).to_vec(),
            hdr,
        });
        leaves.push(leaf.encode().unwrap());
        tree.append(leaf_hash(leaves.last().unwrap()));
    }
    let bytes: usize = leaves.iter().map(Vec::len).sum();
    println!(
        "{events} events of {} bytes made in {:.1} s",
        bytes / leaves.len(),
        begun.elapsed().as_secs_f64()
    );
    leaves
}

fn seed(device: u64) -> [u8; 32] {
    sha256(&device.to_be_bytes()).0
}

fn enrolment(device: u64) -> Vec<u8> {
    let detail = [
        ("dev", format!("d{device}")),
        ("kid", format!("k{device}")),
        ("key", base64url_encode(&public_key(&seed(device)))),
    ];
    let entry = ServerEntry {
        ten: "01a20040-15b5-7789-a2d3-718dfd75008d".to_owned(),
        t: "device.enrolled".to_owned(),
        actor: "u1".to_owned(),
        detail: detail.map(|(name, text)| (name.to_owned(), Value::from(text))).into(),
        ..ServerEntry::default()
    };
    Leaf::Server(entry).encode().unwrap()
}

fn header(number: u64, device: u64, (dseq, prev): (u64, Hash), cp: Option<CheckpointSeen>, payload: bool) -> Header {
    Header {
        dev: format!("d{device}"),
        dseq,
        prev,
        eid: eid(number),
        kind: "visit.arrived".to_owned(),
        visit: Some(eid(number / 4)),
        subj: vec![eid(number / 16)],
        wall_ms: 1_780_000_000_000 + number as i64,
        mono_ms: number,
        boot: eid(device),
        tz_min: 480,
        loc_q: Some("good".to_owned()),
        rules: Some(sha256(b"rules")),
        app: "doorstep 0.1.0".to_owned(),
        cp,
        pc: payload.then(|| commitment(&[3; 32], &number.to_be_bytes())),
        att: Vec::new(),
        extra: std::collections::BTreeMap::new(),
    }
}

fn eid(number: u64) -> String {
    let hash = sha256(&number.to_be_bytes()).to_hex();
    format!("{}-c3d4-7e5f-8a6b-{number:012x}", &hash[..8])
}

fn tree_alone(leaves: &[Vec<u8>], raw: f64) {
    let (took, _) = best(3, || {
        let mut tiles = MemoryTiles::new();
        for leaf in leaves {
            tiles.append(leaf_hash(leaf));
        }
        root_at(&tiles, tiles.size()).unwrap().0[0]
    });
    // A message of n bytes takes 9 more for its end; a leaf has one before it, a node has 65 bytes.
    let of_leaves: usize = leaves.iter().map(|leaf| (leaf.len() + 10).div_ceil(64)).sum();
    let blocks = (of_leaves + 2 * leaves.len()) as f64;
    println!(
        "tree alone: {took:.3} s, {:.1} million blocks/s, {:.0} % of SHA-256",
        blocks / took / 1e6,
        blocks / took / raw * 100.0
    );
}

fn leaves_decoded(leaves: &[Vec<u8>]) {
    let part = &leaves[leaves.len().saturating_sub(100_000)..];
    let (took, _) = best(3, || {
        part.iter().fold(0, |all, leaf| match Leaf::decode(leaf).unwrap() {
            Leaf::Device(event) => all ^ event.header().unwrap().dseq,
            Leaf::Server(_) => all,
        })
    });
    println!("leaf and header read: {:.2} µs each", took / part.len() as f64 * 1e6);
}

fn signatures(leaves: &[Vec<u8>]) {
    let events: Vec<DeviceEvent> = leaves[leaves.len().saturating_sub(SIGNATURES)..]
        .iter()
        .filter_map(|leaf| match Leaf::decode(leaf).unwrap() {
            Leaf::Device(event) => Some(event),
            Leaf::Server(_) => None,
        })
        .collect();
    let publics: Vec<[u8; 32]> = (0..DEVICES).map(|device| public_key(&seed(device))).collect();
    let singles: Vec<DeviceKey> = publics
        .iter()
        .map(|public| DeviceKey::parse(&Algorithm::Ed25519, public).unwrap())
        .collect();
    let key = |event: &DeviceEvent| &singles[event.kid[1..].parse::<usize>().unwrap()];
    let single = &events[..events.len().min(4096)];
    let (took, ()) = best(3, || {
        for event in single {
            verify_header(key(event), &event.hdr, &event.sig).unwrap();
        }
    });
    println!("signature alone: {:.1} µs", took / single.len() as f64 * 1e6);
    let keys: Vec<BatchKey> = publics
        .iter()
        .map(|public| BatchKey::new(&ed25519_dalek::VerifyingKey::from_bytes(public).unwrap()).unwrap())
        .collect();
    for size in [256, 2048, 8192] {
        let (took, ()) = best(3, || {
            for part in events.chunks(size) {
                let mut batch = Batch::new();
                for event in part {
                    let key = &keys[event.kid[1..].parse::<usize>().unwrap()];
                    batch.add(key, &[doorstep_log::chain::HEADER_DOMAIN, &event.hdr], &event.sig);
                }
                assert!(batch.holds());
            }
        });
        println!(
            "signature in batches of {size}: {:.1} µs",
            took / events.len() as f64 * 1e6
        );
    }
}

fn proof_of_many() {
    let mut tiles = MemoryTiles::new();
    (0..PROOF_LEAVES).for_each(|number| tiles.append(leaf_hash(&number.to_be_bytes())));
    let origin = "doorstep.local/01a20040-15b5-7789-a2d3-718dfd75008d/events";
    let key = SigningKey::from_seed(origin, &LOG_SEED).unwrap();
    let root = root_at(&tiles, PROOF_LEAVES).unwrap();
    let checkpoint = Checkpoint {
        origin: origin.to_owned(),
        size: PROOF_LEAVES,
        root,
    }
    .sign(&[&key])
    .unwrap();
    let indexes: Vec<u64> = (0..1000).map(|number| number * 9_999_991 % PROOF_LEAVES).collect();
    let (made, proofs) = best(5, || {
        let make = |index: &u64| {
            let hashes = inclusion_proof(&tiles, *index, PROOF_LEAVES).unwrap();
            Proof {
                extra: None,
                index: *index,
                hashes,
                checkpoint: checkpoint.clone(),
            }
            .encode()
        };
        indexes.iter().map(make).collect::<Vec<_>>()
    });
    let (checked, ()) = best(5, || {
        for (index, proof) in indexes.iter().zip(&proofs) {
            let proof = Proof::parse(proof).unwrap();
            proof.verify(&index.to_be_bytes(), &[key.verifier()]).unwrap();
        }
    });
    let longest = proofs.iter().map(Vec::len).max().unwrap_or(0);
    println!(
        "proof in {PROOF_LEAVES} leaves: made in {made:.3} ms, checked in {checked:.3} ms, at most {longest} bytes"
    );
}

fn write(leaves: &[Vec<u8>], payloads: u64, folder: &Path) {
    let _ = fs::remove_dir_all(folder);
    let keys = ExportKeys::from_seed("doorstep.local/01a20040-15b5-7789-a2d3-718dfd75008d", &LOG_SEED).unwrap();
    let begun = Instant::now();
    let mut writer = Writer::new(&keys, 5, Cursor::new(Vec::new()), |path: &str, bytes: &[u8]| {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap())?;
        fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)?
            .write_all(bytes)
    });
    for leaf in leaves {
        writer.leaf(LogName::Events, leaf.clone()).unwrap();
    }
    for number in 0..payloads {
        writer.payload(&eid(number), &[number as u8; 300]).unwrap();
    }
    let files = writer.finish(Published::default()).unwrap().files;
    println!(
        "export of {files} files written in {:.1} s",
        begun.elapsed().as_secs_f64()
    );
}

fn whole(folder: &Path, events: u64) {
    let reader = Folder(folder.to_owned());
    let keys = [
        SigningKey::from_seed("doorstep.local/01a20040-15b5-7789-a2d3-718dfd75008d", &LOG_SEED)
            .unwrap()
            .verifier(),
    ];
    let before = resident("VmRSS:");
    // Forgets the greatest memory so far.
    let _ = fs::write("/proc/self/clear_refs", "5");
    let begun = Meter::start();
    let report = black_box(verify_export(&reader, Some(&keys), None));
    let (took, cpu) = (begun.clock.elapsed().as_secs_f64(), begun.seconds());
    assert!(report.ok && report.counts.events == events, "{:?}", report.findings);
    println!(
        "verification of {events} signed events: {cpu:.2} s of one core ({took:.2} s by the clock), {:.1} µs each",
        cpu / events as f64 * 1e6
    );
    println!("memory: {before} MB before, at most {} MB", resident("VmHWM:"));
}

/// Memory of this process in MB, where the system tells.
fn resident(what: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(what));
    let kilobytes = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1000
}

/// Best seconds of so many runs.
fn best<T>(runs: u32, mut work: impl FnMut() -> T) -> (f64, T) {
    let mut run = || {
        let begun = Meter::start();
        let result = black_box(work());
        (begun.seconds(), result)
    };
    let first = run();
    (1..runs)
        .map(|_| run())
        .fold(first, |best, next| if next.0 < best.0 { next } else { best })
}

/// Counts seconds of the processor for this thread, or of the clock where the system does not tell them.
struct Meter {
    clock: Instant,
    worked: Option<f64>,
}

impl Meter {
    fn start() -> Self {
        Self {
            clock: Instant::now(),
            worked: worked(),
        }
    }

    fn seconds(&self) -> f64 {
        let worked = worked().zip(self.worked).map(|(now, then)| now - then);
        worked.unwrap_or_else(|| self.clock.elapsed().as_secs_f64())
    }
}

/// Seconds that the processor has worked for this process, which has one thread.
fn worked() -> Option<f64> {
    let times = fs::read_to_string("/proc/self/schedstat").ok()?;
    Some(times.split_whitespace().next()?.parse::<f64>().ok()? / 1e9)
}

/// An export in a folder.
struct Folder(PathBuf);

impl Folder {
    fn walk(&self, folder: &str, paths: &mut Vec<String>) -> std::io::Result<()> {
        for entry in fs::read_dir(self.0.join(folder))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() {
                name
            } else {
                format!("{folder}/{name}")
            };
            if entry.file_type()?.is_dir() {
                self.walk(&path, paths)?;
            } else {
                paths.push(path);
            }
        }
        Ok(())
    }
}

impl ExportReader for Folder {
    fn list(&self) -> std::io::Result<Vec<String>> {
        let mut paths = Vec::new();
        self.walk("", &mut paths)?;
        Ok(paths)
    }

    fn read(&self, path: &str) -> std::io::Result<Vec<u8>> {
        fs::read(self.0.join(path))
    }
}
