//! Tests of the commands on a data folder, and of a server in this process.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::net::TcpListener;
use std::path::PathBuf;

use doorstep_domain::measure::Micros;
use doorstep_domain::staff::Role;
use doorstep_store::entry::LogName;

use super::*;
use crate::config::{CONFIG_FILE, MetricsListen};

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Micros {
        Micros::from_seconds(1_800_000_000)
    }
}

async fn made() -> (tempfile::TempDir, Initialised) {
    let folder = tempfile::tempdir().unwrap();
    let mut options = InitOptions::named("Test");
    options.config.metrics_listen = MetricsListen::Off;
    let made = init(folder.path(), &options, Arc::new(Fixed)).await.unwrap();
    (folder, made)
}

fn start(folder: &Path) -> Start {
    Start {
        folder: folder.to_owned(),
        config: Config::load(folder).unwrap(),
        clock: Arc::new(Fixed),
        listener: Some(TcpListener::bind("127.0.0.1:0").unwrap()),
    }
}

#[tokio::test]
async fn a_new_folder_has_its_people_and_is_private() {
    let (folder, made) = made().await;
    let roles: Vec<Role> = made.logins.iter().map(|login| login.role).collect();
    assert_eq!(roles, [Role::Administrator, Role::Supervisor, Role::Auditor]);
    for login in &made.logins {
        assert_eq!(login.password.len(), 19, "four groups of four with hyphens");
        assert!(!format!("{made:?}").contains(&login.password));
    }
    #[cfg(unix)]
    for file in ["doorstep.key", "doorstep.db", "keys.db", "doorstep.toml"] {
        let found = std::fs::metadata(folder.path().join(file)).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o777;
        assert_eq!(mode, 0o600, "{file}");
    }
    assert_eq!(Config::load(folder.path()).unwrap().metrics_listen, MetricsListen::Off);
}

#[tokio::test]
async fn a_folder_with_data_is_not_made_again() {
    let (folder, _) = made().await;
    let error = init(folder.path(), &InitOptions::named("Again"), Arc::new(Fixed))
        .await
        .unwrap_err();
    assert!(matches!(error, ServerError::NotEmpty(_)), "{error:?}");
    // A set-up that broke off before the configuration was written leaves the key; it is not replaced either.
    std::fs::remove_file(folder.path().join(CONFIG_FILE)).unwrap();
    let error = init(folder.path(), &InitOptions::named("Again"), Arc::new(Fixed))
        .await
        .unwrap_err();
    assert!(matches!(error, ServerError::NotEmpty(_)), "{error:?}");
}

#[tokio::test]
async fn a_database_of_another_folder_is_not_taken_over() {
    let (folder, _) = made().await;
    let url = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
    let other = tempfile::tempdir().unwrap();
    let options = InitOptions::named("Other").on(&url("doorstep.db"), &url("keys.db"));
    let error = init(other.path(), &options, Arc::new(Fixed)).await.unwrap_err();
    assert!(matches!(error, ServerError::DatabaseInUse), "{error:?}");
    assert!(!other.path().join("doorstep.key").exists());
}

#[tokio::test]
async fn a_server_starts_serves_and_stops_with_an_empty_queue() {
    let (folder, _) = made().await;
    let running = Server::start(start(folder.path())).await.unwrap();
    let app = running.app().clone();
    leave_entry(&app, "test").await.unwrap();
    let mut stream = tokio::net::TcpStream::connect(running.addr()).await.unwrap();
    let request = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    tokio::io::AsyncWriteExt::write_all(&mut stream, request).await.unwrap();
    let mut answer = String::new();
    tokio::io::AsyncReadExt::read_to_string(&mut stream, &mut answer)
        .await
        .unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    let address = running.addr();
    running.stop().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    // The folder is free again, and nothing was left in the queue.
    let app = open_app(folder.path(), &Config::load(folder.path()).unwrap(), Arc::new(Fixed))
        .await
        .unwrap();
    assert_eq!(app.store().log_queue_len().await.unwrap(), 0);
    drop(FolderLock::take(folder.path(), "test").unwrap());
}

#[tokio::test]
async fn two_servers_on_one_folder_are_refused() {
    let (folder, _) = made().await;
    let first = Server::start(start(folder.path())).await.unwrap();
    let error = Server::start(start(folder.path())).await.err().unwrap();
    assert_eq!(error.exit_code(), 3, "{error:?}");
    assert!(error.message().contains("the server (process "), "{}", error.message());
    first.stop().await;
    Server::start(start(folder.path())).await.unwrap().stop().await;
}

#[tokio::test]
async fn a_port_in_use_is_named_with_its_setting() {
    let (folder, _) = made().await;
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut begin = start(folder.path());
    begin.listener = None;
    begin.config.listen = taken.local_addr().unwrap();
    let error = Server::start(begin).await.err().unwrap();
    assert_eq!(error.exit_code(), 4, "{error:?}");
    assert!(error.message().contains("`listen`"), "{}", error.message());
    drop(FolderLock::take(folder.path(), "test").unwrap());
}

#[tokio::test]
async fn a_listener_that_others_can_reach_is_refused() {
    let (folder, _) = made().await;
    let mut begin = start(folder.path());
    begin.listener = Some(TcpListener::bind("0.0.0.0:0").unwrap());
    let error = Server::start(begin).await.err().unwrap();
    assert!(error.message().contains("behind_proxy"), "{}", error.message());
}

#[tokio::test]
async fn a_lost_and_a_wrong_key_file_are_found_at_the_start() {
    let (folder, _) = made().await;
    let key = folder.path().join("doorstep.key");
    let kept = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    assert_eq!(Server::start(start(folder.path())).await.err().unwrap().exit_code(), 5);
    std::fs::write(&key, "00".repeat(32)).unwrap();
    assert_eq!(Server::start(start(folder.path())).await.err().unwrap().exit_code(), 5);
    std::fs::write(&key, kept).unwrap();
    Server::start(start(folder.path())).await.unwrap().stop().await;
}

fn failed(report: &DoctorReport) -> Vec<&str> {
    // The disk of the machine that runs the tests, and what listens on it, are not ours to judge.
    let ours = |check: &&Check| !check.ok && !["free disk", "listen"].contains(&check.name.as_str());
    report
        .checks
        .iter()
        .filter(ours)
        .map(|check| check.name.as_str())
        .collect()
}

#[tokio::test]
async fn the_doctor_finds_a_new_folder_well_and_leaves_its_entry() {
    let (folder, made) = made().await;
    let report = doctor(folder.path(), Arc::new(Fixed)).await;
    assert_eq!(failed(&report), Vec::<&str>::new(), "{report:#?}");
    let names: Vec<&str> = report.checks.iter().map(|check| check.name.as_str()).collect();
    assert!(
        names.contains(&format!("log doorstep.local/{}/{}", made.tenant, LogName::Events).as_str()),
        "{names:?}"
    );
    let app = open_app(folder.path(), &Config::load(folder.path()).unwrap(), Arc::new(Fixed))
        .await
        .unwrap();
    assert_eq!(app.store().log_queue_len().await.unwrap(), 1);
}

/// Changes a setting of a folder.
fn set(folder: &Path, key: &str, from: &str, to: &str) {
    let path = folder.join(CONFIG_FILE);
    let text = std::fs::read_to_string(&path).unwrap();
    let (from, to) = (format!("{key} = \"{from}\""), format!("{key} = \"{to}\""));
    assert!(text.contains(&from), "{text}");
    std::fs::write(path, text.replace(&from, &to)).unwrap();
}

#[tokio::test]
async fn a_deployment_bears_the_name_that_it_was_made_with() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = InitOptions::named("Lender");
    options.config.deployment = "visits.example".to_owned();
    let made = init(folder.path(), &options, Arc::new(Fixed)).await.unwrap();
    let config = Config::load(folder.path()).unwrap();
    let app = open_app(folder.path(), &config, Arc::new(Fixed)).await.unwrap();
    let head = app.store().log_head(made.tenant, LogName::Events).await.unwrap();
    assert_eq!(head.origin, format!("visits.example/{}/events", made.tenant));
    drop(app);
    set(folder.path(), "deployment", "visits.example", "other.example");
    let error = Server::start(start(folder.path())).await.err().unwrap();
    assert_eq!((error.exit_code(), error.code()), (2, "configuration"));
    let said = error.message();
    assert!(said.contains("set it back to `visits.example`"), "{said}");
    let report = doctor(folder.path(), Arc::new(Fixed)).await;
    assert_eq!(failed(&report), ["deployment"], "{report:#?}");
}

#[cfg(unix)]
#[tokio::test]
async fn the_doctor_judges_named_files_as_configuration_and_lets_public_ones_be_read() {
    let (folder, _) = made().await;
    set(folder.path(), "witness_policy", "", "policy.txt");
    let report = doctor(folder.path(), Arc::new(Fixed)).await;
    assert_eq!(failed(&report), ["configuration"], "{report:#?}");
    assert!(
        report.checks.iter().any(|check| check.name == "database"),
        "{report:#?}"
    );
    let policy = folder.path().join("policy.txt");
    std::fs::write(&policy, "quorum none\n").unwrap();
    let readable = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(&policy, readable).unwrap();
    let report = doctor(folder.path(), Arc::new(Fixed)).await;
    assert_eq!(failed(&report), Vec::<&str>::new(), "{report:#?}");
}

#[tokio::test]
async fn the_doctor_works_beside_a_server() {
    let (folder, _) = made().await;
    let running = Server::start(start(folder.path())).await.unwrap();
    let report = doctor(folder.path(), Arc::new(Fixed)).await;
    assert_eq!(failed(&report), Vec::<&str>::new(), "{report:#?}");
    assert!(report.checks.iter().any(|check| check.name == "in use"), "{report:#?}");
    running.stop().await;
}

#[tokio::test]
async fn the_doctor_names_what_is_missing() {
    let nothing = tempfile::tempdir().unwrap();
    assert_eq!(
        failed(&doctor(nothing.path(), Arc::new(Fixed)).await),
        ["configuration"]
    );
    let (folder, _) = made().await;
    let key: PathBuf = folder.path().join("doorstep.key");
    std::fs::remove_file(&key).unwrap();
    assert_eq!(
        failed(&doctor(folder.path(), Arc::new(Fixed)).await),
        ["key file", "database"]
    );
}

#[tokio::test]
async fn a_backup_restores_beside_its_keys_and_exports() {
    let (folder, _) = made().await;
    let file = folder.path().join("backup.jsonl");
    let written = backup(folder.path(), &file, Arc::new(Fixed)).await.unwrap();
    assert!(written.rows.contains(&("tenant", 1)), "{written:?}");
    let error = restore(folder.path(), &file, None, &Sources::default(), Arc::new(Fixed))
        .await
        .unwrap_err();
    assert_eq!(
        error.exit_code(),
        7,
        "a database that holds data is not written over: {error:?}"
    );
    let report = restore(
        folder.path(),
        &file,
        Some("sqlite:second.db"),
        &Sources::default(),
        Arc::new(Fixed),
    )
    .await
    .unwrap();
    assert_eq!(report.rows, written.rows);
    assert_eq!(
        Config::load(folder.path()).unwrap().database,
        crate::config::DatabaseUrl("sqlite:second.db".to_owned())
    );
    let looked = doctor(folder.path(), Arc::new(Fixed)).await;
    assert_eq!(failed(&looked), Vec::<&str>::new(), "{looked:#?}");
    #[cfg(unix)]
    {
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        std::fs::set_permissions(&file, open).unwrap();
        let looked = doctor(folder.path(), Arc::new(Fixed)).await;
        assert_eq!(failed(&looked), ["files"], "{looked:#?}");
    }
    let target = folder.path().join("export");
    let exported = log_export(folder.path(), &target, None, Arc::new(Fixed)).await.unwrap();
    assert!(
        exported.events > 0 && target.read_dir().unwrap().count() > 0,
        "{exported:?}"
    );
}

#[tokio::test]
async fn a_restore_beside_a_server_is_refused_and_a_backup_is_not() {
    let (folder, _) = made().await;
    let running = Server::start(start(folder.path())).await.unwrap();
    let file = folder.path().join("backup.jsonl");
    backup(folder.path(), &file, Arc::new(Fixed)).await.unwrap();
    let error = restore(
        folder.path(),
        &file,
        Some("sqlite:second.db"),
        &Sources::default(),
        Arc::new(Fixed),
    )
    .await
    .unwrap_err();
    assert_eq!(error.exit_code(), 3, "{error:?}");
    running.stop().await;
}

#[tokio::test]
async fn an_export_of_another_tenant_names_those_there_are() {
    let (folder, made) = made().await;
    let other = Some(doorstep_domain::id::TenantId(uuid::Uuid::from_u128(7)));
    let error = log_export(folder.path(), &folder.path().join("x"), other, Arc::new(Fixed))
        .await
        .unwrap_err();
    assert!(
        error.message().contains(&made.tenant.to_string()),
        "{}",
        error.message()
    );
}

#[tokio::test]
async fn an_open_request_is_finished_when_the_server_stops() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (folder, made) = made().await;
    let running = Server::start(start(folder.path())).await.unwrap();
    let address = running.addr();
    let body = format!(
        "{{\"login\": \"{}\", \"password\": \"{}\"}}",
        made.logins[0].login, made.logins[0].password
    );
    let (first, second) = body.split_at(5);
    let head = format!(
        "POST /v1/sessions HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    // The server says this when the handler begins to read the body.
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(first.as_bytes()).await.unwrap();
    let stopped = tokio::spawn(running.stop());
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    stream.write_all(second.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 Created"), "{answer}");
    stopped.await.unwrap();
}
