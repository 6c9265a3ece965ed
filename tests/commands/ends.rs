//! How the programs end where they cannot serve: `doorstep serve` names the reason by its code, `doorstep-server` by its
//! exit code (docs/operations.md).

use doorstep_server::Config;
use doorstep_store::Store;

use super::office::{Office, parsed, read};

/// Why neither program serves, one reason after another.
pub(super) async fn say_why(office: &mut Office) {
    let folder = office.folder.display().to_string();
    let serve = ["serve", "--dir", folder.as_str()];
    office.serve();
    office.refused("owner", &serve, 1, "folder-in-use");
    assert_eq!(ended(office), (Some(3), true));
    office.stop();
    nobody_there(office);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    office.listens_on(&taken.local_addr().unwrap().to_string());
    office.refused("owner", &serve, 1, "address-in-use");
    assert_eq!(ended(office), (Some(4), true));
    office.listens_on("127.0.0.1:0");
    unknown_key(office, &serve);
    lost_key_file(office, &serve);
    newer_database(office, &serve).await;
    no_witness(office);
}

/// Where no witness is, it says how one is made, and makes none.
fn no_witness(office: &Office) {
    let folder = office.at("no-witness");
    let problem = office.refused("owner", &["witness", "show", &folder], 1, "folder-refused");
    let said = problem.to_string();
    assert!(
        said.contains("no witness") && said.contains("doorstep witness init"),
        "{said}"
    );
    assert!(!std::path::Path::new(&folder).exists());
}

/// No server is to be reached: nothing ever listens on the first port.
fn nobody_there(office: &Office) {
    let login = ["login", "--user", "supervisor", "--password-stdin", "--json"];
    let elsewhere = ["--server", "http://127.0.0.1:1"];
    let ended = office.types("supervisor", &[&login[..], &elsewhere].concat(), "correct-horse\n");
    assert_eq!(ended.code, Some(3), "{}", ended.talk);
    assert_eq!(parsed(&ended)["problem"]["code"], "unreachable", "{}", ended.data);
    // A call for help is kept, and whoever called is told that nobody heard it.
    let called = office.does("F01", &["sos", "--yes"]);
    assert_eq!(called["sent"], false, "{called}");
    office.refused("F01", &["sync"], 3, "network");
}

/// How the server program ends, and whether it says why to people.
fn ended(office: &Office) -> (Option<i32>, bool) {
    let folder = office.folder.display().to_string();
    let ended = office.types_into("doorstep-server", "owner", &["--dir", &folder], "");
    let why = ended
        .talk
        .lines()
        .any(|line| line.starts_with("doorstep-server: ") && line.len() > 40);
    (ended.code, why)
}

/// A setting that nobody knows is refused with its line.
fn unknown_key(office: &Office, serve: &[&str]) {
    let path = office.folder.join("doorstep.toml");
    let kept = read(&path);
    std::fs::write(&path, format!("colour = \"green\"\n{kept}")).unwrap();
    let problem = office.refused("owner", serve, 2, "configuration");
    let title = problem["title"].as_str().unwrap();
    assert!(title.contains("line 1") && title.contains("colour"), "{title}");
    assert_eq!(ended(office), (Some(2), true));
    std::fs::write(path, kept).unwrap();
}

/// A lost key file is noticed and never made anew.
fn lost_key_file(office: &Office, serve: &[&str]) {
    let path = office.folder.join("doorstep.key");
    let away = office.folder.join("away.key");
    std::fs::rename(&path, &away).unwrap();
    office.refused("owner", serve, 1, "key-file");
    assert_eq!(ended(office), (Some(5), true));
    let folder = office.folder.display().to_string();
    let doctor = office.types("owner", &["doctor", &folder, "--json"], "");
    assert_eq!(doctor.code, Some(1), "the doctor sees it too: {}", doctor.data);
    assert!(!path.exists(), "a second key would open nothing");
    std::fs::rename(&away, &path).unwrap();
}

/// A database that a newer program has changed is left as it is.
async fn newer_database(office: &mut Office, serve: &[&str]) {
    let config = Config::load(&office.folder).unwrap();
    let store = Store::open(&config.store(&office.folder)).await.unwrap();
    let newer =
        "UPDATE _sqlx_migrations SET version = 9000 WHERE version = (SELECT max(version) FROM _sqlx_migrations)";
    assert_eq!(store.tamper(newer).await.unwrap(), 1);
    office.refused("owner", serve, 1, "newer-schema");
    assert_eq!(ended(office), (Some(6), true));
    let left = "SELECT count(*) FROM _sqlx_migrations WHERE version = 9000";
    assert_eq!(store.number(left).await.unwrap(), 1);
    store.close().await;
}
