//! Who hears what at a door.

use doorstep_domain::door::{Hearer, Saying};
use doorstep_rules::PackSet;
use serde_json::json;

use super::*;

/// A permit that names packs of this program for its one door.
async fn named(packs: &[&str]) -> Scene {
    let scene = Scene::new().await;
    let mut permit = permit(&[1]);
    permit.doors[0].packs = packs.iter().map(|pack| (*pack).to_owned()).collect();
    let ops = vec![fake::put_door(&door(1)), fake::put_permit(&permit)];
    scene.server.offer(fake::pull(ops, "c1"));
    scene.device.pull().await.unwrap();
    scene
}

/// The references of packs of the program.
fn references(ids: &[&str]) -> Vec<String> {
    let packs = PackSet::builtin();
    let asked = packs.packs().filter(|pack| ids.contains(&pack.id.as_str()));
    asked.map(|pack| pack.reference().to_string()).collect()
}

async fn hearers(device: &Device) -> Vec<Hearer> {
    let view = device.visit_view(visit(1)).await.unwrap();
    let mut found: Vec<Hearer> = view.sentences.iter().map(|sentence| sentence.to).collect();
    found.sort();
    found.dedup();
    found
}

#[tokio::test]
async fn only_the_recognised_person_hears_what_it_is_about() {
    let references = references(&["cn", "house", "rights"]);
    let scene = named(&references.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let device = &scene.device;
    let others = [Hearer::Anybody, Hearer::Related];
    assert_eq!(hearers(device).await, others);
    device.visit_start(visit(1), signed_input(device, 1)).await.unwrap();
    assert_eq!(hearers(device).await, others, "having rung tells nothing");
    let draft = json!({ "outcome": "MET_BORROWER" });
    device.draft_put(visit(1), &draft).await.unwrap();
    assert_eq!(
        hearers(device).await,
        others,
        "who says to be the person is not recognised yet"
    );
    device.identity_confirm(visit(1)).await.unwrap();
    assert_eq!(hearers(device).await, Hearer::ALL);
    let view = device.visit_view(visit(1)).await.unwrap();
    let ids: Vec<&str> = view.sentences.iter().map(|one| one.id.as_str()).collect();
    for id in [
        "CN-SAY-INSTITUTION",
        "HOUSE-SAY-LISTEN",
        "RIGHTS-SAY-GREETING",
        "CN-NEVER-BORROW",
    ] {
        assert!(ids.contains(&id), "{id} in {ids:?}");
    }
    assert!(ids.iter().all(|id| !id.starts_with("UK-")), "{ids:?}");
    let moments: Vec<_> = view.sentences.iter().map(|one| one.when).collect();
    assert!(moments.is_sorted(), "in the order of a visit: {moments:?}");
}

#[tokio::test]
async fn without_packs_that_it_knows_a_device_has_the_words_of_everywhere() {
    for packs in [&[][..], &["moon@1"]] {
        let scene = named(packs).await;
        let view = scene.device.visit_view(visit(1)).await.unwrap();
        assert!(view.sentences.len() > 5);
        assert!(view.sentences.iter().all(|one| one.id.as_str().starts_with("RIGHTS-")));
        let anybody = scene.device.said_to_anybody(&[]).await.unwrap();
        assert!(anybody.iter().any(|one| one.how == Saying::Say));
    }
}
