//! Pulling, leases, permits and checkpoints.

use std::time::Duration;

use doorstep_wire::problem::ProblemCode;
use doorstep_wire::sync::PullOp;

use super::*;
use crate::DeviceError;
use fake::{Fault, pull, put_door, put_permit};

fn remove(noun: &str, id: Uuid) -> PullOp {
    PullOp {
        op: "remove".to_owned(),
        bucket: "assignee".to_owned(),
        noun: noun.to_owned(),
        id,
        body: None,
    }
}

async fn visits(device: &Device) -> Vec<Uuid> {
    device.doors().await.unwrap().iter().map(|door| door.visit).collect()
}

#[tokio::test]
async fn puts_removals_and_resets_apply() {
    let mut scene = Scene::with_doors(&[2, 1]).await;
    assert_eq!(visits(&scene.device).await, [visit(1), visit(2)]);
    assert_eq!(scene.device.permit().await.unwrap(), Some(permit(&[2, 1])));
    assert_eq!(scene.device.door(visit(2)).await.unwrap(), door(2));

    let mut moved = door(1);
    moved.starts += HOUR;
    let newer = PullOp {
        op: "put".to_owned(),
        noun: "weather".to_owned(),
        ..remove("", Uuid::from_u128(1))
    };
    let ops = vec![put_door(&moved), newer, remove("permit", permit(&[]).crew)];
    scene.server.offer(pull(ops, "cursor-2"));
    let report = scene.device.pull().await.unwrap();
    assert_eq!((report.put, report.removed, report.reset), (1, 1, false));
    scene.reopened().await;
    assert_eq!(visits(&scene.device).await, [visit(2), visit(1)]);
    assert_eq!(scene.device.permit().await.unwrap(), None);

    let mut reset = pull(vec![put_door(&door(3))], "cursor-3");
    reset.reset = true;
    scene.server.offer(reset);
    assert!(scene.device.pull().await.unwrap().reset);
    assert_eq!(visits(&scene.device).await, [visit(3)]);
    let asked = [None, Some("cursor-1".to_owned()), Some("cursor-2".to_owned())];
    assert_eq!(scene.server.asked(), asked);
}

#[tokio::test]
async fn a_lost_answer_leaves_the_old_state_and_the_old_cursor() {
    let scene = Scene::with_doors(&[1]).await;
    for fault in [Fault::LoseRequest, Fault::LoseAnswer] {
        scene.server.set_fault(fault);
        scene.server.offer(pull(vec![remove("door", visit(1))], "cursor-2"));
        assert_eq!(scene.device.pull().await.unwrap_err().code(), "network");
        assert_eq!(visits(&scene.device).await, [visit(1)]);
    }
    scene.device.pull().await.unwrap();
    let last = scene.server.asked().pop().unwrap();
    assert_eq!(last.as_deref(), Some("cursor-1"));
}

#[tokio::test]
async fn a_permit_that_does_not_hold_refuses_the_whole_answer() {
    let scene = Scene::with_doors(&[1]).await;
    let mut forged = put_permit(&permit(&[1, 2]));
    forged.body = forged
        .body
        .map(|note| note.replace("\"staff_min\":2", "\"staff_min\":1"));
    let mut foreign = permit(&[1]);
    foreign.ten = Uuid::from_u128(0xbad);
    let mut renamed = put_permit(&permit(&[1]));
    renamed.id = Uuid::from_u128(0x4009);
    for op in [forged, put_permit(&foreign), renamed] {
        scene.server.offer(pull(vec![remove("door", visit(1)), op], "cursor-2"));
        assert_eq!(scene.device.pull().await.unwrap_err().code(), "bad-signature");
    }
    assert_eq!(visits(&scene.device).await, [visit(1)]);
    assert_eq!(scene.device.permit().await.unwrap(), Some(permit(&[1])));
    let suspects = scene.device.suspect_notes().await.unwrap();
    assert_eq!(
        suspects.iter().map(|note| note.noun.as_str()).collect::<Vec<_>>(),
        ["permit"; 3]
    );
    assert_eq!(kinds(&scene.device).await, ["log.alarm"; 3]);
}

#[tokio::test]
async fn the_end_of_the_lease_wipes_doors_and_what_the_server_has() {
    let scene = Scene::with_doors(&[1, 2]).await;
    let device = &scene.device;
    device.visit_start(visit(1), signed_input(device, 1)).await.unwrap();
    device.push().await.unwrap();
    device.visit_start(visit(2), signed_input(device, 2)).await.unwrap();
    scene.clock.advance(72 * HOUR);
    assert_eq!(visits(device).await.len(), 2);
    scene.clock.advance(1);
    assert!(visits(device).await.is_empty());
    assert_eq!(device.permit().await.unwrap(), None);
    let sql = "SELECT payload IS NULL FROM event ORDER BY dseq";
    let empty: Vec<bool> = sqlx::query_scalar(sql).fetch_all(device.db.pool()).await.unwrap();
    assert_eq!(empty, [true, false]);
    // The next pull asks for everything anew.
    device.pull().await.unwrap();
    assert_eq!(scene.server.asked().pop().unwrap(), None);
}

#[tokio::test]
async fn a_revoked_device_wipes_its_doors_and_keeps_its_outbox() {
    let scene = Scene::with_doors(&[1]).await;
    let device = &scene.device;
    device.visit_start(visit(1), signed_input(device, 1)).await.unwrap();
    scene.server.refuse(Some(ProblemCode::DeviceRevoked));
    assert!(matches!(device.push().await, Err(DeviceError::Revoked)));
    assert!(device.sync_status().await.unwrap().revoked);
    assert!(visits(device).await.is_empty());
    assert_eq!(device.permit().await.unwrap(), None);
    assert_eq!(device.outbox().await.unwrap().len(), 1);
    assert_eq!(payloads(device).await.len(), 1);
}

#[tokio::test]
async fn refusals_say_what_to_do_and_keep_everything() {
    let scene = Scene::with_doors(&[1]).await;
    scene.device.day_open().await.unwrap();
    let expected = [
        (ProblemCode::DeviceTooOld, "device-too-old"),
        (ProblemCode::DeviceTooNew, "device-too-new"),
        (ProblemCode::NotSignedIn, "not-signed-in"),
        (ProblemCode::DeviceFork, "device-fork"),
        (ProblemCode::Busy, "busy"),
        (ProblemCode::TooMany, "busy"),
        (ProblemCode::BadSignature, "refused"),
    ];
    for (code, found) in expected {
        scene.server.refuse(Some(code));
        assert_eq!(scene.device.push().await.unwrap_err().code(), found);
        assert_eq!(scene.device.pull().await.unwrap_err().code(), found);
    }
    assert_eq!(visits(&scene.device).await, [visit(1)]);
    assert_eq!(scene.device.outbox().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_wake_up_says_whether_there_is_news() {
    let scene = Scene::new().await;
    let wait_max = Duration::from_mins(1);
    assert!(!scene.device.wake(wait_max).await.unwrap());
    scene.server.offer(pull(Vec::new(), "c"));
    assert!(scene.device.wake(wait_max).await.unwrap());
}

#[tokio::test]
async fn folders_without_device_with_one_or_from_the_future_are_told_apart() {
    let scene = Scene::new().await;
    let empty = tempfile::tempdir().unwrap();
    let open = |dir: &Path| {
        let (dir, clock, server) = (dir.to_owned(), scene.clock.clone(), scene.server.clone());
        async move { Device::open_through(&dir, &pin(), clock, server).await.map(drop) }
    };
    assert_eq!(open(empty.path()).await.unwrap_err().code(), "not-enrolled");
    let again = Enrolment {
        dir: scene.dir.path().to_owned(),
        server_url: String::new(),
        tenant: fake::TENANT,
        code: String::new(),
        app: String::new(),
        pin: pin(),
        key: KeyKind::Ed25519,
    };
    let twice = Device::enrol_through(again, scene.clock.clone(), scene.server.clone()).await;
    assert_eq!(twice.unwrap_err().code(), "already-enrolled");
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 VALUES (9999, 'newer', 1, x'00', 0)";
    sqlx::query(newer).execute(scene.device.db.pool()).await.unwrap();
    assert_eq!(open(scene.dir.path()).await.unwrap_err().code(), "schema-newer");
}

#[tokio::test]
async fn an_enrolment_without_an_answer_can_be_tried_again() {
    let scene = Scene::new().await;
    let dir = tempfile::tempdir().unwrap();
    let enrolment = Enrolment {
        dir: dir.path().to_owned(),
        server_url: "http://127.0.0.1:1".to_owned(),
        tenant: fake::TENANT,
        code: "ABCD-1234".to_owned(),
        app: "test/1".to_owned(),
        pin: pin(),
        key: KeyKind::Ed25519,
    };
    let enrol = || Device::enrol_through(enrolment.clone(), scene.clock.clone(), scene.server.clone());
    scene.server.set_fault(Fault::LoseAnswer);
    assert_eq!(enrol().await.unwrap_err().code(), "network");
    scene.server.refuse(Some(ProblemCode::EnrolmentFailed));
    assert_eq!(enrol().await.unwrap_err().code(), "refused");
    scene.server.refuse(None);
    let device = enrol().await.unwrap();
    device.day_open().await.unwrap();
    assert_eq!(kinds(&device).await, ["day.open"]);
}
