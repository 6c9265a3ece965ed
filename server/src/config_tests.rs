//! Tests of the configuration: the example, unknown keys, ranges, secrets.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use super::*;

const EXAMPLE: &str = include_str!("../doorstep.example.toml");

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, Path::new("doorstep.toml"))
}

#[test]
fn the_example_is_the_default() {
    assert_eq!(parse(EXAMPLE).unwrap(), Config::default());
    assert_eq!(parse("").unwrap(), Config::default());
}

#[test]
fn the_example_names_every_key() {
    let table: toml::Table = Config::default().to_toml().unwrap().parse().unwrap();
    let example: toml::Table = EXAMPLE.parse().unwrap();
    let keys = |table: &toml::Table| table.keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&table), keys(&example));
}

#[test]
fn what_is_written_is_read_again() {
    let config = Config {
        metrics_listen: MetricsListen::Off,
        ..Config::default()
    };
    assert_eq!(parse(&config.to_toml().unwrap()).unwrap(), config);
}

#[test]
fn an_unknown_key_is_named_with_its_line() {
    let error = parse("listen = \"127.0.0.1:1\"\n\nlistn = 3\n").unwrap_err();
    let ConfigError::Invalid { line, reason, .. } = error else {
        panic!("{error:?}")
    };
    assert_eq!(line, 3);
    assert!(reason.contains("listn"), "{reason}");
}

#[test]
fn a_value_of_the_wrong_kind_is_named_with_its_line_and_not_shown() {
    let error = parse("# first\ndatabase = [\"postgres://u:hunter2@h/d\"]\n").unwrap_err();
    assert!(error.to_string().contains("line 2"), "{error}");
    assert!(!error.to_string().contains("hunter2"), "{error}");
}

#[test]
fn values_out_of_range_are_refused_by_key() {
    for (text, named) in [
        ("listen = \"0.0.0.0:80\"", "listen"),
        ("behind_proxy = true", "trusted_proxies"),
        ("deployment = \"a b\"", "deployment"),
        ("purge_day = \"daily\"", "purge_day"),
        ("purge_hour = 24", "purge_hour"),
        ("import_bytes_max = 0", "import_bytes_max"),
        ("import_bytes_max = 1073741825", "import_bytes_max"),
        ("requests_max = 0", "requests_max"),
        ("wakes_max = 70000", "wakes_max"),
        ("request_s_max = 0", "request_s_max"),
        ("long_request_s_max = 3601", "long_request_s_max"),
        ("stop_s_max = 0", "stop_s_max"),
        ("timestamp_every_s = 59", "timestamp_every_s"),
        ("timestamp_every_s = 604801", "timestamp_every_s"),
        ("timestamp_url = \"tsa.example.org\"", "timestamp_url"),
        ("timestamp_url = \"ftp://tsa.example.org\"", "timestamp_url"),
        ("timestamp_url = \"https://u:p@tsa.example.org\"", "timestamp_url"),
        ("timestamp_url = \"https://tsa.example.org\"", "timestamp_ca"),
        ("keys = \"sqlite:doorstep.db\"", "keys"),
    ] {
        match parse(text) {
            Err(ConfigError::Value { key, .. }) => assert_eq!(key, named),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn other_machines_are_served_only_behind_a_proxy() {
    assert!(parse("listen = \"0.0.0.0:7450\"\nbehind_proxy = true\ntrusted_proxies = [\"10.0.0.0/8\"]").is_ok());
    assert!(parse("listen = \"[::1]:7450\"").is_ok());
}

#[test]
fn secrets_are_not_shown() {
    let config = parse("database = \"postgres://u:hunter2@h/d\"").unwrap();
    let shown = format!("{config:?} {:?}", config.store(Path::new("/data")));
    assert!(!shown.contains("hunter2") && shown.contains("postgres:…"), "{shown}");
}

#[test]
fn certificates_for_time_stamps_must_be_there() {
    let folder = tempfile::tempdir().unwrap();
    let config = parse("timestamp_url = \"https://tsa.example.org/tsr\"\ntimestamp_ca = \"tsa.pem\"").unwrap();
    for content in [None, Some("no certificate")] {
        if let Some(content) = content {
            std::fs::write(folder.path().join("tsa.pem"), content).unwrap();
        }
        match config.stamps(folder.path()) {
            Err(ConfigError::Value { key, .. }) => assert_eq!(key, "timestamp_ca"),
            other => panic!("{other:?}"),
        }
    }
    assert!(Config::default().stamps(folder.path()).unwrap().is_none());
}

#[test]
fn relative_paths_start_at_the_data_folder() {
    let store = Config::default().store(Path::new("/data"));
    assert_eq!(store.url, "sqlite:/data/doorstep.db");
    assert_eq!(store.key_file, Path::new("/data/doorstep.key"));
    let absolute = parse("database = \"sqlite:/elsewhere/d.db\"").unwrap();
    assert_eq!(absolute.store(Path::new("/data")).url, "sqlite:/elsewhere/d.db");
}

#[test]
fn a_policy_of_witnesses_is_read_from_the_folder_or_refused_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Config::default().witnesses(folder.path()).unwrap().is_none());
    let config = parse("witness_policy = \"who.policy\"").unwrap();
    let refused = |config: &Config| {
        let error = crate::ServerError::from(config.witnesses(folder.path()).unwrap_err());
        assert_eq!(error.exit_code(), 2);
        error.message()
    };
    assert!(refused(&config).contains("who.policy"), "{}", refused(&config));
    std::fs::write(folder.path().join("who.policy"), "quorum W1\n").unwrap();
    assert!(
        refused(&config).contains("line 1 of the policy"),
        "{}",
        refused(&config)
    );
    std::fs::write(folder.path().join("who.policy"), "quorum none\n").unwrap();
    let policy = config.witnesses(folder.path()).unwrap().unwrap();
    assert_eq!(
        (policy.bytes.as_slice(), policy.policy.demands_witnesses()),
        (b"quorum none\n".as_slice(), false)
    );
}

/// A pack with one rule about hours.
const OWN: &str = "format = 1\nid = \"own\"\nversion = 1\ntitle = { en = \"Own\", zh = \"自定\" }\nstatus = \"house\"\n[[rule]]\nid = \
                   \"OWN-1\"\nkind.time_window = { hours = [{ from = \"10:00\", to = \"16:00\" }] }\neffect = \"block\"\nstatus = \
                   \"house\"\ncitation = \"house rule\"\nconfidence = \"Q\"\n";

#[test]
fn own_and_accepted_packs_hold_beside_those_of_the_program() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("own.toml"), OWN).unwrap();
    let accept = "[[rules.accept]]\npack = \"jp\"\nby = \"compliance\"\nreason = \"counsel\"\n";
    let config = parse(&format!("[rules]\npacks = [\"own.toml\"]\n{accept}")).unwrap();
    assert_eq!(parse(&config.to_toml().unwrap()).unwrap(), config);
    let packs = config.packs(folder.path()).unwrap();
    let further: Vec<_> = packs
        .further()
        .iter()
        .map(|one| (one.pack.as_str(), one.is_unverified))
        .collect();
    assert_eq!(further, [("own@1", false), ("jp@1", true)]);
    assert!(packs.rule("OWN-1").is_some() && packs.rule("CN-TIME-1").is_some());
    assert_eq!(Config::default().packs(folder.path()).unwrap().further(), []);
}

#[test]
fn a_pack_that_cannot_be_used_is_refused_with_place_and_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |config: &str| {
        let error = parse(config).unwrap().packs(folder.path()).unwrap_err();
        let error = crate::ServerError::from(ConfigError::from(error));
        assert_eq!(error.exit_code(), 2);
        error.message()
    };
    let own = "[rules]\npacks = [\"own.toml\"]\n";
    assert!(refused(own).contains("own.toml"), "{}", refused(own));
    std::fs::write(folder.path().join("own.toml"), OWN.replace("\"16:00\"", "\"09:00\"")).unwrap();
    for part in ["own.toml:7: rule OWN-1: ", "do not end after they start", "split hours"] {
        assert!(refused(own).contains(part), "{}", refused(own));
    }
    let accept = |pack: &str| format!("[[rules.accept]]\npack = \"{pack}\"\nby = \"x\"\nreason = \"y\"\n");
    for part in ["`xx`", "au, br, id, jp"] {
        assert!(refused(&accept("xx")).contains(part), "{}", refused(&accept("xx")));
    }
    // The same one twice, and a pack that holds anyway.
    let twice = format!("{}{}", accept("jp"), accept("jp"));
    assert!(refused(&twice).contains("stands twice"), "{}", refused(&twice));
    assert!(refused(&accept("cn")).contains("no unverified pack `cn`"));
    for nobody in ["by = \"\"\nreason = \"y\"", "by = \"x\"\nreason = \" \"", "by = \"x\""] {
        assert!(
            parse(&format!("[[rules.accept]]\npack = \"jp\"\n{nobody}\n")).is_err(),
            "{nobody}"
        );
    }
}
