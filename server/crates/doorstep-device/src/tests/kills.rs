//! Any order of steps, each killed at any moment or with a commit that fails either way, with answers that are lost, cut,
//! doubled or out of order, and with wrong PINs between: nothing is lost, nothing doubled, nothing half done.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::db::CommitFault;
use fake::Fault;

const VISITS: u128 = 3;

#[derive(Debug, Clone)]
enum Act {
    Start(u128),
    Confirm(u128),
    Finish(u128),
    Skip(u128),
    View(u128),
    Draft(u128, u8),
    Sos,
    Push(Fault),
    Pull(Fault),
    WrongPin,
    Nothing,
}

impl Act {
    /// The events that it makes where it does anything.
    fn events(&self) -> &'static [&'static str] {
        match self {
            Self::Start(_) => &["visit.arrived"],
            Self::Confirm(_) => &["identity.confirmed"],
            Self::Finish(_) => &["visit.outcome", "visit.departed"],
            Self::Skip(_) => &["stop.skipped"],
            Self::View(_) => &["read"],
            Self::Sos => &["incident"],
            _ => &[],
        }
    }
}

fn any_act() -> impl Strategy<Value = Act> {
    let fault = || {
        prop_oneof![
            Just(Fault::None),
            Just(Fault::LoseRequest),
            Just(Fault::LoseAnswer),
            Just(Fault::CutAnswer),
            Just(Fault::Twice),
        ]
    };
    let push_fault = prop_oneof![3 => fault(), 1 => Just(Fault::OldAnswer)];
    let visit = || 1..=VISITS;
    prop_oneof![
        3 => visit().prop_map(Act::Start),
        1 => visit().prop_map(Act::Confirm),
        3 => visit().prop_map(Act::Finish),
        1 => visit().prop_map(Act::Skip),
        1 => visit().prop_map(Act::View),
        2 => (visit(), any::<u8>()).prop_map(|(number, typed)| Act::Draft(number, typed)),
        1 => Just(Act::Sos),
        4 => push_fault.prop_map(Act::Push),
        1 => fault().prop_map(Act::Pull),
        1 => Just(Act::WrongPin),
        1 => Just(Act::Nothing),
    ]
}

fn typed(number: u8) -> Value {
    json!({ "note": format!("typed {number}") })
}

/// Does it; the code of the refusal where it was refused.
async fn act(scene: &Scene, act: &Act) -> Result<(), &'static str> {
    let device = &scene.device;
    let done = match act {
        Act::Start(number) => device
            .visit_start(visit(*number), signed_input(device, *number))
            .await
            .map(drop),
        Act::Confirm(number) => device.identity_confirm(visit(*number)).await.map(drop),
        Act::Finish(number) => device.visit_finish(visit(*number), finish_input()).await.map(drop),
        Act::Skip(number) => device.skip(visit(*number), "rain").await.map(drop),
        Act::View(number) => device.visit_view(visit(*number)).await.map(drop),
        Act::Draft(number, text) => device.draft_put(visit(*number), &typed(*text)).await,
        Act::Sos => device.sos(None).await.map(drop),
        Act::Push(fault) => {
            scene.server.set_fault(*fault);
            device.push().await.map(drop)
        }
        Act::Pull(fault) => {
            scene.server.set_fault(*fault);
            device.pull().await.map(drop)
        }
        Act::WrongPin => {
            let wrong = Pin::new("864209").unwrap();
            Device::open_through(scene.dir.path(), &wrong, scene.clock.clone(), scene.server.clone())
                .await
                .map(drop)
        }
        Act::Nothing => Ok(()),
    };
    scene.server.set_fault(Fault::None);
    done.map_err(|error| error.code())
}

/// What comes between.
#[derive(Debug, Clone)]
enum Cut {
    /// Nothing.
    None,
    /// The process ends after so many polls.
    Killed(usize),
    /// A commit fails, and the process goes on.
    Commit(usize, CommitFault),
}

fn any_cut() -> impl Strategy<Value = Cut> {
    let fault = prop_oneof![Just(CommitFault::Lost), Just(CommitFault::Done)];
    prop_oneof![
        2 => Just(Cut::None),
        2 => (0_usize..48).prop_map(Cut::Killed),
        1 => (0_usize..3, fault).prop_map(|(before, fault)| Cut::Commit(before, fault)),
    ]
}

/// What must be so: the events in their order, and the drafts.
#[derive(Default)]
struct Model {
    events: Vec<String>,
    drafts: BTreeMap<u128, Value>,
}

impl Model {
    /// Takes over what an act did; one that was cut did all or nothing.
    async fn follow(&mut self, scene: &Scene, act: &Act, ended: Option<Result<(), &'static str>>) {
        let found = kinds(&scene.device).await;
        assert_eq!(found[..self.events.len()], self.events, "what was recorded stays");
        let new = &found[self.events.len()..];
        match (&ended, act) {
            // Looking again is the same reading.
            (Some(Ok(())), Act::View(_)) => assert!(new.is_empty() || new == act.events()),
            (Some(Ok(())), _) => assert_eq!(new, act.events()),
            (Some(Err(_)), _) => assert!(new.is_empty(), "{act:?} was refused and recorded {new:?}"),
            (None, _) => assert!(new.is_empty() || new == act.events(), "half of {act:?}: {new:?}"),
        }
        let finished = new.iter().any(|kind| kind == "visit.departed");
        self.events = found;
        match act {
            Act::Draft(number, text) => {
                let kept = scene.device.draft_get(visit(*number)).await.unwrap();
                let mut may_be = vec![self.drafts.get(number).cloned(), Some(typed(*text))];
                match ended {
                    Some(Ok(())) => drop(may_be.remove(0)),
                    Some(Err(_)) => drop(may_be.remove(1)),
                    None => {}
                }
                assert!(may_be.contains(&kept), "{kept:?}");
                kept.map(|kept| self.drafts.insert(*number, kept));
            }
            Act::Finish(number) if finished => drop(self.drafts.remove(number)),
            _ => {}
        }
        for number in 1..=VISITS {
            let kept = scene.device.draft_get(visit(number)).await.unwrap();
            assert_eq!(kept.as_ref(), self.drafts.get(&number));
        }
        let stored = scene.server.kinds();
        assert_eq!(
            stored,
            self.events[..stored.len()],
            "the server has a prefix of the day"
        );
    }
}

async fn check(acts: Vec<(Act, Cut)>) {
    let numbers: Vec<u128> = (1..=VISITS).collect();
    let mut scene = Scene::with_doors(&numbers).await;
    let mut model = Model::default();
    for (one, cut) in &acts {
        let ended = match cut {
            Cut::None => Some(act(&scene, one).await),
            Cut::Commit(before, fault) => {
                scene.device.db.fail_commit(Some((*before, *fault)));
                let ended = act(&scene, one).await;
                let came = scene.device.db.fail_commit(None).is_none();
                // Whoever is told of a failure cannot know whether it was done.
                (!came).then_some(ended)
            }
            Cut::Killed(polls) => {
                let ended = killed_after(*polls, act(&scene, one)).await;
                scene.server.set_fault(Fault::None);
                // Killed while it opens, too.
                let (dir, right) = (scene.dir.path(), pin());
                let open = Device::open_through(dir, &right, scene.clock.clone(), scene.server.clone());
                let _ = killed_after(*polls, open).await;
                // A wrong PIN or two in a row let nobody wait.
                scene.clock.advance(HOUR / 60);
                scene.reopened().await;
                ended
            }
        };
        model.follow(&scene, one, ended).await;
        scene.clock.advance(1_000_000);
    }
    let _ = scene.device.push().await;
    scene.device.push().await.unwrap();
    assert_eq!(scene.server.kinds(), model.events);
    assert_eq!(scene.device.outbox().await.unwrap(), []);
    assert_eq!(scene.device.suspect_notes().await.unwrap(), []);
    assert_eq!(scene.device.doors().await.unwrap().len(), numbers.len());
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        max_shrink_iters: 200,
        rng_seed: prop::test_runner::RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn nothing_is_lost_doubled_or_half_done(
        acts in prop::collection::vec((any_act(), any_cut()), 1..20)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(check(acts));
    }
}
