//! Rule packs of a deployment on its devices: the permit says which hold, and what is not understood forbids.

use doorstep_domain::words::Lang;
use doorstep_rules::PackSet;
use doorstep_wire::sync::PullOp;

use super::*;
use crate::{Blocked, DeviceError};

/// Nobody is visited at noon.
const OWN: &str = "format = 1\nid = \"own\"\nversion = 1\ntitle = { en = \"Own\", zh = \"自定\" }\nstatus = \"house\"\n[[rule]]\nid = \
                   \"OWN-1\"\nkind.time_window = { hours = [{ from = \"14:00\", to = \"16:00\" }] }\neffect = \"block\"\nlifted_by = \
                   [\"nobody\"]\nstatus = \"house\"\ncitation = \"rule 7 of our house\"\nconfidence = \"Q\"\n";

fn pack(op: &str, text: Option<&str>) -> PullOp {
    PullOp {
        op: op.to_owned(),
        bucket: "rule-pack".to_owned(),
        noun: "pack".to_owned(),
        id: Uuid::from_u128(0x9001),
        body: text.map(str::to_owned),
    }
}

/// A door with facts that nothing of the program's own packs speaks against, and its permit under these packs.
fn at_noon(digest: &str) -> Vec<PullOp> {
    let mut door = door(1);
    door.facts = format!(
        r#"{{"subject": {{"status": "open", "party": "debtor", "portfolio_kind": "card"}},
            "address": {{"country": "CN", "zone": "Asia/Shanghai", "state": "current", "kind": "home"}},
            "staff": {{"count": 2, "certified": 2}}, "notices": [{{"handed_over_at": 0}}],
            "attempt": {{"start": 0, "end": 0}}, "as_of": {}}}"#,
        NOON - HOUR
    );
    let mut permit = permit(&[1]);
    digest.clone_into(&mut permit.rules);
    vec![fake::put_door(&door), fake::put_permit(&permit)]
}

/// Why the visit may not begin; nothing is recorded.
async fn blocked(device: &Device) -> Vec<Blocked> {
    match device.visit_start(visit(1), signed_input(device, 1)).await {
        Err(DeviceError::Blocked(blocked)) => blocked,
        other => panic!("expected a blocked start, got {other:?}"),
    }
}

async fn pulls(scene: &Scene, ops: Vec<PullOp>, cursor: &str) -> usize {
    scene.server.offer(fake::pull(ops, cursor));
    scene.device.pull().await.unwrap().packs
}

#[tokio::test]
async fn a_pack_of_the_deployment_holds_where_the_permit_names_it() {
    let mut scene = Scene::new().await;
    let digest = |extra: &[(&str, &str)]| PackSet::with(extra).unwrap().digest().to_string();
    let (ours, program) = (digest(&[("own.toml", OWN)]), digest(&[]));
    let mut ops = at_noon(&ours);
    ops.push(pack("put", Some(OWN)));
    assert_eq!(pulls(&scene, ops, "c1").await, 1);
    for _ in 0..2 {
        let found = blocked(&scene.device).await;
        let [Blocked::Rule(finding)] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(
            (finding.rule.as_str(), finding.citation.as_str()),
            ("OWN-1", "rule 7 of our house")
        );
        assert!(finding.sentence.render(Lang::En).contains("14:00"), "{finding:?}");
        let gate = &scene.device.route().await.unwrap().stops[0].gate;
        assert_eq!(gate.blocked, found, "the list says the same");
        scene.reopened().await;
    }
    // A newer version takes the place of the older; the permit still names that one, and decides alone.
    let newer = OWN.replace("14:00", "11:00");
    assert_eq!(pulls(&scene, vec![pack("put", Some(&newer))], "c2").await, 1);
    assert!(scene.device.route().await.unwrap().stops[0].gate.is_open());
    // A permit that refuses cites the pack's rule.
    let mut refusing = permit(&[1]);
    refusing.doors[0].allowed_ms.clear();
    refusing.doors[0].rules = vec!["OWN-1".to_owned()];
    pulls(&scene, vec![fake::put_permit(&refusing)], "c3").await;
    let sentences: Vec<String> = blocked(&scene.device)
        .await
        .iter()
        .map(|one| one.sentence(Lang::En))
        .collect();
    assert_eq!(sentences[1], "rule 7 of our house");
    // The deployment takes it out again.
    let mut ops = at_noon(&program);
    ops.push(pack("remove", None));
    assert_eq!(pulls(&scene, ops, "c4").await, 1);
    scene
        .device
        .visit_start(visit(1), signed_input(&scene.device, 1))
        .await
        .unwrap();
}

/// The same with what three of the crew hold; the third stays in the car.
fn holding(second: &str, third: &str) -> Vec<PullOp> {
    let digest = PackSet::builtin().digest().to_string();
    let mut ops = at_noon(&digest);
    let badge = |staff: &str, until: &str| {
        format!(r#"{{"staff": "{staff}", "held": [{{"kind": "badge", "until": "{until}"}}]}}"#)
    };
    let members = format!(
        r#""certified": 2, "members": [{}, {}]"#,
        badge("F02", second),
        badge("F03", third)
    );
    let body = ops[0].body.take().unwrap();
    let mut door: serde_json::Value = serde_json::from_str(&body).unwrap();
    let facts = door["facts"].as_str().unwrap().replace(r#""certified": 2"#, &members);
    door["facts"] = facts.into();
    ops[0].body = Some(door.to_string());
    ops
}

#[tokio::test]
async fn a_partner_whose_badge_ran_out_is_sent_to_no_door_also_offline() {
    let (past, ahead) = ("2020-01-01", "2999-12-31");
    let scene = Scene::new().await;
    pulls(&scene, holding(past, ahead), "c1").await;
    let found = blocked(&scene.device).await;
    let rules: Vec<&str> = found.iter().map(Blocked::rule).collect();
    assert_eq!(rules, ["HOUSE-CREDENTIALS"]);
    assert_eq!(
        found[0].sentence(Lang::En),
        "F02: badge held until 2020-01-01, not after."
    );
    // Renewed; and of those who are not at the door nothing is asked.
    pulls(&scene, holding(ahead, past), "c2").await;
    scene
        .device
        .visit_start(visit(1), signed_input(&scene.device, 1))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_permit_under_packs_that_are_not_here_decides_alone() {
    let scene = Scene::new().await;
    let ours = PackSet::with(&[("own.toml", OWN)]).unwrap().digest().to_string();
    pulls(&scene, at_noon(&ours), "c1").await;
    scene
        .device
        .visit_start(visit(1), signed_input(&scene.device, 1))
        .await
        .unwrap();
}

#[tokio::test]
async fn what_a_device_does_not_understand_of_a_pack_forbids_until_it_is_updated() {
    let scene = Scene::new().await;
    let newer = OWN.replace("format = 1", "format = 2");
    let fence = newer.replace(
        "kind.time_window = { hours = [{ from = \"14:00\", to = \"16:00\" }] }",
        "kind.fence = { metres = 3 }",
    );
    // The digest is one that only a newer program can have.
    let mut ops = at_noon(&"cd".repeat(32));
    ops.push(pack("put", Some(&fence)));
    pulls(&scene, ops, "c1").await;
    let found = blocked(&scene.device).await;
    let codes: Vec<&str> = found.iter().map(Blocked::rule).collect();
    assert_eq!(codes, ["OWN-1"]);
    assert!(found[0].sentence(Lang::En).contains("update Doorstep"), "{found:?}");
    // What it understands of a newer pack is not asked: the permit knows the whole.
    pulls(&scene, vec![pack("put", Some(&newer))], "c2").await;
    assert!(scene.device.route().await.unwrap().stops[0].gate.is_open());
    for unreadable in ["format = 3", "no pack", &OWN.replace("\"block\"", "\"forbid\"")] {
        pulls(&scene, vec![pack("put", Some(unreadable))], "c3").await;
        let codes: Vec<String> = blocked(&scene.device)
            .await
            .iter()
            .map(|one| one.rule().to_owned())
            .collect();
        assert_eq!(codes, ["PERMIT-PACKS"], "{unreadable}");
    }
    // One that this program has itself: the server is older, and its permit decides.
    pulls(
        &scene,
        vec![pack("put", Some(&OWN.replace("\"own\"", "\"house\"")))],
        "c4",
    )
    .await;
    scene
        .device
        .visit_start(visit(1), signed_input(&scene.device, 1))
        .await
        .unwrap();
}

#[tokio::test]
async fn packs_go_with_what_the_lease_lets_the_device_hold() {
    let scene = Scene::new().await;
    let mut ops = at_noon(&"cd".repeat(32));
    ops.push(pack("put", Some(OWN)));
    pulls(&scene, ops, "c1").await;
    let count = async || -> i64 {
        let sql = "SELECT count(*) FROM rule_pack";
        sqlx::query_scalar(sql).fetch_one(scene.device.db.pool()).await.unwrap()
    };
    assert_eq!(count().await, 1);
    scene.clock.advance(72 * HOUR + 1);
    assert!(scene.device.doors().await.unwrap().is_empty());
    assert_eq!(count().await, 0);
}
