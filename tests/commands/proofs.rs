//! Commands of the log, of backups and of the doctor.

use doorstep_store::Engine;
use serde_json::{Value, json};

use super::checked;
use super::office::{Office, items, parsed, text};
use crate::harness::process::{command, run_to_end};

/// The log is exported in both ways and verified; one leaf has a proof of its own.
pub(super) fn stand(office: &Office) {
    let head = office.does("auditor", &["log", "head"]);
    assert!(head["size"].as_u64().unwrap() > 20, "{head}");
    let key = text(&head, "key");
    let proof = office.at("leaf.proof");
    office.does("auditor", &["log", "proof", "3", "--out", &proof]);
    let beyond = office.refused("auditor", &["log", "proof", "99999"], 1, "not-found");
    let leaves = beyond["detail"].as_str().unwrap().split(' ').next().unwrap();
    assert!(
        leaves.parse::<u64>().unwrap() > 3,
        "it says how many there are: {beyond}"
    );
    let verified = office.does("anybody", &["verify", &proof, "--key", &key]);
    assert_eq!(
        (&verified["ok"], &verified["index"]),
        (&json!(true), &json!(3)),
        "{verified}"
    );
    let entries = office.does("supervisor", &["log", "entries", "--kind", "plan.published"]);
    assert_eq!(items(&entries).len(), 1, "{entries}");
    assert_eq!(entries["items"][0]["actor"], "supervisor", "{entries}");
    for reader in ["auditor", "admin", "supervisor"] {
        let report = office.does(reader, &["log", "verify", "--key", &key]);
        assert_eq!(
            (&report["ok"], &report["errors"]),
            (&json!(true), &json!(0)),
            "{report}"
        );
    }
    office.refused("F01", &["log", "verify"], 1, "not-allowed");
    let fetched = office.at("log-fetched");
    office.refused("F01", &["log", "export", &fetched], 1, "not-allowed");
    office.does("auditor", &["log", "export", &fetched]);
    let folder = office.folder.display().to_string();
    let opened = office.at("log-opened");
    let exported = office.does("owner", &["log", "export", &opened, "--dir", &folder]);
    assert!(exported["events"].as_u64().unwrap() > 20, "{exported}");
    for export in [&fetched, &opened] {
        let report = office.does("anybody", &["verify", export, "--key", &key]);
        assert_eq!(
            (
                &report["ok"],
                &report["counts"]["devices"],
                &report["counts"]["payloads_missing"]
            ),
            (&json!(true), &json!(2), &json!(0)),
            "{report}"
        );
    }
    exports_are_whole_and_extend_what_was_kept(office, [&fetched, &opened], &key);
    let alone = || {
        let mut verifier = command("doorstep-verify", &office.path("nobody"));
        verifier.args([&fetched, "--key", &key, "--json"]);
        run_to_end(verifier, "")
    };
    let (holds, report) = (alone(), office.does("anybody", &["verify", &fetched, "--key", &key]));
    assert_eq!(
        (holds.code, parsed(&holds)),
        (Some(0), report),
        "the small program says the same"
    );
    let checkpoint = office.path("log-fetched").join("events").join("checkpoint");
    let mut bytes = std::fs::read(&checkpoint).unwrap();
    bytes[40] ^= 1;
    std::fs::write(&checkpoint, bytes).unwrap();
    let ended = office.types("anybody", &["verify", &fetched, "--json"], "");
    assert_eq!(ended.code, Some(1), "{}", ended.data);
    assert_eq!(parsed(&ended)["ok"], false, "{}", ended.data);
    assert_eq!(alone().code, Some(1));
}

/// What is there is left alone, what broke off is told from an export, and a checkpoint that was kept is what later exports
/// must extend.
fn exports_are_whole_and_extend_what_was_kept(office: &Office, [fetched, opened]: [&str; 2], key: &str) {
    let folder = office.folder.display().to_string();
    office.refused("auditor", &["log", "export", fetched], 2, "bad-value");
    office.refused("owner", &["log", "export", opened, "--dir", &folder], 2, "bad-value");
    let broken = office.at("log-broken");
    let partial = office.path("log-broken.partial");
    std::fs::create_dir(&partial).unwrap();
    office.refused("auditor", &["log", "export", &broken], 2, "export-broke-off");
    std::fs::remove_dir(&partial).unwrap();
    let kept = office.at("kept");
    office.does("auditor", &["log", "head", "--out", &kept]);
    let later = office.at("log-later");
    office.does("auditor", &["log", "export", &later]);
    let report = office.does("anybody", &["verify", &later, "--key", key, "--since", &kept]);
    assert_eq!(report["ok"], true, "{report}");
    checked::by_an_auditor(office, [&later, &kept, key]);
}

/// Backs up beside the server, stops it, restores into the other engine, and serves from there.
pub(super) async fn go_on_under_the_other_engine(office: &mut Office) {
    is_well(office);
    let cases = office.does("supervisor", &["case", "list", "--all"]);
    office.stop();
    let folder = office.folder.display().to_string();
    let backup = office.at("backup");
    let made = office.does("owner", &["backup", &folder, &backup]);
    assert_eq!(made["rows"]["cases"], 10, "{made}");
    office.refused("owner", &["backup", &folder, &backup], 2, "bad-value");
    let target = office.path("restored");
    std::fs::create_dir(&target).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&target, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    for entry in std::fs::read_dir(&office.folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_file() && !name.starts_with("doorstep.db") {
            std::fs::copy(&path, target.join(name)).unwrap();
        }
    }
    // What no backup holds is moved beside it.
    std::fs::rename(office.folder.join("recordings"), target.join("recordings")).unwrap();
    let url = match office.engine {
        Engine::Sqlite => office.another_database().await,
        Engine::Postgres => format!("sqlite:{}", target.join("doorstep.db").display()),
    };
    office.folder = target;
    let folder = office.folder.display().to_string();
    let restored = office.does("owner", &["restore", &backup, &folder, "--url", &url]);
    let from = match office.engine {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
    };
    assert_eq!(
        (&restored["from"], &restored["rows"]["cases"]),
        (&json!(from), &json!(10)),
        "{restored}"
    );
    office.refused("owner", &["restore", &backup, &folder], 1, "not-empty");
    office.serve();
    is_well(office);
    // Sessions are in no backup.
    office.refused("supervisor", &["case", "list"], 1, "not-signed-in");
    office.signs_in();
    let there = office.does("supervisor", &["case", "list", "--all"]);
    let numbers = |page: &Value| -> Vec<String> { items(page).iter().map(|case| text(case, "case_no")).collect() };
    assert_eq!(numbers(&there), numbers(&cases));
    let export = office.at("log-restored");
    office.does("auditor", &["log", "export", &export]);
    assert_eq!(office.does("anybody", &["verify", &export])["ok"], true);
    office.stop();
}

/// The doctor finds nothing, beside a server.
fn is_well(office: &Office) {
    let report = office.does("owner", &["doctor", &office.folder.display().to_string()]);
    let checks = report["checks"].as_array().unwrap();
    assert!(checks.len() > 8, "{report}");
    assert!(checks.iter().all(|check| check["ok"] == true), "{report}");
}
