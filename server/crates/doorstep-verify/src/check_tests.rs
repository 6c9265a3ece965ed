//! Tests of what a path is taken for, and of options that must not be passed over.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::fs::{self, File};
use std::io::{Cursor, Write as _};
use std::path::PathBuf;

use super::*;
use doorstep_log::checkpoint::Checkpoint;
use doorstep_log::cosignature::CosignerKey;
use doorstep_log::evidence::{EvidenceItem, evidence_files};
use doorstep_log::export::{ExportKeys, Generation, LogName, MANIFEST_PATH, Published, Writer};
use doorstep_log::hash::{Hash, leaf_hash};
use doorstep_log::leaf::{Leaf, ServerEntry};
use doorstep_log::note::text_unverified;
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
        trust: TrustArgs {
            key: vec![keys().tenant().verifier().to_string()],
            ..TrustArgs::default()
        },
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
    let since: Give = |args| args.trust.since = Some("x".into());
    let stamps: Give = |args| args.trust.tsa_ca = Some("x".into());
    let taken: Give = |args| args.trust.accept_continued = vec!["d/t/events".to_owned()];
    let policy: Give = |args| args.trust.policy = Some("x".into());
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
                "--since" => args.trust.since = Some(path.clone()),
                "--tsa-ca" => args.trust.tsa_ca = Some(path.clone()),
                _ => args.trust.policy = Some(path.clone()),
            }
            let error = run(&args).unwrap_err();
            assert!(error.is_usage(), "{option} {path:?}: {error}");
        }
    }
    let missing = run(&args(&nothing)).unwrap_err();
    assert_eq!((missing.code(), missing.is_usage()), ("file-not-read", true));
}

#[test]
fn the_table_of_log_head_is_told_from_a_note_that_was_changed() {
    let (folder, other) = (export(false), tempfile::tempdir().unwrap());
    let note = fs::read_to_string(folder.path().join("events/checkpoint")).unwrap();
    let table = format!("log       events\nleaves    5\n\nkey       k\n\n{note}");
    let document = serde_json::json!({ "name": "events", "checkpoint": note }).to_string();
    for (name, bytes) in [("table", table), ("document", document)] {
        let path = file(&other, name, bytes.as_bytes());
        let mut args = args(folder.path());
        args.trust.since = Some(path);
        let error = run(&args).unwrap_err();
        assert_eq!((error.code(), error.is_usage()), ("bad-value", true));
        for (lang, said) in [
            (
                Lang::En,
                "it is what `log head` prints. Write the note alone with `log head --out FILE`",
            ),
            (
                Lang::Zh,
                "这是 `log head` 输出的表格。请用 `log head --out FILE` 单独写出检查点",
            ),
        ] {
            assert!(error.text(lang).contains(said), "{}", error.text(lang));
        }
    }
    // One that was changed is no table: its signature is the finding.
    let mut args = args(folder.path());
    args.trust.since = Some(file(&other, "bent", note.replacen("\n5\n", "\n4\n", 1).as_bytes()));
    let verified = run(&args).unwrap();
    assert!(verified.text.contains("[since_unusable]"), "{}", verified.text);
}

#[test]
fn what_is_no_export_proof_or_receipt_is_told_with_what_to_give_instead() {
    let folder = export(false);
    let around = tempfile::tempdir().unwrap();
    let (at, data) = (folder.path(), around.path().join("data"));
    fs::create_dir_all(data.join("inner")).unwrap();
    let copy = around.path().join("unpacked/out");
    fs::create_dir_all(&copy).unwrap();
    fs::copy(at.join(MANIFEST_PATH), copy.join(MANIFEST_PATH)).unwrap();
    fs::write(data.join("doorstep.toml"), b"").unwrap();
    let partial = around.path().join("out.partial");
    fs::create_dir(&partial).unwrap();
    let mut tar = vec![0; 512];
    tar[257..262].copy_from_slice(b"ustar");
    let note = fs::read(at.join("events/checkpoint")).unwrap();
    let vkeys = fs::read(at.join("keys/log.vkey")).unwrap();
    for (path, english, chinese) in [
        (at.join("MANIFEST"), "is a part of what", "中内容的一部分"),
        (at.join("events"), "is a part of what", "中内容的一部分"),
        (at.join("events/checkpoint"), "is a part of what", "中内容的一部分"),
        (
            around.path().join("unpacked"),
            "is no export, but a folder around one",
            "包含导出的文件夹",
        ),
        (data.clone(), "is a data folder", "是数据文件夹"),
        (
            data.join("inner"),
            "has neither MANIFEST nor EVIDENCE",
            "没有 MANIFEST 或 EVIDENCE",
        ),
        (partial, "when it broke off", "导出中断后留下"),
        (file(&around, "a.tar", &tar), "is an archive. Unpack it", "请先解压"),
        (
            file(&around, "a.zip", b"PK\x03\x04x"),
            "is an archive. Unpack it",
            "请先解压",
        ),
        (file(&around, "kept", &note), "with --since", "用 --since"),
        (file(&around, "keys", &vkeys), "with --key", "用 --key"),
        (
            file(&around, "notes.txt", b"hello\n"),
            "neither a proof file nor a receipt",
            "既不是证明文件也不是回执",
        ),
        (
            file(&around, "nothing", b""),
            "neither a proof file nor a receipt",
            "既不是证明文件也不是回执",
        ),
    ] {
        let error = run(&args(&path)).unwrap_err();
        assert_eq!(
            (error.code(), error.is_usage()),
            ("wrong-kind", true),
            "{path:?}: {error}"
        );
        for (lang, said) in [(Lang::En, english), (Lang::Zh, chinese)] {
            assert!(error.text(lang).contains(said), "{path:?}: {}", error.text(lang));
        }
    }
}

#[test]
fn what_was_changed_is_still_taken_for_what_it_was() {
    let (folder, around) = (export(false), tempfile::tempdir().unwrap());
    let at = folder.path();
    // Without its list an export is no other folder: that is a finding.
    fs::remove_file(at.join(MANIFEST_PATH)).unwrap();
    let verified = run(&args(at)).unwrap();
    assert!(
        !verified.holds && verified.text.contains("[manifest_missing]"),
        "{}",
        verified.text
    );
    // A proof that was changed is one all the same.
    for bytes in [proof("").split_off(1), [b"x", proof("").as_slice()].concat()] {
        let error = run(&args(&file(&around, "proof", &bytes))).unwrap_err();
        assert_eq!(
            (error.code(), error.is_usage()),
            ("proof-does-not-hold", false),
            "{error}"
        );
    }
}

#[test]
fn a_report_says_what_it_was_held_against() {
    let (folder, other) = (export(false), tempfile::tempdir().unwrap());
    let plain = run(&args(folder.path())).unwrap();
    assert_eq!(plain.document["against"]["keys_from"], "given");
    assert_eq!(plain.document["against"]["since"], Value::Null);
    for said in [
        "key: given (--key) d/t+",
        "older checkpoint: none;",
        "no policy, so nobody was asked for",
    ] {
        assert!(plain.text.contains(said), "{}", plain.text);
    }
    let mut args = args(folder.path());
    args.trust.since = Some(folder.path().join("events/checkpoint"));
    args.trust.policy = Some(file(&other, "policy", b"quorum none\n"));
    let held = run(&args).unwrap();
    let since = &held.document["against"]["since"];
    assert_eq!((&since["size"], &since["extended"]), (&5.into(), &true.into()));
    assert!(held.text.contains(": this log extends it (--since)"), "{}", held.text);
    assert_eq!(held.document["against"]["policy_from"], "given");
    for said in [
        "older checkpoint: d/t/events of 5 leaves, root ",
        "which asks for none (--policy)",
    ] {
        assert!(held.text.contains(said), "{}", held.text);
    }
    let chinese = verify(&args, Lang::Zh, &mut |_| {}).unwrap().text;
    assert!(chinese.contains("较早的检查点：d/t/events，5 条，根哈希"), "{chinese}");
    assert!(
        chinese.contains("其中未要求见证方") && !chinese.contains(": "),
        "{chinese}"
    );
    args.trust = TrustArgs::default();
    let own = run(&args).unwrap();
    assert_eq!(own.document["against"]["keys_from"], "export");
    assert!(own.text.contains("key: THE EXPORT'S OWN"), "{}", own.text);
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
            trust: TrustArgs {
                policy: Some(policy.clone()),
                ..TrustArgs::default()
            },
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
    taken.trust.accept_continued = vec!["d/t/events".to_owned()];
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
