//! Where a visit may begin: a good position far from a confirmed door is refused, and nothing else is.

use doorstep_wire::sync::PermitPlace;

use super::*;
use crate::{Blocked, DeviceError, PermitReason};

/// A metre to the north, in 1e-7 degrees.
const METRE_E7: f64 = 1.0 / 0.011_131_95;

/// A device whose permit confirms its one door, or not.
async fn at_door(radius_m: Option<u32>) -> Scene {
    let scene = Scene::new().await;
    let mut permit = permit(&[1]);
    let point = door(1).point;
    permit.doors[0].place = Some(PermitPlace {
        kind: "home".to_owned(),
        lat_e7: point[0],
        lon_e7: point[1],
        radius_m,
    });
    let ops = vec![fake::put_door(&door(1)), fake::put_permit(&permit)];
    scene.server.offer(fake::pull(ops, "c1"));
    scene.device.pull().await.unwrap();
    scene
}

/// A start so many metres north of the door.
fn north(device: &Device, metres: f64, accuracy_m: u32, mock: bool) -> StartInput {
    let point = door(1).point;
    #[allow(clippy::cast_possible_truncation, reason = "a step within the town")]
    let step = (metres * METRE_E7) as i64;
    StartInput {
        position: Some(Position {
            lat_e7: point[0] + step,
            lon_e7: point[1],
            accuracy_m,
            mock,
        }),
        ..signed_input(device, 1)
    }
}

#[tokio::test]
async fn a_good_position_far_from_a_confirmed_door_blocks_and_is_kept_where_it_happened() {
    let scene = at_door(Some(250)).await;
    let device = &scene.device;
    let refused = device.visit_start(visit(1), north(device, 271.0, 20, false)).await;
    let Err(DeviceError::Blocked(reasons)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(reasons, [Blocked::Permit(PermitReason::Place)]);
    let listed = &device.route().await.unwrap().stops[0].gate.blocked;
    assert!(!listed.contains(&reasons[0]), "a list does not know where the crew is");
    let input = StartInput {
        anyway: true,
        ..north(device, 271.0, 20, false)
    };
    device.visit_start(visit(1), input).await.unwrap();
    let said = payloads(device).await.join("\n");
    assert!(said.contains("\"blocked_by\":[\"PERMIT-PLACE\"]"), "{said}");
}

#[tokio::test]
async fn at_the_edge_of_its_accuracy_a_visit_begins() {
    let scene = at_door(Some(250)).await;
    let device = &scene.device;
    let started = device
        .visit_start(visit(1), north(device, 269.0, 20, false))
        .await
        .unwrap();
    assert!(started.blocked.is_empty());
}

#[tokio::test]
async fn a_poor_position_or_an_unconfirmed_door_blocks_nobody() {
    for (radius, position) in [
        (Some(250), Some((5_000.0, 101, false))),
        (Some(250), Some((5_000.0, 0, false))),
        (Some(250), Some((5_000.0, 20, true))),
        (None, Some((5_000.0, 20, false))),
        (Some(250), None),
    ] {
        let scene = at_door(radius).await;
        let device = &scene.device;
        let input = match position {
            Some((metres, accuracy_m, mock)) => north(device, metres, accuracy_m, mock),
            None => StartInput {
                position: None,
                ..signed_input(device, 1)
            },
        };
        device.visit_start(visit(1), input).await.unwrap();
    }
}
