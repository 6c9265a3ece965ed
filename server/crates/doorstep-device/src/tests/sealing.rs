//! What lies on the disk, who can open it, and when it goes.

use doorstep_log::hash::sha256;
use doorstep_wire::problem::ProblemCode;

use super::*;
use crate::db::Db;
use crate::{DeviceError, Peek};

/// Words that stand for everything personal or secret of a day.
const SECRETS: [&str; 8] = [
    "王芳",
    "13800000000",
    "Example Road",
    "session-token",
    "another-token",
    "the gate is green",
    "pixels of a photo",
    "blocked_by",
];

/// Every byte of the device's folder.
fn raw(dir: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            bytes.extend(raw(&path));
        } else {
            bytes.extend(std::fs::read(&path).unwrap());
        }
    }
    bytes
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

fn assert_silent(dir: &Path, device: &Device) {
    let bytes = raw(dir);
    for secret in SECRETS {
        assert!(!holds(&bytes, secret.as_bytes()), "{secret:?} lies open");
    }
    assert!(!holds(&bytes, device.identity.secret.bytes()), "the seed lies open");
}

/// A day with a photo and a note, some of it sent.
async fn a_day(scene: &Scene) {
    // Kept outside the device's folder.
    let outside = tempfile::tempdir().unwrap();
    let capture = outside.path().join("photo.jpg");
    std::fs::write(&capture, b"pixels of a photo".repeat(40_000)).unwrap();
    let device = &scene.device;
    device.visit_start(visit(1), signed_input(device, 1)).await.unwrap();
    let input = FinishInput {
        note: Some("the gate is green".to_owned()),
        evidence: vec![capture],
        ..finish_input()
    };
    device.visit_finish(visit(1), input).await.unwrap();
    device.push().await.unwrap();
    let alone = StartInput {
        staff: vec![Uuid::from_u128(1)],
        anyway: true,
        ..start_input()
    };
    device.visit_start(visit(2), alone).await.unwrap();
}

async fn open_with(scene: &Scene, pin: &str) -> Result<Device, DeviceError> {
    let pin = Pin::new(pin).unwrap();
    Device::open_through(scene.dir.path(), &pin, scene.clock.clone(), scene.server.clone()).await
}

async fn peek(scene: &Scene) -> Peek {
    Device::peek(scene.dir.path(), scene.clock.clone()).await.unwrap()
}

#[tokio::test]
async fn nothing_of_a_day_can_be_read_from_the_disk() {
    let scene = Scene::with_doors(&[1, 2]).await;
    a_day(&scene).await;
    assert_silent(scene.dir.path(), &scene.device);
    // What the server has is opened by the right PIN and complete.
    let photo = b"pixels of a photo".repeat(40_000);
    assert_eq!(scene.device.evidence(&sha256(&photo)).await.unwrap(), photo);
    assert_eq!(scene.device.doors().await.unwrap(), [door(1), door(2)]);
    scene.device.close().await;
    assert_silent(scene.dir.path(), &scene.device);
}

#[tokio::test]
async fn an_altered_capture_does_not_open() {
    let scene = Scene::with_doors(&[1, 2]).await;
    a_day(&scene).await;
    let hash = sha256(&b"pixels of a photo".repeat(40_000));
    let path = scene.dir.path().join("evidence").join(format!("{hash}.sealed"));
    let whole = std::fs::read(&path).unwrap();
    let mut bent = whole.clone();
    bent[300_000] ^= 1;
    let cut = &whole[..256 * 1024 + crate::seal::SEAL_BYTES];
    for bytes in [bent.as_slice(), cut] {
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(
            scene.device.evidence(&hash).await.unwrap_err().code(),
            "database-corrupt"
        );
    }
}

/// What the caseload key sealed at some moment, copied from the disk.
async fn sealed_doors(device: &Device) -> Vec<Vec<u8>> {
    let sql = "SELECT body FROM door UNION ALL SELECT note FROM permit";
    sqlx::query_scalar(sql).fetch_all(device.db.pool()).await.unwrap()
}

async fn wrapped_key(device: &Device) -> Option<Vec<u8>> {
    let sql = "SELECT wrapped FROM caseload_key";
    sqlx::query_scalar(sql).fetch_optional(device.db.pool()).await.unwrap()
}

/// Neither the doors nor the key that opened them are in any byte of the folder.
fn assert_gone(scene: &Scene, doors: &[Vec<u8>], key: &[u8]) {
    let bytes = raw(scene.dir.path());
    for door in doors {
        assert!(!holds(&bytes, &door[..40]), "an old page holds a door");
    }
    assert!(!holds(&bytes, &key[..40]), "an old page holds the key");
    assert_silent(scene.dir.path(), &scene.device);
}

#[tokio::test]
async fn the_end_of_the_lease_destroys_key_and_doors_before_any_pin() {
    let scene = Scene::with_doors(&[1, 2]).await;
    a_day(&scene).await;
    let (doors, key) = (
        sealed_doors(&scene.device).await,
        wrapped_key(&scene.device).await.unwrap(),
    );
    assert_eq!(doors.len(), 3);
    scene.device.close().await;
    scene.clock.advance(72 * HOUR + 1);
    let seen = peek(&scene).await;
    assert_eq!(
        (seen.enrolled, seen.needs_new_pin, seen.unsent, seen.started),
        (true, false, 1, 1)
    );
    assert_eq!(seen.lease_until, Some(Micros(NOON + 72 * HOUR)));
    assert_gone(&scene, &doors, &key);
    // What was not sent is whole, and the next pull makes a new key.
    let device = open_with(&scene, "246813").await.unwrap();
    assert_eq!(device.doors().await.unwrap(), []);
    assert_eq!(payloads(&device).await.len(), 1);
    let mut later = fake::pull_of(&[3]);
    later.lease_until += 72 * HOUR;
    scene.server.offer(later);
    device.pull().await.unwrap();
    assert_eq!(device.doors().await.unwrap(), [door(3)]);
    assert_ne!(wrapped_key(&device).await.unwrap(), key);
    device.visit_finish(visit(2), finish_input()).await.unwrap();
    device.push().await.unwrap();
    assert_eq!(scene.server.kinds(), kinds(&device).await);
}

#[tokio::test]
async fn a_revocation_destroys_the_key() {
    let scene = Scene::with_doors(&[1, 2]).await;
    a_day(&scene).await;
    let (doors, key) = (
        sealed_doors(&scene.device).await,
        wrapped_key(&scene.device).await.unwrap(),
    );
    scene.server.refuse(Some(ProblemCode::DeviceRevoked));
    assert_eq!(scene.device.push().await.unwrap_err().code(), "device-revoked");
    assert_gone(&scene, &doors, &key);
    assert!(peek(&scene).await.revoked);
    assert_eq!(payloads(&scene.device).await.len(), 1);
}

/// Every row of the database but the counting of tries.
async fn rows(device: &Device) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for sql in [
        "SELECT body FROM door ORDER BY visit",
        "SELECT note FROM permit ORDER BY permit",
        "SELECT wrapped FROM caseload_key",
        "SELECT salt || outbox FROM vault",
        "SELECT seed || token FROM identity",
        "SELECT hdr || sig || coalesce(salt, '') || coalesce(payload, '') || state FROM event ORDER BY dseq",
        "SELECT visit || state FROM visit ORDER BY visit",
    ] {
        let rows = sqlx::query(sql).fetch_all(device.db.pool()).await.unwrap();
        found.extend(rows.iter().map(|row| row.get_unchecked::<Vec<u8>, _>(0)));
    }
    found
}

#[tokio::test]
async fn a_wrong_pin_changes_nothing_and_waits_grow_until_the_doors_go() {
    let scene = Scene::with_doors(&[1, 2]).await;
    a_day(&scene).await;
    let before = rows(&scene.device).await;
    let expected_waits = [0, 0, 0, 0, 30, 60, 120, 240, 480, 900];
    for (tried, expected) in expected_waits.into_iter().enumerate() {
        assert_eq!(rows(&scene.device).await, before, "after {tried} wrong ones");
        match open_with(&scene, "864209").await.unwrap_err() {
            DeviceError::WrongPin { left, wait_s } => {
                assert_eq!((left as usize, wait_s), (9 - tried, expected));
            }
            other => panic!("{other}"),
        }
        assert_eq!(peek(&scene).await.wait_s, expected);
        if expected > 0 {
            // Neither the right one nor a wrong one is looked at.
            scene.clock.advance(1_000_000);
            match open_with(&scene, "246813").await.unwrap_err() {
                DeviceError::PinWait { seconds } => assert_eq!(seconds, expected - 1),
                other => panic!("{other}"),
            }
            scene.clock.advance((expected - 1) * 1_000_000);
        }
    }
    assert_eq!(
        sealed_doors(&scene.device).await.len(),
        0,
        "the tenth destroys the caseload"
    );
    assert_eq!(wrapped_key(&scene.device).await, None);
    let device = open_with(&scene, "246813").await.unwrap();
    assert_eq!(payloads(&device).await.len(), 1, "what was not sent stays");
    // The right one starts the count anew.
    match open_with(&scene, "864209").await.unwrap_err() {
        DeviceError::WrongPin { left, wait_s } => assert_eq!((left, wait_s), (9, 0)),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_pin_is_changed_by_whoever_knows_the_old_one() {
    let scene = Scene::with_doors(&[1]).await;
    let [old, new] = ["246813", "a better one"].map(|text| Pin::new(text).unwrap());
    let device = &scene.device;
    assert_eq!(device.change_pin(&new, &old).await.unwrap_err().code(), "wrong-pin");
    device.change_pin(&old, &new).await.unwrap();
    assert_eq!(open_with(&scene, "246813").await.unwrap_err().code(), "wrong-pin");
    let device = open_with(&scene, "a better one").await.unwrap();
    assert_eq!(device.doors().await.unwrap(), [door(1)]);
    // Who had it open goes on.
    assert_eq!(scene.device.doors().await.unwrap(), [door(1)]);
}

/// Puts the database back to what a program of before wrote: nothing sealed, no vault.
async fn unseal(device: &Device) {
    let key = crate::vault::caseload(&mut device.db.pool().acquire().await.unwrap(), &device.key)
        .await
        .unwrap()
        .unwrap();
    let mut tx = device.db.begin().await.unwrap();
    crate::upgrade::open_all(&mut tx, &device.key, &key).await;
    sqlx::query("DELETE FROM vault").execute(&mut *tx).await.unwrap();
    sqlx::query("DELETE FROM caseload_key").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_database_of_before_is_sealed_at_its_first_pin() {
    let scene = Scene::with_doors(&[1, 2]).await;
    a_day(&scene).await;
    let photo = b"pixels of a photo".repeat(40_000);
    let hash = sha256(&photo);
    let folder = scene.dir.path().join("evidence");
    unseal(&scene.device).await;
    std::fs::remove_file(folder.join(format!("{hash}.sealed"))).unwrap();
    std::fs::write(folder.join(hash.to_hex()), &photo).unwrap();
    std::fs::write(folder.join("0.part"), &photo).unwrap();
    scene.device.close().await;
    assert!(holds(&raw(scene.dir.path()), "王芳".as_bytes()), "it lay open before");
    assert!(peek(&scene).await.needs_new_pin);

    let device = open_with(&scene, "a new one").await.unwrap();
    assert!(!peek(&scene).await.needs_new_pin);
    assert_silent(scene.dir.path(), &device);
    assert_eq!(device.doors().await.unwrap(), [door(1), door(2)]);
    assert_eq!(device.permit().await.unwrap(), Some(permit(&[1, 2])));
    assert_eq!(device.evidence(&hash).await.unwrap(), photo);
    assert_eq!(open_with(&scene, "246813").await.unwrap_err().code(), "wrong-pin");
    device.push().await.unwrap();
    assert_eq!(scene.server.kinds(), kinds(&device).await);
}

#[tokio::test]
async fn an_empty_folder_and_one_from_the_future_are_told_before_the_pin() {
    let scene = Scene::new().await;
    let empty = tempfile::tempdir().unwrap();
    let seen = Device::peek(empty.path(), scene.clock.clone()).await.unwrap();
    assert_eq!(seen, Peek::default());
    let seen = peek(&scene).await;
    assert_eq!((seen.enrolled, seen.lease_until), (true, None));
    // Somebody who began to enrol and got no answer.
    Db::open(empty.path(), true).await.unwrap();
    let seen = Device::peek(empty.path(), scene.clock.clone()).await.unwrap();
    assert!(!seen.enrolled);
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 VALUES (9999, 'newer', 1, x'00', 0)";
    sqlx::query(newer).execute(scene.device.db.pool()).await.unwrap();
    let refused = Device::peek(scene.dir.path(), scene.clock.clone()).await;
    assert_eq!(refused.unwrap_err().code(), "schema-newer");
}

#[tokio::test]
async fn a_device_is_shared_by_tasks() {
    let scene = Scene::with_doors(&[1, 2, 3]).await;
    let device = Arc::new(reopen(scene.dir.path(), &scene.clock, &scene.server).await);
    let mut tasks = tokio::task::JoinSet::new();
    for number in [1, 2, 3] {
        let device = Arc::clone(&device);
        tasks.spawn(async move {
            device
                .visit_start(visit(number), signed_input(&device, number))
                .await
                .unwrap();
            device.push().await.unwrap();
            device.draft_put(visit(number), &serde_json::json!({})).await.unwrap();
            device.identity_confirm(visit(number)).await.unwrap();
            device.visit_finish(visit(number), finish_input()).await.unwrap();
            device.sos(None).await.unwrap();
            device.pull().await.unwrap();
            assert_eq!(device.route().await.unwrap().stops.len(), 3);
            device.visit_view(visit(number)).await.unwrap();
            assert!(device.alarms().await.unwrap().is_empty());
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    device.push().await.unwrap();
    assert_eq!(scene.server.kinds(), kinds(&device).await);
    assert_eq!(scene.server.kinds().len(), 18);
}

/// Copies the files of a folder.
fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
}

#[tokio::test]
async fn sealing_a_database_of_before_is_whole_or_begins_again() {
    let scene = Scene::with_doors(&[1, 2]).await;
    a_day(&scene).await;
    let expected = payloads(&scene.device).await;
    unseal(&scene.device).await;
    scene.device.close().await;
    let mut sealed = Vec::new();
    for polls in 0.. {
        let dir = tempfile::tempdir().unwrap();
        copy(scene.dir.path(), dir.path());
        let right = pin();
        let open = Device::open_through(dir.path(), &right, scene.clock.clone(), scene.server.clone());
        let done = killed_after(polls, open).await.is_some();
        let seen = Device::peek(dir.path(), scene.clock.clone()).await.unwrap();
        sealed.push(!seen.needs_new_pin);
        let device = reopen(dir.path(), &scene.clock, &scene.server).await;
        assert_eq!(payloads(&device).await, expected);
        assert_eq!(device.doors().await.unwrap(), [door(1), door(2)]);
        if done {
            break;
        }
    }
    assert!(sealed.len() > 3, "it was killed at several moments");
    assert!(!sealed[0] && sealed.contains(&true));
}
