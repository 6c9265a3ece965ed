//! Recordings of body recorders: taken only where it is clear whose visit they show, awaited where a rule requires one, opened
//! with an entry each time, and destroyed when their time is over.

use doorstep_device::Device;
use doorstep_domain::contact::ContactOutcome;
use doorstep_log::hash::sha256;
use doorstep_server::folder::{Sources, backup, doctor, restore};
use doorstep_wire::recording::RECORDING_PART_BYTES;
use reqwest::Method;
use serde_json::{Value, json};

use super::backup::{other_engine, without_database};
use super::packs::with_packs;
use crate::harness::{Answered, Client, CrewDay, Deployment, checked_in, checked_out, sample};

stories!(
    a_recording_comes_to_the_visit_that_it_shows,
    what_is_not_clear_is_not_taken,
    a_visit_without_its_recording_is_flagged_until_it_comes,
    a_visit_is_excused_by_somebody_who_was_not_there,
    one_person_a_day_carries_a_recorder,
    recordings_go_by_themselves_when_their_time_is_over,
    with_a_person_their_recordings_go,
    the_doctor_misses_bytes,
    what_never_came_whole_is_swept,
    a_restore_brings_no_destroyed_recording_back,
);

/// Every visit is recorded.
const RECORDED: &str = "format = 1\nid = \"own\"\nversion = 1\ntitle = { en = \"Own\", zh = \"自定\" }\nstatus = \"house\"\n[[rule]]\nid = \
                        \"OWN-REC\"\nkind.evidence = { items = [\"recording\"] }\neffect = \"require\"\nlifted_by = [\"nobody\"]\nstatus \
                        = \"house\"\ncitation = \"house rule 8\"\nconfidence = \"Q\"\n";
/// A second, in microseconds.
const S: i64 = 1_000_000;

/// A crew with its device at work, its first visit made in ten minutes.
pub(super) struct Made {
    pub(super) day: CrewDay,
    pub(super) device: Device,
    /// When the first visit began.
    pub(super) began: i64,
}

impl Made {
    pub(super) async fn new(site: &mut Deployment) -> Self {
        with_packs(site, RECORDED).await;
        let day = site.crew_day(sample("porto-messy.csv")).await;
        let device = site.device(&day.staff[0]).await;
        device.pull().await.unwrap();
        let mut made = Self { day, device, began: 0 };
        made.began = made.visit(site, 0).await;
        site.supervisor
            .post("/v1/recorders", &json!({"number": "BWC-7"}))
            .await
            .done();
        made.carries(site, "BWC-7", "2026-11-23").await.done();
        made
    }

    /// Makes a visit of the crew; returns when it began.
    async fn visit(&self, site: &Deployment, number: usize) -> i64 {
        let visit = &self.day.visits[number];
        site.when_it_starts(visit);
        let started = checked_in(&self.device, visit, &self.day.staff).await;
        assert!(started.required.iter().any(|item| item == "recording"), "{started:?}");
        site.clock.forward(600);
        checked_out(&self.device, visit, &started, ContactOutcome::MetBorrower).await;
        self.device.push().await.unwrap();
        visit["starts"].as_i64().unwrap()
    }

    async fn carries(&self, site: &Deployment, number: &str, from: &str) -> Answered {
        let request = json!({"staff": self.day.staff[0]["login"], "from": from});
        site.supervisor
            .post(&format!("/v1/recorders/{number}/assign"), &request)
            .await
    }

    fn id(&self, number: usize) -> &str {
        self.day.visits[number]["visit"].as_str().unwrap()
    }
}

/// Announces bytes of a recorder between two times.
pub(super) async fn announced(client: &Client, bytes: &[u8], recorder: &str, (from, to): (i64, i64)) -> Answered {
    let request = json!({
        "recorder": recorder, "from": from, "to": to, "source": "index", "bytes": bytes.len(), "media": "mp4",
        "sha256": sha256(bytes).to_hex(),
    });
    client.post("/v1/evidence", &request).await
}

async fn put(client: &Client, id: &Value, part: usize, bytes: &[u8]) -> Answered {
    let path = format!("/v1/evidence/{}/parts/{part}", id.as_str().unwrap());
    client
        .send(client.request(Method::PUT, &path).body(bytes.to_vec()))
        .await
}

/// Sends a short recording of a visit that began then.
pub(super) async fn sent(site: &Deployment, bytes: &[u8], began: i64) -> Value {
    let times = (began + 10 * S, began + 500 * S);
    let answer = announced(&site.supervisor, bytes, "BWC-7", times).await.done();
    assert_eq!(answer["result"], "matched", "{answer}");
    let progress = put(&site.supervisor, &answer["id"], 0, bytes).await.done();
    assert_eq!(progress, json!({"parts": 1, "state": "kept"}));
    answer["id"].clone()
}

fn file_of(id: &Value) -> String {
    format!("/v1/evidence/{}/file", id.as_str().unwrap())
}

async fn standing(site: &Deployment, visit: &str) -> Value {
    let visits = site.auditor.items("/v1/visits?state=finished").await;
    let visit = visits.iter().find(|one| one["id"] == visit).unwrap();
    visit["recording"].clone()
}

/// Every file that lies among the recordings.
pub(super) fn bytes_kept(site: &Deployment) -> Vec<Vec<u8>> {
    let mut folders = vec![site.folder().join("recordings")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(std::fs::read(path).unwrap());
            }
        }
    }
    files
}

async fn a_recording_comes_to_the_visit_that_it_shows(site: &mut Deployment) {
    let made = Made::new(site).await;
    let ends = made.began + 600 * S;
    let due = site.auditor.items("/v1/evidence/due").await;
    assert_eq!(due.len(), 1, "{due:?}");
    assert_eq!(
        (&due[0]["visit"], &due[0]["state"], &due[0]["due_at"]),
        (&json!(made.id(0)), &json!("pending"), &json!(ends + 72 * 3_600 * S))
    );
    assert_eq!(standing(site, made.id(0)).await["state"], "pending");
    let waiting = site.supervisor.items("/v1/review").await;
    assert!(
        waiting
            .iter()
            .all(|one| one["reasons"][0]["code"] != "recording-missing"),
        "{waiting:?}"
    );
    // Two pieces; the server stops after the first.
    let mut bytes = vec![0x5a_u8; RECORDING_PART_BYTES + 1_000];
    bytes[..6].copy_from_slice(b"a door");
    let times = (made.began + 10 * S, ends - 10 * S);
    let begun = announced(&site.supervisor, &bytes, "BWC-7", times).await.done();
    assert_eq!(
        (&begun["result"], &begun["parts"]),
        (&json!("matched"), &json!(0)),
        "{begun}"
    );
    assert_eq!(begun["staff"], made.day.staff[0]["login"]);
    let (first, last) = bytes.split_at(RECORDING_PART_BYTES);
    put(&site.supervisor, &begun["id"], 0, &first[1..])
        .await
        .problem("bad-request");
    put(&site.supervisor, &begun["id"], 1, last)
        .await
        .problem("bad-request");
    put(&site.supervisor, &begun["id"], 0, first).await.done();
    site.restart().await;
    let again = announced(&site.supervisor, &bytes, "BWC-7", times).await.done();
    assert_eq!((&again["id"], &again["parts"]), (&begun["id"], &json!(1)));
    assert_eq!(
        site.supervisor.items("/v1/evidence").await,
        Vec::<Value>::new(),
        "it is not whole"
    );
    assert_eq!(
        put(&site.supervisor, &begun["id"], 1, last).await.done()["state"],
        "kept"
    );
    let known = announced(&site.supervisor, &bytes, "BWC-7", times).await.done();
    assert_eq!((&known["result"], &known["id"]), (&json!("known"), &begun["id"]));
    put(&site.supervisor, &begun["id"], 1, last).await.done();
    assert_eq!(standing(site, made.id(0)).await["state"], "found");
    assert_eq!(site.auditor.items("/v1/evidence/due").await, Vec::<Value>::new());
    let kept = bytes_kept(site);
    assert_eq!(kept.len(), 2);
    assert!(
        kept.iter()
            .all(|file| !file.windows(6).any(|part| part == b"ZZZZZZ" || part == b"a door"))
    );
    it_is_looked_at(site, &made, (&begun["id"], &bytes)).await;
}

async fn it_is_looked_at(site: &Deployment, made: &Made, (id, bytes): (&Value, &[u8])) {
    let listed = site.auditor.items(&format!("/v1/evidence?visit={}", made.id(0))).await;
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (&listed[0]["sha256"], &listed[0]["visits"][0]["visit"]),
        (&json!(sha256(bytes).to_hex()), &json!(made.id(0)))
    );
    assert_eq!(
        site.auditor
            .items(&format!("/v1/evidence?visit={}", made.id(1)))
            .await
            .len(),
        0
    );
    let before = site.export().await.count("export");
    // Each look leaves an entry, also when one follows the other.
    for _ in 0..2 {
        assert!(site.supervisor.get(&file_of(id)).await.file() == bytes);
        site.clock.forward(1);
    }
    site.auditor.get(&file_of(id)).await.problem("purpose-needed");
    let path = format!("{}?purpose=inspection", file_of(id));
    assert!(site.auditor.get(&path).await.file() == bytes);
    site.administrator.get(&path).await.problem("not-allowed");
    let own = site.field_client(&made.day.staff[0]).await;
    own.get(&path).await.problem("not-allowed");
    let export = site.export().await;
    export.holds();
    assert_eq!(export.count("export") - before, 3);
    assert_eq!(export.count("recording.added"), 1);
    assert!(export.log_text().contains(&sha256(bytes).to_hex()));
    let case = made.day.visits[0]["case"].as_str().unwrap();
    let reads = site.auditor.items(&format!("/v1/cases/{case}/reads")).await;
    let looks = reads.iter().filter(|read| read["classes"] == json!(["recording"]));
    assert_eq!(looks.count(), 3, "{reads:?}");
}

async fn what_is_not_clear_is_not_taken(site: &mut Deployment) {
    let made = Made::new(site).await;
    let bytes = b"somebody speaks".as_slice();
    let result = async |site: &Deployment, recorder: &str, times: (i64, i64)| {
        let answer = announced(&site.supervisor, bytes, recorder, times).await.done();
        assert!(answer["result"] == "matched" || answer["id"].is_null(), "{answer}");
        answer
    };
    let within = (made.began + 10 * S, made.began + 500 * S);
    assert_eq!(result(site, "BWC-9", within).await["result"], "unknown-recorder");
    site.supervisor
        .post("/v1/recorders", &json!({"number": "BWC-8"}))
        .await
        .done();
    assert_eq!(result(site, "BWC-8", within).await["result"], "not-assigned");
    made.carries(site, "BWC-8", "2026-12-01").await.done();
    assert_eq!(result(site, "BWC-8", within).await["result"], "not-assigned");
    let hours_before = (made.began - 7_200 * S, made.began - 3_600 * S);
    assert_eq!(result(site, "BWC-7", hours_before).await["result"], "no-visit");
    let touching = (made.began - 60 * S, made.began);
    assert_eq!(result(site, "BWC-7", touching).await["result"], "no-visit");
    for (from, to) in [(within.1, within.0), (0, 86_401 * S)] {
        announced(&site.supervisor, bytes, "BWC-7", (from, to))
            .await
            .problem("bad-request");
    }
    // The next visit is under way, then over: both persons are in it.
    let second = &made.day.visits[1];
    site.when_it_starts(second);
    let started = checked_in(&made.device, second, &made.day.staff).await;
    made.device.push().await.unwrap();
    let starts = second["starts"].as_i64().unwrap();
    site.clock.forward(60);
    let inside = (starts + S, starts + 30 * S);
    assert_eq!(result(site, "BWC-7", inside).await["result"], "not-finished");
    checked_out(&made.device, second, &started, ContactOutcome::NobodyHome).await;
    made.device.push().await.unwrap();
    let both = result(site, "BWC-7", (within.0, starts + 30 * S)).await;
    assert_eq!(both["result"], "several-visits", "{both}");
    let times: Vec<&Value> = both["visits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["started_at"])
        .collect();
    assert_eq!(times, [&json!(made.began), &json!(starts)]);
    // Other bytes than announced leave nothing behind.
    let begun = result(site, "BWC-7", within).await;
    put(&site.supervisor, &begun["id"], 0, b"somebody spoke!")
        .await
        .problem("bad-request");
    put(&site.supervisor, &begun["id"], 0, bytes).await.problem("not-found");
    assert_eq!(
        (
            bytes_kept(site).len(),
            site.supervisor.items("/v1/evidence").await.len()
        ),
        (0, 0)
    );
    let fresh = result(site, "BWC-7", within).await;
    assert_eq!(
        put(&site.supervisor, &fresh["id"], 0, bytes).await.done()["state"],
        "kept"
    );
    assert_eq!(site.export().await.count("recording.added"), 1);
}

async fn a_visit_without_its_recording_is_flagged_until_it_comes(site: &mut Deployment) {
    let made = Made::new(site).await;
    assert_eq!(site.app().run_recordings().await.unwrap(), 0);
    site.clock.forward(72 * 3_600);
    site.sign_everybody_in().await;
    // The server's own job may have been first.
    site.app().run_recordings().await.unwrap();
    assert_eq!(site.app().run_recordings().await.unwrap(), 0, "each is flagged once");
    let path = format!("/v1/review/{}", made.id(0));
    let review = site.supervisor.get(&path).await.done();
    let has = |review: &Value| {
        let reasons = review["reasons"].as_array().unwrap();
        reasons.iter().any(|reason| reason["code"] == "recording-missing")
    };
    assert!(has(&review), "{review}");
    assert_eq!(review["recording"]["state"], "missing");
    let missing_at = review["recording"]["missing_at"].clone();
    assert!(missing_at.is_i64());
    sent(site, b"found in a drawer", made.began).await;
    let review = site.supervisor.get(&path).await.done();
    assert!(!has(&review), "{review}");
    assert_eq!(
        (&review["recording"]["state"], &review["recording"]["missing_at"]),
        (&json!("found"), &missing_at),
        "that it was flagged stays"
    );
    let export = site.export().await;
    export.holds();
    assert_eq!(
        (export.count("recording.missing"), export.count("recording.added")),
        (1, 1)
    );
}

async fn a_visit_is_excused_by_somebody_who_was_not_there(site: &mut Deployment) {
    let made = Made::new(site).await;
    let path = format!("/v1/visits/{}/recording/excuse", made.id(0));
    let words = json!({"words": "the recorder fell into the river Douro"});
    for client in [&site.auditor, &site.administrator] {
        client.post(&path, &words).await.problem("not-allowed");
    }
    let none = format!("/v1/visits/{}/recording/excuse", made.id(1));
    site.supervisor.post(&none, &words).await.problem("not-found");
    site.supervisor
        .post(&path, &json!({"words": " "}))
        .await
        .problem("bad-request");
    let done = site.second_supervisor.post(&path, &words).await.done();
    assert_eq!(done["state"], "excused");
    site.supervisor.post(&path, &words).await.problem("changed");
    site.clock.forward(72 * 3_600);
    site.sign_everybody_in().await;
    assert_eq!(site.app().run_recordings().await.unwrap(), 0);
    let review = site.supervisor.get(&format!("/v1/review/{}", made.id(0))).await.done();
    assert_eq!(review["no_recording"], words["words"], "{review}");
    let export = site.export().await;
    export.holds();
    assert_eq!(export.count("recording.excused"), 1);
    assert!(!export.log_text().contains("Douro"));
}

async fn one_person_a_day_carries_a_recorder(site: &mut Deployment) {
    let staff = site.has_porto_staff().await;
    let add = json!({"number": "BWC-7"});
    for client in [&site.auditor, &site.anonymous] {
        assert!(client.post("/v1/recorders", &add).await.status >= 401);
    }
    site.administrator.post("/v1/recorders", &add).await.done();
    site.supervisor.post("/v1/recorders", &add).await.problem("bad-request");
    let bad = json!({"number": "../7"});
    site.supervisor.post("/v1/recorders", &bad).await.problem("bad-request");
    let give = async |who: usize, from: &str| {
        let request = json!({"staff": staff[who]["login"], "from": from});
        site.supervisor.post("/v1/recorders/BWC-7/assign", &request).await
    };
    give(0, "2026-11-23").await.done();
    let given = give(1, "2026-11-25").await.done();
    let until = &given["uses"][0]["until"];
    assert_eq!(
        (until, given["uses"].as_array().unwrap().len()),
        (&json!("2026-11-24"), 2)
    );
    give(2, "2026-11-24").await.problem("bad-request");
    let nobody = json!({"staff": "nobody"});
    site.supervisor
        .post("/v1/recorders/BWC-7/assign", &nobody)
        .await
        .problem("not-found");
    let ended = site
        .supervisor
        .post("/v1/recorders/BWC-7/end", &Value::Null)
        .await
        .done();
    assert!(ended["ended_at"].is_i64());
    give(2, "2026-12-24").await.problem("not-found");
    assert_eq!(site.auditor.items("/v1/recorders").await.len(), 1);
    assert_eq!(site.export().await.count("recorder.changed"), 4);
}

const DAY: i64 = 86_400;

async fn states(client: &Client) -> Vec<String> {
    let items = client.items("/v1/retention/recordings").await;
    let state = |item: &Value| item["state"].as_str().unwrap().to_owned();
    items.iter().map(state).collect()
}

/// A purge that a second person agreed to, carried out.
async fn purged(site: &Deployment) -> Value {
    let asked = site.administrator.post("/v1/retention/purges", &json!({})).await.done();
    let approval = asked["approval"]["id"].as_str().unwrap();
    let path = format!("/v1/approvals/{approval}/answer");
    site.second_supervisor
        .post(&path, &json!({"approve": true}))
        .await
        .done();
    let path = format!("/v1/retention/purges/{approval}");
    site.administrator.post(&path, &json!({})).await.done()
}

async fn later(site: &mut Deployment, days: i64) {
    site.clock.forward(days * DAY);
    site.sign_everybody_in().await;
}

async fn recordings_go_by_themselves_when_their_time_is_over(site: &mut Deployment) {
    let made = Made::new(site).await;
    let id = sent(site, b"the door opens", made.began).await;
    let listed = site.auditor.items("/v1/retention/recordings").await;
    assert_eq!(
        (&listed[0]["state"], &listed[0]["may_rule"], &listed[0]["made"]),
        (&json!("margin"), &json!("HOUSE-RET-REC"), &json!("2026-11-23")),
        "{listed:?}"
    );
    later(site, 92).await;
    assert_eq!(states(&site.administrator).await, ["margin"]);
    site.administrator
        .post("/v1/retention/purges", &json!({}))
        .await
        .problem("nothing-due");
    later(site, 1).await;
    assert_eq!(states(&site.administrator).await, ["over"]);
    let case = made.day.visits[0]["case"].as_str().unwrap();
    let hold = format!("/v1/cases/{case}/hold");
    site.supervisor
        .post(&hold, &json!({"reason": "litigation"}))
        .await
        .done();
    assert_eq!(states(&site.administrator).await, ["held"]);
    let release = format!("{hold}/release");
    site.supervisor.post(&release, &json!({"reason": "over"})).await.done();
    let done = purged(site).await;
    assert_eq!((&done["erased"], &done["recordings"]), (&json!(0), &json!(1)), "{done}");
    assert_eq!(bytes_kept(site).len(), 0);
    site.supervisor.get(&file_of(&id)).await.problem("erased");
    let shown = site
        .supervisor
        .get(&format!("/v1/evidence/{}", id.as_str().unwrap()))
        .await
        .done();
    assert_eq!(shown["state"], "gone");
    let times = (made.began + 10 * S, made.began + 500 * S);
    let again = announced(&site.supervisor, b"the door opens", "BWC-7", times)
        .await
        .done();
    assert_eq!(again["result"], "gone", "it does not come back");
    let export = site.export().await;
    assert_eq!(export.holds().counts.payloads_missing, 0);
    assert_eq!(
        (export.count("recording.erased"), export.count("subject.erased")),
        (1, 0)
    );
    assert!(export.log_text().contains("HOUSE-RET-REC"));
    assert_eq!(site.app().run_purge_due().await.unwrap(), 0);
}

async fn with_a_person_their_recordings_go(site: &mut Deployment) {
    let made = Made::new(site).await;
    let id = sent(site, b"the door opens", made.began).await;
    let path = format!("/v1/cases/{}", made.day.visits[0]["case"].as_str().unwrap());
    let person = site.supervisor.get(&path).await.done()["person"].clone();
    let erase = site.erasure_of(&person).await;
    site.supervisor.post(&erase, &Value::Null).await.done();
    site.supervisor.get(&file_of(&id)).await.problem("erased");
    assert_eq!(bytes_kept(site).len(), 1, "nobody can open it any more");
    site.app().run_recordings().await.unwrap();
    assert_eq!(bytes_kept(site).len(), 0);
    assert_eq!(states(&site.administrator).await, Vec::<String>::new());
    let excuse = format!("/v1/visits/{}/recording/excuse", made.id(0));
    let words = json!({"words": "it broke"});
    assert!(site.supervisor.post(&excuse, &words).await.status >= 400);
    assert_eq!(site.export().await.holds().counts.payloads_missing, 0);
}

async fn the_doctor_misses_bytes(site: &mut Deployment) {
    let made = Made::new(site).await;
    let id = sent(site, b"the door opens", made.began).await;
    let found = async |site: &Deployment| {
        let report = doctor(&site.folder(), site.clock.clone()).await;
        let name = format!("recordings {}", site.made.tenant);
        report.checks.into_iter().find(|check| check.name == name).unwrap()
    };
    assert!(found(site).await.ok);
    std::fs::remove_dir_all(site.folder().join("recordings")).unwrap();
    let check = found(site).await;
    assert!(!check.ok && check.found.contains(id.as_str().unwrap()), "{check:?}");
}

async fn what_never_came_whole_is_swept(site: &mut Deployment) {
    let made = Made::new(site).await;
    let bytes = vec![1_u8; RECORDING_PART_BYTES + 1];
    let times = (made.began + 10 * S, made.began + 500 * S);
    let begun = announced(&site.supervisor, &bytes, "BWC-7", times).await.done();
    put(&site.supervisor, &begun["id"], 0, &bytes[..RECORDING_PART_BYTES])
        .await
        .done();
    later(site, 6).await;
    site.app().run_recordings().await.unwrap();
    assert_eq!(bytes_kept(site).len(), 1);
    later(site, 2).await;
    site.app().run_recordings().await.unwrap();
    assert_eq!(bytes_kept(site).len(), 0);
    put(&site.supervisor, &begun["id"], 1, &bytes[..1])
        .await
        .problem("not-found");
}

async fn a_restore_brings_no_destroyed_recording_back(site: &mut Deployment) {
    let made = Made::new(site).await;
    let id = sent(site, b"the door opens", made.began).await;
    let copy = site.path("copy.backup");
    backup(&site.folder(), &copy, site.clock.clone()).await.unwrap();
    later(site, 93).await;
    purged(site).await;
    site.stop().await;
    let folder = without_database(site, "restored");
    let url = other_engine(site, &folder).await;
    restore(&folder, &copy, Some(&url), &Sources::default(), site.clock.clone())
        .await
        .unwrap();
    site.move_to(folder);
    site.restart().await;
    let shown = site
        .supervisor
        .get(&format!("/v1/evidence/{}", id.as_str().unwrap()))
        .await
        .done();
    assert_eq!(shown["state"], "gone");
    site.supervisor.get(&file_of(&id)).await.problem("erased");
}
