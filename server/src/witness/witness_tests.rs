//! Tests of a witness: what it answers over HTTP, what it keeps, and that nothing in its folder is believed unproven.
#![allow(clippy::unwrap_used, reason = "tests")]

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use doorstep_domain::measure::Micros;
use doorstep_log::checkpoint::Checkpoint;
use doorstep_log::hash::leaf_hash;
use doorstep_log::note::SigningKey;
use doorstep_log::tree::{MemoryTiles, consistency_proof, root_at};
use doorstep_log::witness::{AddCheckpoint, checkpoint_path, origin_hash};
use doorstep_store::step::Fault;
use tower::ServiceExt as _;

use super::book::NotCosigned;
use super::*;

const ORIGIN: &str = "d/t/events";

struct At(i64);

impl Clock for At {
    fn now(&self) -> Micros {
        Micros::from_seconds(self.0)
    }
}

fn log_key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, &[1; 32]).unwrap()
}

/// A request of a log with `size` leaves, of which the fourth differs where it was rewritten.
fn ask(old: u64, size: u64, rewritten: bool) -> Vec<u8> {
    let mut tiles = MemoryTiles::new();
    for number in 0..size {
        let leaf = format!("{number}{}", if rewritten && number == 3 { " later" } else { "" });
        tiles.append(leaf_hash(leaf.as_bytes()));
    }
    let checkpoint = Checkpoint {
        origin: ORIGIN.to_owned(),
        size,
        root: root_at(&tiles, size).unwrap(),
    };
    AddCheckpoint {
        old_size: old,
        proof: consistency_proof(&tiles, old, size).unwrap_or_default(),
        checkpoint: checkpoint.sign(&[&log_key()]).unwrap(),
    }
    .encode()
}

fn witness() -> (tempfile::TempDir, Book) {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path(), "witness").unwrap();
    add_log(folder.path(), &log_key().verifier()).unwrap();
    let book = Book::open(folder.path()).unwrap();
    (folder, book)
}

fn status(decided: Result<String, NotCosigned>) -> u16 {
    match decided {
        Ok(_) => 200,
        Err(NotCosigned::Refused(refusal)) => refusal.status(),
        Err(NotCosigned::Failed(_)) => 503,
    }
}

#[test]
fn a_rewritten_log_is_refused_also_after_a_restart_and_both_notes_are_kept() {
    let (folder, book) = witness();
    assert_eq!(status(book.add_checkpoint(&ask(0, 5, false), 10)), 200);
    drop(book);
    let book = Book::open(folder.path()).unwrap();
    for _ in 0..3 {
        assert_eq!(status(book.add_checkpoint(&ask(5, 9, true), 11)), 422);
        assert_eq!(status(book.add_checkpoint(&ask(5, 5, true), 12)), 409);
    }
    assert_eq!(status(book.add_checkpoint(&ask(5, 9, false), 13)), 200);
    let kept = refusals(folder.path()).unwrap();
    assert_eq!(kept.len(), 2, "each refused tree once: {kept:?}");
    assert_eq!((kept[0].two_heads, kept[1].two_heads), (false, true));
    for evidence in &kept {
        let keys = [log_key().verifier()];
        let before = Checkpoint::open(evidence.cosigned.as_bytes(), &keys).unwrap();
        let shown = Checkpoint::open(evidence.refused.as_bytes(), &keys).unwrap();
        assert_eq!(before.size, 5);
        assert_ne!(before.root, shown.root);
    }
    let (key, logs) = show(folder.path()).unwrap();
    assert_eq!(key.name(), "witness");
    let latest = logs[0].latest.as_ref().unwrap();
    assert_eq!((latest.checkpoint.size, latest.time_s, logs[0].refusals), (9, 13, 2));
}

#[test]
fn claims_do_not_take_the_places_of_proofs() {
    let (folder, book) = witness();
    assert_eq!(status(book.add_checkpoint(&ask(0, 5, false), 10)), 200);
    assert_eq!(status(book.add_checkpoint(&ask(5, 9, true), 11)), 422);
    let refused = folder.path().join("logs").join(origin_hash(ORIGIN)).join("refused");
    let claim = std::fs::read_dir(&refused).unwrap().next().unwrap().unwrap().path();
    for number in 0..1_000 {
        let copy = refused.join(format!("{number:020}-inconsistent-0.json"));
        std::fs::copy(&claim, copy).unwrap();
    }
    assert_eq!(status(book.add_checkpoint(&ask(5, 8, true), 12)), 422);
    assert_eq!(status(book.add_checkpoint(&ask(5, 5, true), 13)), 409);
    let kept = refusals(folder.path()).unwrap();
    assert_eq!(kept.len(), 1_002, "the claim found no place, the proof did");
    assert_eq!(kept.iter().filter(|evidence| evidence.two_heads).count(), 1);
}

#[test]
fn a_write_that_fails_either_way_gives_no_cosignature_and_loses_no_memory() {
    for fault in [Fault::Lost, Fault::Done] {
        let (folder, book) = witness();
        *book.fails.lock().unwrap() = Some(fault);
        assert_eq!(status(book.add_checkpoint(&ask(0, 5, false), 10)), 503, "{fault:?}");
        // What is on the disk counts, also for the process that was told of a failure.
        let again = if fault == Fault::Lost { 200 } else { 409 };
        assert_eq!(status(book.add_checkpoint(&ask(0, 5, false), 11)), again, "{fault:?}");
        assert_eq!(status(book.add_checkpoint(&ask(5, 5, false), 12)), 200, "{fault:?}");
        *book.fails.lock().unwrap() = Some(fault);
        assert_eq!(status(book.add_checkpoint(&ask(5, 9, true), 13)), 503, "{fault:?}");
        drop(book);
        let kept = refusals(folder.path()).unwrap().len();
        assert_eq!(kept, usize::from(fault == Fault::Done), "{fault:?}");
        let book = Book::open(folder.path()).unwrap();
        assert_eq!(status(book.add_checkpoint(&ask(5, 9, true), 14)), 422, "{fault:?}");
        assert_eq!(refusals(folder.path()).unwrap().len(), 1, "{fault:?}");
        assert_eq!(status(book.add_checkpoint(&ask(5, 9, false), 15)), 200, "{fault:?}");
    }
}

#[test]
fn what_lies_in_the_folder_is_not_believed_without_a_signature() {
    let (folder, book) = witness();
    assert_eq!(status(book.add_checkpoint(&ask(0, 5, false), 10)), 200);
    let path = folder
        .path()
        .join("logs")
        .join(checkpoint_path(ORIGIN).trim_start_matches('/'));
    let note = std::fs::read_to_string(&path).unwrap();
    // The log's own line alone is what anybody can get.
    let without_own = note
        .lines()
        .filter(|line| !line.contains(" witness "))
        .collect::<Vec<_>>()
        .join("\n");
    std::fs::write(&path, format!("{without_own}\n")).unwrap();
    assert_eq!(status(book.add_checkpoint(&ask(5, 9, false), 11)), 503);
    assert!(show(folder.path()).unwrap_err().message().contains("damaged"));
    std::fs::write(&path, note).unwrap();
    assert_eq!(status(book.add_checkpoint(&ask(5, 9, false), 11)), 200);
}

#[test]
fn keys_are_not_replaced() {
    let (folder, _) = witness();
    let again = init(folder.path(), "witness").unwrap_err();
    assert_eq!(again.exit_code(), 3, "{again}");
    add_log(folder.path(), &log_key().verifier()).unwrap();
    let other = SigningKey::from_seed(ORIGIN, &[2; 32]).unwrap().verifier();
    assert_eq!(add_log(folder.path(), &other).unwrap_err().exit_code(), 3);
    std::fs::write(folder.path().join("witness.key"), "witness\nshort\n").unwrap();
    assert_eq!(show(folder.path()).unwrap_err().exit_code(), 5);
}

#[tokio::test]
async fn one_process_at_a_time_and_only_on_this_machine() {
    let (folder, _) = witness();
    let start_at = |listen: &str| Start {
        folder: folder.path().to_owned(),
        listen: listen.parse().unwrap(),
        behind_proxy: false,
        clock: Arc::new(At(10)),
    };
    let open = start(start_at("0.0.0.0:0")).await.map(drop).unwrap_err();
    assert!(open.message().contains("--behind-proxy"), "{}", open.message());
    let first = start(start_at("127.0.0.1:0")).await.unwrap();
    let second = start(start_at("127.0.0.1:0")).await.map(drop).unwrap_err();
    assert!(second.message().contains("the witness"), "{}", second.message());
    first.stop().await;
    start(start_at("127.0.0.1:0")).await.unwrap().stop().await;
}

#[tokio::test]
async fn answers_are_those_of_the_specification() {
    let (_folder, book) = witness();
    let router = http::router(book, Arc::new(At(10)));
    let send = async |method: &str, path: &str, body: Vec<u8>| {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .body(Body::from(body))
            .unwrap();
        let answer = router.clone().oneshot(request).await.unwrap();
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        let status = answer.status();
        let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        (status, kind, String::from_utf8(body.to_vec()).unwrap())
    };
    let path = checkpoint_path(ORIGIN);
    assert_eq!(send("GET", &path, Vec::new()).await.0, StatusCode::NOT_FOUND);
    let (status, _, line) = send("POST", "/add-checkpoint", ask(0, 5, false)).await;
    assert_eq!(status, StatusCode::OK);
    assert!(line.starts_with("\u{2014} witness ") && line.ends_with('\n') && line.lines().count() == 1);
    let (status, _, note) = send("GET", &path, Vec::new()).await;
    assert_eq!(status, StatusCode::OK);
    assert!(note.ends_with(&line) && note.starts_with("d/t/events\n5\n"), "{note}");
    let (status, kind, size) = send("POST", "/add-checkpoint", ask(0, 9, false)).await;
    assert_eq!(
        (status, kind.as_str(), size.as_str()),
        (StatusCode::CONFLICT, "text/x.tlog.size", "5\n")
    );
    let (status, kind, _) = send("POST", "/add-checkpoint", ask(5, 9, true)).await;
    assert_eq!((status.as_u16(), kind.as_str()), (422, "text/plain; charset=utf-8"));
    assert_eq!(
        send("POST", "/add-checkpoint", b"old".to_vec()).await.0,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        send("GET", "/..%2Fwitness.key/checkpoint", Vec::new()).await.0,
        StatusCode::NOT_FOUND
    );
    let large = vec![b'x'; doorstep_log::witness::REQUEST_BYTES_MAX + 1];
    assert_eq!(
        send("POST", "/add-checkpoint", large).await.0,
        StatusCode::PAYLOAD_TOO_LARGE
    );
}
