//! Any order of visits, pushes, lost messages and restarts loses and doubles nothing.

use proptest::prelude::*;

use super::*;
use fake::Fault;

const VISITS: u128 = 3;

#[derive(Debug, Clone)]
enum Step {
    Start(u128),
    Finish(u128),
    Skip(u128),
    Day,
    Push(Fault),
    Pull(Fault),
    Restart,
}

fn any_step() -> impl Strategy<Value = Step> {
    let fault = || prop_oneof![Just(Fault::None), Just(Fault::LoseRequest), Just(Fault::LoseAnswer)];
    prop_oneof![
        3 => (1..=VISITS).prop_map(Step::Start),
        3 => (1..=VISITS).prop_map(Step::Finish),
        1 => (1..=VISITS).prop_map(Step::Skip),
        1 => Just(Step::Day),
        4 => fault().prop_map(Step::Push),
        1 => fault().prop_map(Step::Pull),
        1 => Just(Step::Restart),
    ]
}

/// Carries a step out and says which events it must have made.
async fn carry_out(scene: &mut Scene, step: &Step) -> Vec<&'static str> {
    let device = &scene.device;
    match step {
        Step::Start(number) => match device.visit_start(visit(*number), signed_input(device, *number)).await {
            Ok(_) => return vec!["visit.arrived"],
            Err(error) => assert_eq!(error.code(), "already-done"),
        },
        Step::Finish(number) => match device.visit_finish(visit(*number), finish_input()).await {
            Ok(_) => return vec!["visit.outcome", "visit.departed"],
            Err(error) => assert!(["not-started", "already-done"].contains(&error.code())),
        },
        Step::Skip(number) => match device.skip(visit(*number), "rain").await {
            Ok(_) => return vec!["stop.skipped"],
            Err(error) => assert_eq!(error.code(), "already-done"),
        },
        Step::Day => {
            device.day_open().await.unwrap();
            return vec!["day.open"];
        }
        Step::Push(fault) => {
            scene.server.set_fault(*fault);
            let pushed = device.push().await;
            // With nothing to send the fault stays for nobody.
            scene.server.set_fault(Fault::None);
            if let Err(error) = pushed {
                assert_eq!(error.code(), "network");
            }
        }
        Step::Pull(fault) => {
            scene.server.set_fault(*fault);
            assert_eq!(device.pull().await.is_ok(), *fault == Fault::None);
        }
        Step::Restart => scene.reopened().await,
    }
    Vec::new()
}

async fn check(steps: Vec<Step>) {
    let mut scene = Scene::with_doors(&[1, 2, 3]).await;
    let mut expected = Vec::new();
    for step in &steps {
        expected.extend(carry_out(&mut scene, step).await);
        scene.clock.advance(1_000_000);
        let stored = scene.server.kinds();
        assert_eq!(stored, expected[..stored.len()], "the server has a prefix of the day");
    }
    scene.device.push().await.unwrap();
    assert_eq!(scene.server.kinds(), expected);
    assert_eq!(kinds(&scene.device).await, expected);
    assert_eq!(scene.device.outbox().await.unwrap(), []);
    assert_eq!(scene.device.suspect_notes().await.unwrap(), []);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_or_doubled(steps in prop::collection::vec(any_step(), 1..24)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(check(steps));
    }
}
