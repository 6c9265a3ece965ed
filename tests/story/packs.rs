//! Packs of a deployment: they hold in plans, on permits and at the door, and the log says which and that somebody accepted them.

use std::fmt::Write as _;

use doorstep_device::{Blocked, DeviceError, StartInput};
use doorstep_domain::contact::ContactOutcome;
use doorstep_domain::measure::Micros;
use doorstep_domain::words::Lang;
use doorstep_log::leaf::Leaf;
use serde_json::{Value, json};

use crate::harness::{Deployment, checked_in, checked_out, id_of, sample};

stories!(
    an_own_pack_narrows_the_hours_also_at_the_door,
    a_pack_taken_out_holds_no_longer,
    a_case_is_asked_about_at_a_time,
    what_other_packs_would_change_is_told_and_not_done,
);

/// Nobody is visited after one in the afternoon.
const OWN: &str = "format = 1\nid = \"own\"\nversion = 1\ntitle = { en = \"Own\", zh = \"自定\" }\nstatus = \"house\"\n[[rule]]\nid = \
                   \"OWN-HOURS\"\nkind.time_window = { hours = [{ from = \"09:30\", to = \"13:00\" }] }\neffect = \"block\"\nlifted_by = \
                   [\"supervisor\"]\nstatus = \"house\"\ncitation = \"house rule 7\"\nconfidence = \"Q\"\n";

/// Starts the site again with an own pack and an accepted one.
pub(super) async fn with_packs(site: &mut Deployment, text: &str) {
    site.stop().await;
    std::fs::write(site.folder().join("own.toml"), text).unwrap();
    set_rules(
        site,
        "packs = [\"own.toml\"]\n[[rules.accept]]\npack = \"jp\"\nby = \"compliance\"\nreason = \"counsel looked\"\n",
    );
    site.restart().await;
}

/// Writes the table `rules` anew.
fn set_rules(site: &Deployment, table: &str) {
    let path = site.folder().join("doorstep.toml");
    let mut config = std::fs::read_to_string(&path).unwrap();
    config.truncate(config.find("[rules]").unwrap());
    let _ = write!(config, "[rules]\n{table}");
    std::fs::write(path, config).unwrap();
}

/// The entries that say which packs are in force, in their order.
async fn activated(site: &Deployment) -> Vec<Value> {
    let export = site.export().await;
    export.holds();
    let text = |leaf: Vec<u8>| match Leaf::decode(&leaf).unwrap() {
        Leaf::Server(entry) if entry.t == "rules.activated" => serde_json::from_slice(&leaf).ok(),
        _ => None,
    };
    export.leaves().into_iter().filter_map(text).collect()
}

async fn an_own_pack_narrows_the_hours_also_at_the_door(site: &mut Deployment) {
    with_packs(site, OWN).await;
    let entries = activated(site).await;
    let [before, after] = entries.as_slice() else {
        panic!("{entries:?}")
    };
    assert!(!before.to_string().contains("\"own\""), "{before}");
    let said = after.to_string();
    for part in ["\"own\":[\"own@1\"]", "\"accepted\":[\"jp@1\"]"] {
        assert!(said.contains(part), "{said}");
    }
    assert!(!said.contains("compliance") && !said.contains("counsel"), "{said}");

    let day = site.crew_day(sample("porto-messy.csv")).await;
    let lisbon = |micros: &Value| {
        let at = jiff::Timestamp::from_microsecond(micros.as_i64().unwrap()).unwrap();
        at.in_tz("Europe/Lisbon").unwrap().time()
    };
    for visit in &day.all {
        let (starts, ends) = (lisbon(&visit["starts"]), lisbon(&visit["ends"]));
        assert!(
            starts >= jiff::civil::time(9, 30, 0, 0) && ends <= jiff::civil::time(13, 0, 0, 0),
            "{visit}"
        );
    }
    let device = site.device(&day.staff[0]).await;
    assert_eq!(
        device.pull().await.unwrap().packs,
        2,
        "the own pack and the accepted one"
    );
    assert_eq!(device.pull().await.unwrap().packs, 0, "they did not change");
    // The network is gone. Within the hours a visit begins, and at one o'clock the next does not.
    site.stop().await;
    let [first, second, ..] = day.visits.as_slice() else {
        panic!("two visits: {:?}", day.visits)
    };
    site.when_it_starts(first);
    let started = checked_in(&device, first, &day.staff).await;
    site.clock.forward(600);
    checked_out(&device, first, &started, ContactOutcome::NobodyHome).await;
    let recorded = device.outbox().await.unwrap().len();
    let one_o_clock: jiff::Timestamp = "2026-11-23T13:00Z".parse().unwrap();
    site.clock.set(Micros(one_o_clock.as_microsecond()));
    let input = StartInput {
        staff: day.staff.iter().map(|one| id_of(&one["id"])).collect(),
        identity_shown: true,
        ..StartInput::default()
    };
    let refused = device.visit_start(id_of(&second["visit"]), input).await;
    let Err(DeviceError::Blocked(reasons)) = refused else {
        panic!("outside the hours of the own pack: {refused:?}");
    };
    // Some in this file stated when they are to be visited; whether the second is one of them follows from ids.
    let of_hours = |one: &&Blocked| one.rule() != "HOUSE-STATED";
    let reasons: Vec<&Blocked> = reasons.iter().filter(of_hours).collect();
    let codes: Vec<&str> = reasons.iter().map(|one| one.rule()).collect();
    assert_eq!(codes, ["PERMIT-HOURS", "OWN-HOURS"]);
    let Blocked::Rule(finding) = reasons[1] else {
        panic!("{reasons:?}")
    };
    assert_eq!(finding.citation.as_str(), "house rule 7");
    assert!(finding.sentence.render(Lang::En).contains("13:00"), "{finding:?}");
    assert_eq!(device.outbox().await.unwrap().len(), recorded, "nothing is recorded");
}

async fn a_pack_taken_out_holds_no_longer(site: &mut Deployment) {
    with_packs(site, OWN).await;
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    let digest = device.permit().await.unwrap().unwrap().rules;
    device.close().await;
    set_rules(site, "packs = []\n");
    site.restart().await;
    let device = site.reopened(&day.staff[0]).await;
    let pulled = device.pull().await.unwrap();
    assert_eq!((pulled.packs, pulled.reset), (2, false), "both are removed");
    let permit = device.permit().await.unwrap().unwrap();
    assert_ne!(permit.rules, digest, "a new permit names the packs that hold now");
    assert_eq!(activated(site).await.len(), 3);
    // A pack that is broken keeps the server from starting at all.
    site.stop().await;
    std::fs::write(site.folder().join("own.toml"), OWN.replace("\"09:30\"", "\"14:00\"")).unwrap();
    set_rules(site, "packs = [\"own.toml\"]\n");
    let refused = doorstep_server::folder::backup(&site.folder(), &site.path("copy"), site.clock.clone()).await;
    let message = refused.map(drop).unwrap_err().message();
    assert!(message.contains("own.toml:7: rule OWN-HOURS: "), "{message}");
}

async fn a_case_is_asked_about_at_a_time(site: &mut Deployment) {
    with_packs(site, OWN).await;
    site.supervisor.import(sample("porto-cases.csv")).await;
    let case = site.supervisor.case("PO-10001").await;
    let path = format!("/v1/cases/{}/verdict", case["id"].as_str().unwrap());
    let rules_at = async |at: &str| {
        let found = site.supervisor.get(&format!("{path}?at={at}")).await.done();
        assert_eq!(found["zone"], "Europe/Lisbon");
        let findings = found["verdict"]["findings"].as_array().unwrap().clone();
        let own = findings.iter().find(|one| one["rule"] == "OWN-HOURS").cloned();
        (found["at"].as_i64().unwrap(), own)
    };
    // To the minute, local time.
    assert_eq!(rules_at("2026-11-24T09:30").await.1, None);
    let (at, early) = rules_at("2026-11-24T09:29").await;
    let early = early.unwrap();
    assert_eq!(
        (&early["citation"], &early["lifted_by"]),
        (&json!("house rule 7"), &json!(["supervisor"]))
    );
    assert_eq!(early["until"], at + 60_000_000, "{early}");
    // The same moment as an instant; in July the clocks there are an hour ahead of it.
    assert_eq!(rules_at("2026-11-24T09:29Z").await.0, at);
    assert!(rules_at("2026-07-21T08:30Z").await.1.is_none() && rules_at("2026-07-21T08:29Z").await.1.is_some());
    for wrong in ["tomorrow", "2026-13-01T10:00", ""] {
        site.supervisor
            .get(&format!("{path}?at={wrong}"))
            .await
            .problem("bad-request");
    }
    // Who may not open the case without a reason may not ask about it without one.
    site.auditor.get(&path).await.problem("purpose-needed");
    site.auditor.get(&format!("{path}?purpose=inspection")).await.done();
    let nobody = "/v1/cases/00000000-0000-7000-8000-000000000000/verdict";
    site.supervisor.get(nobody).await.problem("not-found");
}

async fn what_other_packs_would_change_is_told_and_not_done(site: &mut Deployment) {
    with_packs(site, OWN).await;
    site.supervisor.import(sample("porto-cases.csv")).await;
    let all = site.supervisor.items("/v1/cases?limit=500").await.len();
    let compare = async |text: &str, at: &str| {
        let body = json!({"packs": [{"name": "own.toml", "text": text}], "at": at});
        site.supervisor.post("/v1/rules/compare", &body).await
    };
    let entries = site.entries().await;
    // What is in force changes nothing; a later end of the day frees whom nothing else forbids, to the minute
    // at which the twenty of a visit still fit.
    let same = compare(OWN, "2026-11-24T13:40").await.done();
    assert_eq!((&same["cases"], &same["changed"]), (&json!(all), &json!([])));
    assert_eq!(same["old_digest"], same["new_digest"]);
    assert!(site.entries().await > entries, "whose case was read sees it");
    let later = OWN.replace("\"13:00\"", "\"14:00\"");
    let freed = compare(&later, "2026-11-24T13:40").await.done();
    let changed = freed["changed"].as_array().unwrap();
    assert!(!changed.is_empty(), "{freed}");
    for one in changed {
        assert_eq!(
            (&one["old"]["rules"]["OWN-HOURS"], &one["new"]["rules"]["OWN-HOURS"]),
            (&json!("block"), &Value::Null)
        );
    }
    assert!(
        changed
            .iter()
            .any(|one| one["old"]["effect"] == "block" && one["new"]["effect"] != "block")
    );
    let late = compare(&later, "2026-11-24T13:41").await.done();
    assert_eq!(late["changed"].as_array().unwrap().len(), 0);
    // Nothing came of it.
    let path = format!(
        "/v1/cases/{}/verdict?at=2026-11-24T13:40",
        changed[0]["case"].as_str().unwrap()
    );
    let verdict = site.supervisor.get(&path).await.done()["verdict"].clone();
    assert!(
        verdict.to_string().contains("OWN-HOURS") && verdict["digest"] == freed["old_digest"],
        "{verdict}"
    );
    let broken = compare(&OWN.replace("\"09:30\"", "\"14:00\""), "2026-11-24T13:40").await;
    assert!(
        broken.text().contains("own.toml:7: rule OWN-HOURS: "),
        "{}",
        broken.text()
    );
    broken.problem("bad-request");
    compare(OWN, "soon").await.problem("bad-request");
    site.auditor
        .post("/v1/rules/compare", &json!({"packs": []}))
        .await
        .problem("not-allowed");
    site.export().await.holds();
}
