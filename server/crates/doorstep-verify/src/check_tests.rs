//! Tests of what a path is taken for, and of options that must not be passed over.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::io::{Cursor, Write as _};
use std::path::PathBuf;

use super::*;
use doorstep_log::cosignature::CosignerKey;
use doorstep_log::evidence::{EvidenceItem, evidence_files};
use doorstep_log::export::{ExportKeys, Generation, LogName, Published, Writer};
use doorstep_log::hash::{Hash, leaf_hash};
use doorstep_log::leaf::{Leaf, ServerEntry};
use doorstep_log::tree::{MemoryTiles, inclusion_proof, root_at};
use tempfile::TempDir;

fn keys() -> ExportKeys {
    ExportKeys::from_seed("d/t", &[7; 32]).unwrap()
}

fn leaf(kind: &str, detail: &[(&str, i64, &str)]) -> Vec<u8> {
    let value = |number: i64, text: &str| match text {
        "" => doorstep_log::canonical::Value::Integer(number),
        _ => doorstep_log::canonical::Value::from(text),
    };
    let detail = detail
        .iter()
        .map(|(name, number, text)| ((*name).to_owned(), value(*number, text)));
    let entry = ServerEntry {
        ten: "t".to_owned(),
        t: kind.to_owned(),
        recv_ms: 1,
        reason: Some("rolled-back".to_owned()),
        detail: detail.collect(),
        ..ServerEntry::default()
    };
    Leaf::Server(entry).encode().unwrap()
}

fn leaves() -> Vec<Vec<u8>> {
    (0..5)
        .map(|number| leaf("plan.published", &[("n", number, "")]))
        .collect()
}

fn tree(leaves: &[Vec<u8>]) -> MemoryTiles {
    let mut tiles = MemoryTiles::new();
    for leaf in leaves {
        tiles.append(leaf_hash(leaf));
    }
    tiles
}

fn head(leaves: &[Vec<u8>], size: u64) -> (u64, Hash) {
    (size, root_at(&tree(leaves), size).unwrap())
}

/// A folder with the export of five changes, of which the last two were lost and the log continued where `is_continued`.
fn export(is_continued: bool) -> TempDir {
    let (keys, folder) = (keys(), tempfile::tempdir().unwrap());
    let mut writer = Writer::new(&keys, 5, Cursor::new(Vec::new()), |path: &str, bytes: &[u8]| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap())?;
        fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)?
            .write_all(bytes)
    });
    let leaves = leaves();
    let left = if is_continued { 3 } else { 5 };
    for leaf in &leaves[..left] {
        writer.leaf(LogName::Events, leaf.clone()).unwrap();
    }
    if is_continued {
        let (known, left) = (head(&leaves, 5), head(&leaves, 3));
        let detail = [
            ("origin", 0, "d/t/events"),
            ("size", 5, ""),
            ("root", 0, &known.1.to_hex()),
            ("left_size", 3, ""),
            ("left_root", 0, &left.1.to_hex()),
        ];
        writer.end(LogName::Events.into(), None).unwrap();
        let second = Generation {
            log: LogName::Events,
            number: 2,
        };
        writer.leaf(second, leaf("log.continued", &detail)).unwrap();
    }
    writer.finish(Published::default()).unwrap();
    folder
}

fn args(path: &Path) -> VerifyArgs {
    VerifyArgs {
        path: path.to_owned(),
        key: vec![keys().tenant().verifier().to_string()],
        since: None,
        policy: None,
        tsa_ca: None,
        accept_continued: Vec::new(),
        leaf: None,
    }
}

fn run(args: &VerifyArgs) -> Result<Verified, VerifyError> {
    verify(args, Lang::En, &mut |_| {})
}

/// A proof of the third change, whose checkpoint bears these lines.
fn proof(lines: &str) -> Vec<u8> {
    let leaves = leaves();
    let checkpoint = Checkpoint {
        origin: "d/t/events".to_owned(),
        size: 5,
        root: head(&leaves, 5).1,
    };
    let mut signed = checkpoint.sign(&[keys().log(LogName::Events)]).unwrap();
    signed.extend(lines.as_bytes());
    let proof = Proof {
        extra: Some(leaves[2].clone()),
        index: 2,
        hashes: inclusion_proof(&tree(&leaves), 2, 5).unwrap(),
        checkpoint: signed,
    };
    proof.encode()
}

fn file(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn a_list_of_evidence_does_not_switch_the_verifier_off() {
    let folder = export(false);
    assert!(run(&args(folder.path())).unwrap().holds);
    let evidence = evidence_files("dev", &[keys().tenant().verifier()], &[]);
    file(&folder, "EVIDENCE", &evidence["EVIDENCE"]);
    let verified = run(&args(folder.path())).unwrap();
    assert!(!verified.holds);
    assert_eq!(
        verified.document["findings"][0]["code"], "file_unlisted",
        "{}",
        verified.text
    );
    // Without a manifest it is evidence, of which none stands in the list.
    fs::remove_file(folder.path().join(MANIFEST_PATH)).unwrap();
    let verified = run(&args(folder.path())).unwrap();
    assert!(
        !verified.holds && !verified.text.starts_with("nothing stands"),
        "{}",
        verified.text
    );
}

/// Gives an option.
type Give = fn(&mut VerifyArgs);

#[test]
fn options_that_would_be_passed_over_are_refused() {
    let (export, other) = (export(false), tempfile::tempdir().unwrap());
    let proof = file(&other, "proof", &proof(""));
    let receipt = file(&other, "receipt", b"{}");
    let item = EvidenceItem {
        noun: "checkpoint".to_owned(),
        code: "c".to_owned(),
        seen_ms: 1,
        found: b"x".to_vec(),
        known: None,
        proof: None,
    };
    let evidence = tempfile::tempdir().unwrap();
    for (path, bytes) in evidence_files("dev", &[], &[item]) {
        let path = evidence.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let since: Give = |args| args.since = Some("x".into());
    let stamps: Give = |args| args.tsa_ca = Some("x".into());
    let taken: Give = |args| args.accept_continued = vec!["d/t/events".to_owned()];
    let policy: Give = |args| args.policy = Some("x".into());
    let leaf: Give = |args| args.leaf = Some("x".into());
    for (path, given) in [
        (proof.as_path(), &[since, stamps, taken][..]),
        (&receipt, &[since, stamps, taken, leaf]),
        (evidence.path(), &[since, stamps, taken, policy, leaf]),
        (export.path(), &[leaf]),
    ] {
        for give in given {
            let mut args = args(path);
            give(&mut args);
            let error = run(&args).unwrap_err();
            assert!(matches!(error, VerifyError::Useless { .. }), "{path:?}: {error}");
            assert_eq!((error.code(), error.is_usage()), ("useless-option", true));
        }
    }
}

#[test]
fn an_option_whose_file_cannot_be_used_is_wrong_usage() {
    let folder = export(false);
    let other = tempfile::tempdir().unwrap();
    let (nothing, text) = (other.path().join("nothing"), file(&other, "text", b"hello\n"));
    for path in [&nothing, &text] {
        for option in ["--since", "--tsa-ca", "--policy"] {
            let mut args = args(folder.path());
            match option {
                "--since" => args.since = Some(path.clone()),
                "--tsa-ca" => args.tsa_ca = Some(path.clone()),
                _ => args.policy = Some(path.clone()),
            }
            let error = run(&args).unwrap_err();
            assert!(error.is_usage(), "{option} {path:?}: {error}");
        }
    }
    let missing = run(&args(&nothing)).unwrap_err();
    assert!(!missing.is_usage(), "what is verified is no option");
}

#[cfg(unix)]
#[test]
fn what_is_neither_file_nor_folder_is_not_waited_for() {
    let error = run(&args(Path::new("/dev/zero"))).unwrap_err();
    assert!(matches!(error, VerifyError::Read { .. }), "{error}");
}

#[test]
fn a_proof_needs_the_witnesses_that_are_demanded() {
    let folder = tempfile::tempdir().unwrap();
    let witness = CosignerKey::from_seed("w1", &[3; 32]).unwrap();
    let log = keys().log(LogName::Events).verifier();
    let policy = format!("log {log}\nwitness W {}\nquorum W\n", witness.cosigner());
    let policy = file(&folder, "policy", policy.as_bytes());
    let text = text_unverified(&Proof::parse(&proof("")).unwrap().checkpoint)
        .unwrap()
        .to_owned();
    let cosigned = proof(&witness.cosign(&text, 77).unwrap());
    for (name, bytes, holds) in [("alone", proof(""), false), ("cosigned", cosigned, true)] {
        let path = file(&folder, name, &bytes);
        let verified = run(&VerifyArgs {
            // The policy's own key is enough.
            key: Vec::new(),
            policy: Some(policy.clone()),
            ..args(&path)
        });
        let verified = verified.unwrap();
        assert_eq!(
            (verified.holds, &verified.document["ok"]),
            (holds, &holds.into()),
            "{name}"
        );
        assert!(run(&args(&path)).unwrap().holds, "nobody demands any");
    }
}

#[test]
fn a_continued_log_is_told_with_what_is_lost_and_holds_for_who_takes_it() {
    let folder = export(true);
    let verified = run(&args(folder.path())).unwrap();
    let title = "NOT ALL VERIFIED: what is here was not altered, but 2 signed leaves are lost\n";
    assert!(verified.text.starts_with(title), "{}", verified.text);
    assert!(
        verified.text.contains("--accept-continued d/t/events\n"),
        "{}",
        verified.text
    );
    assert!(!verified.holds && verified.document["continued"][0]["lost"] == 2);
    let mut taken = args(folder.path());
    taken.accept_continued = vec!["d/t/events".to_owned()];
    let verified = run(&taken).unwrap();
    assert!(
        verified.holds && verified.text.starts_with("verified: "),
        "{}",
        verified.text
    );
    let chinese = verify(&taken, Lang::Zh, &mut |_| {}).unwrap();
    assert!(
        chinese.text.starts_with("已验证：现有内容未发现改动；您已接受 2 条"),
        "{}",
        chinese.text
    );
}

#[test]
fn a_file_that_was_blown_up_costs_no_memory() {
    for (path, code) in [
        ("MANIFEST", "manifest_missing"),
        ("events/checkpoint", "file_changed"),
        ("events/tile/entries/000.p/5", "file_changed"),
        ("keys/log.vkey", "file_changed"),
    ] {
        let folder = export(false);
        let grown = File::options().append(true).open(folder.path().join(path)).unwrap();
        grown.set_len(1 << 42).unwrap();
        let verified = run(&args(folder.path())).unwrap();
        let found = verified.document["findings"].as_array().unwrap();
        assert!(
            found.iter().any(|found| found["code"] == code),
            "{path}: {}",
            verified.text
        );
        assert!(!verified.holds);
    }
}
