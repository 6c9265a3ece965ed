//! Servers that lie about the log or about what they acknowledged, and keys of either kind.

use super::*;
use crate::{DeviceError, SuspectNote};
use fake::{Fault, History, Proof, TRUE, checkpoint, continued, pull, put_door};

/// Another history from the fourth leaf on.
const OTHER: History = History { split: 3 };

async fn size_seen(device: &Device) -> Option<u64> {
    device.checkpoint_seen().await.unwrap().map(|seen| seen.checkpoint.size)
}

async fn newest(device: &Device) -> SuspectNote {
    device.suspect_notes().await.unwrap().pop().unwrap()
}

#[tokio::test]
async fn a_checkpoint_is_taken_up_only_with_a_proof_that_the_log_grew() {
    let mut scene = Scene::new().await;
    for size in [5, 5, 9, 300] {
        scene.server.publish(size, TRUE);
        assert!(!scene.device.pull().await.unwrap().alarm);
        assert_eq!(size_seen(&scene.device).await, Some(size));
    }
    // A push brings no proof, so it moves nothing.
    scene.server.publish(400, TRUE);
    scene.device.day_open().await.unwrap();
    assert!(!scene.device.push().await.unwrap().alarm);
    assert_eq!(size_seen(&scene.device).await, Some(300));
    scene.reopened().await;
    scene.device.pull().await.unwrap();
    scene.device.day_close().await.unwrap();
    let seen: Vec<Option<u64>> = verified_chain(&scene.device)
        .await
        .iter()
        .map(|header| header.cp.map(|cp| cp.size))
        .collect();
    assert_eq!(seen, [Some(300), Some(400)]);
    assert_eq!(
        scene.server.sizes(),
        [None, Some(5), Some(5), Some(9), Some(300)],
        "every pull names what is known"
    );
}

#[tokio::test]
async fn a_lying_server_is_kept_on_record_and_the_device_goes_on() {
    let scene = Scene::with_doors(&[1, 2]).await;
    let device = &scene.device;
    scene.server.publish(7, TRUE);
    device.pull().await.unwrap();
    let known = checkpoint(7, TRUE);
    let lies: [(u64, History, Proof, &str); 7] = [
        (5, TRUE, Proof::Right, "smaller"),
        (7, OTHER, Proof::Right, "two-roots"),
        (9, OTHER, Proof::Right, "not-extended"),
        (10, TRUE, Proof::Missing, "not-extended"),
        (11, TRUE, Proof::Bent, "not-extended"),
        (12, TRUE, Proof::TooLong, "not-extended"),
        (13, TRUE, Proof::Garbled, "not-extended"),
    ];
    for (number, (size, history, proof, code)) in lies.into_iter().enumerate() {
        scene.server.publish(size, history);
        scene.server.prove(proof);
        for _ in 0..2 {
            // What protects a person is taken from whoever says it.
            scene.server.offer(pull(vec![put_door(&door(3))], "cursor-1"));
            let report = device.pull().await.unwrap();
            assert_eq!((report.alarm, report.put), (true, 1), "{code}");
        }
        assert_eq!(size_seen(device).await, Some(7), "{code}");
        let kept = newest(device).await;
        assert_eq!((kept.noun.as_str(), kept.code.as_str()), ("checkpoint", code));
        assert_eq!(kept.note, checkpoint(size, history));
        assert_eq!(kept.known.as_ref(), Some(&known));
        let came = kept.proof.unwrap().lines().count();
        assert_eq!(came > 0, size > 7 && proof != Proof::Missing, "{code}: {came}");
        assert_eq!(device.suspect_count().await.unwrap(), number as i64 + 1, "kept once");
        scene.clock.advance(1);
    }
    assert_eq!(kinds(device).await, ["log.inconsistent"; 7]);
    scene.server.publish_note(checkpoint(8, TRUE).replace("\n8\n", "\n9\n"));
    assert!(device.pull().await.unwrap().alarm);
    assert_eq!(newest(device).await.code, "bad-signature");
    // Offline it works as before; what it was shown is in its chain.
    device.visit_start(visit(1), signed_input(device, 1)).await.unwrap();
    device.visit_finish(visit(1), finish_input()).await.unwrap();
    let last = verified_chain(device).await.pop().unwrap();
    assert_eq!(last.cp.map(|seen| seen.size), Some(7));
    // The same server, honest again.
    scene.server.publish(20, TRUE);
    assert!(!device.pull().await.unwrap().alarm);
    assert_eq!(size_seen(device).await, Some(20));
}

#[tokio::test]
async fn claims_keep_no_proof_out_and_what_finds_no_place_is_still_reported() {
    let scene = Scene::new().await;
    let device = &scene.device;
    scene.server.publish(7, TRUE);
    device.pull().await.unwrap();
    let unproven = async |size| {
        scene.server.publish(size, TRUE);
        scene.server.prove(Proof::Missing);
        assert!(device.pull().await.unwrap().alarm);
    };
    for size in 8..40 {
        unproven(size).await;
    }
    assert_eq!(device.suspect_count().await.unwrap(), 20);
    assert_eq!(
        kinds(device).await,
        ["log.inconsistent"; 21],
        "one more says that there are more"
    );
    scene.clock.advance(2 * HOUR);
    unproven(40).await;
    assert_eq!(kinds(device).await.len(), 22, "and once an hour again");
    scene.server.publish(7, OTHER);
    device.pull().await.unwrap();
    assert_eq!(
        newest(device).await.code,
        "two-roots",
        "the proof has a place of its own"
    );
    assert_eq!(device.suspect_count().await.unwrap(), 21);
    assert_eq!(kinds(device).await.len(), 23);
    verified_chain(device).await;
}

#[tokio::test]
async fn an_older_answer_of_another_process_is_no_alarm() {
    let scene = Scene::new().await;
    let device = &scene.device;
    scene.server.publish(4, TRUE);
    device.pull().await.unwrap();
    let asked = device.checkpoint_seen().await.unwrap();
    scene.server.publish(9, TRUE);
    device.pull().await.unwrap();
    // Two requests were under way when 4 was known; the slower answer is the older one, and the same as what was asked.
    let mut tx = device.db.begin().await.unwrap();
    let mut older = pull(Vec::new(), "cursor-1");
    older.checkpoint = checkpoint(4, TRUE);
    let alarm = device.take_checkpoint(&mut tx, &older, asked.as_ref()).await;
    assert!(!alarm.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(size_seen(device).await, Some(9));
    assert!(kinds(device).await.is_empty());
}

#[tokio::test]
async fn evidence_outlives_a_new_start_the_lease_and_a_revocation() {
    let mut scene = Scene::with_doors(&[1]).await;
    scene.server.publish(7, TRUE);
    scene.device.pull().await.unwrap();
    scene.server.publish(9, OTHER);
    scene.device.pull().await.unwrap();
    let kept = scene.device.suspect_notes().await.unwrap();
    let [brief] = &scene.device.suspects().await.unwrap()[..] else {
        panic!("one is kept");
    };
    assert_eq!(
        (brief.noun.as_str(), brief.code.as_str()),
        ("checkpoint", "not-extended")
    );
    assert_eq!(brief.seen_at, kept[0].seen_at);
    scene.server.revoke();
    assert!(matches!(scene.device.push().await, Err(DeviceError::Revoked)));
    scene.clock.advance(100 * HOUR);
    scene.reopened().await;
    assert_eq!(scene.device.doors().await.unwrap(), []);
    assert_eq!(scene.device.suspect_notes().await.unwrap(), kept);
}

#[tokio::test]
async fn a_server_that_ended_the_device_takes_its_events_first() {
    let scene = Scene::with_doors(&[1]).await;
    let device = &scene.device;
    device.visit_start(visit(1), signed_input(device, 1)).await.unwrap();
    device.visit_finish(visit(1), finish_input()).await.unwrap();
    device.day_close().await.unwrap();
    scene.server.revoke();
    assert!(matches!(device.push().await, Err(DeviceError::Revoked)));
    assert_eq!(scene.server.kinds(), kinds(device).await);
    assert_eq!(device.outbox().await.unwrap(), []);
    assert_eq!(device.doors().await.unwrap(), []);
    assert!(device.sync_status().await.unwrap().revoked);
}

#[tokio::test]
async fn a_pull_shows_that_the_server_dropped_what_it_had_acknowledged() {
    let scene = Scene::with_doors(&[1]).await;
    let device = &scene.device;
    device.visit_start(visit(1), signed_input(device, 1)).await.unwrap();
    device.visit_finish(visit(1), finish_input()).await.unwrap();
    device.push().await.unwrap();
    assert!(!device.pull().await.unwrap().alarm);
    scene.server.lose_after(1);
    // A time that was set back hides nothing.
    scene.server.turn_back();
    assert!(device.pull().await.unwrap().alarm);
    let kept = newest(device).await;
    assert_eq!(
        (kept.noun.as_str(), kept.code.as_str()),
        ("acknowledgement", "withdrawn")
    );
    assert!(kept.known.is_some(), "both acknowledgements are kept");
    assert!(!device.pull().await.unwrap().alarm, "said once");
    device.push().await.unwrap();
    assert_eq!(scene.server.kinds(), kinds(device).await, "everything is there again");
    assert_eq!(scene.server.kinds().last().unwrap(), "log.alarm");
}

#[tokio::test]
async fn a_pull_settles_a_push_whose_answer_was_lost() {
    let scene = Scene::with_doors(&[1]).await;
    let device = &scene.device;
    device.day_open().await.unwrap();
    scene.server.set_fault(Fault::LoseAnswer);
    assert_eq!(device.push().await.unwrap_err().code(), "network");
    device.pull().await.unwrap();
    assert_eq!(device.outbox().await.unwrap(), []);
    assert_eq!(device.push().await.unwrap().sent, 0);
}

#[tokio::test]
async fn an_es256_device_signs_renews_and_opens_like_any_other() {
    let mut scene = Scene::with_key(KeyKind::Es256).await;
    scene.server.offer(fake::pull_of(&[1]));
    scene.device.pull().await.unwrap();
    // Half of all signatures come with the higher s first.
    for _ in 0..12 {
        scene.device.day_open().await.unwrap();
    }
    scene.reopened().await;
    scene.server.end_session();
    assert_eq!(scene.device.push().await.unwrap().acknowledged, 12);
    assert_eq!(verified_chain(&scene.device).await.len(), 12);
    let bytes = std::fs::read(scene.dir.path().join("device.db")).unwrap();
    let secret = scene.device.identity.secret.bytes();
    assert!(
        !bytes.windows(32).any(|part| secret.windows(32).any(|own| own == part)),
        "the key lies open"
    );
}

#[tokio::test]
async fn a_log_under_a_new_name_is_followed_only_with_its_first_leaf() {
    let scene = Scene::new().await;
    let device = &scene.device;
    scene.server.publish(7, TRUE);
    device.pull().await.unwrap();
    let name = "d/t/events";
    let lies = [
        continued(Uuid::from_u128(99), name, (7, TRUE), (5, TRUE)),
        continued(fake::TENANT, "d/t/other", (7, TRUE), (5, TRUE)),
        continued(fake::TENANT, name, (6, TRUE), (5, TRUE)),
        continued(fake::TENANT, name, (7, OTHER), (5, TRUE)),
        continued(fake::TENANT, name, (9, TRUE), (7, OTHER)),
    ];
    for (place, (note, proof)) in lies.into_iter().enumerate() {
        scene.server.proceed(note.clone(), vec![proof]);
        assert!(device.pull().await.unwrap().alarm, "lie {place}");
        scene.server.proceed(note, Vec::new());
        assert!(device.pull().await.unwrap().alarm, "lie {place} without its leaf");
        assert_eq!(size_seen(device).await, Some(7), "lie {place}");
    }
    let before = device.suspect_notes().await.unwrap().len();
    let (note, proof) = continued(fake::TENANT, name, (9, TRUE), (5, TRUE));
    scene.server.proceed(note, vec![proof]);
    assert!(device.pull().await.unwrap().alarm, "its holder is told once");
    assert!(!device.pull().await.unwrap().alarm);
    assert_eq!(size_seen(device).await, Some(1));
    let kept = device.suspect_notes().await.unwrap();
    assert_eq!(kept.len(), before + 1);
    assert!(
        kept.iter().any(|note| note.reason.contains("closed at 5 of 9 leaves")),
        "{kept:?}"
    );
    assert!(
        kept.iter()
            .all(|note| note.known.as_deref() == Some(&checkpoint(7, TRUE)))
    );
    // The old name does not come back.
    scene.server.publish(12, TRUE);
    assert!(device.pull().await.unwrap().alarm);
    assert_eq!(size_seen(device).await, Some(1));
}
