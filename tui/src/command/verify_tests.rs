//! Tests of `verify` over exports in a folder and proof files, run as command lines.

use crate::{Captured, Env, Exit, run as run_command};
use doorstep_log::checkpoint::Checkpoint;
use doorstep_log::export::{ExportKeys, LogName, Published, Writer};
use doorstep_log::hash::leaf_hash;
use doorstep_log::leaf::{Leaf, ServerEntry};
use doorstep_log::proof::Proof;
use doorstep_log::tree::{MemoryTiles, inclusion_proof, root_at};
use doorstep_verify::ExportFolder;
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;

const SEED: [u8; 32] = [7; 32];

fn leaf(number: u8) -> Vec<u8> {
    leaf_in(LogName::Events, number)
}

fn leaf_in(log: LogName, number: u8) -> Vec<u8> {
    let kind = match log {
        LogName::Events => "plan.published",
        LogName::Access => "access",
    };
    let entry = ServerEntry {
        ten: "t".to_owned(),
        t: kind.to_owned(),
        recv_ms: i64::from(number),
        actor: "u1".to_owned(),
        ..ServerEntry::default()
    };
    Leaf::Server(entry).encode().unwrap()
}

fn keys() -> ExportKeys {
    ExportKeys::from_seed("d/t", &SEED).unwrap()
}

/// Five leaves in each log.
fn export(folder: &Path) {
    let keys = keys();
    let mut writer = Writer::new(
        &keys,
        1_767_229_200_000,
        Cursor::new(Vec::new()),
        |path: &str, bytes: &[u8]| {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap())?;
            fs::OpenOptions::new()
                .create(true)
                .append(true)
                .open(path)?
                .write_all(bytes)
        },
    );
    for log in LogName::ALL {
        for number in 0..5 {
            writer.leaf(log, leaf_in(log, number)).unwrap();
        }
    }
    writer.finish(Published::default()).unwrap();
}

fn verify(args: &[&str]) -> (Exit, Captured) {
    let mut out = Captured::default();
    let env = Env::read(|_| None);
    let args: Vec<String> = std::iter::once(&"verify")
        .chain(args)
        .map(ToString::to_string)
        .collect();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let exit = runtime.block_on(run_command(args, &env, &mut out));
    (exit, out)
}

#[test]
fn a_sound_export_is_verified_with_and_without_a_key() {
    let folder = tempfile::tempdir().unwrap();
    export(folder.path());
    let path = folder.path().to_str().unwrap();
    let key = keys().tenant().verifier().to_string();
    let (exit, out) = verify(&[path, "--key", &key]);
    assert_eq!(exit, Exit::Done, "{}{}", out.text(), out.talk);
    assert!(
        out.text().starts_with("verified: nothing was altered\n"),
        "{}",
        out.text()
    );
    assert!(out.text().contains("2026-01-01 01:00+00:00"), "{}", out.text());
    let (exit, out) = verify(&[path, "--lang", "zh-CN"]);
    assert_eq!(exit, Exit::Done);
    assert!(out.text().starts_with("已验证：未发现改动\n"), "{}", out.text());
    assert!(
        out.text().contains("警告："),
        "a key from the export is worth a warning: {}",
        out.text()
    );
    let other = ExportKeys::from_seed("d/t", &[8; 32])
        .unwrap()
        .tenant()
        .verifier()
        .to_string();
    let (exit, out) = verify(&[path, "--key", &other]);
    assert_eq!(exit, Exit::Failed);
    assert!(out.text().contains("NOT VERIFIED"), "{}", out.text());
    for wrong in [
        ["--key", "nonsense"],
        ["--since", "/nowhere"],
        ["--tsa-ca", "/nowhere"],
        ["--leaf", "/nowhere"],
    ] {
        let (exit, out) = verify(&[path, wrong[0], wrong[1]]);
        assert_eq!((exit, out.text().as_str()), (Exit::Usage, ""), "{wrong:?}");
    }
}

#[test]
fn a_flipped_byte_in_any_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    export(folder.path());
    let files = ExportFolder(folder.path().to_owned());
    let path = folder.path().to_str().unwrap();
    let key = keys().tenant().verifier().to_string();
    let names = doorstep_log::export::ExportReader::list(&files).unwrap();
    assert!(names.len() >= 7, "{names:?}");
    for name in names {
        let file = folder.path().join(&name);
        let sound = fs::read(&file).unwrap();
        let mut bent = sound.clone();
        let middle = bent.len() / 2;
        bent[middle] ^= 1;
        fs::write(&file, &bent).unwrap();
        let (exit, out) = verify(&[path, "--key", &key]);
        assert_eq!(exit, Exit::Failed, "{name}");
        assert!(out.text().contains(&name), "{name}: {}", out.text());
        fs::write(&file, &sound).unwrap();
    }
}

#[test]
fn the_first_wrong_leaf_is_named() {
    let folder = tempfile::tempdir().unwrap();
    export(folder.path());
    let path = folder.path().to_str().unwrap();
    let bundle = folder.path().join("events/tile/entries/000.p/5");
    let mut bytes = fs::read(&bundle).unwrap();
    let third = leaf(3);
    let at = bytes.windows(third.len()).position(|window| window == third).unwrap();
    bytes[at + third.len() - 3] ^= 1;
    fs::write(&bundle, bytes).unwrap();
    let (exit, out) = verify(&[path]);
    assert_eq!(exit, Exit::Failed);
    assert!(out.text().contains("first wrong leaf: events 3"), "{}", out.text());
    let (exit, out) = verify(&[path, "--json"]);
    assert_eq!(exit, Exit::Failed);
    let report: serde_json::Value = serde_json::from_slice(&out.data).unwrap();
    assert_eq!(report["ok"], false);
}

#[test]
fn a_proof_file_is_checked_with_the_key_of_the_tenant() {
    let keys = keys();
    let mut tiles = MemoryTiles::new();
    for number in 0..5 {
        tiles.append(leaf_hash(&leaf(number)));
    }
    let root = root_at(&tiles, 5).unwrap();
    let checkpoint = Checkpoint {
        origin: "d/t/events".to_owned(),
        size: 5,
        root,
    };
    let checkpoint = checkpoint.sign(&[keys.log(LogName::Events)]).unwrap();
    let hashes = inclusion_proof(&tiles, 2, 5).unwrap();
    let proof = Proof {
        extra: Some(leaf(2)),
        index: 2,
        hashes,
        checkpoint,
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.proof");
    fs::write(&file, proof.encode()).unwrap();
    let path = file.to_str().unwrap();
    let key = keys.tenant().verifier().to_string();
    let (exit, out) = verify(&[path, "--key", &key]);
    assert_eq!(exit, Exit::Done, "{}", out.talk);
    assert!(
        out.text().contains("number 2, counted from 0, of 5 leaves"),
        "{}",
        out.text()
    );
    assert_eq!(verify(&[path]).0, Exit::Usage, "without a key nothing is proven");
    fs::write(
        &file,
        Proof {
            extra: Some(leaf(3)),
            ..proof.clone()
        }
        .encode(),
    )
    .unwrap();
    let (exit, out) = verify(&[path, "--key", &key, "--json"]);
    assert_eq!(exit, Exit::Failed);
    let problem: serde_json::Value = serde_json::from_slice(&out.data).unwrap();
    assert_eq!(problem["problem"]["code"], "proof-does-not-hold");
    let other = ExportKeys::from_seed("d/u", &SEED)
        .unwrap()
        .tenant()
        .verifier()
        .to_string();
    fs::write(&file, proof.encode()).unwrap();
    assert_eq!(verify(&[path, "--key", &other]).0, Exit::Failed, "another tenant's key");
}
