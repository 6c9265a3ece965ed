//! What is the owner's own: their day, and who looked at them.

use doorstep_domain::words::Lang;
use doorstep_log::canonical::Value;
use doorstep_wire::Page;
use doorstep_wire::read::ReadItem;

use super::*;
use crate::{Day, DayCounts, DeviceError, OwnReads};
use fake::Fault;

#[tokio::test]
async fn a_day_is_open_closed_and_open_again() {
    let mut scene = Scene::with_doors(&[1, 2, 3]).await;
    assert_eq!(scene.device.day().await.unwrap(), Day::default());
    // A close without an opening opens nothing.
    scene.device.day_close().await.unwrap();
    assert_eq!(scene.device.day().await.unwrap(), Day::default());
    scene.device.day_open().await.unwrap();
    let opened_at = Some(Micros(NOON));
    let open = Day {
        opened_at,
        closed_at: None,
    };
    assert_eq!(scene.device.day().await.unwrap(), open);
    scene
        .device
        .visit_start(visit(1), signed_input(&scene.device, 1))
        .await
        .unwrap();
    scene.device.visit_finish(visit(1), finish_input()).await.unwrap();
    scene.device.skip(visit(2), "gate closed").await.unwrap();
    scene.clock.advance(HOUR);
    scene.device.push().await.unwrap();
    scene
        .device
        .visit_start(visit(3), signed_input(&scene.device, 3))
        .await
        .unwrap();
    let counts = DayCounts {
        unacknowledged: 1,
        events: 6,
        visits: 1,
        skipped: 1,
        begun: 1,
    };
    assert_eq!(scene.device.day_counts().await.unwrap(), counts);
    // What was shown is what the close says.
    scene.device.day_close().await.unwrap();
    let closed = verified_chain(&scene.device).await.pop().unwrap();
    let said = |name: &str| closed.extra.get(name).cloned();
    assert_eq!(
        ["unacknowledged", "events", "visits", "skipped", "begun"].map(said),
        [1, 6, 1, 1, 1].map(|number| Some(Value::Integer(number)))
    );
    scene.reopened().await;
    let closed_at = Some(Micros(NOON + HOUR));
    assert_eq!(scene.device.day().await.unwrap(), Day { opened_at, closed_at });
    scene.device.day_open().await.unwrap();
    let again = Day {
        opened_at: closed_at,
        closed_at: None,
    };
    assert_eq!(scene.device.day().await.unwrap(), again);
    assert_eq!(scene.device.day_counts().await.unwrap().visits, 0, "since the opening");
}

fn read(number: u128) -> ReadItem {
    ReadItem {
        id: Uuid::from_u128(number),
        log: "access".to_owned(),
        at: NOON,
        happened_at: NOON,
        who: Some("Superior-Reader".to_owned()),
        device: None,
        role: "supervisor".to_owned(),
        purpose: "live".to_owned(),
        outside: None,
        classes: vec!["whereabouts".to_owned()],
        channel: "office".to_owned(),
        online: true,
        persons: 1,
    }
}

#[tokio::test]
async fn who_looked_is_kept_for_a_day_without_a_network_and_goes_with_the_lease() {
    let mut scene = Scene::with_doors(&[1]).await;
    assert_eq!(scene.device.own_reads().await.unwrap(), None);
    let next = Some("older".to_owned());
    scene.server.tell_reads(&Page {
        items: vec![read(2), read(1)],
        next,
    });
    scene.device.fetch_own_reads().await.unwrap();
    scene.clock.advance(HOUR);
    let kept = OwnReads {
        fetched_at: Micros(NOON),
        items: vec![read(2), read(1)],
        more: true,
    };
    scene.server.set_fault(Fault::LoseRequest);
    let lost = scene.device.fetch_own_reads().await.unwrap_err();
    assert!(matches!(lost, DeviceError::Network(_)));
    scene.reopened().await;
    assert_eq!(scene.device.own_reads().await.unwrap(), Some(kept));
    let bytes = std::fs::read(scene.dir.path().join("device.db")).unwrap();
    let wal = std::fs::read(scene.dir.path().join("device.db-wal")).unwrap_or_default();
    for bytes in [bytes, wal] {
        assert!(
            !bytes.windows(15).any(|part| part == b"Superior-Reader"),
            "it lies open"
        );
    }
    // A newer answer takes the place of the older.
    scene.server.tell_reads(&Page {
        items: vec![read(3)],
        next: None,
    });
    scene.device.fetch_own_reads().await.unwrap();
    let newer = scene.device.own_reads().await.unwrap().unwrap();
    assert_eq!((newer.items, newer.more), (vec![read(3)], false));
    assert_eq!(newer.fetched_at, Micros(NOON + HOUR));
    scene.clock.advance(100 * HOUR);
    assert_eq!(scene.device.own_reads().await.unwrap(), None);
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM own_read")
        .fetch_one(scene.device.db.pool())
        .await
        .unwrap();
    assert_eq!(rows, 0);
}

#[tokio::test]
async fn what_was_found_about_ones_own_visits_is_asked_for_and_kept_nowhere() {
    let scene = Scene::new().await;
    let device = &scene.device;
    let listed = device.own_checks().await.unwrap();
    assert_eq!((listed.len(), listed[0].staff.as_str()), (1, "F01"));
    let opened = device.own_check(listed[0].id, Lang::Zh).await.unwrap();
    assert_eq!(
        opened.outcome.as_deref(),
        Some("zh-CN"),
        "in the language of who reads it"
    );
    let appealed = device
        .own_check_appeal(listed[0].id, ("they asked for it", Lang::En))
        .await
        .unwrap();
    assert_eq!(
        (appealed.item.state.as_str(), appealed.appeal.as_deref()),
        ("appealed", Some("they asked for it"))
    );
    scene.server.set_fault(fake::Fault::LoseRequest);
    let lost = device.own_checks().await.unwrap_err();
    assert!(matches!(lost, DeviceError::Network(_)), "{lost}");
}
