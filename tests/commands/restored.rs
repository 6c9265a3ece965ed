//! Both stores are set back by command, as after a fire: nothing is signed that nobody vouches for, what was lost is said,
//! and who was erased stays erased where an export tells of it.

use std::net::TcpListener;
use std::path::{Path, PathBuf};

use doorstep_store::conformance::TestDatabase;
use serde_json::{Value, json};

use super::cases::imported;
use super::office::{Office, parsed, text};
use crate::harness::Client;

/// What was put away one evening: the backup, and a copy of the key store.
struct Evening {
    backup: String,
    /// The copy of the key store: a folder, or a database.
    keys_folder: PathBuf,
    keys_database: Option<TestDatabase>,
}

/// What somebody kept elsewhere of the days after.
struct Kept {
    /// An export, and files with the newest checkpoint of the log of changes and of reads.
    export: String,
    checkpoints: [String; 2],
    key: String,
    size: u64,
}

/// A day, an evening, more days, and three restores.
pub(super) async fn from_both_stores(office: &mut Office) {
    office.serve();
    office.signs_in();
    imported(office);
    let evening = put_away(office, "evening").await;
    let kept = more_days(office);
    goes_on_after_a_checkpoint(office, (&evening, &kept)).await;
    keeps_the_erased_with_an_export(office, (&evening, &kept)).await;
    loses_nothing(office).await;
}

/// Stops the server, backs up, and copies the key store.
async fn put_away(office: &mut Office, name: &str) -> Evening {
    office.stop();
    let (backup, folder) = (
        office.at(&format!("{name}.backup")),
        office.folder.display().to_string(),
    );
    office.does("owner", &["backup", &folder, &backup]);
    let keys_folder = office.path(&format!("{name}-keys"));
    copied(&office.folder, &keys_folder, |file| file.starts_with("keys.db"));
    let keys_database = match office.keys.clone() {
        Some(keys) => Some(office.copy_of(&keys).await),
        None => None,
    };
    Evening {
        backup,
        keys_folder,
        keys_database,
    }
}

fn copied(from: &Path, to: &Path, wanted: impl Fn(&str) -> bool) {
    std::fs::create_dir_all(to).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(to, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_file() && wanted(&file) {
            std::fs::copy(&path, to.join(&file)).unwrap();
        }
    }
}

/// After the evening: a person is erased, another is looked at, and somebody keeps what proves it.
fn more_days(office: &mut Office) -> Kept {
    office.serve();
    office.signs_in();
    let shown = office.does("supervisor", &["case", "show", "L-1001"]);
    assert_eq!(shown["name"], "Ida Example", "{shown}");
    let person = text(&shown, "person");
    let ask = ["approvals", "ask", "person.erase", &person, "--reason", "person-asked"];
    let approval = text(&office.does("supervisor", &ask), "id");
    office.does("admin", &["approvals", "approve", &approval]);
    let erase = ["person", "erase", &person, "--approval", &approval];
    office.does("supervisor", &erase);
    let export = office.at("kept-export");
    office.does("auditor", &["log", "export", &export]);
    let heads = ["events", "access"].map(|log| {
        let file = office.at(&format!("kept-{log}"));
        let head = ["log", "head", "--log", log, "--out", &file];
        let found = office.does("auditor", &head);
        office.refused("auditor", &head, 2, "bad-value");
        (file, found)
    });
    let kept = Kept {
        export,
        key: text(&heads[0].1, "key"),
        size: heads[0].1["size"].as_u64().unwrap(),
        checkpoints: heads.map(|(file, _)| file),
    };
    let doctor = office.does("owner", &["doctor", &office.folder.display().to_string()]);
    let erasures = doctor["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["name"] == "erasures");
    let erasures = text(erasures.unwrap(), "found");
    assert!(erasures.contains("delete it within 30 days"), "{erasures}");
    office.stop();
    kept
}

/// A new folder with what an owner has after the fire, restored with what is known from elsewhere.
async fn restored(office: &mut Office, name: &str, evening: &Evening, known: &[&str]) -> Value {
    let target = office.path(name);
    copied(&office.folder, &target, |file| {
        !file.starts_with("doorstep.db") && !file.starts_with("keys.db")
    });
    let mut url = Vec::new();
    office.folder = target;
    copied(&evening.keys_folder, &office.folder, |_| true);
    if let Some(keys) = &evening.keys_database {
        let keys = office.copy_of(keys).await;
        office.configures(&[("keys", &keys.url())]);
        office.keys = Some(keys);
        url.extend(["--url".to_owned(), office.another_database().await]);
    }
    let folder = office.folder.display().to_string();
    let url: Vec<&str> = url.iter().map(String::as_str).collect();
    // Where logs are halted somebody has to do something, and the exit code says so.
    let args = [&["restore", &evening.backup, &folder], &url[..], known].concat();
    office.does_halted("owner", &args)
}

fn halted(document: &Value) -> Vec<(String, &str)> {
    let halted = document["halted"].as_object().unwrap().iter();
    let last = |origin: &str| origin.rsplit('/').next().unwrap().to_owned();
    halted
        .map(|(origin, why)| (last(origin), why.as_str().unwrap()))
        .collect()
}

async fn goes_on_after_a_checkpoint(office: &mut Office, (evening, kept): (&Evening, &Kept)) {
    let known = ["--checkpoint", &kept.checkpoints[0]];
    let done = restored(office, "after-checkpoint", evening, &known).await;
    assert_eq!(
        (&done["keys_are_old"], &done["erased_again"]),
        (&json!(true), &json!(0)),
        "{done}"
    );
    let expected = [("access".to_owned(), "restored"), ("events".to_owned(), "rolled-back")];
    assert_eq!(halted(&done), expected, "{done}");
    let metrics = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string();
    office.configures(&[("metrics_listen", &metrics)]);
    office.serve();
    office.signs_in();
    let metrics = Client::anonymous(&format!("http://{metrics}"));
    let head = office.does("auditor", &["log", "head"]);
    assert_eq!(
        (&head["halted"]["reason"], &head["halted"]["known_size"]),
        (&json!("rolled-back"), &json!(kept.size))
    );
    let folder = office.folder.display().to_string();
    let doctor = office.types("owner", &["doctor", &folder, "--json"], "");
    assert_eq!(doctor.code, Some(1), "{}", doctor.data);
    let doctor = parsed(&doctor);
    let check = doctor["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["name"] == "halted logs");
    assert!(
        text(check.unwrap(), "found").contains("/events (rolled-back)"),
        "{doctor}"
    );
    assert!(metrics.get("/metrics").await.text().contains("doorstep_log_halted 2\n"));
    // Reading goes on, and nothing of it is signed. Without an export the old keys open whom the newer ones do not.
    let more = ["case", "show", "L-1001"];
    assert_eq!(office.does("supervisor", &more)["name"], "Ida Example");
    assert_eq!(office.does("auditor", &["log", "head"])["size"], head["size"]);
    office.refused("supervisor", &["log", "continue", "--yes"], 1, "not-allowed");
    office.refused("admin", &["log", "continue"], 2, "nobody-to-ask");
    for log in ["events", "access"] {
        let go_on = ["log", "continue", "--yes", "--log", log];
        let new = office.does("admin", &go_on);
        assert!(text(&new, "origin").ends_with(&format!("/{log}-2")), "{new}");
        assert_eq!(
            office.does("admin", &go_on)["continued"],
            false,
            "there is nothing to decide twice"
        );
    }
    assert!(metrics.get("/metrics").await.text().contains("doorstep_log_halted 0\n"));
    office.does("owner", &["doctor", &folder]);
    let meta = says_what_was_lost(office, "after-checkpoint.export", kept);
    assert!(meta.iter().all(|origin| origin.ends_with("/meta-2")), "{meta:?}");
    office.stop();
}

/// What the verifier says to somebody who takes it that the logs were continued; to anybody else it exits with 1.
fn verified(office: &Office, out: &str, key: &str) -> Value {
    let alone = office.types("anybody", &["verify", out, "--key", key, "--json"], "");
    assert_eq!((alone.code, &parsed(&alone)["verdict"]), (Some(1), &json!("continued")));
    let (events, _) = key.split_once('+').unwrap();
    let access = events.replace("/events", "/access");
    let taken = ["--accept-continued", events, "--accept-continued", &access];
    office.does("anybody", &[&["verify", out, "--key", key], &taken[..]].concat())
}

/// Exports and verifies: it holds, but not since the checkpoint that somebody kept. Returns the operator's logs in which
/// both heads stand.
fn says_what_was_lost(office: &Office, name: &str, kept: &Kept) -> Vec<String> {
    let out = office.at(name);
    office.does("auditor", &["log", "export", &out]);
    let report = verified(office, &out, &kept.key);
    let codes: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["log_continued", "log_continued"], "{report}");
    for (log, checkpoint) in ["events", "access"].iter().zip(&kept.checkpoints) {
        let since = ["verify", &out, "--key", &kept.key, "--since", checkpoint, "--json"];
        let ended = office.types("anybody", &since, "");
        assert_eq!(ended.code, Some(1), "{}", ended.data);
        let report = parsed(&ended);
        let found = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["code"] == "since_inconsistent");
        assert_eq!(found.unwrap()["log"], *log, "{report}");
    }
    let meta = report["meta"].as_array().unwrap();
    assert_eq!(meta.len(), 2, "{report}");
    meta.iter().map(|one| text(one, "origin")).collect()
}

async fn keeps_the_erased_with_an_export(office: &mut Office, (evening, kept): (&Evening, &Kept)) {
    let known = ["--export", &kept.export, "--checkpoint", &kept.checkpoints[0]];
    let done = restored(office, "after-export", evening, &known).await;
    assert_eq!(
        (&done["erased_again"], &done["keys_destroyed"]),
        (&json!(1), &json!(1)),
        "{done}"
    );
    let rolled_back = |log: &str| (log.to_owned(), "rolled-back");
    assert_eq!(halted(&done), [rolled_back("access"), rolled_back("events")], "{done}");
    office.configures(&[("metrics_listen", "off")]);
    office.serve();
    office.signs_in();
    let shown = office.does("supervisor", &["case", "list"]).to_string();
    assert!(
        !shown.contains("Ida Example") && shown.contains("Lea Muster"),
        "{shown}"
    );
    for log in ["events", "access"] {
        office.does("admin", &["log", "continue", "--yes", "--log", log]);
    }
    says_what_was_lost(office, "after-export.export", kept);
    let out = office.at("after-export.export");
    let report = verified(office, &out, &kept.key);
    assert_eq!(
        (
            &report["counts"]["payloads_erased"],
            &report["counts"]["payloads_missing"]
        ),
        (&json!(1), &json!(0)),
        "{report}"
    );
    // Somebody takes another payload away: that one is missing.
    let payload = std::fs::read_dir(office.path("after-export.export/payloads"))
        .unwrap()
        .next()
        .unwrap();
    std::fs::remove_dir_all(payload.unwrap().path()).unwrap();
    let ended = office.types("anybody", &["verify", &out, "--key", &kept.key, "--json"], "");
    assert_eq!(ended.code, Some(1), "{}", ended.data);
    let report = parsed(&ended);
    assert_eq!(report["counts"]["payloads_erased"], 1, "{report}");
    assert!(report["counts"]["payloads_missing"].as_u64().unwrap() > 0, "{report}");
}

/// Where nothing was lost, all logs go on by themselves, under the names that they have.
async fn loses_nothing(office: &mut Office) {
    let before = office.does("auditor", &["log", "head"]);
    let evening = put_away(office, "late").await;
    let done = restored(office, "moved", &evening, &[]).await;
    assert_eq!(
        (halted(&done), &done["keys_are_old"]),
        (Vec::new(), &json!(false)),
        "{done}"
    );
    office.serve();
    office.signs_in();
    let after = office.does("auditor", &["log", "head"]);
    assert_eq!(
        (&after["origin"], &after["generation"]),
        (&before["origin"], &json!(2)),
        "{after}"
    );
    assert!(
        after["halted"].is_null() && after["size"].as_u64() > before["size"].as_u64(),
        "{after}"
    );
    office.does("owner", &["doctor", &office.folder.display().to_string()]);
}
